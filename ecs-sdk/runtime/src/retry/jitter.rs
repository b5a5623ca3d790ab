//! Policies that do not wrap others: exponential backoff with full jitter, and none.

use std::time::Duration;

use super::{
    failed::{Classes, FailedAttempt},
    policy::RetryPolicy,
};
use crate::error::ErrorClass;

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
/// asks for a delay ([`Error::retry_after`](crate::Error::retry_after)), that delay is used, up to the largest cap.
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
    also: Classes,
}

impl Default for FullJitter {
    fn default() -> Self {
        // 200 ms exceed the usual round trip to a region. 20 s are the longest delay of the AWS SDKs too.
        Self { base: Duration::from_millis(200), max: Duration::from_secs(20), also: Classes::default() }
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

    /// Retries errors of this class too. See [`RetryPolicy::also`], which does the same for every policy.
    ///
    /// ```
    /// use ecs_sdk::{CallOptions, ErrorClass, retry::FullJitter};
    ///
    /// let options = CallOptions::new().retry(FullJitter::default().also(ErrorClass::Conflict));
    /// # let _ = options;
    /// ```
    pub fn also(mut self, class: ErrorClass) -> Self {
        self.also = self.also.union(Classes::of(class));
        self
    }
}

impl RetryPolicy for FullJitter {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        if !failed.also(self.also).is_retryable() || !failed.is_safe_to_retry() {
            return None;
        }
        Some(match failed.error().retry_after() {
            Some(wait) => wait.min(self.max),
            None => {
                let doubled = self.base.saturating_mul(1 << (failed.number() - 1).min(16));
                doubled.min(self.max).mul_f64(failed.random())
            }
        })
    }
}
