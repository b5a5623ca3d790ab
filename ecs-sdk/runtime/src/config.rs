//! Configuration of clients.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{Arc, OnceLock},
};

use crate::{
    clock_skew::SigningClock,
    endpoint::{self, Network, Service},
    environment::Environment,
    error::{Error, ErrorKind, Result},
    identity::{Context, ProvideCredentials},
    interceptor::Interceptor,
    retry::{self, RetryPolicy, TokenBucket},
    signing::SignatureVersion,
    system::{BoxFuture, System},
    timeouts::Timeouts,
    transport::Transport,
};

/// Configuration of clients: credentials, region, endpoint, timeouts, retries.
///
/// Clients created from one configuration share its connections, cached credentials and retry budget, also across
/// services. Cloning is cheap.
///
/// ```
/// use ecs_sdk::{Client, Config, sts};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let config = Config::builder().region("cn-hangzhou").build()?;
/// let ecs = Client::from(&config);
/// let beijing = Client::from(config.with_region("cn-beijing"));
/// let sts = sts::Client::from(config);
/// # let _ = (ecs, beijing, sts);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Config(Arc<Parts>);

/// The settings, complete and validated.
#[derive(Clone)]
pub(crate) struct Parts {
    /// Region, network, transport, system and environment.
    pub(crate) context: Context,
    pub(crate) endpoint: Option<String>,
    pub(crate) resolver: Option<Arc<dyn ResolveEndpoint>>,
    pub(crate) credentials: Arc<dyn ProvideCredentials>,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) retry_tokens: Arc<TokenBucket>,
    pub(crate) signature_version: SignatureVersion,
    pub(crate) interceptors: Vec<Arc<dyn Interceptor>>,
    pub(crate) url: FirstUrl,
}

/// The URL of the service that is called first, because finding it takes longer than encoding a request. Most configurations
/// are those of a client of one service.
#[derive(Default)]
pub(crate) struct FirstUrl(OnceLock<KnownUrl>);

struct KnownUrl {
    service: &'static str,
    region: Option<String>,
    network: Network,
    url: http::Uri,
}

impl Clone for FirstUrl {
    /// Copies of a configuration are made to change it.
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Finds endpoints that are not in the tables. Implementations may make calls and so belong to a higher layer; the
/// builder installs one.
pub(crate) trait ResolveEndpoint: fmt::Debug + Send + Sync {
    /// Returns the endpoint of a service in the region of the configuration, or `None` to use the one from the tables.
    fn resolve<'a>(&'a self, config: &'a Config, service: &'static Service) -> BoxFuture<'a, Option<http::Uri>>;
}

// A panic cannot leave it half-changed: its locks are held for single assignments only.
impl UnwindSafe for Config {}
impl RefUnwindSafe for Config {}

impl Config {
    pub(crate) fn from_parts(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Returns the same configuration for another region. An empty region falls back to that of the environment.
    #[must_use = "it leaves the original as it is"]
    pub fn with_region(&self, region: impl Into<String>) -> Self {
        Self::from_parts(Parts { context: self.0.context.clone().with_region(region), ..Parts::clone(&self.0) })
    }

    /// Returns the region: the one that was set, or else that of the environment, or else that of the CLI profile.
    ///
    /// If no call has been made yet, it may read the profile's file, which blocks the thread for at most a second. The
    /// region of a profile is kept.
    pub fn region(&self) -> Option<String> {
        self.0.context.region()
    }

    /// Returns the context that clients pass to their credentials provider. Use it to call a provider yourself:
    ///
    /// ```no_run
    /// use ecs_sdk::{
    ///     Config,
    ///     credentials::{DefaultChain, ProvideCredentials as _},
    /// };
    ///
    /// # async fn example() -> ecs_sdk::Result<()> {
    /// let config = Config::builder().build()?;
    /// let credentials = DefaultChain::new().provide(config.context()).await?;
    /// println!("signing with {}", credentials.access_key_id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// Returns the timeouts, which calls can override.
    pub fn timeouts(&self) -> &Timeouts {
        &self.0.timeouts
    }

    /// The retry policy, which calls can override.
    pub(crate) fn retry(&self) -> &Arc<dyn RetryPolicy> {
        &self.0.retry
    }

    /// URL of a service: the endpoint that was set, or else that of the environment, or else that of the service's
    /// table. For a region that is not in the table, it is looked up if that is enabled.
    pub(crate) async fn url(&self, service: &'static Service) -> Result<http::Uri> {
        let known = self.known_url(service)?;
        let Some(resolver) = &self.0.resolver else { return Ok(known) };
        Ok(resolver.resolve(self, service).await.unwrap_or(known))
    }

    /// URL of a service without a lookup. Environment variables are read when it is needed for the first time.
    pub(crate) fn known_url(&self, service: &Service) -> Result<http::Uri> {
        let (region, network) = (self.context().known_region(), self.network());
        let is_same = |first: &&KnownUrl| {
            first.service == service.name && first.region.as_deref() == region && first.network == network
        };
        if let Some(first) = self.0.url.0.get().filter(is_same) {
            return Ok(first.url.clone());
        }
        let url = self.find_url(service, region, network)?;
        self.0.url.0.get_or_init(|| KnownUrl {
            service: service.name,
            region: region.map(str::to_owned),
            network,
            url: url.clone(),
        });
        Ok(url)
    }

    fn find_url(&self, service: &Service, region: Option<&str>, network: Network) -> Result<http::Uri> {
        if let Some(endpoint) = &self.0.endpoint {
            return endpoint::parse(endpoint);
        }
        if let Some((variable, endpoint)) = self.endpoint_variable(service) {
            return endpoint::parse(&endpoint)
                .map_err(|error| Error::new(ErrorKind::Config, format!("{variable}: {}", error.message())));
        }
        if let Some(region) = region
            && !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            let message = format!("invalid region ID `{region}`: expected one such as `cn-hangzhou`");
            return Err(Error::new(ErrorKind::Config, message));
        }
        endpoint::parse(&service.endpoints.host(region, network))
    }

