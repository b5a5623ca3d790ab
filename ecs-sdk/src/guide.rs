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

/// Testing programs that use the SDK: mocks, recordings, a clock for tests, an emulator.
///
pub mod testing {
    #![cfg_attr(feature = "test-util", doc = include_str!("../docs/testing.md"))]
    #![cfg_attr(not(feature = "test-util"), doc = "This page is part of the documentation with feature `test-util`.")]
}
