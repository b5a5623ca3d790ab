//! Values of published files that specs cannot have, or that do not have the layout: the rest of the file is imported, and each of
//! them is reported with its place.

use std::fs;
use std::path::Path;

use ecs_codegen::import::{Decision, Kind, parse_api, plan};

use super::decisions::{decide, decided, parsed, text, whole};
use super::*;

/// The import of a file into an empty tree, with the places of its report located in the file.
fn imported_file(file: &str) -> (ExistingTree, Report) {
    let docs = parse_api(Path::new("x.json"), file).unwrap_or_else(|error| panic!("{error}"));
    let (tree, mut report) = imported(&docs, &tree([]));
    report.locate(Path::new("x.json"), file);
    (tree, report)
}

#[test]
fn values_of_a_wrong_json_type_are_ignored_and_the_rest_is_imported() {
    let file = r##"{
  "info": { "style": "RPC", "product": "Ecs", "version": "2014-05-26" },
  "directories": [7, { "title": 5, "children": ["StopThing"] }],
  "components": { "schemas": { "Disk": "none", "Size": { "type": ["integer"], "format": "int64" } } },
  "endpoints": [null, { "regionId": 5, "endpoint": "ecs.aliyuncs.com" }],
  "apis": {
    "Nothing": null,
    "Words": "GET",
    "StopThing": {
      "methods": ["post", 5],
      "security": [5],
      "deprecated": "yes",
      "parameters": [
        null,
        { "name": 5, "in": "query", "schema": { "type": "string" } },
        { "in": "query", "schema": { "type": "string" } },
        { "name": "Plain", "in": "query" },
        { "name": "Kind", "in": "query", "schema": { "type": 7, "enum": "fast", "pattern": 5, "base64": "no" } },
        { "name": "Disk", "in": "query", "schema": { "type": "object", "properties": { "Size": [1], "Id": { "type": "string" } } } },
        { "name": "Last", "in": "query", "schema": { "type": "integer", "maximum": {}, "maxItems": 3 } }
      ],
      "responses": { "200": { "schema": { "type": "object", "properties": { "Count": { "$ref": "#/components/schemas/Size" } } } }, "300": null },
      "errorCodes": { "403": [{ "errorCode": 403 }, 5, { "errorCode": "Denied" }], "404": {} }
    }
  }
}"##;
    let (tree, report) = imported_file(file);
    assert_eq!(tree.operations.keys().collect::<Vec<_>>(), ["StopThing"]);
    let operation = &tree.operations["StopThing"];
    assert_eq!(names(&operation.request), ["Plain", "Kind", "Disk", "Last"]);
    assert_eq!(names(fields_of(&operation.types, "Disk")), ["Id"]);
    assert_eq!(names(&operation.response), ["Count"]);
    assert_eq!(operation.errors.iter().map(|error| error.code.as_str()).collect::<Vec<_>>(), ["Denied"]);
    let expected = ["Nothing : it is null; expected an object", "Words : it is a string; expected an object"];
    assert_eq!(decided(&report, Decision::LeftOut), expected);
    let expected = [
        "file directories.1.title: a number; expected a string; ignored",
        "file components.schemas.Disk: a string; expected an object; ignored",
        "file components.schemas.Size.type: a list; expected a string; ignored",
        "file endpoints.0: null; expected an object; ignored",
        "file endpoints.1.regionId: a number; expected a string; ignored",
        "StopThing methods.1: a number; expected a string; ignored",
        "StopThing security.0: a number; expected an object; ignored",
        "StopThing deprecated: a string; expected a Boolean; ignored",
        "StopThing parameters.0: null; expected an object; ignored",
        "StopThing parameters.1.name: a number; expected a string; ignored",
        "StopThing parameters.4.schema.type: a number; expected a string; ignored",
        "StopThing parameters.4.schema.enum: a string; expected a list; ignored",
        "StopThing parameters.4.schema.pattern: a number; expected a string; ignored",
        "StopThing parameters.4.schema.base64: a string; expected a Boolean; ignored",
        "StopThing parameters.5.schema.properties.Size: a list; expected an object; ignored",
        "StopThing responses.300: null; expected an object; ignored",
        "StopThing errorCodes.403.0.errorCode: a number; expected a string; ignored",
        "StopThing errorCodes.403.1: a number; expected an object; ignored",
        "StopThing errorCodes.404: an object; expected a list; ignored",
    ];
    assert_eq!(decided(&report, Decision::Malformed), expected);
    let left_out = "StopThing request: left out: the parameter has no name";
    assert_eq!(decided(&report, Decision::Parameter), [left_out, left_out]);
    // The places of the file are those of the values, even behind one that is ignored.
    let place = |path: &str| report.entries.iter().find(|entry| entry.path == path).map(|entry| entry.place.as_str());
    assert_eq!(place("request Last"), Some("x.json:20:52"));
    assert_eq!(place("errorCodes.403.0.errorCode"), Some("x.json:23:46"));
    assert_eq!(place("components.schemas.Disk"), Some("x.json:4:40"));
}

