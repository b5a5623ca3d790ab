//! The RAM role of the instance that the program runs on.

use std::{sync::Arc, time::Duration};

use crate::{
    error::{Error, Result},
    identity::{Cache, Context, Credentials, ProvideCredentials, Refresh, failed},
    metadata::{Client, Server},
    system::BoxFuture,
};

/// Provides the credentials of the RAM role that is attached to the ECS instance, from its metadata service.
///
/// Requests are those of [`metadata::Client`](crate::metadata::Client), and so are session tokens, timeouts, retries and
/// the environment variables that disable them. `ALIBABA_CLOUD_ECS_METADATA` names the role; by default the service does.
#[derive(Debug, Default)]
pub struct EcsRamRole {
    role_name: Option<String>,
    server: Arc<Server>,
    cache: Cache,
}

/// Builds an [`EcsRamRole`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct EcsRamRoleBuilder {
    role_name: Option<String>,
    server: Server,
    refresh: Refresh,
}

impl EcsRamRole {
    /// Creates a provider with the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a builder with the defaults.
    pub fn builder() -> EcsRamRoleBuilder {
        EcsRamRoleBuilder::default()
    }

    async fn fetch(&self, context: &Context) -> Result<Credentials> {
        // The message is complete; the kind is that of a failed provider.
        let refused = |error: Error| failed(error.to_string()).with_source(error);
        let client = Client::of(self.server.clone(), context.clone());
        let given = self.role_name.clone().or_else(|| context.environment().text("ALIBABA_CLOUD_ECS_METADATA"));
        let role = match given {
            Some(role) => role,
            None => {
                let found = client.ram_role_name().await.map_err(refused)?;
                found.ok_or_else(|| failed("the instance has no RAM role"))?
            }
        };
        let credentials = client.credentials_of(&role).await.map_err(refused)?;
        credentials.ok_or_else(|| failed(format!("the instance has no RAM role `{role}`")))
    }
}

impl ProvideCredentials for EcsRamRole {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(context, Box::pin(self.fetch(context)))
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl EcsRamRoleBuilder {
    /// Sets the name of the role, which saves a request. By default it is that of `ALIBABA_CLOUD_ECS_METADATA`, or the one
    /// that the service names.
    pub fn role_name(mut self, name: impl Into<String>) -> Self {
        self.role_name = Some(name.into()).filter(|name: &String| !name.trim().is_empty());
        self
    }

    /// Sets whether requests without a session token (IMDSv1) are disabled. By default they are if
    /// `ALIBABA_CLOUD_IMDSV1_DISABLED` is `true`.
    pub fn require_tokens(mut self, require: bool) -> Self {
        self.server.set_require_tokens(require);
        self
    }

    /// Sets the timeout of each attempt; 1 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.server.set_timeout(timeout);
        self
    }

    /// Sets the URL of the metadata service, for tests; `http://100.100.100.200` by default.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.server.set_endpoint(&endpoint.into());
        self
    }

    /// Sets when credentials are refreshed.
    pub fn refresh(mut self, refresh: Refresh) -> Self {
        self.refresh = refresh;
        self
    }

    /// Builds the provider. Nothing is requested before the first call.
    pub fn build(self) -> EcsRamRole {
        let Self { role_name, server, refresh } = self;
        EcsRamRole { role_name, server: Arc::new(server), cache: Cache::new(refresh) }
    }
}
