//! Options of one call.

use std::{fmt, sync::Arc, time::Duration};

use crate::retry::{RetryPolicy, SharedPolicy};

/// Options of one call. What is not set is as the client has it.
#[derive(Clone, Default)]
#[must_use = "options do nothing until a call takes them"]
pub struct CallOptions {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) operation_timeout: Option<Duration>,
    pub(crate) retry: Option<SharedPolicy>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) parameters: Vec<(String, String)>,
}

impl CallOptions {
    /// Starts with nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits each attempt.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Limits the whole call, with all attempts and the waits between them.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = Some(timeout);
        self
    }

    /// Sets how failed attempts are repeated.
    pub fn retry(mut self, retry: impl RetryPolicy) -> Self {
        self.retry = Some(Arc::new(retry));
        self
    }

    /// Adds an HTTP header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets a parameter by its wire name, in place of what the request says; for what the SDK does not know yet.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets; only names are shown.
        let names = |pairs: &[(String, String)]| pairs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        f.debug_struct("CallOptions")
            .field("attempt_timeout", &self.attempt_timeout)
            .field("operation_timeout", &self.operation_timeout)
            .field("retry", &self.retry)
            .field("headers", &names(&self.headers))
            .field("parameters", &names(&self.parameters))
            .finish()
    }
}
