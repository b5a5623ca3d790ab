//! Compares operations, fields and types.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::change::Diff;
use crate::spec::{EnumValue, Field, Operation, SharedTypes, Type};
use crate::type_graph::Scope;

/// Compares an operation; `gated` means that families are Cargo features.
pub(super) fn compare_operation(diff: &mut Diff, owner: &str, old: &Operation, new: &Operation, gated: bool) {
    if old.family != new.family {
        let note = if gated { ": different feature" } else { "" };
        diff.push(gated, owner, "family", format!("{} → {}{note}", old.family, new.family));
    }
    if old.deprecated != new.deprecated {
        let detail = if new.deprecated { "added: now requires the `deprecated` feature" } else { "removed" };
        diff.push(new.deprecated, owner, "deprecated", detail);
    }
    if old.read != new.read {
        let detail = if new.read { "added: now retried after any transient failure" } else { "removed" };
        diff.push(false, owner, "read", detail);
    }
    compare_fields(diff, owner, "request ", [&old.request, &new.request], true);
    compare_fields(diff, owner, "response ", [&old.response, &new.response], false);
    let no_shared = SharedTypes::new();
    let requests = Scope::of(new, &no_shared).reached(&new.request);
    let requests = requests.into_iter().map(|reached| reached.name.to_owned()).collect();
    compare_types(diff, owner, "types ", [&old.types, &new.types], &requests);
    compare_paging(diff, owner, old, new);
    compare_waiters(diff, owner, old, new);
    for error in old.errors.iter().filter(|error| !new.errors.contains(error)) {
        diff.push(false, owner, &format!("error {} {}", error.http, error.code), "removed");
    }
    for error in new.errors.iter().filter(|error| !old.errors.contains(error)) {
        diff.push(false, owner, &format!("error {} {}", error.http, error.code), "added");
    }
    for (key, detail) in changed_keys(&other_keys(old), &other_keys(new)) {
        diff.push(false, owner, &key, detail);
    }
}

/// Compares the constants of error codes, by path. A constant that disappears or changes its value is a breaking change. New
/// constants are reported with the operations that document them.
pub(super) fn compare_codes(diff: &mut Diff, owner: &str, [old, new]: [&BTreeMap<String, &str>; 2]) {
    for (path, code) in old {
        // A removed family, and a constant that changed for all families, are reported once.
        if let Some((module, name)) = path.split_once("::") {
            let exists = new.keys().any(|path| path.split_once("::").is_some_and(|(other, _)| other == module));
            if !exists || old.get(name) != new.get(name) {
                continue;
            }
        }
        match new.get(path) {
            None => diff.push(true, owner, path, "removed"),
            Some(other) if other != code => diff.push(true, owner, path, format!("`{code}` → `{other}`")),
            Some(_) => {}
        }
    }
}

/// The operation with only those keys that are not compared separately. Changes to them are not breaking.
fn other_keys(operation: &Operation) -> Operation {
    Operation {
        operation: String::new(),
        family: String::new(),
        deprecated: false,
        read: false,
        request: Vec::new(),
        response: Vec::new(),
        types: IndexMap::new(),
        pagination: None,
        waiters: Vec::new(),
        errors: Vec::new(),
        ..operation.clone()
    }
}

fn compare_paging(diff: &mut Diff, owner: &str, old: &Operation, new: &Operation) {
    match (&old.pagination, &new.pagination) {
        (Some(_), None) => diff.push(true, owner, "pagination", "removed"),
        (None, Some(_)) => diff.push(false, owner, "pagination", "added"),
        (Some(a), Some(b)) if a != b => {
            let breaking = a.items != b.items;
            diff.push(breaking, owner, "pagination", format!("{} → {}", show(a), show(b)));
        }
        _ => {}
    }
}

fn compare_waiters(diff: &mut Diff, owner: &str, old: &Operation, new: &Operation) {
    for waiter in &old.waiters {
        let path = format!("waiter {}", waiter.name);
        match new.waiters.iter().find(|other| other.name == waiter.name) {
            None => diff.push(true, owner, &path, "removed"),
            Some(other) => {
                for (key, detail) in changed_keys(waiter, other) {
                    diff.push(key == "ids", owner, &format!("{path} {key}"), detail);
                }
            }
        }
    }
    for waiter in new.waiters.iter().filter(|waiter| !old.waiters.iter().any(|other| other.name == waiter.name)) {
        diff.push(false, owner, &format!("waiter {}", waiter.name), "added");
    }
}

