//! Folds dotted names of parameters into structs and lists.
//!
//! `SystemDisk.Size` is the member `Size` of the struct `SystemDisk`, and `Filter.1.Key` is the member `Key` of an element
//! of the list `Filter`. Published files list such names beside the struct or list itself, or instead of it.

use indexmap::IndexMap;
use serde_json::Value;

use super::api::{ApiDocs, Parameter, Schema};
use super::decision::{Decision, Note};

/// Folds the members of one struct or of a request.
pub(super) struct Fold<'a> {
    docs: &'a ApiDocs,
    /// Path of the struct in reports, ending in a separator.
    path: &'a str,
    /// Structs and lists that only dotted names mention.
    created: Vec<String>,
    pub(super) notes: Vec<Note>,
}

impl<'a> Fold<'a> {
    pub(super) fn new(docs: &'a ApiDocs, path: &'a str) -> Self {
        Fold { docs, path, created: Vec::new(), notes: Vec::new() }
    }

    /// The parameters of a request as the members of a struct. Of parameters with one name, the first one remains.
    pub(super) fn parameters(&mut self, parameters: &[Parameter]) -> IndexMap<String, Schema> {
        let mut members: IndexMap<String, Schema> = IndexMap::new();
        for (index, parameter) in parameters.iter().enumerate() {
            let mut schema = self.docs.resolve(&parameter.schema);
            schema.style = parameter.style.clone().or(schema.style);
            let at = format!("parameters.{index}");
            let name = parameter.name.trim();
            if name.is_empty() {
                self.note(Decision::Parameter, name, at, "left out: the parameter has no name".to_owned());
                continue;
            }
            schema.at = Some(format!("{at}.schema"));
            match members.get_mut(name) {
                Some(first) => {
                    // Where the two differ, the parameter is not required.
                    if schema.required != Some(Value::Bool(true)) {
                        first.required = None;
                    }
                    let detail = "listed twice; the first one is used".to_owned();
                    self.note(Decision::Parameter, name, format!("{at}.name"), detail);
                }
                None => {
                    members.insert(name.to_owned(), schema);
                }
            }
        }
        self.members(members)
    }

    /// Members whose names have no dots. Names with an empty part beside a dot stay as they are: no member has such a name.
    pub(super) fn members(&mut self, members: IndexMap<String, Schema>) -> IndexMap<String, Schema> {
        let is_dotted = |name: &str| name.contains('.') && name.split('.').all(|part| !part.trim().is_empty());
        let (dotted, mut folded): (IndexMap<_, _>, IndexMap<_, _>) =
            members.into_iter().partition(|(name, _)| is_dotted(name));
        for (name, schema) in dotted {
            let parts: Vec<&str> = name.split('.').map(str::trim).collect();
            let at = schema.at.clone().unwrap_or_default();
            let is_required = schema.required == Some(Value::Bool(true));
            match self.insert(&mut folded, &parts, schema, is_required) {
                Ok(Folded::New) => {
                    let detail = format!("`{name}` is {}", description(&parts));
                    self.note(Decision::Folded, &name, at, detail);
                }
                Ok(Folded::Known) => {
                    let detail = format!("`{name}` is {}, which has this member", description(&parts));
                    self.note(Decision::Folded, &name, at, detail);
                }
                Err(reason) => self.note(Decision::Parameter, &name, at, reason),
            }
        }
        folded
    }

