//! Who calls: access keys, and where they come from.
//!
//! A client takes [`Credentials`] or any other source: `builder.credentials(…)`. Without one it asks the [`DefaultChain`],
//! which tries these in order and keeps the first that has credentials:
//!
//! | | source | used when |
//! |---|---|---|
//! | 1 | [`EnvironmentProvider`] | `ALIBABA_CLOUD_ACCESS_KEY_ID` and `ALIBABA_CLOUD_ACCESS_KEY_SECRET` are set; with `ALIBABA_CLOUD_SECURITY_TOKEN` the key is a temporary one |
//! | 2 | [`OidcRole`] | `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` and `ALIBABA_CLOUD_OIDC_TOKEN_FILE` are set, as in pods with RRSA |
//! | 3 | [`ProfileProvider`] | there is a `~/.aliyun/config.json` of the CLI, unless `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` is `true` |
//! | 4 | [`CredentialsFile`] | there is a `~/.alibabacloud/credentials`, or `ALIBABA_CLOUD_CREDENTIALS_FILE` names another file |
//! | 5 | [`EcsRamRole`] | the program runs on an instance with a RAM role, unless `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is `true` |
//! | 6 | [`CredentialsUri`] | `ALIBABA_CLOUD_CREDENTIALS_URI` is set |
//!
//! When none has any, the error lists all with the reason of each. `ALIBABA_CLOUD_PROFILE` names the profile of 3 and 4.
//! Two sources are used only when asked for: [`AssumeRole`], with any other source, and [`ExternalProcess`]; profiles of
//! the CLI can ask for them too. A source of one's own implements [`ProvideCredentials`]. An [`Arc`] of a source is
//! a source: clients can share one, and what it keeps.
//!
//! **When things are read.** Nothing is read, run or asked before the first call. Environment variables and files are then
//! read whenever credentials are needed, so a changed file holds at once. HTTP goes through the client's transport.
//!
//! **Temporary credentials** are kept and renewed 15 minutes before they end, or when a quarter of their life is left if
//! that is less. One caller renews, all others go on with the old ones; should it fail, the old ones serve until they end,
//! with a new try every 30 seconds. Only then calls fail, with the reason. Callers that wait for the same request share
//! what comes of it.
//!
//! **Secrets** are printed nowhere: not in errors, not by `Debug`, not in spans.

mod answer;
mod assume_role;
mod cache;
mod chain;
mod command;
mod credentials_file;
mod ecs_ram_role;
mod env;
mod external;
mod http;
mod ini;
mod oidc_role;
mod plan;
mod profile;
mod secret;
mod section;
mod sts;
#[cfg(test)]
mod tests;
mod uri;

use std::{fmt, sync::Arc, time::SystemTime};

use zeroize::Zeroizing;

pub use self::{
    assume_role::{AssumeRole, AssumeRoleBuilder},
    chain::DefaultChain,
    credentials_file::{CredentialsFile, CredentialsFileBuilder},
    ecs_ram_role::{EcsRamRole, EcsRamRoleBuilder},
    env::EnvironmentProvider,
    external::{ExternalProcess, ExternalProcessBuilder},
    oidc_role::{OidcRole, OidcRoleBuilder},
    profile::{ProfileProvider, ProfileProviderBuilder},
    uri::CredentialsUri,
};
use crate::{
    config::Config,
    error::{Error, ErrorKind, Result},
    system::BoxFuture,
};

/// An access key, with the token of the Security Token Service if it is temporary.
///
/// Neither the secret nor the token is ever printed; both are wiped from memory when dropped. Clones share them.
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    access_key_id: String,
    access_key_secret: Zeroizing<String>,
    security_token: Option<Zeroizing<String>>,
    bearer_token: Option<Zeroizing<String>>,
    expires: Option<SystemTime>,
    anonymous: bool,
}