    /// The variable that holds the endpoint of a service, and its value.
    fn endpoint_variable(&self, service: &Service) -> Option<(String, String)> {
        let variable = format!("ALIBABA_CLOUD_{}_ENDPOINT", service.name.to_ascii_uppercase());
        let value = self.environment().non_blank(&variable)?;
        Some((variable, value))
    }

    /// Whether the endpoint of a service is set, in code or in the environment, and so does not come from its table.
    pub(crate) fn has_endpoint(&self, service: &Service) -> bool {
        self.0.endpoint.is_some() || self.endpoint_variable(service).is_some()
    }

    /// Configuration of calls that obtain credentials. It shares neither the retry budget nor the
    /// interceptors of the calls that wait for the credentials: those calls could use up the budget, and the
    /// interceptors are meant for them alone.
    pub(crate) fn for_credentials(
        context: Context,
        credentials: Arc<dyn ProvideCredentials>,
        endpoint: Option<String>,
        timeouts: Timeouts,
    ) -> Self {
        Self::from_parts(Parts {
            context,
            endpoint,
            resolver: None,
            credentials,
            timeouts,
            retry: Arc::new(retry::standard()),
            retry_tokens: Arc::default(),
            signature_version: SignatureVersion::default(),
            interceptors: Vec::new(),
            url: FirstUrl::default(),
        })
    }

    /// Configuration of calls that look up endpoints. Interceptors do not see them, and they do not refer to the resolver,
    /// which owns them.
    pub(crate) fn for_lookup(&self) -> Self {
        Self::from_parts(Parts { resolver: None, interceptors: Vec::new(), ..Parts::clone(&self.0) })
    }

    pub(crate) fn network(&self) -> Network {
        self.0.context.network()
    }

    pub(crate) fn environment(&self) -> &dyn Environment {
        self.0.context.environment()
    }

    pub(crate) fn credentials(&self) -> &dyn ProvideCredentials {
        &*self.0.credentials
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        self.0.context.transport()
    }

    pub(crate) fn system(&self) -> &dyn System {
        self.0.context.system()
    }

    pub(crate) fn shared_system(&self) -> Arc<dyn System> {
        self.0.context.shared_system()
    }

    pub(crate) fn retry_tokens(&self) -> &TokenBucket {
        &self.0.retry_tokens
    }

    /// The clock for the signatures of one call.
    pub(crate) fn signing_clock(&self) -> SigningClock<'_> {
        SigningClock::new(self.0.context.skew(), self.system())
    }

    pub(crate) fn signature_version(&self) -> SignatureVersion {
        self.0.signature_version
    }

    pub(crate) fn interceptors(&self) -> &[Arc<dyn Interceptor>] {
        &self.0.interceptors
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("region", &self.0.context.given_region())
            .field("endpoint", &self.0.endpoint)
            .field("network", &self.0.context.given_network())
            .field("credentials", &self.0.credentials)
            .field("timeouts", &self.0.timeouts)
            .field("retry", &self.0.retry)
            .field("signature_version", &self.0.signature_version)
            .field("interceptors", &self.0.interceptors)
            .finish_non_exhaustive()
    }
}
