//! Failed attempts, as retry policies see them.

use std::{fmt, time::Duration};

use crate::{
    error::{Error, ErrorClass, ErrorKind},
    system::{System, fraction},
};

/// A failed attempt, as seen by a [`RetryPolicy`](super::RetryPolicy).
///
/// To test your own policy, create one:
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::{
///     Error,
///     retry::{FailedAttempt, FullJitter, RetryPolicy as _},
///     system::TokioSystem,
/// };
///
/// let policy = FullJitter::default().max_elapsed(Duration::from_secs(60));
/// let system = TokioSystem::default();
/// let throttled = Error::service("Throttling.User", "Request was denied.", 400);
/// let failed = FailedAttempt::new(&throttled, &system).with_number(3);
/// assert!(policy.next(&failed).is_some());
/// assert!(policy.next(&failed.with_elapsed(Duration::from_secs(61))).is_none());
/// ```
#[derive(Clone, Copy)]
pub struct FailedAttempt<'a> {
    error: &'a Error,
    number: u32,
    elapsed: Duration,
    idempotent: bool,
    /// The next attempt starts after this delay or more, regardless of the policy.
    min_delay: Duration,
    also: Classes,
    system: &'a dyn System,
}

impl<'a> FailedAttempt<'a> {
    /// Creates the first attempt of a call, for tests of retry policies. It failed immediately, and its operation must
    /// not be executed twice. `system` is the source of [`random`](Self::random).
    pub fn new(error: &'a Error, system: &'a dyn System) -> Self {
        Self {
            error,
            number: 1,
            elapsed: Duration::ZERO,
            idempotent: false,
            min_delay: Duration::ZERO,
            also: Classes::default(),
            system,
        }
    }

    /// Sets the [number](Self::number) of the attempt.
    #[must_use = "it returns the changed attempt"]
    pub fn with_number(self, number: u32) -> Self {
        Self { number, ..self }
    }

    /// Sets the [time](Self::elapsed) since the call began.
    #[must_use = "it returns the changed attempt"]
    pub fn with_elapsed(self, elapsed: Duration) -> Self {
        Self { elapsed, ..self }
    }

    /// Sets whether the operation can be executed twice without a further effect: it only reads, or the service recognizes
    /// retries by their `ClientToken`.
    #[must_use = "it returns the changed attempt"]
    pub fn with_idempotent(self, idempotent: bool) -> Self {
        Self { idempotent, ..self }
    }

    pub(crate) fn with_min_delay(self, min_delay: Duration) -> Self {
        Self { min_delay, ..self }
    }

    pub(super) fn min_delay(&self) -> Duration {
        self.min_delay
    }

    /// The same attempt for a policy that also retries these classes.
    pub(super) fn also(self, classes: Classes) -> Self {
        Self { also: self.also.union(classes), ..self }
    }

    /// Returns the error of the attempt. Its [`is_maybe_executed`](Error::is_maybe_executed) covers all attempts so far.
    pub fn error(&self) -> &'a Error {
        self.error
    }

    /// Returns the number of the attempt within its call, counted from 1.
    ///
    /// Attempts that were retried because the clock was wrong, because the access key had to be replaced, or because an
    /// earlier request with the same `ClientToken` is [in progress](Error::is_in_progress) are not counted.
    /// [`Error::attempts`] counts all requests.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the time since the call began.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns whether the failure is [transient](Error::is_retryable), or its class is one that the policy
    /// [also retries](super::RetryPolicy::also).
    pub fn is_retryable(&self) -> bool {
        self.error.is_retryable() || self.error.class().is_some_and(|class| self.also.contains(class))
    }

    /// Returns whether a retry is safe, which means that it cannot execute the operation twice. This is the case if
    ///
    /// - the operation only reads,
    /// - every request of the call so far had the same `ClientToken`, which was not blank, or
    /// - the service certainly executed none of them: they were not sent, or the service rejected the last one with a
    ///   code such as `Throttling.User`, or because of a [conflict](Error::is_conflict) or the
    ///   [state](Error::is_incorrect_state) of a resource.
    ///
    /// The parameters are those that were sent, after call options and interceptors. HTTP status 429 and codes of
    /// gateways, such as `TooManyRequests`, do not prove that nothing was executed.
    pub fn is_safe_to_retry(&self) -> bool {
        self.idempotent || (!self.error.is_maybe_executed() && proves_rejection(self.error))
    }

    /// Returns a random number between 0 (inclusive) and 1 (exclusive) from the client's [`System`], for jitter.
    pub fn random(&self) -> f64 {
        fraction(self.system)
    }
}

/// Whether an error, which does not say that the request may have been executed, is one that a request without a
/// `ClientToken` may be repeated after.
fn proves_rejection(error: &Error) -> bool {
    match error.kind() {
        // Not sent.
        ErrorKind::Transport | ErrorKind::Timeout => true,
        ErrorKind::Service => error.is_throttled_by_service() || error.is_conflict() || error.is_incorrect_state(),
        _ => false,
    }
}

impl fmt::Debug for FailedAttempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailedAttempt")
            .field("error", &self.error)
            .field("number", &self.number)
            .field("elapsed", &self.elapsed)
            .field("is_retryable", &self.is_retryable())
            .field("is_safe_to_retry", &self.is_safe_to_retry())
            .finish_non_exhaustive()
    }
}

/// A set of error classes: one bit for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Classes(u32);

impl Classes {
    pub(super) fn of(class: ErrorClass) -> Self {
        Self(1 << class as u32)
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn contains(self, class: ErrorClass) -> bool {
        self.0 & Self::of(class).0 != 0
    }
}
