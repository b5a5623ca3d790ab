//! How many calls are expected.

use std::{
    fmt,
    ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive},
};

/// A number of calls: `2`, `1..=3`, `1..`, or `..` for any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub(super) min: usize,
    pub(super) max: Option<usize>,
}

impl Times {
    pub(super) const ONCE: Self = Self { min: 1, max: Some(1) };
    pub(super) const AT_LEAST_ONCE: Self = Self { min: 1, max: None };
}

impl Times {
    /// Whether no number is in the range.
    pub(super) fn is_empty(self) -> bool {
        self.max.is_some_and(|max| max < self.min)
    }
}

impl From<usize> for Times {
    fn from(times: usize) -> Self {
        Self { min: times, max: Some(times) }
    }
}

impl From<Range<usize>> for Times {
    fn from(range: Range<usize>) -> Self {
        Self { min: range.start, max: Some(range.end.saturating_sub(1)) }
    }
}

impl From<RangeInclusive<usize>> for Times {
    fn from(range: RangeInclusive<usize>) -> Self {
        Self { min: *range.start(), max: Some(*range.end()) }
    }
}

impl From<RangeFrom<usize>> for Times {
    fn from(range: RangeFrom<usize>) -> Self {
        Self { min: range.start, max: None }
    }
}

impl From<RangeTo<usize>> for Times {
    fn from(range: RangeTo<usize>) -> Self {
        Self { min: 0, max: Some(range.end.saturating_sub(1)) }
    }
}

impl From<RangeToInclusive<usize>> for Times {
    fn from(range: RangeToInclusive<usize>) -> Self {
        Self { min: 0, max: Some(range.end) }
    }
}

impl From<RangeFull> for Times {
    fn from(_: RangeFull) -> Self {
        Self { min: 0, max: None }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: usize| match number {
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            number => format!("{number} times"),
        };
        match (self.min, self.max) {
            (0, None) => f.write_str("any number of times"),
            (0, Some(0)) => f.write_str("never"),
            (0, Some(max)) => write!(f, "at most {}", count(max)),
            (min, None) => write!(f, "at least {}", count(min)),
            (min, Some(max)) if min == max => f.write_str(&count(min)),
            (min, Some(max)) => write!(f, "{min} to {max} times"),
        }
    }
}

/// Says how often something was called.
pub(super) fn called(count: usize) -> String {
    match count {
        0 => "never called".to_owned(),
        1 => "called once".to_owned(),
        2 => "called twice".to_owned(),
        count => format!("called {count} times"),
    }
}
