//! Values of keys, and how messages show them.

use serde::Serialize;
use serde_json::{Map, Value};

/// Length of the longest value that is shown in full.
const MAX_VALUE: usize = 100;

/// Number of names that a message lists.
const MAX_NAMES: usize = 8;

/// A key with two values.
pub(super) struct Changed {
    /// The key, or the dotted path of one within objects.
    pub(super) key: String,
    pub(super) old: Option<Value>,
    pub(super) new: Option<Value>,
}

impl Changed {
    /// The change with its key: `max 5 → 6`, or for facts that hold or not, `now sensitive`.
    pub(super) fn sentence(&self) -> String {
        let is_true = |value: &Option<Value>| *value == Some(Value::Bool(true));
        match (&self.old, &self.new) {
            (None, _) if is_true(&self.new) => format!("now {}", self.key),
            (_, None) if is_true(&self.old) => format!("no longer {}", self.key),
            _ => format!("{} {}", self.key, self.message()),
        }
    }

    /// The change: `old → new`.
    pub(super) fn message(&self) -> String {
        let (old, new) = self.texts();
        let (old, new) = excerpt(&old, &new);
        format!("{old} → {new}")
    }

    pub(super) fn old_text(&self) -> String {
        self.texts().0
    }

    pub(super) fn new_text(&self) -> String {
        self.texts().1
    }

    /// Both values. Those that differ only in their JSON type, such as `"true"` and `true`, are written as JSON.
    fn texts(&self) -> (String, String) {
        let (old, new) = (shown(self.old.as_ref()), shown(self.new.as_ref()));
        match (&self.old, &self.new) {
            (Some(before), Some(after)) if old == new => (before.to_string(), after.to_string()),
            _ => (old, new),
        }
    }

    /// The first segment of the path.
    pub(super) fn root(&self) -> &str {
        self.key.split('.').next().unwrap_or_default()
    }
}

/// The keys whose values differ, in objects the nested ones. Lists are compared as a whole.
pub(super) fn changed<T: Serialize>(old: &T, new: &T) -> Vec<Changed> {
    let mut found = Vec::new();
    walk(&mut found, String::new(), Some(&object(old)), Some(&object(new)));
    found
}

fn object<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_else(|_| Value::Object(Map::new()))
}

fn walk(found: &mut Vec<Changed>, path: String, old: Option<&Value>, new: Option<&Value>) {
    if old == new {
        return;
    }
    let maps = (old.and_then(Value::as_object), new.and_then(Value::as_object));
    let is_map_or_none = |value: Option<&Value>| value.is_none_or(Value::is_object);
    if is_map_or_none(old) && is_map_or_none(new) {
        let empty = Map::new();
        let (old, new) = (maps.0.unwrap_or(&empty), maps.1.unwrap_or(&empty));
        let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
        for key in keys {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            walk(found, path, old.get(key), new.get(key));
        }
    } else {
        found.push(Changed { key: path, old: old.cloned(), new: new.cloned() });
    }
}

/// A value without the quotes of strings and the brackets of lists.
pub(super) fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) if list.is_empty() => "none".to_owned(),
        Some(Value::Array(list)) if list.iter().all(|value| !value.is_object() && !value.is_array()) => {
            list.iter().map(|value| shown(Some(value))).collect::<Vec<_>>().join(", ")
        }
        Some(value) => value.to_string(),
    }
}

/// Shortens two long strings to the parts around the first and last difference.
pub(super) fn excerpt(old: &str, new: &str) -> (String, String) {
    let (old, new) = (one_line(old), one_line(new));
    if old.chars().count() <= MAX_VALUE && new.chars().count() <= MAX_VALUE {
        return (old, new);
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    let prefix = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - prefix;
    let suffix = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    // A few words of context tell where the difference is.
    let (start, end) = (prefix.saturating_sub(3), suffix.saturating_sub(3));
    let cut = |words: &[&str]| {
        let middle = shorten(&words[start..words.len() - end].join(" "));
        let (before, after) = (if start > 0 { "… " } else { "" }, if end > 0 { " …" } else { "" });
        format!("{before}{middle}{after}")
    };
    (cut(&a), cut(&b))
}

/// The start of a long string.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= MAX_VALUE {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX_VALUE).collect();
    format!("{}…", start.trim_end())
}

/// A list of names, of which long ones are cut: `A`, `B` and 3 more.
pub(super) fn names<S: AsRef<str>>(list: &[S]) -> String {
    let shown: Vec<String> = list.iter().take(MAX_NAMES).map(|name| format!("`{}`", name.as_ref())).collect();
    match list.len().saturating_sub(MAX_NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
