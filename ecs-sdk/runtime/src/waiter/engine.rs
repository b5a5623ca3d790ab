//! The loop of all waiters: polls until the result is final or the time is up.

use std::{future::Future, time::Duration};

use super::timing::Timing;
use crate::{
    error::{Error, Result},
    system::{System, timeout},
};

/// Time that the last poll may take in any case, so that one that has begun at the end of the timeout can succeed.
const LAST_POLL_TIMEOUT: Duration = Duration::from_secs(5);

/// The result of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status<T> {
    /// The condition is met, and this is the result of the wait.
    Done(T),
    /// The condition is not met yet. The string describes the current state, for the message of a timeout.
    Pending(String),
    /// The condition cannot be met any more, for this reason.
    Failed(String),
}

impl<T> Status<T> {
    /// Creates [`Pending`](Self::Pending) with a description of the current state.
    pub fn pending(state: impl Into<String>) -> Self {
        Self::Pending(state.into())
    }

    /// Creates [`Failed`](Self::Failed) with a reason.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }
}

/// Something that can be polled.
pub(super) trait Poll {
    type Output;

    fn poll(&mut self) -> impl Future<Output = Result<Status<Self::Output>>> + Send;

    /// Called after each poll, with the number of polls so far, the time since the start, and the error of a poll that
    /// failed.
    fn polled(&mut self, polls: u32, elapsed: Duration, error: Option<&Error>);
}

/// Why a wait ended without success.
pub(super) enum Stop {
    /// The condition cannot be met any more.
    Failed(String),
    /// A poll failed for a reason that is not transient.
    Error(Error),
    /// The timeout elapsed. Contains the last description of the state, and the error of the last poll.
    Timeout(Option<String>, Option<Error>),
}

/// Polls for at most `limit`.
pub(super) async fn run<P: Poll>(
    system: &dyn System,
    timing: &Timing,
    limit: Duration,
    target: &mut P,
) -> Result<P::Output, Stop> {
    let started = system.monotonic();
    let elapsed = || system.monotonic().saturating_sub(started);
    let remaining = || limit.saturating_sub(elapsed());
    let (mut polls, mut state, mut failure) = (0_u32, None, None);
    let mut delay = timing.before_first();
    loop {
        let pause = delay.min(remaining());
        if !pause.is_zero() {
            system.sleep(pause).await;
        }
        let result = timeout(system, remaining().max(LAST_POLL_TIMEOUT), target.poll()).await;
        polls = polls.saturating_add(1);
        target.polled(polls, elapsed(), result.as_ref().and_then(|result| result.as_ref().err()));
        delay = timing.after(polls, system);
        match result {
            None => return Err(Stop::Timeout(state, failure)),
            Some(Ok(Status::Done(output))) => return Ok(output),
            Some(Ok(Status::Failed(reason))) => return Err(Stop::Failed(reason)),
            Some(Ok(Status::Pending(now))) => (state, failure) = (Some(now), None),
            // A poll only reads, so a transient failure does not end the wait.
            Some(Err(error)) if error.is_retryable() => {
                delay = delay.max(error.retry_after().unwrap_or_default());
                failure = Some(error);
            }
            Some(Err(error)) => return Err(Stop::Error(error)),
        }
        if remaining().is_zero() {
            return Err(Stop::Timeout(state, failure));
        }
    }
}
