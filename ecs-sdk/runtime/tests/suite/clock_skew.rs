//! Clock skew: the client adopts and keeps the time in the service's responses if it is plausible.

use std::{
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
};

use ecs_sdk::fake::{Response, SentRequest, Service};
use ecs_sdk::{CallOptions, Client, Result, retry::Never};

/// A response that rejects the timestamp and has the service's time in its header. The test's clock starts at
/// 2026-01-05T18:00:00Z.
fn expired(date: &str) -> Response {
    Response::error(400, "InvalidTimeStamp.Expired").header("date", date)
}

fn read(service: &Service, client: &Client) -> Result<()> {
    service.run(client.describe_instances().send()).map(|_| ())
}

fn timestamps(sent: &[SentRequest]) -> Vec<String> {
    sent.iter().map(|sent| sent.param("Timestamp")).collect()
}

#[test]
fn the_time_of_the_service_is_adopted_and_kept() {
    for (code, date, theirs) in [
        ("InvalidTimeStamp.Expired", "Mon, 05 Jan 2026 20:30:00 GMT", "2026-01-05T20:30:00Z"),
        ("IllegalTimestamp", "Mon, 05 Jan 2026 17:40:00 GMT", "2026-01-05T17:40:00Z"),
        // The machine's clock is decades behind.
        ("InvalidTimeStamp.Expired", "Sat, 05 Jan 2058 00:00:00 GMT", "2058-01-05T00:00:00Z"),
    ] {
        let rejected = Response::error(400, code).header("date", date);
        let service = Service::script([rejected, Response::success(), Response::success()]);
        let client = service.client();
        read(&service, &client).unwrap();
        // A clone for another region uses the corrected time too, even for a call that cannot be retried.
        let clone = client.with_region("cn-beijing");
        service.run(clone.start_instance().instance_id("i-1").send()).unwrap();
        assert_eq!(timestamps(&service.requests()), ["2026-01-05T18:00:00Z", theirs, theirs]);
        assert_eq!(service.request_times(), [0, 0, 0], "retried without a delay");
        service.requests().iter().for_each(|sent| sent.verify(ecs_sdk::fake::ACCESS_KEY.1));
    }
}

#[test]
fn writes_are_retried_because_they_were_not_executed() {
    let service = Service::script([expired("Mon, 05 Jan 2026 20:30:00 GMT"), Response::success()]);
    let client = service.client();
    let options = CallOptions::new().retry(Never);
    service.run(client.start_instance().instance_id("i-1").options(options).send()).unwrap();
}

#[test]
fn a_call_corrects_the_clock_at_most_twice() {
    // Otherwise, a service whose clock jumps would cause endless retries.
    let dates = ["Mon, 05 Jan 2026 20:30:00 GMT", "Mon, 05 Jan 2026 23:00:00 GMT", "Mon, 05 Jan 2026 20:30:00 GMT"];
    let service = Service::script(dates.map(expired));
    let error = read(&service, &service.client()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("InvalidTimeStamp.Expired"), 3));
    // The correction is not repeated if the service rejects the time that it has sent.
    let service = Service::script([expired(dates[0]), expired(dates[0])]);
    let error = read(&service, &service.client()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("InvalidTimeStamp.Expired"), 2));
}

/// The time at which a test starts, as `Date` of a response.
const NOW: &str = "Mon, 05 Jan 2026 18:00:00 GMT";

/// Wrong dates of a node of the service: two hours ahead, two hours behind, decades ahead, and unusable.
const WRONG_DATES: [&str; 6] = [
    "Mon, 05 Jan 2026 20:00:00 GMT",
    "Mon, 05 Jan 2026 16:00:00 GMT",
    "Thu, 31 Dec 2099 23:59:59 GMT",
    "Sat, 31 Dec 9999 23:59:59 GMT",
    "yesterday",
    "",
];

#[test]
fn a_wrong_date_of_one_node_does_not_fail_a_call_and_is_forgotten() {
    for date in &WRONG_DATES[..3] {
        let service = Service::script([expired(date), expired(NOW), Response::success(), Response::success()]);
        let client = service.client();
        read(&service, &client).unwrap();
        read(&service, &client).unwrap();
        let sent = timestamps(&service.requests());
        assert_eq!([&sent[0], &sent[2], &sent[3]], ["2026-01-05T18:00:00Z"; 3], "{date}");
    }
}

