//! Credentials from a URI, as sidecars serve them.

use std::time::Duration;

use bytes::Bytes;
use http::Uri;

use crate::{
    error::Result,
    identity::{Cache, Context, Credentials, ProvideCredentials, Refresh, failed, secret::Secret, temporary},
    plain_http, retry,
    system::BoxFuture,
};

const VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";
/// Timeout of each attempt: such a server may have to ask others, and calls wait for it.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Provides the credentials that an `http` or `https` URI returns as JSON: `Code` (`Success`), `AccessKeyId`,
/// `AccessKeySecret`, `SecurityToken` and `Expiration`. By default it is the URI in `ALIBABA_CLOUD_CREDENTIALS_URI`.
///
/// Errors show the host only: path and query of such URIs tend to hold secrets.
#[derive(Debug)]
pub struct CredentialsUri {
    uri: Option<Secret>,
    timeout: Duration,
    cache: Cache,
}

/// Builds a [`CredentialsUri`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct CredentialsUriBuilder {
    uri: Option<Secret>,
    timeout: Duration,
    refresh: Refresh,
}

impl Default for CredentialsUri {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl CredentialsUri {
    /// Creates a provider of the URI in `ALIBABA_CLOUD_CREDENTIALS_URI`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a builder with the defaults.
    pub fn builder() -> CredentialsUriBuilder {
        CredentialsUriBuilder { uri: None, timeout: ATTEMPT_TIMEOUT, refresh: Refresh::default() }
    }

    async fn fetch(&self, context: &Context) -> Result<Credentials> {
        let variable = || context.environment().text(VARIABLE).map(Secret::new);
        let uri = self.uri.clone().filter(|uri| !uri.is_empty()).or_else(variable);
        let uri = uri.ok_or_else(|| failed(format!("{VARIABLE} is not set")))?;
        let invalid = || failed("the credentials URI is not a valid http or https URI");
        let uri: Uri = uri.as_str().trim().parse().map_err(|_| invalid())?;
        let host = uri.host().ok_or_else(invalid)?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(invalid());
        }
        let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
        let what = format!("the response of the credentials URI ({host}{port})");
        let mut request = http::Request::new(Bytes::new());
        *request.uri_mut() = uri;
        let policy = retry::reached();
        let body = plain_http::send(context, request, self.timeout, &policy).await.map_err(|error| {
            // The message is complete; the kind is that of a failed provider.
            failed(format!("no credentials from the URI: {error}")).with_source(error)
        })?;
        temporary::parse(&body, &what, context.now())
    }
}

impl ProvideCredentials for CredentialsUri {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(context, Box::pin(self.fetch(context)))
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl CredentialsUriBuilder {
    /// Sets the URI. By default it is that of `ALIBABA_CLOUD_CREDENTIALS_URI`.
    pub fn uri(mut self, uri: impl Into<String>) -> Self {
        self.uri = Some(Secret::new(uri));
        self
    }

    /// Sets the timeout of each attempt; 10 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets when credentials are refreshed.
    pub fn refresh(mut self, refresh: Refresh) -> Self {
        self.refresh = refresh;
        self
    }

    /// Builds the provider. Nothing is requested before the first call.
    pub fn build(self) -> CredentialsUri {
        CredentialsUri { uri: self.uri, timeout: self.timeout, cache: Cache::new(self.refresh) }
    }
}
