//! Timeouts of calls.

use std::time::Duration;

/// Timeouts of calls and connections.
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::{Client, config::Timeouts};
///
/// let timeouts = Timeouts::new().attempt(Duration::from_secs(10)).operation(Duration::from_secs(60));
/// let client = Client::builder().timeouts(timeouts).build()?;
/// assert_eq!(client.config().timeouts().attempt, Duration::from_secs(10));
/// # Ok::<(), ecs_sdk::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "timeouts do nothing until a builder takes them"]
pub struct Timeouts {
    /// Timeout of connecting, including the proxy and TLS; 5 s by default. It is fixed when the client is built.
    pub connect: Duration,
    /// Timeout of one attempt, from sending the request to the last byte of the response; 60 s by default.
    pub attempt: Duration,
    /// Timeout of one attempt of an operation known to be slow, such as creating instances; 120 s by default.
    pub slow_attempt: Duration,
    /// Timeout of a whole call with all its attempts and delays; 5 min by default.
    pub operation: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::new()
    }
}

impl Timeouts {
    /// Creates the default timeouts.
    pub const fn new() -> Self {
        Self {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(60),
            slow_attempt: Duration::from_secs(120),
            operation: Duration::from_secs(300),
        }
    }

    /// Sets [`connect`](Self::connect).
    pub const fn connect(mut self, timeout: Duration) -> Self {
        self.connect = timeout;
        self
    }

    /// Sets [`attempt`](Self::attempt). It does not change the timeout of [slow](Self::slow_attempt) operations.
    pub const fn attempt(mut self, timeout: Duration) -> Self {
        self.attempt = timeout;
        self
    }

    /// Sets [`slow_attempt`](Self::slow_attempt).
    pub const fn slow_attempt(mut self, timeout: Duration) -> Self {
        self.slow_attempt = timeout;
        self
    }

    /// Sets [`operation`](Self::operation).
    pub const fn operation(mut self, timeout: Duration) -> Self {
        self.operation = timeout;
        self
    }
}
