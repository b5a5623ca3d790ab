//! The result of an import of pages, for people and programs.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::Note;
use crate::import::{Entry, Kind, Report};

/// The result of an import of pages.
#[derive(Debug, Default)]
pub struct Written {
    /// New operations, with the number of parameters and of fields of the response.
    pub new: Vec<(String, usize, usize)>,
    /// New operations that are not written, because their family is unknown.
    pub unwritten: Vec<String>,
    /// Changes, and with `is_pending` those that were not made.
    pub report: Report,
    /// Whether the changes of the report wait for `accept`.
    pub is_pending: bool,
    /// Facts that the pages leave open.
    pub notes: Vec<Note>,
    /// Number of pages that are about something else.
    pub skipped: usize,
    /// Files that were written, or that a dry run would write.
    pub files: Vec<PathBuf>,
}

impl Written {
    /// Facts that the pages and the specs of existing operations state differently, with the lines of the pages: one line for a
    /// member that both have or only the page has, and one for all members of a request or response that the page lacks.
    pub fn differences(&self) -> Vec<String> {
        let mut lines: Vec<(Place, String)> = Vec::new();
        let mut absent: IndexMap<(&str, &str), (&Entry, Vec<&str>)> = IndexMap::new();
        for entry in &self.report.entries {
            let (part, name) = entry.path.split_once(' ').unwrap_or(("", &entry.path));
            match entry.kind {
                Kind::Gone => {
                    absent.entry((&entry.owner, part)).or_insert((entry, Vec::new())).1.push(name);
                }
                Kind::Kept if !entry.is_difference => {}
                kind => {
                    let words = [entry.owner.as_str(), &entry.path].join(" ");
                    let detail = if entry.detail.is_empty() { String::new() } else { format!(": {}", entry.detail) };
                    lines.push((Place::of(entry), format!("{}: {}{detail}", kind.key(), words.trim_end())));
                }
            }
        }
        for ((owner, part), (first, names)) in absent {
            let words = [owner, part].join(" ");
            lines
                .push((Place::of(first), format!("absent: {}: the page lacks {}", words.trim_end(), names.join(", "))));
        }
        lines.sort();
        let line = |(Place { page, line }, text): (Place, String)| match page.is_empty() {
            true => text,
            false => format!("{page}:{line}: {text}"),
        };
        lines.into_iter().map(line).collect()
    }

    /// The result as JSON: the new operations, the report about those that exist, the notes, and the files.
    pub fn to_json(&self) -> Value {
        let new = self
            .new
            .iter()
            .map(|(name, parameters, fields)| json!({ "operation": name, "parameters": parameters, "fields": fields }));
        let notes = self.notes.iter().map(
            |note| json!({ "kind": note.kind.key(), "path": note.path, "line": note.line, "message": note.message }),
        );
        let files = self.files.iter().map(|path| path.display().to_string());
        json!({
            "new": new.collect::<Vec<_>>(),
            "pending": self.is_pending,
            "report": self.report.to_json(),
            "notes": notes.collect::<Vec<_>>(),
            "skipped_pages": self.skipped,
            "unwritten": self.unwritten,
            "files": files.collect::<Vec<_>>(),
        })
    }
}

/// A line of a page.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    page: String,
    line: usize,
}

impl Place {
    fn of(entry: &Entry) -> Place {
        let (page, line) = entry.place.rsplit_once(':').unwrap_or((&entry.place, ""));
        Place { page: page.to_owned(), line: line.parse().unwrap_or(1) }
    }
}
