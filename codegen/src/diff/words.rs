//! Compares the word table, which decides the Rust names.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Both,
    change::{Impact, Log, Spots},
    tree::Files,
};
use crate::{
    codes,
    lower::rust_name,
    naming::Names,
    spec::{EnumValue, Field, Type},
    type_graph::Scope,
};

/// Compares the words. A word is breaking if it changes the name of something that exists before and after.
pub(super) fn compare(log: &mut Log<'_>, both: &Both<'_>, spots: &Spots<'_>) {
    let [old, new] = [both.old, both.new].map(|files| &files.tree.service.words);
    let changed: Vec<&String> = {
        let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        all.into_iter().filter(|word| old.get(*word) != new.get(*word)).collect()
    };
    if changed.is_empty() {
        return;
    }
    let [before, after] = [&both.old.names, &both.new.names].map(|names| rust_names(both.old, names));
    let remaining = rust_names(both.new, &both.new.names);
    for word in changed {
        let touched: BTreeSet<String> = before
            .iter()
            .filter(|(wire, _)| wire.1.contains(word.as_str()) && remaining.contains_key(*wire))
            .filter_map(|(wire, name)| Some((name, after.get(wire)?)))
            .filter(|(before, after)| before != after)
            .map(|(before, after)| format!("`{before}` → `{after}`"))
            .collect();
        let show = |text: Option<&String>| text.map_or("none", String::as_str).to_owned();
        let (from, to) = (show(old.get(word)), show(new.get(word)));
        let class = if touched.is_empty() { Impact::Docs } else { Impact::Breaking };
        let effect = match touched.len() {
            0 => "no existing name changes".to_owned(),
            names => {
                let first: Vec<&str> = touched.iter().take(8).map(String::as_str).collect();
                let more =
                    if names > first.len() { format!(" and {} more", names - first.len()) } else { String::new() };
                format!("renames in Rust: {}{more}", first.join(", "))
            }
        };
        log.add("word-changed", class, format!("words {word}"), format!("{from} → {to}"))
            .values(Some(from), Some(to))
            .effect(effect)
            .at(spots.key(word, new.contains_key(word)));
    }
}

/// The kind of a name, and the name on the wire. Names of different kinds are derived differently.
type Named = (&'static str, String);

/// The derived Rust names of a service, by kind and wire name.
fn rust_names(files: &Files, names: &Names) -> BTreeMap<Named, String> {
    let mut found = BTreeMap::new();
    let mut add_fields = |fields: &[Field], request: bool| {
        for field in fields.iter().filter(|field| field.rust.is_none() && field.skip.is_none()) {
            let kind = match (request, field.ty.is_list()) {
                (true, true) => "list parameter",
                (true, false) => "parameter",
                (false, _) => "field",
            };
            found.insert((kind, field.name.clone()), rust_name(names, field, request));
        }
    };
    for operation in &files.tree.operations {
        let scope = Scope::of(operation, &files.tree.types);
        for (fields, request) in [(&operation.request, true), (&operation.response, false)] {
            add_fields(fields, request);
            for reached in scope.reached(fields) {
                add_fields(reached.ty.fields.as_deref().unwrap_or_default(), request);
            }
        }
    }
    let own = files.tree.operations.iter().flat_map(|operation| operation.types.values());
    for ty in own.chain(files.tree.types.values()) {
        add_variants(&mut found, ty, names);
    }
    for operation in &files.tree.operations {
        found.insert(("operation", operation.operation.clone()), names.method(&operation.operation));
    }
    let service = &files.tree.service;
    for code in codes::documented(service, &files.tree.operations).keys() {
        found.insert(("code", (*code).to_owned()), codes::constant(code, service, names));
    }
    found
}

fn add_variants(found: &mut BTreeMap<Named, String>, ty: &Type, names: &Names) {
    for (wire, value) in ty.values.iter().flatten() {
        if matches!(value, EnumValue::Doc(_)) {
            found.insert(("value", wire.clone()), names.variant(wire));
        }
    }
}
