//! The default credentials provider.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    cli_profile::CliProfile,
    credentials_file::CredentialsFile,
    credentials_uri::CredentialsUri,
    ecs_ram_role::EcsRamRole,
    environment::EnvironmentVariables,
    failure::{Failure, FindCredentials},
    oidc_role::OidcRole,
};
use crate::{
    error::Result,
    identity::{Context, Credentials, ProvideCredentials, Refresh, failed},
    system::BoxFuture,
};

/// Tries several providers in the same order as Alibaba Cloud's own SDKs. This is the default provider of a client.
///
/// The [module documentation](crate::credentials) lists the providers. The chain keeps using the first provider that
/// returns credentials, so a program does not change its identity when a request fails. Until a provider succeeds,
/// every call tries all of them.
///
/// For the same reason, the chain stops at a provider that is configured but cannot be used: an access key in the
/// environment without its secret, an OIDC role that cannot be assumed, a file that is invalid, or a profile that was
/// named (in the builder, by `ALIBABA_CLOUD_PROFILE`, or as the `current` profile of the CLI) and is missing, incomplete
/// or expired. Files that do not exist, and profiles in which nothing is configured, are skipped.
///
/// Build a chain explicitly to select a profile or to change how credentials are refreshed:
///
/// ```
/// use ecs_sdk::{Client, credentials::DefaultChain};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let chain = DefaultChain::builder().profile("production").build();
/// let client = Client::builder().region("cn-hangzhou").credentials(chain).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct DefaultChain {
    profile: Option<String>,
    refresh: Refresh,
    /// Created on first use.
    providers: OnceLock<[Named; 6]>,
    /// Index of the first provider that returned credentials.
    kept: OnceLock<usize>,
    /// Index of the provider that is being tried, or was tried last.
    tried: AtomicUsize,
}

/// A builder for [`DefaultChain`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct DefaultChainBuilder {
    profile: Option<String>,
    refresh: Refresh,
}

/// A provider and its name in errors.
type Named = (&'static str, Box<dyn FindCredentials>);

/// Providers at the end of the chain, which ask a server whether there are credentials.
macro_rules! absent_unless_found {
    ($($provider:ty),*) => {$(
        impl FindCredentials for $provider {
            fn find<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials, Failure>> {
                Box::pin(async { self.provide(context).await.map_err(Failure::Absent) })
            }
        }
    )*};
}

absent_unless_found!(EcsRamRole, CredentialsUri);

impl DefaultChain {
    /// Creates a chain with the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a builder with the defaults.
    pub fn builder() -> DefaultChainBuilder {
        DefaultChainBuilder::default()
    }

    fn providers(&self) -> &[Named] {
        self.providers.get_or_init(|| {
            let profile = || self.profile.clone().unwrap_or_default();
            let refresh = self.refresh;
            [
                ("environment", Box::new(EnvironmentVariables::new())),
                ("OIDC", Box::new(OidcRole::builder().refresh(refresh).build())),
                ("CLI profile", Box::new(CliProfile::builder().profile(profile()).refresh(refresh).build())),
                ("credentials file", Box::new(CredentialsFile::builder().profile(profile()).refresh(refresh).build())),
                ("ECS RAM role", Box::new(EcsRamRole::builder().refresh(refresh).build())),
                ("credentials URI", Box::new(CredentialsUri::builder().refresh(refresh).build())),
            ]
        })
    }

    /// The first provider that returned credentials.
    pub(super) fn kept(&self) -> Option<&Named> {
        self.kept.get().map(|&index| &self.providers()[index])
    }

    async fn find(&self, context: &Context) -> Result<Credentials> {
        if !context.environment().allows_discovery() {
            return Err(failed(
                "no credentials are set and the client does not read the environment: set credentials in its builder",
            ));
        }
        if let Some((name, provider)) = self.kept() {
            let result = provider.provide(context).await;
            return result.map_err(|error| failed(format!("{name}: {}", error.message())).with_source(error));
        }
        let mut tried = Vec::new();
        for (index, (name, provider)) in self.providers().iter().enumerate() {
            self.tried.store(index, Ordering::Relaxed);
            match provider.find(context).await {
                Ok(credentials) => {
                    self.kept.get_or_init(|| index);
                    return Ok(credentials);
                }
                Err(Failure::Absent(error)) => tried.push(format!("{name}: {}", error.message())),
                Err(Failure::Unusable(error)) => {
                    tried.push(format!("{name}: {}", error.message()));
                    let reason = "the other providers are not tried, because they may have another identity";
                    return Err(failed(format!("no credentials found; tried {}; {reason}", tried.join("; ")))
                        .with_source(error));
                }
            }
        }
        Err(failed(format!("no credentials found; tried {}", tried.join("; "))))
    }
}

impl fmt::Debug for DefaultChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultChain").field("kept", &self.kept()).finish()
    }
}

impl ProvideCredentials for DefaultChain {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(self.find(context))
    }

    /// Returns the name of the provider that the chain uses or is trying.
    fn name(&self) -> &str {
        match self.kept.get().copied().unwrap_or_else(|| self.tried.load(Ordering::Relaxed)) {
            0 => "DefaultChain",
            index => self.providers()[index].1.name(),
        }
    }

    fn invalidate(&self, rejected: &Credentials) {
        if let Some((_, provider)) = self.kept() {
            provider.invalidate(rejected);
        }
    }
}

impl DefaultChainBuilder {
    /// Sets the profile to use in the CLI's configuration and in the credentials file. The default is
    /// `ALIBABA_CLOUD_PROFILE`, or the file's default profile if that is not set.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets when temporary credentials are refreshed.
    pub fn refresh(mut self, refresh: Refresh) -> Self {
        self.refresh = refresh;
        self
    }

    /// Builds the chain. Nothing is read or requested before the first call.
    pub fn build(self) -> DefaultChain {
        DefaultChain { profile: self.profile, refresh: self.refresh, ..DefaultChain::default() }
    }
}
