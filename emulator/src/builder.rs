//! Configures and starts an emulator.

use std::{fmt, io, sync::Arc, time::Duration};

use crate::{
    auth::Keyring,
    clock::Clock,
    emulator::Emulator,
    faults::Faults,
    metadata::{Metadata, MetadataMode},
    server::Server,
    service::Service,
    simulation::Simulation,
};

/// Role of instances created without `RamRoleName`.
const DEFAULT_ROLE: &str = "EcsEmulatorRole";

/// Duration of a state such as `Starting`: long enough to be observed, short enough for tests on the system's clock.
const DEFAULT_TRANSITION: Duration = Duration::from_millis(300);

/// Configures an emulator.
#[derive(Clone)]
#[must_use]
pub struct Builder {
    keys: Keyring,
    max_session_lifetime: Option<Duration>,
    port: u16,
    idle_timeout: Option<Duration>,
    clock: Clock,
    transition: Duration,
    seed: u64,
    metadata: Metadata,
    faults: Faults,
}

impl Emulator {
    /// Creates a builder, which configures and starts an emulator.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl Builder {
    pub(crate) fn new() -> Self {
        let mut keys = Keyring::default();
        keys.add("testid", "testsecret");
        Builder {
            keys,
            max_session_lifetime: None,
            port: 0,
            idle_timeout: None,
            clock: Clock::system(),
            transition: DEFAULT_TRANSITION,
            seed: 1,
            metadata: Metadata::with_role(DEFAULT_ROLE),
            faults: Faults::none(),
        }
    }

    /// Accepts another access key. The access key `testid` with the secret `testsecret` is always accepted.
    pub fn key(mut self, id: impl AsRef<str>, secret: impl AsRef<str>) -> Self {
        self.keys.add(id.as_ref(), secret.as_ref());
        self
    }

    /// Accepts a bearer token; none is accepted by default.
    pub fn bearer_token(mut self, token: impl AsRef<str>) -> Self {
        self.keys.add_bearer(token.as_ref());
        self
    }

    /// Limits the lifetime of temporary credentials from STS and the metadata service, for tests that cannot wait for the
    /// service's minimum of 15 minutes. Unlimited by default.
    pub fn max_session_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_session_lifetime = Some(lifetime);
        self
    }

    /// Sets the port on 127.0.0.1; 0, the default, chooses a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Closes connections that are idle for longer than this, as the service does after about 10 s. By default, idle
    /// connections stay open.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// Sets the clock. Defaults to the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the duration of a state such as `Starting`; 300 ms by default.
    pub fn transition(mut self, duration: Duration) -> Self {
        self.transition = duration;
        self
    }

    /// Sets the seed of generated IDs; 1 by default. Emulators with the same seed generate the same IDs for the same
    /// requests.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the role that the metadata service reports for instances without one, or `None` for no role. Defaults to
    /// `EcsEmulatorRole`.
    pub fn metadata_role(mut self, role: Option<&str>) -> Self {
        self.metadata.role = role.map(str::to_owned);
        self
    }

    /// Sets whether metadata requests need a token (IMDSv2); optional by default.
    pub fn metadata_mode(mut self, mode: MetadataMode) -> Self {
        self.metadata.mode = mode;
        self
    }

    /// Sets the faults to inject; none by default. [`Emulator::set_faults`] changes them later.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Starts the emulator on a thread of its own. Works with any async runtime and does not block it: the thread does all
    /// the work of starting.
    ///
    /// # Errors
    ///
    /// Returns an error if the port is taken, or if the embedded API specs are invalid.
    pub async fn start(self) -> io::Result<Emulator> {
        let (port, idle_timeout) = (self.port, self.idle_timeout);
        let (simulation, server) = Server::start(move || self.simulation(), port, idle_timeout).await?;
        Ok(Emulator::new(Service::new(simulation), server))
    }

    /// Starts the emulator like [`start`](Builder::start), and blocks until it has started.
    ///
    /// # Errors
    ///
    /// Same as [`start`](Builder::start).
    pub fn start_blocking(self) -> io::Result<Emulator> {
        let (port, idle_timeout) = (self.port, self.idle_timeout);
        let (simulation, server) = Server::start_blocking(move || self.simulation(), port, idle_timeout)?;
        Ok(Emulator::new(Service::new(simulation), server))
    }

    /// Creates the emulator without a server; pass requests to [`Service::handle`].
    ///
    /// # Errors
    ///
    /// Returns an error if the embedded API specs are invalid.
    pub fn without_sockets(self) -> io::Result<Service> {
        self.simulation().map(Service::new)
    }

    pub(crate) fn simulation(mut self) -> io::Result<Arc<Simulation>> {
        if let Some(lifetime) = self.max_session_lifetime {
            self.keys.limit_lifetime(time::Duration::try_from(lifetime).map_err(io::Error::other)?);
        }
        let transition = time::Duration::try_from(self.transition).map_err(io::Error::other)?;
        let simulation = Simulation::new(self.clock, transition, self.seed, self.keys, self.metadata, self.faults);
        simulation.map(Arc::new).map_err(io::Error::other)
    }
}

/// Omits keys and tokens.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("port", &self.port)
            .field("clock", &self.clock)
            .field("transition", &self.transition)
            .field("seed", &self.seed)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
