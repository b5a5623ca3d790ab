//! Decisions of an import, and their report.

use std::fs;
use std::path::Path;

use ecs_codegen::import::{Decision, Error, Kind, parse_api, plan};
use ecs_codegen::spec::{EnumValue, Method};

use super::*;

/// The decisions of a kind: operation, path and detail.
pub(super) fn decided(report: &Report, decision: Decision) -> Vec<String> {
    let line = |entry: &ecs_codegen::import::Entry| format!("{} {}: {}", entry.owner, entry.path, entry.detail);
    report.decisions(decision).map(line).collect()
}

/// The only operation of an import, and the report.
pub(super) fn decide(operation: &str, parameters: Value, response: Value) -> (Operation, Report) {
    let (mut tree, report) = imported(&api(operation, parameters, response), &tree([]));
    (tree.operations.remove(operation).expect("the operation"), report)
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn parsed(file: &Value) -> Result<ApiDocs, Error> {
    parse_api(Path::new("x.json"), &file.to_string())
}

pub(super) fn whole(apis: Value) -> Value {
    json!({ "info": { "style": "RPC", "product": "Ecs", "version": "2014-05-26" }, "apis": apis })
}

#[test]
fn dotted_names_are_members_of_structs_and_lists() {
    let number = || json!({ "type": "integer" });
    let disk = object(json!({ "Category": text() }));
    let (operation, report) = decide(
        "CreateThing",
        json!([
            styled("SystemDisk", "flat", disk.clone()),
            parameter("SystemDisk.Size", number()),
            parameter("SystemDisk.Category", text()),
            styled("DataDisk", "repeatList", list(disk)),
            parameter("DataDisk.1.Size", number()),
            parameter("Filter.1.Key", json!({ "type": "string", "required": true })),
            parameter("Filter.2.Key", text()),
            parameter("Name", text()),
            parameter("Name.1", text()),
            parameter("Rule.Level.Times", number()),
            styled("Setting", "json", object(json!({ "On": text() }))),
            parameter("Setting.Off", text()),
            parameter("Lang", json!({ "type": "string", "required": true })),
            parameter("Lang", text()),
        ]),
        object(json!({})),
    );
    let expected = [
        r#"{"name":"SystemDisk","type":"SystemDisk"}"#,
        r#"{"name":"DataDisk","type":["DataDisk"],"wire":"repeat"}"#,
        r#"{"name":"Name","type":["string"],"wire":"repeat"}"#,
        r#"{"name":"Setting","type":"Setting","wire":"json"}"#,
        r#"{"name":"Lang","type":"string"}"#,
        r#"{"name":"Filter","type":["Filter"],"wire":"repeat","required":true}"#,
        r#"{"name":"Rule","type":"Rule"}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    assert_eq!(names(fields_of(&operation.types, "SystemDisk")), ["Category", "Size"]);
    assert_eq!(names(fields_of(&operation.types, "DataDisk")), ["Category", "Size"]);
    assert_eq!(names(fields_of(&operation.types, "Filter")), ["Key"]);
    assert_eq!(names(fields_of(&operation.types, "Rule")), ["Level"]);
    let folded = decided(&report, Decision::Folded);
    assert_eq!(
        folded[0],
        "CreateThing request SystemDisk.Size: `SystemDisk.Size` is the member `Size` of the struct `SystemDisk`"
    );
    assert_eq!(folded.len(), 7, "{folded:?}");
    let left_out = decided(&report, Decision::Parameter);
    assert_eq!(
        left_out,
        [
            "CreateThing request Lang: listed twice; the first one is used",
            "CreateThing request Name: left out: the list of `Name.1` replaces it",
            "CreateThing request Setting.Off: left out: `Setting` is sent as one parameter, which has this member",
        ]
    );
}

#[test]
fn members_of_unknown_form_are_maps_or_the_text_of_json() {
    let any = || json!({ "type": "any" });
    let free = || json!({ "type": "object" });
    let (operation, report) = decide(
        "ListThings",
        json!([
            styled("Rows", "json", list(free())),
            styled("Maps", "repeatList", list(free())),
            styled("Grid", "repeatList", list(list(text()))),
            parameter("Any", any()),
        ]),
        object(json!({
            "Maps": list(free()),
            "Wrapped": object(json!({ "Item": list(free()) })),
            "Any": any(),
            "Anything": list(any()),
            "Matrix": list(list(json!({ "type": "integer" }))),
        })),
    );
    let request = [
        r#"{"name":"Rows","type":"string"}"#,
        r#"{"name":"Maps","type":["map"],"wire":"repeat"}"#,
        r#"{"name":"Any","type":"string"}"#,
    ];
    assert_eq!(written(&operation.request), request);
    let response = [
        r#"{"name":"Maps","type":["map"],"wire":"list"}"#,
        r#"{"name":"Wrapped","type":["map"],"wire":"wrapped:Item"}"#,
        r#"{"name":"Any","type":"string","wire":"json"}"#,
        r#"{"name":"Anything","type":"string","wire":"json"}"#,
        r#"{"name":"Matrix","type":"string","wire":"json"}"#,
    ];
    assert_eq!(written(&operation.response), response);
    assert_eq!(decided(&report, Decision::FreeForm).len(), 8);
    let left_out = decided(&report, Decision::Parameter);
    assert!(left_out[0].starts_with("ListThings request Grid: left out: a list of lists"), "{left_out:?}");
}

#[test]
fn names_that_clash_get_rust_names() {
    let (operation, report) = decide(
        "ListThings",
        json!([
            styled("Tag", "repeatList", list(text())),
            styled("Tags", "json", list(text())),
            parameter("Key", text()),
            parameter("key", text()),
            parameter("Action", text()),
            parameter("self", text()),
        ]),
        object(json!({ "requestId": text(), "RequestId": text(), "Self": text() })),
    );
    let request = [
        r#"{"name":"Tag","rust":"tag","type":["string"],"wire":"repeat"}"#,
        r#"{"name":"Tags","type":["string"],"wire":"json"}"#,
        r#"{"name":"Key","type":"string"}"#,
        r#"{"name":"key","rust":"key_lowercase","type":"string"}"#,
    ];
    assert_eq!(written(&operation.request)[..4], request);
    assert_eq!(operation.response[0].rust.as_deref(), Some("body_request_id"));
    assert_eq!(decided(&report, Decision::RustName).len(), 3);
}

#[test]
fn values_without_letters_and_values_that_clash_get_names() {
    let values = |values: Value| json!({ "type": "string", "enum": values });
    let (operation, report) = decide(
        "CreateThing",
        json!([
            parameter(
                "CompareMode",
                values(json!([">", ">=", "<", "<=", "=", "==", "!=", "*", "中文", "英文", "", "1.0"]))
            ),
            parameter("WriteMode", values(json!(["IdempotentWrite", "IDEMPOTENT_WRITE", "C", "C++", "12h"]))),
        ]),
        object(json!({})),
    );
    let rust = |name: &str| -> Vec<String> {
        let named = |value: &EnumValue| match value {
            EnumValue::Named(named) => named.rust.clone(),
            EnumValue::Doc(_) => "-".to_owned(),
        };
        operation.types[name].values.iter().flat_map(|values| values.values()).map(named).collect()
    };
    let expected = [
        "Greater",
        "GreaterOrEqual",
        "Less",
        "LessOrEqual",
        "Equal",
        "EqualEqual",
        "NotEqual",
        "Any",
        "Value9",
        "Value10",
        "-",
    ];
    assert_eq!(rust("CompareMode"), expected);
    assert_eq!(rust("WriteMode"), ["-", "IdempotentWriteUppercase", "-", "CPlusPlus", "-"]);
    assert_eq!(decided(&report, Decision::Variant).len(), 12);
}

#[test]
fn facts_that_do_not_fit_are_left_out() {
    let (operation, report) = decide(
        "CreateThing",
        json!([
            parameter("Port", json!({ "type": "integer", "maxLength": 5, "pattern": "^[0-9]+$", "maxItems": 3 })),
            parameter("Size", json!({ "type": "integer", "minimum": 10, "maximum": 5 })),
            parameter("Count", json!({ "type": "integer", "minimum": 1, "default": 0 })),
            parameter("Flag", json!({ "type": "string", "default": "true" })),
            parameter("Level", json!({ "type": "integer", "enum": [1, "high"] })),
            parameter(
                "Open",
                json!({ "type": "integer", "minimum": 0, "exclusiveMinimum": true, "exclusiveMaximum": 10 })
            ),
            parameter("Name", json!({ "type": "string", "minLength": 2, "maxLength": 8 })),
        ]),
        object(json!({})),
    );
    let expected = [
        r#"{"name":"Port","type":"i32"}"#,
        r#"{"name":"Size","type":"i32"}"#,
        r#"{"name":"Count","type":"i32","min":1}"#,
        r#"{"name":"Flag","type":"string"}"#,
        r#"{"name":"Level","type":"i32","values":[1]}"#,
        r#"{"name":"Open","type":"i32","min":1,"max":9}"#,
        r#"{"name":"Name","type":"string","min_length":2,"max_length":8}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    let expected = [
        "CreateThing request Port: `pattern` ^[0-9]+$: the type is i32",
        "CreateThing request Port: `maxLength` 5: the type is i32",
        "CreateThing request Port: `maxItems` 3: the member is not a list",
        "CreateThing request Size: `minimum` 10: it is greater than the maximum",
        "CreateThing request Size: `maximum` 5: it is less than the minimum",
        "CreateThing request Count: `default` 0: it does not fit the type and the limits",
        "CreateThing request Flag: `default` true: it is a Boolean, but the parameter is a string that may have other values",
        "CreateThing request Level: value `high` is not of type `i32`",
    ];
    assert_eq!(decided(&report, Decision::Fact), expected);
}

#[test]
fn secrets_and_limited_lists_of_ids_are_marked() {
    let ids = |max: u32| json!({ "type": "array", "maxItems": max, "items": text() });
    let docs = apis(json!({
        "CreateThing": { "parameters": [parameter("DbPassword", text()), styled("ThingId", "repeatList", ids(9))] },
        "GetThing": { "parameters": [parameter("DbPassword", json!({ "type": "boolean" }))] },
    }));
    let (tree, report) = imported(&docs, &tree([]));
    let create = &tree.operations["CreateThing"].request;
    assert!(create[0].sensitive && create[1].undivided.is_some() && !create[1].batch);
    assert!(tree.operations["GetThing"].request[0].public.is_some());
    assert_eq!(decided(&report, Decision::Secret).len(), 2);
    assert_eq!(decided(&report, Decision::Batch).len(), 1);
}

#[test]
fn facts_about_operations_are_checked_against_what_the_sdk_does() {
    let docs = apis(json!({
        "DescribeA": { "operationType": "write", "methods": ["get"], "security": [{ "Anonymous": [] }] },
        "StartB": { "operationType": "read", "methods": ["get", "post"], "security": [{ "AK": [] }] },
        "ListC": { "operationType": "read", "security": [{ "BearerToken": [] }] },
        "UpdateD": { "methods": ["put"], "security": [{ "Anonymous": [] }, { "AK": [] }] },
        "StopE": { "methods": ["delete"] },
        "GetF": { "methods": ["head"] },
    }));
    let (tree, report) = imported(&docs, &tree([]));
    assert!(tree.operations["DescribeA"].read && !tree.operations["StartB"].read);
    assert_eq!(decided(&report, Decision::Read).len(), 2);
    let methods = ["DescribeA", "StartB", "UpdateD", "StopE", "GetF"].map(|name| tree.operations[name].method);
    assert_eq!(methods, [Some(Method::Get), None, Some(Method::Put), Some(Method::Delete), None]);
    let notes = decided(&report, Decision::Method);
    assert!(notes[0].contains("lists only GET; sent as GET"), "{notes:?}");
    assert!(notes[3].contains("lists only HEAD; sent as POST nevertheless"), "{notes:?}");
    let anonymous: Vec<&String> = tree.operations.values().filter(|o| o.anonymous).map(|o| &o.operation).collect();
    assert_eq!(anonymous, ["DescribeA"]);
    assert_eq!(decided(&report, Decision::Anonymous).len(), 3);
}

#[test]
fn methods_and_signatures_of_known_operations_change_only_if_accepted() {
    let docs = apis(json!({ "DescribeA": { "methods": ["get"], "security": [{ "Anonymous": [] }] } }));
    let (first, _) = imported(&apis(json!({ "DescribeA": {} })), &tree([]));
    let (kept, report) = imported(&docs, &first);
    assert_eq!((kept.operations["DescribeA"].method, kept.operations["DescribeA"].anonymous), (None, false));
    assert_eq!(report.count(Kind::Differs), 2, "{report}");
    let accepted = import_with(Policy::Accept, &docs, None, &first);
    assert_eq!((accepted.operations[0].method, accepted.operations[0].anonymous), (Some(Method::Get), true));
}

#[test]
fn json_of_unknown_members_is_sent_as_callers_write_it() {
    let free = |values: Value| json!({ "type": "object", "additionalProperties": values });
    let (operation, report) = decide(
        "StartThing",
        json!([
            styled("Unknown", "json", json!({ "type": "object" })),
            styled("Objects", "json", free(json!({ "type": "object" }))),
            styled("Any", "json", free(json!({ "type": "any" }))),
            styled("Texts", "json", free(text())),
            styled("Known", "json", object(json!({ "Free": { "type": "object" } }))),
            styled("Flat", "flat", json!({ "type": "object" })),
        ]),
        object(json!({})),
    );
    let fields: Vec<String> =
        operation.request.iter().map(|f| format!("{} {} {:?}", f.name, f.ty.name(), f.wire)).collect();
    let json = Some("json");
    let expected = [
        ("Unknown", "string", None),
        ("Objects", "string", None),
        ("Any", "string", None),
        ("Texts", "map", json),
        ("Known", "Known", json),
        ("Flat", "map", None),
    ];
    assert_eq!(fields, expected.map(|(name, ty, wire)| format!("{name} {ty} {wire:?}")));
    assert_eq!(decided(&report, Decision::FreeForm).len(), 4, "{report}");
}

#[test]
fn samples_are_compared_with_the_types_and_not_kept() {
    let sample =
        r#"{ "RequestId": "1", "Count": "7", "Thing": "bare", "List": 5, "Names": { "Name": ["a"] }, "New": 1 }"#;
    let demo = json!([{ "type": "json", "example": sample }]).to_string();
    let response = object(json!({
        "Count": { "type": "integer" },
        "Thing": object(json!({ "Id": text() })),
        "List": list(text()),
        "Names": object(json!({ "Name": list(text()) })),
    }));
    let docs = apis(json!({ "GetThing": { "responseDemo": demo, "responses": { "200": { "schema": response } } } }));
    let (_, report) = imported(&docs, &tree([]));
    let expected = [
        "GetThing response Thing: a string in the sample, a struct in the types",
        "GetThing response List: a number in the sample, a list in the types",
        "GetThing response New: in the sample, but not in the types",
    ];
    assert_eq!(decided(&report, Decision::Sample), expected);
}

#[test]
fn names_that_no_file_can_have_are_changed_and_the_wire_name_is_kept() {
    let file = whole(json!({ "createThing": {}, "CreateThing": {}, "Get-Thing": {} }));
    let docs = parsed(&file).expect("an API");
    let (tree, report) = imported(&docs, &tree([]));
    let wires: Vec<_> =
        tree.operations.iter().map(|(name, operation)| (name.as_str(), operation.wire.as_deref())).collect();
    assert_eq!(wires, [("CreateThing", None), ("CreateThing2", Some("createThing")), ("GetThing", Some("Get-Thing"))]);
    assert_eq!(decided(&report, Decision::OperationName).len(), 2);
}

#[test]
fn operations_that_are_no_rpc_calls_are_left_out() {
    let header = json!([{ "name": "Content-Type", "in": "header", "schema": { "type": "string" } }]);
    let file = whole(json!({ "A": {}, "B": { "path": "/V2/B" }, "C": { "parameters": header } }));
    let (tree, report) = imported(&parsed(&file).expect("an API"), &tree([]));
    assert_eq!(tree.operations.keys().collect::<Vec<_>>(), ["A"]);
    let expected = [
        "B : it has the path `/V2/B`, and RPC calls have none",
        "C : its parameter `Content-Type` is sent in the header, not in the query or form",
    ];
    assert_eq!(decided(&report, Decision::LeftOut), expected);
}

#[test]
fn other_files_are_rejected_with_what_they_are() {
    let info = |style: &str| json!({ "style": style, "product": "CS", "version": "2015-12-15" });
    let of_version = |version: &str| json!({ "info": { "product": "X", "version": version }, "apis": { "A": {} } });
    for (text, expected) in [
        (json!({ "info": info("ROA"), "apis": { "A": {}, "B": {} } }).to_string(), "the style ROA, with 2 operations"),
        (json!({ "info": info("RPC"), "apis": {} }).to_string(), "`apis` has no operations"),
        (json!({ "info": info("RPC"), "apis": [] }).to_string(), "`apis` has no operations"),
        (json!({ "info": info("RPC"), "apis": { "A": { "path": "/a" } } }).to_string(), "none of the 1 operation"),
        (json!({ "info": { "style": "RPC" }, "apis": { "A": {} } }).to_string(), "`info` names no `product`"),
        (json!({ "openapi": "3.0.1", "info": {}, "paths": {} }).to_string(), "an OpenAPI 3.0.1 document"),
        (json!({ "swagger": "2.0" }).to_string(), "a Swagger document"),
        (
            json!({ "name": "A", "protocol": "HTTPS", "parameters": [] }).to_string(),
            "the metadata of a single operation",
        ),
        (json!({ "products": [] }).to_string(), "an object with `products`"),
        ("{}".to_owned(), "an empty object"),
        ("[]".to_owned(), "a JSON list"),
        ("5".to_owned(), "a JSON value that is not an object"),
        (String::new(), "the file is empty"),
        ("<!DOCTYPE html>".to_owned(), "a page of HTML or XML"),
        ("# Title".to_owned(), "this is not JSON"),
        ("{\"info\": ".to_owned(), "invalid JSON"),
        (of_version("2020-13-99").to_string(), "invalid version `2020-13-99` in `info`: expected a date"),
        (of_version("2020-12-00").to_string(), "invalid version `2020-12-00`"),
        (of_version("latest").to_string(), "invalid version `latest`"),
        (of_version("2020-12").to_string(), "invalid version `2020-12`"),
    ] {
        let error = parse_api(Path::new("x.json"), &text).expect_err(&text);
        assert!(error.to_string().starts_with("x.json: ") && error.message.contains(expected), "{error}");
    }
    assert!(parse_api(Path::new("x.json"), &format!("\u{feff}{}", whole(json!({ "A": {} })))).is_ok());
    // A product has this version, although September has 30 days.
    assert!(parsed(&of_version("2021-09-31")).is_ok());
}

#[test]
fn a_plan_and_a_file_of_another_service_write_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, specs) = (folder.path().join("api-docs.json"), folder.path().join("specs"));
    let docs = "{\n\"info\": { \"product\": \"Ecs\", \"version\": \"2014-05-26\" },\n\"apis\": {\n\"StartThing\": \
                { \"operationType\": \"read\" }\n} }";
    fs::write(&file, docs).expect("written");
    let planned = plan(Policy::Add, &file, &specs, &specs.join("rpc.json"), "ecs", None).expect("a plan");
    assert_eq!(planned.report.written.len(), 1);
    assert!(!specs.exists());
    let text = planned.report.to_string();
    assert!(text.contains("1 file would be written"), "{text}");
    assert!(text.contains(&format!("({}:4:", file.display())), "{text}");
    let json = planned.report.to_json();
    assert_eq!((&json["planned"], &json["entries"][1]["decision"]), (&json!(true), &json!("read")));
    fs::create_dir_all(specs.join("ecs")).expect("a folder");
    for (product, version, expected) in [
        ("Vpc", "2014-05-26", "the file is of the product Ecs, but the service `ecs` is Vpc"),
        ("Ecs", "2016-03-14", "but the service `ecs` is of version 2016-03-14"),
    ] {
        let service = Service { product: product.to_owned(), version: version.to_owned(), ..service(&["things"]) };
        fs::write(specs.join("ecs/service.json"), ecs_codegen::fmt::service(&service)).expect("written");
        let error =
            plan(Policy::Add, &file, &specs, &specs.join("rpc.json"), "ecs", None).expect_err("another service");
        assert!(error.message.contains(expected), "{error}");
    }
}

