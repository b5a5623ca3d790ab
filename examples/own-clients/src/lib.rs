//! Clients of a program that uses the SDK beside other crates for HTTP and TLS.
//!
//! Cargo unites the features that all crates of a program turn on, so a dependency can change how others behave. The SDK turns
//! on no feature of reqwest, and installs no process-wide provider of cryptography for rustls. The tests in `tests/effects.rs`
//! check this.

use std::error::Error;

/// Creates a client of the SDK, with its own TLS settings and connections.
pub fn ecs(endpoint: &str) -> ecs_sdk::Result<ecs_sdk::Client> {
    let credentials = ecs_sdk::Credentials::new("test-id", "test-secret");
    let builder = ecs_sdk::Client::builder().without_environment().region("cn-hangzhou").credentials(credentials);
    builder.endpoint(endpoint).build()
}

/// Creates an HTTP client that has nothing to do with the SDK.
pub fn http() -> reqwest::Client {
    reqwest::Client::new()
}

/// Creates TLS settings that have nothing to do with the SDK, and trust no server.
///
/// # Errors
///
/// Returns an error if the settings contradict each other.
pub fn tls() -> Result<rustls::ClientConfig, Box<dyn Error>> {
    // Naming the provider works with all features that other crates turn on. `ClientConfig::builder()` needs exactly one provider
    // among the features of rustls, or one that the program has installed.
    let provider = rustls::crypto::ring::default_provider();
    let config = rustls::ClientConfig::builder_with_provider(provider.into()).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}
