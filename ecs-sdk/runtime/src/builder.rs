//! Builder of clients and their configuration.

use std::{fmt, marker::PhantomData, sync::Arc};

use crate::{
    config::{Config, Parts, ResolveEndpoint},
    credentials::DefaultChain,
    endpoint::{self, Network},
    environment::{Environment, NoEnvironment, ProcessEnvironment},
    error::Result,
    identity::{Context, ProvideCredentials},
    interceptor::Interceptor,
    location::Location,
    retry::{self, RetryBudget, RetryPolicy, TokenBucket},
    signing::SignatureVersion,
    system::{System, TokioSystem},
    timeouts::Timeouts,
    transport::{HttpClient, HttpOptions, Transport},
};

/// Builds a client or a [`Config`].
///
/// ```
/// use ecs_sdk::{Client, credentials::CliProfile};
///
/// # fn example(region: Option<String>, profile: Option<String>) -> ecs_sdk::Result<Client> {
/// let mut builder = Client::builder();
/// if let Some(region) = region {
///     builder = builder.region(region);
/// }
/// if let Some(name) = profile {
///     builder = builder.credentials(CliProfile::builder().profile(name).build());
/// }
/// builder.build()
/// # }
/// # example(None, Some("work".to_owned())).unwrap();
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder<T> {
    settings: Settings,
    credentials: Option<Arc<dyn ProvideCredentials>>,
    built: PhantomData<fn() -> T>,
}

/// State of a [`Builder`] other than the credentials provider.
#[derive(Clone)]
struct Settings {
    region: Option<String>,
    endpoint: Option<String>,
    network: Network,
    endpoint_lookup: bool,
    timeouts: Timeouts,
    retry: Arc<dyn RetryPolicy>,
    retry_budget: RetryBudget,
    signature_version: SignatureVersion,
    interceptors: Vec<Arc<dyn Interceptor>>,
    http: HttpOptions,
    transport: Option<Arc<dyn Transport>>,
    system: Option<Arc<dyn System>>,
    environment: Arc<dyn Environment>,
}

impl<T> Clone for Builder<T> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), credentials: self.credentials.clone(), built: PhantomData }
    }
}

impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("region", &self.settings.region)
            .field("endpoint", &self.settings.endpoint)
            .field("network", &self.settings.network)
            .field("credentials", &self.credentials)
            .field("timeouts", &self.settings.timeouts)
            .field("retry", &self.settings.retry)
            .finish_non_exhaustive()
    }
}

impl<T> Default for Builder<T> {
    fn default() -> Self {
        Self { settings: Settings::default(), credentials: None, built: PhantomData }
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
            retry_budget: RetryBudget::default(),
            signature_version: SignatureVersion::default(),
            interceptors: Vec::new(),
            http: HttpOptions::default(),
            transport: None,
            system: None,
            environment: Arc::new(ProcessEnvironment),
        }
    }
}

impl Config {
    /// Starts building a configuration. Settings that are not set come from the environment or have their defaults.
    pub fn builder() -> Builder<Self> {
        Builder::default()
    }
}

/// Adds `from_env` and `builder` to a client: they are above calls, because the default chain makes calls.
#[doc(hidden)]
#[macro_export]
macro_rules! client_builder {
    ($client:ty) => {
        impl $client {
            /// Creates a client with credentials of the default chain, and the region of the environment or CLI profile.
            /// It reads no file and opens no connection before the first call.
            ///
            /// # Errors
            ///
            /// Returns an error if the HTTP client cannot be set up.
            pub fn from_env() -> $crate::Result<Self> {
                Self::builder().build()
            }

            /// Starts building a client.
            pub fn builder() -> $crate::builder::Builder<Self> {
                $crate::builder::Builder::default()
            }
        }
    };
}

client_builder!(crate::sts::Client);

