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
    command_results::CommandResults,
    faults::{Faults, Plan},
    hosts::Hosts,
    ids::Ids,
    metadata::Metadata,
    request::Log,
    saved::{self, SavedState, StateError},
    specs::Specs,
    state::{ACCOUNT, State},
    tally::Tally,
    unsimulated::Unsimulated,
};

/// A function that receives warnings.
pub(crate) type OnWarning = Arc<dyn Fn(&str) + Send + Sync>;

/// Region of calls that name none, unless the builder sets another.
pub(crate) const DEFAULT_REGION: &str = "cn-hangzhou";

/// State shared by the server and the owner of an emulator.
pub(crate) struct Simulation {
    pub(crate) clock: Clock,
    pub(crate) specs: &'static Specs,
    pub(crate) catalog: Arc<Catalog>,
    /// Region of calls that name none.
    pub(crate) default_region: String,
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

/// The state that a reset restores.
struct Start {
    seed: u64,
    metadata: Metadata,
    faults: Faults,
    transition: Duration,
    saved: Option<SavedState>,
}

/// The part that changes.
pub(crate) struct Inner {
    pub(crate) accounts: Accounts,
    pub(crate) keys: Keyring,
    pub(crate) metadata: Metadata,
    pub(crate) requests: Log,
    pub(crate) tally: Tally,
    pub(crate) canned: CannedResponses,
    /// Results of commands that a test has set.
    pub(crate) commands: CommandResults,
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

    /// Returns all accounts that were used.
    pub(crate) fn all(&self) -> &BTreeMap<String, State> {
        &self.states
    }

    /// Returns all accounts that were used, to change them.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut State> {
        self.states.values_mut()
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
        let start = Start { seed, metadata: metadata.clone(), faults: faults.clone(), transition, saved: None };
        let inner = Inner {
            accounts: Accounts::new(seed),
            keys,
            metadata,
            requests: Log::default(),
            tally: Tally::default(),
            canned: CannedResponses::default(),
            commands: CommandResults::default(),
            plan: Plan::new(faults),
            market: Market::default(),
            transition,
            ids: Ids::new(!seed),
        };
        Ok(Simulation {
            clock,
            specs,
            catalog,
            default_region: DEFAULT_REGION.to_owned(),
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
        self.clock.set_ahead(std::time::Duration::ZERO);
        inner.accounts = Accounts::new(self.start.seed);
        inner.market = Market::default();
        if let Some(saved) = &self.start.saved {
            // It was loaded before, at the start.
            let _ = self.load_into(&mut inner, saved);
        }
        inner.transition = self.start.transition;
        inner.metadata = self.start.metadata.clone();
        inner.plan = Plan::new(self.start.faults.clone());
        drop(inner.requests.take());
        inner.tally = Tally::default();
        inner.canned.clear();
        inner.commands.clear();
    }

    /// Returns all resources and what belongs to them, in the form in which they are saved.
    pub(crate) fn save(&self) -> SavedState {
        let inner = self.lock();
        SavedState::of(self.clock.ahead(), &inner.market, inner.accounts.all())
    }

    /// Replaces all resources and what belongs to them by a saved state.
    ///
    /// # Errors
    ///
    /// Returns an error, and changes nothing, if the state cannot be loaded.
    pub(crate) fn load(&self, saved: &SavedState) -> Result<(), StateError> {
        self.load_into(&mut self.lock(), saved)
    }

    /// Loads the state that the emulator starts with, and to which a reset returns.
    ///
    /// # Errors
    ///
    /// Same as [`load`](Self::load).
    pub(crate) fn start_with(&mut self, saved: SavedState) -> Result<(), StateError> {
        self.load(&saved)?;
        self.start.saved = Some(saved);
        Ok(())
    }

    fn load_into(&self, inner: &mut Inner, saved: &SavedState) -> Result<(), StateError> {
        let before = self.clock.ahead();
        self.clock.set_ahead(saved.ahead());
        let states = saved.states(inner.accounts.seed, self.now()).and_then(|states| {
            saved::check_regions(&states, &self.catalog)?;
            Ok(states)
        });
        match states {
            Ok(states) => {
                inner.accounts.states = states;
                inner.market = saved.market.clone();
                Ok(())
            }
            Err(error) => {
                self.clock.set_ahead(before);
                Err(error)
            }
        }
    }

    /// Whether a fault closes a new connection.
    pub(crate) fn refuses(&self) -> bool {
        self.lock().plan.refuses()
    }
}
