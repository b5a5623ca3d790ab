//! Lenient decoding, errors with their paths, and resistance to malicious JSON.

mod random;
mod requests;

use std::collections::BTreeMap;

use serde::de::DeserializeSeed as _;
use serde_json::json;

use super::{Any, Budget, from_slice, unread};
use crate::{
    json::Parser,
    model::{Open, OpenEnum, members},
};

#[derive(Clone)]
pub(super) enum Color {
    Red,
    Unrecognized(String),
}

impl OpenEnum for Color {
    const KNOWN: &'static [(&'static str, Self)] = &[("Red", Self::Red)];
}

mod color {
    #![allow(unreachable_pub, reason = "the macro is for public enums")]
    use super::Color;
    crate::model::enums!(Color);
}

/// A model with one member of each kind.
#[derive(Default)]
struct All {
    text: String,
    option_text: Option<String>,
    small: Option<i32>,
    large: Option<i64>,
    single: Option<f32>,
    double: Option<f64>,
    flag: Option<bool>,
    color: Option<Color>,
    reason: Reason,
    option_reason: Option<Reason>,
    json_reason: Option<Reason>,
    map: BTreeMap<String, String>,
    json_map: BTreeMap<String, String>,
    maps: Vec<BTreeMap<String, String>>,
    any: String,
    texts: Vec<String>,
    numbers: Vec<i32>,
    colors: Vec<Color>,
    reasons: Vec<Reason>,
    wrapped: Vec<Reason>,
    json_list: Option<Vec<String>>,
    comma: Vec<String>,
    children: Vec<All>,
}

/// A struct with a member of its own name.
struct Reason {
    reason: String,
    level: Option<i32>,
}

members! {
    Reason;
    reason = "Reason",
    level = "Level",
}

members! {
    All;
    [default: derived],
    text = "Text",
    option_text = "OptionText",
    small = "Small",
    large = "Large",
    single = "Single",
    double = "Double",
    flag = "Flag",
    color = "Color",
    reason = "Reason",
    option_reason = "OptionReason",
    json_reason = "JsonReason" as Json,
    map = "Map",
    json_map = "JsonMap" as Json,
    maps = "Maps",
    any = "Any" as Json,
    texts = "Texts",
    numbers = "Numbers",
    colors = "Colors",
    reasons = "Reasons",
    wrapped = "Wrapped" as Wrapped("Reason"),
    json_list = "JsonList" as Json,
    comma = "Comma" as Comma,
    children = "Children",
}

fn read(json: &serde_json::Value) -> All {
    let text = json.to_string();
    let mut model = All::default();
    from_slice(text.as_bytes(), &mut model).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(unread(text.as_bytes(), &mut All::default()).unwrap(), [""; 0], "{text}");
    // Decoding a `Value`, and decoding the serialized model, have the same result.
    assert_eq!(All::deserialize_from(json.clone()), model, "{text}");
    assert_eq!(All::deserialize_from(serde_json::to_value(&model).unwrap()), model, "{text}");
    model
}

impl All {
    fn deserialize_from(json: serde_json::Value) -> Self {
        serde_json::from_value(json).unwrap()
    }
}

/// The error of decoding JSON, without its line and column.
fn error_of(text: &str) -> String {
    let error = from_slice(text.as_bytes(), &mut All::default()).unwrap_err().to_string();
    error.rsplit_once(" at line ").map_or(error.clone(), |(error, _)| error.to_owned())
}

/// A model in which only some members have a value.
macro_rules! all {
    ($($field:ident: $value:expr),*) => { All { $($field: $value,)* ..All::default() } };
}

fn reason(text: &str) -> Reason {
    Reason { reason: text.to_owned(), level: None }
}