#[test]
fn names_that_are_equal_without_their_blanks_are_one_member() {
    let members = object(json!({ "Key": text(), " Key": list(text()) }));
    let docs = api("StopThing", json!([styled("Tag", "repeatList", list(members.clone()))]), members);
    let (first, report) = imported(&docs, &tree([]));
    let operation = &first.operations["StopThing"];
    assert_eq!(written(&operation.response), [r#"{"name":"Key","type":"string"}"#]);
    assert_eq!(names(fields_of(&operation.types, "Tag")), ["Key"]);
    let twice = |path: &str| format!("StopThing {path}: listed twice; the first one is used");
    assert_eq!(decided(&report, Decision::Parameter), [twice("request Tag[].Key"), twice("response Key")]);
    let (second, report) = accepted(&docs, &first);
    assert!(second == first && report.is_unchanged(), "{report}");
}

#[test]
fn values_of_a_wrong_json_type_are_reported_by_every_import() {
    let docs = parsed(&whole(json!({ "StopThing": { "errorCodes": { "403": [{ "errorCode": 403 }] } } }))).unwrap();
    let (first, _) = imported(&docs, &tree([]));
    let (second, report) = imported(&docs, &first);
    assert!(second == first && report.is_unchanged(), "{report}");
    assert_eq!(decided(&report, Decision::Malformed).len(), 1, "{report}");
}

/// Replaces the value at a path.
fn replaced(value: &Value, path: &[String], new: &Value) -> Value {
    let mut value = value.clone();
    let mut part = &mut value;
    for key in path {
        part = match part {
            Value::Array(list) => &mut list[key.parse::<usize>().expect("an index")],
            part => &mut part[key.as_str()],
        };
    }
    *part = new.clone();
    value
}

/// The paths of all values in a value.
fn paths(value: &Value) -> Vec<Vec<String>> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, child)| (key.clone(), child)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, child)| (index.to_string(), child)).collect(),
        _ => Vec::new(),
    };
    let below = |(key, child): (String, &Value)| {
        let paths = paths(child).into_iter().map(move |path| [vec![key.clone()], path].concat());
        paths.collect::<Vec<_>>()
    };
    std::iter::once(Vec::new()).chain(children.into_iter().flat_map(below)).collect()
}