#[test]
fn a_rejected_correction_is_dropped() {
    for date in WRONG_DATES {
        let is_first = AtomicBool::new(true);
        let service = Service::new(move |sent| match sent.param("Timestamp").as_str() {
            _ if is_first.swap(false, Ordering::Relaxed) => expired(date),
            "2026-01-05T18:00:00Z" => Response::success(),
            // The other nodes do not return a date that could correct the clock again.
            _ => Response::error(400, "IllegalTimestamp"),
        });
        let client = service.client();
        read(&service, &client).unwrap_err();
        read(&service, &client).unwrap();
    }
}

#[test]
fn a_correction_applies_to_other_calls_only_after_it_was_accepted() {
    let wrong = expired(WRONG_DATES[0]);
    let service = Service::script([wrong, Response::hang(), Response::success()]);
    let client = service.client();
    let mut first = client.describe_instances().send();
    assert!(service.clock.poll(Pin::new(&mut first)).is_pending());
    read(&service, &client).unwrap();
    let sent = timestamps(&service.requests());
    assert_eq!(sent, ["2026-01-05T18:00:00Z", "2026-01-05T20:00:00Z", "2026-01-05T18:00:00Z"]);
}

#[test]
fn an_error_that_is_not_about_the_timestamp_accepts_the_correction() {
    let service = Service::script([
        expired("Mon, 05 Jan 2026 20:30:00 GMT"),
        Response::error(403, "Forbidden.RAM"),
        Response::success(),
    ]);
    let client = service.client();
    assert_eq!(read(&service, &client).unwrap_err().code(), Some("Forbidden.RAM"));
    read(&service, &client).unwrap();
    assert_eq!(timestamps(&service.requests())[2], "2026-01-05T20:30:00Z");
    // The page of a proxy says nothing about the timestamp.
    let service =
        Service::script([expired("Mon, 05 Jan 2026 20:30:00 GMT"), Response::new(403, "<html>"), Response::success()]);
    let client = service.client();
    read(&service, &client).unwrap_err();
    read(&service, &client).unwrap();
    assert_eq!(timestamps(&service.requests())[2], "2026-01-05T18:00:00Z");
}

#[test]
fn implausible_times_are_ignored() {
    for response in [
        // The distant past, the distant future, an invalid date, and no header.
        expired("Mon, 05 Jan 2015 18:00:00 GMT"),
        expired("Tue, 05 Jan 2106 18:00:00 GMT"),
        expired("yesterday"),
        Response::error(400, "InvalidTimeStamp.Expired"),
        // Too close to the client's time to be the reason.
        expired("Mon, 05 Jan 2026 18:00:20 GMT"),
        // Another error.
        Response::error(403, "Forbidden").header("date", "Mon, 05 Jan 2026 20:30:00 GMT"),
    ] {
        let service = Service::always(response);
        let client = service.client();
        assert_eq!(read(&service, &client).unwrap_err().attempts(), 1);
        read(&service, &client).unwrap_err();
        assert_eq!(timestamps(&service.requests()), ["2026-01-05T18:00:00Z"; 2]);
    }
}

#[test]
fn a_rejection_of_the_corrected_time_is_not_retried() {
    let expired = || expired("Mon, 05 Jan 2026 20:30:00 GMT");
    let service = Service::script([expired(), Response::success(), expired()]);
    let client = service.client();
    read(&service, &client).unwrap();
    // The request was signed with the service's time, so another correction would not help.
    assert_eq!(read(&service, &client).unwrap_err().attempts(), 1);
}

#[test]
fn concurrent_calls_are_retried_after_another_call_corrects_the_clock() {
    let service = Service::script([
        expired("Mon, 05 Jan 2026 20:30:00 GMT").after(ecs_sdk::fake::seconds(2)),
        expired("Mon, 05 Jan 2026 20:30:00 GMT").after(ecs_sdk::fake::seconds(1)),
        Response::success(),
        Response::success(),
    ]);
    let client = service.client();
    let both = futures_util::future::join(client.describe_instances().send(), client.describe_instances().send());
    let (one, other) = service.run(both);
    one.unwrap();
    other.unwrap();
    assert_eq!(service.requests().len(), 4);
}
