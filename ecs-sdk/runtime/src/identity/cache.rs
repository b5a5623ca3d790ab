//! Caches temporary credentials and refreshes them once, regardless of the number of concurrent callers.

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

/// Time before expiry at which credentials are refreshed. 15 minutes is the shortest lifetime that STS issues,
/// and leaves time for many attempts while the provider is down.
const REFRESH_MARGIN: Duration = Duration::from_secs(15 * 60);

/// How long a caller waits for a refresh while the cached credentials are valid. A refresh usually takes far less than
/// a second, and a hanging provider should not delay a call for much longer.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(5);

/// Delay between a failed refresh and the next one. 30 refreshes fit into the margin, and a provider in trouble is not
/// flooded.
const REFRESH_BACKOFF: Duration = Duration::from_secs(30);

/// How long credentials without an expiry time are cached. Short enough to notice soon when a program or file rotates
/// them.
const MAX_AGE_WITHOUT_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// Controls when temporary credentials are refreshed, and what happens when a refresh fails.
///
/// Every provider that caches credentials takes these settings in its builder:
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
#[must_use = "settings do nothing until they are passed to a builder"]
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
    /// Creates the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the time before expiry at which credentials are refreshed; 15 minutes by default.
    ///
    /// If this is more than a quarter of the credentials' lifetime, they are refreshed when a quarter is left.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// Sets how long a caller waits for a refresh while the cached credentials are still valid; 5 seconds by default.
    ///
    /// After that time the call continues with the cached credentials.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the delay between a failed refresh and the next one; 30 seconds by default.
    ///
    /// Meanwhile, calls use the cached credentials.
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.backoff = backoff;
        self
    }
}

/// The latest credentials of a provider.
///
/// While they are valid, callers get them immediately. Near their expiry, one caller refreshes them and the others
/// continue with the cached ones. If there are no valid credentials, one caller fetches new ones and the others wait
/// for its result, whether success or failure. If that caller is canceled, the next one takes its place.
#[derive(Default)]
pub(crate) struct Cache {
    refresh: Refresh,
    state: Mutex<State>,
    /// Held by the caller that fetches credentials.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    /// Number of finished fetches. Callers that waited compare it to detect that one finished in the meantime.
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
            None => now + MAX_AGE_WITHOUT_EXPIRY,
        };
        Self { credentials, refresh_at }
    }
}

impl Cache {
    pub(crate) fn new(refresh: Refresh) -> Self {
        Self { refresh, ..Self::default() }
    }

    /// Returns the cached credentials, or those returned by `fetch`, which is polled only when needed.
    ///
    /// The future is boxed here so that it is compiled once rather than for every provider.
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

    /// Refreshes credentials that are still valid, unless another caller is doing so. After a failure, the cached ones
    /// remain in use.
    async fn refresh(&self, context: &Context, old: Cached, fetch: BoxFuture<'_, Result<Credentials>>) -> Credentials {
        let Ok(_turn) = self.turn.try_lock() else { return old.credentials };
        if let (Some(cached), _) = self.valid(context.now())
            && context.now() < cached.refresh_at
        {
            return cached.credentials;
        }
        // Set before the attempt, so that a canceled attempt backs off too.
        if let Some(cached) = &mut self.state().cached {
            cached.refresh_at = context.now() + self.refresh.backoff;
        }
        match timeout(context.system(), self.refresh.timeout, fetch).await {
            Some(Ok(new)) => {
                self.store(Ok(&new), context.now());
                new
            }
            Some(Err(error)) => {
                // Error messages of services may contain values of the request; kinds and codes never do.
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
