//! Notes about facts that a page leaves open, undecided or decided by the reader.

use std::fmt;

/// A note about a line of a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The page, as it was named.
    pub path: String,
    /// The line, starting at 1.
    pub line: usize,
    /// Whether a person must decide.
    pub kind: NoteKind,
    /// The open fact, and its reading in the spec.
    pub message: String,
}

/// The kind of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// The page leaves open what the spec states: compare it with another source.
    Undecided,
    /// The page contradicts itself or the rules of specs; the note states what was taken.
    Decided,
    /// Something that is not in the spec.
    Skipped,
}

impl NoteKind {
    /// The word in reports.
    pub(super) fn key(self) -> &'static str {
        match self {
            NoteKind::Undecided => "undecided",
            NoteKind::Decided => "decided",
            NoteKind::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.kind.key(), self.message)
    }
}

/// The notes about one page.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) path: String,
    pub(super) notes: Vec<Note>,
}

impl Notes {
    pub(super) fn new(path: &str) -> Notes {
        Notes { path: path.to_owned(), notes: Vec::new() }
    }

    pub(super) fn undecided(&mut self, line: usize, message: impl Into<String>) {
        self.push(line, NoteKind::Undecided, message.into());
    }

    pub(super) fn decided(&mut self, line: usize, message: impl Into<String>) {
        self.push(line, NoteKind::Decided, message.into());
    }

    pub(super) fn skipped(&mut self, line: usize, message: impl Into<String>) {
        self.push(line, NoteKind::Skipped, message.into());
    }

    fn push(&mut self, line: usize, kind: NoteKind, message: String) {
        let note = Note { path: self.path.clone(), line, kind, message };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
