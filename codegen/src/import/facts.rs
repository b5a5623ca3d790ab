//! Updates the facts of a field from the API.

use std::fmt::{self, Write};

use serde::Serialize;
use serde_json::{Number, Value};

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
    /// Facts that the spec decides and that the API states differently, or not at all.
    pub(super) overridden: Vec<String>,
    /// Facts that the spec decides and the API states differently, with both values.
    pub(super) overruled: Vec<Difference>,
    /// Facts that the API states differently.
    pub(super) changed: Vec<Difference>,
    /// Facts that the API does not state.
    pub(super) kept: Vec<String>,
}

/// A fact that the API states and the spec states differently, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) fact: String,
    /// The value of the spec.
    pub(super) ours: Option<String>,
    /// The value of the API.
    pub(super) theirs: String,
}

impl Difference {
    pub(super) fn new(fact: &str, ours: Option<String>, theirs: impl Into<String>) -> Self {
        Self { fact: fact.to_owned(), ours, theirs: theirs.into() }
    }

    /// The difference, for an import that leaves the fact as it is.
    pub(super) fn left(&self) -> String {
        let Difference { fact, ours, theirs } = self;
        format!("{fact} {} in the specs, {theirs} in the API", ours.as_deref().unwrap_or("none"))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.ours {
            Some(ours) => write!(f, "{} {ours} → {}", self.fact, self.theirs),
            None if self.theirs == PRESENT => write!(f, "{} added", self.fact),
            None => write!(f, "{} {} added", self.fact, self.theirs),
        }
    }
}

/// The value of a flag that is set.
const PRESENT: &str = "true";

impl Differences {
    /// Creates an empty list of differences. Facts that `field` overrides are skipped.
    pub(super) fn of(field: &Field) -> Self {
        Self { decided: field.decided.keys().cloned().collect(), ..Self::default() }
    }

    /// Records facts that differ although the field keeps them.
    pub(super) fn overrule(&mut self, names: &[&str]) {
        names.iter().for_each(|name| _ = self.is_decided(name));
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
        if old == new {
            return;
        }
        let difference = Difference::new(name, Some(display(old)), display(new));
        if self.is_decided(name) {
            self.overruled.push(difference);
        } else {
            self.changed.push(difference);
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
                self.changed.push(Difference::new(name, None, display(value)));
                old.clone_from(new);
            }
            (Some(a), Some(b)) if is_other(a, b) => self.change(name, old, new),
            (Some(_), Some(_)) => {}
            (None, None) => {
                self.is_decided(name);
            }
        }
    }

    fn flag(&mut self, name: &str, old: &mut bool, new: bool) {
        match (*old, new) {
            (false, true) if self.is_decided(name) => {}
            (false, true) => {
                self.changed.push(Difference::new(name, None, PRESENT));
                *old = true;
            }
            (true, false) => {
                self.kept.push(name.to_owned());
                self.is_decided(name);
            }
            (true, true) => {}
            (false, false) => {
                self.is_decided(name);
            }
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
    } else if !imported.base64 {
        // People also mark content that the API does not mark.
        differences.is_decided("base64");
    }
    if is_enum {
        return;
    }
    let lacks = |list: &[Value], value: &Value| !list.iter().any(|known| same_value(known, value));
    let new: Vec<Value> = imported.values.iter().filter(|value| lacks(&field.values, value)).cloned().collect();
    let is_different = !new.is_empty() || field.values.iter().any(|value| lacks(&imported.values, value));
    if is_different && !differences.is_decided("values") {
        differences.changed.extend(new.iter().map(|value| Difference::new("value", None, value.to_string())));
        field.values.extend(new);
    } else if imported.values.is_empty() {
        differences.is_decided("values");
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
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b)),
        _ => a == b,
    }
}

/// Whether two numbers are equal, however they are written: 0 and 0.0.
fn same_number(a: &Number, b: &Number) -> bool {
    a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
}

/// Whether two values of a fact differ in more than their notation.
fn is_other<T: Serialize + PartialEq>(a: &T, b: &T) -> bool {
    let is_same = || match (serde_json::to_value(a), serde_json::to_value(b)) {
        (Ok(a @ (Value::Number(_) | Value::Array(_))), Ok(b)) => same_value(&a, &b),
        _ => false,
    };
    a != b && !is_same()
}

/// A value in messages: a string without quotation marks.
pub(super) fn display<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => "none".to_owned(),
        Ok(value) => value.to_string(),
    }
}
