//! Caches temporary credentials and refreshes them once, regardless of the number of concurrent callers.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use super::{
    context::Context,
    credentials::{Credentials, failed},
};
use crate::{
    error::{Error, Result},
    single_flight::{Flight, Flights, Part},
    system::{BoxFuture, System, timeout},
    trace::TARGET,
};

/// Time before expiry at which credentials are refreshed. 15 minutes is the shortest lifetime that STS issues,
/// and leaves time for many attempts while the provider is down.
const REFRESH_MARGIN: Duration = Duration::from_secs(15 * 60);

/// How long a caller waits for a refresh while the cached credentials are valid. A refresh usually takes far less than
/// a second, and a hanging provider should not delay a call for much longer.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a caller waits for a refresh after the lifetime of the cached credentials. Longer than the requests of any
/// provider take, and shorter than calls wait for credentials: if a clock was wrong, the service may still accept them.
const EXPIRED_REFRESH_TIMEOUT: Duration = Duration::from_secs(30);

/// Delay between a failed refresh and the next one. 30 refreshes fit into the margin, and a provider in trouble is not
/// flooded.
const REFRESH_BACKOFF: Duration = Duration::from_secs(30);

/// How long credentials without an expiry time are cached. Short enough to notice soon when a program or file rotates
/// them. The same applies if the expiry time has passed, which shows only that a clock is wrong.
const MAX_AGE_WITHOUT_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// How long credentials are cached at least. A wrong clock can make any lifetime seem short, and the provider is not
/// flooded.
const MIN_AGE: Duration = Duration::from_secs(30);

/// How long credentials are cached at most. STS issues none with a longer lifetime, so a longer one is probably the
/// result of a wrong clock.
const MAX_AGE: Duration = Duration::from_secs(12 * 60 * 60);

/// Controls when temporary credentials are refreshed, and what happens when a refresh fails.
///
/// Every provider that caches credentials takes these settings in its builder:
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::credentials::{EcsRamRole, Refresh};
///
/// let refresh =
///     Refresh::new().margin(Duration::from_secs(30 * 60)).backoff(Duration::from_secs(60));
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
    /// After that time the call continues with the cached credentials, and a later call adopts the result of the
    /// refresh.
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

/// Fetches credentials for a cache.
pub(crate) trait Source: Send + Sync + 'static {
    /// Starts a fetch. The future owns all that it needs, because it may outlive the call that started it.
    fn start(self: Arc<Self>, context: Context) -> BoxFuture<'static, Result<Credentials>>;
}

/// The latest credentials of a provider.
///
/// While they are valid, callers get them immediately. Near their expiry, one caller waits for a refresh and the others
/// continue with the cached ones. If there are none, or if they have probably expired, all callers wait for the same
/// fetch and share its result, whether success or failure.
///
/// Lifetimes are counted on the monotonic clock, and credentials are never withheld because of a time: if a refresh
/// fails, the cached ones remain in use until the service rejects them.
#[derive(Default)]
pub(crate) struct Cache {
    refresh: Refresh,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    fetches: Flights<Result<Credentials>>,
}

type Fetch = Flight<Result<Credentials>>;

/// Credentials and, on the monotonic clock, when to refresh them and when they expire.
#[derive(Clone)]
struct Cached {
    credentials: Credentials,
    refresh_at: Duration,
    expires_at: Option<Duration>,
}

impl Cached {
    /// `started` is the time at which the fetch started.
    fn new(credentials: Credentials, started: Duration, refresh: Refresh, system: &dyn System) -> Self {
        let lifetime = credentials.lifetime(system.now()).filter(|lifetime| !lifetime.is_zero());
        let age = match lifetime {
            Some(lifetime) => (lifetime - refresh.margin.min(lifetime / 4)).clamp(MIN_AGE, MAX_AGE),
            None => MAX_AGE_WITHOUT_EXPIRY,
        };
        // Nobody may have waited for the response, so it may be older than it seems.
        let issued = if credentials.has_issue_time() { started } else { system.monotonic() };
        let expires_at = lifetime.map(|lifetime| issued.saturating_add(lifetime));
        Self { credentials, refresh_at: issued.saturating_add(age), expires_at }
    }

    fn is_expired(&self, now: Duration) -> bool {
        self.expires_at.is_some_and(|expires| expires <= now)
    }
}

impl Cache {
    pub(crate) fn new(refresh: Refresh) -> Self {
        Self { refresh, ..Self::default() }
    }

