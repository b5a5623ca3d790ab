//! Reads one file, and continues after each mistake in order to report all of them.

use std::{cell::LazyCell, ops::Range};

use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::wording;
use crate::{
    diagnostic::{Diagnostic, DuplicateKey, Fix, Positions, Source},
    rules::{self, Rule},
    suggest::closest,
};

/// Removes the byte-order mark at the beginning of a file, and reports it.
pub(super) fn remove_byte_order_mark(source: &mut Source) -> Option<Diagnostic> {
    let text = source.text.strip_prefix('\u{feff}')?.to_owned();
    source.text = text;
    let rule = &rules::BYTE_ORDER_MARK;
    Some(Diagnostic {
        rule,
        level: rule.level,
        path: source.path.clone(),
        start: 0,
        end: 1,
        message: "the file starts with a byte-order mark, which is invisible".to_owned(),
        help: "save it as UTF-8 without a byte-order mark, or run `cargo xtask spec lint --fix`".to_owned(),
        fix: Some(Fix::Format),
    })
}

/// Number of mistakes after which reading a file stops, because each one costs another pass over the file.
const MAX_MISTAKES: usize = 100;

/// Reads one file.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) mistakes: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// The file's contents, or `None` if they are not a `T`. All mistakes of the file are recorded. Each remedy ends with
    /// the hint.
    pub(super) fn read<T: DeserializeOwned + JsonSchema>(&mut self, hint: &str) -> Option<T> {
        let text = &self.source.text;
        let mut value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                let message = wording::syntax(&error.to_string());
                let start = offset(text, error.line(), error.column());
                let help = "correct the JSON at or just before this position";
                self.mistake(
                    &rules::INVALID_JSON,
                    start..start + 1,
                    format!("invalid JSON: {message}"),
                    help.to_owned(),
                );
                return None;
            }
        };
        // Finding positions takes longer than reading, and most files have no mistake.
        let places = LazyCell::new(|| Positions::of(text));
        if has_duplicate_keys(text, &value) {
            for DuplicateKey { key, place, .. } in places.duplicate_keys() {
                let help = "remove one of the two; only the last one would be read".to_owned();
                self.mistake(&rules::DUPLICATE_KEY, place.clone(), format!("duplicate key `{key}`"), help);
            }
        }
        let mut pruned = Pruned::default();
        for _ in 0..MAX_MISTAKES {
            let mut unknown = Vec::new();
            let result = deserialize::<T>(&value, &mut unknown);
            for path in unknown {
                let key = path.last().cloned().unwrap_or_default();
                let place = places.find(&format!("{}#", pruned.original(&path).join(".")));
                let help = match closest(&key, &keys::<T>()) {
                    Some(close) => format!("did you mean `{close}`? {hint}"),
                    None => format!("remove it; {hint}"),
                };
                self.mistake(&rules::UNKNOWN_KEY, place, format!("unknown key `{key}`"), help);
            }
            let (path, message) = match result {
                Ok(read) => return pruned.paths.is_empty().then_some(read),
                Err(failed) => failed,
            };
            let original = pruned.original(&path);
            if !pruned.explains(&original, &message) {
                let (rule, help) = match message.strip_prefix("missing field ") {
                    Some(key) => (&rules::MISSING_KEY, format!("add {key}; {hint}")),
                    None => (&rules::WRONG_JSON, format!("correct it; {hint}")),
                };
                self.mistake(rule, places.find(&original.join(".")), wording::value(&message), help);
            }
            if !pruned.prune(&mut value, &path, original) {
                return None;
            }
        }
        None
    }

    pub(super) fn mistake(&mut self, rule: &'static Rule, place: Range<usize>, message: String, help: String) {
        self.mistakes.push(Diagnostic {
            rule,
            level: rule.level,
            fix: None,
            path: self.source.path.clone(),
            start: place.start,
            end: place.end,
            message,
            help,
        });
    }
}

/// Whether an object of valid JSON has a key several times. `value` is the JSON.
pub(crate) fn has_duplicate_keys(text: &str, value: &Value) -> bool {
    written_members(text) != members(value)
}

/// Number of members that valid JSON has, duplicates included: each has a colon outside of strings.
fn written_members(text: &str) -> usize {
    let (mut count, mut in_string, mut is_escaped) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => in_string = !in_string,
            b':' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

/// Number of members of all objects in a value.
fn members(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.len() + map.values().map(members).sum::<usize>(),
        Value::Array(list) => list.iter().map(members).sum(),
        _ => 0,
    }
}

