//! Differences between decoding requests and responses.

use serde_json::json;

use super::{
    super::{from_slice, unread},
    All, reason,
};

/// Numbers and booleans that cannot be read, and the end of the error.
const UNREADABLE: [(&str, &str, &str); 17] = [
    ("Small", r#""many""#, "a 32-bit integer, found \"many\""),
    ("Small", "2147483648", "a 32-bit integer, found 2147483648"),
    ("Small", "1.5", "a 32-bit integer, found 1.5"),
    ("Small", "true", "a 32-bit integer, found true"),
    ("Large", "9223372036854775808", "a 64-bit integer, found 9223372036854775808"),
    ("Large", "-1e300", "a 64-bit integer, found -1e300"),
    ("Large", r#""1e19""#, "a 64-bit integer, found \"1e19\""),
    ("Large", r#""1,024""#, "a 64-bit integer, found \"1,024\""),
    ("Double", r#""inf""#, "a number, found \"inf\""),
    ("Double", r#""NaN""#, "a number, found \"NaN\""),
    ("Double", r#""0.5%""#, "a number, found \"0.5%\""),
    ("Double", "false", "a number, found false"),
    ("Single", "1e39", "a number, found 1e39"),
    ("Flag", r#""yes""#, "true or false, found \"yes\""),
    ("Flag", "2", "true or false, found 2"),
    ("Flag", "-1", "true or false, found -1"),
    ("Flag", "1.5", "true or false, found 1.5"),
];

#[test]
fn an_unreadable_number_or_boolean_of_a_response_is_absent() {
    for (name, value, _) in UNREADABLE {
        let json = format!(r#"{{"Text": "before", "{name}": {value}, "OptionText": "after"}}"#);
        let mut model = All::default();
        from_slice(json.as_bytes(), &mut model).unwrap_or_else(|error| panic!("{json}: {error}"));
        let expected = All { text: "before".to_owned(), option_text: Some("after".to_owned()), ..All::default() };
        assert_eq!(model, expected, "{json}");
        assert_eq!(serde_json::from_str::<All>(&json).unwrap(), expected, "{json}");
        assert_eq!(unread(json.as_bytes(), &mut All::default()).unwrap(), [name], "{json}");
        // A value that was read earlier is cleared.
        let twice = format!(r#"{{"{name}": 1, "{name}": {value}}}"#);
        from_slice(twice.as_bytes(), &mut model).unwrap();
        assert_eq!(serde_json::from_str::<All>(&twice).unwrap(), All::default(), "{twice}");
    }
    let json =
        r#"{"Wrapped": {"Reason": [{"Reason": "x"}, {"Level": "high", "Reason": "y"}]}, "Children": {"Small": "z"}}"#;
    let mut model = All::default();
    assert_eq!(unread(json.as_bytes(), &mut model).unwrap(), ["Wrapped.Reason[1].Level", "Children.Small"]);
    let expected = All { wrapped: vec![reason("x"), reason("y")], children: vec![All::default()], ..All::default() };
    assert_eq!(model, expected);
}

/// A request that contains a struct.
mod request {
    #![allow(dead_code, unreachable_pub, reason = "the macro is for public structs")]

    use super::super::{All, Color};
    use crate::{Timestamp, model::members};

    pub struct Given {
        pub small: Option<i32>,
        pub large: Option<i64>,
        pub single: Option<f32>,
        pub double: Option<f64>,
        pub flag: Option<bool>,
        pub color: Option<Color>,
        pub time: Option<Timestamp>,
        pub given: Option<Inner>,
    }

    pub struct Inner {
        pub flag: Option<bool>,
    }

    members! {
        Given, with setters;
        small = "Small",
        large = "Large",
        single = "Single",
        double = "Double",
        flag = "Flag",
        color = "Color",
        time = "Time",
        given = "Given",
    }

    members! {
        Inner, with setters;
        flag = "Flag",
    }

    /// The error of decoding JSON, without its line and column.
    pub fn error_of(text: &str) -> String {
        let error = serde_json::from_str::<Given>(text).unwrap_err().to_string();
        assert!(serde_json::from_str::<All>(text).is_ok());
        error.rsplit_once(" at line ").map_or(error.clone(), |(error, _)| error.to_owned())
    }
}

#[test]
fn an_unreadable_number_or_boolean_of_a_request_is_an_error() {
    for (name, value, error) in UNREADABLE {
        assert_eq!(request::error_of(&format!(r#"{{"{name}": {value}}}"#)), format!("{name}: expected {error}"));
    }
    let error = "Given.Flag: expected true or false, found \"yes\"";
    assert_eq!(request::error_of(r#"{"Given": {"Flag": "yes"}}"#), error);
    // Long values are shortened.
    let long = request::error_of(&format!(r#"{{"Large": "{}"}}"#, "ü".repeat(10_000)));
    assert!(long.len() < 200 && long.ends_with("ü…\""), "{long}");
}

#[test]
fn empty_strings_of_requests_are_preserved() {
    let json = json!({"Color": "", "Time": ""});
    let given: request::Given = serde_json::from_value(json.clone()).unwrap();
    assert_eq!((given.color.as_ref().unwrap().as_str(), given.time.as_ref().unwrap().as_str()), ("", ""));
    assert_eq!(serde_json::to_value(&given).unwrap(), json);
    let given: request::Given = serde_json::from_value(json!({"Color": null, "Time": null})).unwrap();
    assert!(given.color.is_none() && given.time.is_none());
}
