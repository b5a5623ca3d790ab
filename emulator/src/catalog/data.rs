//! Reads the files in `data/`. They live as long as the program, so their strings are `'static`.

use serde_json::{Value, value::Index};

/// The entries of a file that is a list. A unit test of each catalog reads all members that it uses.
pub(super) fn entries(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap_or_default()
}

/// A string, or `default` if the member is absent.
pub(super) fn string_or(entry: &Value, name: impl Index, default: &'static str) -> &'static str {
    entry[name].as_str().map_or(default, |value| String::from(value).leak())
}

/// A string; empty if the member is absent.
pub(super) fn string(entry: &Value, name: impl Index) -> &'static str {
    string_or(entry, name, "")
}

/// A number; 0 if the value is not one.
pub(super) fn float(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

/// A count; 0 if the value is not one.
pub(super) fn count(value: &Value) -> u32 {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}
