//! The attempts of one request: their number, the time left, and the delay before the next one.

use std::time::Duration;

use crate::{
    error::Error,
    retry::{FailedAttempt, RetryPolicy},
    system::System,
};

/// Counts attempts and applies a retry policy within a deadline.
pub(crate) struct Attempts<'a> {
    system: &'a dyn System,
    policy: &'a dyn RetryPolicy,
    started: Duration,
    deadline: Duration,
    number: u32,
}

impl<'a> Attempts<'a> {
    /// Starts the first attempt. `timeout` covers all attempts and the delays between them.
    pub(crate) fn new(system: &'a dyn System, policy: &'a dyn RetryPolicy, timeout: Duration) -> Self {
        let started = system.monotonic();
        Self { system, policy, started, deadline: started.saturating_add(timeout), number: 1 }
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

    /// Delay before the next attempt, after the current one failed. `None` if the policy gives up, or if the next
    /// attempt would start after the deadline.
    pub(crate) fn delay(&self, error: &Error, idempotent: bool) -> Option<Duration> {
        let failed = FailedAttempt::new(error, self.number, self.elapsed(), idempotent, self.system);
        self.policy.next(&failed).filter(|&delay| delay < self.remaining())
    }

    /// Starts the next attempt after a delay.
    pub(crate) async fn next(&mut self, delay: Duration) {
        if !delay.is_zero() {
            self.system.sleep(delay).await;
        }
        self.number += 1;
    }
}
