//! Settings that clients share.

use std::{fmt, marker::PhantomData, sync::{Arc, OnceLock}, time::Duration};

use crate::{
    credentials::{DefaultChain, ProfileProvider, ProvideCredentials},
    endpoint::{Network, Service},
    environment::{Environment, ProcessEnvironment},
    error::{Error, ErrorKind, Result},
    retry::{Quota, RetryPolicy},
    runtime::{Runtime, TokioRuntime},
    transport::{Reqwest, Transport},
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
    credentials: Arc<dyn ProvideCredentials>,
    timeouts: Timeouts,
    retry: RetryPolicy,
    quota: Arc<Quota>,
    transport: Arc<dyn Transport>,
    runtime: Arc<dyn Runtime>,
    environment: Arc<dyn Environment>,
}

impl Config {
    /// Starts with the defaults; what is not set comes from the environment.
    pub fn builder() -> Builder<Self> {
        Builder::default()
    }

    /// The same settings for another region.
    pub fn with_region(&self, region: impl Into<String>) -> Self {
        Self(Arc::new(Inner { region: Some(region.into()), ..Inner::clone(&self.0) }))
    }

    /// The region: as set, else of the environment, else of the CLI's profile.
    pub fn region(&self) -> Option<String> {
        let var = |name: &str| self.0.environment.var(name).filter(|region| !region.is_empty());
        self.0.region.clone().or_else(|| var("ALIBABA_CLOUD_REGION_ID")).or_else(|| var("ALIBABA_CLOUD_REGION")).or_else(|| {
            let provider = || ProfileProvider::new(self.0.environment.clone()).region();
            self.0.profile_region.get_or_init(provider).clone()
        })
    }

    /// Timeouts of calls that set none of their own.
    pub fn timeouts(&self) -> &Timeouts {
        &self.0.timeouts
    }

    /// Retries of calls that set none of their own.
    pub fn retry(&self) -> &RetryPolicy {
        &self.0.retry
    }

    /// URL of a service: as set, else of the environment, else by its table.
    pub(crate) fn url(&self, service: &Service) -> String {
        let variable = format!("ALIBABA_CLOUD_{}_ENDPOINT", service.name.to_ascii_uppercase());
        let given = self.0.endpoint.clone().or_else(|| self.0.environment.var(&variable).filter(|url| !url.is_empty()));
        let host = given.unwrap_or_else(|| service.endpoints.host(self.region().as_deref(), self.0.network));
        let url = if host.contains("://") { host } else { format!("https://{host}") };
        format!("{}/", url.trim_end_matches('/'))
    }

    pub(crate) fn credentials(&self) -> &dyn ProvideCredentials {
        &*self.0.credentials
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    pub(crate) fn runtime(&self) -> &dyn Runtime {
        &*self.0.runtime
    }

    pub(crate) fn shared_runtime(&self) -> Arc<dyn Runtime> {
        self.0.runtime.clone()
    }

    pub(crate) fn quota(&self) -> &Quota {
        &self.0.quota
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
            .finish_non_exhaustive()
    }
}

/// Builds a [`Config`] or a client.
pub struct Builder<T> {
    region: Option<String>,
    endpoint: Option<String>,
    network: Network,
    credentials: Option<Arc<dyn ProvideCredentials>>,
    timeouts: Timeouts,
    retry: RetryPolicy,
    transport: Option<Arc<dyn Transport>>,
    runtime: Option<Arc<dyn Runtime>>,
    environment: Arc<dyn Environment>,
    built: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .field("network", &self.network)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl<T> Default for Builder<T> {
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            network: Network::default(),
            credentials: None,
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            transport: None,
            runtime: None,
            environment: Arc::new(ProcessEnvironment),
            built: PhantomData,
        }
    }
}

impl<T: From<Config>> Builder<T> {
    /// Sets the region, for example `cn-hangzhou`. By default `ALIBABA_CLOUD_REGION_ID`, else the CLI profile's.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets who calls: [`Credentials`](crate::Credentials) or any other source. By default the
    /// [`DefaultChain`](crate::credentials::DefaultChain).
    pub fn credentials(mut self, credentials: impl ProvideCredentials) -> Self {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// Sets the address of the service, with or without `https://`, in place of the tables. It holds for every client
    /// made from this configuration. By default `ALIBABA_CLOUD_ECS_ENDPOINT` (`…_VPC_…`, `…_CMS_…`, `…_STS_…`), else
    /// the address of the region.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Sets the network through which services are reached; public by default.
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Sets the limits of time.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sets how failed attempts are repeated.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Sets what sends HTTP requests, in place of reqwest.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets where time, sleep and randomness come from; for tests.
    pub fn runtime(mut self, runtime: impl Runtime) -> Self {
        self.runtime = Some(Arc::new(runtime));
        self
    }

    #[cfg(test)]
    pub(crate) fn environment(mut self, environment: impl Environment) -> Self {
        self.environment = Arc::new(environment);
        self
    }

    /// Builds it. Reads no file and opens no connection.
    ///
    /// # Errors
    ///
    /// Fails when the endpoint is no address, or the HTTP client can't be set up.
    pub fn build(self) -> Result<T> {
        if let Some(endpoint) = &self.endpoint {
            check_endpoint(endpoint)?;
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(Reqwest::new(self.timeouts.connect)?),
        };
        let credentials = self.credentials.unwrap_or_else(|| Arc::new(DefaultChain::new(&self.environment)));
        Ok(T::from(Config(Arc::new(Inner {
            region: self.region.filter(|region| !region.is_empty()),
            profile_region: Arc::default(),
            endpoint: self.endpoint,
            network: self.network,
            credentials,
            timeouts: self.timeouts,
            retry: self.retry,
            quota: Arc::default(),
            transport,
            runtime: self.runtime.unwrap_or_else(|| Arc::new(TokioRuntime::default())),
            environment: self.environment,
        }))))
    }
}

fn check_endpoint(endpoint: &str) -> Result<()> {
    let host = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://")).unwrap_or(endpoint);
    let host = host.trim_end_matches('/');
    let valid = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic() && !b"/?#@".contains(&byte));
    let message = || format!("`{endpoint}` is no endpoint; write a host such as `ecs.cn-hangzhou.aliyuncs.com`, or http(s)://host:port");
    if valid { Ok(()) } else { Err(Error::new(ErrorKind::Config, message())) }
}
