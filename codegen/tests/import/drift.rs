//! `spec drift`: how the API and the specs differ.

use std::fs;
use std::path::Path;

use ecs_codegen::import::{Count, Published, read_published};

use super::*;

fn docs() -> ApiDocs {
    let text = json!({ "type": "string" });
    apis(json!({
        "DescribeThings": {
            "parameters": [parameter("Id", json!({ "type": "string", "required": true })), parameter("Mode", json!({ "type": "string", "enum": ["a", "b"] }))],
            "responses": { "200": { "schema": object(json!({
                "RequestId": text,
                "Things": object(json!({ "Thing": list(object(json!({ "Id": text, "Size": { "type": "integer" } }))) })),
            })) } },
        },
        "StopThing": { "parameters": [styled("Disk", "flat", object(json!({ "Id": text })))] },
    }))
}

#[test]
fn an_import_covers_everything() {
    let (tree, _) = imported(&docs(), &tree([]));
    let found = drift(&docs(), &tree);
    assert!(found.is_empty(), "{found}");
    assert_eq!(found.operations, Count { api: 2, specs: 2 });
    assert_eq!(found.parameters, Count { api: 4, specs: 4 });
    assert_eq!(found.response_fields, Count { api: 3, specs: 3 });
}

#[test]
fn a_time_of_the_specs_must_be_a_string_of_the_api() {
    let docs = |kind: &str| {
        let schema = json!({ "type": kind, "example": "2026-01-02T15:04Z" });
        api("ListThings", json!([parameter("EndTime", schema)]), object(json!({})))
    };
    let (mut tree, _) = imported(&docs("string"), &tree([]));
    assert!(drift(&docs("string"), &tree).is_empty());
    let [difference] = &drift(&docs("integer"), &tree).differences[..] else { panic!("one difference") };
    assert_eq!(difference.to_string(), "ListThings request EndTime: type time in the specs, i32 in the API");
    tree.operations.get_mut("ListThings").expect("the operation exists").request[0].ty =
        ecs_codegen::spec::TypeRef::default();
    assert!(drift(&docs("string"), &tree).is_empty());
}

#[test]
fn every_difference_is_listed() {
    let (mut tree, _) = imported(&docs(), &tree([]));
    tree.operations.remove("StopThing");
    tree.operations.insert("Other".to_owned(), Operation { operation: "Other".to_owned(), ..Operation::default() });
    let operation = tree.operations.get_mut("DescribeThings").expect("the operation exists");
    operation.deprecated = true;
    operation.request[0].required = false;
    operation.types["ThingMode"].values.as_mut().expect("an enum").shift_remove("b");
    operation.request.push(Field { name: "Extra".to_owned(), ..Field::default() });
    operation.response[0].wire = Some("list".to_owned());
    let thing = operation.types["Thing"].fields.as_mut().expect("a struct");
    thing[1].ty = ecs_codegen::spec::TypeRef::One("f64".to_owned());
    thing.remove(0);
    let expected = "\
operations: 1 of 2
parameters: 2 of 4
response fields: 2 of 3
9 differences, 0 decided, 0 skipped, 0 added from another source

missing in the specs (2)
  DescribeThings response Things[].Id: string
  StopThing: operation

only in the specs (2)
  DescribeThings request Extra: string
  Other: operation

deprecated (1)
  DescribeThings: deprecated true in the specs, false in the API

required (1)
  DescribeThings request Id: required false in the specs, true in the API

type (1)
  DescribeThings response Things[].Size: type f64 in the specs, i64 in the API

values (1)
  DescribeThings request Mode: values none in the specs, b in the API

wire (1)
  DescribeThings response Things[]: wire [Thing], wire list in the specs, [struct], wire wrapped:Thing in the API";
    assert_eq!(drift(&docs(), &tree).to_string(), expected);
}

#[test]
fn skipped_members_are_not_differences() {
    let (mut tree, _) = imported(&docs(), &tree([]));
    let disk = &mut tree.operations.get_mut("StopThing").expect("the operation exists").request[0];
    disk.skip = Some("the service ignores it".to_owned());
    disk.required = true;
    let found = drift(&docs(), &tree);
    assert!(found.is_empty());
    assert_eq!(found.skipped[0].to_string(), "StopThing request Disk: the service ignores it");
}

#[test]
fn fields_from_another_source_are_additions() {
    let (mut tree, _) = imported(&docs(), &tree([]));
    let extra = |name: &str| Field {
        name: name.to_owned(),
        source: Some("example-sdk 1.2, CreateThing".to_owned()),
        ..Field::default()
    };
    let operation = tree.operations.get_mut("DescribeThings").expect("the operation exists");
    operation.response.push(extra("FailedReason"));
    operation.types["Thing"].fields.as_mut().expect("a struct").push(extra("Price"));
    let found = drift(&docs(), &tree);
    assert!(found.is_empty(), "{found}");
    let additions: Vec<String> = found.additions.iter().map(ToString::to_string).collect();
    let expected = [
        "DescribeThings response Things[].Price: example-sdk 1.2, CreateThing",
        "DescribeThings response FailedReason: example-sdk 1.2, CreateThing",
    ];
    assert_eq!(additions, expected);
    let (again, report) = imported(&docs(), &tree);
    assert_eq!(again, tree, "an import keeps them");
    assert_eq!(lines(&report), [""; 0]);
}

