//! Roles assumed with the credentials of another provider.

use std::{sync::Arc, time::Duration};

use super::assume::{self, Role, filled, role_setters};
use crate::{
    call::{Sending, is_key_rejected, key_not_replaced},
    error::Result,
    identity::{Cache, Context, Credentials, ProvideCredentials, Refresh, Source, secret::Secret},
    response,
    sts::operation::assume_role::AssumeRoleResponse,
    system::BoxFuture,
};

/// Provides the credentials of a RAM role, assumed with the credentials of another provider through the STS operation
/// `AssumeRole`.
///
/// ```
/// use ecs_sdk::{Client, Credentials, credentials::AssumeRole};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let role = AssumeRole::builder(Credentials::new("id", "secret"))
///     .role_arn("acs:ram::123456789012:role/deployer")
///     .session_name("nightly")
///     .build();
/// let client = Client::builder().region("cn-hangzhou").credentials(role).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
///
/// The source can be any provider. To chain roles, use another `AssumeRole` as the source.
#[derive(Debug)]
pub struct AssumeRole {
    settings: Arc<Settings>,
    cache: Cache,
}

#[derive(Debug)]
struct Settings {
    source: Arc<dyn ProvideCredentials>,
    role: Role,
}

/// A builder for [`AssumeRole`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct AssumeRoleBuilder {
    source: Arc<dyn ProvideCredentials>,
    role: Role,
    refresh: Refresh,
}

impl AssumeRole {
    /// Creates a provider that assumes the role in `ALIBABA_CLOUD_ROLE_ARN` with the credentials of `source`.
    pub fn new(source: impl ProvideCredentials) -> Self {
        Self::builder(source).build()
    }

    /// Creates a builder for a provider that assumes a role with the credentials of `source`.
    pub fn builder(source: impl ProvideCredentials) -> AssumeRoleBuilder {
        AssumeRoleBuilder { source: Arc::new(source), role: Role::default(), refresh: Refresh::default() }
    }

    pub(super) fn of(source: Arc<dyn ProvideCredentials>, role: Role, refresh: Refresh) -> Self {
        Self { settings: Arc::new(Settings { source, role }), cache: Cache::new(refresh) }
    }
}

impl Settings {
    async fn fetch(&self, context: &Context) -> Result<Credentials> {
        let arn = self.role.arn(context.environment())?;
        let caller = self.source.provide(context).await?;
        let mut result = self.assume(context, &arn, &caller).await;
        if result.as_ref().is_err_and(is_key_rejected) {
            result = match self.renew(context, &caller).await {
                Ok(Some(caller)) => self.assume(context, &arn, &caller).await,
                Ok(None) => result,
                Err(failure) => result.map_err(|rejection| key_not_replaced(rejection, &failure)),
            };
        }
        let response = result.map_err(assume::to_failed)?;
        let date = response::date(response.meta().headers());
        let issued = response.credentials;
        assume::issued(
            date,
            [issued.access_key_id, issued.access_key_secret, issued.security_token],
            issued.expiration.as_ref(),
        )
    }

    /// Assumes the role with the credentials of `caller`.
    fn assume(&self, context: &Context, arn: &str, caller: &Credentials) -> Sending<AssumeRoleResponse> {
        let mut call = self
            .role
            .client(context, caller.clone())
            .assume_role()
            .role_arn(arn)
            .role_session_name(self.role.session_name(context.environment()));
        if let Some(seconds) = self.role.seconds() {
            call = call.duration_seconds(seconds);
        }
        if let Some(policy) = filled(&self.role.policy) {
            call = call.policy(policy);
        }
        if let Some(id) = self.role.external_id.as_ref().filter(|id| !id.is_empty()) {
            call = call.external_id(id.as_str());
        }
        call.send()
    }

    /// Discards credentials of the source that STS rejected. Returns others, if the source has any.
    async fn renew(&self, context: &Context, rejected: &Credentials) -> Result<Option<Credentials>> {
        self.source.invalidate(rejected);
        let credentials = self.source.provide(context).await?;
        Ok(Some(credentials).filter(|credentials| !credentials.is_same(rejected)))
    }
}

impl Source for Settings {
    fn start(self: Arc<Self>, context: Context) -> BoxFuture<'static, Result<Credentials>> {
        Box::pin(async move { self.fetch(&context).await })
    }
}

impl ProvideCredentials for AssumeRole {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(context, self.settings.clone())
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl AssumeRoleBuilder {
    role_setters!();

    /// Sets the external ID required by the role's trust policy.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.role.external_id = Some(Secret::new(id));
        self
    }

    /// Builds the provider. No request is sent before the first call.
    pub fn build(self) -> AssumeRole {
        AssumeRole::of(self.source, self.role, self.refresh)
    }
}