#[test]
fn a_value_of_any_json_type_at_any_place_leaves_the_other_operations() {
    let schema = json!({ "type": "object", "required": ["Id"], "properties": {
        "Id": { "type": "string", "enum": ["a"], "pattern": "^a", "minLength": 1, "default": "a", "example": "a" },
        "Time": { "type": "string", "timePattern": "yyyy-MM-dd", "base64": true, "deprecated": true, "replacedBy": "Id" },
        "Sizes": { "type": "array", "minItems": 1, "items": { "type": "integer", "minimum": 1, "exclusiveMaximum": true } },
        "More": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/More" } },
    } });
    let file = json!({
        "info": { "style": "RPC", "product": "Ecs", "version": "2014-05-26" },
        "directories": [{ "title": "Things", "children": ["GetThing", { "title": "Other", "children": ["StopThing"] }] }],
        "components": { "schemas": { "More": { "type": "string", "format": "x", "visibility": "Public" } } },
        "endpoints": [{ "regionId": "cn-a", "endpoint": "ecs.cn-a.example.com", "vpc": "ecs-vpc.cn-a.example.com" }],
        "apis": {
            "StopThing": {},
            "GetThing": {
                "path": "", "methods": ["get"], "operationType": "read", "security": [{ "AK": [] }], "deprecated": true,
                "replacedBy": "GetThings", "visibility": "restricted", "responseDemo": "[]",
                "parameters": [{ "name": "Thing", "in": "query", "style": "json", "schema": schema.clone() }],
                "responses": { "200": { "schema": schema } },
                "errorCodes": { "404": [{ "errorCode": "Gone" }] },
            },
        },
    });
    let is_needed = |path: &[String]| path.len() < 2 && path.first().is_none_or(|key| key == "info" || key == "apis");
    let values =
        [json!(null), json!(true), json!(-5), json!("x y"), json!([]), json!([[null]]), json!({}), json!({ "x": [] })];
    for path in paths(&file).into_iter().filter(|path| !is_needed(path) && path[0] != "info") {
        for new in &values {
            let shown = || format!("{} = {new}", path.join("."));
            let docs = parsed(&replaced(&file, &path, new)).unwrap_or_else(|error| panic!("{}: {error}", shown()));
            let (tree, report) = imported(&docs, &tree([]));
            let is_left_out = |name: &str| report.decisions(Decision::LeftOut).any(|entry| entry.owner == name);
            for name in ["StopThing", "GetThing"] {
                assert!(tree.operations.contains_key(name) || is_left_out(name), "{}: {report}", shown());
                assert!(tree.operations.contains_key(name) || path[1..].contains(&name.to_owned()), "{}", shown());
            }
        }
    }
}

#[test]
fn of_keys_that_are_listed_twice_the_last_one_is_used() {
    let file = r#"{ "info": { "product": "Ecs", "version": "2014-05-26" }, "apis": {
  "StopThing": { "deprecated": true },
  "StartThing": {},
  "StopThing": {} } }"#;
    let (tree, report) = imported_file(file);
    assert_eq!(tree.operations.len(), 2);
    assert!(!tree.operations["StopThing"].deprecated);
    let expected = ["file apis.StopThing: listed twice; the last one is used"];
    assert_eq!(decided(&report, Decision::Malformed), expected);
    assert_eq!(report.decisions(Decision::Malformed).next().unwrap().place, "x.json:4:3");
}

#[test]
fn listed_values_that_are_left_out_are_reported() {
    let values = |values: Value| json!({ "type": "string", "enum": values });
    let (operation, report) = decide(
        "CreateThing",
        json!([
            parameter("Protocol", values(json!(["http", "tcp", "HTTP", "tcp", "", null, ["udp"]]))),
            parameter("Enabled", json!({ "type": "boolean", "enum": [true, "maybe"] })),
        ]),
        object(json!({})),
    );
    assert_eq!(values_of(&operation.types[0]), ["http", "tcp"]);
    let expected = [
        "CreateThing request Protocol: value `HTTP` is left out: it differs from `http` in letter case only",
        "CreateThing request Protocol: the empty value is left out",
        "CreateThing request Protocol: value null is left out: it is not a string, a number or a Boolean",
        "CreateThing request Protocol: value [\"udp\"] is left out: it is not a string, a number or a Boolean",
        "CreateThing request Enabled: value `maybe` is not a Boolean",
    ];
    assert_eq!(decided(&report, Decision::Fact), expected);
    assert!(report.decisions(Decision::Fact).all(|entry| entry.place.starts_with("apis.CreateThing.parameters.")));
}