fn strings(strings: &[&str]) -> Vec<String> {
    strings.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn null_and_empty_strings_are_absent_for_every_kind() {
    let names = ["Text", "Small", "Large", "Single", "Double", "Flag", "Color", "Reason", "OptionReason", "JsonReason"];
    let lists = ["Map", "JsonMap", "Texts", "Numbers", "Colors", "Reasons", "Wrapped", "Comma", "Children"];
    for name in names.iter().chain(&lists) {
        assert_eq!(read(&json!({*name: null})), All::default(), "{name}");
        assert_eq!(read(&json!({*name: ""})), All::default(), "{name}");
    }
    assert_eq!(read(&json!({"OptionText": null, "JsonList": null})), All::default());
    // Optional members distinguish empty from absent.
    assert_eq!(
        read(&json!({"OptionText": "", "JsonList": []})),
        all!(option_text: Some(String::new()), json_list: Some(vec![]))
    );
    assert_eq!(read(&json!({"Wrapped": {"Reason": null}})), All::default());
    assert_eq!(read(&json!({"Wrapped": {"Reason": ""}})), All::default());
    assert_eq!(read(&json!({"Wrapped": {}})), All::default());
    // A number in a list cannot be absent, and strings keep their positions.
    for (element, found) in [(json!(null), "null"), (json!(""), "a string")] {
        let error = error_of(&json!({"Numbers": [1, element, 4]}).to_string());
        assert_eq!(error, format!("Numbers[1]: expected a 32-bit integer, found {found}"));
    }
    assert_eq!(read(&json!({"Texts": ["a", null, ""]})), all!(texts: strings(&["a", "", ""])));
}

#[test]
fn numbers_and_booleans_may_be_strings() {
    let expected =
        all!(small: Some(-7), large: Some(i64::MAX), single: Some(0.5), double: Some(1e300), flag: Some(true));
    let max = i64::MAX;
    assert_eq!(read(&json!({"Small": -7, "Large": max, "Single": 0.5, "Double": 1e300, "Flag": true})), expected);
    let written =
        json!({"Small": "-7", "Large": max.to_string(), "Single": " 0.5 ", "Double": "1e300", "Flag": "true"});
    assert_eq!(read(&written), expected);
    for (yes, no) in [("True", "FALSE"), ("1", "0")] {
        assert_eq!(read(&json!({"Flag": yes})).flag, Some(true));
        assert_eq!(read(&json!({"Flag": no})).flag, Some(false));
    }
    assert_eq!(read(&json!({"Flag": 1})).flag, Some(true));
    // Integers may have a fraction of zeros.
    assert_eq!(read(&json!({"Small": 4.0, "Large": "4.0", "Double": 3, "Single": 3})), {
        all!(small: Some(4), large: Some(4), double: Some(3.0), single: Some(3.0))
    });
    assert_eq!(read(&json!({"Numbers": ["1", 2, 3.0]})).numbers, [1, 2, 3]);
    assert_eq!(read(&json!({"Large": i64::MIN})).large, Some(i64::MIN));
}

#[test]
fn numbers_keep_every_digit() {
    // Prices with long fractions, whose last digit would change in a parser that rounds twice.
    for text in
        ["168306.57", "0.30000000000000004", "8.533333333333333", "1.7976931348623157e308", "123456.78901234567"]
    {
        let expected = Some(text.parse().unwrap());
        for json in [text.to_owned(), format!("\"{text}\"")] {
            let mut model = All::default();
            from_slice(format!(r#"{{"Double": {json}}}"#).as_bytes(), &mut model).unwrap();
            assert_eq!(model.double, expected, "{json}");
            assert_eq!(
                serde_json::to_string(&model).unwrap(),
                format!(r#"{{"Double":{text}}}"#).replace("e308", "e+308")
            );
        }
    }
    // 2^53 + 1, which an `f64` cannot represent.
    for text in ["9007199254740993", "9007199254740993.0", "9007199254740993.", " 9007199254740993 "] {
        assert_eq!(read(&json!({"Large": text})).large, Some(9_007_199_254_740_993), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn every_fraction_is_decoded_exactly(value: f64) {
        let mut model = All::default();
        from_slice(format!(r#"{{"Double": {value:?}}}"#).as_bytes(), &mut model).unwrap();
        proptest::prop_assert_eq!(model.double, Some(value));
    }
}

#[test]
fn strings_may_be_numbers_or_booleans() {
    for (value, text) in [
        (json!(7), "7"),
        (json!(-7), "-7"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(0.98), "0.98"),
        (json!(1.0), "1.0"),
        (json!(1e300), "1e300"),
        (json!(true), "true"),
    ] {
        assert_eq!(read(&json!({"Text": value})), all!(text: text.to_owned()));
        assert_eq!(read(&json!({"OptionText": value})), all!(option_text: Some(text.to_owned())));
        assert_eq!(read(&json!({"Color": value})).color.unwrap().as_str(), text);
        assert_eq!(read(&json!({"Texts": [value]})).texts, [text]);
        assert_eq!(read(&json!({"Map": {"a": value}})).map["a"], text);
    }
}

#[test]
fn enums_preserve_unknown_values() {
    assert_eq!(read(&json!({"Color": "Red", "Colors": ["Red", "Mauve"]})), {
        all!(color: Some(Color::Red), colors: vec![Color::Red, Color::Unrecognized("Mauve".to_owned())])
    });
    assert_eq!(Color::from("red").as_unrecognized(), Some("red"));
    assert!(Color::Red.is("RED") && !Color::Red.is("Mauve"));
    assert_eq!(Color::known().map(|color| color.to_string()).collect::<Vec<_>>(), ["Red"]);
}

#[test]
fn a_single_element_may_replace_a_list() {
    assert_eq!(read(&json!({"Texts": "a", "Numbers": 5})), all!(texts: strings(&["a"]), numbers: vec![5]));
    assert_eq!(read(&json!({"Colors": "Red", "JsonList": "a"})), {
        all!(colors: vec![Color::Red], json_list: Some(strings(&["a"])))
    });
    let one = json!({"Reason": "x", "Level": 2});
    let expected = vec![Reason { reason: "x".to_owned(), level: Some(2) }];
    assert_eq!(read(&json!({"Reasons": one})), all!(reasons: expected.clone()));
    assert_eq!(read(&json!({"Wrapped": {"Reason": one}})), all!(wrapped: expected));
    assert_eq!(read(&json!({"Comma": "a,b"})), all!(comma: strings(&["a", "b"])));
    assert_eq!(read(&json!({"JsonList": "[\"a\", \"b\"]"})), all!(json_list: Some(strings(&["a", "b"]))));
}

#[test]
fn a_wrapper_may_be_missing() {
    let list = json!([{"Reason": "x"}, {"Reason": "y"}]);
    let expected = all!(wrapped: vec![reason("x"), reason("y")]);
    assert_eq!(read(&json!({"Wrapped": {"Reason": list}})), expected);
    assert_eq!(read(&json!({"Wrapped": list})), expected);
    // A single element, recognized by the name of a member.
    let one = Reason { reason: "x".to_owned(), level: Some(2) };
    assert_eq!(read(&json!({"Wrapped": {"Level": 2, "Reason": "x"}})), all!(wrapped: vec![one]));
    let mut model = All::default();
    let paths = unread(br#"{"Wrapped": {"New": 1, "Level": 2, "Other": {}}}"#, &mut model).unwrap();
    assert_eq!(paths, ["Wrapped.New", "Wrapped.Other"]);
    assert_eq!(model, all!(wrapped: vec![Reason { reason: String::new(), level: Some(2) }]));
    assert_eq!(
        error_of(r#"{"Wrapped": {"Level": {}}}"#),
        "Wrapped.Level: expected a number or boolean, found an object"
    );
}

#[test]
fn a_wrapper_may_have_another_name() {
    let list = json!([{"Reason": "x"}, {"Reason": "y"}]);
    assert_eq!(read(&json!({"Wrapped": {"Old": list}})), all!(wrapped: vec![reason("x"), reason("y")]));
    assert_eq!(read(&json!({"Wrapped": {"Old": {"Level": 2}}})).wrapped[0].level, Some(2));
    assert_eq!(read(&json!({"Wrapped": {"Old": ["x"]}})), all!(wrapped: vec![reason("x")]));
    assert_eq!(read(&json!({"Children": [{"Wrapped": {"Old": list}}]})).children[0].wrapped.len(), 2);
    // Members of another kind, or next to others, are unknown as before.
    for (json, path) in [
        (json!({"Old": list, "Other": 1}), "Wrapped.Old"),
        (json!({"Old": [{"Unknown": 1}]}), "Wrapped.Old"),
        (json!({"Old": [1, {"Level": []}]}), "Wrapped.Old"),
        (json!({"Old": "x"}), "Wrapped.Old"),
        (json!({"Old": 1, "Reason": []}), "Wrapped.Old"),
    ] {
        let mut model = All::default();
        let text = json!({"Wrapped": json, "Text": "t"}).to_string();
        assert_eq!(unread(text.as_bytes(), &mut model).unwrap()[0], path, "{text}");
        assert_eq!(model, all!(text: "t".to_owned()), "{text}");
    }
}

#[test]
fn malformed_strings_and_numbers_do_not_fail_a_response() {
    let text = "{\"Texts\": [\"a\\ud83d\", \"b\tc\"], \"Map\": {\"k\\udc00\": \"v\"}, \"Wrapped\": {\"Old\": [\"x\"]},
        \"Color\": \"Red\", \"Large\": 1e400, \"Double\": -1e999, \"Flag\": NaN, \"Text\": 1e400, \"Small\": 3}";
    let text = [text.as_bytes(), b"  "].concat();
    let mut model = All::default();
    from_slice(&text, &mut model).unwrap();
    assert_eq!(model.texts, ["a\u{fffd}", "b\u{fffd}c"]);
    assert_eq!((&*model.map["k\u{fffd}"], &*model.text, model.small), ("v", "1e400", Some(3)));
    assert_eq!((model.large, model.double, model.flag), (None, None, None));
    assert_eq!(model.wrapped, [reason("x")]);
    let unread = unread(&text, &mut All::default()).unwrap();
    assert_eq!(unread, ["Large", "Double", "Flag"]);
    // Structure and elements of lists remain strict.
    assert_eq!(error_of("{\"Numbers\": [1, 1e400]}"), "Numbers[1]: expected a 32-bit integer, found a string");
    assert_eq!(error_of("{\"Text\": \"\u{1}\",}"), "trailing comma");
    from_slice(b"{\"Text\": \"gr\xfc\xdf\", \"New\": \"\xfc\"}", &mut model).unwrap();
    assert_eq!(model.text, "gr\u{fffd}\u{fffd}");
}

#[test]
fn any_json_is_decoded_untyped() {
    for text in [r#"{"A":[1,-2,1.5,true,null,"x",[],{}],"B":{"C":18446744073709551615},"A":[]}"#, "[]", "1", "\"x\""] {
        assert_eq!(super::value(text.as_bytes()).unwrap(), serde_json::from_str::<serde_json::Value>(text).unwrap());
    }
    assert!(super::value(b"{} x").unwrap_err().is_syntax());
}

proptest::proptest! {
    /// The parser accepts the same documents as `serde_json`, and reads the same values.
    #[test]
    fn documents_are_parsed_as_by_serde_json(
        lists in "[\\[{]{0,2}",
        tokens in proptest::collection::vec(
            "[\\[\\]{}:, \n]|\"(a|Text|ü12345678|\\\\n|\\\\u00fc|\\\\ud83d(\\\\ude00)?|\\\\x|\u{1}|\t){0,3}\"|\"a\":|-?[0-9]{1,20}|-?(0|00|1)[.eE][-+]?[0-9]{0,3}|true|null|tru|-",
            0..8,
        ),
        closed in "[\\]}]{0,2}",
    ) {
        let text = lists + &tokens.concat() + &closed;
        let expected = serde_json::from_str::<serde_json::Value>(&text);
        let budget = Budget::for_length(text.len());
        let mut parser = Parser::new(&text);
        let read = Any(&budget).deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
        match (read, expected) {
            (Ok(read), Ok(expected)) => proptest::prop_assert_eq!(read, expected),
            (Err(read), Err(_)) => proptest::prop_assert!(!read.is_data(), "{read}"),
            (read, expected) => proptest::prop_assert!(false, "{read:?}, expected {expected:?}: {text}"),
        }
    }
}

#[test]
fn a_string_may_replace_a_struct_with_a_member_of_its_own_name() {
    let expected = all!(wrapped: vec![reason("x"), reason("y")]);
    assert_eq!(read(&json!({"Wrapped": {"Reason": ["x", {"Reason": "y"}]}})), expected);
    assert_eq!(read(&json!({"Wrapped": ["x", "y"]})), expected);
    assert_eq!(read(&json!({"Wrapped": {"Reason": "x"}})), all!(wrapped: vec![reason("x")]));
    assert_eq!(read(&json!({"Wrapped": "x"})), all!(wrapped: vec![reason("x")]));
    assert_eq!(read(&json!({"Wrapped": {"Reason": [7]}})), all!(wrapped: vec![reason("7")]));
    assert_eq!(read(&json!({"Reason": "x"})), all!(reason: reason("x")));
    assert_eq!(read(&json!({"Reason": 7})), all!(reason: reason("7")));
}

#[test]
fn the_last_of_duplicate_members_is_used() {
    let mut model = All::default();
    from_slice(br#"{"Texts": ["a"], "Texts": ["b"], "Text": "a", "Text": "b"}"#, &mut model).unwrap();
    assert_eq!(model, all!(texts: strings(&["b"]), text: "b".to_owned()));
}

#[test]
fn unknown_members_are_skipped_and_reported() {
    let text = r#"{"New": {"a": [1]}, "Reason": {"X": 1}, "Wrapped": {"Other": 1, "Reason": [{}, {"Y": []}]},
        "Children": [{"Map": {"any": 1}}, {"New": null}]}"#;
    let mut model = All::default();
    let paths = unread(text.as_bytes(), &mut model).unwrap();
    assert_eq!(paths, ["New", "Reason.X", "Wrapped.Other", "Wrapped.Reason[1].Y", "Children[1].New"]);
    assert_eq!((model.wrapped.len(), model.children.len()), (2, 2));
}

/// Values whose form the API does not state keep the text of their JSON.
#[test]
fn any_json_is_kept_as_text() {
    for (value, text) in [
        (json!({"b": [1, {"c": null}]}), r#"{"b":[1,{"c":null}]}"#),
        (json!([]), "[]"),
        (json!("plain"), "plain"),
        (json!(1.5), "1.5"),
        (json!(true), "true"),
        (json!(null), ""),
    ] {
        assert_eq!(read(&json!({"Any": value})).any, text);
        assert_eq!(read(&json!({"Map": {"a": value}})).map["a"], text);
        assert_eq!(read(&json!({"Maps": [{"a": value}, {}]})).maps[0]["a"], text);
    }
}

#[test]
fn errors_contain_the_path_of_the_member() {
    for (json, error) in [
        (r#"{"Flag": []}"#, "Flag: expected a number or boolean, found a list"),
        (r#"{"Text": {}}"#, "Text: expected a string, found an object"),
        (r#"{"Color": ["Red"]}"#, "Color: expected a string, found a list"),
        (r#"{"OptionReason": "x"}"#, "OptionReason: expected an object, found a string"),
        (r#"{"Reason": []}"#, "Reason: expected an object, found a list"),
        (r#"{"Map": 5}"#, "Map: expected an object, found a string"),
        (r#"{"Maps": ["x"]}"#, "Maps[0]: expected an object, found a string"),
        (r#"{"Numbers": [1, 2, "x"]}"#, "Numbers[2]: expected a 32-bit integer, found a string"),
        (r#"{"Texts": [[1]]}"#, "Texts[0]: expected a string, found a list"),
        (r#"{"Numbers": [1.5]}"#, "Numbers[0]: expected a 32-bit integer, found 1.5"),
        (r#"{"Numbers": "many"}"#, "Numbers: expected a 32-bit integer, found a string"),
        (
            r#"{"Wrapped": {"Reason": [{}, {}, {"Level": []}]}}"#,
            "Wrapped.Reason[2].Level: expected a number or boolean, found a list",
        ),
        (
            r#"{"Wrapped": {"Reason": {"Level": []}}}"#,
            "Wrapped.Reason.Level: expected a number or boolean, found a list",
        ),
        (
            r#"{"Children": [{"Children": [{"Small": {}}]}]}"#,
            "Children[0].Children[0].Small: expected a number or boolean, found an object",
        ),
        (r#"{"Children": ["x"]}"#, "Children[0]: expected an object, found a string"),
        (r#"{"JsonList": "[1] 2"}"#, "JsonList: trailing characters"),
        ("[]", "expected an object, found a list"),
        ("\"x\"", "expected an object, found a string"),
        ("{} {}", "trailing characters"),
        ("{\"Text\": ", "Text: EOF while parsing a value"),
    ] {
        assert_eq!(error_of(json), error, "{json}");
    }
}

#[test]
fn deep_nesting_is_an_error_and_does_not_overflow_the_stack() {
    const DEPTH: usize = 200_000;
    let deep = |open: &str, middle: &str, close: &str| open.repeat(DEPTH) + middle + &close.repeat(DEPTH);
    for text in [deep("{\"Children\":[", "", "]}"), deep("{\"Children\":[", "", ""), deep("{\"Children\":", "1", "}")] {
        let error = error_of(&text);
        assert!(error.ends_with("recursion limit exceeded") && error.len() < 10_000, "{error}");
    }
    // Skipped members may be nested to any depth.
    let unknown = format!("{{\"New\": {}, \"Text\": \"x\"}}", deep("[", "1", "]"));
    let mut model = All::default();
    from_slice(unknown.as_bytes(), &mut model).unwrap();
    assert_eq!(model.text, "x");
    assert!(error_of(&deep("{\"New\":", "", "")).ends_with("EOF while parsing a value"));
    let text = format!("{{\"JsonList\": \"{}\"}}", "[".repeat(DEPTH));
    assert!(!error_of(&text).is_empty());
    // The depth of real responses is accepted.
    let text = format!("{}{{}}{}", "{\"Children\":[".repeat(50), "]}".repeat(50));
    from_slice(text.as_bytes(), &mut All::default()).unwrap();
}
