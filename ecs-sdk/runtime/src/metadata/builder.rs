//! Builder of the metadata client.

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
    /// Creates a client with the defaults.
    ///
    /// # Errors
    ///
    /// Returns an error if the HTTP client cannot be set up.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// Creates a client of a metadata service elsewhere, for tests.
    ///
    /// # Errors
    ///
    /// Returns an error if the HTTP client cannot be set up.
    pub fn with_endpoint(endpoint: impl Into<String>) -> Result<Self> {
        Self::builder().endpoint(endpoint).build()
    }

    /// Creates a builder with the defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// Builds a [`Client`].
#[must_use = "a builder does nothing until it is built"]
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
    /// Sets the URL of the service, for tests; `http://100.100.100.200` by default.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.server.set_endpoint(&endpoint.into());
        self
    }

    /// Sets the lifetime of session tokens, from 1 s to 6 h; 6 h by default. A token is used for nine tenths of it.
    pub fn token_ttl(mut self, ttl: Duration) -> Self {
        self.server.set_token_ttl(ttl);
        self
    }

    /// Sets whether requests without a session token (IMDSv1) are disabled. By default they are if
    /// `ALIBABA_CLOUD_IMDSV1_DISABLED` is `true`.
    pub fn require_tokens(mut self, require: bool) -> Self {
        self.server.set_require_tokens(require);
        self
    }

    /// Sets the timeout of each attempt; 1 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.server.set_timeout(timeout);
        self
    }

    /// Sets your own transport. By default requests are sent directly, without a proxy.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the source of time, sleep and randomness; for tests.
    pub fn system(mut self, system: impl System) -> Self {
        self.system = Some(Arc::new(system));
        self
    }

    /// Sets the environment; that of the process by default.
    pub fn environment(mut self, environment: impl Environment) -> Self {
        self.environment = Arc::new(environment);
        self
    }

    /// Ignores environment variables: the same as [`environment`](Self::environment) with [`NoEnvironment`].
    pub fn without_environment(self) -> Self {
        self.environment(NoEnvironment)
    }

    /// Builds the client. Opens no connection.
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