#[test]
fn responses_that_are_not_structs_are_reported() {
    for (schema, expected) in [
        (list(text()), "the response is a list, which specs cannot describe"),
        (text(), "the response is a value of the type `string`, which"),
        (json!({ "type": "object", "additionalProperties": text() }), "the response is a map, which"),
        (
            json!({ "$ref": "#/components/schemas/Gone" }),
            "the response is `#/components/schemas/Gone`, which the file lacks",
        ),
    ] {
        let (operation, report) = decide("GetThing", json!([]), schema);
        assert!(operation.response.is_empty());
        let found = decided(&report, Decision::FreeForm);
        assert!(found.len() == 1 && found[0].starts_with(&format!("GetThing response: {expected}")), "{found:?}");
        assert_eq!(report.decisions(Decision::FreeForm).next().unwrap().place, "apis.GetThing.responses.200.schema");
    }
    for schema in [object(json!({})), json!({ "type": "object" }), json!({}), object(json!({ "Id": text() }))] {
        let (_, report) = decide("GetThing", json!([]), schema);
        assert_eq!(decided(&report, Decision::FreeForm), [""; 0]);
    }
}

#[test]
fn maps_of_other_values_than_strings_are_reported() {
    let map = |values: Value| json!({ "type": "object", "additionalProperties": values });
    let number = || json!({ "type": "integer" });
    let more = json!({ "type": "object", "properties": { "Id": text() }, "additionalProperties": number() });
    let (operation, report) = decide(
        "GetThing",
        json!([styled("Sizes", "flat", map(number())), styled("Tags", "flat", map(text()))]),
        object(json!({
            "Sizes": map(number()),
            "Disks": map(object(json!({ "Id": text() }))),
            "Texts": map(text()),
            "More": more,
            "Closed": { "type": "object", "properties": { "Id": text() }, "additionalProperties": false },
        })),
    );
    let types: Vec<&str> = operation.response.iter().map(|field| field.ty.name()).collect();
    assert_eq!(types, ["map", "map", "map", "More", "Closed"]);
    let expected = [
        "GetThing request Sizes: a map of integers; its values are sent as strings",
        "GetThing response Sizes: a map of integers; its values are read as strings",
        "GetThing response Disks: a map of objects; each one is read as the text of its JSON",
        "GetThing response More: an object with listed and other members; the other ones are left out",
    ];
    assert_eq!(decided(&report, Decision::FreeForm), expected);
}

#[test]
fn types_that_are_not_stated_or_unknown_are_reported() {
    let docs = parse(json!({
        "info": { "product": "Ecs", "version": "2014-05-26" },
        "apis": { "GetThing": { "parameters": [
            parameter("Plain", json!({})),
            parameter("File", json!({ "type": "file" })),
            parameter("Lost", json!({ "$ref": "#/components/schemas/Lost" })),
            parameter("Odd", json!({ "type": "string", "properties": { "Id": text() } })),
            styled("Ids", "json", json!({ "type": "array" })),
        ] } },
    }));
    let (tree, report) = imported(&docs, &tree([]));
    assert!(tree.operations["GetThing"].request.iter().all(|field| field.ty.name() == "string"));
    let expected = [
        "GetThing request Plain: the file states no type; a string",
        "GetThing request File: specs have no type `file`; a string",
        "GetThing request Lost: refers to `#/components/schemas/Lost`, which the file lacks; a string",
        "GetThing request Odd: its members are left out: its type is `string`",
        "GetThing request Ids: the file states no type of the elements; a list of strings",
    ];
    assert_eq!(decided(&report, Decision::FreeForm), expected);
}

