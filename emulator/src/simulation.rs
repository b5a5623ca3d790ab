//! The state of a running emulator: its clock, the accounts, keys, faults and the request log.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use time::{Duration, OffsetDateTime};

use crate::{
    auth::Keyring,
    canned::CannedResponses,
    catalog::{Catalog, Market},
    clock::Clock,
    faults::{Faults, Plan},
    hosts::Hosts,
    ids::Ids,
    metadata::Metadata,
    request::Log,
    specs::Specs,
    state::{ACCOUNT, State},
    tally::Tally,
    unsimulated::Unsimulated,
};

/// A function that receives warnings.
pub(crate) type OnWarning = Arc<dyn Fn(&str) + Send + Sync>;

/// State shared by the server and the owner of an emulator.
pub(crate) struct Simulation {
    pub(crate) clock: Clock,
    pub(crate) specs: &'static Specs,
    pub(crate) catalog: Arc<Catalog>,
    /// Whether images, instance types and other references are taken that do not exist.
    pub(crate) lenient: bool,
    /// Hosts of the control interface and of the metadata service.
    pub(crate) hosts: Hosts,
    /// Response to calls of operations that are not simulated.
    pub(crate) unsimulated: Unsimulated,
    /// Whether the server accepts TLS.
    pub(crate) tls: bool,
    /// Receives warnings.
    pub(crate) on_warning: Option<OnWarning>,
    start: Start,
    inner: Mutex<Inner>,
}

/// What a reset restores.
struct Start {
    seed: u64,
    metadata: Metadata,
    faults: Faults,
    transition: Duration,
}

/// The part that changes.
pub(crate) struct Inner {
    pub(crate) accounts: Accounts,
    pub(crate) keys: Keyring,
    pub(crate) metadata: Metadata,
    pub(crate) requests: Log,
    pub(crate) tally: Tally,
    pub(crate) canned: CannedResponses,
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

    /// Returns an account to change it, and the others to look at what they share.
    pub(crate) fn split(&mut self, account: &str) -> Option<(&mut State, Vec<&State>)> {
        self.state(account);
        let mut own = None;
        let mut others = Vec::new();
        for (id, state) in &mut self.states {
            if id == account {
                own = Some(state);
            } else {
                others.push(&*state);
            }
        }
        own.map(|own| (own, others))
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
        let start = Start { seed, metadata: metadata.clone(), faults: faults.clone(), transition };
        let inner = Inner {
            accounts: Accounts::new(seed),
            keys,
            metadata,
            requests: Log::default(),
            tally: Tally::default(),
            canned: CannedResponses::default(),
            plan: Plan::new(faults),
            market: Market::default(),
            transition,
            ids: Ids::new(!seed),
        };
        Ok(Simulation {
            clock,
            specs,
            catalog,
            hosts: Hosts::default(),
            unsimulated: Unsimulated::Refuse,
            lenient: false,
            tls: false,
            on_warning: None,
            start,
            inner: Mutex::new(inner),
        })
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from(self.clock.now())
    }

    /// Returns the time that clients have; see [`Clock::real_now`].
    pub(crate) fn real_now(&self) -> OffsetDateTime {
        OffsetDateTime::from(self.clock.real_now())
    }

    /// Locks the part that changes, and brings it up to the current time.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.accounts.settle(self.now());
        inner
    }

    /// Returns to the state after the start. Access keys stay valid, temporary ones included, so that clients which hold
    /// some can go on.
    pub(crate) fn reset(&self) {
        let mut inner = self.lock();
        self.clock.rewind();
        inner.accounts = Accounts::new(self.start.seed);
        inner.transition = self.start.transition;
        inner.metadata = self.start.metadata.clone();
        inner.plan = Plan::new(self.start.faults.clone());
        drop(inner.requests.take());
        inner.tally = Tally::default();
        inner.canned.clear();
    }

    /// Whether a fault closes a new connection.
    pub(crate) fn refuses(&self) -> bool {
        self.lock().plan.refuses()
    }
}
