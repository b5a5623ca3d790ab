//! Who calls: access keys, and where they come from.

mod chain;
mod env;
mod profile;

use std::{fmt, time::SystemTime};

use zeroize::Zeroizing;

pub use self::{chain::DefaultChain, env::EnvironmentProvider, profile::ProfileProvider};
use crate::{
    error::{Error, ErrorKind, Result},
    runtime::BoxFuture,
};

/// An access key, with the token of the Security Token Service if it is temporary.
///
/// Neither the secret nor the token is ever printed; both are wiped from memory when dropped.
#[derive(Clone)]
pub struct Credentials {
    access_key_id: String,
    access_key_secret: Zeroizing<String>,
    security_token: Option<Zeroizing<String>>,
    bearer_token: Option<Zeroizing<String>>,
    expires: Option<SystemTime>,
}

impl Credentials {
    /// A long-lived access key.
    pub fn new(access_key_id: impl Into<String>, access_key_secret: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            access_key_secret: Zeroizing::new(access_key_secret.into()),
            security_token: None,
            bearer_token: None,
            expires: None,
        }
    }

    /// A bearer token, in place of an access key.
    pub fn bearer(token: impl Into<String>) -> Self {
        Self { bearer_token: Some(Zeroizing::new(token.into())), ..Self::new("", "") }
    }

    /// Adds the token that belongs to a temporary access key.
    pub fn with_security_token(mut self, token: impl Into<String>) -> Self {
        self.security_token = Some(Zeroizing::new(token.into()));
        self
    }

    /// Sets the time from which on the key is no longer accepted.
    pub fn with_expiry(mut self, expires: SystemTime) -> Self {
        self.expires = Some(expires);
        self
    }

    /// ID of the access key.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Secret of the access key.
    pub fn access_key_secret(&self) -> &str {
        &self.access_key_secret
    }

    /// Token of a temporary access key.
    pub fn security_token(&self) -> Option<&str> {
        self.security_token.as_ref().map(|token| token.as_str())
    }

    /// Token that travels in place of an access key.
    pub fn bearer_token(&self) -> Option<&str> {
        self.bearer_token.as_ref().map(|token| token.as_str())
    }

    /// When a temporary access key ends.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// Refuses keys with nothing in them, which would only give confusing errors of the service.
    pub(crate) fn checked(self) -> Result<Self> {
        if let Some(token) = &self.bearer_token {
            let there = !token.trim().is_empty();
            return there
                .then_some(self)
                .ok_or_else(|| Error::new(ErrorKind::Credentials, "the bearer token is empty"));
        }
        if self.access_key_id.trim().is_empty() || self.access_key_secret.trim().is_empty() {
            return Err(Error::new(ErrorKind::Credentials, "the access key's ID or secret is empty"));
        }
        Ok(self)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("access_key_secret", &format_args!("***"))
            .field("security_token", &self.security_token.as_ref().map(|_| format_args!("***")))
            .field("bearer_token", &self.bearer_token.as_ref().map(|_| format_args!("***")))
            .field("expires", &self.expires)
            .finish()
    }
}

/// A source of credentials. Asked for each attempt of each call, so it keeps what stays valid.
pub trait ProvideCredentials: fmt::Debug + Send + Sync + 'static {
    /// Gives credentials that are valid now.
    ///
    /// # Errors
    ///
    /// Says why there are none.
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>>;
}

impl ProvideCredentials for Credentials {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        let credentials = self.clone().checked();
        Box::pin(async { credentials })
    }
}