#[test]
fn defaults_limits_and_codes_that_cannot_be_used_are_reported() {
    let docs = apis(json!({ "GetThing": {
        "parameters": [
            parameter("Size", json!({ "type": "integer", "default": "much", "minimum": "few", "maximum": 9 })),
            parameter("Name", json!({ "type": "string", "default": "", "minimum": 1, "maxLength": -1 })),
            parameter("Rule", json!({ "type": "object", "properties": { "Id": text() }, "default": "{}" })),
            parameter("Level", json!({ "type": "integer", "minimum": 1, "enum": [0, 1] })),
        ],
        "errorCodes": { "soon": [{ "errorCode": "Odd" }], "400": [{ "errorCode": "--" }, {}] },
    } }));
    let (_, report) = imported(&docs, &tree([]));
    let expected = [
        "GetThing request Size: `default` \"much\" does not fit the type",
        "GetThing request Size: `minimum` \"few\" is not a number",
        "GetThing request Name: `minimum` 1 of a member of the type `string`",
        "GetThing request Name: `maxLength` -1 is not a count",
        "GetThing request Rule: `default` \"{}\" does not fit the type",
        "GetThing request Level: `enum` 0: it does not fit the type and the limits",
        "GetThing errors soon: left out with its codes: it is not an HTTP status",
        "GetThing error 400: the code `--` is left out: it has neither a letter nor a digit",
        "GetThing error 400: an error without a code is left out",
    ];
    assert_eq!(decided(&report, Decision::Fact), expected);
}

#[test]
fn names_with_an_empty_part_are_not_folded() {
    let disk = object(json!({ "Size": text() }));
    let (operation, report) = decide(
        "GetThing",
        json!([
            styled("Y", "flat", disk),
            parameter("Y..Z", text()),
            parameter("Y.", text()),
            parameter("Y.Z", text())
        ]),
        object(json!({})),
    );
    assert_eq!(names(fields_of(&operation.types, "Y")), ["Size", "Z"]);
    let expected =
        ["GetThing request Y..Z: left out: `Y..Z` is not a name", "GetThing request Y.: left out: `Y.` is not a name"];
    assert_eq!(decided(&report, Decision::Parameter), expected);
}

