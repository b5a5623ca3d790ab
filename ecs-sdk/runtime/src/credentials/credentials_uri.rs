//! Credentials from a URI, such as that of a sidecar.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::Uri;

use crate::{
    error::Result,
    identity::{Cache, Context, Credentials, ProvideCredentials, Refresh, Source, failed, secret::Secret, temporary},
    plain_http, retry,
    system::BoxFuture,
};

const VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";
/// Timeout of each attempt. The server may have to send requests of its own, but calls wait for it.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Provides the credentials that an `http` or `https` URI returns as JSON, by default the URI in
/// `ALIBABA_CLOUD_CREDENTIALS_URI`.
///
/// The response must be an object with the members `AccessKeyId`, `AccessKeySecret`, `SecurityToken` and `Expiration`.
/// If it also has a `Code`, its value must be `Success`.
///
/// ```
/// use ecs_sdk::{Client, credentials::CredentialsUri};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let sidecar = CredentialsUri::builder().uri("http://127.0.0.1:9000/credentials").build();
/// let client = Client::builder().region("cn-hangzhou").credentials(sidecar).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
///
/// Errors contain only the host of the URI, because its path and query often contain secrets.
#[derive(Debug)]
pub struct CredentialsUri {
    settings: Arc<Settings>,
    cache: Cache,
}

#[derive(Debug)]
struct Settings {
    uri: Option<Secret>,
    timeout: Duration,
}

/// A builder for [`CredentialsUri`].
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
    /// Creates a provider for the URI in `ALIBABA_CLOUD_CREDENTIALS_URI`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a builder with the defaults.
    pub fn builder() -> CredentialsUriBuilder {
        CredentialsUriBuilder { uri: None, timeout: ATTEMPT_TIMEOUT, refresh: Refresh::default() }
    }
}

impl Settings {
    async fn fetch(&self, context: &Context) -> Result<Credentials> {
        let variable = || context.environment().non_blank(VARIABLE).map(Secret::new);
        let uri = self.uri.clone().filter(|uri| !uri.is_empty()).or_else(variable);
        let uri = uri.ok_or_else(|| failed(format!("{VARIABLE} is not set")))?;
        let invalid = || failed("invalid credentials URI: expected a URI such as `http://127.0.0.1:9000/credentials`");
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
        let response = plain_http::send(context, request, self.timeout, &policy).await.map_err(|error| {
            // The message contains that of the cause. The kind is that of a failed provider.
            failed(format!("cannot get credentials from the URI: {error}")).with_source(error)
        })?;
        temporary::parse(&response, &what)
    }
}

impl Source for Settings {
    fn start(self: Arc<Self>, context: Context) -> BoxFuture<'static, Result<Credentials>> {
        Box::pin(async move { self.fetch(&context).await })
    }
}

impl ProvideCredentials for CredentialsUri {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(context, self.settings.clone())
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl CredentialsUriBuilder {
    /// Sets the URI. The default is `ALIBABA_CLOUD_CREDENTIALS_URI`.
    pub fn uri(mut self, uri: impl Into<String>) -> Self {
        self.uri = Some(Secret::new(uri));
        self
    }

    /// Sets the timeout of each attempt; 10 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets when the credentials are refreshed.
    pub fn refresh(mut self, refresh: Refresh) -> Self {
        self.refresh = refresh;
        self
    }

    /// Builds the provider. No request is sent before the first call.
    pub fn build(self) -> CredentialsUri {
        let settings = Arc::new(Settings { uri: self.uri, timeout: self.timeout });
        CredentialsUri { settings, cache: Cache::new(self.refresh) }
    }
}
