//! Configures and starts an emulator.

use std::{fmt, io, net::IpAddr, sync::Arc, time::Duration};

#[cfg(feature = "tls")]
use crate::server::tls::Tls;
use crate::{
    access::Access,
    auth::Keyring,
    catalog::{Catalog, CatalogError},
    clock::Clock,
    emulator::Emulator,
    faults::Faults,
    hosts::Hosts,
    metadata::{Metadata, MetadataMode},
    saved::{SavedState, StateError},
    server::{
        Server,
        options::{Host, Options},
    },
    service::Service,
    simulation::{OnWarning, Simulation},
    state::ACCOUNT,
    unsimulated::Unsimulated,
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
    server: Options,
    clock: Clock,
    transition: Duration,
    seed: u64,
    metadata: Metadata,
    faults: Faults,
    catalog: Option<Arc<Catalog>>,
    region: Option<String>,
    saved: Option<SavedState>,
    hosts: Hosts,
    unsimulated: Unsimulated,
    on_warning: Option<OnWarning>,
    lenient: bool,
}

impl Emulator {
    /// Creates a builder, which configures and starts an emulator.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts an emulator with the default settings, on a free port of this machine. It accepts the access key `testid` with
    /// the secret `testsecret`.
    ///
    /// # Errors
    ///
    /// Same as [`Builder::start`].
    pub async fn start() -> io::Result<Emulator> {
        Builder::new().start().await
    }
}

impl Builder {
    pub(crate) fn new() -> Self {
        let mut keys = Keyring::default();
        keys.add("testid", "testsecret", ACCOUNT);
        Builder {
            keys,
            max_session_lifetime: None,
            server: Options::default(),
            clock: Clock::system(),
            transition: DEFAULT_TRANSITION,
            seed: 1,
            metadata: Metadata::with_role(DEFAULT_ROLE),
            faults: Faults::none(),
            catalog: None,
            region: None,
            saved: None,
            hosts: Hosts::default(),
            unsimulated: Unsimulated::default(),
            on_warning: None,
            lenient: false,
        }
    }

    /// Sells what a catalog file says: instance types, images, regions and zones, stock, prices, and the RAM roles of the
    /// account. The file is JSON, described by `catalog.schema.json`. It adds to the built-in catalog, or replaces it if it
    /// has `"extends": "nothing"`.
    ///
    /// ```
    /// let catalog = r#"{
    ///     "stock": [{"zone": "cn-hangzhou-h", "instance_type": "ecs.g7.*", "stock": "sold_out"}]
    /// }"#;
    /// let emulator = ecs_emulator::Emulator::builder().catalog(catalog)?;
    /// # Ok::<(), ecs_emulator::CatalogError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error that names the place of each mistake in the file and how to repair it.
    pub fn catalog(mut self, json: &str) -> Result<Self, CatalogError> {
        self.catalog = Some(Arc::new(Catalog::read(json)?));
        Ok(self)
    }

    /// Accepts another access key. The access key `testid` with the secret `testsecret` is always accepted.
    pub fn key(mut self, id: impl AsRef<str>, secret: impl AsRef<str>) -> Self {
        self.keys.add(id.as_ref(), secret.as_ref(), ACCOUNT);
        self
    }

    /// Accepts an access key of another account, which has resources of its own. An account ID has digits only; that of all
    /// other access keys is `1000000000000001`.
    pub fn account_key(mut self, account: impl AsRef<str>, id: impl AsRef<str>, secret: impl AsRef<str>) -> Self {
        self.keys.add(id.as_ref(), secret.as_ref(), account.as_ref());
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

    /// Sets the port; 0, the default, chooses a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.server.port = port;
        self
    }

    /// Sets the addresses to listen at, all with the same port; 127.0.0.1 by default. An unspecified address such as
    /// 0.0.0.0 stands for all addresses of the machine. See [`allow_host`](Builder::allow_host) for who may control the
    /// emulator at such addresses.
    pub fn hosts(mut self, hosts: impl IntoIterator<Item = IpAddr>) -> Self {
        self.server.hosts = hosts.into_iter().map(Host::required).collect();
        self
    }

    /// Listens at 127.0.0.1 and, if the machine has IPv6, at ::1, so that every client reaches `localhost`.
    pub fn localhost(mut self) -> Self {
        self.server.hosts = Host::localhost();
        self
    }

