//! How a server stops.

use std::time::Duration;

/// Whether and how a server stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It runs.
    No,
    /// It accepts no connections, and finishes requests within a time.
    Gracefully(Duration),
    /// It closes all connections.
    Now,
}
