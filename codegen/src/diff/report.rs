//! Reports of changes: text, Markdown and JSON.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
    fmt::Write,
    str::FromStr,
};

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;

use super::{Change, Diff, Impact, Side, UnknownKey, Verdict, values::names};
use crate::{suggest::count, validate::visible};

/// The longest comment that the usual code hosts accept, in characters. A longer one is rejected as a whole.
const MAX_COMMENT_CHARACTERS: usize = 65_536;

/// The most unknown keys that a report for people lists: an older tree can have thousands.
const MAX_LISTED_KEYS: usize = 10;

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
    /// Changes after which programs can fail to compile, or the SDK makes calls fail that succeeded before.
    pub breaking: usize,
    /// Changes after which calls have another effect, or the service accepts less.
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
    /// Keys that this version does not know, so their values are not compared.
    pub unknown_keys: Vec<UnknownKey>,
    /// The command that lists all changes.
    #[serde(skip)]
    pub command: String,
}

/// The JSON Schema of a [`Report`].
pub fn json_schema() -> serde_json::Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Report>().to_value()
}

impl Report {
    /// Creates a report. `head` is `None` for the working tree.
    pub fn new(mut diff: Diff, base: &str, head: Option<&str>, verdict: Option<Verdict>) -> Self {
        let counts = Counts {
            breaking: diff.number(Impact::Breaking),
            behavior: diff.number(Impact::Behavior),
            additive: diff.number(Impact::Additive),
            docs: diff.number(Impact::Docs),
        };
        let unknown_keys = std::mem::take(&mut diff.unknown_keys);
        let mut command = format!("cargo xtask spec diff {base}");
        command.extend(head.map(|head| format!(" {head}")));
        let (base, head) = (base.to_owned(), head.map(str::to_owned));
        Self { format: 1, base, head, verdict, counts, changes: diff, unknown_keys, command }
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
        format!("{} in {}: {}", count(changes.len(), "change"), count(owners.len(), "place"), by_class(changes))
    }

    /// `file:line`; for the older revision as git names it, `revision:file:line`.
    fn place(&self, change: &Change) -> Option<String> {
        let place = change.place.as_ref()?;
        Some(self.line(place.side, &place.file, place.line))
    }

    fn line(&self, side: Side, file: &str, line: usize) -> String {
        let revision = if side == Side::Old { format!("{}:", self.base) } else { String::new() };
        format!("{revision}{file}:{line}")
    }

    /// The unknown keys, each with its place; those above a limit are only counted.
    fn listed_keys(&self) -> (Vec<(String, &str)>, Option<String>) {
        let keys = self.unknown_keys.iter().take(MAX_LISTED_KEYS);
        let keys = keys.map(|one| (self.line(one.side, &one.file, one.line), one.key.as_str())).collect();
        let more = self.unknown_keys.len().saturating_sub(MAX_LISTED_KEYS);
        (keys, (more > 0).then(|| format!("{}; `--format json` lists all", count(more, "more unknown key"))))
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
                let _ = writeln!(text, "{gap}{}", visible(&owner));
            }
            let _ = writeln!(text, "  {:9}  {}", change.class, visible(&change.summary()));
            let place = self.place(change).map(|place| format!("--> {place}"));
            for line in [change.effect.clone(), Self::users(change), place].into_iter().flatten() {
                let _ = writeln!(text, "  {:9}  {}", "", visible(&line));
            }
        }
        let gap = if self.changes.is_empty() { "" } else { "\n" };
        let (keys, more) = self.listed_keys();
        let keys = keys.iter().map(|(place, key)| format!("{place}: the unknown key `{key}` is not compared"));
        let lines: Vec<String> = keys.chain(more).chain([self.summary()]).collect();
        for (index, line) in lines.iter().enumerate() {
            let _ = writeln!(text, "{}{}", if index == 0 { gap } else { "" }, visible(line));
        }
        if let Some(verdict) = &self.verdict {
            let _ = writeln!(text, "{}", verdict.sentence());
        }
        text
    }

    /// Keeps to the length of a comment. If some of the changes have to be left out, the most severe ones come first.
    fn markdown(&self) -> String {
        let (head, tail) = (self.markdown_head(), self.markdown_keys());
        let mut changes: Vec<&Change> = self.changes.changes.iter().collect();
        let whole = format!("{head}{}{tail}", self.markdown_changes(&changes).concat());
        if length(&whole) <= MAX_COMMENT_CHARACTERS {
            return whole;
        }
        changes.sort_by_key(|change| Reverse(change.class));
        let left_out = |fit: usize| {
            let (left, command) = (&changes[fit..], &self.command);
            let (number, all, classes) = (left.len(), changes.len(), by_class(left.iter().copied()));
            format!(
                "\n**{number} of {all} changes are left out ({classes}), because comments are limited to \
                 {MAX_COMMENT_CHARACTERS} characters; `{command}` lists all of them.**\n"
            )
        };
        let mut room = MAX_COMMENT_CHARACTERS.saturating_sub(length(&head) + length(&tail) + length(&left_out(0)));
        let fits = |change: &&String| {
            let left = room.checked_sub(length(change));
            room = left.unwrap_or_default();
            left.is_some()
        };
        let kept: Vec<String> = self.markdown_changes(&changes).iter().take_while(fits).cloned().collect();
        format!("{head}{}{}{tail}", kept.concat(), left_out(kept.len()))
    }

    /// The title, the summary and the version.
    fn markdown_head(&self) -> String {
        let head = self.head.as_ref().map_or_else(|| "working tree".to_owned(), |head| format!("`{head}`"));
        let mut text = format!("## Changes of the specs: `{}` → {head}\n\n", self.base);
        let _ = writeln!(text, "{}{}.", self.summary()[..1].to_uppercase(), &self.summary()[1..]);
        if let Some(verdict) = &self.verdict {
            let mark = if verdict.is_enough { "" } else { "**" };
            let _ = writeln!(text, "\n{mark}{}{mark}", verdict.sentence());
        }
        text
    }

    /// Each change, with a heading where the place differs from that of the change before.
    fn markdown_changes(&self, changes: &[&Change]) -> Vec<String> {
        let mut owner = String::new();
        let texts = changes.iter().map(|change| {
            let mut text = String::new();
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
            text
        });
        texts.collect()
    }

    fn markdown_keys(&self) -> String {
        let (keys, more) = self.listed_keys();
        let keys = keys.iter().map(|(place, key)| format!("`{key}` (`{place}`)")).chain(more);
        let lines: String = keys.map(|line| format!("- {}\n", markdown(&line))).collect();
        if lines.is_empty() { lines } else { format!("\n### Unknown keys, which are not compared\n\n{lines}") }
    }
}

/// `1 breaking, 2 docs`, without the classes that have no change.
fn by_class<'c>(changes: impl IntoIterator<Item = &'c Change>) -> String {
    let mut numbers: BTreeMap<Reverse<Impact>, usize> = BTreeMap::new();
    for change in changes {
        *numbers.entry(Reverse(change.class)).or_default() += 1;
    }
    let numbers: Vec<String> = numbers.iter().map(|(Reverse(class), number)| format!("{number} {class}")).collect();
    numbers.join(", ")
}

/// The length of a string in characters.
fn length(text: &str) -> usize {
    text.chars().count()
}

/// Escapes Markdown outside of code.
fn markdown(text: &str) -> String {
    let text = visible(text);
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
