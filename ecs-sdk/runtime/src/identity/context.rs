//! What credentials providers work with.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use super::profile;
use crate::{
    clock_skew::Skew,
    endpoint::Network,
    environment::{Environment, NoEnvironment},
    system::{System, TokioSystem},
    transport::Transport,
};

/// What a client offers to its credentials provider: transport, clock, environment, region and network.
///
/// A client passes its own context to [`ProvideCredentials::provide`](super::ProvideCredentials::provide); requests that a
/// provider sends through [`transport`](Self::transport) take the same proxies, certificates and connections as the
/// client's. Tests create a context of their own:
///
/// ```
/// use ecs_sdk::{
///     config::Timeouts,
///     credentials::{Context, EnvironmentVariables, ProvideCredentials},
///     environment::Environment,
///     transport::{HttpClient, HttpOptions},
/// };
///
/// #[derive(Debug)]
/// struct Fixed;
///
/// impl Environment for Fixed {
///     fn var(&self, name: &str) -> Option<String> {
///         name.starts_with("ALIBABA_CLOUD_ACCESS_KEY").then(|| "value".to_owned())
///     }
/// }
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let transport = HttpClient::new(&HttpOptions::new(), &Timeouts::default())?;
/// let context = Context::new(transport).with_environment(Fixed);
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let credentials = runtime.block_on(EnvironmentVariables::new().provide(&context))?;
/// assert_eq!(credentials.access_key_secret(), "value");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Context {
    region: Option<String>,
    /// Region of the CLI profile, once it has been read.
    profile_region: Arc<OnceLock<String>>,
    network: Network,
    transport: Arc<dyn Transport>,
    system: Arc<dyn System>,
    environment: Arc<dyn Environment>,
    skew: Arc<Skew>,
}

impl Context {
    /// Creates a context that sends requests through `transport`. It has no region and no environment, uses the public
    /// network, and takes time from [`TokioSystem`].
    pub fn new(transport: impl Transport) -> Self {
        Self::shared(Arc::new(transport), Arc::new(TokioSystem::default()), Arc::new(NoEnvironment))
    }

    pub(crate) fn shared(
        transport: Arc<dyn Transport>,
        system: Arc<dyn System>,
        environment: Arc<dyn Environment>,
    ) -> Self {
        Self {
            region: None,
            profile_region: Arc::default(),
            network: Network::default(),
            transport,
            system,
            environment,
            skew: Arc::default(),
        }
    }

    /// Sets the region. An empty one falls back to that of the environment.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into()).filter(|region| !region.is_empty());
        self
    }

    /// Sets the network.
    #[must_use]
    pub fn with_network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Sets the source of time, sleep and randomness.
    #[must_use]
    pub fn with_system(mut self, system: impl System) -> Self {
        self.system = Arc::new(system);
        self
    }

    /// Sets the environment.
    #[must_use]
    pub fn with_environment(mut self, environment: impl Environment) -> Self {
        self.environment = Arc::new(environment);
        self.profile_region = Arc::default();
        self
    }

    /// Returns the region: the one that was set, or `ALIBABA_CLOUD_REGION_ID`, or `ALIBABA_CLOUD_REGION`, or that of the
    /// CLI profile.
    ///
    /// A region found in the profile is kept, so that a client does not move to another region while it runs.
    pub fn region(&self) -> Option<String> {
        let variable = |name| self.environment().text(name);
        let found = self.region.clone().or_else(|| variable("ALIBABA_CLOUD_REGION_ID"));
        found.or_else(|| variable("ALIBABA_CLOUD_REGION")).or_else(|| {
            if let Some(region) = self.profile_region.get() {
                return Some(region.clone());
            }
            let region = profile::region(self.environment())?;
            Some(self.profile_region.get_or_init(|| region).clone())
        })
    }

    /// The region that was set, without looking at the environment.
    pub(crate) fn given_region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Returns the network through which services are reached.
    pub fn network(&self) -> Network {
        self.network
    }

    /// Returns the transport that sends HTTP requests.
    pub fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    /// Returns the source of time, sleep and randomness.
    pub fn system(&self) -> &dyn System {
        &*self.system
    }

    pub(crate) fn shared_system(&self) -> Arc<dyn System> {
        self.system.clone()
    }

    /// Returns the environment: variables, files and programs.
    pub fn environment(&self) -> &dyn Environment {
        &*self.environment
    }

    /// Returns the current time as the service sees it: that of the [`system`](Self::system), corrected once the service
    /// has rejected a timestamp. Compare expiry times with this one.
    pub fn now(&self) -> SystemTime {
        self.skew.now(self.system())
    }

    pub(crate) fn skew(&self) -> &Skew {
        &self.skew
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("region", &self.region)
            .field("network", &self.network)
            .field("transport", &self.transport)
            .field("system", &self.system)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}