#[test]
fn names_and_codes_that_nobody_can_type_are_cleaned_or_left_out() {
    let file = whole(json!({ "GetThing": {
        "parameters": [
            parameter("", text()), parameter("Status Code", text()), parameter("名称", text()), parameter(" Name ", text()),
            parameter("RegionId", json!({ "type": "integer" })),
            parameter("Kind", json!({ "type": "string", "enum": ["a\u{200b}", "b"], "default": "b\tc" })),
        ],
        "errorCodes": { "4003": [{ "errorCode": "400\tBad.Thing" }, { "errorCode": " " }], "x": [{ "errorCode": "Odd" }] },
    } }));
    let (tree, report) = imported(&parsed(&file).expect("an API"), &tree([]));
    let operation = &tree.operations["GetThing"];
    assert_eq!(names(&operation.request), ["Name", "RegionId", "Kind"]);
    assert!(operation.request[1].skip.is_some());
    let codes: Vec<_> = operation.errors.iter().map(|error| (error.http, error.code.as_str())).collect();
    assert_eq!(codes, [(400, "Bad.Thing")]);
    assert_eq!(decided(&report, Decision::Parameter).len(), 4);
    assert_eq!(decided(&report, Decision::Fact).len(), 5);
}

/// A component with two members of its own type, one of them a list, would otherwise be unfolded to millions of structs.
#[test]
fn components_that_contain_themselves_are_unfolded_a_few_levels() {
    let query = || json!({ "$ref": "#/components/schemas/Query" });
    let properties = json!({ "Field": text(), "Not": query(), "Any": list(query()) });
    let parameter = styled("Query", "json", query());
    let docs = parse(json!({
        "info": { "product": "Ecs", "version": "2014-05-26" },
        "components": { "schemas": { "Query": object(properties) } },
        "apis": { "Find": { "parameters": [parameter], "responses": { "200": { "schema": query() } } } },
    }));
    let import = import(&docs, None, &tree([]));
    let operation = &import.operations[0];
    assert!(operation.types.len() < 30, "{}", operation.types.len());
    let notes = decided(&import.report, Decision::FreeForm);
    assert!(notes.iter().any(|note| note.contains("`Query` contains itself")), "{notes:?}");
}

