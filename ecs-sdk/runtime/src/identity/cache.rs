//! Caches temporary credentials, and refreshes them once, however many callers there are.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use super::{context::Context, credentials::Credentials};
use crate::{
    error::{Error, Result},
    system::{BoxFuture, timeout},
    trace::TARGET,
};

/// How long before their expiry credentials are refreshed. 15 minutes is the shortest lifetime that STS issues, and time
/// for many attempts while the provider is down.
const REFRESH_MARGIN: Duration = Duration::from_secs(15 * 60);

/// How long a caller waits for new credentials while the cached ones are valid: a refresh takes well under a second, and
/// a call should not take much longer because of a provider that hangs.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the cached credentials are used after a failed refresh before the next one: 30 refreshes fit into the margin,
/// and a provider in trouble is not flooded.
const REFRESH_BACKOFF: Duration = Duration::from_secs(30);

/// How long credentials of unknown expiry are cached: a program or file that rotates them is noticed soon.
const MAX_AGE_OF_UNKNOWN_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// When temporary credentials are refreshed, and what happens while that fails.
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::credentials::{EcsRamRole, Refresh};
///
/// let refresh = Refresh::new().margin(Duration::from_secs(30 * 60)).backoff(Duration::from_secs(60));
/// let role = EcsRamRole::builder().refresh(refresh).build();
/// # let _ = role;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "it does nothing until a builder takes it"]
pub struct Refresh {
    margin: Duration,
    timeout: Duration,
    backoff: Duration,
}

impl Default for Refresh {
    fn default() -> Self {
        Self { margin: REFRESH_MARGIN, timeout: REFRESH_TIMEOUT, backoff: REFRESH_BACKOFF }
    }
}

impl Refresh {
    /// Creates the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long before their expiry credentials are refreshed; 15 minutes by default. It is never more than a
    /// quarter of their lifetime.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// Sets how long a caller waits for new credentials while the cached ones are still valid; 5 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how long the cached credentials are used after a failed refresh before the next one; 30 s by default.
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.backoff = backoff;
        self
    }
}

/// The latest credentials of a provider.
///
/// While they are valid, callers get them at once; near their expiry one caller refreshes them and the others go on with
/// the cached ones. Without valid ones, one caller fetches and the others wait for its result, success or failure. If that
/// caller is cancelled, the next one takes its place.
#[derive(Default)]
pub(crate) struct Cache {
    refresh: Refresh,
    state: Mutex<State>,
    /// Held by the caller that fetches.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    /// Number of finished fetches, so that callers that waited know whether there was one meanwhile.
    fetches: u64,
    failure: Option<Error>,
}

#[derive(Clone)]
struct Cached {
    credentials: Credentials,
    refresh_at: SystemTime,
}

impl Cached {
    fn new(credentials: Credentials, refresh: Refresh, now: SystemTime) -> Self {
        let refresh_at = match credentials.expires() {
            Some(expires) => {
                let lifetime = expires.duration_since(now).unwrap_or_default();
                expires - refresh.margin.min(lifetime / 4)
            }
            None => now + MAX_AGE_OF_UNKNOWN_EXPIRY,
        };
        Self { credentials, refresh_at }
    }
}

impl Cache {
    pub(crate) fn new(refresh: Refresh) -> Self {
        Self { refresh, ..Self::default() }
    }

    /// Returns the cached credentials or those of `fetch`, which is not polled when it is not needed.
    ///
    /// The future is boxed here, so that it is compiled once and not with each provider.
    pub(crate) fn get<'a>(
        &'a self,
        context: &'a Context,
        fetch: BoxFuture<'a, Result<Credentials>>,
    ) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(self.get_or_fetch(context, fetch))
    }

    async fn get_or_fetch(&self, context: &Context, fetch: BoxFuture<'_, Result<Credentials>>) -> Result<Credentials> {
        let (cached, fetches) = self.valid(context.now());
        if let Some(cached) = cached {
            if context.now() < cached.refresh_at {
                return Ok(cached.credentials);
            }
            return Ok(self.refresh(context, cached, fetch).await);
        }
        let _turn = self.turn.lock().await;
        let (cached, finished) = self.valid(context.now());
        if let Some(cached) = cached {
            return Ok(cached.credentials);
        }
        if finished != fetches
            && let Some(failure) = &self.state().failure
        {
            return Err(Error::new(failure.kind(), failure.message()));
        }
        let result = fetch.await;
        self.store(result.as_ref(), context.now());
        result
    }

    /// Refreshes credentials that are still valid, unless another caller does. A failure leaves the cached ones in place.
    async fn refresh(&self, context: &Context, old: Cached, fetch: BoxFuture<'_, Result<Credentials>>) -> Credentials {
        let Ok(_turn) = self.turn.try_lock() else { return old.credentials };
        if let (Some(cached), _) = self.valid(context.now())
            && context.now() < cached.refresh_at
        {
            return cached.credentials;
        }
        // Set before the attempt, so that a cancelled one backs off too.
        if let Some(cached) = &mut self.state().cached {
            cached.refresh_at = context.now() + self.refresh.backoff;
        }
        match timeout(context.system(), self.refresh.timeout, fetch).await {
            Some(Ok(new)) => {
                self.store(Ok(&new), context.now());
                new
            }
            Some(Err(error)) => {
                // Messages of services may repeat values; kinds and codes do not.
                let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()).unwrap_or(&error);
                tracing::warn!(
                    target: TARGET,
                    kind = ?cause.kind(),
                    code = cause.code(),
                    status = cause.http_status(),
                    request_id = cause.request_id(),
                    "credentials could not be refreshed; the cached ones are used until they expire"
                );
                old.credentials
            }
            None => {
                tracing::warn!(
                    target: TARGET,
                    "refreshing credentials took too long; the cached ones are used until they expire"
                );
                old.credentials
            }
        }
    }

    /// Discards credentials that a service rejected, unless newer ones are cached.
    pub(crate) fn invalidate(&self, rejected: &Credentials) {
        let mut state = self.state();
        if state.cached.as_ref().is_some_and(|cached| cached.credentials.is_same(rejected)) {
            state.cached = None;
        }
    }

    fn valid(&self, now: SystemTime) -> (Option<Cached>, u64) {
        let state = self.state();
        (state.cached.clone().filter(|cached| cached.credentials.is_valid(now)), state.fetches)
    }

    fn store(&self, result: Result<&Credentials, &Error>, now: SystemTime) {
        let mut state = self.state();
        state.fetches += 1;
        match result {
            Ok(credentials) => {
                state.cached = Some(Cached::new(credentials.clone(), self.refresh, now));
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
        f.debug_struct("Cache")
            .field("cached", &self.state().cached.as_ref().map(|cached| &cached.credentials))
            .finish()
    }
}
