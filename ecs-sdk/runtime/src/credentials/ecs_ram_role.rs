//! The RAM role of the ECS instance on which the program runs.

use std::{sync::Arc, time::Duration};

use crate::{
    error::{Error, Result},
    identity::{Cache, Context, Credentials, ProvideCredentials, Refresh, Source, failed},
    metadata::{Client, Server},
    system::BoxFuture,
};

/// Provides the credentials of the RAM role attached to the ECS instance on which the program runs, from the instance's
/// metadata service.
///
/// ```
/// use ecs_sdk::{Client, credentials::EcsRamRole};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let role = EcsRamRole::builder().role_name("web-server").require_tokens(true).build();
/// let client = Client::builder().region("cn-hangzhou").credentials(role).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
///
/// The provider uses [`metadata::Client`](crate::metadata::Client): session tokens, timeouts, retries and the
/// environment variables that disable the service are described there. The role is the one set in the builder, or the
/// one named by `ALIBABA_CLOUD_ECS_METADATA`, or the one that the metadata service returns.
#[derive(Debug, Default)]
pub struct EcsRamRole {
    settings: Arc<Settings>,
    cache: Cache,
}

#[derive(Debug, Default)]
struct Settings {
    role_name: Option<String>,
    server: Arc<Server>,
}

/// A builder for [`EcsRamRole`].
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
}

impl Settings {
    async fn fetch(&self, context: &Context) -> Result<Credentials> {
        // The message contains that of the cause. The kind is that of a failed provider.
        let to_failed = |error: Error| failed(error.to_string()).with_source(error);
        let client = Client::of(self.server.clone(), context.clone());
        let given = self.role_name.clone().or_else(|| context.environment().non_blank("ALIBABA_CLOUD_ECS_METADATA"));
        let role = match given {
            Some(role) => role,
            None => {
                let found = client.ram_role_name().await.map_err(to_failed)?;
                let found = found.ok_or_else(|| failed("the instance has no RAM role"))?;
                // Errors show the name, so it must be one.
                if !is_role_name(&found) {
                    return Err(failed("the metadata service returned an invalid name of the RAM role"));
                }
                found
            }
        };
        let credentials = client.credentials_of(&role).await.map_err(to_failed)?;
        credentials.ok_or_else(|| failed(format!("the instance has no RAM role `{role}`")))
    }
}

impl Source for Settings {
    fn start(self: Arc<Self>, context: Context) -> BoxFuture<'static, Result<Credentials>> {
        Box::pin(async move { self.fetch(&context).await })
    }
}

/// Whether a string can be the name of a RAM role: letters, digits and `.-_`, at most 64.
fn is_role_name(name: &str) -> bool {
    name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

impl ProvideCredentials for EcsRamRole {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(context, self.settings.clone())
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl EcsRamRoleBuilder {
    /// Sets the name of the role, which saves a request. The default is `ALIBABA_CLOUD_ECS_METADATA`, or the role that
    /// the metadata service returns if that is not set.
    pub fn role_name(mut self, name: impl Into<String>) -> Self {
        self.role_name = Some(name.into()).filter(|name: &String| !name.trim().is_empty());
        self
    }

    /// Sets whether session tokens are required, which disables requests without one (IMDSv1). By default they are
    /// required if `ALIBABA_CLOUD_IMDSV1_DISABLED` is `true`.
    pub fn require_tokens(mut self, require: bool) -> Self {
        self.server.set_require_tokens(require);
        self
    }

    /// Sets the timeout of each attempt; 1 second by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.server.set_timeout(timeout);
        self
    }

    /// Sets the URL of the metadata service, for tests; `http://100.100.100.200` by default.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.server.set_endpoint(&endpoint.into());
        self
    }

    /// Sets when the credentials are refreshed.
    pub fn refresh(mut self, refresh: Refresh) -> Self {
        self.refresh = refresh;
        self
    }

    /// Builds the provider. No request is sent before the first call.
    pub fn build(self) -> EcsRamRole {
        let Self { role_name, server, refresh } = self;
        let settings = Arc::new(Settings { role_name, server: Arc::new(server) });
        EcsRamRole { settings, cache: Cache::new(refresh) }
    }
}
