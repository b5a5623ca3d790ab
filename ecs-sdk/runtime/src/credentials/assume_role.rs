//! Roles assumed with another key.

use std::{sync::Arc, time::Duration};

use super::{
    Credentials, ProvideCredentials,
    cache::Cache,
    secret::Secret,
    sts::{self, Role, filled, role_setters},
};
use crate::{config::Config, error::Result, system::BoxFuture};

/// A RAM role, assumed with credentials of another source through `AssumeRole` of STS.
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
/// # Ok(())
/// # }
/// ```
///
/// Any source serves, another `AssumeRole` too: so roles are chained.
#[derive(Debug)]
pub struct AssumeRole {
    source: Arc<dyn ProvideCredentials>,
    role: Role,
    cache: Cache,
}

/// Builds an [`AssumeRole`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct AssumeRoleBuilder {
    source: Arc<dyn ProvideCredentials>,
    role: Role,
}

impl AssumeRole {
    /// Starts with the credentials that may assume the role.
    pub fn builder(source: impl ProvideCredentials) -> AssumeRoleBuilder {
        AssumeRoleBuilder { source: Arc::new(source), role: Role::default() }
    }

    pub(super) fn new(source: Arc<dyn ProvideCredentials>, role: Role) -> Self {
        Self { source, role, cache: Cache::default() }
    }

    async fn fetch(&self, config: &Config) -> Result<Credentials> {
        let environment = config.environment();
        let arn = self.role.arn(environment)?;
        let caller = self.source.provide(config).await?;
        let mut call = self
            .role
            .client(config, caller.clone())
            .assume_role()
            .role_arn(arn)
            .role_session_name(self.role.session_name(environment));
        if let Some(seconds) = self.role.seconds() {
            call = call.duration_seconds(seconds);
        }
        if let Some(policy) = filled(&self.role.policy) {
            call = call.policy(policy);
        }
        if let Some(id) = self.role.external_id.as_ref().filter(|id| !id.is_empty()) {
            call = call.external_id(id.as_str());
        }
        let answer = call.send().await.map_err(|error| {
            if sts::rejects_caller(&error) {
                self.source.invalidate(&caller);
            }
            let tokens = [caller.security_token(), caller.bearer_token()].map(Option::unwrap_or_default);
            sts::refused(error, &[caller.access_key_secret(), tokens[0], tokens[1]])
        })?;
        let keys = answer.credentials;
        sts::issued(config, [keys.access_key_id, keys.access_key_secret, keys.security_token], keys.expiration)
    }
}

impl ProvideCredentials for AssumeRole {
    fn provide<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(config, Box::pin(self.fetch(config)))
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl AssumeRoleBuilder {
    role_setters!();

    /// Sets the ID that the owner of the role demands of strangers.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.role.external_id = Some(Secret::new(id));
        self
    }

    /// Builds it. Nothing is asked for before the first call.
    pub fn build(self) -> AssumeRole {
        AssumeRole::new(self.source, self.role)
    }
}