#[test]
fn an_import_removes_the_source_of_a_field_that_the_api_has() {
    let (existing, _) = imported(&docs(), &tree([]));
    let mut sourced = existing.clone();
    let operation = sourced.operations.get_mut("DescribeThings").expect("the operation exists");
    operation.request[0].source = Some("example-sdk 1.2, CreateThing".to_owned());
    let found = drift(&docs(), &sourced);
    let differences: Vec<String> = found.differences.iter().map(ToString::to_string).collect();
    assert_eq!(differences, ["DescribeThings request Id: example-sdk 1.2, CreateThing"]);
    let (again, report) = imported(&docs(), &sourced);
    assert_eq!(again, sourced);
    let kept = "DescribeThings: ≠ request Id: has the source `example-sdk 1.2, CreateThing`, but the API has it now";
    assert_eq!(lines(&report), [kept]);
    let (again, report) = accepted(&docs(), &sourced);
    assert_eq!(again, existing);
    assert_eq!(lines(&report), ["DescribeThings: ~ request Id: source removed: the API has the field now"]);
}

#[test]
fn a_shared_struct_requires_what_all_its_uses_require() {
    let tag = |required: bool| object(json!({ "Key": { "type": "string", "required": required } }));
    let docs = apis(json!({
        "CreateThing": { "parameters": [styled("Tag", "repeatList", list(tag(true)))] },
        "DescribeThings": { "parameters": [styled("Tag", "repeatList", list(tag(false)))] },
    }));
    let shared = |required: bool| {
        let key = Field { name: "Key".to_owned(), required, ..Field::default() };
        let mut tree = tree([]);
        tree.types.insert("Tag".to_owned(), Type { fields: Some(vec![key]), ..Type::default() });
        tree
    };
    let (loose, _) = imported(&docs, &shared(false));
    assert_eq!(loose.operations["CreateThing"].request[0].ty.name(), "Tag");
    assert_eq!(loose.operations["DescribeThings"].request[0].ty.name(), "Tag");
    assert!(drift(&docs, &loose).is_empty());
    assert!(imported(&docs, &loose).1.is_unchanged());
    let mut strict = loose.clone();
    strict.types.clone_from(&shared(true).types);
    let found = drift(&docs, &strict);
    let detail = "required true in the specs, false in the API";
    assert_eq!(found.to_string().matches(detail).count(), 1, "{found}");
}

#[test]
fn limits_codes_and_decisions_are_compared() {
    let docs = |max: u32, code: &str| {
        let size = json!({ "type": "integer", "format": "int32", "maximum": max, "default": "1.0" });
        let mut docs = api("CreateThing", json!([parameter("Size", size)]), object(json!({})));
        docs.apis["CreateThing"].error_codes =
            serde_json::from_value(json!({ "404": [{ "errorCode": code }] })).expect("codes");
        docs
    };
    let mut operation = fresh(&docs(9, "NoThing"));
    assert!(drift(&docs(9, "NoThing"), &tree([operation.clone()])).is_empty());
    let found = drift(&docs(8, "NoSize"), &tree([operation.clone()]));
    let expected = [
        "CreateThing error 404 NoSize: error code",
        "CreateThing error 404 NoThing: error code",
        "CreateThing request Size: max 9 in the specs, 8 in the API",
    ];
    assert_eq!(found.differences.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    operation.request[0].decided.insert("max".to_owned(), "the descriptions agree on 9".into());
    let found = drift(&docs(8, "NoThing"), &tree([operation.clone()]));
    assert!(found.is_empty() && found.decided.len() == 1, "{found}");
    let found = drift(&docs(9, "NoThing"), &tree([operation]));
    let [needless] = &found.differences[..] else { panic!("{found}") };
    assert!(needless.to_string().contains("the decision about `max` no longer applies"), "{found}");
}

#[test]
fn the_notation_of_json_names_facts_and_both_values() {
    let docs = api("ListThings", json!([parameter("Size", json!({ "type": "integer" }))]), object(json!({})));
    let mut operation = fresh(&docs);
    operation.request[0].required = true;
    let found = serde_json::to_value(drift(&docs, &tree([operation]))).expect("plain data");
    let expected = json!([{
        "operation": "ListThings", "path": "request Size", "fact": "required", "ours": "true", "theirs": "false",
    }]);
    assert_eq!(found["differences"], expected);
    assert_eq!(found["operations"], json!({ "api": 1, "specs": 1 }));
}

/// Metadata of the CLI: a folder with one file per operation.
fn metadata(folder: &Path) {
    let files = [
        (
            "StartThing.json",
            r#"{ "name": "StartThing", "protocol": "HTTP|HTTPS", "method": "GET|POST", "pathPattern": "", "parameters": [
              { "name": "Id", "position": "Query", "type": "String", "required": true },
              { "name": "Ids", "position": "Query", "type": "String", "required": false },
              { "name": "Size", "position": "Query", "type": "Long", "required": false },
              { "name": "Names", "position": "Query", "type": "RepeatList", "required": false },
              { "name": "Parts", "position": "Query", "type": "RepeatList", "required": false },
              { "name": "Options", "position": "Query", "type": "Struct", "required": false },
              { "name": "Tag", "position": "Query", "type": "RepeatList", "required": false, "sub_parameters": [
                { "name": "Key", "position": "Query", "type": "String", "required": false } ] } ] }"#,
        ),
        ("StopThing.json", r#"{ "name": "StopThing", "parameters": null }"#),
        ("version.json", r#"{ "version": "2014-05-26", "style": "rpc", "apis": {} }"#),
    ];
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("written");
    }
}

