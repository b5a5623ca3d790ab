//! Rules about docs.

use super::Checker;
use crate::{
    rules,
    spec::{Field, Operation},
    suggest::remedy,
};

/// Placeholders that people write instead of a doc.
const PLACEHOLDERS: &[&str] = &["todo", "tbd", "fixme", "xxx", "…", "..."];

impl<'a> Checker<'a> {
    /// Rejects docs without information.
    pub(super) fn doc(&mut self, file: &str, at: &str, name: &str, doc: &str) {
        let letters = |text| str::chars(text).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
        let is_placeholder = |word: &str| {
            let bare = word.trim_end_matches(['.', ':']);
            PLACEHOLDERS.iter().any(|known| known.eq_ignore_ascii_case(word) || known.eq_ignore_ascii_case(bare))
        };
        if doc.trim().is_empty() {
            let help = "describe its meaning, unit and effect in our own words, ending with a period";
            self.mistake(&rules::MISSING_DOC, file, at, format!("`{name}` has no doc"), help);
            return;
        }
        let problem = if doc.split_whitespace().any(is_placeholder) {
            "has a placeholder as its doc"
        } else if letters(doc).eq(letters(name)) || letters(doc).eq("the".chars().chain(letters(name))) {
            "has a doc that repeats its name"
        } else if doc.split_whitespace().nth(2).is_none() {
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
    pub(super) fn markup(&mut self, file: &str, at: &str, name: &str, doc: &str) {
        let code_ends = doc.split('`').count() % 2 == 1;
        let prose: String = doc.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let (problem, help) = if doc.contains("``") || doc.contains("~~~") {
            (
                "has several backticks or tildes in a row in its doc",
                "put code between single backticks; `examples` are for longer code",
            )
        } else if !code_ends {
            ("has code without an end in its doc", "add the missing backtick")
        } else if doc.split('`').skip(1).step_by(2).any(|code| code.contains("\n\n") || code.trim().is_empty()) {
            ("has code in its doc that is empty or spans paragraphs", "put code on one line between single backticks")
        } else if prose.contains(['<', '[', ']', '\\']) {
            ("has a bracket or backslash in its doc that is not code", "put it in backticks, or use words")
        } else if has_entity(&prose) {
            ("has an HTML entity in its doc", "write the character itself")
        } else if prose.contains("://") {
            ("has a URL in its doc that is not code", "put it in backticks")
        } else if doc.lines().any(|line| line.starts_with([' ', '#', '>', '|', '=']) || is_rule(line)) {
            (
                "has a line in its doc that Markdown takes for code, a heading, a quotation or a table",
                "start the line with a word",
            )
        } else {
            return;
        };
        self.mistake(&rules::DOC_MARKUP, file, at, format!("`{name}` {problem}"), help);
    }

    /// Reports dotted names of members in a doc that do not exist. `scopes` are the fields that the doc may refer to.
    pub(super) fn references(
        &mut self,
        file: &str,
        at: &str,
        doc: &str,
        scopes: &[&'a [Field]],
        own: Option<&'a Operation>,
    ) {
        for code in doc.split('`').skip(1).step_by(2) {
            let is_path = |c: char| c.is_ascii_alphanumeric() || "._[]".contains(c);
            let Some((first, rest)) = code.split_once('.').filter(|_| code.chars().all(is_path)) else { continue };
            let first = first.trim_end_matches("[]");
            let outer = scopes.iter().find_map(|fields| fields.iter().find(|field| field.name == first));
            let Some(outer) = outer else { continue };
            let mut fields = self.fields_of(outer, own);
            for part in rest.split('.').filter(|part| *part != "N") {
                let part = part.trim_end_matches("[]");
                let Some(field) = fields.iter().find(|field| field.name == part) else {
                    let known: Vec<&String> = fields.iter().map(|field| &field.name).collect();
                    let message = format!("the doc names `{code}`, but `{first}` has no member `{part}`");
                    let help = remedy(part, &known, "name a member that exists");
                    self.mistake(&rules::DOC_REFERENCE, file, at, message, help);
                    break;
                };
                fields = self.fields_of(field, own);
            }
        }
    }

    fn fields_of(&self, field: &Field, own: Option<&'a Operation>) -> &'a [Field] {
        self.resolve(field.ty.name(), own).and_then(|ty| ty.fields.as_deref()).unwrap_or_default()
    }
}

/// Whether Markdown takes a line for a rule or the underline of a heading.
fn is_rule(line: &str) -> bool {
    let mut signs = line.chars().filter(|c| !c.is_whitespace()).peekable();
    match signs.next() {
        Some(first @ ('-' | '=' | '*' | '_')) => signs.peek().is_some() && signs.all(|sign| sign == first),
        _ => false,
    }
}

/// Whether a string has an HTML entity such as `&lt;`.
fn has_entity(text: &str) -> bool {
    text.split('&').skip(1).any(|rest| {
        let name = rest.split(';').next().unwrap_or_default();
        name.len() < rest.len()
            && name.starts_with(|c: char| c == '#' || c.is_ascii_alphabetic())
            && name.chars().skip(1).all(|c| c.is_ascii_alphanumeric())
    })
}
