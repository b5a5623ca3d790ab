//! Readers for the files in `data/`. Each file is read once and kept, so its strings are `'static`.

use serde_json::{Value, value::Index};

/// Returns the entries of a file that is a list. Unit tests of the catalogs check that every entry is complete.
pub(super) fn entries(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap_or_default()
}

/// Returns a string, or `default` if the member is absent.
pub(super) fn string_or(entry: &Value, name: impl Index, default: &'static str) -> &'static str {
    entry[name].as_str().map_or(default, |value| String::from(value).leak())
}

/// Returns a string; empty if the member is absent.
pub(super) fn string(entry: &Value, name: impl Index) -> &'static str {
    string_or(entry, name, "")
}

/// Returns a number; 0 if the value is not one.
pub(super) fn float(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

/// Returns a count; 0 if the value is not one.
pub(super) fn count(value: &Value) -> u32 {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}
