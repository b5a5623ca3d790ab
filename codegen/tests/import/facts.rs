//! Facts that published files state twice, or in a form that the type of the member does not have.

use ecs_codegen::import::Decision;

use super::decisions::{decide, decided, text};
use super::*;

#[test]
fn whole_numbers_have_no_fraction_and_limits_allow_a_value() {
    let (operation, report) = decide(
        "CreateThing",
        json!([
            parameter("Price", json!({ "type": "number", "minimum": 0.0, "maximum": "999999.0", "default": 1.0 })),
            parameter("Rate", json!({ "type": "number", "minimum": 0.5, "enum": [0.5, 2, 2.0] })),
            parameter("Size", json!({ "type": "integer", "default": 20.0, "enum": [20.0, 40] })),
            parameter("Name", json!({ "type": "string", "minLength": 1.0, "maxLength": 0 })),
            styled("Id", "repeatList", json!({ "type": "array", "items": text(), "maxItems": 0, "default": "[]" })),
            parameter("Stamp", json!({ "type": "integer", "maximum": 4_102_444_800_000_i64 })),
        ]),
        object(json!({})),
    );
    let expected = [
        r#"{"name":"Price","type":"f64","default":1,"min":0,"max":999999}"#,
        r#"{"name":"Rate","type":"f64","values":[0.5,2],"min":0.5}"#,
        r#"{"name":"Size","type":"i32","default":20,"values":[20,40]}"#,
        r#"{"name":"Name","type":"string","min_length":1}"#,
        r#"{"name":"Id","type":["string"],"wire":"repeat"}"#,
        r#"{"name":"Stamp","type":"i64","max":4102444800000}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    let expected = [
        "CreateThing request Name: `maxLength` 0 allows no value",
        "CreateThing request Id: `default` \"[]\" does not fit the type",
        "CreateThing request Id: `maxItems` 0 allows no value",
        "CreateThing request Stamp: its limits, default or values exceed 32 bits; 64 bits wide",
    ];
    assert_eq!(decided(&report, Decision::Fact), expected);
}

#[test]
fn lists_that_specs_cannot_join_by_commas_are_sent_as_strings() {
    let (operation, report) = decide(
        "CreateThing",
        json!([
            styled("Pairs", "simple", list(object(json!({ "Key": text() })))),
            styled("Lists", "simple", list(list(text()))),
            styled("Ids", "simple", list(text())),
            styled("Grid", "repeatList", list(list(text()))),
        ]),
        object(json!({})),
    );
    let expected = [
        r#"{"name":"Pairs","type":"string"}"#,
        r#"{"name":"Lists","type":"string"}"#,
        r#"{"name":"Ids","type":["string"],"wire":"comma"}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    let string = "callers send a string, such as the text of JSON";
    let expected = [
        format!("CreateThing request Pairs: a list of objects, joined by commas; {string}"),
        format!("CreateThing request Lists: a list of lists; {string}"),
    ];
    assert_eq!(decided(&report, Decision::FreeForm), expected);
    let expected = "CreateThing request Grid: left out: a list of lists, which cannot be sent as numbered parameters";
    assert_eq!(decided(&report, Decision::Parameter), [expected]);
}
