//! Retry policies: whether a failed attempt is retried, and after what delay.
//!
//! By default, transient failures (broken connections, timeouts, throttling, HTTP status 500 and above) are retried
//! with exponential backoff, up to three attempts in all, if a retry [cannot execute anything
//! twice](#which-calls-are-retried). To change that, set a [`RetryPolicy`], which is combined from small ones, for a
//! client or for a single call:
//!
//! ```
//! use std::time::Duration;
//! use ecs_sdk::{
//!     CallOptions, Client,
//!     retry::{FullJitter, Never, RetryPolicy},
//! };
//!
//! # fn main() -> ecs_sdk::Result<()> {
//! let patient = FullJitter::default().max_attempts(8).max_elapsed(Duration::from_secs(60));
//! let client = Client::builder().retry(patient).build()?;
//!
//! let once = CallOptions::new().retry(Never);
//! # let _ = (client, once);
//! # Ok(())
//! # }
//! ```
//!
//! An `Arc` or `Box` of a policy is also a policy, so a program can choose one at run time:
//!
//! ```
//! use std::sync::Arc;
//! use ecs_sdk::{
//!     Client,
//!     retry::{FullJitter, Never, RetryPolicy},
//! };
//!
//! fn policy(retries: u32) -> Arc<dyn RetryPolicy> {
//!     match retries {
//!         0 => Arc::new(Never),
//!         _ => Arc::new(FullJitter::default().max_attempts(1 + retries)),
//!     }
//! }
//!
//! # fn main() -> ecs_sdk::Result<()> {
//! let client = Client::builder().retry(policy(4)).build()?;
//! # Ok(())
//! # }
//! ```
//!
//! In addition to the policy, all calls of a client share a [`RetryBudget`], which stops retries from piling up when
//! the service is down: each retry spends tokens, each success returns some.
//!
//! # Which calls are retried
//!
//! - Operations that only read, and requests with a `ClientToken`, are retried after every transient failure. If an
//!   operation takes a `ClientToken` and you do not set one, the SDK generates it.
//! - All other calls are retried only if the service certainly did not execute the request, because it throttled the
//!   request or could not be reached.
//!
//! The page of each operation that is not read-only states which of these applies. Your own policy can
//! decide otherwise; [`FailedAttempt::is_safe_to_retry`] returns whether a retry is safe.

mod budget;

use std::{fmt, sync::Arc, time::Duration};

pub use self::budget::RetryBudget;
pub(crate) use self::budget::TokenBucket;

use crate::{
    error::{Error, ErrorKind},
    system::{System, fraction},
};

/// A failed attempt, as seen by a [`RetryPolicy`].
pub struct FailedAttempt<'a> {
    error: &'a Error,
    number: u32,
    elapsed: Duration,
    idempotent: bool,
    system: &'a dyn System,
}

impl<'a> FailedAttempt<'a> {
    pub(crate) fn new(
        error: &'a Error,
        number: u32,
        elapsed: Duration,
        idempotent: bool,
        system: &'a dyn System,
    ) -> Self {
        Self { error, number, elapsed, idempotent, system }
    }

    /// Returns the error of the attempt.
    pub fn error(&self) -> &'a Error {
        self.error
    }

    /// Returns the number of the attempt within its call, counted from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the time since the call began.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns whether a retry is safe, which means that it cannot execute the operation twice. This is the case if the
    /// operation only reads, if the request has a `ClientToken`, or if the service certainly did not execute the
    /// request, because it throttled the request or could not be reached.
    pub fn is_safe_to_retry(&self) -> bool {
        let never_sent =
            matches!(self.error.kind(), ErrorKind::Transport | ErrorKind::Timeout) && !self.error.is_maybe_executed();
        self.idempotent || self.error.is_throttling() || never_sent
    }

    /// Returns a random number between 0 (inclusive) and 1 (exclusive) from the client's [`System`], for jitter.
    pub fn random(&self) -> f64 {
        fraction(self.system)
    }
}

impl fmt::Debug for FailedAttempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailedAttempt")
            .field("error", &self.error)
            .field("number", &self.number)
            .field("elapsed", &self.elapsed)
            .field("is_safe_to_retry", &self.is_safe_to_retry())
            .finish_non_exhaustive()
    }
}

