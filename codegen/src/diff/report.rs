//! Reports of changes: text, Markdown and JSON.

use std::{collections::HashSet, fmt::Write, str::FromStr};

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;

use super::{Change, Diff, Impact, Side, Verdict, values::names};
use crate::suggest::count;

/// A format of reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    #[default]
    Text,
    /// Markdown, for comments in reviews.
    Markdown,
    /// JSON; [`json_schema`] describes it.
    Json,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "text" => Ok(Self::Text),
            "markdown" => Ok(Self::Markdown),
            "json" => Ok(Self::Json),
            _ => Err(format!("invalid format `{name}`: expected `text`, `markdown` or `json`")),
        }
    }
}

/// The number of changes, by class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Changes after which programs can fail to compile, or calls that succeeded can fail.
    pub breaking: usize,
    /// Changes after which calls have another effect.
    #[serde(rename = "behaviour")]
    pub behavior: usize,
    /// New things.
    pub additive: usize,
    /// Changes of the documentation.
    pub docs: usize,
}

/// Changes with their context: everything that a report shows. This is the form of the JSON output.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Report {
    /// Version of this format. It increases when a member is removed or changes its meaning, and not when one is added.
    pub format: u32,
    /// The older revision.
    pub base: String,
    /// The newer revision, or none for the working tree.
    pub head: Option<String>,
    /// The version that the changes require, if the crate has one.
    pub verdict: Option<Verdict>,
    /// The number of changes, by class.
    pub counts: Counts,
    /// The changes, ordered by service and subject, the most severe first.
    pub changes: Diff,
}

/// The JSON Schema of a [`Report`].
pub fn json_schema() -> serde_json::Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Report>().to_value()
}

impl Report {
    /// Creates a report. `head` is `None` for the working tree.
    pub fn new(diff: Diff, base: &str, head: Option<&str>, verdict: Option<Verdict>) -> Self {
        let counts = Counts {
            breaking: diff.number(Impact::Breaking),
            behavior: diff.number(Impact::Behavior),
            additive: diff.number(Impact::Additive),
            docs: diff.number(Impact::Docs),
        };
        Self { format: 1, base: base.to_owned(), head: head.map(str::to_owned), verdict, counts, changes: diff }
    }

    /// The report in a format. It ends with a newline.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Markdown => self.markdown(),
            Format::Json => serde_json::to_string_pretty(self).unwrap_or_default() + "\n",
        }
    }

    /// `3 changes in 2 places: 1 breaking, 2 docs`, without the classes that have no change.
    fn summary(&self) -> String {
        let changes = &self.changes.changes;
        if changes.is_empty() {
            return "no changes".to_owned();
        }
        let owners: HashSet<String> = changes.iter().map(Change::owner).collect();
        let classes = Impact::ALL.map(|class| (self.changes.number(class), class)).into_iter();
        let classes: Vec<String> =
            classes.filter(|(number, _)| *number > 0).map(|(number, class)| format!("{number} {class}")).collect();
        format!("{} in {}: {}", count(changes.len(), "change"), count(owners.len(), "place"), classes.join(", "))
    }

    /// `file:line`; for the older revision as git names it, `revision:file:line`.
    fn place(&self, change: &Change) -> Option<String> {
        let place = change.place.as_ref()?;
        let revision = if place.side == Side::Old { format!("{}:", self.base) } else { String::new() };
        Some(format!("{revision}{}:{}", place.file, place.line))
    }

    /// The operations that a change affects, if its subject does not say it.
    fn users(change: &Change) -> Option<String> {
        let says = change.operations.is_empty() || change.operations == [change.subject.as_str()];
        (!says).then(|| format!("used by {}", names(&change.operations)))
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut owner = String::new();
        for change in &self.changes.changes {
            if change.owner() != owner {
                let gap = if owner.is_empty() { "" } else { "\n" };
                owner = change.owner();
                let _ = writeln!(text, "{gap}{}", printable(&owner));
            }
            let _ = writeln!(text, "  {:9}  {}", change.class, printable(&change.summary()));
            let place = self.place(change).map(|place| format!("--> {place}"));
            for line in [change.effect.clone(), Self::users(change), place].into_iter().flatten() {
                let _ = writeln!(text, "  {:9}  {}", "", printable(&line));
            }
        }
        let gap = if self.changes.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{gap}{}", self.summary());
        if let Some(verdict) = &self.verdict {
            let _ = writeln!(text, "{}", verdict.sentence());
        }
        text
    }

    fn markdown(&self) -> String {
        let head = self.head.as_ref().map_or_else(|| "working tree".to_owned(), |head| format!("`{head}`"));
        let mut text = format!("## Changes of the specs: `{}` → {head}\n\n", self.base);
        let _ = writeln!(text, "{}{}.", self.summary()[..1].to_uppercase(), &self.summary()[1..]);
        if let Some(verdict) = &self.verdict {
            let mark = if verdict.is_enough { "" } else { "**" };
            let _ = writeln!(text, "\n{mark}{}{mark}", verdict.sentence());
        }
        let mut owner = String::new();
        for change in &self.changes.changes {
            if change.owner() != owner {
                owner = change.owner();
                let _ = writeln!(text, "\n### {}\n", markdown(&owner));
            }
            let mark = if change.class == Impact::Breaking { "**" } else { "" };
            let place = self.place(change).map(|place| format!(" (`{place}`)")).unwrap_or_default();
            let _ = writeln!(text, "- {mark}{}{mark}: {}{place}", change.class, markdown(&change.summary()));
            for line in [change.effect.clone(), Self::users(change)].into_iter().flatten() {
                let _ = writeln!(text, "  <br>{}", markdown(&line));
            }
        }
        text
    }
}

/// Replaces characters that terminals interpret, or that change the order of others.
fn printable(text: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if is_unsafe(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

/// Escapes Markdown outside of code.
fn markdown(text: &str) -> String {
    let text = printable(text);
    // If the end of code was cut, the backticks do not match.
    let has_code = text.matches('`').count().is_multiple_of(2);
    let mut escaped = String::new();
    let mut in_code = false;
    for c in text.chars() {
        match c {
            '`' if has_code => in_code = !in_code,
            '<' | '>' | '*' | '_' | '[' | ']' | '#' | '|' | '\\' | '`' | '@' if !in_code => escaped.push('\\'),
            _ => {}
        }
        escaped.push(c);
    }
    escaped
}
