//! Guides to single topics, with programs that run. The [front page](crate#guide) lists them by subject.
//!
//! The modules contain documentation only.

// The pages are Markdown files in the folder `docs` of the package. Links have the form `[label]` or `[text][label]`;
// `docs/links.md` defines where they lead. For readers of the repository, `cargo xtask codegen` writes an edition with other
// links.

/// Defines the module of each page.
macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident $file:literal;)*) => {$(
        $(#[$doc])*
        ///
        pub mod $name {
            #![doc = include_str!("../docs/links.md")]
            #![doc = include_str!($file)]
        }
    )*};
}

pages! {
    /// The first call: client, requests, responses.
    first_call "../docs/first_call.md";
    /// Credentials on a laptop, on an instance, in Kubernetes, and in CI.
    credentials "../docs/credentials.md";
    /// Regions and endpoints.
    regions "../docs/regions.md";
    /// Lists of any length.
    paging "../docs/paging.md";
    /// Many IDs at once.
    batches "../docs/batches.md";
    /// Waiting until resources are in a state.
    waiting "../docs/waiting.md";
    /// Retries, timeouts, and what is never repeated.
    retries "../docs/retries.md";
    /// Errors and their classes.
    errors "../docs/errors.md";
    /// Checking requests without executing them.
    dry_runs "../docs/dry_runs.md";
    /// Creating exactly once.
    exactly_once "../docs/exactly_once.md";
    /// Several regions and accounts.
    accounts "../docs/accounts.md";
    /// Spot instances.
    spot "../docs/spot.md";
    /// User data, commands and files.
    user_data "../docs/user_data.md";
    /// Proxies, TLS and connections.
    network "../docs/network.md";
    /// Operations, parameters and values that the SDK does not know.
    raw_calls "../docs/raw_calls.md";
    /// Calls from programs without an async runtime.
    blocking "../docs/blocking.md";
    /// Logging and tracing: spans, events, OpenTelemetry.
    observability "../docs/observability.md";
    /// From Java, Python and Go to Rust.
    migrating "../docs/migrating.md";
}

/// Testing programs that use the SDK: mocks, recordings, a clock for tests, an emulator.
///
pub mod testing {
    #![cfg_attr(feature = "test-util", doc = include_str!("../docs/links.md"))]
    // They exist only with this feature.
    #![cfg_attr(feature = "test-util", doc = include_str!("../docs/links_testing.md"))]
    #![cfg_attr(feature = "test-util", doc = include_str!("../docs/testing.md"))]
    #![cfg_attr(not(feature = "test-util"), doc = "This page is part of the documentation with feature `test-util`.")]
}
