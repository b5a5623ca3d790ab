//! Roles assumed with the token of an identity provider, such as RRSA in Kubernetes clusters.

use std::{path::Path, sync::Arc, time::Duration};

use super::{
    assume::{self, Anonymous, Role, filled, role_setters},
    failure::{Failure, FindCredentials},
};
use crate::{
    environment::Environment,
    error::Result,
    identity::{Cache, Context, Credentials, ProvideCredentials, Refresh, Source, failed, secret::Secret},
    response,
    system::BoxFuture,
};

const PROVIDER: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
const TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";

/// Maximum size of a token. STS documents a limit of 20,000 characters; this leaves room for a higher one, but a wrong
/// file is not sent.
const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// Provides the credentials of a RAM role, assumed with an OIDC token from a file through the STS operation
/// `AssumeRoleWithOIDC`. No access key is needed.
///
/// ```
/// use ecs_sdk::{Client, credentials::OidcRole};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let role = OidcRole::builder()
///     .role_arn("acs:ram::123456789012:role/deployer")
///     .provider_arn("acs:ram::123456789012:oidc-provider/ci")
///     .token_file("/var/run/secrets/tokens/oidc")
///     .build();
/// let client = Client::builder().region("cn-hangzhou").credentials(role).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
///
/// Options that are not set fall back to `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`,
/// `ALIBABA_CLOUD_OIDC_TOKEN_FILE` and `ALIBABA_CLOUD_ROLE_SESSION_NAME`, which a Kubernetes cluster with RRSA (RAM
/// Roles for Service Accounts) sets in its pods. The token file is read at every refresh, because the cluster replaces
/// it.
#[derive(Debug, Default)]
pub struct OidcRole {
    settings: Arc<OidcSettings>,
    cache: Cache,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct OidcSettings {
    pub(super) role: Role,
    pub(super) provider_arn: Option<String>,
    pub(super) token_file: Option<String>,
}

impl OidcSettings {
    /// The ARNs of role and provider and the path of the token file, completed from the environment.
    fn complete(&self, environment: &dyn Environment) -> Result<[String; 3]> {
        let provider = filled(&self.provider_arn).or_else(|| environment.non_blank(PROVIDER));
        let file = filled(&self.token_file).or_else(|| environment.non_blank(TOKEN_FILE));
        match (self.role.arn(environment).ok(), provider, file) {
            (Some(arn), Some(provider), Some(file)) => Ok([arn, provider, file]),
            (arn, provider, file) => {
                let settings = [("ALIBABA_CLOUD_ROLE_ARN", arn), (PROVIDER, provider), (TOKEN_FILE, file)];
                let unset = settings.into_iter().filter_map(|(name, value)| value.is_none().then_some(name));
                Err(failed(format!("not set: {}", unset.collect::<Vec<_>>().join(", "))))
            }
        }
    }
}

/// A builder for [`OidcRole`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct OidcRoleBuilder {
    role: Role,
    provider_arn: Option<String>,
    token_file: Option<String>,
    refresh: Refresh,
}

impl OidcRole {
    /// Creates a provider that reads all options from the environment.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a builder with the defaults.
    pub fn builder() -> OidcRoleBuilder {
        OidcRoleBuilder::default()
    }

    pub(super) fn of(settings: OidcSettings, refresh: Refresh) -> Self {
        Self { settings: Arc::new(settings), cache: Cache::new(refresh) }
    }
}

impl OidcSettings {
    async fn fetch(&self, context: &Context) -> Result<Credentials> {
        let environment = context.environment();
        let role = &self.role;
        let [arn, provider, file] = self.complete(environment)?;
        let token = context
            .read(Path::new(&file))
            .await
            .map_err(|error| failed(format!("cannot read the token file {file}: {error}")).with_source(error))?;
        let token = Secret::new(token.trim());
        match token.as_str().len() {
            0 => return Err(failed(format!("the token file {file} is empty"))),
            1..=MAX_TOKEN_BYTES => {}
            bytes => {
                let limit = MAX_TOKEN_BYTES / 1024;
                let message =
                    format!("the token file {file} has {bytes} bytes; expected a token, of at most {limit} KiB");
                return Err(failed(message));
            }
        }
        let mut call = role
            .client(context, Anonymous)
            .assume_role_with_oidc()
            .role_arn(arn)
            .oidc_provider_arn(provider)
            .oidc_token(token.as_str())
            .role_session_name(role.session_name(environment));
        if let Some(seconds) = role.seconds() {
            call = call.duration_seconds(seconds);
        }
        if let Some(policy) = filled(&role.policy) {
            call = call.policy(policy);
        }
        let response = call.send().await.map_err(assume::to_failed)?;
        let date = response::date(response.meta().headers());
        let issued = response.credentials;
        assume::issued(
            date,
            [issued.access_key_id, issued.access_key_secret, issued.security_token],
            issued.expiration.as_ref(),
        )
    }
}

impl Source for OidcSettings {
    fn start(self: Arc<Self>, context: Context) -> BoxFuture<'static, Result<Credentials>> {
        Box::pin(async move { self.fetch(&context).await })
    }
}

impl ProvideCredentials for OidcRole {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(context, self.settings.clone())
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl FindCredentials for OidcRole {
    fn find<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials, Failure>> {
        Box::pin(async {
            // Not configured are pods without an identity provider. Anything else is an error of this one.
            let configured = self.settings.complete(context.environment()).is_ok();
            self.provide(context).await.map_err(|error| Failure::of(configured, error))
        })
    }
}

impl OidcRoleBuilder {
    role_setters!();

    /// Sets the ARN of the identity provider. The default is `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`.
    pub fn provider_arn(mut self, arn: impl Into<String>) -> Self {
        self.provider_arn = Some(arn.into());
        self
    }

    /// Sets the path of the file that contains the token. The default is `ALIBABA_CLOUD_OIDC_TOKEN_FILE`.
    pub fn token_file(mut self, path: impl Into<String>) -> Self {
        self.token_file = Some(path.into());
        self
    }

    /// Builds the provider. Nothing is read or requested before the first call.
    pub fn build(self) -> OidcRole {
        let Self { role, provider_arn, token_file, refresh } = self;
        OidcRole::of(OidcSettings { role, provider_arn, token_file }, refresh)
    }
}
