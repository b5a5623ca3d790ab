//! Compares the fields of requests, responses and structs.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    Both,
    change::{Impact, Log, Spots},
    surface,
    values::{Changed, changed, excerpt, shorten, shown},
};
use crate::{
    spec::{Field, TypeRef},
    type_graph::Scope,
};

/// The fields of a request, a response or a struct, before and after.
pub(super) struct Members<'a> {
    /// The words before the name of a field in messages: `request `, `Tag.`.
    pub(super) label: String,
    pub(super) lists: [&'a [Field]; 2],
    pub(super) scopes: [Scope<'a>; 2],
    /// Whether they are sent.
    pub(super) request: bool,
    /// Whether they are those of the request or the response itself, not of a struct. The SDK fills in `RegionId` and
    /// `ClientToken`, and knows `DryRun`, only there.
    pub(super) is_top_level: bool,
    /// Renamed types, which are reported once, and not by field.
    pub(super) renamed: &'a HashMap<String, String>,
    pub(super) spots: Spots<'a>,
}

/// Compares all fields, except skipped ones.
pub(super) fn compare(log: &mut Log<'_>, both: &Both<'_>, members: &Members<'_>) {
    let [old, new] = members.lists;
    let name = |field: &Field| surface::field(&both.new.names, field, members.scopes[1], members.request).name;
    let find = |name: &str| new.iter().position(|field| field.name == name && field.skip.is_none());
    let is_new = |field: &Field| {
        field.skip.is_none() && !old.iter().any(|other| other.name == field.name && other.skip.is_none())
    };
    let mut pairs = Vec::new();
    let mut removed = Vec::new();
    let mut taken = HashSet::new();
    for (index, field) in old.iter().enumerate().filter(|(_, field)| field.skip.is_none()) {
        let same_rust = || {
            let rust = name(field);
            new.iter().position(|other| is_new(other) && name(other) == rust)
        };
        match find(&field.name).or_else(same_rust).filter(|found| taken.insert(*found)) {
            Some(found) => pairs.push((index, found)),
            None => removed.push(index),
        }
    }
    for index in removed {
        remove(log, members, index);
    }
    for (from, to) in &pairs {
        Pair::new(both, members, *from, *to).compare(log);
    }
    for (index, field) in new.iter().enumerate().filter(|(index, field)| field.skip.is_none() && !taken.contains(index))
    {
        add(log, both, members, index, field);
    }
    let order: Vec<usize> = pairs.iter().map(|(_, to)| *to).collect();
    if !order.is_sorted() {
        let path = members.label.trim_end_matches(['.', ' ']);
        log.add("order-changed", Impact::Docs, path, "fields are in another order")
            .effect("the form and the docs follow the order")
            .at(members.spots.after("#"));
    }
}

fn remove(log: &mut Log<'_>, members: &Members<'_>, index: usize) {
    let field = &members.lists[0][index];
    let left = members.lists[1].iter().position(|other| other.name == field.name);
    let reason = left.and_then(|found| Some((found, members.lists[1][found].skip.as_ref()?)));
    let message = reason.map_or_else(|| "removed".to_owned(), |(_, why)| format!("removed: {}", shorten(why)));
    let place = match reason {
        Some((found, _)) => members.spots.after(&format!("{found}.skip")),
        None => members.spots.before(&index.to_string()),
    };
    let effect = if members.request {
        "the field and its setter are gone; a parameter can still be sent by name, with `options`"
    } else {
        "the field is gone"
    };
    log.add("field-removed", Impact::Breaking, format!("{}{}", members.label, field.name), message)
        .values(Some(type_text(field)), None)
        .effect(effect)
        .at(place);
}

fn add(log: &mut Log<'_>, both: &Both<'_>, members: &Members<'_>, index: usize, field: &Field) {
    let path = format!("{}{}", members.label, field.name);
    let place = members.spots.after(&index.to_string());
    let surface = surface::field(&both.new.names, field, members.scopes[1], members.request);
    let rust = format!("`{}: {}`", surface.name, surface.ty);
    let is_parameter = members.request && members.is_top_level;
    let is_region = is_parameter && field.name == "RegionId";
    let (class, message, effect) = if members.request && field.required && !is_region {
        let effect = format!("{rust}; calls that do not set it are rejected before they are sent");
        (Impact::Breaking, "added as required", effect)
    } else if is_region && field.required {
        (Impact::Behavior, "added as required", format!("{rust}; defaults to the region of the client"))
    } else if is_parameter && field.name == "ClientToken" {
        let effect =
            format!("{rust}; a token is sent with each call, which is now retried after any transient failure");
        (Impact::Behavior, "added", effect)
    } else if is_parameter && field.is_dry_run() {
        (Impact::Additive, "added", format!("{rust}, and the method `check`"))
    } else if !members.request && members.is_top_level && members.lists[0].iter().all(|field| field.skip.is_some()) {
        let effect = format!("{rust}, the first member; the type stays the same struct, which only grows");
        (Impact::Additive, "added", effect)
    } else {
        (Impact::Additive, "added", rust)
    };
    let rule = if class == Impact::Breaking { "required-field-added" } else { "field-added" };
    log.add(rule, class, path, format!("{message}, type `{}`", type_text(field)))
        .values(None, Some(type_text(field)))
        .effect(effect)
        .at(place);
}

/// A field before and after.
struct Pair<'a, 'b> {
    both: &'a Both<'b>,
    members: &'a Members<'a>,
    old: &'a Field,
    new: &'a Field,
    path: String,
    spots: Spots<'a>,
}

impl<'a, 'b> Pair<'a, 'b> {
    fn new(both: &'a Both<'b>, members: &'a Members<'a>, from: usize, to: usize) -> Self {
        let (old, new) = (&members.lists[0][from], &members.lists[1][to]);
        let path = format!("{}{}", members.label, new.name);
        Self { both, members, old, new, path, spots: members.spots.within(&from.to_string(), &to.to_string()) }
    }

    fn compare(&self, log: &mut Log<'_>) {
        let (old, new) = (self.old, self.new);
        let [before, after] = [(old, 0), (new, 1)].map(|(field, side)| {
            surface::field(&self.both.new.names, field, self.members.scopes[side], self.members.request)
        });
        if old.name != new.name {
            log.add(
                "wire-name-changed",
                Impact::Behavior,
                &self.path,
                format!("wire name `{}` → `{}`", old.name, new.name),
            )
            .values(Some(old.name.clone()), Some(new.name.clone()))
            .effect("the Rust name stays; the service receives and sends the new wire name")
            .at(self.spots.after("name"));
        }
        if before.name != after.name {
            log.add(
                "field-renamed",
                Impact::Breaking,
                &self.path,
                format!("renamed `{}` → `{}`", before.name, after.name),
            )
            .values(Some(before.name.clone()), Some(after.name.clone()))
            .effect("the Rust name changes, and the wire name stays")
            .at(self.spots.after(if new.rust.is_some() { "rust" } else { "name" }));
        }
        let is_renamed = |name: &str| self.members.renamed.get(name).is_some_and(|to| to == new.ty.name());
        let same_type = old.ty == new.ty || is_renamed(old.ty.name()) && old.ty.is_list() == new.ty.is_list();
        if !same_type {
            let (from, to) = (type_text(old), type_text(new));
            log.add("type-changed", Impact::Breaking, &self.path, format!("type `{from}` → `{to}`"))
                .values(Some(from), Some(to))
                .effect(format!("in Rust, `{}` becomes `{}`", before.ty, after.ty))
                .at(self.spots.after("type"));
        }
        if old.wire != new.wire {
            // The change of the type already reports the Rust type.
            let breaking = same_type && before.ty != after.ty && !is_renamed(old.ty.name());
            let effect = match (breaking, self.members.request) {
                (true, _) => format!("in Rust, `{}` becomes `{}`", before.ty, after.ty),
                (false, true) => "requests send the list in another form".to_owned(),
                (false, false) => "responses are read, and saved responses are written, in another form".to_owned(),
            };
            let [from, to] = [&old.wire, &new.wire].map(|wire| wire.as_deref().unwrap_or("none").to_owned());
            let class = if breaking { Impact::Breaking } else { Impact::Behavior };
            log.add("list-style-changed", class, &self.path, format!("list style `{from}` → `{to}`"))
                .values(Some(from), Some(to))
                .effect(effect)
                .at(self.spots.after("wire"));
        }
        self.check_method(log);
        self.compare_docs(log);
        let keys = changed(&plain(old), &plain(new));
        for key in &keys {
            self.compare_key(log, key);
        }
    }

    /// `DryRun` gives requests the method `check`.
    fn check_method(&self, log: &mut Log<'_>) {
        let is_parameter = self.members.request && self.members.is_top_level;
        if !is_parameter || self.old.is_dry_run() == self.new.is_dry_run() {
            return;
        }
        let (class, message) = if self.new.is_dry_run() {
            (Impact::Additive, "requests get the method `check`")
        } else {
            (Impact::Breaking, "requests lose the method `check`")
        };
        log.add("dry-run-changed", class, &self.path, message).at(self.spots.after("values"));
    }

    /// The docs, unless both sides have those of the glossary, which is compared as such.
    fn compare_docs(&self, log: &mut Log<'_>) {
        let of = |field: &Field, glossary: &crate::spec::Glossary| {
            let entry = || glossary.get(&field.name).map(|entry| entry.doc().to_owned());
            field.doc.clone().or_else(entry).unwrap_or_default()
        };
        let from_glossary = self.old.doc.is_none() && self.new.doc.is_none() && self.old.name == self.new.name;
        let before = of(self.old, &self.both.old.tree.glossary);
        let after = of(self.new, &self.both.new.tree.glossary);
        if !from_glossary && before != after {
            docs(log, &self.path, &before, &after).at(self.spots.after("doc"));
        }
    }

    fn compare_key(&self, log: &mut Log<'_>, key: &Changed) {
        let name = key.root();
        let request = self.members.request;
        let (class, effect) = match name {
            "required" => return self.compare_required(log),
            "batch" => return self.compare_batch(log),
            "sensitive" if self.new.sensitive => {
                (Impact::Behavior, "the value is masked in debug output, errors and events")
            }
            "sensitive" => {
                (Impact::Behavior, "the value is no longer masked: it appears in debug output, errors and events")
            }
            "base64" | "encoded_by" if request && key.old.is_none() => (
                Impact::Breaking,
                "the setter takes content and encodes it: strings that are already in Base64 are encoded twice",
            ),
            "base64" | "encoded_by" if request => {
                (Impact::Breaking, "the setters of content change: strings are sent as they are")
            }
            "base64" | "encoded_by" if key.new.is_none() => {
                (Impact::Breaking, "the method that decodes the content is gone")
            }
            "base64" | "encoded_by" if key.old.is_none() => {
                (Impact::Additive, "the response gets a method that decodes the content")
            }
            "base64" | "encoded_by" => (Impact::Behavior, "the content is decoded in another way"),
            // The SDK itself checks these two.
            "max_bytes" if request && is_tighter(key) => {
                (Impact::Breaking, "the SDK rejects larger values, which it sent before")
            }
            "max_bytes" if request => (Impact::Additive, "the SDK sends larger values, which it rejected before"),
            "max_items" if request && self.new.batch && self.old.batch && is_tighter(key) => {
                (Impact::Breaking, "the SDK rejects longer lists, which it sent before; `in_batches` splits them")
            }
            "max_items" if request && self.new.batch && self.old.batch => {
                (Impact::Behavior, "`in_batches` sends longer lists, which the SDK rejected before")
            }
            "default" if request => (Impact::Behavior, "calls that do not set it mean another value"),
            "min" | "max" | "min_items" | "max_items" | "min_length" | "max_length" | "pattern" if request => {
                if is_tighter(key) {
                    (Impact::Behavior, "the service rejects values that it accepted")
                } else {
                    (Impact::Additive, "the service accepts more values")
                }
            }
            "values" if request => {
                let gone = self.old.values.iter().any(|value| !self.new.values.contains(value));
                match (self.old.values.is_empty(), self.new.values.is_empty()) {
                    (_, true) => (Impact::Additive, "the service accepts any value"),
                    (true, _) => (Impact::Behavior, "the service accepts only these values"),
                    _ if gone => (Impact::Behavior, "the service no longer accepts some of the values"),
                    _ => (Impact::Additive, "the service accepts more values"),
                }
            }
            "time" if request => (Impact::Behavior, "times are sent in another format"),
            "deprecated" => (Impact::Docs, "the docs say so; there is no compiler warning"),
            _ => return self.add_key(log, "fact-changed", Impact::Docs, key, None),
        };
        let rule = match name {
            "sensitive" => "sensitive-changed",
            "base64" | "encoded_by" => "content-changed",
            "default" => "default-changed",
            "values" => "values-changed",
            "time" => "time-format-changed",
            "deprecated" => "deprecated-changed",
            _ => "limit-changed",
        };
        self.add_key(log, rule, class, key, Some(effect));
    }

    fn add_key(&self, log: &mut Log<'_>, rule: &'static str, class: Impact, key: &Changed, effect: Option<&str>) {
        let place = self.spots.key(&key.key, key.new.is_some());
        let change = log.add(rule, class, &self.path, key.sentence());
        change.values(Some(key.old_text()), Some(key.new_text())).at(place);
        if let Some(effect) = effect {
            change.effect(effect);
        }
    }

    fn compare_required(&self, log: &mut Log<'_>) {
        let request = self.members.request;
        let is_region = self.members.is_top_level && self.new.name == "RegionId";
        let (class, effect) = match (request, self.new.required, is_region) {
            (false, _, _) => (Impact::Docs, "responses are decoded in the same way"),
            (_, true, true) => (Impact::Behavior, "the region of the client is sent unless another is set"),
            (_, false, true) => {
                (Impact::Behavior, "the region of the client is no longer sent; the service chooses its default")
            }
            (_, true, false) => (Impact::Breaking, "calls that do not set it are rejected before they are sent"),
            (_, false, false) => (Impact::Additive, "calls need not set it"),
        };
        let message = if self.new.required { "now required" } else { "no longer required" };
        log.add("required-changed", class, &self.path, message)
            .values(Some(shown(Some(&self.old.required.into()))), Some(shown(Some(&self.new.required.into()))))
            .effect(effect)
            .at(self.spots.key("required", self.new.required));
    }

    fn compare_batch(&self, log: &mut Log<'_>) {
        let is_only = !self.members.lists[1].iter().any(|field| field.batch && field.skip.is_none());
        let (class, message, effect) = match (self.new.batch, is_only) {
            (true, _) => {
                (Impact::Breaking, "now a batch", "the SDK rejects lists above `max_items`; `in_batches` splits them")
            }
            (false, true) => (Impact::Breaking, "no longer a batch", "the method `in_batches` is gone"),
            (false, false) => (Impact::Behavior, "no longer a batch", "`in_batches` does not split the list"),
        };
        log.add("batch-changed", class, &self.path, message).effect(effect).at(self.spots.key("batch", self.new.batch));
    }
}

/// A change of docs.
pub(super) fn docs<'l>(log: &'l mut Log<'_>, path: &str, old: &str, new: &str) -> &'l mut super::Change {
    let (from, to) = excerpt(old, new);
    let message = match (old.is_empty(), new.is_empty()) {
        (true, _) => format!("docs added: {to}"),
        (_, true) => format!("docs removed: {from}"),
        _ => format!("docs: {from} → {to}"),
    };
    log.add("docs-changed", Impact::Docs, path, message).values(Some(old.to_owned()), Some(new.to_owned()))
}

/// Whether fewer values than before are allowed.
fn is_tighter(key: &Changed) -> bool {
    let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_f64);
    match (key.root(), number(&key.old), number(&key.new)) {
        ("pattern", _, _) => key.new.is_some(),
        (_, _, None) => false,
        (_, None, Some(_)) => true,
        (name, Some(old), Some(new)) => {
            if name.starts_with("min") {
                new > old
            } else {
                new < old
            }
        }
    }
}

/// The field without the keys that are compared separately.
fn plain(field: &Field) -> Field {
    Field {
        name: String::new(),
        rust: None,
        ty: TypeRef::default(),
        wire: None,
        doc: None,
        skip: None,
        ..field.clone()
    }
}

/// The type as specs write it: `string`, `[Tag]`.
fn type_text(field: &Field) -> String {
    if field.ty.is_list() { format!("[{}]", field.ty.name()) } else { field.ty.name().to_owned() }
}
