//! Credentials from a web address, as helpers beside the program serve them.

use std::time::Duration;

use http::{Method, Uri};

use super::{Credentials, ProvideCredentials, answer, cache::Cache, failed, http::ask, secret::Secret};
use crate::{config::Config, error::Result, system::BoxFuture};

const VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";
const TIMEOUT: Duration = Duration::from_secs(10);

/// An `http` or `https` address that answers a `GET` with JSON: `Code` (`Success`), `AccessKeyId`, `AccessKeySecret`,
/// `SecurityToken` and `Expiration`. By default the one in `ALIBABA_CLOUD_CREDENTIALS_URI`.
///
/// Errors name the host alone: paths and queries of such addresses tend to hold secrets.
#[derive(Debug, Default)]
pub struct CredentialsUri {
    uri: Option<Secret>,
    cache: Cache,
}

impl CredentialsUri {
    /// The address in `ALIBABA_CLOUD_CREDENTIALS_URI`.
    pub fn new() -> Self {
        Self::default()
    }

    /// A given address.
    pub fn with_uri(uri: impl Into<String>) -> Self {
        Self { uri: Some(Secret::new(uri)), cache: Cache::default() }
    }

    async fn fetch(&self, config: &Config) -> Result<Credentials> {
        let variable = || config.environment().text(VARIABLE).map(Secret::new);
        let uri = self.uri.clone().filter(|uri| !uri.is_empty()).or_else(variable);
        let uri = uri.ok_or_else(|| failed(format!("{VARIABLE} is not set")))?;
        let invalid = || failed("the credentials URI is no http(s) address");
        let uri: Uri = uri.as_str().trim().parse().map_err(|_| invalid())?;
        let host = uri.host().ok_or_else(invalid)?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(invalid());
        }
        let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
        let who = format!("the credentials URI ({host}{port})");
        let answer = ask(config, &who, TIMEOUT, Method::GET, &uri, None).await.map_err(|failure| failure.error)?;
        if !answer.status().is_success() {
            return Err(failed(format!("{who} refused (HTTP {})", answer.status().as_u16())));
        }
        answer::parse(answer.body(), &who, config.now())
    }
}

impl ProvideCredentials for CredentialsUri {
    fn provide<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(config, Box::pin(self.fetch(config)))
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}
