//! Times: in the format of the parameter in requests, and verbatim in responses.

use std::time::{Duration, SystemTime};

use super::*;
use crate::Timestamp;

/// 2026-11-28T04:30:15Z.
fn moment() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_840_215)
}

#[test]
fn points_in_time_are_sent_in_the_format_of_the_parameter() {
    let request = OptionRequest::build(|request| {
        request.time = Some(moment().into());
        request.hour = Some(moment().into());
        request.repeat_times = vec![moment().into(), "some day".into()];
        request.repeat_structs = vec![InnerSent::new().minute(moment())];
        request.json_struct = Some(InnerSent::new().minute(moment()));
    });
    let sent = form(&request);
    let expected = [
        "Time=2026-11-28T04%3A30%3A15Z",
        "Hour=2026-11-28T04Z",
        "RepeatTime.1=2026-11-28",
        "RepeatTime.2=some%20day",
        "RepeatStruct.1.Minute=2026-11-28T04%3A30Z",
        "JsonStruct=%7B%22Minute%22%3A%222026-11-28T04%3A30Z%22%7D",
    ];
    for pair in expected {
        assert!(sent.split('&').any(|sent| sent == pair), "{pair} in {sent}");
    }
}

#[test]
fn strings_are_sent_verbatim() {
    for text in ["2026-11-28T04:30Z", "tomorrow", " "] {
        let request = OptionRequest::new().hour(text);
        assert_eq!(parameters(&request), [("Hour".to_owned(), text.to_owned())]);
    }
}

#[test]
fn responses_contain_times_verbatim() {
    let json = r#"{"Time":"2026-11-28T04:30Z","ListTime":["2026-11-28","never"],"WrappedTime":{"Time":["2026"]}}"#;
    let response: AnswerResponse = read(json);
    assert_eq!(response.time.as_ref().unwrap().to_system_time().unwrap(), moment() - Duration::from_secs(15));
    assert_eq!(response.list_time, ["2026-11-28".into(), Timestamp::from("never")]);
    assert_eq!(serde_json::to_string(&response).unwrap(), json);
    assert_eq!(read::<AnswerResponse>(r#"{"Time":""}"#).time, None);
}
