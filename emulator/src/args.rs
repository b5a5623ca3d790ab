//! Typed arguments of a call.

use serde_json::{Map, Value};

/// The arguments of a call, by wire name. Dotted names reach into structs: `SystemDisk.Category`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Args(Value);

impl Args {
    /// Arguments from checked values.
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Args(Value::Object(members))
    }

    /// The value of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        name.split('.').try_fold(&self.0, |value, part| value.get(part))
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// A text, or a standard one.
    pub(crate) fn text_or<'a>(&'a self, name: &str, standard: &'a str) -> &'a str {
        self.text(name).unwrap_or(standard)
    }

    /// A whole number.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    /// A small count, such as an amount or a size; the service has no negative ones where it is used.
    pub(crate) fn count(&self, name: &str) -> Option<u32> {
        self.int(name).and_then(|number| u32::try_from(number).ok())
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(Value::as_f64)
    }

    /// A boolean.
    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(Value::as_bool)
    }

    /// A boolean that is false when left out.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.boolean(name).unwrap_or(false)
    }

    /// A list; `None` when it was not sent.
    pub(crate) fn list(&self, name: &str) -> Option<&[Value]> {
        self.get(name).and_then(Value::as_array).map(Vec::as_slice)
    }

    /// A list of texts; `None` when it was not sent.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        self.list(name).map(|items| items.iter().filter_map(Value::as_str).collect())
    }

    /// A list of structs as arguments of their own.
    pub(crate) fn structs(&self, name: &str) -> Vec<Args> {
        self.list(name).unwrap_or_default().iter().cloned().map(Args).collect()
    }
}
