//! Guides to single topics. The modules contain documentation only.

/// Calls from programs without an async runtime.
///
pub mod blocking {
    #![doc = include_str!("../docs/blocking.md")]
}

/// Logging and tracing: spans, events, OpenTelemetry.
///
pub mod observability {
    #![doc = include_str!("../docs/observability.md")]
}

/// Testing code that uses the SDK: building responses and errors, comparing requests, clients without a network, an
/// emulator.
///
pub mod testing {
    #![doc = include_str!("../docs/testing.md")]
}
