//! Keeps temporary credentials, and renews them once, however many ask.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use super::Credentials;
use crate::{
    TARGET,
    config::Config,
    error::{Error, Result},
    system::{BoxFuture, timeout},
};

/// Credentials are renewed this long before they end; earlier than a quarter of their life is never useful.
const EARLY: Duration = Duration::from_secs(15 * 60);

/// Credentials of which nobody knows the end are asked for again after this time.
const UNKNOWN: Duration = Duration::from_secs(5 * 60);

/// How long a caller waits for new credentials while the old ones are still good.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the old ones are used before renewing is tried again.
const PAUSE: Duration = Duration::from_secs(30);

/// The latest credentials of a source.
///
/// While they are good, callers get them at once; near their end one caller renews them and the others go on with the
/// old ones. Without good ones, one caller fetches and the others wait for what comes of it, success or failure. A
/// caller that goes away in the middle leaves its place to the next.
#[derive(Default)]
pub(super) struct Cache {
    state: Mutex<State>,
    /// Held by the caller that fetches.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Fetches that came to an end, so that who waited knows whether one did.
    fetches: u64,
    failure: Option<Error>,
}

#[derive(Clone)]
struct Held {
    credentials: Credentials,
    renew: SystemTime,
}

impl Held {
    fn new(credentials: Credentials, now: SystemTime) -> Self {
        let renew = match credentials.expires() {
            Some(end) => {
                let life = end.duration_since(now).unwrap_or_default();
                end - EARLY.min(life / 4)
            }
            None => now + UNKNOWN,
        };
        Self { credentials, renew }
    }
}

impl Cache {
    /// Gives what is held, or what `fetch` gives; `fetch` is not polled when it is not needed.
    ///
    /// The future is boxed here, so that it is compiled once and not with each source.
    pub(super) fn get<'a>(
        &'a self,
        config: &'a Config,
        fetch: BoxFuture<'a, Result<Credentials>>,
    ) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(self.get_or_fetch(config, fetch))
    }

    async fn get_or_fetch(&self, config: &Config, fetch: BoxFuture<'_, Result<Credentials>>) -> Result<Credentials> {
        let (held, fetches) = self.good(config.now());
        if let Some(old) = held {
            if config.now() < old.renew {
                return Ok(old.credentials);
            }
            return Ok(self.renew(config, old, fetch).await);
        }
        let _turn = self.turn.lock().await;
        let (held, ended) = self.good(config.now());
        if let Some(held) = held {
            return Ok(held.credentials);
        }
        if ended != fetches
            && let Some(failure) = &self.state().failure
        {
            return Err(Error::new(failure.kind(), failure.message()));
        }
        let outcome = fetch.await;
        self.store(outcome.as_ref(), config.now());
        outcome
    }

    /// Renews credentials that are still good, if nobody else does. Failing changes nothing: the old ones stay.
    async fn renew(&self, config: &Config, old: Held, fetch: BoxFuture<'_, Result<Credentials>>) -> Credentials {
        let Ok(_turn) = self.turn.try_lock() else { return old.credentials };
        if let (Some(held), _) = self.good(config.now())
            && config.now() < held.renew
        {
            return held.credentials;
        }
        // Set before the attempt, so that one that is dropped half-way pauses too.
        if let Some(held) = &mut self.state().held {
            held.renew = config.now() + PAUSE;
        }
        match timeout(config.system(), PATIENCE, fetch).await {
            Some(Ok(new)) => {
                self.store(Ok(&new), config.now());
                new
            }
            Some(Err(error)) => {
                tracing::warn!(target: TARGET, %error, "credentials could not be renewed; the old ones are used until they end");
                old.credentials
            }
            None => {
                tracing::warn!(target: TARGET, "renewing credentials took too long; the old ones are used until they end");
                old.credentials
            }
        }
    }

    /// Forgets credentials that a service rejected, unless newer ones are held.
    pub(super) fn invalidate(&self, rejected: &Credentials) {
        let mut state = self.state();
        if state.held.as_ref().is_some_and(|held| held.credentials.is_same(rejected)) {
            state.held = None;
        }
    }

    fn good(&self, now: SystemTime) -> (Option<Held>, u64) {
        let state = self.state();
        (state.held.clone().filter(|held| held.credentials.is_valid(now)), state.fetches)
    }

    fn store(&self, outcome: Result<&Credentials, &Error>, now: SystemTime) {
        let mut state = self.state();
        state.fetches += 1;
        match outcome {
            Ok(credentials) => {
                state.held = Some(Held::new(credentials.clone(), now));
                state.failure = None;
            }
            Err(error) => state.failure = Some(Error::new(error.kind(), error.message())),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("held", &self.state().held.as_ref().map(|held| &held.credentials)).finish()
    }
}
