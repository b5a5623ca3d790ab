//! Docs of names with the same meaning everywhere.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patterns;

/// Docs of names with the same meaning everywhere: `specs/<service>/glossary.json`.
pub type Glossary = IndexMap<String, GlossaryEntry>;

/// An entry of a glossary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a doc, or { \"doc\": doc, \"allow\": { rule: reason } }")]
pub enum GlossaryEntry {
    /// The doc.
    Doc(#[schemars(extend("pattern" = patterns::NOT_BLANK))] String),
    /// The doc, and accepted violations of rules.
    Allowing(AllowingEntry),
}

/// A doc for which violations of rules are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowingEntry {
    /// The doc.
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub doc: String,
    /// Violations of rules that are accepted here, with the reason for each: `{ "unused-glossary-entry": "…" }`.
    #[serde(default)]
    #[schemars(extend("minProperties" = 1))]
    pub allow: IndexMap<String, String>,
}

impl GlossaryEntry {
    /// The doc.
    pub fn doc(&self) -> &str {
        match self {
            GlossaryEntry::Doc(doc) | GlossaryEntry::Allowing(AllowingEntry { doc, .. }) => doc,
        }
    }
}
