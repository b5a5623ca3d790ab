//! The result of a comparison of an API with the specs.

use std::fmt;

use serde::Serialize;

use crate::suggest::count;
use crate::validate::visible;

/// The extent of a description of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Whether it has all operations of the API.
    pub is_complete: bool,
    /// Whether it has responses, limits, error codes, and the types of all members. The metadata of the CLI has
    /// parameters with their types and whether they are required.
    pub is_full: bool,
}

impl Detail {
    /// An api-docs file.
    pub const FULL: Detail = Detail { is_complete: true, is_full: true };
}

/// The differences between an API and the specs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Operations.
    pub operations: Count,
    /// Parameters and their nested members.
    pub parameters: Count,
    /// Fields of responses and their nested members.
    pub response_fields: Count,
    /// Members that are missing, different, or only in the specs.
    pub differences: Vec<Difference>,
    /// Members that the specs leave out, with the reason.
    pub skipped: Vec<Difference>,
    /// Members that the specs have from another source.
    pub additions: Vec<Difference>,
    /// Differences that the specs have decided.
    pub decided: Vec<Difference>,
}

/// Number of members, and how many of them the specs have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// In the API.
    pub api: usize,
    /// In both the API and the specs.
    pub specs: usize,
}

/// A difference between the API and the specs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The operation, or `types.json`.
    pub operation: String,
    /// The member, such as `request DataDisk[].Size`; empty for the operation itself.
    pub path: String,
    /// The fact that differs.
    pub fact: Fact,
    /// The value of the specs, or the reason for it.
    pub ours: Option<String>,
    /// The value of the API.
    pub theirs: Option<String>,
}

/// The kind of a difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The specs lack the operation, member or code.
    Missing,
    /// The API lacks the operation, member or code.
    Extra,
    /// A decision no longer applies.
    Decision,
    /// The specs leave the member out.
    Skip,
    /// The specs have the member from another source.
    Source,
    /// A fact of a field, by its key: `type`, `required`, `max` and so on.
    #[serde(untagged)]
    Named(String),
}

impl Fact {
    pub(super) fn named(name: &str) -> Fact {
        Fact::Named(name.to_owned())
    }

    fn heading(&self) -> &str {
        match self {
            Fact::Missing => "missing in the specs",
            Fact::Extra => "only in the specs",
            Fact::Decision => "decisions that no longer apply",
            Fact::Skip => "skipped with a reason",
            Fact::Source => "`source` of members that the API has now",
            Fact::Named(name) => name,
        }
    }
}

impl Difference {
    pub(super) fn of(operation: &str, path: &str, fact: Fact, ours: Option<String>, theirs: Option<String>) -> Self {
        // Names from the file can contain any characters.
        let (ours, theirs) = (ours.map(|text| visible(&text)), theirs.map(|text| visible(&text)));
        Difference { operation: visible(operation), path: visible(path), fact, ours, theirs }
    }

    pub(super) fn missing(operation: &str, path: &str, theirs: String) -> Self {
        Self::of(operation, path, Fact::Missing, None, Some(theirs))
    }

    pub(super) fn extra(operation: &str, path: &str, ours: String) -> Self {
        Self::of(operation, path, Fact::Extra, Some(ours), None)
    }
}

impl Count {
    pub(super) fn add(&mut self, other: Count) {
        self.api += other.api;
        self.specs += other.specs;
    }
}

impl Drift {
    /// Whether there are no differences.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }

    pub(super) fn differ(&mut self, difference: Difference) {
        if !self.differences.contains(&difference) {
            self.differences.push(difference);
        }
    }
}

/// The summary, then the differences by fact, then what the specs have decided, skipped and added.
impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, covered) in [
            ("operations", self.operations),
            ("parameters", self.parameters),
            ("response fields", self.response_fields),
        ] {
            if covered.api > 0 {
                writeln!(f, "{name}: {} of {}", covered.specs, covered.api)?;
            }
        }
        let (decided, skipped, additions) = (self.decided.len(), self.skipped.len(), self.additions.len());
        let differences = count(self.differences.len(), "difference");
        write!(f, "{differences}, {decided} decided, {skipped} skipped, {additions} added from another source")?;
        let mut facts: Vec<&Fact> = self.differences.iter().map(|difference| &difference.fact).collect();
        facts.sort();
        facts.dedup();
        for fact in facts {
            let of_fact = self.differences.iter().filter(|difference| difference.fact == *fact);
            write_group(f, fact.heading(), of_fact)?;
        }
        write_group(f, "decided", self.decided.iter())?;
        write_group(f, Fact::Skip.heading(), self.skipped.iter())?;
        write_group(f, "added from another source", self.additions.iter())
    }
}

fn write_group<'d>(
    f: &mut fmt::Formatter<'_>,
    heading: &str,
    differences: impl Iterator<Item = &'d Difference> + Clone,
) -> fmt::Result {
    let number = differences.clone().count();
    if number == 0 {
        return Ok(());
    }
    write!(f, "\n\n{heading} ({number})")?;
    for difference in differences {
        write!(f, "\n  {difference}")?;
    }
    Ok(())
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { operation, path, fact, ours, theirs } = self;
        write!(f, "{operation}{}{path}: ", if path.is_empty() { "" } else { " " })?;
        match (fact, ours, theirs) {
            (Fact::Named(fact), ours, theirs) => {
                let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
                write!(f, "{fact} {} in the specs, {} in the API", value(ours), value(theirs))
            }
            (_, Some(value), _) | (_, None, Some(value)) => f.write_str(value),
            (_, None, None) => Ok(()),
        }
    }
}
