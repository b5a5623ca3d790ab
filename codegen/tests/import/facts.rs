//! Facts that published files state twice, or in a form that the type of the member does not have.

use ecs_codegen::import::Decision;

use super::decisions::{decide, decided, text};
use super::*;

#[test]
fn titles_of_values_are_values() {
    let hop = json!({ "type": "string", "enumValueTitles": { "Instance": "an instance", "HaVip": "an address" } });
    let more = json!({ "type": "string", "enum": ["UP"], "enumValueTitles": { "UP": "up", "DOWN": "down" } });
    let months = json!({ "type": "integer", "enum": [1], "enumValueTitles": { "1": "a month", "12": "a year" } });
    let flag = json!({ "type": "string", "enumValueTitles": { "true": "on", "false": "off" } });
    let none = json!({ "type": "string", "enumValueTitles": {} });
    let (operation, report) = decide(
        "CreateRoute",
        json!([
            parameter("NextHopType", hop),
            parameter("OrderType", more),
            parameter("Period", months),
            parameter("AutoPay", flag),
            parameter("Name", none),
        ]),
        object(json!({ "Hops": list(json!({ "type": "string", "enumValueTitles": { "Near": "a", "Far": "b" } })) })),
    );
    let expected = [
        r#"{"name":"NextHopType","type":"NextHopType"}"#,
        r#"{"name":"OrderType","type":"OrderType"}"#,
        r#"{"name":"Period","type":"i32","values":[1,12]}"#,
        r#"{"name":"AutoPay","type":"bool"}"#,
        r#"{"name":"Name","type":"string"}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    assert_eq!(values_of(&operation.types["NextHopType"]), ["Instance", "HaVip"]);
    assert_eq!(values_of(&operation.types["OrderType"]), ["UP", "DOWN"]);
    assert_eq!(values_of(&operation.types[operation.response[0].ty.name()]), ["Near", "Far"]);
    assert_eq!(report.decisions(Decision::Fact).count(), 0, "{report}");
}

#[test]
fn a_member_that_is_both_required_and_optional_is_not_required() {
    let stated = |required: Value, documented: Value| json!({ "type": "string", "required": required, "docRequired": documented });
    let rule = object(json!({ "Action": stated(json!(false), json!(true)), "Port": stated(json!(true), json!(true)) }));
    let (operation, report) = decide(
        "CreateRule",
        json!([
            parameter("RegionId", stated(json!(true), json!(true))),
            parameter("Name", stated(json!(false), json!(true))),
            parameter("Space", stated(json!(true), json!(false))),
            parameter("Site.Zone", stated(json!(true), json!(false))),
            parameter("Lang", stated(json!(false), json!(false))),
            parameter("Odd", stated(json!(true), json!("no"))),
            styled("Rule", "repeatList", list(rule)),
        ]),
        object(json!({ "Id": stated(json!(true), json!(false)) })),
    );
    let required = |fields: &[Field]| -> Vec<String> {
        fields.iter().filter(|field| field.required).map(|field| field.name.clone()).collect()
    };
    assert_eq!(required(&operation.request), ["RegionId", "Odd"]);
    assert_eq!(required(fields_of(&operation.types, "Rule")), ["Port"]);
    let expected = [
        "CreateRule request Name: `required` is false, but `docRequired` is true; not required",
        "CreateRule request Space: `required` is true, but `docRequired` is false; not required",
        "CreateRule request Rule[].Action: `required` is false, but `docRequired` is true; not required",
        "CreateRule request Site.Zone: `required` is true, but `docRequired` is false; not required",
    ];
    assert_eq!(decided(&report, Decision::Required), expected);
}

#[test]
fn a_value_that_another_member_spells_in_another_letter_case_is_reported() {
    let protocol = |values: &[&str]| json!({ "type": "string", "enum": values });
    let default = json!({ "type": "string", "enum": ["tcp", "udp"], "default": "TCP" });
    let rule = object(json!({ "IpProtocol": protocol(&["TCP", "udp", "icmp"]) }));
    let (operation, report) = decide(
        "AuthorizeGroup",
        json!([parameter("IpProtocol", default), styled("Permission", "repeatList", list(rule))]),
        object(json!({})),
    );
    assert_eq!(values_of(&operation.types["IpProtocol"]), ["tcp", "udp", "icmp"]);
    let expected = [
        "AuthorizeGroup request IpProtocol: the default \"TCP\" is spelled \"tcp\", as the listed value",
        "AuthorizeGroup request Permission[].IpProtocol: value `TCP` is left out: it differs from `tcp` in letter case only",
    ];
    assert_eq!(decided(&report, Decision::Fact), expected);
}

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
fn facts_of_single_strings_are_left_out_elsewhere() {
    let mode = json!({ "type": "string", "pattern": "^[a-z]+$", "minLength": 1, "maxLength": 9 });
    let encoded = json!({ "type": "array", "items": { "type": "string", "base64": true } });
    let (operation, report) = decide(
        "ListThings",
        json!([parameter("ThingMode", json!({ "type": "string", "enum": ["fast", "slow"] }))]),
        object(json!({ "ThingMode": mode, "Scripts": encoded })),
    );
    let expected =
        [r#"{"name":"ThingMode","type":"ThingMode"}"#, r#"{"name":"Scripts","type":["string"],"wire":"list"}"#];
    assert_eq!(written(&operation.response), expected);
    let expected = [
        "ListThings response Scripts: `base64` true: the member is a list",
        "ListThings response ThingMode: `pattern` ^[a-z]+$: the member is an enum",
        "ListThings response ThingMode: `minLength` 1: the member is an enum",
        "ListThings response ThingMode: `maxLength` 9: the member is an enum",
    ];
    assert_eq!(decided(&report, Decision::Fact), expected);
}

#[test]
fn facts_of_a_string_that_is_an_enum_are_not_added_by_another_import() {
    let mode = json!({ "type": "string", "pattern": "^[a-z]+$", "minLength": 1 });
    let docs = api(
        "ListThings",
        json!([
            parameter("ThingMode", json!({ "type": "string", "enum": ["fast", "slow"] })),
            parameter("Name", json!({ "type": "string", "pattern": "" }))
        ]),
        object(json!({ "ThingMode": mode })),
    );
    let (first, _) = imported(&docs, &tree([]));
    assert_eq!(first.operations["ListThings"].request[1].pattern, None);
    let (second, report) = accepted(&docs, &first);
    assert!(second == first && report.is_unchanged(), "{report}");
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
