//! The report of an import.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::decision::{Decision, Note};
use crate::diagnostic::Positions;
use crate::suggest::count;
use crate::validate::{is_invisible, visible};

/// Start of the detail of an operation that the specs did not have.
pub(super) const NEW_OPERATION: &str = "new operation with ";

/// The most new operations that the report lists one by one. More, such as those of a new service, are one line.
const MAX_LISTED_OPERATIONS: usize = 10;

/// The number of operations that this line names.
const MAX_NAMED_OPERATIONS: usize = 5;

/// The report of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The entries, ordered by operation.
    pub entries: Vec<Entry>,
    /// Files that [`super::run`] wrote, or would write if it only plans.
    pub written: Vec<PathBuf>,
    /// Whether the import only plans, and writes no files.
    pub is_plan: bool,
}

/// An entry of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The kind of entry.
    pub kind: Kind,
    /// The kind of decision, for a [`Kind::Decided`].
    pub decision: Option<Decision>,
    /// Whether the specs and the API state different values of a fact, which is also so for some that are [`Kind::Kept`].
    pub is_difference: bool,
    /// Operation, or `types.json`.
    pub owner: String,
    /// Member: `request DataDisk[].Category`; empty for the operation itself.
    pub path: String,
    /// The new value, or the old and the new one.
    pub detail: String,
    /// Where the published file states it: a dotted path of JSON keys, which [`Report::locate`] replaces with
    /// `file:line:column`, or the line of a page.
    pub place: String,
}

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Added: the specs did not have it.
    Added,
    /// Changed: the spec now follows the API.
    Changed,
    /// Differs: the API states it differently. The spec keeps it.
    Differs,
    /// Gone: the API does not have it. The spec keeps it.
    Gone,
    /// Kept: a fact that the API does not state, or states differently although people decided it.
    Kept,
    /// Agreed: the API states a decided fact in the same way, so the decision no longer applies.
    Agreed,
    /// Decided: the import decided what the API leaves open, or states in a form that specs do not have.
    Decided,
    /// Conflict: a person must decide.
    Conflict,
}

impl Report {
    /// Number of entries of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.entries.iter().filter(|entry| entry.kind == kind).count()
    }

    /// The decisions of a kind.
    pub fn decisions(&self, decision: Decision) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.decision == Some(decision))
    }

    /// Whether the report has no entries, except kept facts and decisions.
    pub fn is_unchanged(&self) -> bool {
        self.entries.iter().all(|entry| matches!(entry.kind, Kind::Kept | Kind::Agreed | Kind::Decided))
    }

    /// The report as JSON: the number of entries of each kind, the files, and the entries.
    pub fn to_json(&self) -> Value {
        let entries = self.entries.iter().map(|entry| {
            json!({
                "kind": entry.kind.key(),
                "decision": entry.decision.map(Decision::key),
                "owner": entry.owner,
                "path": entry.path,
                "detail": entry.detail,
                "place": entry.place,
            })
        });
        let counts: serde_json::Map<String, Value> =
            Kind::ALL.iter().map(|kind| (kind.key().to_owned(), self.count(*kind).into())).collect();
        let files: Vec<String> = self.written.iter().map(|path| path.display().to_string()).collect();
        json!({ "planned": self.is_plan, "counts": counts, "files": files, "entries": entries.collect::<Vec<_>>() })
    }

    pub(super) fn push(&mut self, kind: Kind, owner: &str, path: &str, detail: impl Into<String>) {
        self.add(Entry::new(kind, owner.to_owned(), path.to_owned(), detail.into()));
    }

    /// Adds a decision about the file as a whole. Its place is one of the file.
    pub(crate) fn decide_in_file(&mut self, note: Note) {
        let Note { decision, path, at, detail } = note;
        let owner = "file".to_owned();
        self.add(Entry { decision: Some(decision), place: at, ..Entry::new(Kind::Decided, owner, path, detail) });
    }

    /// Adds a decision about an operation.
    pub(super) fn decide(&mut self, operation: &str, wire: &str, note: Note) {
        let place = if note.at.is_empty() { format!("apis.{wire}#") } else { format!("apis.{wire}.{}", note.at) };
        let entry = Entry::new(Kind::Decided, operation.to_owned(), note.path, note.detail);
        self.add(Entry { decision: Some(note.decision), place, ..entry });
    }

    /// Adds an entry, unless the report has it. Names from the file can contain any characters.
    pub(super) fn add(&mut self, mut entry: Entry) {
        for text in [&mut entry.owner, &mut entry.path, &mut entry.detail] {
            if text.contains(is_invisible) {
                *text = visible(text);
            }
        }
        if !self.entries.contains(&entry) {
            self.entries.push(entry);
        }
    }

    /// Replaces the places in the published file with lines and columns. `text` is the file's.
    pub fn locate(&mut self, file: &Path, text: &str) {
        if self.entries.iter().all(|entry| entry.place.is_empty()) {
            return;
        }
        let positions = Positions::of(text);
        let line_starts: Vec<usize> =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let file = file.display();
        for entry in self.entries.iter_mut().filter(|entry| !entry.place.is_empty()) {
            let offset = positions.find(&entry.place).start;
            let line = line_starts.partition_point(|start| *start <= offset).max(1);
            let column = text.get(line_starts[line - 1]..offset).map_or(1, |before| before.chars().count() + 1);
            entry.place = format!("{file}:{line}:{column}");
        }
    }

    fn summary(&self) -> String {
        let mut owners: Vec<&str> = self.entries.iter().map(|entry| entry.owner.as_str()).collect();
        owners.sort_unstable();
        owners.dedup();
        format!(
            "{} added, {} changed, {} different, {} gone, {} kept, {} agreed, {} decided and {} to decide, in {}; {} {}",
            self.count(Kind::Added),
            self.count(Kind::Changed),
            self.count(Kind::Differs),
            self.count(Kind::Gone),
            self.count(Kind::Kept),
            self.count(Kind::Agreed),
            self.count(Kind::Decided),
            self.count(Kind::Conflict),
            count(owners.len(), "place"),
            count(self.written.len(), "file"),
            if self.is_plan { "would be written" } else { "written" },
        )
    }
}