#[test]
fn a_required_parameter_has_no_default() {
    let docs = api(
        "StopThing",
        json!([parameter("Mode", json!({ "type": "string", "required": true, "default": "slow" }))]),
        object(json!({})),
    );
    let (existing, report) = imported(&docs, &tree([]));
    let field = &existing.operations["StopThing"].request[0];
    assert!(field.required && field.default.is_none() && field.decided.contains_key("default"), "{field:?}");
    assert_eq!(report.decisions(Decision::Fact).count(), 1, "{report}");
    let (again, report) = imported(&docs, &existing);
    assert!(again == existing && report.is_unchanged(), "{report}");
}

#[test]
fn empty_objects_may_be_empty_lists() {
    let docs = parsed(&json!({
        "info": { "style": "RPC", "product": "Ecs", "version": "2014-05-26" },
        "components": { "schemas": [] },
        "apis": { "StopThing": { "responses": [], "errorCodes": [], "parameters": [
            parameter("Id", json!({ "type": "object", "properties": [] })),
        ] } },
    }));
    assert_eq!(docs.unwrap().apis.len(), 1);
}

#[test]
fn names_that_no_file_or_source_can_have_are_rejected_or_left_out() {
    let long = format!("Describe{}", "A".repeat(200));
    let docs = parsed(&whole(json!({ long.as_str(): {}, "StopThing": {} }))).unwrap();
    let kept: Vec<&String> = docs.apis.keys().collect();
    assert_eq!(kept, ["StopThing"]);
    assert!(docs.left_out[&long].contains("208 bytes"), "{:?}", docs.left_out);
    for key in ["product", "version"] {
        let mut file = whole(json!({ "StopThing": {} }));
        file["info"][key] = json!("a\u{0}b");
        let error = parsed(&file).unwrap_err();
        assert_eq!(error.message, format!("the `{key}` in `info` contains an invisible character"));
    }
}
