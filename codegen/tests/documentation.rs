//! The generated docs: links, values, and examples of operations with unusual names and values.

use std::path::Path;

use ecs_codegen::{Source, load};
use serde_json::{Value, json};

/// The specs of a service with these operations and shared types, and the generated modules by path.
fn generate(service: &Value, types: &Value, operations: &[Value]) -> Vec<(String, String)> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics/base");
    let mut sources: Vec<Source> = load::read_dir(&base).unwrap();
    let source = sources.iter_mut().find(|source| source.path == "ecs/service.json").unwrap();
    let mut base: Value = serde_json::from_str(&source.text).unwrap();
    base.as_object_mut().unwrap().extend(service.as_object().unwrap().clone());
    let name = base["service"].as_str().unwrap().to_owned();
    *source = Source { path: format!("{name}/service.json"), text: base.to_string() };
    sources.push(Source { path: format!("{name}/types.json"), text: types.to_string() });
    for operation in operations {
        let mut operation = operation.clone();
        let wire = operation["operation"].as_str().unwrap().to_owned();
        operation["family"] = "things".into();
        operation["doc"].is_null().then(|| operation["doc"] = "Does something with things.".into());
        operation["response"].is_null().then(|| operation["response"] = json!([]));
        operation["request"].is_null().then(|| operation["request"] = json!([]));
        sources.push(Source { path: format!("{name}/things/{wire}.json"), text: operation.to_string() });
    }
    let (_, output) = ecs_codegen::generate(sources).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let files = output.sdk.iter().chain(output.types.iter()).chain(output.companions.iter());
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

/// The module of an operation.
fn module(operation: &Value) -> String {
    module_with(&json!({}), operation)
}

fn module_with(types: &Value, operation: &Value) -> String {
    let files = generate(&json!({}), types, std::slice::from_ref(operation));
    let is_module = |path: &str| path.contains("/operation/") && !path.ends_with("mod.rs");
    files.into_iter().find(|(path, _)| is_module(path)).unwrap().1
}

fn field(name: &str, ty: &Value, doc: &str) -> Value {
    json!({ "name": name, "type": ty, "doc": doc })
}

#[test]
fn docs_of_modules_link_to_fields_of_the_request() {
    let request = [field("ThingId", &json!("string"), "Identifies a thing.")];
    let text = module(&json!({ "operation": "StopThing", "doc": "Stops the thing `ThingId`.", "request": request }));
    assert!(text.contains("//! `StopThing`: Stops the thing [`thing_id`](StopThing::thing_id)."), "{text}");
    assert!(text.contains("/// Stops the thing [`thing_id`](Self::thing_id)."), "{text}");
}

#[test]
fn dotted_names_link_to_fields_of_structs() {
    let types = json!({
        "Outer": { "doc": "Shared struct with another one.", "fields": [field("Inner", &json!("Inner"), "Struct inside a struct.")] },
        "Inner": { "doc": "Shared struct inside another.", "fields": [field("Name", &json!("string"), "Describes the struct.")] },
    });
    let doc = "See `Outer.Inner.Name`, `Part.N.Name`, `Part[].Name`, `Part.N`, `Part.Other` and `Part.1`.";
    let part = json!({ "name": "Part", "type": ["Part"], "wire": "repeat", "doc": doc });
    let text = module_with(
        &types,
        &json!({
            "operation": "CreateThing",
            "request": [part, field("Outer", &json!("Outer"), "Struct of the thing.")],
            "types": { "Part": { "doc": "Part of a thing.", "fields": [field("Name", &json!("string"), "Describes the part.")] } },
        }),
    );
    let text = text.replace("\n    ///", "");
    for link in [
        "[`outer.inner.name`](super::super::types::Inner::name)",
        "[`parts.name`](Part::name), [`parts.name`](Part::name), [`parts`](Self::parts), `Part.Other` and `Part.1`",
    ] {
        assert!(text.contains(link), "{link}: {text}");
    }
}

#[test]
fn names_that_are_values_are_no_links() {
    let text = module(&json!({
        "operation": "CreateThing",
        "doc": "Creates it. `Kind` is `Disk` or, with a `Disk`, another in `Disk`.",
        "request": [
            field("Disk", &json!("string"), "Disk of the thing, if `Kind` is `Disk`."),
            field("Kind", &json!("Kind"), "Kind of the thing: `Disk`, which requires `Disk`."),
            field("Size", &json!("string"), "Size of the `Disk`."),
        ],
        "types": { "Kind": { "doc": "Kind of the thing.", "enum": { "Disk": "Disk of a kind." } } },
    }));
    for doc in [
        "/// Creates it. [`kind`](Self::kind) is `Disk` or, with a `Disk`, another in [`disk`](Self::disk).",
        "if [`kind`](Self::kind) is `Disk`.",
        "`Disk`, which requires [`disk`](Self::disk).",
        "Size of the [`disk`](Self::disk).",
    ] {
        assert!(text.contains(doc), "{doc}: {text}");
    }
}

