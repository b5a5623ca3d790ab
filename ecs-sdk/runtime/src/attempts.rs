//! The attempts of one request: their number, the time left, and the delay before the next one.

use std::time::Duration;

use crate::{
    error::Error,
    retry::{FailedAttempt, RetryPolicy},
    system::{System, fraction},
};

/// Delay before the first retry of a request that the service is still executing. Shorter delays only add load:
/// operations that the service executes in the background take seconds.
const IN_PROGRESS_DELAY: Duration = Duration::from_secs(1);
/// Growth of that delay. Less than for failures, because the service is well and the caller waits for the result.
const IN_PROGRESS_GROWTH: f64 = 1.5;
/// Largest delay before jitter, so that a caller gets the result of a slow operation soon after its end.
const MAX_IN_PROGRESS_DELAY: Duration = Duration::from_secs(10);

/// Counts attempts and applies a retry policy within a deadline.
pub(crate) struct Attempts<'a> {
    system: &'a dyn System,
    policy: &'a dyn RetryPolicy,
    started: Duration,
    deadline: Duration,
    number: u32,
    /// Attempts that count for the policy, including the current one.
    counted: u32,
    /// Retries of a request in progress.
    in_progress: i32,
}

/// The reason why a request in progress is not retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GaveUp {
    Policy,
    Deadline,
}

impl<'a> Attempts<'a> {
    /// Starts the first attempt. `timeout` covers all attempts and the delays between them.
    pub(crate) fn new(system: &'a dyn System, policy: &'a dyn RetryPolicy, timeout: Duration) -> Self {
        let started = system.monotonic();
        let deadline = started.saturating_add(timeout);
        Self { system, policy, started, deadline, number: 1, counted: 1, in_progress: 0 }
    }

    /// Number of the current attempt, counted from 1.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// Time since the first attempt started.
    pub(crate) fn elapsed(&self) -> Duration {
        self.system.monotonic().saturating_sub(self.started)
    }

    /// Time left for the current attempt.
    pub(crate) fn remaining(&self) -> Duration {
        self.deadline.saturating_sub(self.system.monotonic())
    }

    fn failed<'e>(&'e self, error: &'e Error, number: u32, idempotent: bool) -> FailedAttempt<'e> {
        let failed = FailedAttempt::new(error, self.system).with_number(number).with_elapsed(self.elapsed());
        failed.with_idempotent(idempotent)
    }

    /// Delay before the next attempt, after the current one failed. `None` if the policy gives up, or if the next
    /// attempt would start after the deadline.
    pub(crate) fn delay(&self, error: &Error, idempotent: bool) -> Option<Duration> {
        let failed = self.failed(error, self.counted, idempotent);
        self.policy.next(&failed).filter(|&delay| delay < self.remaining())
    }

    /// Delay before the next attempt, after the service reported that it is still executing an earlier request with the
    /// same `ClientToken`. Such an attempt is not counted, so limits on the number of attempts end this only if they
    /// do not allow a retry at all.
    pub(crate) fn in_progress_delay(&mut self, error: &Error) -> Result<Duration, GaveUp> {
        let grown = IN_PROGRESS_DELAY.mul_f64(IN_PROGRESS_GROWTH.powi(self.in_progress.min(16)));
        let delay = grown.min(MAX_IN_PROGRESS_DELAY).mul_f64(1.0 + fraction(self.system) / 2.0);
        let number = (self.counted - 1).max(1);
        let failed = self.failed(error, number, true).with_min_delay(delay);
        let asked = self.policy.next(&failed).ok_or(GaveUp::Policy)?;
        // The last attempt starts early enough to get a response.
        let latest = self.remaining().saturating_sub(IN_PROGRESS_DELAY);
        if latest < IN_PROGRESS_DELAY {
            return Err(GaveUp::Deadline);
        }
        self.in_progress += 1;
        Ok(delay.max(asked).min(latest))
    }

    /// Starts the next attempt after a delay. If `counted`, the policy counts the current one.
    pub(crate) async fn next(&mut self, delay: Duration, counted: bool) {
        if !delay.is_zero() {
            self.system.sleep(delay).await;
        }
        self.number += 1;
        self.counted += u32::from(counted);
    }
}
