//! Grounds of decisions against a published API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The grounds of a decision about a fact, which a spec states differently from the published API.
///
/// Once the published API states the fact as the spec does, the decision no longer applies, unless it names another
/// source that it is `against`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected the reason, or { \"reason\": reason, \"against\": source }")]
pub enum Grounds {
    /// The published API is wrong.
    Reason(String),
    /// The sources disagree.
    Disputed(Disputed),
}

/// A decision about a fact that several sources state differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disputed {
    /// The sources that state the fact as the spec does, or another reason for it.
    pub reason: String,
    /// The sources that state the fact differently.
    pub against: String,
}

impl Grounds {
    /// The reason.
    pub fn reason(&self) -> &str {
        match self {
            Grounds::Reason(reason) | Grounds::Disputed(Disputed { reason, .. }) => reason,
        }
    }

    /// The sources that state the fact differently, if they are named.
    pub fn against(&self) -> Option<&str> {
        match self {
            Grounds::Reason(_) => None,
            Grounds::Disputed(Disputed { against, .. }) => Some(against),
        }
    }

    /// Whether the decision no longer applies once the published API states the fact as the spec does.
    pub fn ends_with_agreement(&self) -> bool {
        self.against().is_none()
    }
}

impl From<String> for Grounds {
    fn from(reason: String) -> Grounds {
        Grounds::Reason(reason)
    }
}

impl From<&str> for Grounds {
    fn from(reason: &str) -> Grounds {
        Grounds::Reason(reason.to_owned())
    }
}
