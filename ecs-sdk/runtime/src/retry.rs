//! When a failed attempt is repeated, and how long to wait before.
//!
//! A [`RetryPolicy`] answers one question: how long to wait before the next attempt, or `None` to give up. Policies are
//! made of small ones:
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
//! # let _ = (client, once);
//! # Ok::<(), ecs_sdk::Error>(())
//! ```
//!
//! Whatever the policy, a budget shared by all calls of a client keeps retries from piling up when the service is down:
//! each retry costs, each success gives back.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::{
    error::{Error, ErrorKind},
    system::{System, fraction},
};

/// An attempt that failed; what a [`RetryPolicy`] decides upon.
pub struct FailedAttempt<'a> {
    error: &'a Error,
    number: u32,
    elapsed: Duration,
    repeatable: bool,
    system: &'a dyn System,
}

impl<'a> FailedAttempt<'a> {
    pub(crate) fn new(
        error: &'a Error,
        number: u32,
        elapsed: Duration,
        repeatable: bool,
        system: &'a dyn System,
    ) -> Self {
        Self { error, number, elapsed, repeatable, system }
    }

    /// Why it failed.
    pub fn error(&self) -> &'a Error {
        self.error
    }

    /// Which attempt of its call it was, counted from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Time since the call began.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Whether repeating cannot execute something twice: the call only reads, or carries a `ClientToken`, or the
    /// service certainly did not execute it (it could not be reached, or it throttled).
    pub fn is_safe(&self) -> bool {
        let never_sent =
            matches!(self.error.kind(), ErrorKind::Transport | ErrorKind::Timeout) && !self.error.is_maybe_executed();
        self.repeatable || self.error.is_throttling() || never_sent
    }

    /// A random fraction from 0 up to, not including, 1, of the client's [`System`].
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
            .field("is_safe", &self.is_safe())
            .finish_non_exhaustive()
    }
}

/// Decides whether a failed attempt is repeated.
pub trait RetryPolicy: fmt::Debug + Send + Sync + 'static {
    /// How long to wait before the next attempt; `None` gives up, and the call fails with the attempt's error.
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration>;

    /// Gives up after so many attempts in all; 0 counts as 1.
    fn max_attempts(self, attempts: u32) -> MaxAttempts<Self>
    where
        Self: Sized,
    {
        MaxAttempts { policy: self, attempts }
    }

    /// Gives up when the next attempt would begin later than this after the call began.
    fn max_elapsed(self, elapsed: Duration) -> MaxElapsed<Self>
    where
        Self: Sized,
    {
        MaxElapsed { policy: self, elapsed }
    }

    /// Gives up on failures that the condition does not hold for.
    fn only_if<F>(self, condition: F) -> OnlyIf<Self, F>
    where
        Self: Sized,
        F: Fn(&FailedAttempt<'_>) -> bool + Send + Sync + 'static,
    {
        OnlyIf { policy: self, condition }
    }

    /// Asks another policy where this one gives up.
    fn or<P: RetryPolicy>(self, other: P) -> Or<Self, P>
    where
        Self: Sized,
    {
        Or { first: self, second: other }
    }
}

/// A policy that a client or a call has.
pub(crate) type SharedPolicy = Arc<dyn RetryPolicy>;

/// The policy of clients that set none: [`FullJitter`] with 3 attempts.
pub fn standard() -> impl RetryPolicy {
    FullJitter::default().max_attempts(3)
}

/// No retries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Never;

impl RetryPolicy for Never {
    fn next(&self, _failed: &FailedAttempt<'_>) -> Option<Duration> {
        None
    }
}

/// Repeats what may pass and is safe to repeat, without end; limit it by
/// [`max_attempts`](RetryPolicy::max_attempts) or [`max_elapsed`](RetryPolicy::max_elapsed).
///
/// A wait is random between nothing and a limit that doubles with each attempt. Where the service says how long to
/// wait (`x-acs-retry-after`), that is the wait, but no more than the largest.
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
    /// Sets the limit of the first wait; 200 ms by default.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base = delay;
        self
    }

    /// Sets the limit of every wait; 20 s by default.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max = delay;
        self
    }
}

impl RetryPolicy for FullJitter {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        if !failed.error.is_retryable() || !failed.is_safe() {
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

/// A policy with a limit of attempts; see [`RetryPolicy::max_attempts`].
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

/// A policy with a limit of time; see [`RetryPolicy::max_elapsed`].
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

/// One policy, then another; see [`RetryPolicy::or`].
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

/// Budget of retries, shared by all calls of a client. Each retry costs, each success gives a little back.
#[derive(Debug)]
pub(crate) struct Quota(Mutex<u32>);

impl Default for Quota {
    fn default() -> Self {
        Self(Mutex::new(Self::FULL))
    }
}

impl Quota {
    const FULL: u32 = 500;
    const RETRY: u32 = 5;
    const TIMEOUT: u32 = 10;

    /// Takes what a retry costs; `None` when too little is left.
    pub(crate) fn take(&self, error: &Error) -> Option<u32> {
        let cost = if error.is_timeout() { Self::TIMEOUT } else { Self::RETRY };
        let mut left = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *left = left.checked_sub(cost)?;
        Some(cost)
    }

    /// Gives back the cost of a retry that succeeded, or 1 for a call that needed none.
    pub(crate) fn give(&self, cost: u32) {
        let mut left = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *left = (*left + cost.max(1)).min(Self::FULL);
    }
}
