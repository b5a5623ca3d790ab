//! Settings that clients share.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::SystemTime,
};

use crate::{
    clock_skew::Skew,
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

/// Settings of clients: credentials, region, endpoint, timeouts, retries.
///
/// Cheap to clone. Clients made from one configuration share its connections and its budget of retries, also across
/// services.
#[derive(Clone)]
pub struct Config(Arc<Parts>);

/// The settings themselves, complete and checked.
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
}

/// Finds endpoints that the tables do not have. An implementation may make calls, so it is above them; the builder
/// installs it.
pub(crate) trait ResolveEndpoint: fmt::Debug + Send + Sync {
    /// Returns the endpoint of a service in the region of the configuration; `None` if that of the tables is to be used.
    fn resolve<'a>(&'a self, config: &'a Config, service: &'static Service) -> BoxFuture<'a, Option<http::Uri>>;
}

// Nothing of it can be seen half-changed: its locks are held for single assignments.
impl UnwindSafe for Config {}
impl RefUnwindSafe for Config {}

impl Config {
    pub(crate) fn from_parts(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Returns the same settings for another region. An empty one falls back to that of the environment.
    #[must_use = "it leaves the original as it is"]
    pub fn with_region(&self, region: impl Into<String>) -> Self {
        Self::from_parts(Parts { context: self.0.context.clone().with_region(region), ..Parts::clone(&self.0) })
    }

    /// Returns the region: the one set, or that of the environment, or that of the CLI profile.
    pub fn region(&self) -> Option<String> {
        self.0.context.region()
    }

    /// Returns what a client passes to its credentials provider. Use it to call a provider yourself.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// Returns the timeouts, which calls may override.
    pub fn timeouts(&self) -> &Timeouts {
        &self.0.timeouts
    }

    /// The retry policy, which calls may override.
    pub(crate) fn retry(&self) -> &Arc<dyn RetryPolicy> {
        &self.0.retry
    }

    /// URL of a service: the endpoint set, or that of the environment, or that of the service's table; for a region that
    /// the table does not have, the one that is looked up, if that is enabled.
    pub(crate) async fn url(&self, service: &'static Service) -> Result<http::Uri> {
        let known = self.known_url(service)?;
        let Some(resolver) = &self.0.resolver else { return Ok(known) };
        Ok(resolver.resolve(self, service).await.unwrap_or(known))
    }

    /// URL of a service without a lookup.
    pub(crate) fn known_url(&self, service: &Service) -> Result<http::Uri> {
        if let Some(endpoint) = &self.0.endpoint {
            return endpoint::parse(endpoint);
        }
        if let Some((variable, endpoint)) = self.endpoint_variable(service) {
            return endpoint::parse(&endpoint)
                .map_err(|error| Error::new(ErrorKind::Config, format!("{variable}: {}", error.message())));
        }
        let region = self.region();
        if let Some(region) = &region
            && !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            let message = format!("invalid region ID `{region}`: expected one such as `cn-hangzhou`");
            return Err(Error::new(ErrorKind::Config, message));
        }
        endpoint::parse(&service.endpoints.host(region.as_deref(), self.network()))
    }

    /// The variable that holds the endpoint of a service, and its value.
    fn endpoint_variable(&self, service: &Service) -> Option<(String, String)> {
        let variable = format!("ALIBABA_CLOUD_{}_ENDPOINT", service.name.to_ascii_uppercase());
        let value = self.environment().non_blank(&variable)?;
        Some((variable, value))
    }

    /// Whether the endpoint of a service is set, and thus does not come from its table.
    pub(crate) fn has_endpoint(&self, service: &Service) -> bool {
        self.0.endpoint.is_some() || self.endpoint_variable(service).is_some()
    }

    /// Configuration of calls that obtain credentials. It shares nothing with the calls that wait for them that could
    /// block those, such as the retry budget, or that is meant for those, such as interceptors.
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
        })
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

    /// The time of day, as the service sees it.
    pub(crate) fn now(&self) -> SystemTime {
        self.0.context.now()
    }

    pub(crate) fn skew(&self) -> &Skew {
        self.0.context.skew()
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
            .field("network", &self.network())
            .field("credentials", &self.0.credentials)
            .field("timeouts", &self.0.timeouts)
            .field("retry", &self.0.retry)
            .field("signature_version", &self.0.signature_version)
            .field("interceptors", &self.0.interceptors)
            .finish_non_exhaustive()
    }
}
