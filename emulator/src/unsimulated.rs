//! The response to calls of operations that are not simulated.

use std::{fmt, str::FromStr};

/// The response to calls of operations that are not simulated.
///
/// [`FromStr`] and [`Display`](fmt::Display) use the names `refuse` and `shape`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsimulated {
    /// Status 501 with the code `EmulatorNotSimulated`.
    #[default]
    Refuse,
    /// A response with the names and types of the operation's spec, but without meaning: empty lists for reads, new IDs and
    /// values of the request for writes. Operations without a spec get status 501.
    Shape,
}

impl FromStr for Unsimulated {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "refuse" => Ok(Unsimulated::Refuse),
            "shape" => Ok(Unsimulated::Shape),
            _ => Err("expected `refuse` or `shape`"),
        }
    }
}

impl fmt::Display for Unsimulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unsimulated::Refuse => "refuse",
            Unsimulated::Shape => "shape",
        })
    }
}
