//! Facts of a field: what the api states, onto what the spec states.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use crate::spec::Field;

/// Facts that a field may decide against the API, by the name of their key.
pub(crate) const DECIDABLE: &[&str] = &[
    "type",
    "wire",
    "required",
    "deprecated",
    "replaced_by",
    "visibility",
    "default",
    "min",
    "max",
    "min_items",
    "max_items",
    "min_length",
    "max_length",
    "pattern",
    "time",
    "base64",
    "values",
];

/// Where a field of the spec and a member of the api differ.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// Facts that the spec decides by itself.
    decided: Vec<String>,
    /// Facts that the api states differently: `max 50 → 100`.
    pub(super) changed: Vec<String>,
    /// Facts on which the api is silent.
    pub(super) kept: Vec<String>,
}

impl Differences {
    /// No differences yet; those in facts that `field` decides by itself are not counted.
    pub(super) fn of(field: &Field) -> Self {
        Self { decided: field.decided.keys().cloned().collect(), ..Self::default() }
    }

    fn is_decided(&self, name: &str) -> bool {
        self.decided.iter().any(|decided| decided == name)
    }

    fn change<T: Serialize + PartialEq + Clone>(&mut self, name: &str, old: &mut T, new: &T) {
        if old != new && !self.is_decided(name) {
            self.changed.push(format!("{name} {} → {}", text(old), text(new)));
            old.clone_from(new);
        }
    }

    /// Follows the api where it says something.
    fn fact<T: Serialize + PartialEq + Clone>(&mut self, name: &str, old: &mut Option<T>, new: &Option<T>) {
        match (&old, new) {
            (Some(value), None) => self.kept.push(format!("{name} {}", text(value))),
            (None, Some(_)) if self.is_decided(name) => {}
            (None, Some(value)) => {
                self.changed.push(format!("{name} {} added", text(value)));
                old.clone_from(new);
            }
            (Some(a), Some(b)) if a != b => self.change(name, old, new),
            _ => {}
        }
    }

    fn flag(&mut self, name: &str, old: &mut bool, new: bool) {
        match (*old, new) {
            (false, true) if self.is_decided(name) => {}
            (false, true) => {
                self.changed.push(format!("{name} added"));
                *old = true;
            }
            (true, false) => self.kept.push(name.to_owned()),
            _ => {}
        }
    }
}

/// Whether a scalar type of the specs stands for one of the api. A boolean that travels as a string is a `bool` in the
/// specs: the api lists its two values, or only its documentation tells them. Times are strings in the api, and which
/// strings are times is for people to decide.
pub(super) fn is_builtin(ty: &str, api: &str) -> bool {
    ty == api || matches!((ty, api), ("bool" | "time", "string") | ("string", "time"))
}

/// Type, encoding and whether it is required: what decides how the field is used.
pub(super) fn update_form(field: &mut Field, imported: &Field, differences: &mut Differences) {
    differences.change("type", &mut field.ty, &imported.ty);
    differences.change("wire", &mut field.wire, &imported.wire);
    differences.change("required", &mut field.required, &imported.required);
}

/// Everything else that the api states.
pub(super) fn update_limits(field: &mut Field, imported: &Field, is_enum: bool, differences: &mut Differences) {
    differences.flag("deprecated", &mut field.deprecated, imported.deprecated);
    differences.fact("replaced_by", &mut field.replaced_by, &imported.replaced_by);
    differences.fact("visibility", &mut field.visibility, &imported.visibility);
    differences.fact("default", &mut field.default, &imported.default);
    differences.fact("min", &mut field.min, &imported.min);
    differences.fact("max", &mut field.max, &imported.max);
    differences.fact("min_items", &mut field.min_items, &imported.min_items);
    differences.fact("max_items", &mut field.max_items, &imported.max_items);
    differences.fact("min_length", &mut field.min_length, &imported.min_length);
    differences.fact("max_length", &mut field.max_length, &imported.max_length);
    differences.fact("pattern", &mut field.pattern, &imported.pattern);
    // Which strings are times is for people to decide.
    if field.ty.name() == "time" {
        differences.fact("time", &mut field.time, &imported.time);
    }
    if imported.base64 && !field.base64 {
        differences.flag("base64", &mut field.base64, true);
    }
    for value in imported.values.iter().filter(|_| !is_enum && !field.decided.contains_key("values")) {
        if !field.values.iter().any(|known| same_value(known, value)) {
            differences.changed.push(format!("value {value} added"));
            field.values.push(value.clone());
        }
    }
}

/// Whether two members state the same facts; names and texts are left aside.
pub(super) fn same_limits(a: &Field, b: &Field) -> bool {
    let mut a = a.clone();
    let mut differences = Differences::default();
    update_limits(&mut a, b, false, &mut differences);
    differences.changed.is_empty() && differences.kept.is_empty()
}

/// The form of a field in a few words: `[Disk], wire repeat, required`.
pub(super) fn type_text(field: &Field) -> String {
    let mut words = if field.ty.is_list() { format!("[{}]", field.ty.name()) } else { field.ty.name().to_owned() };
    if let Some(wire) = &field.wire {
        let _ = write!(words, ", wire {wire}");
    }
    if field.required {
        words.push_str(", required");
    }
    words
}

fn same_value(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

fn text<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => "none".to_owned(),
        Ok(value) => value.to_string(),
    }
}
