//! Spans and events of `tracing`.

/// Target of the spans and events of all crates of the SDK, so that one name filters them.
pub const TARGET: &str = "ecs_sdk";