/// Deserializes, and collects the paths of unknown keys. An error has a path and a message.
pub(crate) fn deserialize<T: DeserializeOwned>(
    value: &Value,
    unknown: &mut Vec<Vec<String>>,
) -> Result<T, (Vec<String>, String)> {
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
    let result = serde_ignored::deserialize(tracked, |path| unknown.push(ignored(&path)));
    result.map_err(|error| (track.path().iter().map(segment).collect(), error.to_string()))
}

/// Values removed from a file's JSON in order to continue after a mistake.
#[derive(Default)]
struct Pruned {
    /// Paths in the file.
    paths: Vec<Vec<String>>,
}

impl Pruned {
    /// Converts a path in the remaining JSON to the path in the file, counting removed list elements.
    fn original(&self, path: &[String]) -> Vec<String> {
        let mut original: Vec<String> = Vec::new();
        for segment in path {
            let Ok(mut index) = segment.parse::<usize>() else {
                original.push(segment.clone());
                continue;
            };
            let mut gone: Vec<usize> = self
                .paths
                .iter()
                .filter_map(|path| {
                    path.split_last().filter(|(_, parent)| *parent == original.as_slice())?.0.parse().ok()
                })
                .collect();
            gone.sort_unstable();
            for gone in gone {
                index += usize::from(gone <= index);
            }
            original.push(index.to_string());
        }
        original
    }

    /// Whether a member is missing only because it was removed.
    fn explains(&self, path: &[String], message: &str) -> bool {
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
        missing.is_some_and(|key| {
            self.paths
                .iter()
                .any(|pruned| pruned.split_last().is_some_and(|(last, parent)| last == key && parent == path))
        })
    }

    /// Removes a path, and returns whether it existed.
    fn prune(&mut self, value: &mut Value, path: &[String], original: Vec<String>) -> bool {
        let Some((last, parents)) = path.split_last() else { return false };
        let parent = parents.iter().try_fold(value, |value, segment| match value {
            Value::Array(list) => list.get_mut(segment.parse::<usize>().ok()?),
            value => value.get_mut(segment),
        });
        let taken = match parent {
            Some(Value::Object(map)) => map.shift_remove(last).is_some(),
            Some(Value::Array(list)) => last.parse().is_ok_and(|index: usize| {
                let there = index < list.len();
                if there {
                    list.remove(index);
                }
                there
            }),
            _ => false,
        };
        self.paths.push(original);
        taken
    }
}

/// All keys of a kind of file.
fn keys<T: JsonSchema>() -> Vec<String> {
    let mut keys = Vec::new();
    let mut open = vec![schema_for!(T).to_value()];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(Value::Object(properties)) = map.get("properties") {
                    keys.extend(properties.keys().cloned());
                }
                open.extend(map.into_iter().map(|(_, value)| value));
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    keys.sort();
    keys.dedup();
    keys
}

/// Path of an unknown key.
fn ignored(path: &serde_ignored::Path<'_>) -> Vec<String> {
    use serde_ignored::Path;
    match path {
        Path::Root => Vec::new(),
        Path::Seq { parent, index } => push(ignored(parent), index.to_string()),
        Path::Map { parent, key } => push(ignored(parent), key.clone()),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => ignored(parent),
    }
}

fn push(mut path: Vec<String>, segment: String) -> Vec<String> {
    path.push(segment);
    path
}

fn segment(segment: &serde_path_to_error::Segment) -> String {
    match segment {
        serde_path_to_error::Segment::Seq { index } => index.to_string(),
        serde_path_to_error::Segment::Map { key } => key.clone(),
        serde_path_to_error::Segment::Enum { variant } => variant.clone(),
        serde_path_to_error::Segment::Unknown => "?".to_owned(),
    }
}

/// Byte offset of a line and column, both starting from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (start + column.saturating_sub(1)).min(text.len().saturating_sub(1));
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_members_are_counted_with_duplicates() {
        for (text, written, distinct) in [
            (r#"{ "a": 1, "b": [{ "c": {} }, "d:e"], "f\":": "\\" }"#, 4, 4),
            (r#"{ "a": 1, "a": 2 }"#, 2, 1),
            (r#"[{ "x": { "a": "\\\":", "a": ":" } }]"#, 3, 2),
            (r#""a:b""#, 0, 0),
        ] {
            let value = serde_json::from_str(text).unwrap();
            assert_eq!((written_members(text), members(&value)), (written, distinct), "{text}");
        }
    }
}