    /// Accepts connections with TLS as well, at the same port: the first byte of a connection distinguishes them.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.server.tls = Some(tls);
        self
    }

    /// Closes connections that send nothing, or an unfinished request, for longer than this; 30 s by default. The service
    /// does so after about 10 s.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.server.idle_timeout = timeout;
        self
    }

    /// Limits the number of open connections; 900 by default. A new connection closes the oldest one that is idle; if all
    /// have requests, it waits.
    pub fn max_connections(mut self, number: usize) -> Self {
        self.server.max_connections = number.max(1);
        self
    }

    /// Calls a function with a report of each request that the server has handled, on the thread of the server. The
    /// function should return at once.
    pub fn on_access(mut self, observer: impl Fn(&Access) + Send + Sync + 'static) -> Self {
        self.server.observer = Some(Arc::new(observer));
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

    /// Starts with a saved state; see [`Service::state_json`] and [`Service::load_state`]. A reset returns to it.
    ///
    /// # Errors
    ///
    /// Returns an error that names the place of the first mistake.
    pub fn state(mut self, json: &str) -> Result<Self, StateError> {
        self.saved = Some(SavedState::read(json)?);
        Ok(self)
    }

    /// Sets the region of calls that name none; `cn-hangzhou` by default. Starting fails if the catalog does not have it.
    pub fn region(mut self, id: impl Into<String>) -> Self {
        self.region = Some(id.into());
        self
    }

    /// Accepts requests to the control interface and to the metadata service that name this host, with or without a port,
    /// in addition to the loopback interface and 100.100.100.200. The API accepts requests for any host.
    pub fn allow_host(mut self, host: impl AsRef<str>) -> Self {
        self.hosts.allow(host.as_ref());
        self
    }

    /// Sets the response to calls of operations that are not simulated; status 501 by default.
    pub fn unsimulated(mut self, unsimulated: Unsimulated) -> Self {
        self.unsimulated = unsimulated;
        self
    }

    /// Passes each warning to a function, such as the first call of an operation that is not simulated. The function is
    /// called on the thread that handles the request.
    pub fn on_warning(mut self, report: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.on_warning = Some(Arc::new(report));
        self
    }

    /// Sets whether the emulator takes any image, instance type, key pair and other reference to what does not exist, with
    /// stand-ins for them; by default, it rejects them as the service does.
    pub fn lenient(mut self, lenient: bool) -> Self {
        self.lenient = lenient;
        self
    }

    /// Starts the emulator on a thread of its own. Works with any async runtime and does not block it: the thread does all
    /// the work of starting.
    ///
    /// # Errors
    ///
    /// Returns an error if the port is taken, if the machine does not have an address, or if the embedded API specs are
    /// invalid.
    pub async fn start(self) -> io::Result<Emulator> {
        let options = self.server.clone();
        let (simulation, server) = Server::start(move || self.simulation(), options).await?;
        Ok(Emulator::new(Service::new(simulation), server))
    }

    /// Starts the emulator like [`start`](Builder::start), and blocks until it has started.
    ///
    /// # Errors
    ///
    /// Same as [`start`](Builder::start).
    pub fn start_blocking(self) -> io::Result<Emulator> {
        let options = self.server.clone();
        let (simulation, server) = Server::start_blocking(move || self.simulation(), options)?;
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
        let catalog = self.catalog.unwrap_or_else(|| Arc::clone(Catalog::embedded()));
        let simulation =
            Simulation::new(self.clock, transition, self.seed, self.keys, self.metadata, self.faults, catalog);
        let mut simulation = simulation.map_err(io::Error::other)?;
        // A wildcard address stands for every address, and not for every name.
        let addresses = self.server.hosts.iter().map(|host| host.address);
        addresses
            .filter(|address| !address.is_unspecified())
            .for_each(|address| self.hosts.allow(&address.to_string()));
        #[cfg(feature = "tls")]
        {
            simulation.tls = self.server.tls.is_some();
        }
        simulation.hosts = self.hosts;
        simulation.unsimulated = self.unsimulated;
        simulation.on_warning = self.on_warning;
        simulation.lenient = self.lenient;
        if let Some(region) = self.region {
            if simulation.catalog.region(&region).is_none() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("no region has the ID {region:?}")));
            }
            simulation.default_region = region;
        }
        if let Some(saved) = self.saved {
            simulation.start_with(saved).map_err(io::Error::other)?;
        }
        Ok(Arc::new(simulation))
    }
}

/// Omits keys and tokens.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("server", &self.server)
            .field("clock", &self.clock)
            .field("transition", &self.transition)
            .field("seed", &self.seed)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
