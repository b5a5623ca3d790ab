//! Strings that are never printed.

use std::fmt;

use zeroize::Zeroizing;

/// A string whose `Debug` output is `***`, and which is wiped from memory when dropped. Copies of it, such as those in
/// requests, are not.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