    /// Inserts a member at a path of names and indices.
    fn insert(
        &mut self,
        members: &mut IndexMap<String, Schema>,
        parts: &[&str],
        leaf: Schema,
        is_required: bool,
    ) -> Result<Folded, String> {
        let Some((name, rest)) = parts.split_first() else {
            return Ok(Folded::Known);
        };
        let is_list = rest.first().is_some_and(|part| is_index(part));
        let below = if is_list { &rest[1..] } else { rest };
        let Some(known) = members.get(*name) else {
            let mut new = leaf.clone();
            if !rest.is_empty() {
                new = Schema { at: leaf.at.clone(), ..Schema::default() };
                new.required = is_required.then_some(Value::Bool(true));
                self.created.push((*name).to_owned());
                let style = if is_list { "repeatList" } else { "flat" };
                (new.kind, new.style) = (Some(kind(is_list).to_owned()), Some(style.to_owned()));
                self.insert_below(&mut new, is_list, below, leaf, is_required)?;
            }
            members.insert((*name).to_owned(), new);
            return Ok(Folded::New);
        };
        let mut known = self.docs.resolve(known);
        if is_required && self.created.iter().any(|created| created == name) {
            known.required = Some(Value::Bool(true));
        }
        if rest.is_empty() {
            // Both may be structs: `A.B` with the member `C`, and `A.B.D`.
            let mut result = Folded::Known;
            if known.kind() == "object" && leaf.kind() == "object" {
                for (name, member) in leaf.properties {
                    if !known.properties.contains_key(&name) {
                        known.properties.insert(name, member);
                        result = Folded::New;
                    }
                }
                members.insert((*name).to_owned(), known);
            }
            return Ok(result);
        }
        if known.style.as_deref() == Some("json") || known.style.as_deref() == Some("simple") {
            return Err(format!("left out: `{name}` is sent as one parameter, which has this member"));
        }
        if is_list && known.kind() != "array" {
            // A list of one element says the same as the single value.
            let detail = format!("left out: the list of `{}` replaces it", parts.join("."));
            self.note(Decision::Parameter, name, known.at.clone().unwrap_or_default(), detail);
            let index = members.get_index_of(*name);
            members.shift_remove(*name);
            let added = self.insert(members, parts, leaf, is_required)?;
            if let (Some(index), true) = (index, members.len() > 1) {
                members.move_index(members.len() - 1, index);
            }
            return Ok(added);
        }
        if known.kind() != kind(is_list) || !is_list && known.properties.is_empty() {
            return Err(format!("left out: `{name}` is a parameter of its own that is neither a struct nor a list"));
        }
        let added = self.insert_below(&mut known, is_list, below, leaf, is_required)?;
        members.insert((*name).to_owned(), known);
        Ok(added)
    }

    /// Inserts a member into a struct, or into the elements of a list. Without a path, the elements are the leaf itself.
    fn insert_below(
        &mut self,
        parent: &mut Schema,
        is_list: bool,
        parts: &[&str],
        leaf: Schema,
        is_required: bool,
    ) -> Result<Folded, String> {
        if !is_list {
            return self.insert(&mut parent.properties, parts, leaf, is_required);
        }
        let known = parent.items.take().map(|items| self.docs.resolve(&items));
        if parts.is_empty() {
            let result = if known.is_some() { Folded::Known } else { Folded::New };
            let element = Schema { required: None, style: None, ..leaf };
            parent.items = Some(Box::new(known.unwrap_or(element)));
            return Ok(result);
        }
        let mut items = known.unwrap_or_else(|| Schema { kind: Some("object".to_owned()), ..Schema::default() });
        let result = match items.kind() {
            "object" => self.insert(&mut items.properties, parts, leaf, is_required),
            _ => Err("left out: the elements of the list are not structs".to_owned()),
        };
        parent.items = Some(Box::new(items));
        result
    }

    fn note(&mut self, decision: Decision, name: &str, at: String, detail: String) {
        let path = format!("{}{name}", self.path).trim_end().to_owned();
        self.notes.push(Note { decision, path, at, detail });
    }
}

/// Whether the path of a dotted name existed.
enum Folded {
    New,
    Known,
}

fn kind(is_list: bool) -> &'static str {
    if is_list { "array" } else { "object" }
}

/// Whether a part of a dotted name counts the elements of a list: `1`, or `N` in documentation.
fn is_index(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()) || matches!(part, "N" | "n")
}

/// The place of a member: ``the member `Size` of the struct `SystemDisk` ``.
fn description(parts: &[&str]) -> String {
    let path = |parts: &[&str]| {
        let parts = parts.iter().map(|part| if is_index(part) { "[]".to_owned() } else { format!(".{part}") });
        parts.collect::<String>().trim_start_matches('.').to_owned()
    };
    match parts {
        [owner @ .., last] if is_index(last) => format!("an element of the list `{}`", path(owner)),
        [owner @ .., index, last] if is_index(index) => {
            format!("the member `{last}` of the list `{}`", path(owner))
        }
        [owner @ .., last] => format!("the member `{last}` of the struct `{}`", path(owner)),
        [] => String::new(),
    }
}