/// Decides whether a failed attempt is retried.
///
/// Most policies are [`FullJitter`] with limits. Your own can implement any schedule:
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::{
///     Client,
///     retry::{FailedAttempt, RetryPolicy},
/// };
///
/// /// Retries every second.
/// #[derive(Debug)]
/// struct EverySecond;
///
/// impl RetryPolicy for EverySecond {
///     fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
///         let retry = failed.error().is_retryable() && failed.is_safe_to_retry();
///         retry.then_some(Duration::from_secs(1))
///     }
/// }
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let client = Client::builder().retry(EverySecond.max_attempts(10)).build()?;
/// # Ok(())
/// # }
/// ```
pub trait RetryPolicy: fmt::Debug + Send + Sync + 'static {
    /// Returns the delay before the next attempt, or `None` to give up. The call then fails with the error of this
    /// attempt.
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration>;

    /// Gives up after `attempts` attempts, counting the first. 0 is treated as 1.
    ///
    /// ```
    /// use ecs_sdk::retry::{FullJitter, RetryPolicy};
    ///
    /// // The first attempt and up to four retries.
    /// let policy = FullJitter::default().max_attempts(5);
    /// # let _ = policy;
    /// ```
    #[must_use = "it returns the limited policy"]
    fn max_attempts(self, attempts: u32) -> MaxAttempts<Self>
    where
        Self: Sized,
    {
        MaxAttempts { policy: self, attempts }
    }

    /// Gives up if the next attempt would start more than `elapsed` after the call started.
    ///
    /// ```
    /// use std::time::Duration;
    /// use ecs_sdk::retry::{FullJitter, RetryPolicy};
    ///
    /// let policy = FullJitter::default().max_elapsed(Duration::from_secs(60));
    /// # let _ = policy;
    /// ```
    #[must_use = "it returns the limited policy"]
    fn max_elapsed(self, elapsed: Duration) -> MaxElapsed<Self>
    where
        Self: Sized,
    {
        MaxElapsed { policy: self, elapsed }
    }

    /// Retries only failures for which `condition` returns `true`.
    ///
    /// ```
    /// use ecs_sdk::retry::{FullJitter, RetryPolicy};
    ///
    /// let policy = FullJitter::default()
    ///     .only_if(|failed| failed.error().is_throttling())
    ///     .max_attempts(5);
    /// # let _ = policy;
    /// ```
    #[must_use = "it returns the limited policy"]
    fn only_if<F>(self, condition: F) -> OnlyIf<Self, F>
    where
        Self: Sized,
        F: Fn(&FailedAttempt<'_>) -> bool + Send + Sync + 'static,
    {
        OnlyIf { policy: self, condition }
    }

    /// Falls back to another policy for failures on which this one gives up.
    ///
    /// ```
    /// use std::time::Duration;
    /// use ecs_sdk::retry::{self, FullJitter, RetryPolicy};
    ///
    /// // Up to 10 attempts with long delays while the service throttles.
    /// let throttled = FullJitter::default()
    ///     .base_delay(Duration::from_secs(2))
    ///     .only_if(|failed| failed.error().is_throttling())
    ///     .max_attempts(10);
    /// // The standard policy for all other failures.
    /// let policy = throttled.or(retry::standard());
    /// # let _ = policy;
    /// ```
    #[must_use = "it returns the combined policy"]
    fn or<P: RetryPolicy>(self, other: P) -> Or<Self, P>
    where
        Self: Sized,
    {
        Or { first: self, second: other }
    }
}

impl<P: RetryPolicy + ?Sized> RetryPolicy for Arc<P> {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        (**self).next(failed)
    }
}

impl<P: RetryPolicy + ?Sized> RetryPolicy for Box<P> {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        (**self).next(failed)
    }
}

/// Returns the default policy: [`FullJitter`], limited to 3 attempts.
#[must_use = "a policy does nothing until a client or call takes it"]
pub fn standard() -> impl RetryPolicy {
    FullJitter::default().max_attempts(3)
}

