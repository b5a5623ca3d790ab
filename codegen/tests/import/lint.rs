//! Imported specs comply with the rules of specs, and each fact that an import leaves out is reported.

use std::path::Path;

use ecs_codegen::import::{Decision, Error, parse_api};
use ecs_codegen::{Source, rules::Level};

use super::*;

/// The errors of the linter in a draft of a service with these operations and shared types.
fn lint(tree: &ExistingTree) -> Vec<String> {
    let source = |path: &str, text: String| Source { path: path.to_owned(), text };
    let service = json!({
        "service": "ecs", "product": "Ecs", "version": "2014-05-26", "title": "Elastic Compute Service",
        "docs_url": "https://example.com/{operation}", "docs": "draft", "gate": "none",
        "families": { "main": "Operations." }, "endpoints": { "default": "ecs.example.com", "public": "ecs.{region}.example.com",
            "vpc": "ecs-vpc.{region}.example.com" },
    });
    let rpc = json!({ "parameters": tree.rpc.parameters, "read_verbs": tree.rpc.read_verbs });
    let mut sources = vec![
        source("rpc.json", rpc.to_string()),
        source("ecs/service.json", service.to_string()),
        source("ecs/types.json", ecs_codegen::fmt::types(&tree.types)),
    ];
    for operation in tree.operations.values() {
        let operation = Operation { family: "main".to_owned(), docs: None, ..operation.clone() };
        let path = format!("ecs/main/{}.json", operation.operation);
        sources.push(source(&path, ecs_codegen::fmt::operation(&operation)));
    }
    let (_, found) = ecs_codegen::lint(sources);
    let found = found.filter(|one| one.level >= Level::Error);
    found.list().iter().map(|one| format!("{}: {}", one.path, one.message)).collect()
}

fn decisions(report: &Report, decision: Decision) -> Vec<String> {
    report.decisions(decision).map(|entry| format!("{} {}: {}", entry.owner, entry.path, entry.detail)).collect()
}

fn parsed(apis: Value) -> Result<ApiDocs, Error> {
    let file = json!({ "info": { "style": "RPC", "product": "Ecs", "version": "2014-05-26" }, "apis": apis });
    parse_api(Path::new("x.json"), &file.to_string())
}

