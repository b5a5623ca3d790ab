//! Timeouts of calls and connections.

use std::time::Duration;

/// Timeouts of calls and connections.
///
/// A call consists of one or more attempts; see [`retry`](crate::retry). Single calls override `attempt`,
/// `slow_attempt` and `operation` with [`CallOptions`](crate::CallOptions).
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::{Client, config::Timeouts};
///
/// let timeouts =
///     Timeouts::new().attempt(Duration::from_secs(10)).operation(Duration::from_secs(60));
/// let client = Client::builder().timeouts(timeouts).build()?;
/// assert_eq!(client.config().timeouts().attempt, Duration::from_secs(10));
/// # Ok::<(), ecs_sdk::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "timeouts do nothing until a builder takes them"]
pub struct Timeouts {
    /// Timeout for connecting, including the proxy and the TLS handshake; the default is 5 s. It is fixed when the
    /// client is built, and does not apply to your own [`Transport`](crate::transport::Transport).
    pub connect: Duration,
    /// Timeout of one attempt, from looking up the endpoint to the last byte of the response; the default is 60 s. The
    /// time for obtaining credentials comes on top: up to 60 s, after which the call fails.
    pub attempt: Duration,
    /// Timeout of one attempt of an operation that is known to be slow, such as `RunInstances`; the default is 120 s.
    pub slow_attempt: Duration,
    /// Timeout of the whole call, including credentials, all attempts, and the delays between them; the default is
    /// 5 min.
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
            // Enough for a handshake across continents with two lost packets, which are sent again after 1 s and 2 s.
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(60),
            // The official SDKs use longer timeouts for these operations too.
            slow_attempt: Duration::from_secs(120),
            // Enough for two slow attempts that time out, and the delays and a quick attempt after them.
            operation: Duration::from_secs(300),
        }
    }

    /// Sets the timeout for [connecting](Self#structfield.connect).
    pub const fn connect(mut self, timeout: Duration) -> Self {
        self.connect = timeout;
        self
    }

    /// Sets the timeout of one [attempt](Self#structfield.attempt), except for
    /// [slow operations](Self#structfield.slow_attempt).
    pub const fn attempt(mut self, timeout: Duration) -> Self {
        self.attempt = timeout;
        self
    }

    /// Sets the timeout of one attempt of a [slow operation](Self#structfield.slow_attempt).
    pub const fn slow_attempt(mut self, timeout: Duration) -> Self {
        self.slow_attempt = timeout;
        self
    }

    /// Sets the timeout of the [whole call](Self#structfield.operation).
    pub const fn operation(mut self, timeout: Duration) -> Self {
        self.operation = timeout;
        self
    }
}
