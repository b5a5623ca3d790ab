//! Settings that clients share.

use std::{
    fmt,
    marker::PhantomData,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use crate::{
    clock_skew::Skew,
    credentials::{DefaultChain, ProfileProvider, ProvideCredentials},
    endpoint::{Network, Service, lookup::Lookup},
    environment::{Environment, NoEnvironment, ProcessEnvironment},
    error::{Error, ErrorKind, Result},
    interceptor::Interceptor,
    retry::{self, Quota, RetryPolicy, SharedPolicy},
    signing::SignatureVersion,
    system::{System, TokioSystem},
    transport::{HttpClient, HttpOptions, Transport},
};

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Connecting; 5 s by default. Fixed when the client is built.
    pub connect: Duration,
    /// One attempt, from sending to the last byte of the answer; 60 s by default.
    pub attempt: Duration,
    /// One attempt of an operation that is known to be slow, such as creating instances; 120 s by default.
    pub slow_attempt: Duration,
    /// A whole call with all its attempts and waits; 5 min by default.
    pub operation: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(60),
            slow_attempt: Duration::from_secs(120),
            operation: Duration::from_secs(300),
        }
    }
}

/// Settings of clients: credentials, region, endpoint, timeouts, retries. Cheap to clone; clients made from one
/// configuration share its connections and its budget of retries.
#[derive(Clone)]
pub struct Config(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    region: Option<String>,
    /// Region of the CLI's profile, read when it is first needed.
    profile_region: Arc<OnceLock<Option<String>>>,
    endpoint: Option<String>,
    network: Network,
    lookup: Option<Arc<Lookup>>,
    credentials: Arc<dyn ProvideCredentials>,
    timeouts: Timeouts,
    retry: SharedPolicy,
    quota: Arc<Quota>,
    skew: Arc<Skew>,
    signature: SignatureVersion,
    interceptors: Vec<Arc<dyn Interceptor>>,
    transport: Arc<dyn Transport>,
    system: Arc<dyn System>,
    environment: Arc<dyn Environment>,
}

impl Config {
    /// Starts with the defaults; what is not set comes from the environment.
    pub fn builder() -> Builder<Self> {
        Builder::default()
    }

    /// The same settings for another region.
    pub fn with_region(&self, region: impl Into<String>) -> Self {
        let region = Some(region.into()).filter(|region| !region.is_empty());
        Self(Arc::new(Inner { region, ..Inner::clone(&self.0) }))
    }

    /// The region: as set, else of the environment, else of the CLI's profile.
    pub fn region(&self) -> Option<String> {
        let var = |name: &str| self.0.environment.var(name).filter(|region| !region.is_empty());
        self.0
            .region
            .clone()
            .or_else(|| var("ALIBABA_CLOUD_REGION_ID"))
            .or_else(|| var("ALIBABA_CLOUD_REGION"))
            .or_else(|| {
                let provider = || ProfileProvider::new().region(self.environment());
                self.0.profile_region.get_or_init(provider).clone()
            })
    }

    /// Timeouts of calls that set none of their own.
    pub fn timeouts(&self) -> &Timeouts {
        &self.0.timeouts
    }

    /// Policy of calls that set none of their own.
    pub(crate) fn retry(&self) -> &SharedPolicy {
        &self.0.retry
    }

