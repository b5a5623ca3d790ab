//! The state of a running emulator: its clock, the accounts, keys, faults and the request log.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use time::{Duration, OffsetDateTime};

use crate::{
    auth::Keyring,
    catalog::{Catalog, Market},
    clock::Clock,
    faults::{Faults, Plan},
    ids::Ids,
    metadata::Metadata,
    request::Request,
    specs::Specs,
    state::{ACCOUNT, State},
};

/// Number of requests kept in the log: enough for a test, and bounded for an emulator that runs for days.
const MAX_LOGGED_REQUESTS: usize = 10_000;

/// State shared by the server and the owner of an emulator.
pub(crate) struct Simulation {
    pub(crate) clock: Clock,
    pub(crate) specs: &'static Specs,
    pub(crate) catalog: Arc<Catalog>,
    inner: Mutex<Inner>,
}

/// The part that changes.
pub(crate) struct Inner {
    pub(crate) accounts: Accounts,
    pub(crate) keys: Keyring,
    pub(crate) metadata: Metadata,
    pub(crate) requests: VecDeque<Request>,
    pub(crate) plan: Plan,
    /// Stock and prices that differ from the catalog.
    pub(crate) market: Market,
    /// Duration of a state such as `Starting`.
    pub(crate) transition: Duration,
    /// Generator of request IDs, tokens and temporary keys.
    pub(crate) ids: Ids,
}

/// The accounts. Each starts without resources when it is first used.
pub(crate) struct Accounts {
    seed: u64,
    states: BTreeMap<String, State>,
}

impl Accounts {
    /// Creates no account yet.
    pub(crate) fn new(seed: u64) -> Self {
        Accounts { seed, states: BTreeMap::new() }
    }

    /// Returns an account.
    pub(crate) fn state(&mut self, account: &str) -> &mut State {
        let seed = self.seed;
        self.states.entry(account.to_owned()).or_insert_with(|| State::new(account, seed))
    }

    /// Returns the account of keys that name none.
    pub(crate) fn home(&mut self) -> &mut State {
        self.state(ACCOUNT)
    }

    /// Applies all events that are due.
    fn settle(&mut self, now: OffsetDateTime) {
        self.states.values_mut().for_each(|state| state.settle(now));
    }
}

impl Simulation {
    /// Creates an emulator whose accounts have only their default networks.
    ///
    /// # Errors
    ///
    /// Returns an error if the embedded specs are invalid.
    pub(crate) fn new(
        clock: Clock,
        transition: Duration,
        seed: u64,
        keys: Keyring,
        metadata: Metadata,
        faults: Faults,
        catalog: Arc<Catalog>,
    ) -> Result<Self, String> {
        let specs = Specs::embedded()?;
        let inner = Inner {
            accounts: Accounts::new(seed),
            keys,
            metadata,
            requests: VecDeque::new(),
            plan: Plan::new(faults),
            market: Market::default(),
            transition,
            ids: Ids::new(!seed),
        };
        Ok(Simulation { clock, specs, catalog, inner: Mutex::new(inner) })
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from(self.clock.now())
    }

    /// Locks the part that changes, and brings it up to the current time.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.accounts.settle(self.now());
        inner
    }

    /// Whether a fault closes a new connection.
    pub(crate) fn refuses(&self) -> bool {
        self.lock().plan.refuses()
    }
}

impl Inner {
    /// Adds a request to the log; a full log drops its oldest one.
    pub(crate) fn log(&mut self, request: Request) {
        if self.requests.len() == MAX_LOGGED_REQUESTS {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }
}
