//! Builder for the metadata client.

use std::{fmt, sync::Arc, time::Duration};

use super::{client::Client, server::Server};
use crate::{
    environment::{Environment, NoEnvironment, ProcessEnvironment},
    error::Result,
    identity::Context,
    system::{System, TokioSystem},
    transport::{HttpClient, Transport},
};

impl Client {
    /// Creates a client with default settings.
    ///
    /// # Errors
    ///
    /// Returns an error if the HTTP client cannot be set up.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// Creates a client of a metadata service at another URL, such as an emulator.
    ///
    /// # Errors
    ///
    /// Returns an error if the HTTP client cannot be set up.
    pub fn with_endpoint(endpoint: impl Into<String>) -> Result<Self> {
        Self::builder().endpoint(endpoint).build()
    }

    /// Returns a builder with default settings.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// Builds a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::metadata;
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let client = metadata::Client::builder()
///     .require_tokens(true)
///     .token_ttl(Duration::from_secs(3600))
///     .timeout(Duration::from_secs(2))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    server: Server,
    transport: Option<Arc<dyn Transport>>,
    system: Option<Arc<dyn System>>,
    environment: Arc<dyn Environment>,
}

impl Default for Builder {
    fn default() -> Self {
        Self { server: Server::default(), transport: None, system: None, environment: Arc::new(ProcessEnvironment) }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Builder {
    /// Sets the URL of the metadata service; the default is `http://100.100.100.200`.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.server.set_endpoint(&endpoint.into());
        self
    }

    /// Sets the lifetime of session tokens, from 1 s to 6 h; the default is 6 h. A token is replaced after nine tenths
    /// of its lifetime.
    pub fn token_ttl(mut self, ttl: Duration) -> Self {
        self.server.set_token_ttl(ttl);
        self
    }

    /// Sets whether requests without a session token (IMDSv1) are disabled; off by default. They are also disabled if
    /// the environment variable `ALIBABA_CLOUD_IMDSV1_DISABLED` is `true`.
    pub fn require_tokens(mut self, require: bool) -> Self {
        self.server.set_require_tokens(require);
        self
    }

    /// Sets the timeout of each attempt; the default is 1 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.server.set_timeout(timeout);
        self
    }

    /// Sets the transport that sends requests; the default is an [`HttpClient`] that uses no proxy.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the source of time, sleep and randomness, for tests. The default is a [`TokioSystem`].
    pub fn system(mut self, system: impl System) -> Self {
        self.system = Some(Arc::new(system));
        self
    }

    /// Sets the environment from which variables are read; the default is the environment of the process.
    pub fn environment(mut self, environment: impl Environment) -> Self {
        self.environment = Arc::new(environment);
        self
    }

    /// Ignores environment variables. Equivalent to [`environment`](Self::environment) with [`NoEnvironment`].
    pub fn without_environment(self) -> Self {
        self.environment(NoEnvironment)
    }

    /// Builds the client. Opens no connections.
    ///
    /// # Errors
    ///
    /// Returns an error if the lifetime of tokens is out of range, or if the HTTP client cannot be set up.
    pub fn build(self) -> Result<Client> {
        self.server.check()?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpClient::direct(self.server.timeout())?),
        };
        let system = self.system.unwrap_or_else(|| Arc::new(TokioSystem::default()));
        Ok(Client::of(Arc::new(self.server), Context::shared(transport, system, self.environment)))
    }
}