    /// URL of a service: as set, else of the environment, else by its table.
    pub(crate) fn url(&self, service: &Service) -> Result<http::Uri> {
        if let Some(endpoint) = &self.0.endpoint {
            return endpoint_url(endpoint);
        }
        if let Some((variable, endpoint)) = self.endpoint_variable(service) {
            return endpoint_url(&endpoint)
                .map_err(|error| Error::new(ErrorKind::Config, format!("{variable}: {}", error.message())));
        }
        let region = self.region();
        if let Some(region) = &region
            && !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            let message = format!("`{region}` is no region; write one such as `cn-hangzhou`");
            return Err(Error::new(ErrorKind::Config, message));
        }
        endpoint_url(&service.endpoints.host(region.as_deref(), self.0.network))
    }

    /// The variable that gives the address of a service, and its value.
    fn endpoint_variable(&self, service: &Service) -> Option<(String, String)> {
        let variable = format!("ALIBABA_CLOUD_{}_ENDPOINT", service.name.to_ascii_uppercase());
        let value = self.0.environment.var(&variable).filter(|endpoint| !endpoint.is_empty())?;
        Some((variable, value))
    }

    /// Whether the address of a service was given, and so is not of its table.
    pub(crate) fn has_endpoint(&self, service: &Service) -> bool {
        self.0.endpoint.is_some() || self.endpoint_variable(service).is_some()
    }

    /// The same transport, system and environment for calls that get credentials; nothing is shared that could block
    /// the calls that wait for them, or is meant for those.
    pub(crate) fn for_credentials(
        &self,
        credentials: Arc<dyn ProvideCredentials>,
        region: Option<String>,
        network: Network,
        endpoint: Option<String>,
        timeouts: Timeouts,
    ) -> Self {
        Self(Arc::new(Inner {
            credentials,
            region,
            network,
            endpoint,
            lookup: None,
            timeouts,
            retry: Arc::new(retry::standard()),
            quota: Arc::default(),
            signature: SignatureVersion::default(),
            interceptors: Vec::new(),
            ..Inner::clone(&self.0)
        }))
    }

    pub(crate) fn network(&self) -> Network {
        self.0.network
    }

    /// Where addresses of unknown regions are looked up, if they are.
    pub(crate) fn lookup(&self) -> Option<&Lookup> {
        self.0.lookup.as_deref()
    }

    pub(crate) fn environment(&self) -> &dyn Environment {
        &*self.0.environment
    }

    pub(crate) fn credentials(&self) -> &dyn ProvideCredentials {
        &*self.0.credentials
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    pub(crate) fn system(&self) -> &dyn System {
        &*self.0.system
    }

    pub(crate) fn shared_system(&self) -> Arc<dyn System> {
        self.0.system.clone()
    }

    pub(crate) fn quota(&self) -> &Quota {
        &self.0.quota
    }

    /// The time of day, as the service sees it.
    pub(crate) fn now(&self) -> SystemTime {
        self.0.skew.now(self.system())
    }

    pub(crate) fn skew(&self) -> &Skew {
        &self.0.skew
    }

    pub(crate) fn signature(&self) -> SignatureVersion {
        self.0.signature
    }

    pub(crate) fn interceptors(&self) -> &[Arc<dyn Interceptor>] {
        &self.0.interceptors
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("region", &self.0.region)
            .field("endpoint", &self.0.endpoint)
            .field("network", &self.0.network)
            .field("credentials", &self.0.credentials)
            .field("timeouts", &self.0.timeouts)
            .field("retry", &self.0.retry)
            .field("signature", &self.0.signature)
            .field("interceptors", &self.0.interceptors)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Config`] or a client.
///
/// The type tells who calls, so that a program that gives its keys does not carry the default chain along.
pub struct Builder<T, P = DefaultChain> {
    settings: Settings,
    credentials: P,
    built: PhantomData<fn() -> T>,
}

/// All of a [`Builder`] but who calls.
struct Settings {
    region: Option<String>,
    endpoint: Option<String>,
    network: Network,
    endpoint_lookup: bool,
    timeouts: Timeouts,
    retry: SharedPolicy,
    signature: SignatureVersion,
    interceptors: Vec<Arc<dyn Interceptor>>,
    http: HttpOptions,
    transport: Option<Arc<dyn Transport>>,
    system: Option<Arc<dyn System>>,
    environment: Arc<dyn Environment>,
}

impl<T, P: fmt::Debug> fmt::Debug for Builder<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("region", &self.settings.region)
            .field("endpoint", &self.settings.endpoint)
            .field("network", &self.settings.network)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl<T> Default for Builder<T> {
    fn default() -> Self {
        Self { settings: Settings::default(), credentials: DefaultChain::new(), built: PhantomData }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            network: Network::default(),
            endpoint_lookup: false,
            timeouts: Timeouts::default(),
            retry: Arc::new(retry::standard()),
            signature: SignatureVersion::default(),
            interceptors: Vec::new(),
            http: HttpOptions::default(),
            transport: None,
            system: None,
            environment: Arc::new(ProcessEnvironment),
        }
    }
}

impl<T: From<Config>, P: ProvideCredentials> Builder<T, P> {
    /// Sets the region, for example `cn-hangzhou`. By default `ALIBABA_CLOUD_REGION_ID`, else the CLI profile's.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.settings.region = Some(region.into());
        self
    }

    /// Sets who calls: [`Credentials`](crate::Credentials) or any other source. By default the
    /// [`DefaultChain`]. What is decided at run time is given as `Arc<dyn ProvideCredentials>`.
    pub fn credentials<Q: ProvideCredentials>(self, credentials: Q) -> Builder<T, Q> {
        Builder { settings: self.settings, credentials, built: PhantomData }
    }

    /// Sets the address of the service, with or without `https://`, in place of the tables. It holds for every client
    /// made from this configuration. By default `ALIBABA_CLOUD_ECS_ENDPOINT` (`…_VPC_…`, `…_CMS_…`, `…_STS_…`), else
    /// the address of the region.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.settings.endpoint = Some(endpoint.into());
        self
    }

    /// Sets the network through which services are reached; public by default.
    pub fn network(mut self, network: Network) -> Self {
        self.settings.network = network;
        self
    }

    /// Sets whether the Location service is asked for the addresses of regions that this version does not know; off by
    /// default. The answer is kept for an hour. Where it knows no address, or can't be asked, and on the VPC network, the
    /// address follows the rule of the known regions.
    pub fn endpoint_lookup(mut self, lookup: bool) -> Self {
        self.settings.endpoint_lookup = lookup;
        self
    }

    /// Sets the limits of time.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.settings.timeouts = timeouts;
        self
    }

    /// Sets how failed attempts are repeated; [`retry::standard`] by default.
    pub fn retry(mut self, retry: impl RetryPolicy) -> Self {
        self.settings.retry = Arc::new(retry);
        self
    }

    /// Sets how requests are signed; version 1.0 by default.
    pub fn signature(mut self, version: SignatureVersion) -> Self {
        self.settings.signature = version;
        self
    }

    /// Adds hooks that see every attempt, before it is signed and after its answer came.
    pub fn interceptor(mut self, interceptor: impl Interceptor) -> Self {
        self.settings.interceptors.push(Arc::new(interceptor));
        self
    }

    /// Sets how HTTP requests travel: proxies, certificates, connections, limits. Without effect on a
    /// [`transport`](Self::transport) of one's own.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.settings.http = options;
        self
    }

    /// Sets what sends HTTP requests, in place of the default [`HttpClient`].
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.settings.transport = Some(Arc::new(transport));
        self
    }

    /// Sets where time, sleep and randomness come from; for tests.
    pub fn system(mut self, system: impl System) -> Self {
        self.settings.system = Some(Arc::new(system));
        self
    }

    /// Takes nothing from environment variables and files: not the region, the endpoint, proxies, nor credentials.
    pub fn without_environment(mut self) -> Self {
        self.settings.environment = Arc::new(NoEnvironment);
        self
    }

    #[cfg(test)]
    pub(crate) fn environment(mut self, environment: impl Environment) -> Self {
        self.settings.environment = Arc::new(environment);
        self
    }

    /// Builds it. Reads no file and opens no connection.
    ///
    /// # Errors
    ///
    /// Fails when the endpoint is no address, or the HTTP client can't be set up with its options.
    pub fn build(self) -> Result<T> {
        self.settings.build(Arc::new(self.credentials)).map(T::from)
    }
}

