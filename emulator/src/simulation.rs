//! The state of a running emulator: its clock, the account, keys, faults and the request log.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::{Duration, OffsetDateTime};

use crate::{
    auth::Keyring,
    catalog::regions::Regions,
    clock::Clock,
    faults::{Faults, Plan},
    metadata::Metadata,
    request::Request,
    specs::Specs,
    state::State,
};

/// Number of requests kept in the log: enough for a test, and bounded for an emulator that runs for days.
const MAX_LOGGED_REQUESTS: usize = 10_000;

/// State shared by the server and the owner of an emulator.
pub(crate) struct Simulation {
    pub(crate) clock: Clock,
    /// Duration of a state such as `Starting`.
    pub(crate) transition: Duration,
    pub(crate) specs: &'static Specs,
    inner: Mutex<Inner>,
}

/// The part that changes.
pub(crate) struct Inner {
    pub(crate) state: State,
    pub(crate) keys: Keyring,
    pub(crate) metadata: Metadata,
    pub(crate) requests: VecDeque<Request>,
    pub(crate) plan: Plan,
}

impl Simulation {
    /// Creates an account that has only its default networks.
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
    ) -> Result<Self, String> {
        let specs = Specs::embedded()?;
        let state = State::new(Regions::of(specs), seed, OffsetDateTime::from(clock.now()));
        let inner = Mutex::new(Inner { state, keys, metadata, requests: VecDeque::new(), plan: Plan::new(faults) });
        Ok(Simulation { clock, transition, specs, inner })
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from(self.clock.now())
    }

    /// Locks the part that changes, and brings it up to the current time.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.state.settle(self.now());
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
