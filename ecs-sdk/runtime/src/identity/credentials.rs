//! Access keys and bearer tokens.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

/// An access key, with a security token if it is temporary, or a bearer token.
///
/// Credentials are also the simplest credentials provider: a client that is given credentials always uses them.
///
/// ```
/// use ecs_sdk::{Client, Credentials};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// // A temporary access key of STS. For a permanent one, leave out the security token.
/// let credentials = Credentials::new("STS.example", "example-secret")
///     .with_security_token("example-token");
/// let client = Client::builder()
///     .region("cn-hangzhou")
///     .credentials(credentials.clone())
///     .build()?;
/// # let _ = client;
///
/// assert_eq!(credentials.access_key_id(), "STS.example");
/// assert!(!format!("{credentials:?}").contains("example-secret"));
/// # Ok(())
/// # }
/// ```
///
/// The secret and the tokens are never printed. Clones share one copy of them, which is wiped from memory when the last
/// clone is dropped. Other copies are not wiped: each request contains the tokens, though never the secret of the access
/// key, and buffers of the HTTP client, of TLS and of the environment keep them until their memory is reused.
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    access_key_id: String,
    access_key_secret: Zeroizing<String>,
    security_token: Option<Zeroizing<String>>,
    bearer_token: Option<Zeroizing<String>>,
    expires: Option<SystemTime>,
    /// The time at which they were issued, by the clock of the server that also set `expires`.
    issued: Option<SystemTime>,
    anonymous: bool,
}

impl Credentials {
    /// Creates credentials from the ID and the secret of an access key.
    pub fn new(access_key_id: impl Into<String>, access_key_secret: impl Into<String>) -> Self {
        Self::of(access_key_id.into(), access_key_secret.into())
    }

    fn of(access_key_id: String, access_key_secret: String) -> Self {
        Self(Arc::new(Inner {
            access_key_id,
            access_key_secret: Zeroizing::new(access_key_secret),
            security_token: None,
            bearer_token: None,
            expires: None,
            issued: None,
            anonymous: false,
        }))
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// Creates credentials from a bearer token, which is used instead of an access key.
    pub fn bearer(token: impl Into<String>) -> Self {
        let mut credentials = Self::new("", "");
        credentials.inner().bearer_token = Some(Zeroizing::new(token.into()));
        credentials
    }

    /// Sets the security token of a temporary access key.
    pub fn with_security_token(mut self, token: impl Into<String>) -> Self {
        self.inner().security_token = Some(Zeroizing::new(token.into()));
        self
    }

    /// Sets the time at which the credentials expire, for information. Clients use credentials until the service rejects
    /// them.
    pub fn with_expiry(mut self, expires: SystemTime) -> Self {
        self.inner().expires = Some(expires);
        self
    }

    /// Returns the ID of the access key; empty for a bearer token.
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// Returns the secret of the access key; empty for a bearer token.
    pub fn access_key_secret(&self) -> &str {
        &self.0.access_key_secret
    }

    /// Returns the security token of a temporary access key.
    pub fn security_token(&self) -> Option<&str> {
        self.0.security_token.as_ref().map(|token| token.as_str())
    }

    /// Returns the bearer token.
    pub fn bearer_token(&self) -> Option<&str> {
        self.0.bearer_token.as_ref().map(|token| token.as_str())
    }

    /// Returns the time at which the credentials expire; `None` if they never expire or the time is unknown.
    pub fn expires(&self) -> Option<SystemTime> {
        self.0.expires
    }

    /// Credentials for requests that are sent unsigned, which only a few operations allow.
    pub(crate) fn anonymous() -> Self {
        let mut credentials = Self::new("", "");
        credentials.inner().anonymous = true;
        credentials
    }

    /// Whether requests are sent unsigned.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.0.anonymous
    }

    /// Sets the time of the server that issued the credentials, if it is known.
    pub(crate) fn issued_at(mut self, time: Option<SystemTime>) -> Self {
        self.inner().issued = time;
        self
    }

    /// Whether the server that issued the credentials said when.
    pub(super) fn has_issue_time(&self) -> bool {
        self.0.issued.is_some()
    }

    /// How long the credentials are valid from the time at which they were issued, which is `now` if the server did not
    /// say; `None` if they never expire or expired before.
    pub(super) fn lifetime(&self, now: SystemTime) -> Option<Duration> {
        self.0.expires?.duration_since(self.0.issued.unwrap_or(now)).ok()
    }

    /// Whether both contain the same access key or token.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (&self.0.access_key_id, &self.0.security_token, &self.0.bearer_token)
            == (&other.0.access_key_id, &other.0.security_token, &other.0.bearer_token)
    }

    /// Rejects empty credentials, because the service's error for them is confusing.
    pub(crate) fn checked(self) -> Result<Self> {
        if let Some(token) = &self.0.bearer_token {
            let is_empty = token.trim().is_empty();
            return if is_empty { Err(failed("the bearer token is empty")) } else { Ok(self) };
        }
        if self.0.access_key_id.trim().is_empty() || self.0.access_key_secret.trim().is_empty() {
            return Err(failed("the access key's ID or secret is empty"));
        }
        Ok(self)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.0.access_key_id)
            .field("access_key_secret", &format_args!("***"))
            .field("security_token", &self.0.security_token.as_ref().map(|_| format_args!("***")))
            .field("bearer_token", &self.0.bearer_token.as_ref().map(|_| format_args!("***")))
            .field("expires", &self.0.expires)
            .finish()
    }
}

/// Creates the error of a provider that has no credentials.
pub(crate) fn failed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Credentials, message)
}
