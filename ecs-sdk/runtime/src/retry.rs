//! Retry policies: whether a failed attempt is retried, and after what delay.
//!
//! A [`RetryPolicy`] answers one question: how long to wait before the next attempt, or `None` to give up. Policies are
//! combined from small ones:
//!
//! ```
//! use std::time::Duration;
//! use ecs_sdk::{CallOptions, retry::{FullJitter, Never, RetryPolicy}};
//!
//! let patient = FullJitter::default().max_attempts(8).max_elapsed(Duration::from_secs(60));
//! let throttled_only = FullJitter::default().only_if(|failed| failed.error().is_throttling()).max_attempts(5);
//! # let _ = throttled_only;
//! let client = ecs_sdk::Client::builder().retry(patient).build()?;
//! let once = CallOptions::new().retry(Never);
//!
//! // Chosen at run time: an `Arc` or `Box` of a policy is a policy.
//! # let patience = 3;
//! let chosen: std::sync::Arc<dyn RetryPolicy> = match patience {
//!     0 => std::sync::Arc::new(Never),
//!     attempts => std::sync::Arc::new(FullJitter::default().max_attempts(attempts)),
//! };
//! # let _ = (client, once, CallOptions::new().retry(chosen));
//! # Ok::<(), ecs_sdk::Error>(())
//! ```
//!
//! In addition to the policy, a [`RetryBudget`] shared by all calls of a client keeps retries from piling up when the
//! service is down: each retry spends tokens, each success returns some.

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

    /// Whether a retry cannot execute anything twice: the operation only reads, or carries a `ClientToken`, or the
    /// service certainly did not execute the request (it could not be reached, or it throttled).
    pub fn is_safe_to_retry(&self) -> bool {
        let never_sent =
            matches!(self.error.kind(), ErrorKind::Transport | ErrorKind::Timeout) && !self.error.is_maybe_executed();
        self.idempotent || self.error.is_throttling() || never_sent
    }

    /// Returns a random number from 0 up to, but not including, 1, taken from the client's [`System`].
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
pub trait RetryPolicy: fmt::Debug + Send + Sync + 'static {
    /// Returns how long to wait before the next attempt; with `None` the call fails with the error of this one.
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration>;

    /// Gives up after `attempts` attempts, counting the first. 0 is treated as 1.
    #[must_use = "it returns the limited policy"]
    fn max_attempts(self, attempts: u32) -> MaxAttempts<Self>
    where
        Self: Sized,
    {
        MaxAttempts { policy: self, attempts }
    }

    /// Gives up if the next attempt would begin more than `elapsed` after the call began.
    #[must_use = "it returns the limited policy"]
    fn max_elapsed(self, elapsed: Duration) -> MaxElapsed<Self>
    where
        Self: Sized,
    {
        MaxElapsed { policy: self, elapsed }
    }

    /// Retries only failures for which `condition` returns `true`.
    #[must_use = "it returns the limited policy"]
    fn only_if<F>(self, condition: F) -> OnlyIf<Self, F>
    where
        Self: Sized,
        F: Fn(&FailedAttempt<'_>) -> bool + Send + Sync + 'static,
    {
        OnlyIf { policy: self, condition }
    }

    /// Falls back to another policy where this one gives up.
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

/// The standard policy for servers that may not be there: only if they were reached, and did not stay silent.
pub(crate) fn reached() -> impl RetryPolicy {
    FullJitter::default().only_if(|failed| is_reached(failed.error())).max_attempts(3)
}

/// Whether a server was reached: it responded, or the connection broke.
pub(crate) fn is_reached(error: &Error) -> bool {
    !error.is_timeout() && (error.kind() == ErrorKind::Service || error.is_maybe_executed())
}

/// Never retries.
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
/// says how long to wait (`x-acs-retry-after`), that is the delay, up to the largest cap.
#[must_use = "a policy does nothing until a client or call takes it"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullJitter {
    base: Duration,
    max: Duration,
}

impl Default for FullJitter {
    fn default() -> Self {
        Self { base: Duration::from_millis(200), max: Duration::from_secs(20) }
    }
}

impl FullJitter {
    /// Sets the cap of the first delay; 200 ms by default.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base = delay;
        self
    }

    /// Sets the largest cap; 20 s by default.
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

/// A policy with a maximum number of attempts; see [`RetryPolicy::max_attempts`].
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

/// A policy with a maximum duration; see [`RetryPolicy::max_elapsed`].
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

/// A policy with a condition; see [`RetryPolicy::only_if`].
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

/// A policy with a fallback; see [`RetryPolicy::or`].
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