/// A name could otherwise add lines to a report, or turn its text around.
#[test]
fn characters_that_are_invisible_are_escaped_in_reports_and_errors() {
    let odd = "Get\u{202e}Thing\nDone";
    let docs = parsed(&whole(json!({
        odd: {}, "B": { "path": "/\u{1b}[2J" },
        "GetThing": { "parameters": [parameter("Na\u{7}me", text()), parameter("Size", json!({ "type": "a\nb" }))] },
    })))
    .unwrap();
    let (tree, report) = imported(&docs, &tree([]));
    let shown = report.to_string();
    assert!(!shown.contains(['\u{202e}', '\u{1b}', '\u{7}']) && !shown.contains("\nDone"), "{shown}");
    for expected in [r"Get\u{202e}Thing\nDone", r"`/\u{1b}[2J`", r"request Na\u{7}me", r"`a\nb`"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let found = drift(&docs, &tree).to_string();
    assert!(!found.contains('\u{202e}'), "{found}");
    for file in [
        json!({ "info": { "style": "R\u{1b}OA", "product": "X", "version": "2020-01-01" }, "apis": { "A": {} } }),
        json!({ "openapi": "3\u{1b}" }),
        json!({ "a\u{1b}\nb": 1 }),
        whole(json!({ "B": { "path": "/\u{1b}" } })),
    ] {
        let error = parsed(&file).unwrap_err().to_string();
        assert!(error.contains(r"\u{1b}") && !error.contains(['\u{1b}', '\n']), "{error}");
    }
}

#[test]
fn invisible_characters_of_titles_and_names_are_removed_and_reported() {
    let mut file = whole(json!({ "StopThing": { "deprecated": true, "replacedBy": "A\u{200b}B" } }));
    file["directories"] =
        json!([{ "title": "Rooms", "children": [{ "title": "Th\u{200b}ings", "children": ["StopThing"] }] }]);
    let (tree, report) = imported(&parsed(&file).unwrap(), &tree([]));
    assert_eq!(tree.operations["StopThing"].family, "things");
    let expected = [
        r"file directories.0.children.0.title: `Th\u{200b}ings` contains an invisible character, which is removed",
        r"StopThing replacedBy: `A\u{200b}B` contains an invisible character; ignored",
    ];
    assert_eq!(decided(&report, Decision::Malformed), expected);
}

#[test]
fn operators_get_distinct_names() {
    let variants = |values: Value| -> Vec<String> {
        let schema = json!({ "type": "string", "enum": values });
        let (operation, _) = decide("GetThing", json!([parameter("Operator", schema)]), object(json!({})));
        let ty = operation.types.values().next().unwrap();
        let rust = |value: &ecs_codegen::spec::EnumValue| match value {
            ecs_codegen::spec::EnumValue::Named(named) => named.rust.clone(),
            ecs_codegen::spec::EnumValue::Doc(_) => "-".to_owned(),
        };
        ty.values.iter().flat_map(|values| values.values()).map(rust).collect()
    };
    assert_eq!(variants(json!(["==", "="])), ["EqualEqual", "Equal"]);
    assert_eq!(variants(json!(["==", "!="])), ["Equal", "NotEqual"]);
    assert_eq!(variants(json!(["=~", "!~", "<>", "!="])), ["Matches", "NotMatches", "LessGreater", "NotEqual"]);
    assert_eq!(variants(json!([">=", "=>", "≥"])), ["GreaterOrEqual", "EqualGreater", "GreaterOrEqual3"]);
    assert_eq!(variants(json!(["&", "&&", "||", "|"])), ["And", "AndAnd", "OrOr", "Or"]);
    assert_eq!(variants(json!(["+", "-", "*", "/", "%"])), ["Plus", "Minus", "Times", "Slash", "Percent"]);
    assert_eq!(variants(json!(["===", "^", "**"])), ["EqualEqual", "Caret", "AnyAny"]);
}

#[test]
fn operations_that_differ_from_a_known_one_in_letter_case_only_are_left_out() {
    let (known, _) = imported(&apis(json!({ "StopThing": {} })), &tree([]));
    let (tree, report) = imported(&apis(json!({ "StopTHING": {} })), &known);
    assert_eq!(tree, known);
    let expected = ["StopTHING : it differs from `StopThing` of the specs in letter case only"];
    assert_eq!(decided(&report, Decision::LeftOut), expected);
}

/// Pages and api-docs files show such a fact even where the specs keep it.
#[test]
fn kept_facts_that_the_api_states_differently_are_differences() {
    let docs =
        api("GetThing", json!([parameter("Size", json!({ "type": "integer", "maximum": 8 }))]), object(json!({})));
    let (mut known, _) = imported(&docs, &tree([]));
    let field = &mut known.operations.get_mut("GetThing").unwrap().request[0];
    (field.max, field.default) = (Some(9.into()), Some(json!("5 in the specs, 6")));
    field.decided.insert("max".to_owned(), "Ours.".into());
    let (_, report) = imported(&docs, &known);
    let kept: Vec<_> = report.entries.iter().filter(|entry| entry.kind == Kind::Kept).collect();
    let found: Vec<_> = kept.iter().map(|entry| (entry.detail.as_str(), entry.is_difference)).collect();
    let expected = [("max 9 in the specs, 8 in the API, by decision", true), ("default 5 in the specs, 6", false)];
    assert_eq!(found, expected);
}

#[test]
fn a_plan_lists_odd_values_with_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let (file, specs) = (folder.path().join("api-docs.json"), folder.path().join("specs"));
    let docs = "{\n\"info\": { \"product\": \"Ecs\", \"version\": \"2014-05-26\" },\n\"apis\": {\n\"A\": null,\n\"StartThing\": {} } }";
    fs::write(&file, docs).unwrap();
    let planned = plan(Policy::Add, &file, &specs, &specs.join("rpc.json"), "ecs", None).unwrap();
    let text = planned.report.to_string();
    assert!(text.contains(&format!("A: it is null; expected an object ({}:4:1)", file.display())), "{text}");
}

