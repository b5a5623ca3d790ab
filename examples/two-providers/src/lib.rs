//! Clients of a program in which rustls has two providers of cryptography.
//!
//! The SDK turns on ring, and reqwest, like many other crates, aws-lc-rs. Cargo unites the features, so the rustls of the program
//! has both, and `ClientConfig::builder()` cannot choose between them. The SDK and reqwest do not need it to. Only the program's
//! own TLS settings must name a provider: in each place, as in [`tls`], or once for the process, as in `tests/named.rs`.

use std::{error::Error, sync::Arc};

use ecs_sdk::transport::{HttpOptions, Roots};

/// Creates a client of the SDK that trusts one certificate authority, given in PEM format. It uses ring.
///
/// # Errors
///
/// Returns an error if the certificate is invalid.
pub fn ecs(endpoint: &str, authority: &str) -> ecs_sdk::Result<ecs_sdk::Client> {
    let http = HttpOptions::new().roots(Roots::OnlyGiven).root_certificates(authority);
    let credentials = ecs_sdk::Credentials::new("testid", "testsecret");
    let builder = ecs_sdk::Client::builder().without_environment().region("cn-hangzhou").credentials(credentials);
    builder.endpoint(endpoint).http(http).build()
}

/// Creates an HTTP client with the default TLS of reqwest, which uses the provider of the process, or else aws-lc-rs.
///
/// # Errors
///
/// Returns an error if the certificate is invalid.
pub fn http(authority: &str) -> reqwest::Result<reqwest::Client> {
    let authority = reqwest::Certificate::from_pem(authority.as_bytes())?;
    reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build()
}

/// Creates TLS settings that name their provider, and trust no server.
///
/// # Errors
///
/// Returns an error if the settings contradict each other.
pub fn tls() -> Result<rustls::ClientConfig, Box<dyn Error>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}
