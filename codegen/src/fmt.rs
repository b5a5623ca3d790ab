//! The canonical layout of spec files: each fact that is reviewed separately has its own line.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::spec::{AllowingEntry, Glossary, GlossaryEntry, Operation, Rpc, Service, SharedTypes};

/// Length of the longest line on which a list of scalars is kept together.
const WIDTH: usize = 100;

/// The reason why a file could not be formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// A kind of spec file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `<Operation>.json`
    Operation,
    /// `service.json`
    Service,
    /// `types.json`
    Types,
    /// `glossary.json`
    Glossary,
    /// `rpc.json`
    Rpc,
}

impl Kind {
    /// The kind of a file, determined by its name.
    pub fn of_file(name: &str) -> Kind {
        match name {
            "service.json" => Kind::Service,
            "types.json" => Kind::Types,
            "glossary.json" => Kind::Glossary,
            "rpc.json" => Kind::Rpc,
            _ => Kind::Operation,
        }
    }

    /// The kind of a file, determined by its content.
    fn of_value(value: &Value) -> Kind {
        match value {
            Value::Object(map) if map.contains_key("operation") || map.contains_key("request") => Kind::Operation,
            Value::Object(map) if map.contains_key("service") || map.contains_key("endpoints") => Kind::Service,
            Value::Object(map) if map.contains_key("read_verbs") => Kind::Rpc,
            Value::Object(map) if map.values().any(Value::is_string) => Kind::Glossary,
            _ => Kind::Types,
        }
    }
}

/// Formats an operation's file.
pub fn operation(operation: &Operation) -> String {
    format_as(Kind::Operation, operation)
}

/// Formats `service.json`.
pub fn service(service: &Service) -> String {
    format_as(Kind::Service, service)
}

/// Formats `types.json`, sorted by name.
pub fn types(types: &SharedTypes) -> String {
    let mut sorted = types.clone();
    sorted.sort_keys();
    format_as(Kind::Types, &sorted)
}

/// Formats `glossary.json`, sorted by name.
pub fn glossary(glossary: &Glossary) -> String {
    let mut sorted = glossary.clone();
    sorted.sort_keys();
    for entry in sorted.values_mut() {
        if let GlossaryEntry::Allowing(AllowingEntry { doc, allow }) = entry
            && allow.is_empty()
        {
            *entry = GlossaryEntry::Doc(std::mem::take(doc));
        }
    }
    format_as(Kind::Glossary, &sorted)
}

/// Formats `rpc.json`.
pub fn rpc(rpc: &Rpc) -> String {
    format_as(Kind::Rpc, rpc)
}

/// Formats a value of one of the file types of [`crate::spec`].
pub fn format<T: Serialize>(value: &T) -> String {
    let value = to_value(value);
    format_value(Kind::of_value(&value), &value)
}

/// Formats a spec file. Its kind is determined by its content.
///
/// # Errors
///
/// Returns an error for invalid JSON, for files that are not specs, and for unknown keys, which formatting would lose.
pub fn format_text(json: &str) -> Result<String, Error> {
    let value: Value = serde_json::from_str(json).map_err(|error| Error(error.to_string()))?;
    format_text_as(Kind::of_value(&value), json)
}

/// Formats a spec file of a known kind.
///
/// # Errors
///
/// Returns the same errors as [`format_text`].
pub fn format_text_as(kind: Kind, json: &str) -> Result<String, Error> {
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    Ok(match kind {
        Kind::Operation => operation(&parse(json)?),
        Kind::Service => service(&parse(json)?),
        Kind::Types => types(&parse(json)?),
        Kind::Glossary => glossary(&parse(json)?),
        Kind::Rpc => rpc(&parse(json)?),
    })
}

/// Reads a spec file. Unknown keys are errors.
pub(crate) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Error> {
    let mut unknown = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = serde_ignored::deserialize(&mut reader, |path| unknown.push(path.to_string()));
    let value = value.and_then(|value| reader.end().map(|()| value)).map_err(|error| Error(error.to_string()))?;
    if unknown.is_empty() { Ok(value) } else { Err(Error(format!("unknown key {}", unknown.join(", ")))) }
}

fn format_as<T: Serialize>(kind: Kind, value: &T) -> String {
    format_value(kind, &to_value(value))
}

fn to_value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("all keys of spec types are strings")
}

