//! The context passed to credentials providers.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use zeroize::Zeroizing;

use super::{
    profile::{self, Profiles},
    section::Section,
};
use crate::{
    clock_skew::Skew,
    endpoint::Network,
    environment::{Environment, NoEnvironment},
    system::{System, TokioSystem, timeout, wait},
    transport::Transport,
};

/// Timeout of reading a file. Even over a network that takes milliseconds, so this file system does not respond.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Timeout of reading a file while the thread is blocked, which may be one that runs other tasks too.
const BLOCKING_READ_TIMEOUT: Duration = Duration::from_secs(1);

/// The parts of a client that its credentials provider can use: transport, clock, environment, region and network.
///
/// A client passes its context to [`ProvideCredentials::provide`](super::ProvideCredentials::provide). Requests that a
/// provider sends through [`transport`](Self::transport) use the same proxies, certificates and connections as the
/// client's own requests.
///
/// To test a provider without a client, create a context:
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
/// struct TestEnvironment;
///
/// impl Environment for TestEnvironment {
///     fn var(&self, name: &str) -> Option<String> {
///         match name {
///             "ALIBABA_CLOUD_ACCESS_KEY_ID" => Some("test-id".to_owned()),
///             "ALIBABA_CLOUD_ACCESS_KEY_SECRET" => Some("test-secret".to_owned()),
///             _ => None,
///         }
///     }
/// }
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let transport = HttpClient::new(&HttpOptions::new(), &Timeouts::default())?;
/// let context = Context::new(transport).with_environment(TestEnvironment);
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let credentials = runtime.block_on(EnvironmentVariables::new().provide(&context))?;
/// assert_eq!(credentials.access_key_id(), "test-id");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Context {
    region: Option<String>,
    network: Option<Network>,
    defaults: Arc<Defaults>,
    transport: Arc<dyn Transport>,
    system: Arc<dyn System>,
    environment: Arc<dyn Environment>,
    skew: Arc<Skew>,
}

/// Settings of the environment, after they have been read.
#[derive(Default)]
struct Defaults {
    /// The region and the network of the variables.
    variables: OnceLock<(Option<String>, Option<Network>)>,
    /// Those of the selected CLI profile.
    region: OnceLock<String>,
    network: OnceLock<Network>,
}

impl Context {
    /// Creates a context that sends requests through `transport`.
    ///
    /// It has no region and an empty environment, uses the public network, and gets the time from [`TokioSystem`].
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
            network: None,
            defaults: Arc::default(),
            transport,
            system,
            environment,
            skew: Arc::default(),
        }
    }

    /// Sets the region. If it is empty, the context falls back to the region of the environment.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into().trim().to_owned()).filter(|region| !region.is_empty());
        self
    }

    /// Sets the network.
    #[must_use]
    pub fn with_network(mut self, network: Network) -> Self {
        self.network = Some(network);
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
        self.defaults = Arc::default();
        self
    }

    /// Returns the region: the one that was set, or `ALIBABA_CLOUD_REGION_ID`, or `ALIBABA_CLOUD_REGION`, or the region
    /// of the CLI profile.
    ///
    /// A region found in the profile is kept, so a running client never moves to another region. Calls have read it
    /// before they ask for credentials. Otherwise this method reads the file, which blocks the thread for at most a
    /// second.
    pub fn region(&self) -> Option<String> {
        self.known_region().map(str::to_owned).or_else(|| {
            let path = self.profiles_path()?;
            let text = wait(BLOCKING_READ_TIMEOUT, self.environment().read(&path))?;
            self.keep_profiles(&path, text.map(Zeroizing::new));
            self.known_region().map(str::to_owned)
        })
    }

    /// Returns the region as [`region`](Self::region) does, without blocking the thread.
    pub(crate) async fn load_region(&self) -> Option<&str> {
        if self.known_region().is_none() {
            let path = self.profiles_path()?;
            let text = self.read(&path).await;
            self.keep_profiles(&path, text);
        }
        self.known_region()
    }

    /// The region, if that is known without reading a file.
    pub(crate) fn known_region(&self) -> Option<&str> {
        let known = self.region.as_deref().or_else(|| self.variables().0.as_deref());
        known.or_else(|| self.defaults.region.get().map(String::as_str))
    }

    /// The region and the network of the environment variables, which are read once: reading them takes longer than
    /// encoding a request.
    fn variables(&self) -> &(Option<String>, Option<Network>) {
        self.defaults.variables.get_or_init(|| {
            let variable = |name| self.environment().non_blank(name);
            let region = variable("ALIBABA_CLOUD_REGION_ID").or_else(|| variable("ALIBABA_CLOUD_REGION"));
            (region, variable("ALIBABA_CLOUD_ENDPOINT_TYPE").and_then(|value| profile::network(&value)))
        })
    }

    fn profiles_path(&self) -> Option<PathBuf> {
        Profiles::file(self.environment(), None).ok().map(|file| file.path)
    }

    fn keep_profiles(&self, path: &Path, text: io::Result<Zeroizing<String>>) {
        let named = Profiles::named(self.environment(), None);
        if let Ok(profiles) = Profiles::parse(path, text, named)
            && let Some((_, section)) = profiles.find(&profiles.selected)
        {
            self.keep_profile(section);
        }
    }

    /// Keeps the region and the network of the selected CLI profile, unless they are already known.
    pub(crate) fn keep_profile(&self, section: &Section) {
        if let Some(region) = section.non_blank("region_id") {
            self.defaults.region.get_or_init(|| region);
        }
        if let Some(network) = section.non_blank("endpoint_type").and_then(|value| profile::network(&value)) {
            self.defaults.network.get_or_init(|| network);
        }
    }

    /// Reads a file of the environment. A file system that does not respond is an error.
    pub(crate) async fn read(&self, path: &Path) -> io::Result<Zeroizing<String>> {
        let text = timeout(self.system(), READ_TIMEOUT, self.environment().read(path)).await;
        let hangs = || format!("the file system did not respond within {READ_TIMEOUT:?}");
        text.unwrap_or_else(|| Err(io::Error::new(io::ErrorKind::TimedOut, hangs()))).map(Zeroizing::new)
    }

    /// The region that was set, without falling back to the environment.
    pub(crate) fn given_region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The network that was set, without falling back to the environment.
    pub(crate) fn given_network(&self) -> Option<Network> {
        self.network
    }

    /// Returns the network through which services are reached: the one that was set, or the one in
    /// `ALIBABA_CLOUD_ENDPOINT_TYPE` (`vpc` or `public`), or the `endpoint_type` of the CLI profile from which a call has
    /// read the region or the credentials.
    pub fn network(&self) -> Network {
        let set = self.network.or_else(|| self.variables().1);
        set.or_else(|| self.defaults.network.get().copied()).unwrap_or_default()
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

    /// Returns the time for the signatures of requests: the time of the [`system`](Self::system) clock, corrected after
    /// a service has rejected a timestamp.
    ///
    /// Do not compare expiry times with it, because a single response with a wrong date can change it.
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
