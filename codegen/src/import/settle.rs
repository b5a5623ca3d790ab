//! Names and marks that a new operation needs to comply with the rules of specs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use indexmap::IndexMap;

use super::decision::{Decision, Note};
use super::report::Report;
use super::shape::Direction;
use super::tree::ExistingTree;
use super::variants::{literal, variant};
use crate::naming::{self, Names};
use crate::spec::{EnumValue, Field, NamedValue, Operation, Rpc};
use crate::validate::{indicates_secret, is_undecided_batch};

/// Names members and values of an operation whose derived names clash or are reserved, and marks secrets and lists of IDs.
/// Names and marks of members of the `old` operation are not touched.
pub(super) fn settle(operation: &mut Operation, old: Option<&Operation>, names: &Names, rpc: &Rpc) -> Vec<Note> {
    let mut settle = Settle { names, notes: Vec::new() };
    let known = |fields: Option<&Vec<Field>>| -> BTreeSet<String> {
        fields.into_iter().flatten().map(|field| field.name.clone()).collect()
    };
    let spots = spots(operation);
    let enums: BTreeSet<String> =
        operation.types.iter().filter(|(_, ty)| ty.values.is_some()).map(|(name, _)| name.clone()).collect();
    let known_request = known(old.map(|old| &old.request));
    // A new type or limit raises the same questions as a new parameter.
    let is_unchanged = |field: &Field| {
        let old = old.and_then(|old| old.request.iter().find(|old| old.name == field.name));
        old.is_some_and(|old| old.ty == field.ty && old.max_items == field.max_items || old.skip.is_some())
    };
    for field in operation.request.iter_mut().filter(|field| !is_unchanged(field)) {
        settle.parameter(field, &enums, rpc);
    }
    let request = Spot { direction: Direction::Request, path: "request ".to_owned(), is_root: true };
    settle.fields(&mut operation.request, &request, &known_request);
    let response = Spot { direction: Direction::Response, path: "response ".to_owned(), is_root: true };
    settle.fields(&mut operation.response, &response, &known(old.map(|old| &old.response)));
    for (name, ty) in &mut operation.types {
        let Some(spot) = spots.get(name) else { continue };
        if let Some(fields) = &mut ty.fields {
            let old = old.and_then(|old| old.types.get(name)).and_then(|ty| ty.fields.as_ref());
            settle.fields(fields, spot, &known(old));
        }
        if let Some(values) = &mut ty.values {
            settle.variants(values, spot.path.trim_end_matches('.'));
        }
    }
    settle.notes
}

/// Place of the members of a struct, or of an enum.
#[derive(Clone)]
struct Spot {
    direction: Direction,
    /// Path in reports, ending in a separator.
    path: String,
    is_root: bool,
}

/// The first place where each of the operation's types is used.
fn spots(operation: &Operation) -> BTreeMap<String, Spot> {
    let mut spots: BTreeMap<String, Spot> = BTreeMap::new();
    let mut open: VecDeque<(Direction, String, &Vec<Field>)> = VecDeque::from([
        (Direction::Request, "request ".to_owned(), &operation.request),
        (Direction::Response, "response ".to_owned(), &operation.response),
    ]);
    while let Some((direction, path, fields)) = open.pop_front() {
        for field in fields {
            let name = field.ty.name();
            if let Some(ty) = operation.types.get(name)
                && !spots.contains_key(name)
            {
                let path = format!("{path}{}{}.", field.name, if field.ty.is_list() { "[]" } else { "" });
                spots.insert(name.to_owned(), Spot { direction, path: path.clone(), is_root: false });
                if let Some(fields) = &ty.fields {
                    open.push_back((direction, path, fields));
                }
            }
        }
    }
    spots
}

struct Settle<'n> {
    names: &'n Names,
    notes: Vec<Note>,
}

