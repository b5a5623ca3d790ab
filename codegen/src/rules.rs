//! The rules for specs: their IDs, their levels, and what `spec lint --explain` says about them.

mod calls;
mod codes;
mod docs;
mod facts;
mod files;
mod names;
mod types;

use std::fmt;

pub(crate) use calls::*;
pub(crate) use codes::*;
pub(crate) use docs::*;
pub(crate) use facts::*;
pub(crate) use files::*;
pub(crate) use names::*;
pub(crate) use types::*;

use serde::{Serialize, Serializer};

use crate::suggest::closest;

/// The severity of a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A suggestion.
    Info,
    /// Source can be generated, but it or its docs are probably wrong. `allow` accepts it, with a reason.
    Warning,
    /// Source cannot be generated, or the SDK would not work.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        })
    }
}

/// A rule for specs.
#[derive(Debug)]
pub struct Rule {
    /// ID: lower-case words joined by dashes.
    pub id: &'static str,
    /// Level of its violations.
    pub level: Level,
    /// Whether `spec lint --fix` corrects violations. Some rules have violations that it cannot correct.
    pub fixable: bool,
    /// The violations that the rule reports.
    pub summary: &'static str,
    /// The reason for the rule.
    pub why: &'static str,
    /// The way to correct a violation.
    pub remedy: &'static str,
    /// An example of a violation.
    pub bad: &'static str,
    /// The example, corrected.
    pub good: &'static str,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

impl PartialOrd for Rule {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rule {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(other.id)
    }
}

/// Writes the ID.
impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

impl Rule {
    /// Explains the rule to people.
    pub fn explain(&self) -> String {
        let indented = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
        let mut text = format!("{} ({})\n\n{}\n\n", self.id, self.level, self.summary);
        text += &format!("Why: {}\n\nRemedy: {}\n\n", self.why, self.remedy);
        text += &format!("Example of a violation:\n{}\nCorrected:\n{}\n", indented(self.bad), indented(self.good));
        text += match self.level {
            Level::Error => "An error cannot be allowed: it has to be corrected.",
            _ => {
                "To accept a violation, add its reason to the field, type, glossary entry, operation or service:\n    "
            }
        };
        if self.level != Level::Error {
            text += &format!("\"allow\": {{ \"{}\": \"the reason\" }}", self.id);
        }
        if self.fixable {
            text += "\n\n`cargo xtask spec lint --fix` corrects violations where this is safe.";
        }
        text
    }
}

/// All rules, by ID.
pub fn all() -> Vec<&'static Rule> {
    let groups = [FILES, NAMES, TYPES, DOCS, FACTS, CALLS, CODES];
    let mut all: Vec<_> = groups.into_iter().flatten().copied().collect();
    all.sort();
    all
}

/// The rule with an ID.
///
/// # Errors
///
/// Returns a message that names the most similar rule.
pub fn find(id: &str) -> Result<&'static Rule, String> {
    all().into_iter().find(|rule| rule.id == id).ok_or_else(|| {
        let known: Vec<&str> = all().iter().map(|rule| rule.id).collect();
        let help = match closest(id, &known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => "`cargo xtask spec lint --explain all` lists the rules".to_owned(),
        };
        format!("unknown rule `{id}`; {help}")
    })
}

/// Defines a group of rules.
macro_rules! rules {
    ($group:ident: $($name:ident $id:literal $level:ident $($fixable:ident)? {
        $summary:literal, $why:literal, $remedy:literal, $bad:literal => $good:literal $(,)?
    })*) => {
        $(
            pub(crate) static $name: $crate::rules::Rule = $crate::rules::Rule {
                id: $id,
                level: $crate::rules::Level::$level,
                fixable: $crate::rules::is_given(&[$(stringify!($fixable))?]),
                summary: $summary,
                why: $why,
                remedy: $remedy,
                bad: $bad,
                good: $good,
            };
        )*
        pub(super) static $group: &[&$crate::rules::Rule] = &[$(&$name),*];
    };
}
use rules;

/// Whether a list has an element.
const fn is_given(words: &[&str]) -> bool {
    !words.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_distinct_ids_and_complete_explanations() {
        let mut seen = std::collections::HashSet::new();
        for rule in all() {
            assert!(seen.insert(rule.id), "{} twice", rule.id);
            assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
            for text in [rule.summary, rule.why, rule.remedy] {
                assert!(text.ends_with('.'), "{}: {text}", rule.id);
            }
            assert!(!rule.bad.is_empty() && rule.bad != rule.good, "{}", rule.id);
            assert!(rule.explain().contains(rule.id));
        }
    }

    #[test]
    fn unknown_rules_are_named_with_a_similar_one() {
        assert_eq!(find("wire-nam").unwrap_err(), "unknown rule `wire-nam`; did you mean `wire-name`?");
    }
}
