//! Changes between spec trees, and how they are printed.

use std::{collections::HashSet, fmt};

use crate::suggest::count;

/// The differences between two spec trees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// The changes, ordered by service and operation.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Service, and operation or file: `ecs DescribeInstances`, `ecs types.json`.
    pub owner: String,
    /// The changed member, such as `request DataDisk`; empty for the operation itself.
    pub path: String,
    /// The kind of change.
    pub detail: String,
    /// Whether it breaks code that uses the SDK.
    pub breaking: bool,
}

impl Diff {
    /// Whether any change breaks code that uses the SDK.
    pub fn is_breaking(&self) -> bool {
        self.changes.iter().any(|change| change.breaking)
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn push(&mut self, breaking: bool, owner: &str, path: &str, detail: impl Into<String>) {
        let change = Change { owner: owner.to_owned(), path: path.to_owned(), detail: detail.into(), breaking };
        self.changes.push(change);
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut owner = "";
        for change in &self.changes {
            if change.owner != owner {
                owner = &change.owner;
                writeln!(f, "{owner}")?;
            }
            writeln!(f, "{change}")?;
        }
        let owners: HashSet<&str> = self.changes.iter().map(|change| change.owner.as_str()).collect();
        let breaking = self.changes.iter().filter(|change| change.breaking).count();
        let (changes, places) = (count(self.changes.len(), "change"), count(owners.len(), "place"));
        write!(f, "{changes} in {places}, {breaking} breaking")
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.breaking { "BREAKING" } else { "" };
        let gap = if self.path.is_empty() { "" } else { ": " };
        write!(f, "  {mark:8} {}{gap}{}", self.path, self.detail)
    }
}
