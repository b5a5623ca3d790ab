//! The report of an import.

use std::fmt;
use std::path::PathBuf;

use crate::suggest::count;

/// The report of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The entries, ordered by operation.
    pub entries: Vec<Entry>,
    /// Files that [`super::run`] wrote.
    pub written: Vec<PathBuf>,
}

/// An entry of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The kind of entry.
    pub kind: Kind,
    /// Operation, or `types.json`.
    pub owner: String,
    /// Member: `request DataDisk[].Category`; empty for the operation itself.
    pub path: String,
    /// The new value, or the old and the new one.
    pub detail: String,
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
    /// Kept: a fact that the API does not state.
    Kept,
    /// Agreed: the API states a decided fact in the same way, so the decision no longer applies.
    Agreed,
    /// Conflict: a person must decide.
    Conflict,
}

impl Report {
    /// Number of entries of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.entries.iter().filter(|entry| entry.kind == kind).count()
    }

    /// Whether the report has no entries, except kept facts.
    pub fn is_unchanged(&self) -> bool {
        self.entries.iter().all(|entry| matches!(entry.kind, Kind::Kept | Kind::Agreed))
    }

    pub(super) fn push(&mut self, kind: Kind, owner: &str, path: &str, detail: impl Into<String>) {
        let entry = Entry { kind, owner: owner.to_owned(), path: path.to_owned(), detail: detail.into() };
        if !self.entries.contains(&entry) {
            self.entries.push(entry);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut owners: Vec<&str> = Vec::new();
        for entry in &self.entries {
            if !owners.contains(&entry.owner.as_str()) {
                owners.push(&entry.owner);
            }
        }
        for owner in &owners {
            writeln!(f, "{owner}")?;
            for entry in self.entries.iter().filter(|entry| entry.owner == *owner) {
                writeln!(f, "  {entry}")?;
            }
        }
        write!(
            f,
            "{} added, {} changed, {} different, {} gone, {} kept, {} agreed and {} to decide, in {}; {} written",
            self.count(Kind::Added),
            self.count(Kind::Changed),
            self.count(Kind::Differs),
            self.count(Kind::Gone),
            self.count(Kind::Kept),
            self.count(Kind::Agreed),
            self.count(Kind::Conflict),
            count(owners.len(), "place"),
            count(self.written.len(), "file"),
        )
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
            Kind::Conflict => '!',
        };
        match (self.path.is_empty(), self.detail.is_empty()) {
            (true, _) => write!(f, "{mark} {}", self.detail),
            (false, true) => write!(f, "{mark} {}", self.path),
            (false, false) => write!(f, "{mark} {}: {}", self.path, self.detail),
        }
    }
}
