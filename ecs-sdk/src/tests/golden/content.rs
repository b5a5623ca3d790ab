//! Content in Base64, and limits on sizes.

use ecs_sdk_runtime::{encode, form::Form};

use crate::{
    golden::ecs::operation::exchange::{Encoding, ExchangeRequest, ExchangeResponse, Part},
    model::Model,
    test_util::form,
};

/// The name of the first member that is too large, and the reason.
fn too_large(request: &dyn Model) -> Option<String> {
    let mut errors = encode::FormErrors::default();
    encode::form(request, &mut Form::default(), &mut errors);
    errors.too_large.map(|(path, error)| format!("{path} {error}"))
}

#[test]
fn setters_of_content_set_its_encoding() {
    let request = ExchangeRequest::new().r#match("a b").parts([Part::new().blob([0, 255])]);
    assert_eq!(form(&request), "Match=YSBi&MatchEncoding=Base64&Part.1.Blob=AP8%3D");
    assert_eq!(request.match_encoding, Some(Encoding::Sixtyfour));
    assert_eq!(ExchangeRequest::new().match_base64("YSBi").match_encoding, Some(Encoding::Sixtyfour));
    let request = ExchangeRequest::new().content_encoding(Encoding::PlainText);
    assert_eq!((request.match_encoding, request.content_encoding), (None, Some(Encoding::PlainText)));
}

#[test]
fn sizes_count_before_encoding() {
    let sent = |text: &str, encoding: Option<&str>| {
        too_large(&ExchangeRequest::build(|request| {
            request.r#match = Some(text.to_owned());
            request.match_encoding = encoding.map(Into::into);
        }))
    };
    assert_eq!(too_large(&ExchangeRequest::new().r#match("6 byte")), None);
    let error = too_large(&ExchangeRequest::new().r#match("7 bytes")).unwrap();
    assert!(error.starts_with("Match is too large: 7 bytes before Base64 encoding; the limit is 6 bytes"), "{error}");
    // Base64 is the default, and takes the place of an unknown encoding.
    for encoding in [None, Some("Base64"), Some("new")] {
        assert_eq!(sent("YWJjZGVm", encoding), None);
        assert!(sent("YWJjZGVmZw==", encoding).is_some());
    }
    assert!(sent("YWJjZGVm", Some("plaintext")).is_some());

    let inner = ExchangeRequest::new().parts([Part::new().blob("abc"), Part::new().blob("abcd")]);
    assert!(too_large(&inner).is_some_and(|error| error.starts_with("Part.2.Blob is too large: 4 bytes")));
    let plain = |length: usize| too_large(&ExchangeRequest::new().plain("x".repeat(length)));
    assert_eq!(plain(2048), None);
    assert_eq!(plain(2049).unwrap(), "Plain is too large: 2049 bytes; the limit is 2048 bytes");
}

#[test]
fn content_of_responses_is_decoded_as_they_state() {
    let json = r#"{"Blob": "aGk", "Output": {"Output": [
        {"Text": "aGk=", "Type": "aGk=", "TypeEncoding": "base64"},
        {"Text": "?", "Type": "aGk=", "TypeEncoding": "new"}, {"Type": "aGk="}
    ]}}"#;
    let response: ExchangeResponse = serde_json::from_str(json).unwrap();
    let [first, second, third] = &response.output[..] else { panic!("{response:?}") };
    assert_eq!(response.blob_decoded().unwrap(), "hi");
    assert_eq!(
        (first.text_decoded().unwrap(), first.type_decoded().unwrap().to_string()),
        (response.blob_decoded().unwrap(), "hi".to_owned())
    );
    assert!(second.text_decoded().is_err());
    assert_eq!(
        (second.type_decoded().unwrap().to_string(), third.type_decoded().unwrap().to_string()),
        ("aGk=".to_owned(), "aGk=".to_owned())
    );
    assert_eq!(third.text_decoded().unwrap(), "");
}