/// Compares the fields of a request, a response or a struct, except skipped ones.
pub(super) fn compare_fields(diff: &mut Diff, owner: &str, path: &str, [old, new]: [&[Field]; 2], is_request: bool) {
    let find = |list: &'_ [Field], name: &str| list.iter().position(|field| field.name == name && field.skip.is_none());
    for field in old.iter().filter(|field| field.skip.is_none()) {
        let path = format!("{path}{}", field.name);
        match find(new, &field.name) {
            None => diff.push(true, owner, &path, "removed"),
            Some(index) => compare_field(diff, owner, &path, field, &new[index], is_request),
        }
    }
    for field in new.iter().filter(|field| field.skip.is_none() && find(old, &field.name).is_none()) {
        let breaking = is_request && field.required;
        let detail = if breaking { "added as required" } else { "added" };
        diff.push(breaking, owner, &format!("{path}{}", field.name), detail);
    }
}

fn compare_field(diff: &mut Diff, owner: &str, path: &str, old: &Field, new: &Field, is_request: bool) {
    for (key, detail) in changed_keys(old, new) {
        let breaking = match key.as_str() {
            "type" | "rust" | "wire" | "sensitive" => true,
            // The request loses its `check`.
            "values" => is_request && old.is_dry_run() && !new.is_dry_run(),
            // The request may lose its `in_batches`.
            "batch" => is_request && old.batch,
            "required" => is_request && new.required,
            _ => false,
        };
        diff.push(breaking, owner, path, format!("{key} {detail}"));
    }
}

/// Compares types by name; `requests` are the structs that requests use.
pub(super) fn compare_types(
    diff: &mut Diff,
    owner: &str,
    prefix: &str,
    [old, new]: [&IndexMap<String, Type>; 2],
    requests: &HashSet<String>,
) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let path = format!("{prefix}{name}");
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => {
                compare_type(diff, owner, &path, old, new, requests.contains(name));
            }
            (Some(_), None) => diff.push(true, owner, &path, "type removed"),
            (None, _) => diff.push(false, owner, &path, "type added"),
        }
    }
}

fn compare_type(diff: &mut Diff, owner: &str, path: &str, old: &Type, new: &Type, is_request: bool) {
    if old.doc != new.doc {
        diff.push(false, owner, path, "doc changed");
    }
    match (old, new) {
        (Type { fields: Some(old), .. }, Type { fields: Some(new), .. }) => {
            compare_fields(diff, owner, &format!("{path}."), [old, new], is_request);
        }
        (Type { values: Some(old), .. }, Type { values: Some(new), .. }) => compare_values(diff, owner, path, old, new),
        (Type { fields: None, values: None, .. }, _) => {}
        (Type { fields, .. }, _) => {
            let detail = if fields.is_some() { "struct → enum" } else { "enum → struct" };
            diff.push(true, owner, path, detail);
        }
    }
}

fn compare_values(
    diff: &mut Diff,
    owner: &str,
    path: &str,
    old: &IndexMap<String, EnumValue>,
    new: &IndexMap<String, EnumValue>,
) {
    for (value, before) in old {
        let path = format!("{path} value `{value}`");
        let Some(after) = new.get(value) else {
            diff.push(true, owner, &path, "removed");
            continue;
        };
        let (a, b) = (chosen_variant(before), chosen_variant(after));
        if a != b {
            let shown = |name: Option<&str>| name.unwrap_or("derived").to_owned();
            diff.push(true, owner, &path, format!("variant {} → {}", shown(a), shown(b)));
        }
        if before.doc() != after.doc() {
            diff.push(false, owner, &path, "doc changed");
        }
    }
    for value in new.keys().filter(|value| !old.contains_key(*value)) {
        diff.push(false, owner, &format!("{path} value `{value}`"), "added");
    }
}

/// The name of the variant, if it was chosen by hand.
fn chosen_variant(value: &EnumValue) -> Option<&str> {
    match value {
        EnumValue::Named(named) => Some(&named.rust),
        EnumValue::Doc(_) => None,
    }
}

/// The top-level keys that differ, each with its change. Long strings and nested values are not shown.
pub(super) fn changed_keys<T: Serialize>(old: &T, new: &T) -> Vec<(String, String)> {
    let keys = |value: &T| match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    };
    let (old, new) = (keys(old), keys(new));
    let mut names: Vec<&String> = old.keys().collect();
    names.extend(new.keys().filter(|key| !old.contains_key(*key)));
    let differing = names.into_iter().filter(|key| old.get(*key) != new.get(*key));
    differing.map(|key| (key.clone(), describe_change(key, old.get(key), new.get(key)))).collect()
}

fn describe_change(key: &str, old: Option<&Value>, new: Option<&Value>) -> String {
    let is_flat =
        |value: Option<&Value>| value.is_none_or(|value| !value.is_object() && value.to_string().chars().count() < 60);
    match (old, new) {
        (None, _) => "added".to_owned(),
        (_, None) => "removed".to_owned(),
        (Some(old), Some(new)) if key != "doc" && is_flat(Some(old)) && is_flat(Some(new)) => {
            format!("{} → {}", show(old), show(new))
        }
        _ => "changed".to_owned(),
    }
}

fn show<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    }
}