/// The operation that the metadata describes, with more facts than it has.
fn described() -> Operation {
    let text = json!({ "type": "string" });
    let part = object(json!({ "Name": text }));
    fresh(&api(
        "StartThing",
        json!([
            parameter("Id", json!({ "type": "string", "required": true, "maxLength": 9 })),
            styled("Ids", "json", list(text.clone())),
            parameter("Size", json!({ "type": "integer", "format": "int64", "maximum": 9 })),
            styled("Names", "repeatList", list(json!({ "type": "integer" }))),
            styled("Parts", "repeatList", list(part.clone())),
            styled("Options", "flat", part),
            styled("Tag", "repeatList", list(object(json!({ "Key": text })))),
        ]),
        object(json!({ "Size": text })),
    ))
}

fn compared(paths: &[&Path], tree: &ExistingTree) -> Vec<String> {
    let paths: Vec<_> = paths.iter().map(|path| path.to_path_buf()).collect();
    let published = read_published(&paths).expect("read");
    let [Published { api, detail, .. }] = &published[..] else { panic!("one description") };
    assert_eq!((api.info.product.as_str(), api.info.version.as_str()), ("ecs", "2014-05-26"));
    let found = ecs_codegen::import::drift(api, *detail, tree);
    found.differences.iter().map(ToString::to_string).collect()
}

#[test]
fn metadata_of_the_cli_is_compared_as_far_as_it_says_something() {
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = temporary.path().join("ecs");
    fs::create_dir(&folder).expect("created");
    metadata(&folder);
    let start = folder.join("StartThing.json");
    assert_eq!(compared(&[&start], &tree([described()])), [""; 0]);
    let mut operation = described();
    operation.request[0].required = false;
    operation.request[2].ty = ecs_codegen::spec::TypeRef::One("i32".to_owned());
    operation.request[6].wire = Some("json".to_owned());
    operation.request.push(Field { name: "More".to_owned(), ..Field::default() });
    operation.request.remove(3);
    let other = Operation { operation: "DropThing".to_owned(), ..Operation::default() };
    let changed = [
        "StartThing request Id: required false in the specs, true in the API",
        "StartThing request Size: type i32 in the specs, i64 in the API",
        "StartThing request Names[]: [string], wire repeat",
        "StartThing request Tag[]: wire [Tag], wire json in the specs, [struct], wire repeat in the API",
        "StartThing request More: string",
    ];
    assert_eq!(compared(&[&start], &tree([operation.clone(), other.clone()])), changed);
    // The whole folder also shows which operations there are.
    let all = [&changed[..], &["StopThing: operation", "DropThing: operation"]].concat();
    assert_eq!(compared(&[&folder], &tree([operation, other])), all);
}

#[test]
fn files_that_do_not_describe_an_rpc_api_are_errors() {
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = temporary.path();
    let error = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).expect("written");
        let error = read_published(std::slice::from_ref(&path)).expect_err("an error");
        assert_eq!(error.path, path);
        error.message
    };
    let expected = "expected an api-docs file, or the metadata of an operation with `name` and `parameters`";
    for text in ["{}", "[]", "7", r#"{ "products": [] }"#, r#"{ "name": "A" }"#] {
        assert_eq!(error("a.json", text), expected);
    }
    assert!(error("a.json", r#"{ "name": "A", "parameters": 7 }"#).ends_with(expected));
    assert!(error("a.json", "<html>").starts_with("broken JSON"));
    let path = r#"{ "name": "A", "pathPattern": "/things/[Id]", "parameters": [] }"#;
    assert_eq!(error("a.json", path), "`A` has the path /things/[Id]; specs have RPC operations only");
    let empty = folder.join("empty");
    fs::create_dir(&empty).expect("created");
    let message = read_published(std::slice::from_ref(&empty)).expect_err("an error").message;
    assert!(message.contains("name the folder of one product"), "{message}");
    assert!(read_published(&[folder.join("none")]).is_err());
}
