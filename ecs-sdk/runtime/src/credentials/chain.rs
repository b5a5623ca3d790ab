//! The sources that are tried when nothing else was asked for.

use std::{fmt, sync::OnceLock};

use super::{
    Credentials, CredentialsFile, CredentialsUri, EcsRamRole, EnvironmentProvider, OidcRole, ProfileProvider,
    ProvideCredentials, failed,
};
use crate::{config::Config, error::Result, system::BoxFuture};

/// The sources in the order that Alibaba Cloud's own SDKs have: see the [module](super).
///
/// The first that gives credentials is kept from then on: a program does not change its identity because a request
/// failed. While none has given any, all are tried again at each call.
#[derive(Default)]
pub struct DefaultChain {
    /// Made when they are needed: a program that never asks the chain does not carry them along.
    sources: OnceLock<[Source; 6]>,
    /// Index of the source that is kept.
    kept: OnceLock<usize>,
}

/// A source and what it is called.
type Source = (&'static str, Box<dyn ProvideCredentials>);

impl DefaultChain {
    /// The chain, with everything from the environment of the client that asks.
    pub fn new() -> Self {
        Self::default()
    }

    fn sources(&self) -> &[Source] {
        self.sources.get_or_init(|| {
            [
                ("environment", Box::new(EnvironmentProvider::new())),
                ("OIDC", Box::new(OidcRole::default())),
                ("CLI profile", Box::new(ProfileProvider::new())),
                ("credentials file", Box::new(CredentialsFile::new())),
                ("ECS RAM role", Box::new(EcsRamRole::default())),
                ("credentials URI", Box::new(CredentialsUri::new())),
            ]
        })
    }

    /// The source that is kept.
    pub(super) fn kept(&self) -> Option<&Source> {
        self.kept.get().map(|&index| &self.sources()[index])
    }

    async fn find(&self, config: &Config) -> Result<Credentials> {
        if !config.environment().exists() {
            return Err(failed("no credentials were given, and the client takes none from the environment"));
        }
        if let Some((name, source)) = self.kept() {
            let outcome = source.provide(config).await;
            return outcome.map_err(|error| failed(format!("{name}: {}", error.message())).with_source(error));
        }
        let mut tried = Vec::new();
        for (index, (name, source)) in self.sources().iter().enumerate() {
            match source.provide(config).await {
                Ok(credentials) => {
                    self.kept.get_or_init(|| index);
                    return Ok(credentials);
                }
                Err(error) => tried.push(format!("{name}: {}", error.message())),
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
    fn provide<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(self.find(config))
    }

    fn invalidate(&self, rejected: &Credentials) {
        if let Some((_, source)) = self.kept() {
            source.invalidate(rejected);
        }
    }
}
