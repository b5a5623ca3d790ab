//! Spans and events.

/// Target of all spans and events of all crates of the SDK, so that users filter by one name.
pub(crate) const TARGET: &str = "ecs_sdk";
