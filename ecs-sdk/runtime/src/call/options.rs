//! Options of a single call.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::Duration,
};

use crate::retry::RetryPolicy;

/// Options of a single call. Options that are not set fall back to those of the client.
///
/// Fluent requests and [`UntypedCall`](crate::UntypedCall) take them with `options`:
///
/// ```no_run
/// use std::time::Duration;
/// use ecs_sdk::{CallOptions, retry::Never};
///
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// // A health check: quick, and without retries.
/// let quick = CallOptions::new().attempt_timeout(Duration::from_secs(5)).retry(Never);
/// let regions = client.describe_regions().options(quick).send().await?;
/// # let _ = regions;
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
    pub(crate) ignore_limits: bool,
}

// As for `Config`, which also holds a policy: a panic cannot leave it half-changed.
impl UnwindSafe for CallOptions {}
impl RefUnwindSafe for CallOptions {}

impl CallOptions {
    /// Creates empty options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the timeout of each attempt, including those of slow operations. The default is
    /// [`Timeouts::attempt`](crate::Timeouts::attempt) of the client, or
    /// [`slow_attempt`](crate::Timeouts::slow_attempt) for slow operations.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets the timeout of the whole call, including credentials, all attempts, and the delays between them. The default
    /// is [`Timeouts::operation`](crate::Timeouts::operation) of the client.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = Some(timeout);
        self
    }

    /// Sets the policy that decides whether failed attempts are retried. The default is that of the client.
    ///
    /// ```
    /// use std::time::Duration;
    /// use ecs_sdk::{
    ///     CallOptions,
    ///     retry::{FullJitter, RetryPolicy},
    /// };
    ///
    /// let patient = FullJitter::default().max_elapsed(Duration::from_secs(120));
    /// let options = CallOptions::new().operation_timeout(Duration::from_secs(180)).retry(patient);
    /// # let _ = options;
    /// ```
    pub fn retry(mut self, retry: impl RetryPolicy) -> Self {
        self.retry = Some(Arc::new(retry));
        self
    }

    /// Sets an HTTP header, replacing an earlier value of the same name. Headers that begin with `x-acs-` are signed
    /// with [`SignatureVersion::V3`](crate::SignatureVersion::V3).
    ///
    /// The call fails with [`ErrorKind::Request`](crate::ErrorKind::Request) if the name or value is invalid, if the
    /// SDK itself sets the header, such as `host` or `authorization`, or if the header controls the connection, such as
    /// `content-length` or `expect`.
    ///
    /// ```
    /// use ecs_sdk::CallOptions;
    ///
    /// let options = CallOptions::new().header("x-request-source", "nightly-job");
    /// # let _ = options;
    /// ```
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets a parameter by its wire name, overriding the request's own value. Use it for parameters this version does
    /// not know.
    ///
    /// The call fails with [`ErrorKind::Request`](crate::ErrorKind::Request) if the SDK itself sets the parameter, such
    /// as `Action`. A `ClientToken` can be set too; if it is blank, the call is
    /// [retried](crate::retry#which-calls-are-retried) like one without a token.
    ///
    /// ```no_run
    /// use ecs_sdk::CallOptions;
    ///
    /// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
    /// let options = CallOptions::new().parameter("NewParameter", "value");
    /// let page = client.describe_instances().options(options).send().await?;
    /// # let _ = page;
    /// # Ok(())
    /// # }
    /// ```
    pub fn parameter(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.parameters.push((name.into(), value.to_string()));
        self
    }

    /// Sets whether a call fails before it is sent if a list has more IDs than the operation is documented to take. The
    /// default is `true`. Disable it if the service allows your account more.
    ///
    /// [`in_batches`](crate::batch) splits longer lists into several calls. The same applies to the sizes of
    /// [content](crate::content) and of other strings whose bytes are limited.
    ///
    /// ```no_run
    /// use ecs_sdk::CallOptions;
    ///
    /// # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
    /// let options = CallOptions::new().check_limits(false);
    /// let page = client.describe_disks().disk_ids(ids).options(options).send().await?;
    /// # let _ = page;
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_limits(mut self, check: bool) -> Self {
        self.ignore_limits = !check;
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
            .field("check_limits", &!self.ignore_limits)
            .finish()
    }
}
