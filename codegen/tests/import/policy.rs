//! The rules of an import over specs that people have written, one test for each row of `Policy`.

use ecs_codegen::import::Kind;
use ecs_codegen::spec::{EnumValue, TypeRef};

use serde_json::Number;

use super::*;

/// An operation with one parameter and one field of the response.
fn thing(parameter: Value, field: Value) -> ApiDocs {
    api("ListThings", json!([parameter]), object(json!({ "Field": field })))
}

/// The specs after an import of `first` that `edit` changed.
fn written_by_hand(first: &ApiDocs, edit: impl FnOnce(&mut Operation)) -> ExistingTree {
    let mut operation = fresh(first);
    edit(&mut operation);
    tree([operation])
}

/// Imports by both policies, and checks that neither changes the specs. Returns the report of an import that adds.
#[track_caller]
fn assert_kept(docs: &ApiDocs, existing: &ExistingTree) -> Report {
    let (after, report) = imported(docs, existing);
    assert_eq!(after, *existing);
    assert_eq!(accepted(docs, existing).0, *existing);
    report
}

/// Checks that an import that adds leaves a difference, that one that accepts takes it over, and that a second import of
/// each kind changes nothing more.
#[track_caller]
fn assert_left(docs: &ApiDocs, existing: &ExistingTree, expected: &[&str]) {
    let (after, report) = imported(docs, existing);
    assert_eq!(after, *existing);
    assert_eq!(lines(&report), expected);
    let (after, report) = accepted(docs, existing);
    assert_ne!(after, *existing);
    assert_eq!((report.count(Kind::Differs), report.count(Kind::Changed)), (0, expected.len()), "{report}");
    let (again, report) = accepted(docs, &after);
    assert_eq!(again, after);
    assert_eq!((report.count(Kind::Differs), report.count(Kind::Changed)), (0, 0), "{report}");
}

const TEXT: &str = r#"{ "type": "string" }"#;

fn text() -> Value {
    serde_json::from_str(TEXT).expect("a schema")
}

#[test]
fn a_string_does_not_contradict_a_list_or_struct_in_one_string() {
    let list = |style: &str| thing(styled("Ids", style, list(text())), text());
    let statuses = thing(
        styled("Ids", "simple", json!({ "type": "array", "items": { "type": "string", "enum": ["a", "b"] } })),
        text(),
    );
    let config = thing(styled("Ids", "json", object(json!({ "Size": { "type": "integer" } }))), text());
    let map = thing(styled("Ids", "json", json!({ "type": "object", "additionalProperties": text() })), text());
    let plain = json!({ "type": "string", "maxLength": 99, "default": "[]", "pattern": "^\\[" });
    for first in [list("json"), list("simple"), statuses, config, map] {
        for schema in [text(), plain.clone(), json!({ "type": "string", "enum": ["a", "b"] })] {
            let existing = written_by_hand(&first, |operation| operation.request[0].max_items = Some(100));
            let report = assert_kept(&thing(parameter("Ids", schema), text()), &existing);
            assert_eq!(report.count(Kind::Differs), 0, "{report}");
        }
    }
}

#[test]
fn a_list_of_another_encoding_is_a_difference() {
    let styled = |style: &str| thing(styled("Ids", style, list(text())), text());
    let existing = written_by_hand(&styled("json"), |_| {});
    let expected = "ListThings: ≠ request Ids[]: wire json in the specs, repeat in the API";
    assert_left(&styled("repeatList"), &existing, &[expected]);
    let existing = written_by_hand(&styled("repeatList"), |_| {});
    let docs = thing(parameter("Ids", text()), text());
    let expected = [
        r#"ListThings: ≠ request Ids: type ["string"] in the specs, string in the API"#,
        "ListThings: ≠ request Ids: wire repeat in the specs, none in the API",
    ];
    assert_left(&docs, &existing, &expected);
}

#[test]
fn types_limits_defaults_and_marks_are_left() {
    let size = |schema: Value| thing(parameter("Size", schema), text());
    let existing = written_by_hand(&size(json!({ "type": "integer", "maximum": 9, "required": true })), |_| {});
    let docs = size(
        json!({ "type": "integer", "format": "int64", "maximum": 8, "minimum": 1, "default": 5, "deprecated": true }),
    );
    let expected = [
        "ListThings: ≠ request Size: type i32 in the specs, i64 in the API",
        "ListThings: ≠ request Size: required true in the specs, false in the API",
        "ListThings: ≠ request Size: deprecated none in the specs, true in the API",
        "ListThings: ≠ request Size: default none in the specs, 5 in the API",
        "ListThings: ≠ request Size: min none in the specs, 1 in the API",
        "ListThings: ≠ request Size: max 9 in the specs, 8 in the API",
    ];
    assert_left(&docs, &existing, &expected);
}

#[test]
fn facts_of_the_operation_are_left() {
    let mut docs = thing(parameter("Size", text()), text());
    let existing = written_by_hand(&docs, |_| {});
    let api = &mut docs.apis["ListThings"];
    (api.deprecated, api.replaced_by) = (true, Some("ListGadgets".to_owned()));
    let expected = [
        "ListThings: ≠ deprecated: none in the specs, added in the API",
        "ListThings: ≠ replaced_by: none in the specs, ListGadgets in the API",
    ];
    assert_left(&docs, &existing, &expected);
}

