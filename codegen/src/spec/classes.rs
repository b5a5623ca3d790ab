//! Classes of error codes.

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table of error codes: class → the codes in it. A code is in at most one class.
pub type ErrorClasses = IndexMap<Class, ClassRule>;

/// The class of an error code: what a caller can do about the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// An earlier request with the same client token is still being executed.
    InProgress,
    /// There were too many requests.
    Throttling,
    /// The service is busy or failed internally.
    Unavailable,
    /// Another operation is changing the resource, and nothing was executed.
    Conflict,
    /// The state of the resource does not allow the operation, and nothing was executed.
    IncorrectState,
    /// Another resource uses the resource.
    InUse,
    /// A resource that the request names does not exist.
    NotFound,
    /// The requested resources are sold out or not offered at this place.
    OutOfStock,
    /// A quota is exhausted.
    QuotaExceeded,
    /// The caller lacks a permission.
    AccessDenied,
    /// The temporary credentials have expired.
    ExpiredCredentials,
    /// Codes in no class although a pattern matches them.
    None,
}

impl Class {
    /// The name of the variant of `ErrorClass`, or `None` for codes in no class.
    pub fn variant(self) -> Option<String> {
        (self != Self::None).then(|| format!("{self:?}"))
    }

    /// The name of the predicate of `Error`.
    pub fn predicate(self) -> String {
        format!("is_{}", self.to_string().replace(' ', "_"))
    }
}

/// Writes the class as words: `not found`.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, letter) in format!("{self:?}").chars().enumerate() {
            if index > 0 && letter.is_ascii_uppercase() {
                f.write_str(" ")?;
            }
            write!(f, "{}", letter.to_ascii_lowercase())?;
        }
        Ok(())
    }
}

/// The codes of a class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClassRule {
    /// Patterns of codes in the class. They contain letters, digits and `*`, which matches any characters. Only letters and
    /// digits of a code are compared, ignoring case, so `*NotFound` matches `INSTANCE_NOT_FOUND`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
    /// Patterns of codes that are not in the class although one of its `patterns` matches them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Codes in the class that no pattern of it covers, or that patterns of several classes match. They are compared as they
    /// are, ignoring only case, and take precedence over the patterns of all classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}