impl Settle<'_> {
    /// Leaves out a parameter that the SDK sets itself, and decides whether a list of IDs is split.
    fn parameter(&mut self, field: &mut Field, enums: &BTreeSet<String>, rpc: &Rpc) {
        let path = format!("request {}", field.name);
        let name = field.name.as_str();
        let is_special = matches!(name, "RegionId" | "ClientToken" | "DryRun");
        let ty = field.ty.name();
        let has_type = ty == "string" || name == "DryRun" && ty == "bool" || enums.contains(ty);
        if rpc.parameters.contains_key(&field.name) {
            field.skip = Some("a common parameter of all requests, which the SDK sets".to_owned());
            field.required = false;
            self.note(Decision::Parameter, &path, "left out: a common parameter, which the SDK sets".to_owned());
        } else if is_special && (field.ty.is_list() || !has_type) {
            field.skip = Some("the SDK sets it, but the published API has another type for it".to_owned());
            field.required = false;
            let detail = format!("left out: the SDK sets it, but not as the published `{}`", field.ty.name());
            self.note(Decision::Parameter, &path, detail);
        } else if is_undecided_batch(field) {
            field.undivided = Some("The published API does not state that the list can be split.".to_owned());
            self.note(Decision::Batch, &path, "sent in one call".to_owned());
        }
    }

    /// Names members, and marks secrets. `known` has the members that the spec had before.
    fn fields(&mut self, fields: &mut [Field], spot: &Spot, known: &BTreeSet<String>) {
        let is_request = spot.direction == Direction::Request;
        let derived = |names: &Names, field: &Field, plural: bool| match is_request {
            true => names.parameter(&field.name, plural),
            false => names.response_field(&field.name, plural),
        };
        let is_plural = |field: &Field| field.wire.as_deref() == Some("repeat");
        let is_known = |field: &Field| known.contains(&field.name);
        let mut taken: BTreeSet<String> = BTreeSet::new();
        if spot.is_root && !is_request {
            taken.insert("request_id".to_owned());
        }
        // Names that cannot change are taken first: those of the spec, then those that are not made plural, because a list
        // can also have the singular.
        let rank = |field: &Field| (!is_known(field), is_plural(field), field.deprecated);
        let mut order: Vec<usize> = (0..fields.len()).filter(|index| fields[*index].skip.is_none()).collect();
        order.sort_by_key(|index| rank(&fields[*index]));
        for index in order {
            let field = &mut fields[index];
            let name = field.rust.clone().unwrap_or_else(|| derived(self.names, field, is_plural(field)));
            let path = format!("{}{}", spot.path, field.name);
            if !taken.insert(name.clone()) && !is_known(field) {
                let singular = derived(self.names, field, false);
                let new = free_name(&name, &singular, &field.name, is_request, &taken);
                let detail = format!("named `{new}`, because another member is named `{name}`");
                self.note(Decision::RustName, &path, detail);
                taken.insert(new.clone());
                field.rust = Some(new);
            }
            if is_request && !is_known(field) && field.required && field.default.take().is_some() {
                let reason = "The parameter is required, so a default can never apply.";
                field.decided.insert("default".to_owned(), reason.into());
                self.note(Decision::Fact, &path, "the default is left out: the member is required".to_owned());
            }
            if !is_known(field) && !field.sensitive && field.public.is_none() && indicates_secret(field) {
                field.sensitive = true;
                let detail = "a secret by its name; never printed or logged".to_owned();
                self.note(Decision::Secret, &path, detail);
            }
        }
    }

    /// Names values whose derived variants clash or say nothing.
    fn variants(&mut self, values: &mut IndexMap<String, EnumValue>, path: &str) {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let literals: BTreeMap<String, String> = values.keys().map(|value| (literal(value), value.clone())).collect();
        for (index, (value, meaning)) in values.iter_mut().enumerate() {
            let EnumValue::Doc(doc) = meaning else {
                if let EnumValue::Named(named) = meaning {
                    taken.insert(named.rust.clone());
                }
                continue;
            };
            let derived = self.names.variant(value);
            let says_something = value.chars().any(|c| c.is_ascii_alphanumeric());
            if says_something && taken.insert(derived.clone()) {
                continue;
            }
            let rust = variant(value, &derived, index, &taken, &literals);
            let why = match says_something {
                true => "because another value has the derived name",
                false if rust.ends_with(char::is_numeric) => "by its place in the list",
                false => "by its meaning",
            };
            self.note(Decision::Variant, path, format!("value `{value}` is named `{rust}`, {why}"));
            taken.insert(rust.clone());
            *meaning = EnumValue::Named(NamedValue { rust, doc: std::mem::take(doc) });
        }
    }

    fn note(&mut self, decision: Decision, path: &str, detail: String) {
        self.notes.push(Note { decision, path: path.to_owned(), at: String::new(), detail });
    }
}

