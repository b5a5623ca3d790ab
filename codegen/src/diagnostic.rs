//! Mistakes in spec files: the location, the problem, and the remedy.

use std::{collections::HashMap, fmt, ops::Range};

use codespan_reporting::{
    diagnostic::{Diagnostic as Report, Label},
    files::SimpleFiles,
    term::{self, Config},
};
use jsonc_parser::{CollectOptions, ParseOptions, ast::Value, common::Ranged, parse_to_ast};

use crate::suggest::count;

/// The source of a spec file. The path is relative to the specs folder, with forward slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path below the specs folder, for example `ecs/instances/StopInstance.json`.
    pub path: String,
    /// Contents.
    pub text: String,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Path of the file.
    pub path: String,
    /// Start of the marked range, in bytes.
    pub start: usize,
    /// End of the marked range, in bytes.
    pub end: usize,
    /// The problem.
    pub message: String,
    /// The remedy.
    pub help: String,
}

/// All mistakes of a run, sorted by file and position.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    sources: HashMap<String, String>,
}

impl Diagnostics {
    /// Sorts the mistakes and keeps the contents of the files that contain them.
    pub(crate) fn new<'a>(mut list: Vec<Diagnostic>, sources: impl IntoIterator<Item = &'a Source>) -> Self {
        list.sort();
        list.dedup();
        let sources: HashMap<String, String> = sources
            .into_iter()
            .filter(|source| list.iter().any(|mistake| mistake.path == source.path))
            .map(|source| (source.path.clone(), source.text.clone()))
            .collect();
        for mistake in &mut list {
            let text = sources.get(&mistake.path).map_or("", String::as_str);
            (mistake.start, mistake.end) = one_line(text, mistake.start, mistake.end);
        }
        Self { list, sources }
    }

    /// The mistakes.
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// Whether there are no mistakes.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut files = SimpleFiles::new();
        let mut ids = HashMap::new();
        for mistake in &self.list {
            let text = self.sources.get(&mistake.path).map_or("", String::as_str);
            let id = *ids.entry(&mistake.path).or_insert_with(|| files.add(format!("specs/{}", mistake.path), text));
            let report = Report::error()
                .with_message(&mistake.message)
                .with_label(Label::primary(id, mistake.start..mistake.end))
                .with_note(format!("help: {}", mistake.help));
            let config = Config { end_context_lines: 0, start_context_lines: 1, ..Config::default() };
            let text = term::emit_into_string(&config, &files, &report).map_err(|_| fmt::Error)?;
            f.write_str(&text)?;
        }
        writeln!(f, "{} in the specs", count(self.list.len(), "mistake"))
    }
}

impl std::error::Error for Diagnostics {}

/// Limits a range to its first line and to character boundaries.
fn one_line(text: &str, start: usize, end: usize) -> (usize, usize) {
    let start = floor_char_boundary(text, start);
    let line = start + text[start..].find('\n').unwrap_or(text.len() - start);
    let next = text[start..line].chars().next().map_or(start, |c| start + c.len_utf8());
    (start, floor_char_boundary(text, end).min(line).max(next))
}

/// The last character boundary at or before an offset.
fn floor_char_boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The position of each value in a JSON document: dotted path (`request.3.type`) → byte range.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    places: HashMap<String, Range<usize>>,
    /// Duplicate keys of objects, with the position of the second occurrence.
    duplicate_keys: Vec<(String, Range<usize>)>,
}

impl Positions {
    /// Finds the positions of all values in a document. Returns none if it is not valid JSON.
    pub(crate) fn of(text: &str) -> Self {
        let mut found = Self::default();
        let collect = CollectOptions::default();
        if let Ok(parsed) = parse_to_ast(text, &collect, &ParseOptions::default())
            && let Some(value) = parsed.value
        {
            found.walk(&value, String::new());
        }
        found
    }

    /// The position of a path, or of its closest existing parent. A path that ends in `#` means the key.
    pub(crate) fn find(&self, path: &str) -> Range<usize> {
        if let Some(range) = self.places.get(path) {
            return range.clone();
        }
        let mut path = path.trim_end_matches('#');
        while let Some((parent, _)) = path.rsplit_once('.') {
            let key = self.places.get(&format!("{parent}#"));
            if let Some(range) = key.or_else(|| self.places.get(parent)) {
                return range.clone();
            }
            path = parent;
        }
        0..1
    }

    /// Duplicate keys of objects.
    pub(crate) fn duplicate_keys(&self) -> &[(String, Range<usize>)] {
        &self.duplicate_keys
    }

    fn walk(&mut self, value: &Value<'_>, path: String) {
        let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Object(object) => {
                for property in &object.properties {
                    let path = join(property.name.as_str());
                    let key = property.name.range();
                    if self.places.insert(format!("{path}#"), key.start..key.end).is_some() {
                        self.duplicate_keys.push((property.name.as_str().to_owned(), key.start..key.end));
                    }
                    self.walk(&property.value, path);
                }
            }
            Value::Array(array) => {
                for (index, element) in array.elements.iter().enumerate() {
                    self.walk(element, join(&index.to_string()));
                }
            }
            _ => {}
        }
        let range = value.range();
        self.places.insert(path, range.start..range.end);
    }
}
