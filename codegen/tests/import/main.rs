//! Imports of published api-docs into specs.
#![expect(clippy::needless_pass_by_value, reason = "snippets of JSON are easiest to read by value")]

mod decided;
mod decisions;
mod drift;
mod facts;
mod files;
mod lint;
mod mapping;
mod merge;
mod odd;
mod paging;
mod policy;
mod types;

use std::collections::BTreeMap;
use std::path::Path;

use ecs_codegen::import::{
    ApiDocs, Detail, Drift, ExistingTree, Import, Policy, Report, import, import_with, parse_api,
};
use ecs_codegen::spec::{Field, Operation, Rpc, Service, Type};
use serde_json::{Value, json};

/// An API with one operation.
fn api(operation: &str, parameters: Value, response: Value) -> ApiDocs {
    apis(json!({ operation: { "parameters": parameters, "responses": { "200": { "schema": response } } } }))
}

fn apis(apis: Value) -> ApiDocs {
    parse(json!({ "info": { "product": "Ecs", "version": "2014-05-26" }, "apis": apis }))
}

fn parse(mut value: Value) -> ApiDocs {
    if value.get("info").is_none() {
        value["info"] = json!({ "product": "Ecs", "version": "2014-05-26" });
    }
    parse_api(Path::new("api-docs.json"), &value.to_string()).expect("the snippet has the layout of api-docs")
}

/// Compares the specs with an api-docs file.
fn drift(api: &ApiDocs, tree: &ExistingTree) -> Drift {
    ecs_codegen::import::drift(api, Detail::FULL, tree)
}

/// A plain parameter.
fn parameter(name: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "schema": schema })
}

/// A parameter with a style.
fn styled(name: &str, style: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "style": style, "schema": schema })
}

fn object(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn tree(operations: impl IntoIterator<Item = Operation>) -> ExistingTree {
    let operations: BTreeMap<_, _> =
        operations.into_iter().map(|operation| (operation.operation.clone(), operation)).collect();
    let rpc = Rpc { read_verbs: vec!["Describe".to_owned(), "List".to_owned()], ..Rpc::default() };
    ExistingTree { name: "ecs".to_owned(), operations, rpc, ..ExistingTree::default() }
}

/// The tree after a complete import.
fn imported(api: &ApiDocs, existing: &ExistingTree) -> (ExistingTree, Report) {
    imported_with(Policy::Add, api, existing)
}

/// The tree after a complete import that takes over the facts of the API.
fn accepted(api: &ApiDocs, existing: &ExistingTree) -> (ExistingTree, Report) {
    imported_with(Policy::Accept, api, existing)
}

fn imported_with(policy: Policy, api: &ApiDocs, existing: &ExistingTree) -> (ExistingTree, Report) {
    let Import { operations, types, report, .. } = import_with(policy, api, None, existing);
    let mut tree = existing.clone();
    tree.types = types;
    tree.operations.extend(operations.into_iter().map(|operation| (operation.operation.clone(), operation)));
    (tree, report)
}

/// The only operation of an import into an empty tree.
fn fresh(api: &ApiDocs) -> Operation {
    let (tree, _) = imported(api, &tree([]));
    tree.operations.into_values().next().expect("the API has an operation")
}

/// Fields as JSON of a spec file.
fn written(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| serde_json::to_string(field).expect("fields are plain data")).collect()
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

fn fields_of<'a>(types: &'a indexmap::IndexMap<String, Type>, name: &str) -> &'a [Field] {
    types[name].fields.as_deref().expect("a struct")
}

fn values_of(ty: &Type) -> Vec<&str> {
    ty.values.iter().flat_map(|values| values.keys().map(String::as_str)).collect()
}

fn service(families: &[&str]) -> Service {
    let families = families.iter().map(|family| ((*family).to_owned(), String::new())).collect();
    Service { service: "ecs".to_owned(), families, ..Service::default() }
}

fn lines(report: &Report) -> Vec<String> {
    report.entries.iter().map(|entry| format!("{}: {entry}", entry.owner)).collect()
}
