//! Compares structs and enums.

use std::collections::{BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;

use super::{
    Both,
    change::{Impact, Log, Spots},
    fields::{self, Members, docs},
    surface::variant,
    values::{changed, names},
};
use crate::{
    spec::{EnumValue, Type},
    type_graph::Scope,
};

/// The types of an operation, or the shared ones, before and after.
pub(super) struct Types<'a> {
    pub(super) label: &'static str,
    pub(super) maps: [&'a IndexMap<String, Type>; 2],
    /// The scopes of their members.
    pub(super) scopes: [Scope<'a>; 2],
    /// The shared types, if these are of an operation.
    pub(super) shared: Option<[&'a IndexMap<String, Type>; 2]>,
    /// The types that operations use: name → whether requests do.
    pub(super) sent: [&'a HashMap<String, bool>; 2],
    pub(super) renamed: &'a HashMap<String, String>,
    pub(super) spots: Spots<'a>,
}

/// Finds types that have another name, and nearly the same members or values.
pub(super) fn renamed(old: &IndexMap<String, Type>, new: &IndexMap<String, Type>) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let mut taken = HashSet::new();
    for (name, ty) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let candidates = new.iter().filter(|(name, _)| !old.contains_key(*name) && !taken.contains(*name));
        let best =
            candidates.map(|(other, found)| (likeness(ty, found), other)).max_by(|(a, _), (b, _)| a.total_cmp(b));
        if let Some((likeness, other)) = best
            && likeness >= 0.8
        {
            taken.insert(other);
            found.insert(name.clone(), other.clone());
        }
    }
    found
}

/// The share of members or values that two types have in common.
fn likeness(a: &Type, b: &Type) -> f64 {
    let parts = |ty: &Type| -> HashSet<String> {
        let fields = ty.fields.iter().flatten().map(|field| format!("{} {:?}", field.name, field.ty));
        let values = ty.values.iter().flat_map(|values| values.keys().map(|value| format!("= {value}")));
        fields.chain(values).collect()
    };
    common_share(&parts(a), &parts(b))
}

/// The share of elements that two sets have in common; 0 if both are empty.
#[allow(clippy::cast_precision_loss)]
pub(super) fn common_share(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    let all = a.union(b).count();
    if all == 0 { 0.0 } else { a.intersection(b).count() as f64 / all as f64 }
}

/// Compares types by name. Types that moved between an operation and `types.json` are compared with each other.
pub(super) fn compare(log: &mut Log<'_>, both: &Both<'_>, types: &Types<'_>, users: impl Fn(&str) -> Vec<String>) {
    let [old, new] = types.maps;
    let own_operations = log.operations.clone();
    let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in all {
        let path = format!("{}{name}", types.label);
        if types.shared.is_none() {
            log.operations = users(name);
        }
        match (old.get(name), new.get(name)) {
            (Some(before), Some(after)) => compare_type(log, both, types, [name, name], [before, after]),
            (Some(before), None) => {
                if let Some(other) = types.renamed.get(name) {
                    let [from, to] = [name, other].map(|name| both.new.names.type_name(name));
                    log.add("type-renamed", Impact::Breaking, &path, format!("renamed `{from}` → `{to}`"))
                        .values(Some(from), Some(to))
                        .at(types.spots.after(&format!("{other}#")));
                    if let Some(after) = new.get(other) {
                        compare_type(log, both, types, [name, other], [before, after]);
                    }
                    continue;
                }
                let moved =
                    types.shared.is_some_and(|[before, after]| !before.contains_key(name) && after.contains_key(name));
                let (rule, message) = match moved {
                    true => ("type-moved", "moved to `types.json`"),
                    false => ("type-removed", "type removed"),
                };
                let change =
                    log.add(rule, Impact::Breaking, &path, message).at(types.spots.before(&format!("{name}#")));
                if moved {
                    change.effect(format!("the path changes to `types::{}`", both.new.names.type_name(name)));
                }
            }
            (None, Some(after)) if !types.renamed.values().any(|other| other == name) => {
                let place = types.spots.after(&format!("{name}#"));
                let moved = types.shared.is_some_and(|[before, _]| before.contains_key(name));
                if moved {
                    log.add(
                        "type-moved",
                        Impact::Breaking,
                        &path,
                        "now a type of the operation, no longer that of `types.json`",
                    )
                    .effect("the path changes, and the type differs from that of other operations")
                    .at(place);
                } else {
                    log.add("type-added", Impact::Additive, &path, "type added").effect(contents(after)).at(place);
                }
            }
            _ => {}
        }
    }
    log.operations = own_operations;
}

fn contents(ty: &Type) -> String {
    match (&ty.fields, &ty.values) {
        (Some(fields), _) => {
            format!("struct of {}", names(&fields.iter().map(|field| &field.name).collect::<Vec<_>>()))
        }
        (None, values) => format!("enum of {}", names(&values.iter().flat_map(IndexMap::keys).collect::<Vec<_>>())),
    }
}

fn compare_type(log: &mut Log<'_>, both: &Both<'_>, types: &Types<'_>, name: [&str; 2], ty: [&Type; 2]) {
    let path = format!("{}{}", types.label, name[1]);
    let spots = types.spots.within(name[0], name[1]);
    let [old, new] = ty;
    if old.doc != new.doc {
        docs(log, &path, &old.doc, &new.doc).at(spots.after("doc"));
    }
    match (&old.fields, &new.fields, &old.values, &new.values) {
        (Some(before), Some(after), _, _) => {
            let [was_sent, is_sent] = [0, 1].map(|side| types.sent[side].get(name[side]).copied());
            if was_sent.zip(is_sent).is_some_and(|(was, is)| was != is) {
                let (from, to) =
                    if is_sent == Some(true) { ("responses", "requests") } else { ("requests", "responses") };
                log.add("type-role-changed", Impact::Breaking, &path, format!("was used by {from}, now by {to}"))
                    .effect("the types of its fields change, and so does the existence of setters")
                    .at(spots.after("#"));
            }
            let members = Members {
                label: format!("{path}."),
                lists: [before, after],
                scopes: types.scopes,
                request: is_sent.or(was_sent).unwrap_or_default(),
                is_top_level: false,
                renamed: types.renamed,
                spots: spots.part("fields"),
            };
            fields::compare(log, both, &members);
        }
        (None, None, Some(before), Some(after)) => {
            compare_values(log, both, &path, [before, after], &spots.part("enum"));
        }
        (None, None, None, _) => {}
        (before, ..) => {
            let message = if before.is_some() { "struct → enum" } else { "enum → struct" };
            log.add("type-kind-changed", Impact::Breaking, &path, message).at(spots.after("#"));
        }
    }
    let rest = |ty: &Type| Type { doc: String::new(), fields: None, values: None, ..ty.clone() };
    for key in changed(&rest(old), &rest(new)) {
        let place = spots.key(&key.key, key.new.is_some());
        log.add("fact-changed", Impact::Docs, &path, key.sentence()).at(place);
    }
}

fn compare_values(
    log: &mut Log<'_>,
    both: &Both<'_>,
    path: &str,
    [old, new]: [&IndexMap<String, EnumValue>; 2],
    spots: &Spots<'_>,
) {
    let names = &both.new.names;
    let mut taken = HashSet::new();
    for (wire, before) in old {
        let rust = variant(names, wire, before);
        let same_variant = || {
            let mut added = new.iter().filter(|(other, _)| !old.contains_key(*other));
            added.find(|(other, value)| variant(names, other, value) == rust)
        };
        let path = format!("{path} value `{wire}`");
        let Some((other, after)) = new.get_key_value(wire).or_else(same_variant) else {
            log.add("value-removed", Impact::Breaking, &path, "removed")
                .effect(format!("the variant `{rust}` is gone; the value is read as `Unrecognized`"))
                .at(spots.before(&format!("{wire}#")));
            continue;
        };
        taken.insert(other);
        let place = || spots.after(&format!("{other}#"));
        if other != wire {
            log.add("wire-value-changed", Impact::Behavior, &path, format!("wire value `{wire}` → `{other}`"))
                .values(Some(wire.clone()), Some(other.clone()))
                .effect(format!("the variant `{rust}` stays, and means another value"))
                .at(place());
        }
        let renamed = variant(names, other, after);
        if renamed != rust {
            log.add("variant-renamed", Impact::Breaking, &path, format!("variant `{rust}` → `{renamed}`"))
                .values(Some(rust), Some(renamed))
                .at(place());
        }
        if before.doc() != after.doc() {
            docs(log, &path, before.doc(), after.doc()).at(place());
        }
    }
    for (wire, value) in new.iter().filter(|(wire, _)| !old.contains_key(*wire) && !taken.contains(wire)) {
        log.add("value-added", Impact::Additive, format!("{path} value `{wire}`"), "added")
            .effect(format!(
                "the variant `{}`; until now, the value is read as `Unrecognized`",
                variant(names, wire, value)
            ))
            .at(spots.after(&format!("{wire}#")));
    }
}