    /// Returns the cached credentials, or those that `source` returns.
    ///
    /// The future is boxed here so that it is compiled once rather than for every provider.
    pub(crate) fn get<'a>(
        &'a self,
        context: &'a Context,
        source: Arc<dyn Source>,
    ) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(self.get_or_fetch(context, source))
    }

    async fn get_or_fetch(&self, context: &Context, source: Arc<dyn Source>) -> Result<Credentials> {
        let system = context.system();
        let now = system.monotonic();
        let (cached, fetch, part) = loop {
            let (cached, fetch, part) = {
                let mut state = self.state();
                if let Some(cached) = state.cached.as_ref().filter(|cached| now < cached.refresh_at) {
                    return Ok(cached.credentials.clone());
                }
                let (fetch, part) = state.fetches.join_or_start(now, || source.clone().start(context.clone()));
                (state.cached.clone(), fetch, part)
            };
            if part != Part::Resumes || cached.as_ref().is_some_and(|cached| !cached.is_expired(now)) {
                break (cached, fetch, part);
            }
            // It may hang, or have old credentials, so another one follows unless they are usable.
            self.poll(&fetch, system);
            self.state().fetches.remove(&fetch);
        };
        let Some(cached) = cached else {
            return self.finish(&fetch, fetch.result().await, system);
        };
        let new = match part {
            _ if cached.is_expired(now) => self.wait(&fetch, EXPIRED_REFRESH_TIMEOUT, system).await,
            Part::Starts | Part::Resumes => self.wait(&fetch, self.refresh.timeout, system).await,
            Part::Joins => self.poll(&fetch, system),
        };
        if new.is_none() && part == Part::Resumes {
            self.state().fetches.remove(&fetch);
        }
        Ok(new.and_then(Result::ok).unwrap_or(cached.credentials))
    }

    /// Waits for a fetch within a time limit.
    async fn wait(&self, fetch: &Arc<Fetch>, limit: Duration, system: &dyn System) -> Option<Result<Credentials>> {
        let result = timeout(system, limit, fetch.result()).await;
        if result.is_none() {
            tracing::warn!(target: TARGET, "refreshing credentials is slow; calls continue with the cached ones");
        }
        result.map(|result| self.finish(fetch, result, system))
    }

    /// Continues a fetch without waiting, and stores the result if it has one.
    fn poll(&self, fetch: &Arc<Fetch>, system: &dyn System) -> Option<Result<Credentials>> {
        match fetch.poll() {
            Poll::Ready(result) => Some(self.finish(fetch, result, system)),
            Poll::Pending => None,
        }
    }

    /// Stores the result of a fetch, unless another caller has done so, and returns it.
    fn finish(
        &self,
        fetch: &Arc<Fetch>,
        result: Option<Result<Credentials>>,
        system: &dyn System,
    ) -> Result<Credentials> {
        let result = result.unwrap_or_else(|| Err(failed("the credentials provider panicked")));
        let mut state = self.state();
        if !state.fetches.remove(fetch) {
            return result;
        }
        match (&result, &mut state.cached) {
            (Ok(credentials), _) => {
                state.cached = Some(Cached::new(credentials.clone(), fetch.started(), self.refresh, system));
                // Those in other runtimes are no longer needed. They may belong to custom providers, so they are dropped
                // without the lock.
                let others = std::mem::take(&mut state.fetches);
                drop(state);
                drop(others);
            }
            (Err(error), Some(cached)) => {
                cached.refresh_at = fetch.started().saturating_add(self.refresh.backoff);
                // A subscriber of events may call this provider.
                drop(state);
                warn_of_failed_refresh(error);
            }
            (Err(_), None) => {}
        }
        result
    }

    /// Discards credentials that a service rejected, unless newer ones are cached.
    pub(crate) fn invalidate(&self, rejected: &Credentials) {
        let mut state = self.state();
        if state.cached.as_ref().is_some_and(|cached| cached.credentials.is_same(rejected)) {
            state.cached = None;
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

fn warn_of_failed_refresh(error: &Error) {
    // Error messages of services may contain values of the request; kinds and codes never do.
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()).unwrap_or(error);
    tracing::warn!(
        target: TARGET,
        kind = ?cause.kind(),
        code = cause.code(),
        status = cause.http_status(),
        request_id = cause.request_id(),
        "credentials could not be refreshed; calls continue with the cached ones"
    );
}
