//! Settings that clients share.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use crate::{
    clock_skew::Skew,
    credentials::{ProfileProvider, ProvideCredentials},
    endpoint::{self, Network, Service, lookup::Lookup},
    environment::Environment,
    error::{Error, ErrorKind, Result},
    interceptor::Interceptor,
    retry::{self, RetryPolicy, TokenBucket},
    signing::SignatureVersion,
    system::System,
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
    pub(crate) region: Option<String>,
    /// Region of the CLI's profile, read when it is first needed.
    pub(crate) profile_region: Arc<OnceLock<Option<String>>>,
    pub(crate) endpoint: Option<String>,
    pub(crate) network: Network,
    pub(crate) lookup: Option<Arc<Lookup>>,
    pub(crate) credentials: Arc<dyn ProvideCredentials>,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) retry_tokens: Arc<TokenBucket>,
    pub(crate) skew: Arc<Skew>,
    pub(crate) signature_version: SignatureVersion,
    pub(crate) interceptors: Vec<Arc<dyn Interceptor>>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) system: Arc<dyn System>,
    pub(crate) environment: Arc<dyn Environment>,
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
        let region = Some(region.into()).filter(|region| !region.is_empty());
        Self::from_parts(Parts { region, ..Parts::clone(&self.0) })
    }

    /// Returns the region: the one set, or that of the environment, or that of the CLI profile.
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

    /// Returns the timeouts, which calls may override.
    pub fn timeouts(&self) -> &Timeouts {
        &self.0.timeouts
    }

    /// The retry policy, which calls may override.
    pub(crate) fn retry(&self) -> &Arc<dyn RetryPolicy> {
        &self.0.retry
    }

    /// URL of a service: the endpoint set, or that of the environment, or that of the service's table.
    pub(crate) fn url(&self, service: &Service) -> Result<http::Uri> {
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
        endpoint::parse(&service.endpoints.host(region.as_deref(), self.0.network))
    }

    /// The variable that holds the endpoint of a service, and its value.
    fn endpoint_variable(&self, service: &Service) -> Option<(String, String)> {
        let variable = format!("ALIBABA_CLOUD_{}_ENDPOINT", service.name.to_ascii_uppercase());
        let value = self.0.environment.var(&variable).filter(|endpoint| !endpoint.is_empty())?;
        Some((variable, value))
    }

    /// Whether the endpoint of a service is set, and thus does not come from its table.
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
        Self::from_parts(Parts {
            credentials,
            region,
            network,
            endpoint,
            lookup: None,
            timeouts,
            retry: Arc::new(retry::standard()),
            retry_tokens: Arc::default(),
            signature_version: SignatureVersion::default(),
            interceptors: Vec::new(),
            ..Parts::clone(&self.0)
        })
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

    pub(crate) fn retry_tokens(&self) -> &TokenBucket {
        &self.0.retry_tokens
    }

    /// The time of day, as the service sees it.
    pub(crate) fn now(&self) -> SystemTime {
        self.0.skew.now(self.system())
    }

    pub(crate) fn skew(&self) -> &Skew {
        &self.0.skew
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
            .field("region", &self.0.region)
            .field("endpoint", &self.0.endpoint)
            .field("network", &self.0.network)
            .field("credentials", &self.0.credentials)
            .field("timeouts", &self.0.timeouts)
            .field("retry", &self.0.retry)
            .field("signature_version", &self.0.signature_version)
            .field("interceptors", &self.0.interceptors)
            .finish_non_exhaustive()
    }
}
