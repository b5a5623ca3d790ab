//! Rules about docs.

use super::Checker;
use crate::{rules, spec::DocsState};

/// Placeholders that people write instead of a doc.
const PLACEHOLDERS: &[&str] = &["todo", "tbd", "fixme", "xxx", "…", "..."];

impl Checker<'_> {
    /// Whether docs of the service may be missing.
    pub(super) fn is_draft(&self) -> bool {
        self.tree.service.docs == Some(DocsState::Draft)
    }

    /// Rejects docs without information.
    pub(super) fn doc(&mut self, file: &str, at: &str, name: &str, doc: &str) {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let lower = doc.to_lowercase();
        let is_placeholder =
            |word: &str| PLACEHOLDERS.contains(&word) || PLACEHOLDERS.contains(&word.trim_end_matches(['.', ':']));
        let problem = if doc.trim().is_empty() && self.is_draft() {
            return;
        } else if doc.trim().is_empty() {
            "has no doc"
        } else if lower.split_whitespace().any(is_placeholder) {
            "has a placeholder as its doc"
        } else if letters(doc) == letters(name) || letters(doc) == format!("the{}", letters(name)) {
            "has a doc that repeats its name"
        } else if doc.split_whitespace().count() < 3 {
            "has a doc of fewer than three words"
        } else if !doc.trim_end().ends_with(['.', '!', '?', ')', '`']) {
            "has a doc that does not end like a sentence"
        } else {
            return self.markup(file, at, name, doc);
        };
        let help = "describe its meaning, unit and effect in our own words, ending with a period";
        self.mistake(&rules::DOC, file, at, format!("`{name}` {problem}"), help);
    }

    /// Rejects docs that rustdoc would render differently from how they read, or warn about.
    fn markup(&mut self, file: &str, at: &str, name: &str, doc: &str) {
        let code_ends = doc.split('`').count() % 2 == 1;
        let prose: String = doc.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let reverses = |c: char| ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
        let (problem, help) = if doc.contains(|c: char| (c.is_control() && c != '\n') || reverses(c)) {
            ("has a control character in its doc", "remove it")
        } else if doc.contains("``") {
            (
                "has several backticks in a row in its doc",
                "put code between single backticks; `examples` are for longer code",
            )
        } else if !code_ends {
            ("has code without an end in its doc", "add the missing backtick")
        } else if prose.contains(['<', '[', ']', '\\']) {
            ("has a bracket or backslash in its doc that is not code", "put it in backticks, or use words")
        } else if prose.contains("://") {
            ("has a URL in its doc that is not code", "put it in backticks")
        } else if doc.lines().any(|line| line.starts_with([' ', '#'])) {
            ("has a line in its doc that Markdown takes for code or a heading", "start the line with a word")
        } else {
            return;
        };
        self.mistake(&rules::DOC_MARKUP, file, at, format!("`{name}` {problem}"), help);
    }
}
