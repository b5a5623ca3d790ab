//! Options of one call.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::Duration,
};

use crate::retry::RetryPolicy;

/// Options of one call. Options that are not set fall back to those of the client.
///
/// ```no_run
/// use std::time::Duration;
/// use ecs_sdk::{CallOptions, retry::Never};
///
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// let once = CallOptions::new().attempt_timeout(Duration::from_secs(5)).retry(Never);
/// let response = client.call("DescribeRegions").options(once).send().await?;
/// # let _ = response;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "options do nothing until a call takes them"]
pub struct CallOptions {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) operation_timeout: Option<Duration>,
    pub(crate) retry: Option<Arc<dyn RetryPolicy>>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) parameters: Vec<(String, String)>,
}

// As in `Config`, which holds a policy as well.
impl UnwindSafe for CallOptions {}
impl RefUnwindSafe for CallOptions {}

impl CallOptions {
    /// Creates options that set nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the timeout of each attempt.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets the timeout of the whole call, with all its attempts and delays.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = Some(timeout);
        self
    }

    /// Sets the policy that decides whether failed attempts are retried.
    pub fn retry(mut self, retry: impl RetryPolicy) -> Self {
        self.retry = Some(Arc::new(retry));
        self
    }

    /// Sets an HTTP header, replacing an earlier value of the same name. Headers that begin with `x-acs-` are signed if
    /// the signature version signs headers. The call fails if the name or value is not valid, or if the SDK itself sets
    /// the header, such as `host` or `authorization`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets a parameter by wire name, overriding the request's own value. Use it for parameters this version does not
    /// know.
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