#[test]
fn facts_beside_a_reference_are_used_or_reported() {
    let file = r##"{
  "info": { "product": "Ecs", "version": "2014-05-26" },
  "components": { "schemas": {
    "Size": { "type": "integer", "format": "int32", "minimum": 1, "maximum": 100, "example": "5" },
    "Code": { "type": "string", "pattern": "^[a-z]+$", "enum": ["a", "b"] },
    "When": { "type": "string" },
    "Disk": { "type": "object", "required": true, "properties": { "Size": { "$ref": "#/components/schemas/Size", "maximum": 9 } } }
  } },
  "apis": { "CreateThing": {
    "parameters": [
      { "name": "Size", "in": "query", "schema": { "$ref": "#/components/schemas/Size", "required": true, "docRequired": true,
        "deprecated": true, "replacedBy": "Disk", "visibility": "Restricted", "description": "x", "title": "x",
        "type": "integer", "minimum": 2, "maximum": 50, "format": "int64" } },
      { "name": "Code", "in": "query", "schema": { "$ref": "#/components/schemas/Code", "pattern": "^b$", "minLength": 1, "enum": ["b"] } },
      { "name": "StartTime", "in": "query", "schema": { "$ref": "#/components/schemas/When", "example": "2024-01-31T10:00:00Z" } },
      { "name": "Disk", "in": "query", "style": "flat", "schema": { "$ref": "#/components/schemas/Disk", "type": "string", "required": false,
        "properties": { "Extra": { "type": "string" } } } },
      { "name": "Ids", "in": "query", "style": "repeatList", "schema": { "type": "array", "items": { "$ref": "#/components/schemas/When", "maxLength": 5, "type": "integer" } } }
    ],
    "responses": { "200": { "schema": { "$ref": "#/components/schemas/Disk", "items": {} } } }
  } }
}"##;
    let (tree, report) = imported_file(file);
    let operation = &tree.operations["CreateThing"];
    let expected = [
        r#"{"name":"Size","type":"i32","required":true,"deprecated":true,"replaced_by":"Disk","visibility":"restricted","min":2,"max":50}"#,
        r#"{"name":"Code","type":"ThingCode"}"#,
        r#"{"name":"StartTime","type":"time","time":"yyyy-MM-ddTHH:mm:ssZ"}"#,
        r#"{"name":"Disk","type":"Disk"}"#,
        r#"{"name":"Ids","type":["string"],"wire":"repeat","max_length":5}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    assert_eq!(written(fields_of(&operation.types, "Disk")), [r#"{"name":"Size","type":"i32","min":1,"max":9}"#]);
    assert_eq!(values_of(&operation.types["ThingCode"]), ["b"]);
    let beside = |key: &str, name: &str| format!("`{key}` beside a reference is ignored: `{name}` states it");
    let expected = [
        (format!("request Size: {}", beside("format", "Size")), "x.json:13:67"),
        (format!("request Disk: {}", beside("type", "Disk")), "x.json:16:114"),
        (format!("request Disk: {}", beside("properties", "Disk")), "x.json:17:23"),
        (format!("request Ids: {}", beside("type", "When")), "x.json:18:163"),
        (format!("response: {}", beside("items", "Disk")), "x.json:20:87"),
    ];
    let entries = report.decisions(Decision::Fact).filter(|entry| entry.detail.contains("beside"));
    let line = |entry: &ecs_codegen::import::Entry| format!("{}: {}", entry.path, entry.detail);
    let found: Vec<(String, &str)> = entries.map(|entry| (line(entry), entry.place.as_str())).collect();
    assert_eq!(found, expected);
}