impl Entry {
    /// An entry without a decision and a place.
    pub(super) fn new(kind: Kind, owner: String, path: String, detail: String) -> Entry {
        let is_difference = kind == Kind::Differs;
        Entry { kind, decision: None, is_difference, owner, path, detail, place: String::new() }
    }
}

impl Kind {
    /// All kinds.
    const ALL: [Kind; 8] = [
        Kind::Added,
        Kind::Changed,
        Kind::Differs,
        Kind::Gone,
        Kind::Kept,
        Kind::Agreed,
        Kind::Decided,
        Kind::Conflict,
    ];

    /// The key in JSON reports.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Kind::Added => "added",
            Kind::Changed => "changed",
            Kind::Differs => "different",
            Kind::Gone => "gone",
            Kind::Kept => "kept",
            Kind::Agreed => "agreed",
            Kind::Decided => "decided",
            Kind::Conflict => "conflict",
        }
    }
}

impl fmt::Display for Report {
    /// Writes the summary, then the decisions by kind, then all other entries by operation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())?;
        for decision in Decision::ALL {
            let decided: Vec<&Entry> = self.decisions(decision).collect();
            if decided.is_empty() {
                continue;
            }
            write!(f, "\n\n{decision} ({})", decided.len())?;
            for entry in decided {
                let path = if entry.path.is_empty() { String::new() } else { format!(" {}", entry.path) };
                write!(f, "\n  {}{path}: {}", entry.owner, entry.detail)?;
                if !entry.place.is_empty() {
                    write!(f, " ({})", visible(&entry.place))?;
                }
            }
        }
        let mut owners: Vec<(&str, Vec<&Entry>)> = Vec::new();
        let mut indices: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| entry.kind != Kind::Decided) {
            let index = *indices.entry(&entry.owner).or_insert_with(|| {
                owners.push((&entry.owner, Vec::new()));
                owners.len() - 1
            });
            owners[index].1.push(entry);
        }
        let new = |entries: &[&Entry]| matches!(entries, [only] if only.detail.starts_with(NEW_OPERATION));
        let names: Vec<&str> = owners.iter().filter(|(_, entries)| new(entries)).map(|(owner, _)| *owner).collect();
        if names.len() > MAX_LISTED_OPERATIONS {
            owners.retain(|(_, entries)| !new(entries));
            let more = names.len() - MAX_NAMED_OPERATIONS;
            let named = names[..MAX_NAMED_OPERATIONS].join(", ");
            write!(f, "\n\n+ {} new operations: {named} and {more} more", names.len())?;
        }
        for (index, (owner, entries)) in owners.iter().enumerate() {
            write!(f, "{}{owner}", if index == 0 { "\n\n" } else { "\n" })?;
            for entry in entries {
                write!(f, "\n  {entry}")?;
                if !entry.place.is_empty() {
                    write!(f, " ({})", visible(&entry.place))?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.kind {
            Kind::Added => '+',
            Kind::Changed => '~',
            Kind::Differs => '≠',
            Kind::Gone => '-',
            Kind::Kept => '=',
            Kind::Agreed => '?',
            Kind::Decided => '*',
            Kind::Conflict => '!',
        };
        match (self.path.is_empty(), self.detail.is_empty()) {
            (true, _) => write!(f, "{mark} {}", self.detail),
            (false, true) => write!(f, "{mark} {}", self.path),
            (false, false) => write!(f, "{mark} {}: {}", self.path, self.detail),
        }
    }
}