impl<T: From<Config>> Builder<T> {
    /// Sets the region, for example `cn-hangzhou`. By default it is `ALIBABA_CLOUD_REGION_ID`, or that of the CLI
    /// profile.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.settings.region = Some(region.into());
        self
    }

    /// Sets the credentials provider: static [`Credentials`](crate::Credentials) or any [`ProvideCredentials`]. The
    /// [`DefaultChain`] by default.
    pub fn credentials(mut self, credentials: impl ProvideCredentials) -> Self {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// Sets the endpoint of the service, with or without `https://`. It overrides the built-in tables for every client
    /// made from this configuration, but not for credentials providers, which have endpoints of their own. By default
    /// it is `ALIBABA_CLOUD_ECS_ENDPOINT` (`…_VPC_…`, `…_CMS_…`, `…_STS_…`), or the endpoint of the region.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.settings.endpoint = Some(endpoint.into());
        self
    }

    /// Sets the network through which services are reached; public by default.
    pub fn network(mut self, network: Network) -> Self {
        self.settings.network = network;
        self
    }

    /// Sets whether the Location service is asked for the endpoints of regions unknown to this version; off by default.
    /// Responses are cached for an hour. If the service knows no endpoint or cannot be reached, and always on the VPC
    /// network, the endpoint follows the naming rule of the known regions.
    pub fn endpoint_lookup(mut self, lookup: bool) -> Self {
        self.settings.endpoint_lookup = lookup;
        self
    }

    /// Sets the timeouts.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.settings.timeouts = timeouts;
        self
    }

    /// Sets the policy that decides whether failed attempts are retried; [`retry::standard`] by default.
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.settings.retry = Arc::new(policy);
        self
    }

    /// Sets the budget of retries that all calls share, in addition to their policies.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.settings.retry_budget = budget;
        self
    }

    /// Sets the signature version of requests; 1.0 by default.
    pub fn signature_version(mut self, version: SignatureVersion) -> Self {
        self.settings.signature_version = version;
        self
    }

    /// Adds an interceptor, which sees every attempt before it is signed and after its response has arrived.
    pub fn interceptor(mut self, interceptor: impl Interceptor) -> Self {
        self.settings.interceptors.push(Arc::new(interceptor));
        self
    }

    /// Sets options of the default HTTP client: proxies, certificates, connections, limits. Ignored if a
    /// [`transport`](Self::transport) is set.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.settings.http = options;
        self
    }

    /// Sets the transport that sends HTTP requests; a [`HttpClient`] by default.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.settings.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the source of time, sleep and randomness; for tests.
    pub fn system(mut self, system: impl System) -> Self {
        self.settings.system = Some(Arc::new(system));
        self
    }

    /// Ignores environment variables and files: for the region, the endpoint, proxies and credentials. The same as
    /// [`environment`](Self::environment) with [`NoEnvironment`].
    pub fn without_environment(self) -> Self {
        self.environment(NoEnvironment)
    }

    /// Sets the environment: where region, endpoint, proxies and credentials come from unless they are set. That of the
    /// process by default.
    pub fn environment(mut self, environment: impl Environment) -> Self {
        self.settings.environment = Arc::new(environment);
        self
    }

    /// Builds the client or configuration. It reads no file and opens no connection.
    ///
    /// # Errors
    ///
    /// Returns an error if the endpoint is not a valid URL, or if the options of the HTTP client are invalid.
    pub fn build(self) -> Result<T> {
        let credentials = self.credentials.unwrap_or_else(|| Arc::new(DefaultChain::new()));
        self.settings.build(credentials).map(T::from)
    }
}

impl Settings {
    fn build(self, credentials: Arc<dyn ProvideCredentials>) -> Result<Config> {
        if let Some(endpoint) = &self.endpoint {
            endpoint::parse(endpoint)?;
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => {
                let environment = self.environment.clone();
                Arc::new(HttpClient::with_environment(&self.http, self.timeouts.connect, environment)?)
            }
        };
        let system = self.system.unwrap_or_else(|| Arc::new(TokioSystem::default()));
        let context = Context::shared(transport, system, self.environment).with_network(self.network);
        Ok(Config::from_parts(Parts {
            context: context.with_region(self.region.unwrap_or_default()),
            endpoint: self.endpoint,
            resolver: self.endpoint_lookup.then(|| Arc::new(Location::default()) as Arc<dyn ResolveEndpoint>),
            credentials,
            timeouts: self.timeouts,
            retry: self.retry,
            retry_tokens: Arc::new(TokenBucket::new(self.retry_budget)),
            signature_version: self.signature_version,
            interceptors: self.interceptors,
        }))
    }
}

#[cfg(test)]
mod tests;
