//! The local ECS as its owner sees it.

use std::{fmt, io, net::SocketAddr, ops::Deref, sync::Arc, time::Duration};

use crate::{
    auth::Keyring,
    clock::Clock,
    faults::Faults,
    metadata::{Metadata, MetadataMode},
    server::Server,
    service::Service,
    world::World,
};

/// Role of instances that were created without `RamRoleName`.
const ROLE: &str = "EcsEmulatorRole";

/// How a local ECS is set up.
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    keys: Vec<(String, String)>,
    bearers: Vec<String>,
    longest: Option<Duration>,
    port: u16,
    idle: Option<Duration>,
    clock: Clock,
    transition: Duration,
    seed: u64,
    metadata: Metadata,
    faults: Faults,
}

impl Builder {
    fn new() -> Self {
        Builder {
            keys: vec![("testid".to_owned(), "testsecret".to_owned())],
            bearers: Vec::new(),
            longest: None,
            port: 0,
            idle: None,
            clock: Clock::system(),
            transition: Duration::from_millis(300),
            seed: 1,
            metadata: Metadata::with_role(ROLE),
            faults: Faults::none(),
        }
    }

    /// Accepts one more key pair; `testid` with `testsecret` is always accepted.
    pub fn key(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.keys.push((id.into(), secret.into()));
        self
    }

    /// Accepts a bearer token; none is accepted by default.
    pub fn bearer(mut self, token: impl Into<String>) -> Self {
        self.bearers.push(token.into());
        self
    }

    /// Longest life of temporary credentials of STS and of the metadata service, whatever is asked for; without a limit
    /// by default. For tests that can't wait 15 minutes.
    pub fn session_life(mut self, longest: Duration) -> Self {
        self.longest = Some(longest);
        self
    }

    /// Port on 127.0.0.1; a free one by default, and for 0.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Closes connections that wait longer than this for their next request, as the service does after some 10 s; never
    /// by default.
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.idle = Some(idle);
        self
    }

    /// Clock to go by; the system's by default.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How long a state such as `Starting` lasts; 300 ms by default.
    pub fn transition(mut self, transition: Duration) -> Self {
        self.transition = transition;
        self
    }

    /// Where the IDs start from. Two local ECS with one seed give the same IDs to the same calls.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Role that the metadata service tells for instances without one; `None` for no role. `EcsEmulatorRole` by
    /// default.
    pub fn metadata_role(mut self, role: Option<&str>) -> Self {
        self.metadata.role = role.map(str::to_owned);
        self
    }

    /// How metadata requests take tokens; with and without by default.
    pub fn metadata_mode(mut self, mode: MetadataMode) -> Self {
        self.metadata.mode = mode;
        self
    }

    /// Faults to make; none by default. [`Service::set_faults`] changes them later.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Starts it, on a thread of its own.
    ///
    /// # Errors
    ///
    /// Fails when the port is taken, or when the program was built with spec files that have mistakes.
    #[allow(clippy::unused_async, reason = "starting may come to wait for something")]
    pub async fn start(self) -> io::Result<Emulator> {
        self.start_blocking()
    }

    /// Like [`start`](Builder::start), for programs without an async runtime.
    ///
    /// # Errors
    ///
    /// As [`start`](Builder::start).
    pub fn start_blocking(self) -> io::Result<Emulator> {
        let (port, idle) = (self.port, self.idle);
        let service = self.without_sockets()?;
        let server = Server::start(Arc::clone(&service.world), port, idle)?;
        Ok(Emulator { service, server })
    }

    /// Makes the same without a server: requests are given to [`Service::handle`].
    ///
    /// # Errors
    ///
    /// Fails when the program was built with spec files that have mistakes.
    pub fn without_sockets(self) -> io::Result<Service> {
        let mut keys = Keyring::default();
        for (id, secret) in &self.keys {
            keys.add(id, secret);
        }
        for token in &self.bearers {
            keys.add_bearer(token);
        }
        if let Some(longest) = self.longest {
            keys.limit_life(time::Duration::try_from(longest).map_err(io::Error::other)?);
        }
        let step = time::Duration::try_from(self.transition).map_err(io::Error::other)?;
        let world =
            World::new(self.clock, step, self.seed, keys, self.metadata, self.faults).map_err(io::Error::other)?;
        Ok(Service { world: Arc::new(world) })
    }
}

/// A running local ECS: a [`Service`] with an address. It stops when it is dropped.
///
/// ```
/// let emulator = ecs_emulator::Emulator::builder().key("id", "secret").start_blocking()?;
/// println!("ECS is at {}", emulator.endpoint());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Emulator {
    service: Service,
    server: Server,
}

impl Emulator {
    /// A local ECS to set up and start.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Its address, such as `http://127.0.0.1:8080`: the endpoint of the API, and the base of the metadata service.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The address that it listens at.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Waits until it is stopped, which without another owner is forever.
    pub async fn wait(&self) {
        let mut stopped = self.server.stopped();
        // An error says that the server is gone, which is what is waited for.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }

    /// Stops it, with all connections.
    pub fn shutdown(mut self) {
        self.server.stop();
    }
}

impl Deref for Emulator {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("endpoint", &self.endpoint()).field("service", &self.service).finish()
    }
}