impl Credentials {
    /// A long-lived access key.
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
            anonymous: false,
        }))
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// A bearer token, in place of an access key.
    pub fn bearer(token: impl Into<String>) -> Self {
        let mut credentials = Self::new("", "");
        credentials.inner().bearer_token = Some(Zeroizing::new(token.into()));
        credentials
    }

    /// Adds the token that belongs to a temporary access key.
    pub fn with_security_token(mut self, token: impl Into<String>) -> Self {
        self.inner().security_token = Some(Zeroizing::new(token.into()));
        self
    }

    /// Sets the time from which on the key is no longer accepted.
    pub fn with_expiry(mut self, expires: SystemTime) -> Self {
        self.inner().expires = Some(expires);
        self
    }

    /// ID of the access key.
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// Secret of the access key.
    pub fn access_key_secret(&self) -> &str {
        &self.0.access_key_secret
    }

    /// Token of a temporary access key.
    pub fn security_token(&self) -> Option<&str> {
        self.0.security_token.as_ref().map(|token| token.as_str())
    }

    /// Token that travels in place of an access key.
    pub fn bearer_token(&self) -> Option<&str> {
        self.0.bearer_token.as_ref().map(|token| token.as_str())
    }

    /// When a temporary access key ends.
    pub fn expires(&self) -> Option<SystemTime> {
        self.0.expires
    }

    /// Nobody: the request goes out without a key and without a signature, for the few operations that allow it.
    pub(crate) fn anonymous() -> Self {
        let mut credentials = Self::new("", "");
        credentials.inner().anonymous = true;
        credentials
    }

    /// Whether requests go out unsigned.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.0.anonymous
    }

    /// Whether the key has not ended yet.
    fn is_valid(&self, now: SystemTime) -> bool {
        self.0.expires.is_none_or(|end| now < end)
    }

    /// Whether this is the same key.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (&self.0.access_key_id, &self.0.security_token, &self.0.bearer_token)
            == (&other.0.access_key_id, &other.0.security_token, &other.0.bearer_token)
    }

    /// Refuses keys with nothing in them, which would only give confusing errors of the service.
    pub(crate) fn checked(self) -> Result<Self> {
        if let Some(token) = &self.0.bearer_token {
            let there = !token.trim().is_empty();
            return there
                .then_some(self)
                .ok_or_else(|| Error::new(ErrorKind::Credentials, "the bearer token is empty"));
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

/// A source of credentials. Asked for each attempt of each call, so it keeps what stays valid.
///
/// ```
/// use ecs_sdk::{Config, Credentials, Result, credentials::ProvideCredentials, system::BoxFuture};
///
/// /// Asks the team's vault.
/// #[derive(Debug)]
/// struct Vault;
///
/// impl ProvideCredentials for Vault {
///     fn provide<'a>(&'a self, _config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
///         Box::pin(async { Ok(Credentials::new("id", "secret")) })
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let client = ecs_sdk::Client::builder().region("cn-hangzhou").credentials(Vault).build()?;
/// # Ok(())
/// # }
/// ```
pub trait ProvideCredentials: fmt::Debug + Send + Sync + 'static {
    /// Gives credentials that are valid now, to a client with these settings. Whatever has to be asked for goes through
    /// their transport, in their region.
    ///
    /// # Errors
    ///
    /// Says why there are none.
    fn provide<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Credentials>>;

    /// Tells that a service no longer accepts credentials of this source: whatever is kept of them is to be forgotten.
    fn invalidate(&self, rejected: &Credentials) {
        let _ = rejected;
    }
}

impl ProvideCredentials for Credentials {
    fn provide<'a>(&'a self, _config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        let credentials = self.clone().checked();
        Box::pin(async { credentials })
    }
}

impl<T: ProvideCredentials + ?Sized> ProvideCredentials for Arc<T> {
    fn provide<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        (**self).provide(config)
    }

    fn invalidate(&self, rejected: &Credentials) {
        (**self).invalidate(rejected);
    }
}

fn failed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Credentials, message)
}
