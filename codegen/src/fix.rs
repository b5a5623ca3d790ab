//! Safe corrections of spec files.

use serde_json::Value;

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Fix, Source},
    fmt::{self, Kind},
    rules,
};

/// A corrected file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// Path below the specs folder.
    pub path: String,
    /// The new contents.
    pub text: String,
    /// Number of corrections.
    pub count: usize,
}

/// Applies the corrections of all violations that have one. Files that cannot be read completely are not changed.
pub fn fix(sources: &[Source], found: &Diagnostics) -> Vec<Fixed> {
    let mut all = Vec::new();
    for source in sources {
        let fixes: Vec<&Fix> =
            found.list().iter().filter(|one| one.path == source.path).filter_map(|one| one.fix.as_ref()).collect();
        if fixes.is_empty() || is_unread(found.list(), &source.path) {
            continue;
        }
        let count = fixes.len();
        if let Some(text) = apply(source, fixes) {
            all.push(Fixed { path: source.path.clone(), text, count });
        }
    }
    all
}

/// The files that do not have the canonical layout.
pub(crate) fn unformatted(sources: &[Source], found: &[Diagnostic]) -> Vec<Diagnostic> {
    let rule = &rules::FORMATTING;
    let wrong = sources.iter().filter(|source| !is_unread(found, &source.path)).filter_map(|source| {
        let text = fmt::format_text_as(kind(source), &source.text).ok()?;
        let same = source.text.bytes().zip(text.bytes()).take_while(|(one, other)| one == other).count();
        (text != source.text).then(|| Diagnostic {
            rule,
            level: rule.level,
            path: source.path.clone(),
            start: same,
            end: same + 1,
            message: match source.text.contains('\r') {
                true => "the file has CRLF line ends instead of LF",
                false => "the file does not have the canonical layout",
            }
            .to_owned(),
            help: "run `cargo xtask spec fmt`".to_owned(),
            fix: Some(Fix::Format),
        })
    });
    wrong.collect()
}

/// Whether a part of a file could not be read, so writing it would lose that part.
fn is_unread(found: &[Diagnostic], path: &str) -> bool {
    const OF_READING: [&rules::Rule; 6] = [
        &rules::INVALID_JSON,
        &rules::DUPLICATE_KEY,
        &rules::UNKNOWN_KEY,
        &rules::MISSING_KEY,
        &rules::WRONG_JSON,
        &rules::UNEXPECTED_FILE,
    ];
    found.iter().any(|one| one.path == path && OF_READING.contains(&one.rule))
}

fn kind(source: &Source) -> Kind {
    Kind::of_file(source.path.rsplit('/').next().unwrap_or_default())
}

fn apply(source: &Source, fixes: Vec<&Fix>) -> Option<String> {
    let mut value: Value = serde_json::from_str(&source.text).ok()?;
    let mut removed = Vec::new();
    for fix in fixes {
        match fix {
            Fix::Format => {}
            Fix::Remove(path) => removed.extend(resolve(&value, path)),
            Fix::Set(path, by) => {
                let keys = resolve(&value, path)?;
                *keys.iter().try_fold(&mut value, |value, key| get_mut(value, key))? = by.clone();
            }
        }
    }
    // Later elements of a list first, so that the positions of the others stay the same.
    removed.sort();
    removed.dedup();
    for keys in removed.iter().rev() {
        let (last, parents) = keys.split_last()?;
        match (parents.iter().try_fold(&mut value, |value, key| get_mut(value, key))?, last) {
            (Value::Object(map), Key::Name(name)) => {
                map.shift_remove(name);
            }
            (Value::Array(list), Key::Index(index)) if *index < list.len() => {
                list.remove(*index);
            }
            _ => return None,
        }
    }
    fmt::format_text_as(kind(source), &value.to_string()).ok()
}

/// A step from a value to one inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Name(String),
    Index(usize),
}

fn get_mut<'v>(value: &'v mut Value, key: &Key) -> Option<&'v mut Value> {
    match key {
        Key::Name(name) => value.get_mut(name),
        Key::Index(index) => value.get_mut(index),
    }
}

/// Splits a dotted path. Keys may contain dots.
fn resolve(value: &Value, path: &str) -> Option<Vec<Key>> {
    if path.is_empty() {
        return Some(Vec::new());
    }
    let step = |rest: &str, key: Key, inner: &Value| {
        let rest = rest.strip_prefix('.').or_else(|| rest.is_empty().then_some(rest))?;
        let mut keys = vec![key];
        keys.extend(resolve(inner, rest)?);
        Some(keys)
    };
    match value {
        Value::Object(map) => {
            map.iter().find_map(|(name, inner)| step(path.strip_prefix(name.as_str())?, Key::Name(name.clone()), inner))
        }
        Value::Array(list) => {
            let digits = path.find('.').unwrap_or(path.len());
            let index = path[..digits].parse().ok()?;
            step(&path[digits..], Key::Index(index), list.get(index)?)
        }
        _ => None,
    }
}