#[test]
fn a_pattern_that_is_not_a_regular_expression_is_left_out() {
    let name = |pattern: &str| parameter("Name", json!({ "type": "string", "pattern": pattern, "default": "a" }));
    for pattern in [r"[\w-.]+", "(", "a{2,1}", r"\p{InGreek}+"] {
        let (after, report) = imported(&api("CreateThing", json!([name(pattern)]), object(json!({}))), &tree([]));
        assert_eq!(lint(&after), [""; 0]);
        assert_eq!(
            written(&after.operations["CreateThing"].request),
            [r#"{"name":"Name","type":"string","default":"a"}"#]
        );
        let facts = decisions(&report, Decision::Fact);
        let expected = format!("CreateThing request Name: `pattern` {pattern}: it is not a regular expression: ");
        assert!(facts.len() == 1 && facts[0].starts_with(&expected), "{facts:?}");
    }
}

#[test]
fn a_common_parameter_that_is_left_out_needs_no_mark_of_a_secret() {
    let text = json!({ "type": "string" });
    let docs = apis(json!({
        "CreateThing": { "parameters": [parameter("SecurityToken", text.clone())] },
        "DescribeThings": { "responses": { "200": { "schema": object(json!({ "SecurityToken": text })) } } },
    }));
    let mut existing = tree([]);
    existing.rpc.parameters.insert("SecurityToken".to_owned(), "Token of temporary credentials.".to_owned());
    let (after, _) = imported(&docs, &existing);
    assert!(after.operations["CreateThing"].request[0].skip.is_some());
    assert!(after.operations["DescribeThings"].response[0].sensitive);
    assert_eq!(lint(&after), [""; 0]);
}

#[test]
fn operations_whose_names_cannot_be_sent_are_left_out() {
    let invalid = ["创建", "Create Thing", "../../Evil", "__", "Get\u{202e}Thing"];
    let names = invalid.iter().chain(&["CreateThing", "get.thing", "3Things"]);
    let file = names.map(|name| ((*name).to_owned(), json!({}))).collect::<serde_json::Map<_, _>>();
    let (after, report) = imported(&parsed(file.into()).expect("an API"), &tree([]));
    assert_eq!(after.operations.keys().collect::<Vec<_>>(), ["Call3Things", "CreateThing", "GetThing"]);
    assert_eq!(lint(&after), [""; 0]);
    let left_out = decisions(&report, Decision::LeftOut);
    assert_eq!(left_out.len(), invalid.len());
    assert_eq!(left_out[1], "Create Thing : its name has characters that the name of an operation cannot have");
    assert!(left_out[4].starts_with(r"Get\u{202e}Thing : "), "{left_out:?}");
}

/// Accepts an API over an operation with one parameter, and checks that the result complies with the rules and is stable.
#[track_caller]
fn accept(field: Value, schema: Value) -> (Field, Vec<String>) {
    let mut operation = fresh(&api("CreateThing", json!([]), object(json!({}))));
    let field: Field = serde_json::from_value(field).expect("a field");
    let name = field.name.clone();
    operation.request.push(field);
    let style = if schema["type"] == "array" { "repeatList" } else { "" };
    let docs = api("CreateThing", json!([styled(&name, style, schema)]), object(json!({})));
    let (after, report) = accepted(&docs, &tree([operation]));
    assert_eq!(lint(&after), [""; 0], "{report}");
    let (again, second) = accepted(&docs, &after);
    assert_eq!(again, after, "{second}");
    assert_eq!(second.count(ecs_codegen::import::Kind::Changed), 0, "{second}");
    let changes = report.entries.iter().map(|entry| entry.detail.clone()).collect();
    (after.operations["CreateThing"].request[0].clone(), changes)
}

#[test]
fn facts_of_the_old_type_or_limits_are_converted_or_removed() {
    let integer = |facts: Value| {
        let mut schema = json!({ "type": "integer", "format": "int32" });
        schema.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
        schema
    };
    let text = || json!({ "type": "string" });
    for (field, schema, expected, lines) in [
        (
            json!({ "name": "PageNumber", "type": "i32", "default": 1, "example": 2, "min": 1 }),
            text(),
            r#"{"name":"PageNumber","type":"string","default":"1","min":1,"example":"2"}"#,
            &["default 1 → \"1\"", "example 2 → \"2\""][..],
        ),
        (
            json!({ "name": "Tag", "type": ["string"], "wire": "repeat", "max_items": 20, "min_items": 1 }),
            text(),
            r#"{"name":"Tag","type":"string"}"#,
            &["max_items 20 removed: the member is not a list"],
        ),
        (
            json!({ "name": "Size", "type": "i32", "default": 50, "example": 40, "min": 20 }),
            integer(json!({ "maximum": 10 })),
            r#"{"name":"Size","type":"i32","max":10}"#,
            &[
                "min 20 removed: it is greater than the maximum",
                "default 50 removed: it does not fit the type and the limits",
            ],
        ),
        (
            json!({ "name": "Start", "type": "time", "time": "yyyy-MM-dd", "example": "2024-01-31" }),
            integer(json!({})),
            r#"{"name":"Start","type":"i32"}"#,
            &[
                "time \"yyyy-MM-dd\" removed: the type is i32",
                "example \"2024-01-31\" removed: it does not fit the type and the limits",
            ],
        ),
        (
            json!({ "name": "Name", "type": "string", "pattern": "^[a-z]+$", "max_length": 9, "example": "ab" }),
            integer(json!({ "enum": [1, 2] })),
            r#"{"name":"Name","type":"i32","values":[1,2]}"#,
            &["pattern \"^[a-z]+$\" removed: the type is i32", "max_length 9 removed: the type is i32"],
        ),
        (
            json!({ "name": "ThingId", "type": ["string"], "wire": "repeat", "max_items": 50, "batch": true }),
            text(),
            r#"{"name":"ThingId","type":"string"}"#,
            &["batch removed: the member is not a limited list of strings"],
        ),
        (
            json!({ "name": "Scope", "type": "string", "default": "Region" }),
            json!({ "type": "string", "required": true }),
            r#"{"name":"Scope","type":"string","required":true}"#,
            &["default \"Region\" removed: the member is required"],
        ),
        (
            json!({ "name": "Data", "type": "string", "base64": true, "max_bytes": 100 }),
            integer(json!({})),
            r#"{"name":"Data","type":"i32"}"#,
            &["base64 removed: the type is i32", "max_bytes 100 removed: the type is i32"],
        ),
    ] {
        let (field, changes) = accept(field, schema);
        assert_eq!(written(&[field]), [expected], "{changes:?}");
        for line in lines {
            assert!(changes.iter().any(|change| change == line), "{line}: {changes:?}");
        }
    }
    // Facts that the API states, and that contradict another one of it, are overridden.
    let schema = json!({ "type": "string", "required": true, "default": "a" });
    let (field, _) = accept(json!({ "name": "Mode", "type": "string" }), schema);
    assert!(field.default.is_none() && field.decided.contains_key("default"), "{field:?}");
    // A list of IDs that gets a limit, and a parameter that the SDK sets, are decided as in a new operation.
    let ids = json!({ "type": "array", "maxItems": 9, "items": { "type": "string" } });
    let (field, _) = accept(json!({ "name": "ThingId", "type": ["string"], "wire": "repeat" }), ids);
    assert!(field.undivided.is_some(), "{field:?}");
    let (field, _) = accept(json!({ "name": "RegionId", "type": "string", "required": true }), integer(json!({})));
    assert!(field.skip.is_some() && !field.required, "{field:?}");
}

#[test]
fn a_listed_value_beyond_a_decided_limit_is_removed_once() {
    let field = json!({ "name": "Level", "type": "i32", "max": 5, "values": [1], "decided": { "max": "The service rejects more." } });
    let (field, changes) = accept(field, json!({ "type": "integer", "format": "int32", "enum": [1, 9] }));
    assert_eq!(field.values, [1], "{changes:?}");
    assert!(field.decided.contains_key("values"), "{field:?}");
}

#[test]
fn a_default_with_too_many_elements_is_left_out() {
    let ids = json!({ "type": "array", "maxItems": 1, "items": { "type": "string" }, "default": ["a", "b"] });
    let docs = api("CreateThing", json!([styled("Name", "repeatList", ids)]), object(json!({})));
    let (after, report) = imported(&docs, &tree([]));
    assert_eq!(lint(&after), [""; 0]);
    let expected = "CreateThing request Name: `default` [\"a\",\"b\"]: it does not fit the type and the limits";
    assert_eq!(decisions(&report, Decision::Fact), [expected]);
}

#[test]
fn operations_whose_files_windows_could_not_create_get_another_name() {
    let file = json!({ "Con": {}, "CallCon": {}, "NUL": {}, "Lpt9": {}, "Com0": {}, "Console": {} });
    let (after, report) = imported(&parsed(file).expect("an API"), &tree([]));
    assert_eq!(lint(&after), [""; 0]);
    let names: Vec<(&str, Option<&str>)> =
        after.operations.values().map(|operation| (operation.operation.as_str(), operation.wire.as_deref())).collect();
    let expected = [
        ("CallCon", None),
        ("CallCon2", Some("Con")),
        ("CallLpt9", Some("Lpt9")),
        ("CallNUL", Some("NUL")),
        ("Com0", None),
        ("Console", None),
    ];
    assert_eq!(names, expected);
    let reported = decisions(&report, Decision::OperationName);
    assert_eq!(
        reported,
        [
            "CallCon2 : the service spells it `Con`",
            "CallNUL : the service spells it `NUL`",
            "CallLpt9 : the service spells it `Lpt9`"
        ]
    );
}

#[test]
fn error_codes_that_no_service_sends_are_left_out() {
    let codes = ["%s", "Exclusive.%sAnd%s", "Missing.{0}", "Invalid<Name>", "Thro∂ttling", "Denied", "Over.100%"];
    let codes: Vec<Value> = codes.iter().map(|code| json!({ "errorCode": code })).collect();
    let docs = parsed(json!({ "StopThing": { "errorCodes": { "400": codes } } })).expect("an API");
    let (after, report) = accepted(&docs, &tree([]));
    let kept: Vec<&str> = after.operations["StopThing"].errors.iter().map(|error| error.code.as_str()).collect();
    assert_eq!(kept, ["Denied", "Over.100%"]);
    assert_eq!(lint(&after), [""; 0]);
    let placeholder = |code: &str| {
        format!("StopThing error 400: the code `{code}` is left out: it has a placeholder, so no service sends it")
    };
    let expected = [
        placeholder("%s"),
        placeholder("Exclusive.%sAnd%s"),
        placeholder("Missing.{0}"),
        placeholder("Invalid<Name>"),
        "StopThing error 400: the code `Thro∂ttling` is left out: it has characters outside ASCII, so no service sends it".to_owned(),
    ];
    assert_eq!(decisions(&report, Decision::Fact), expected);
}