#[test]
fn values_with_backticks_are_code() {
    let mut name = field("Name", &json!("string"), "Describes the thing.");
    name["pattern"] = "^[ab`]+$".into();
    name["default"] = "a`b".into();
    let text = module(&json!({ "operation": "CreateThing", "request": [name] }));
    assert!(text.contains("Matches `` ^[ab`]+$ ``. Default: `` a`b ``."), "{text}");
}

#[test]
fn examples_list_items_whose_field_is_a_keyword() {
    let list = json!({ "name": "Type", "type": ["string"], "wire": "list", "doc": "Lists the types of things." });
    let text = module(&json!({
        "operation": "DescribeThings",
        "read": true,
        "request": [field("NextToken", &json!("string"), "Token of a page.")],
        "response": [field("NextToken", &json!("string"), "Token of a page."), list],
        "pagination": { "style": "token", "token": "NextToken", "items": "Type" },
    }));
    assert!(text.contains("let mut r#type = client.describe_things().items();"), "{text}");
    let list = json!({ "name": "Gens", "type": ["string"], "wire": "list", "doc": "Lists the generations of things." });
    let text = module(&json!({ "operation": "DescribeThings", "read": true, "response": [list] }));
    assert!(text.contains("for item in &response.gens {"), "{text}");
}

#[test]
fn examples_print_no_secrets() {
    let mut secret = field("Password", &json!("string"), "Secret of the thing.");
    secret["sensitive"] = true.into();
    let response = [secret, field("Name", &json!("string"), "Describes the thing.")];
    let text = module(&json!({ "operation": "DescribeThing", "read": true, "response": response }));
    assert!(text.contains("println!(\"{}\", response.name);"), "{text}");
}

#[test]
fn examples_send_values_unchanged() {
    let hostile = "two \"words\" \\ {} ``` */ ü\n# hidden";
    let long = "word ".repeat(40);
    let names = ["Name", "Content", "Number", "Ratio", "Map", "Type"];
    let types = ["string", "string", "i64", "f64", "map", "string"];
    let mut request: Vec<Value> =
        names.iter().zip(types).map(|(name, ty)| field(name, &json!(ty), "Describes the thing.")).collect();
    request[4]["wire"] = "json".into();
    let text = module(&json!({
        "operation": "CreateThing",
        "request": request,
        "typical": { "Name": hostile, "Content": long, "Number": -9_007_199_254_740_993_i64, "Ratio": 1e30, "Map": { "a b": "\"" }, "Type": "t" },
    }));
    for call in [
        format!(".name({hostile:?})"),
        format!(".content(\n    ///         {long:?},\n    ///     )").replace("\n    ///", "\n///"),
        ".number(-9007199254740993)".to_owned(),
        ".ratio(1e30)".to_owned(),
        r#".map([("a b", "\"")])"#.to_owned(),
        r#".r#type("t")"#.to_owned(),
    ] {
        assert!(text.contains(&call), "{call}: {text}");
    }
}

#[test]
fn numbers_in_lists_have_the_type_of_the_list() {
    let list =
        |name: &str, ty: &str| json!({ "name": name, "type": [ty], "wire": "repeat", "doc": "Numbers of the thing." });
    let text = module(&json!({
        "operation": "CreateThing",
        "request": [list("Small", "f32"), list("Large", "f64"), list("Int", "i32"), list("Long", "i64")],
        "typical": { "Small": [0.5, 2], "Large": [0.5], "Int": [-1], "Long": [1, -9_007_199_254_740_993_i64] },
    }));
    for call in [".smalls([0.5_f32, 2.0_f32])", ".larges([0.5])", ".ints([-1])", ".longs([1, -9007199254740993_i64])"] {
        assert!(text.contains(call), "{call}: {text}");
    }
}

#[test]
fn examples_of_waiters_have_the_client_of_their_service() {
    let things = json!({ "name": "Things", "type": ["Thing"], "wire": "list", "doc": "Lists the things." });
    let operation = json!({
        "operation": "DescribeThings",
        "read": true,
        "request": [{ "name": "ThingIds", "type": ["string"], "wire": "json", "doc": "Identifies the things." }],
        "response": [things],
        "types": { "Thing": { "doc": "One of the things.", "fields": [
            field("ThingId", &json!("string"), "Identifies the thing."), field("Status", &json!("string"), "State of the thing."),
        ] } },
        "waiters": [{ "name": "thing_ready", "doc": "Waits until things are ready.", "ids": "ThingIds", "items": "Things",
                      "id": "ThingId", "state": "Status", "success": ["Ready"] }],
    });
    let files = generate(&json!({ "service": "vpc", "product": "Vpc", "gate": "service" }), &json!({}), &[operation]);
    let text = &files.iter().find(|(path, _)| path.ends_with("describe_things.rs")).unwrap().1;
    assert!(text.contains("client: ecs_sdk::vpc::Client, thing_ids: Vec<String>)"), "{text}");
}