#[test]
fn a_struct_or_another_scalar_is_left_without_a_new_type() {
    let docs = |schema: Value| thing(styled("Size", "flat", schema), text());
    let existing = written_by_hand(&docs(text()), |_| {});
    let nested = docs(object(json!({ "Unit": text() })));
    let expected = ["ListThings: ≠ request Size: type string in the specs, struct in the API"];
    let (after, report) = imported(&nested, &existing);
    assert_eq!((after, lines(&report)), (existing.clone(), expected.map(str::to_owned).to_vec()));
    let expected = ["ListThings: ≠ request Size: type string in the specs, i32 in the API"];
    assert_left(&docs(json!({ "type": "integer" })), &existing, &expected);
}

#[test]
fn the_notation_of_a_number_is_no_difference() {
    let price = |min: Value, max: Value, default: Value| {
        let schema = json!({ "type": "number", "format": "float", "minimum": min, "maximum": max, "default": default });
        thing(parameter("Price", schema), text())
    };
    let existing = written_by_hand(&price(json!(0), json!(999_999), json!(1)), |operation| {
        let field = &mut operation.request[0];
        field.min = Number::from_f64(0.0);
        field.max = Number::from_f64(999_999.0);
        field.default = Some(json!(1.0));
    });
    let report = assert_kept(&price(json!("0"), json!(999_999), json!("1")), &existing);
    assert_eq!(report, Report::default());
    let expected = ["ListThings: ≠ request Price: max 999999.0 in the specs, 999999.5 in the API"];
    assert_left(&price(json!(0), json!(999_999.5), json!(1)), &existing, &expected);
}

#[test]
fn a_name_that_differs_in_letter_case_only_is_the_same_member() {
    let tag = |names: Value| thing(styled("Tag", "repeatList", list(object(names))), object(json!({ "Id": text() })));
    let existing = written_by_hand(&tag(json!({ "Key": text() })), |_| {});
    let report = assert_kept(&tag(json!({ "key": text() })), &existing);
    let other_case = "ListThings: ≠ request Tag[].key: name Key in the specs, key in the API";
    assert_eq!(lines(&report), [other_case]);
    let report = assert_kept(&tag(json!({ "Key": text(), "key": text() })), &existing);
    assert_eq!(lines(&report), [other_case]);
}

#[test]
fn new_values_are_added_to_enums_and_others_stay() {
    let status = |values: &[&str]| {
        let values = json!({ "type": "string", "enum": values });
        thing(parameter("Status", values.clone()), values)
    };
    let existing = written_by_hand(&status(&["Running", "Stopped"]), |operation| {
        let values = operation.types.values_mut().next().and_then(|ty| ty.values.as_mut()).expect("an enum");
        values["Stopped"] = EnumValue::Doc("At rest.".to_owned());
    });
    let (after, report) = imported(&status(&["running", "Lost"]), &existing);
    let ty = after.operations["ListThings"].types.values().next().expect("an enum");
    assert_eq!(values_of(ty), ["Running", "Stopped", "Lost"]);
    assert_eq!(ty.values.as_ref().expect("an enum")["Stopped"].doc(), "At rest.");
    assert_eq!((report.count(Kind::Added), report.count(Kind::Differs)), (2, 0), "{report}");
    assert_eq!(imported(&status(&["running", "Lost"]), &after).0, after);
}

#[test]
fn a_string_stays_an_enum_a_time_or_a_boolean() {
    let docs = thing(parameter("Value", text()), text());
    let by_hand = |ty: &str| {
        written_by_hand(&docs, |operation| {
            let values = [("A".to_owned(), EnumValue::Doc("The first.".to_owned()))].into_iter().collect();
            operation.types.insert("Kind".to_owned(), Type { values: Some(values), ..Type::default() });
            operation.request[0].ty = TypeRef::One(ty.to_owned());
            operation.response[0].ty = TypeRef::One(ty.to_owned());
        })
    };
    for ty in ["Kind", "time"] {
        let report = assert_kept(&docs, &by_hand(ty));
        assert_eq!(lines(&report), [""; 0]);
    }
    let report = assert_kept(&docs, &by_hand("bool"));
    let expected = ["request Value", "response Field"];
    let expected = expected.map(|path| format!("ListThings: = {path}: type bool in the specs, string in the API"));
    assert_eq!(lines(&report), expected);
}

#[test]
fn codes_are_added_in_order_and_the_order_of_others_stays() {
    let docs = |codes: &[&str]| {
        let codes: Vec<Value> = codes.iter().map(|code| json!({ "errorCode": code })).collect();
        apis(json!({ "ListThings": { "errorCodes": { "400": codes } } }))
    };
    let existing = written_by_hand(&docs(&["B", "D", "A"]), |operation| operation.errors.swap(0, 1));
    let order = |tree: &ExistingTree| -> Vec<String> {
        tree.operations["ListThings"].errors.iter().map(|error| error.code.clone()).collect()
    };
    assert_eq!(order(&existing), ["B", "A", "D"]);
    assert_kept(&docs(&["A", "B"]), &existing);
    let (after, _) = imported(&docs(&["C", "A"]), &existing);
    assert_eq!(order(&after), ["B", "A", "C", "D"]);
}
