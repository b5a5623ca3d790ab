//! The JSON Schemas accept all specs, and reject what editors can know to be wrong.

mod validator;

use std::{collections::HashMap, fs, path::Path};

use ecs_codegen::{load, schema::schemas};
use serde_json::{Value, json};
use validator::Schema;

/// Checks a value with the schema in a file, and returns the first mistake.
fn check(name: &str, value: &Value) -> Result<(), String> {
    schema(name).check(value)
}

fn schema(name: &str) -> Schema {
    let (_, text) = schemas().into_iter().find(|(file, _)| *file == name).unwrap();
    Schema::new(&text)
}

/// The schema of a spec file.
fn schema_of(path: &str) -> &'static str {
    match path.rsplit('/').next() {
        Some("service.json") => "service.schema.json",
        Some("types.json") => "types.schema.json",
        Some("glossary.json") => "glossary.schema.json",
        Some("rpc.json") => "rpc.schema.json",
        _ => "schema.json",
    }
}

#[test]
fn all_specs_are_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schemas: HashMap<&str, Schema> = schemas().into_iter().map(|(name, text)| (name, Schema::new(&text))).collect();
    let mut wrong = Vec::new();
    for folder in ["tests/golden/specs", "../specs"] {
        for source in load::read_dir(&root.join(folder)).unwrap() {
            let value: Value = serde_json::from_str(&source.text).unwrap();
            if let Err(error) = schemas[schema_of(&source.path)].check(&value) {
                wrong.push(format!("{folder}/{}: {error}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} files:\n{}", wrong.len(), wrong.join("\n"));
}

fn operation() -> Value {
    json!({
        "operation": "DescribeThings", "family": "things", "read": true, "doc": "Lists.",
        "docs_url": "https://example.com/things",
        "request": [
            { "name": "Id", "type": "string", "max_length": 9 },
            { "name": "Filter.1.Key", "type": "Status" },
            { "name": "Ids", "type": ["string"], "wire": "json", "batch": true, "max_items": 100 },
            { "name": "Since", "type": "time", "time": "yyyy-MM-dd" }
        ],
        "response": [{ "name": "Things", "type": ["Thing"], "wire": "wrapped:Thing" }],
        "types": {
            "Thing": { "doc": "A thing.", "fields": [{ "name": "Size", "type": "i64", "rust": "bulk" }] },
            "Status": { "doc": "State.", "enum": { "On": "At work.", "Off": { "rust": "Out", "doc": "Not." } } }
        },
        "pagination": { "style": "token", "token": "NextToken", "size": "MaxResults", "items": "Things" },
        "waiters": [{ "name": "thing_on", "doc": "On.", "ids": "Id", "success": ["On"], "chunk": 50 }],
        "errors": [{ "code": "NotFound", "http": 404 }],
        "examples": [{ "name": "lists", "request": {}, "form": "" }]
    })
}

/// The operation with another value at a JSON pointer; `null` removes it.
fn edited(pointer: &str, value: &Value) -> Value {
    let mut operation = operation();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = operation.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    match (parent, value) {
        (Value::Object(map), Value::Null) => {
            map.shift_remove(key).unwrap_or_else(|| panic!("{pointer}"));
        }
        (Value::Object(map), value) => {
            map.insert(key.to_owned(), value.clone());
        }
        (parent, value) => parent[key.parse::<usize>().unwrap()] = value.clone(),
    }
    operation
}

#[test]
fn mistakes_in_operations_are_rejected() {
    let schema = schema("schema.json");
    schema.check(&operation()).unwrap();
    let none = Value::Null;
    let wrong: Vec<(&str, Value)> = vec![
        ("/operation", json!("describeThings")),
        ("/operation", json!("Describe-Things")),
        ("/family", json!("Things")),
        ("/doc", none.clone()),
        ("/docs_url", json!("javascript:alert(1)")),
        ("/docs_url", json!("https://example.com/with space")),
        ("/raed", json!(true)),
        ("/read", json!("yes")),
        ("/read_because", json!(" ")),
        ("/allow", json!({ "no-such-rule": "A reason." })),
        ("/allow", json!({ "operation-name": "Errors cannot be allowed." })),
        ("/visibility", json!("hidden")),
        ("/request/0/name", json!("")),
        ("/request/0/name", json!("Id ")),
        ("/request/0/name", json!("Id\u{0}")),
        ("/request/0/rust", json!("ID")),
        ("/request/0/type", json!("strnig")),
        ("/request/0/type", json!("integer")),
        ("/request/0/type", json!([])),
        ("/request/0/type", json!(["string", "string"])),
        ("/request/0/type", json!(["string"])),
        ("/request/0/type", none.clone()),
        ("/request/0/wire", json!("json")),
        ("/request/0/max_length", json!(0)),
        ("/request/0/max_length", json!(-1)),
        ("/request/0/max_length", json!("9")),
        ("/request/0/time", json!("yyyy-MM-dd")),
        ("/request/0/doc", json!("")),
        ("/request/0/skip", json!("")),
        ("/request/0/values", json!(["a", "a"])),
        ("/request/0/rust", json!({})),
        ("/request/0/type", json!("bool")),
        ("/request/2/wire", json!("repeatt")),
        ("/request/2/wire", json!("list")),
        ("/request/2/wire", json!("wrapped:Id")),
        ("/request/2/wire", none.clone()),
        ("/request/2/max_items", none.clone()),
        ("/request/3/time", json!("whenever")),
        ("/request/3/type", json!("string")),
        ("/response/0/wire", json!("repeat")),
        ("/response/0/wire", json!("wrapped:")),
        ("/response/0/wire", json!("wrapped")),
        ("/types/thing", json!({ "doc": "A.", "fields": [] })),
        ("/types/Thing/fields", none.clone()),
        ("/types/Thing/enum", json!({ "A": "A." })),
        ("/types/Thing/doc", none.clone()),
        ("/types/Status/for", json!(["Status"])),
        ("/types/Status/enum", json!({})),
        ("/types/Status/enum/On", json!(1)),
        ("/types/Status/enum/Off/rust", json!("out")),
        ("/types/Status/enum/Off/doc", none.clone()),
        ("/pagination/style", json!("page")),
        ("/pagination/token", none.clone()),
        ("/pagination/number", json!("PageNumber")),
        ("/pagination/next", json!("Next")),
        ("/pagination/items", none.clone()),
        ("/pagination", json!({ "style": "number", "number": "PageNumber", "items": "Things" })),
        (
            "/pagination",
            json!({ "style": "number", "number": "PageNumber", "size": "PageSize", "items": "Things", "token": "T" }),
        ),
        ("/pagination", json!({ "style": "offset", "offset": "Start", "items": "Things" })),
        ("/waiters/0/name", json!("ThingOn")),
        ("/waiters/0/chunk", json!(0)),
        ("/waiters/0/success", none.clone()),
        ("/errors/0/http", json!(199)),
        ("/errors/0/http", json!(600)),
        ("/errors/0/http", json!("404")),
        ("/errors/0/code", json!("")),
        ("/examples/0/request", json!([])),
        ("/examples/0/form", none),
    ];
    for (pointer, value) in &wrong {
        assert!(schema.check(&edited(pointer, value)).is_err(), "{pointer} {value}");
    }
}

#[test]
fn other_files_are_checked_too() {
    let service = json!({
        "service": "ecs", "product": "Ecs", "version": "2014-05-26", "title": "Elastic",
        "docs_url": "https://example.com/{operation}", "gate": "families", "families": { "things": "Things." },
        "words": { "VSwitch": "vswitch" }, "codes": { "Not.Found": "NOT_DOT_FOUND" },
        "endpoints": { "default": "ecs.example.com", "public": "ecs.{region}.example.com", "vpc": "" }
    });
    check("service.schema.json", &service).unwrap();
    for (key, value) in [
        ("service", json!("ECS")),
        ("version", json!("2014")),
        ("docs_url", json!("ftp://example.com")),
        ("gate", json!("feature")),
        ("families", json!({})),
        ("families", json!({ "Things": "Things." })),
        ("words", json!({ "VSwitch": "VSwitch" })),
        ("codes", json!({ "Not.Found": "not_found" })),
        ("endpoints", json!({ "default": "ecs.example.com", "public": "https://{regoin}/", "vpc": "" })),
        ("endpoints", json!({ "default": "ecs.example.com" })),
    ] {
        let mut wrong = service.clone();
        wrong[key] = value.clone();
        assert!(check("service.schema.json", &wrong).is_err(), "{key} {value}");
    }
    for (schema, right, wrong) in [
        ("glossary.schema.json", json!({ "Id": "The ID." }), json!({ "Id": "" })),
        ("glossary.schema.json", json!({}), json!({ "Id": 1 })),
        ("glossary.schema.json", json!({}), json!([])),
        ("types.schema.json", json!({ "A": { "doc": "A.", "fields": [] } }), json!({ "A": { "doc": "A." } })),
        ("types.schema.json", json!({}), json!({ "a": { "doc": "A.", "fields": [] } })),
        (
            "rpc.schema.json",
            json!({ "parameters": { "Action": "Name." }, "read_verbs": ["Describe"] }),
            json!({ "parameters": { "Action": "Name." }, "read_verbs": ["describe"] }),
        ),
    ] {
        check(schema, &right).unwrap();
        assert!(check(schema, &wrong).is_err(), "{schema} {wrong}");
    }
}

/// The values that an editor offers for a key of a field.
fn completions(key: &str) -> Vec<String> {
    fn constants(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("const").and_then(Value::as_str).map(str::to_owned));
                for value in map.get("enum").and_then(Value::as_array).into_iter().flatten() {
                    found.extend(value.as_str().map(str::to_owned));
                }
                map.values().for_each(|value| constants(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| constants(value, found)),
            _ => {}
        }
    }
    let (_, text) = schemas().into_iter().find(|(name, _)| *name == "schema.json").unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let mut property = schema["$defs"]["Field"]["properties"][key].clone();
    if let Some(reference) = property.get("$ref").and_then(Value::as_str) {
        property = schema.pointer(reference.trim_start_matches('#')).unwrap().clone();
    }
    let mut found = Vec::new();
    constants(&property, &mut found);
    found
}

#[test]
fn editors_complete_types_and_encodings() {
    assert_eq!(completions("wire"), ["repeat", "json", "comma", "list"]);
    for scalar in ["string", "time", "bool", "i32", "i64", "f32", "f64", "map"] {
        assert!(completions("type").contains(&scalar.to_owned()), "{scalar}");
    }
    assert!(completions("time").contains(&"yyyy-MM-dd".to_owned()));
}

#[test]
fn all_keys_have_help() {
    for (name, text) in schemas() {
        let schema: Value = serde_json::from_str(&text).unwrap();
        let objects = schema["$defs"].as_object().into_iter().flat_map(|all| all.values()).chain([&schema]);
        for object in objects {
            for (key, value) in object["properties"].as_object().into_iter().flatten() {
                assert!(value["description"].is_string() || value.get("$ref").is_some(), "{name}: {key}");
            }
        }
    }
}

/// The settings of Visual Studio Code name a schema for each kind of spec file.
#[test]
fn editors_find_the_schemas() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let settings: Value =
        serde_json::from_str(&fs::read_to_string(root.join(".vscode/settings.json")).unwrap()).unwrap();
    let mapped = settings["json.schemas"].as_array().unwrap();
    for (name, _) in schemas() {
        let entry = mapped.iter().find(|entry| entry["url"] == format!("./specs/{name}"));
        assert!(entry.is_some_and(|entry| entry["fileMatch"].is_array()), "{name}");
        assert!(root.join("specs").join(name).is_file(), "{name}");
    }
}

/// With other line ends, generated files and fixtures are out of date in a fresh checkout on Windows.
#[test]
fn checkouts_have_unix_line_ends() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let attributes = fs::read_to_string(root.join(".gitattributes")).unwrap();
    assert!(attributes.lines().any(|line| line == "* text=auto eol=lf"), "{attributes}");
}
