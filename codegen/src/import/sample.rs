//! Compares the published samples of responses with the published types. Nothing of a sample is kept.

use serde_json::{Map, Value};

use super::api::Api;
use super::decision::{Decision, Note};
use super::forms::kind;
use super::shape::{Member, REQUEST_ID, Shape};

/// Largest number of differences that are reported for an operation.
const MAX_DIFFERENCES: usize = 10;

/// The differences between the samples of an operation and its response.
pub(super) fn differences(api: &Api, response: &[Member]) -> Vec<Note> {
    let mut check = Check { notes: Vec::new(), at: "responseDemo" };
    let mut has_sample = false;
    for sample in samples(&api.response_demo) {
        // A sample that the file cuts off or writes as XML says nothing.
        let Ok(Value::Object(sample)) = serde_json::from_str::<Value>(&sample) else { continue };
        has_sample = true;
        check.members(&sample, response, "response ", true);
    }
    if !has_sample {
        return Vec::new();
    }
    if check.notes.len() > MAX_DIFFERENCES {
        let more = check.notes.len() - MAX_DIFFERENCES;
        check.notes.truncate(MAX_DIFFERENCES);
        check.note("response", format!("{more} more differences"));
    }
    check.notes
}

/// The JSON samples: `responseDemo` is a list of `{ "type": "json", "example": "…" }`, usually in a string.
fn samples(demo: &Value) -> Vec<String> {
    let parsed;
    let list = match demo {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(value) => {
                parsed = value;
                &parsed
            }
            Err(_) => return Vec::new(),
        },
        value => value,
    };
    let entries = list.as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let json = entries.filter(|entry| entry["type"].as_str().is_none_or(|ty| ty.eq_ignore_ascii_case("json")));
    let text = |entry: &Value| match &entry["example"] {
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => Some(Value::Object(object.clone()).to_string()),
        _ => None,
    };
    json.filter_map(text).collect()
}

struct Check {
    notes: Vec<Note>,
    at: &'static str,
}

impl Check {
    fn members(&mut self, sample: &Map<String, Value>, members: &[Member], path: &str, is_root: bool) {
        for (name, value) in sample {
            let path = format!("{path}{name}");
            match members.iter().find(|member| member.field.name == *name) {
                Some(member) => self.member(value, member, &path),
                None if is_root && name.eq_ignore_ascii_case(REQUEST_ID) => {}
                None => self.note(&path, "in the sample, but not in the types".to_owned()),
            }
        }
    }

    fn member(&mut self, value: &Value, member: &Member, path: &str) {
        if !member.list {
            return self.value(value, &member.shape, member.field.wire.as_deref() == Some("json"), path);
        }
        let item = member.field.wire.as_deref().and_then(|wire| wire.strip_prefix("wrapped:"));
        let elements = match (value, item) {
            (Value::Object(wrapper), Some(item)) => wrapper.get(item).unwrap_or(&Value::Null),
            (value, _) => value,
        };
        match elements {
            Value::Array(elements) => {
                for element in elements {
                    self.value(element, &member.shape, false, &format!("{path}[]"));
                }
            }
            // A single element where a list is expected is read as a list.
            Value::Object(_) => self.value(elements, &member.shape, false, &format!("{path}[]")),
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            other => self.note(path, format!("{} in the sample, a list in the types", kind(other))),
        }
    }

    /// Compares a value with its type. Numbers and Booleans may be strings, and the other way round.
    fn value(&mut self, value: &Value, shape: &Shape, is_json: bool, path: &str) {
        let expected = match (value, shape) {
            (Value::Null, _) => return,
            (_, Shape::Builtin("string")) if is_json => return,
            (Value::Object(object), Shape::Struct(members)) => {
                return self.members(object, members, &format!("{path}."), false);
            }
            (Value::Object(_), Shape::Builtin("map")) => return,
            (Value::String(text), Shape::Struct(_) | Shape::Builtin("map")) if text.is_empty() => return,
            (_, Shape::Struct(_)) => "a struct",
            (_, Shape::Builtin("map")) => "a map",
            (Value::Object(_) | Value::Array(_), Shape::Enum(_)) => "an enum",
            (Value::Object(_) | Value::Array(_), Shape::Builtin(builtin)) => builtin,
            _ => return,
        };
        self.note(path, format!("{} in the sample, {expected} in the types", kind(value)));
    }

    fn note(&mut self, path: &str, detail: String) {
        let note = Note { decision: Decision::Sample, path: path.to_owned(), at: self.at.to_owned(), detail };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
