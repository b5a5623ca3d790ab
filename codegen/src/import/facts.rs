//! Updates the facts of a field from the API.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use crate::spec::Field;

/// Keys of the facts that a field may override with `decided`.
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

/// Differences between a field of the spec and a member of the API.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// Facts that the spec overrides.
    decided: Vec<String>,
    /// Facts that the spec decides and that the API states differently.
    pub(super) overridden: Vec<String>,
    /// Facts that the API states differently: `max 50 → 100`.
    pub(super) changed: Vec<String>,
    /// Facts that the API does not state.
    pub(super) kept: Vec<String>,
}

impl Differences {
    /// Creates an empty list of differences. Facts that `field` overrides are skipped.
    pub(super) fn of(field: &Field) -> Self {
        Self { decided: field.decided.keys().cloned().collect(), ..Self::default() }
    }

    /// Whether the spec decides a fact that differs.
    fn is_decided(&mut self, name: &str) -> bool {
        let is_decided = self.decided.iter().any(|decided| decided == name);
        if is_decided {
            self.overridden.push(name.to_owned());
        }
        is_decided
    }

    fn change<T: Serialize + PartialEq + Clone>(&mut self, name: &str, old: &mut T, new: &T) {
        if old != new && !self.is_decided(name) {
            self.changed.push(format!("{name} {} → {}", display(old), display(new)));
            old.clone_from(new);
        }
    }

    /// Takes the value of the API, if it states one.
    fn fact<T: Serialize + PartialEq + Clone>(&mut self, name: &str, old: &mut Option<T>, new: &Option<T>) {
        match (&old, new) {
            (Some(value), None) => {
                self.kept.push(format!("{name} {}", display(value)));
                self.is_decided(name);
            }
            (None, Some(_)) if self.is_decided(name) => {}
            (None, Some(value)) => {
                self.changed.push(format!("{name} {} added", display(value)));
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
            (true, false) => {
                self.kept.push(name.to_owned());
                self.is_decided(name);
            }
            _ => {}
        }
    }
}

/// Whether a scalar type of the specs can represent one of the API. A boolean that is encoded as a string is a `bool` in the
/// specs, even if only the documentation states its two values. Times are strings in the API, and people decide which
/// strings are times.
pub(super) fn is_builtin(ty: &str, api: &str) -> bool {
    ty == api || matches!((ty, api), ("bool" | "time", "string") | ("string", "time"))
}

/// Updates the facts that determine how the field is used: type, encoding, and whether it is required.
pub(super) fn update_usage(field: &mut Field, imported: &Field, differences: &mut Differences) {
    differences.change("type", &mut field.ty, &imported.ty);
    differences.change("wire", &mut field.wire, &imported.wire);
    differences.change("required", &mut field.required, &imported.required);
}

/// Updates all other facts.
pub(super) fn update_details(field: &mut Field, imported: &Field, is_enum: bool, differences: &mut Differences) {
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
    // People decide which strings are times.
    if field.ty.name() == "time" {
        differences.fact("time", &mut field.time, &imported.time);
    }
    if imported.base64 && !field.base64 {
        differences.flag("base64", &mut field.base64, true);
    } else if imported.base64 != field.base64 {
        differences.is_decided("base64");
    }
    if is_enum {
        return;
    }
    let lacks = |list: &[Value], value: &Value| !list.iter().any(|known| same_value(known, value));
    let new: Vec<Value> = imported.values.iter().filter(|value| lacks(&field.values, value)).cloned().collect();
    let is_different = !new.is_empty() || field.values.iter().any(|value| lacks(&imported.values, value));
    if is_different && !differences.is_decided("values") {
        differences.changed.extend(new.iter().map(|value| format!("value {value} added")));
        field.values.extend(new);
    }
}

/// Whether two members state the same facts, apart from names, types and docs.
pub(super) fn same_details(a: &Field, b: &Field) -> bool {
    let mut a = a.clone();
    let mut differences = Differences::default();
    update_details(&mut a, b, false, &mut differences);
    differences.changed.is_empty() && differences.kept.is_empty()
}

/// The type and encoding of a field, for messages: `[Disk], wire repeat, required`.
pub(super) fn describe_type(field: &Field) -> String {
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

fn display<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => "none".to_owned(),
        Ok(value) => value.to_string(),
    }
}
