//! Spans and events.

/// Target of all spans and events, whatever crate they come from: what filters of users go by.
pub(crate) const TARGET: &str = "ecs_sdk";
