//! Builder for clients and their configuration.

use std::{fmt, marker::PhantomData, sync::Arc};

use crate::{
    config::{Config, FirstUrl, Parts, ResolveEndpoint},
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
/// Every setting has a default: `Client::builder().build()` is the same as `Client::from_env()`.
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::{
///     Client, Network,
///     config::Timeouts,
///     retry::{FullJitter, RetryPolicy},
/// };
///
/// let client = Client::builder()
///     .region("cn-hangzhou")
///     .network(Network::Vpc)
///     .timeouts(Timeouts::new().attempt(Duration::from_secs(10)))
///     .retry(FullJitter::default().max_attempts(5))
///     .build()?;
/// # let _ = client;
/// # Ok::<(), ecs_sdk::Error>(())
/// ```
///
/// Setters take and return the builder. Reassign it to apply a setting under a condition:
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
    network: Option<Network>,
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
            network: None,
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
    /// Returns a builder for a configuration. Settings that are not set are read from the environment or have their
    /// defaults.
    pub fn builder() -> Builder<Self> {
        Builder::default()
    }
}

/// Adds `from_env` and `builder` to a client. They are separate from [`client!`](crate::client!) because the default
/// credentials make calls themselves and so belong to a higher layer. The arguments after the client are those of `client!`.
#[doc(hidden)]
#[macro_export]
macro_rules! client_builder {
    ($client:ty) => {
        $crate::client_builder!(@client $client; "ecs_sdk", "{Client, Credentials}", "");
    };
    ($client:ty, $module:literal) => {
        $crate::client_builder!(@client $client; "ecs_sdk", "{Credentials, " $module "}", $module "::");
    };
    ($client:ty, in $sdk:literal) => {
        $crate::client_builder!(@client $client; $sdk, "{Client, Credentials}", "");
    };
    // The crate of the client, what the example imports from it, and the path of the client in the example.
    (@client $client:ty; $sdk:literal, $($import:literal)+, $($path:literal)+) => {
        impl $client {
            /// Creates a client from the environment, with credentials from the [default chain](crate::credentials) and
            /// the region from `ALIBABA_CLOUD_REGION_ID`, `ALIBABA_CLOUD_REGION` or the CLI profile.
            ///
            /// It does no I/O; credentials and region are first read by a call.
            ///
            /// # Errors
            ///
            /// Returns an error if the HTTP client cannot be set up.
            pub fn from_env() -> $crate::Result<Self> {
                Self::builder().build()
            }

            /// Returns a builder, which sets the region, credentials, endpoint, timeouts, retries and HTTP options.
            ///
            /// ```
            #[doc = concat!("use ", $sdk, "::", $($import,)+ ";")]
            ///
            #[doc = concat!("# fn main() -> ", $sdk, "::Result<()> {")]
            #[doc = concat!("let client = ", $($path,)+ "Client::builder()")]
            ///     .region("cn-hangzhou")
            ///     .credentials(Credentials::new("id", "secret"))
            ///     .build()?;
            /// # Ok(())
            /// # }
            /// ```
            pub fn builder() -> $crate::builder::Builder<Self> {
                $crate::builder::Builder::default()
            }
        }
    };
    ($($unknown:tt)*) => {
        $crate::generated_format!($($unknown)*);
    };
}

client_builder!(crate::sts::Client, "sts");

impl<T: From<Config>> Builder<T> {
    /// Sets the region, for example `cn-hangzhou`. The default is the value of the environment variable
    /// `ALIBABA_CLOUD_REGION_ID` or `ALIBABA_CLOUD_REGION`, or else the region of the CLI profile.
    ///
    /// The region selects the endpoint, and is sent with requests that need a region and do not set one.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.settings.region = Some(region.into());
        self
    }

    /// Sets the credentials provider: static [`Credentials`](crate::Credentials) or any [`ProvideCredentials`]. The
    /// default is the [`DefaultChain`].
    ///
    /// ```
    /// use std::sync::Arc;
    /// use ecs_sdk::{
    ///     Client,
    ///     credentials::{DefaultChain, EcsRamRole, ProvideCredentials},
    /// };
    ///
    /// # fn example(on_an_instance: bool) -> ecs_sdk::Result<Client> {
    /// // To choose a provider at run time, pass an `Arc`.
    /// let provider: Arc<dyn ProvideCredentials> =
    ///     if on_an_instance { Arc::new(EcsRamRole::new()) } else { Arc::new(DefaultChain::new()) };
    /// Client::builder().credentials(provider).build()
    /// # }
    /// # example(true).unwrap();
    /// ```
    pub fn credentials(mut self, credentials: impl ProvideCredentials) -> Self {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// Sets the endpoint of the service: a host such as `ecs.cn-hangzhou.aliyuncs.com`, or `http://host:port`. Without
    /// a scheme, `https` is used.
    ///
    /// It applies to every client created from this configuration, for all services and regions, but not to credentials
    /// providers: those that assume a role send requests to STS, whose endpoint
    /// [`sts_endpoint`](crate::credentials::AssumeRoleBuilder::sts_endpoint) or `ALIBABA_CLOUD_STS_ENDPOINT` sets. The
    /// default is the environment variable `ALIBABA_CLOUD_ECS_ENDPOINT`
    /// (for other services `ALIBABA_CLOUD_VPC_ENDPOINT`, `ALIBABA_CLOUD_CMS_ENDPOINT`, `ALIBABA_CLOUD_STS_ENDPOINT`),
    /// or else the service's endpoint in the region.
    ///
    /// ```
    /// use ecs_sdk::Client;
    ///
    /// # fn main() -> ecs_sdk::Result<()> {
    /// // An emulator on this machine.
    /// let client = Client::builder().endpoint("http://127.0.0.1:8080").build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.settings.endpoint = Some(endpoint.into());
        self
    }

    /// Sets the network through which services are reached.
    ///
    /// The default is the environment variable `ALIBABA_CLOUD_ENDPOINT_TYPE` (`vpc` or `public`), or the `endpoint_type`
    /// of the CLI profile from which the region or the credentials are read, or [`Network::Public`].
    pub fn network(mut self, network: Network) -> Self {
        self.settings.network = Some(network);
        self
    }

    /// Sets whether endpoints of regions unknown to this version are looked up in the Location service; off by default.
    ///
    /// Endpoints are cached for an hour. If the lookup is off or fails, if the Location service has no endpoint, or if
    /// the network is [`Network::Vpc`], the endpoint is derived from the naming scheme of the known regions.
    pub fn endpoint_lookup(mut self, lookup: bool) -> Self {
        self.settings.endpoint_lookup = lookup;
        self
    }

    /// Sets the timeouts; see [`Timeouts`] for the defaults. Calls can override them with
    /// [`CallOptions`](crate::CallOptions).
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.settings.timeouts = timeouts;
        self
    }

    /// Sets the policy that decides whether failed attempts are retried; the default is [`retry::standard`]. Calls can
    /// override it with [`CallOptions::retry`](crate::CallOptions::retry).
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.settings.retry = Arc::new(policy);
        self
    }

    /// Sets the retry budget, which limits the retries of all calls together, in addition to the retry policy of each.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.settings.retry_budget = budget;
        self
    }

    /// Sets the signature version of requests; the default is [`SignatureVersion::V1`].
    pub fn signature_version(mut self, version: SignatureVersion) -> Self {
        self.settings.signature_version = version;
        self
    }

    /// Adds an interceptor, which runs for every attempt: before the request is signed and after the response has
    /// arrived.
    pub fn interceptor(mut self, interceptor: impl Interceptor) -> Self {
        self.settings.interceptors.push(Arc::new(interceptor));
        self
    }

    /// Sets the options of the default HTTP client: proxies, certificates, connections, limits. They have no effect if
    /// a [`transport`](Self::transport) is set.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.settings.http = options;
        self
    }

    /// Sets the transport that sends HTTP requests; the default is an [`HttpClient`]. Calls and credentials providers
    /// use it.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.settings.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the source of time, sleep and randomness, for tests. The default is a [`TokioSystem`].
    pub fn system(mut self, system: impl System) -> Self {
        self.settings.system = Some(Arc::new(system));
        self
    }

    /// Ignores environment variables and files, from which the region, endpoint, proxies and credentials would otherwise
    /// be read. Equivalent to [`environment`](Self::environment) with [`NoEnvironment`].
    pub fn without_environment(self) -> Self {
        self.environment(NoEnvironment)
    }

    /// Sets the environment, from which region, endpoint, proxies and credentials are read unless they are set. The
    /// default is the environment of the process.
    pub fn environment(mut self, environment: impl Environment) -> Self {
        self.settings.environment = Arc::new(environment);
        self
    }

    /// Sets region and credentials for tests, unless they are set.
    #[cfg(any(test, feature = "test-util"))]
    pub(crate) fn or_for_tests(mut self, region: &str, credentials: impl ProvideCredentials) -> Self {
        self.settings.region.get_or_insert_with(|| region.to_owned());
        self.credentials.get_or_insert_with(|| Arc::new(credentials));
        self
    }

    /// Builds the client or configuration. Opens no connections, and reads no files except for the root certificates of
    /// the system if [`Roots::System`](crate::transport::Roots::System) is set.
    ///
    /// # Errors
    ///
    /// Returns an error if the endpoint or an option of the HTTP client is invalid.
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
        let mut context = Context::shared(transport, system, self.environment);
        if let Some(network) = self.network {
            context = context.with_network(network);
        }
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
            url: FirstUrl::default(),
        }))
    }
}

#[cfg(test)]
mod tests;