impl Settings {
    fn build(self, credentials: Arc<dyn ProvideCredentials>) -> Result<Config> {
        if let Some(endpoint) = &self.endpoint {
            endpoint_url(endpoint)?;
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => {
                let environment = self.environment.clone();
                Arc::new(HttpClient::with_environment(&self.http, self.timeouts.connect, environment)?)
            }
        };
        Ok(Config(Arc::new(Inner {
            region: self.region.filter(|region| !region.is_empty()),
            profile_region: Arc::default(),
            endpoint: self.endpoint,
            network: self.network,
            lookup: self.endpoint_lookup.then(Arc::default),
            credentials,
            timeouts: self.timeouts,
            retry: self.retry,
            quota: Arc::default(),
            skew: Arc::default(),
            signature: self.signature,
            interceptors: self.interceptors,
            transport,
            system: self.system.unwrap_or_else(|| Arc::new(TokioSystem::default())),
            environment: self.environment,
        })))
    }
}

/// The URL of an endpoint: a host, or scheme and host, with or without a port.
pub(crate) fn endpoint_url(endpoint: &str) -> Result<http::Uri> {
    let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
    let host = host.trim_end_matches('/');
    let url: Option<http::Uri> = format!("{scheme}://{host}/").parse().ok();
    let valid = |url: &http::Uri| {
        let port = host.strip_prefix(url.host()?)?;
        let port_is_valid = port.is_empty() || port.strip_prefix(':')?.parse::<u16>().is_ok();
        (matches!(scheme, "http" | "https") && url.path() == "/" && url.query().is_none() && port_is_valid)
            .then_some(())
    };
    url.filter(|url| valid(url).is_some()).ok_or_else(|| {
        let hint = "write a host such as `ecs.cn-hangzhou.aliyuncs.com`, or http(s)://host:port";
        Error::new(ErrorKind::Config, format!("`{endpoint}` is no endpoint; {hint}"))
    })
}

#[cfg(test)]
mod tests;
