//! Rules about docs.

use super::Checker;

/// Placeholders that people write instead of a doc.
const PLACEHOLDERS: &[&str] = &["todo", "tbd", "fixme", "xxx", "…", "..."];

impl Checker<'_> {
    /// Rejects docs without information.
    pub(super) fn doc(&mut self, file: &str, at: &str, name: &str, doc: &str) {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let lower = doc.to_lowercase();
        let is_placeholder =
            |word: &str| PLACEHOLDERS.contains(&word) || PLACEHOLDERS.contains(&word.trim_end_matches(['.', ':']));
        let problem = if doc.trim().is_empty() {
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
            return;
        };
        let help = "describe its meaning, unit and effect in our own words, ending with a period";
        self.mistake(file, at, format!("`{name}` {problem}"), help);
    }
}
