//! Mistakes in spec files: the location, the problem, and the remedy.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    ops::Range,
};

use codespan_reporting::{
    diagnostic::{Diagnostic as Report, Label, Severity},
    files::SimpleFiles,
    term::{self, Config},
};
use jsonc_parser::{CollectOptions, ParseOptions, ast::Value, common::Ranged, parse_to_ast};

use serde::Serialize;

use crate::{
    rules::{Level, Rule},
    suggest::count,
};

/// The source of a spec file. The path is relative to the specs folder, with forward slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path below the specs folder, for example `ecs/instances/StopInstance.json`.
    pub path: String,
    /// Contents.
    pub text: String,
}

/// One violation of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The rule.
    pub rule: &'static Rule,
    /// The level, usually that of the rule.
    pub level: Level,
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
    /// The safe correction, if there is one.
    pub fix: Option<Fix>,
}

/// A safe correction of a file. Paths are dotted: `request.3.type`.
#[derive(Debug, Clone, PartialEq)]
pub enum Fix {
    /// Removes a value, with its key.
    Remove(String),
    /// Replaces a value.
    Set(String, serde_json::Value),
    /// Writes the file in its canonical layout.
    Format,
}

/// All violations of a run, sorted by file and position.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    sources: HashMap<String, String>,
}

/// A violation as `--json` writes it. Lines and columns start from 1; columns count characters.
#[derive(Serialize)]
struct Written<'a> {
    rule: &'static Rule,
    level: Level,
    path: String,
    line: usize,
    column: usize,
    end_column: usize,
    message: &'a str,
    help: &'a str,
    fixable: bool,
}

impl Diagnostics {
    /// Sorts the violations and keeps the contents of the files that contain them.
    pub(crate) fn new<'a>(mut list: Vec<Diagnostic>, sources: impl IntoIterator<Item = &'a Source>) -> Self {
        let paths: HashSet<String> = list.iter().map(|one| one.path.clone()).collect();
        let sources: HashMap<String, String> = sources
            .into_iter()
            .filter(|source| paths.contains(&source.path))
            .map(|source| (source.path.clone(), source.text.clone()))
            .collect();
        let key = |one: &Diagnostic| (one.path.clone(), one.start, one.end, one.message.clone(), one.help.clone());
        list.sort_by_cached_key(key);
        list.dedup_by_key(|one| key(one));
        for one in &mut list {
            let text = sources.get(&one.path).map_or("", String::as_str);
            (one.start, one.end) = one_line(text, one.start, one.end);
        }
        Self { list, sources }
    }

    /// The violations.
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// Whether there are no violations.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Number of violations of a level.
    pub fn count(&self, level: Level) -> usize {
        self.list.iter().filter(|one| one.level == level).count()
    }

    /// The highest level of the violations, or `None` if there are none.
    pub fn highest(&self) -> Option<Level> {
        self.list.iter().map(|one| one.level).max()
    }

    /// Keeps only some violations.
    #[must_use]
    pub fn filter(mut self, keep: impl Fn(&Diagnostic) -> bool) -> Self {
        self.list.retain(keep);
        self
    }

    /// Makes the violations of some rules errors.
    #[must_use]
    pub fn deny(mut self, rules: &[&Rule]) -> Self {
        for one in self.list.iter_mut().filter(|one| rules.contains(&one.rule)) {
            one.level = Level::Error;
        }
        self
    }

    /// The number of violations of each level, in words: `2 errors, 1 warning`.
    pub fn summary(&self) -> String {
        let levels = [Level::Error, Level::Warning, Level::Info];
        let counts = levels.map(|level| (self.count(level), level));
        let named = counts.iter().filter(|(number, _)| *number > 0).map(|(number, level)| match level {
            Level::Info => count(*number, "suggestion"),
            level => count(*number, &level.to_string()),
        });
        let named: Vec<String> = named.collect();
        if named.is_empty() { "no mistakes".to_owned() } else { named.join(", ") }
    }

    /// The violations as JSON values with rule, level, path, line, columns, message and remedy.
    pub fn to_json(&self) -> Vec<serde_json::Value> {
        let written = self.list.iter().map(|one| {
            let text = self.sources.get(&one.path).map_or("", String::as_str);
            let (line, column) = line_and_column(text, one.start);
            let path = format!("specs/{}", one.path);
            let (rule, level, message, help) = (one.rule, one.level, one.message.as_str(), one.help.as_str());
            let (end_column, fixable) = (line_and_column(text, one.end).1, one.fix.is_some());
            Written { rule, level, path, line, column, end_column, message, help, fixable }
        });
        written.map(|one| serde_json::to_value(one).unwrap_or_default()).collect()
    }
}

/// Writes all violations with the lines of the files, followed by their number.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut files = SimpleFiles::new();
        let mut ids = HashMap::new();
        for one in &self.list {
            let text = self.sources.get(&one.path).map_or("", String::as_str);
            let id = *ids.entry(&one.path).or_insert_with(|| files.add(format!("specs/{}", one.path), text));
            let severity = match one.level {
                Level::Error => Severity::Error,
                Level::Warning => Severity::Warning,
                Level::Info => Severity::Note,
            };
            let report = Report::new(severity)
                .with_code(one.rule.id)
                .with_message(&one.message)
                .with_label(Label::primary(id, one.start..one.end))
                .with_note(format!("help: {}", one.help));
            let config = Config { end_context_lines: 0, start_context_lines: 1, ..Config::default() };
            let text = term::emit_into_string(&config, &files, &report).map_err(|_| fmt::Error)?;
            f.write_str(&text)?;
        }
        writeln!(f, "{} in the specs", self.summary())
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

/// The line and column of an offset, both starting from 1.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..floor_char_boundary(text, offset)];
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

/// The last character boundary at or before an offset.
fn floor_char_boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The position of each value in a JSON document: dotted path (`request.3.type`) → byte range.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    places: HashMap<String, Range<usize>>,
    duplicate_keys: Vec<DuplicateKey>,
}

/// A key that an object has several times.
#[derive(Debug)]
pub(crate) struct DuplicateKey {
    pub(crate) key: String,
    /// Dotted path of keys, with this one at the end.
    pub(crate) path: String,
    /// The position of the second occurrence.
    pub(crate) place: Range<usize>,
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
    pub(crate) fn duplicate_keys(&self) -> &[DuplicateKey] {
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
                        let (key, place) = (property.name.as_str().to_owned(), key.start..key.end);
                        self.duplicate_keys.push(DuplicateKey { key, path: path.clone(), place });
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
