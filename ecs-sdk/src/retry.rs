//! When a failed attempt is repeated, and how long to wait before.

use std::{sync::Mutex, time::Duration};

use crate::{
    error::{Error, ErrorKind},
    runtime::{Runtime, fraction},
};

/// How failed attempts are repeated.
///
/// By default a call makes 3 attempts. The wait before the next one is random between nothing and a limit that
/// doubles from 200 ms up to 20 s (full jitter), or what the service asks for. A budget shared by all calls of a
/// client keeps retries from piling up when the service is down.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts in all; 1 turns retries off.
    pub max_attempts: u32,
    /// Limit of the first wait.
    pub base_delay: Duration,
    /// Limit of every wait.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_attempts: 3, base_delay: Duration::from_millis(200), max_delay: Duration::from_secs(20) }
    }
}

impl RetryPolicy {
    /// No retries.
    pub fn none() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Sets the number of attempts in all.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The wait after an attempt, counted from 1.
    pub(crate) fn delay(&self, attempt: u32, error: &Error, runtime: &dyn Runtime) -> Duration {
        if let Some(wait) = error.retry_after() {
            return wait.min(self.max_delay);
        }
        let doubled = self.base_delay.saturating_mul(1 << (attempt - 1).min(16));
        doubled.min(self.max_delay).mul_f64(fraction(runtime))
    }
}

/// Whether repeating is both useful and safe.
///
/// Calls that can be repeated (reads, and those with a `ClientToken`) are, on anything that may pass. Others only when
/// the service certainly did not execute them: it could not be reached, or it throttled.
pub(crate) fn should_retry(error: &Error, repeatable: bool) -> bool {
    error.is_retryable() && (repeatable || error.is_throttling() || never_sent(error))
}

fn never_sent(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Transport | ErrorKind::Timeout) && !error.is_maybe_executed()
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