/// Marks members of new operations that have the name of a secret of the service.
pub(super) fn secrets(operations: &mut [Operation], existing: &ExistingTree, report: &mut Report) {
    let shared = existing.types.values().flat_map(|ty| ty.fields.iter().flatten());
    let old = existing.operations.values().flat_map(all_fields).chain(shared);
    let is_secret = |field: &&Field| field.sensitive && field.public.is_none();
    let mut secret: BTreeSet<String> = old.filter(is_secret).map(|field| field.name.clone()).collect();
    secret.extend(operations.iter().flat_map(all_fields).filter(is_secret).map(|field| field.name.clone()));
    for operation in operations.iter_mut().filter(|new| !existing.operations.contains_key(&new.operation)) {
        let name = operation.operation.clone();
        for field in all_fields_mut(operation) {
            if field.sensitive || field.public.is_some() || !secret.contains(&field.name) {
                continue;
            }
            let detail = if matches!(field.ty.name(), "bool" | "i32" | "i64" | "f32" | "f64" | "time") {
                field.public = Some("A number, Boolean or time, which reveals no secret.".to_owned());
                "no secret, although others of its name are: it is not a string"
            } else {
                field.sensitive = true;
                "a secret, because others of its name are"
            };
            let note = Note {
                decision: Decision::Secret,
                path: field.name.clone(),
                at: String::new(),
                detail: detail.to_owned(),
            };
            report.decide(&name, &name, note);
        }
    }
}

fn all_fields(operation: &Operation) -> impl Iterator<Item = &Field> {
    let of_types = operation.types.values().flat_map(|ty| ty.fields.iter().flatten());
    operation.request.iter().chain(&operation.response).chain(of_types)
}

fn all_fields_mut(operation: &mut Operation) -> impl Iterator<Item = &mut Field> {
    let of_types = operation.types.values_mut().flat_map(|ty| ty.fields.iter_mut().flatten());
    operation.request.iter_mut().chain(&mut operation.response).chain(of_types)
}

/// A free Rust name for a member whose derived name is taken.
fn free_name(name: &str, singular: &str, wire: &str, is_request: bool, taken: &BTreeSet<String>) -> String {
    let plain = name.trim_start_matches("r#").trim_end_matches('_');
    let is_lower = wire.starts_with(|c: char| c.is_ascii_lowercase());
    let candidates = [
        (name != singular).then(|| singular.to_owned()),
        (!is_request && plain == "request_id").then(|| "body_request_id".to_owned()),
        is_lower.then(|| format!("{plain}_lowercase")),
        (wire.chars().filter(char::is_ascii_uppercase).count() > 1 && !wire.contains(|c: char| c.is_ascii_lowercase()))
            .then(|| format!("{plain}_uppercase")),
    ];
    let numbered = (2u32..).map(|number| format!("{plain}_{number}"));
    let mut candidates = candidates.into_iter().flatten().chain(numbered);
    let free = candidates.find(|name| naming::is_field(name, is_request) && !taken.contains(name));
    free.unwrap_or_else(|| plain.to_owned())
}