/// The standard policy for servers that may not exist: retries only if the server was reached and did not time out.
pub(crate) fn reached() -> impl RetryPolicy {
    FullJitter::default().only_if(|failed| is_reached(failed.error())).max_attempts(3)
}

/// Whether a server was reached: it responded, or a connection to it broke.
pub(crate) fn is_reached(error: &Error) -> bool {
    !error.is_timeout() && (error.kind() == ErrorKind::Service || error.is_maybe_executed())
}

/// Never retries.
///
/// ```
/// use ecs_sdk::{CallOptions, retry::Never};
///
/// let once = CallOptions::new().retry(Never);
/// # let _ = once;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Never;

impl RetryPolicy for Never {
    fn next(&self, _failed: &FailedAttempt<'_>) -> Option<Duration> {
        None
    }
}

/// Retries transient failures that are safe to retry. Never gives up by itself; combine it with
/// [`max_attempts`](RetryPolicy::max_attempts) or [`max_elapsed`](RetryPolicy::max_elapsed).
///
/// Each delay is chosen uniformly between zero and a cap that doubles with every attempt (full jitter). If the service
/// asks for a delay (`x-acs-retry-after`), that delay is used, up to the largest cap.
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::retry::{FullJitter, RetryPolicy};
///
/// // Delays up to 0.5 s, 1 s, 2 s, 4 s, 5 s, 5 s, …, for at most 2 minutes.
/// let policy = FullJitter::default()
///     .base_delay(Duration::from_millis(500))
///     .max_delay(Duration::from_secs(5))
///     .max_elapsed(Duration::from_secs(120));
/// # let _ = policy;
/// ```
#[must_use = "a policy does nothing until a client or call takes it"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullJitter {
    base: Duration,
    max: Duration,
}

impl Default for FullJitter {
    fn default() -> Self {
        // 200 ms exceed the usual round trip to a region. 20 s are the longest delay of the AWS SDKs too.
        Self { base: Duration::from_millis(200), max: Duration::from_secs(20) }
    }
}

impl FullJitter {
    /// Sets the cap of the first delay; the default is 200 ms.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base = delay;
        self
    }

    /// Sets the largest cap, and thus the longest possible delay; the default is 20 s.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max = delay;
        self
    }
}

impl RetryPolicy for FullJitter {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        if !failed.error.is_retryable() || !failed.is_safe_to_retry() {
            return None;
        }
        Some(match failed.error.retry_after() {
            Some(wait) => wait.min(self.max),
            None => {
                let doubled = self.base.saturating_mul(1 << (failed.number - 1).min(16));
                doubled.min(self.max).mul_f64(failed.random())
            }
        })
    }
}

/// A policy limited to a number of attempts, created by [`RetryPolicy::max_attempts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaxAttempts<P> {
    policy: P,
    attempts: u32,
}

impl<P: RetryPolicy> RetryPolicy for MaxAttempts<P> {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        (failed.number < self.attempts).then(|| self.policy.next(failed)).flatten()
    }
}

/// A policy limited to a duration, created by [`RetryPolicy::max_elapsed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaxElapsed<P> {
    policy: P,
    elapsed: Duration,
}

impl<P: RetryPolicy> RetryPolicy for MaxElapsed<P> {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        self.policy.next(failed).filter(|wait| failed.elapsed.saturating_add(*wait) <= self.elapsed)
    }
}

/// A policy with a condition, created by [`RetryPolicy::only_if`].
#[derive(Clone)]
pub struct OnlyIf<P, F> {
    policy: P,
    condition: F,
}

impl<P: fmt::Debug, F> fmt::Debug for OnlyIf<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnlyIf").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl<P: RetryPolicy, F: Fn(&FailedAttempt<'_>) -> bool + Send + Sync + 'static> RetryPolicy for OnlyIf<P, F> {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        (self.condition)(failed).then(|| self.policy.next(failed)).flatten()
    }
}

/// A policy with a fallback, created by [`RetryPolicy::or`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Or<A, B> {
    first: A,
    second: B,
}

impl<A: RetryPolicy, B: RetryPolicy> RetryPolicy for Or<A, B> {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        self.first.next(failed).or_else(|| self.second.next(failed))
    }
}
