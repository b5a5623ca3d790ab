//! Retry policies: whether a failed attempt is retried, and after what delay.
//!
//! The guides are [`guide::retries`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/retries/index.html)
//! and [`guide::exactly_once`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/exactly_once/index.html).
//!
//! By default, transient failures (broken connections, timeouts, throttling, HTTP status 408, and 500 and above) are
//! retried with exponential backoff, up to three attempts in all, if a retry [cannot execute anything
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
//!   operation takes a `ClientToken` and you do not set one, the SDK generates it. All attempts must have the same
//!   token: if call options or an [interceptor](crate::interceptor) make it blank, or change it between attempts, the
//!   call is treated as one without a token.
//! - All other calls are retried only if the service certainly did not execute the request: it could not be sent, or the
//!   service throttled it (error codes such as `Throttling.User`; HTTP status 429 alone is no proof, because a gateway
//!   may send it).
//!
//! The page of each operation that is not read-only states which of these applies. Your own policy can
//! decide otherwise; [`FailedAttempt::is_safe_to_retry`] returns whether a retry is safe. No policy can cause a retry
//! with another `ClientToken` after an attempt that may have been executed.
//!
//! # Requests in progress
//!
//! After a timeout, the service may still be executing the request, and reject a retry with an error such as
//! `IdempotentProcessing` ([`Error::is_in_progress`]). The call then retries with the same `ClientToken` until it gets
//! the result or its [operation timeout](crate::Timeouts::operation) elapses, with delays that grow from 1 s to 10 s,
//! plus jitter. This uses up neither attempts nor the retry budget, but only happens if the policy retries such an error
//! at all: [`Never`] and `max_attempts(1)` do not, and [`max_elapsed`](RetryPolicy::max_elapsed) limits it.
//!
//! # Conflicts
//!
//! Errors of classes [`Conflict`](crate::ErrorClass::Conflict) and
//! [`IncorrectState`](crate::ErrorClass::IncorrectState) are not retried by default, because they may last for minutes.
//! [`RetryPolicy::also`] adds them to any policy.
//!
//! # Clock and access keys
//!
//! If the service rejects the time or the access key of a request, it is sent again with the corrected time or another
//! key of the credentials provider: at most once each, immediately, and regardless of policy and budget, because nothing
//! was executed.

mod budget;
mod failed;
mod jitter;
mod policy;

pub(crate) use self::budget::TokenBucket;
pub use self::{
    budget::RetryBudget,
    failed::FailedAttempt,
    jitter::{FullJitter, Never},
    policy::{Also, MaxAttempts, MaxElapsed, OnlyIf, Or, RetryPolicy},
};

use crate::error::{Error, ErrorKind};

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
