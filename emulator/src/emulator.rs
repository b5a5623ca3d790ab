//! The local ECS as its owner sees it.

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use crate::{auth::Keyring, clock::Clock, metadata::Metadata, request::Request, server::Server, world::World};

/// Role of instances that were created without `RamRoleName`.
const ROLE: &str = "EcsEmulatorRole";

/// How a local ECS is set up.
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    keys: Vec<(String, String)>,
    port: u16,
    clock: Clock,
    transition: Duration,
    seed: u64,
    metadata: Metadata,
}

impl Builder {
    fn new() -> Self {
        Builder {
            keys: vec![("testid".to_owned(), "testsecret".to_owned())],
            port: 0,
            clock: Clock::system(),
            transition: Duration::from_millis(300),
            seed: 1,
            metadata: Metadata::with_role(ROLE),
        }
    }

    /// Accepts one more key pair; `testid` with `testsecret` is always accepted.
    pub fn key(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.keys.push((id.into(), secret.into()));
        self
    }

    /// Port on 127.0.0.1; a free one by default, and for 0.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
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
        let mut keys = Keyring::default();
        for (id, secret) in &self.keys {
            keys.add(id, secret);
        }
        let step = time::Duration::try_from(self.transition).map_err(io::Error::other)?;
        let world = World::new(self.clock, step, self.seed, keys, self.metadata).map_err(io::Error::other)?;
        let world = Arc::new(world);
        let server = Server::start(Arc::clone(&world), self.port)?;
        Ok(Emulator { world, server })
    }
}

/// A running local ECS. It stops when it is dropped.
///
/// ```
/// let emulator = ecs_emulator::Emulator::builder().key("id", "secret").start_blocking()?;
/// println!("ECS is at {}", emulator.endpoint());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Emulator {
    world: Arc<World>,
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

    /// The clock that it goes by.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.world.clock.clone()
    }

    /// The API requests until now, also those that were refused; the last 10 000 of them.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.world.lock().requests.iter().cloned().collect()
    }

    /// Forgets the requests until now.
    pub fn clear_requests(&self) {
        self.world.lock().requests.clear();
    }

    /// Takes a preemptible instance back, as the service does when the market price rises: the instance is locked with
    /// the reason `Recycling`, CloudMonitor tells `Instance:PreemptibleInstanceInterruption`, the metadata service
    /// tells the time, and five minutes later the instance is released, or stopped if it was created so.
    ///
    /// Returns whether there is a preemptible instance of that ID.
    pub fn recycle(&self, instance_id: &str) -> bool {
        let now = self.world.now();
        self.world.lock().state.recycle(instance_id, now)
    }

    /// Answers metadata requests as from this instance. Until then they come from the oldest one.
    pub fn metadata_instance(&self, instance_id: impl Into<String>) {
        self.world.lock().metadata.instance = Some(instance_id.into());
    }

    /// Whether metadata requests need a token (IMDSv2) even of instances that leave it open.
    pub fn metadata_tokens_required(&self, required: bool) {
        self.world.lock().metadata.tokens_required = required;
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

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("endpoint", &self.endpoint())
            .field("clock", &self.world.clock)
            .finish_non_exhaustive()
    }
}
