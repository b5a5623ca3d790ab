//! The trait of retry policies, and the policies that its methods return.

use std::{fmt, sync::Arc, time::Duration};

use super::failed::{Classes, FailedAttempt};
use crate::error::ErrorClass;

/// Decides whether a failed attempt is retried.
///
/// Most policies are [`FullJitter`](super::FullJitter) with limits. Your own can implement any schedule:
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
///         let retry = failed.is_retryable() && failed.is_safe_to_retry();
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
    /// Some retries [are not counted](FailedAttempt::number).
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

    /// Retries errors of this class too. Call it several times for several classes.
    ///
    /// Use it for classes of errors that go away when another operation ends: [`ErrorClass::Conflict`] and
    /// [`ErrorClass::IncorrectState`]. They prove that nothing was executed, so calls without a `ClientToken` are
    /// retried too. Calls that fail with an error of another class are retried only if that
    /// [is safe](FailedAttempt::is_safe_to_retry). Operations may take minutes, so set longer delays, and limits that
    /// suit them:
    ///
    /// ```
    /// use std::time::Duration;
    /// use ecs_sdk::{
    ///     ErrorClass,
    ///     retry::{self, FullJitter, RetryPolicy},
    /// };
    ///
    /// let policy = FullJitter::default()
    ///     .base_delay(Duration::from_secs(2))
    ///     .also(ErrorClass::Conflict)
    ///     .also(ErrorClass::IncorrectState)
    ///     .max_elapsed(Duration::from_secs(120));
    /// // Any policy can be extended.
    /// let standard = retry::standard().also(ErrorClass::Conflict);
    /// # let _ = (policy, standard);
    /// ```
    ///
    /// It extends [`FailedAttempt::is_retryable`] of the attempts that this policy decides about. Your own policy must
    /// use that method, rather than the one of the error, to be extensible.
    #[must_use = "it returns the extended policy"]
    fn also(self, class: ErrorClass) -> Also<Self>
    where
        Self: Sized,
    {
        Also { policy: self, classes: Classes::of(class) }
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

/// A policy limited to a number of attempts, created by [`RetryPolicy::max_attempts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaxAttempts<P> {
    policy: P,
    attempts: u32,
}

impl<P: RetryPolicy> RetryPolicy for MaxAttempts<P> {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        (failed.number() < self.attempts).then(|| self.policy.next(failed)).flatten()
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
        let starts = |wait: Duration| failed.elapsed().saturating_add(wait.max(failed.min_delay()));
        self.policy.next(failed).filter(|wait| starts(*wait) <= self.elapsed)
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

/// A policy that retries more classes of errors, created by [`RetryPolicy::also`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Also<P> {
    policy: P,
    classes: Classes,
}

impl<P: RetryPolicy> RetryPolicy for Also<P> {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        self.policy.next(&failed.also(self.classes))
    }
}