fn format_value(kind: Kind, value: &Value) -> String {
    let layout = match kind {
        Kind::Operation => Layout::Block(operation_key),
        Kind::Service => Layout::Block(service_key),
        Kind::Types => Layout::Block(|_| Layout::Block(type_key)),
        Kind::Glossary => Layout::Lines,
        Kind::Rpc => Layout::Block(rpc_key),
    };
    let mut text = String::new();
    write(&mut text, value, layout, 0);
    text.push('\n');
    text
}

/// Layout of a value.
#[derive(Clone, Copy)]
enum Layout {
    /// On one line.
    Inline,
    /// Each entry or element on its own line.
    Lines,
    /// Each entry laid out according to its key.
    Block(fn(&str) -> Layout),
    /// Objects expanded at every level.
    Pretty,
}

fn operation_key(key: &str) -> Layout {
    match key {
        "request" | "response" | "errors" | "waiters" | "typical" => Layout::Lines,
        "types" => Layout::Block(|_| Layout::Block(type_key)),
        "examples" => Layout::Pretty,
        _ => Layout::Inline,
    }
}

fn type_key(key: &str) -> Layout {
    match key {
        "fields" | "enum" => Layout::Lines,
        _ => Layout::Inline,
    }
}

fn service_key(key: &str) -> Layout {
    match key {
        "families" | "directories" | "words" | "errors" | "codes" => Layout::Lines,
        "error_classes" | "endpoints" => Layout::Block(|_| Layout::Pretty),
        _ => Layout::Inline,
    }
}

fn rpc_key(key: &str) -> Layout {
    match key {
        "parameters" => Layout::Lines,
        "error_classes" | "undocumented_codes" => Layout::Pretty,
        _ => Layout::Inline,
    }
}

fn write(out: &mut String, value: &Value, layout: Layout, depth: usize) {
    match (value, layout) {
        (Value::Object(map), Layout::Block(_) | Layout::Lines | Layout::Pretty) if !map.is_empty() => {
            let entries = map.iter().map(|(key, value)| (Some(key.as_str()), value));
            write_lines(out, ['{', '}'], entries, layout, depth);
        }
        (Value::Array(list), Layout::Block(_) | Layout::Lines | Layout::Pretty) if !list.is_empty() => {
            if matches!(layout, Layout::Pretty) && fits(list, depth) {
                return inline(out, value);
            }
            write_lines(out, ['[', ']'], list.iter().map(|value| (None, value)), layout, depth);
        }
        _ => inline(out, value),
    }
}

fn write_lines<'a>(
    out: &mut String,
    brackets: [char; 2],
    entries: impl Iterator<Item = (Option<&'a str>, &'a Value)>,
    layout: Layout,
    depth: usize,
) {
    let indent = "  ".repeat(depth + 1);
    out.push(brackets[0]);
    for (index, (key, value)) in entries.enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&indent);
        if let Some(key) = key {
            out.push_str(&json_string(key));
            out.push_str(": ");
        }
        let inner = match layout {
            Layout::Block(layout_of) => layout_of(key.unwrap_or_default()),
            Layout::Pretty => Layout::Pretty,
            Layout::Inline | Layout::Lines => Layout::Inline,
        };
        write(out, value, inner, depth + 1);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(brackets[1]);
}

/// Whether a list contains only scalars and fits on one line.
fn fits(list: &[Value], depth: usize) -> bool {
    let mut line = String::new();
    list.iter().for_each(|value| inline(&mut line, value));
    let is_flat = !list.iter().any(|value| value.is_object() || value.is_array());
    is_flat && line.chars().count() + 2 * (list.len() + depth) <= WIDTH
}

fn inline(out: &mut String, value: &Value) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Object(map) => {
            for (index, (key, value)) in map.iter().enumerate() {
                out.push_str(if index == 0 { "{ " } else { ", " });
                out.push_str(&json_string(key));
                out.push_str(": ");
                inline(out, value);
            }
            out.push_str(" }");
        }
        Value::Array(list) => {
            out.push('[');
            for (index, value) in list.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                inline(out, value);
            }
            out.push(']');
        }
        Value::String(string) => out.push_str(&json_string(string)),
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

/// A string as JSON. Non-ASCII letters are not escaped.
fn json_string(string: &str) -> String {
    Value::from(string).to_string()
}
