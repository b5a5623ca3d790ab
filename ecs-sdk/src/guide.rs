//! Pages on how to use the SDK. They are text; there is nothing in these modules.

/// Calls from a program without an async runtime.
pub mod blocking {
    #![doc = include_str!("../docs/blocking.md")]
}

/// Following calls: spans, logs, OpenTelemetry.
pub mod observability {
    #![doc = include_str!("../docs/observability.md")]
}

/// Testing code that uses the SDK: building responses, comparing requests, clients without a network.
pub mod testing {
    #![doc = include_str!("../docs/testing.md")]
}
