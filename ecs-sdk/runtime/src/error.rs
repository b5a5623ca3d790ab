//! The error type of the SDK.

mod access_denied;
mod body;
pub(crate) mod class;
mod display;
mod redacted;

use std::{
    borrow::Cow,
    error::Error as StdError,
    io,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::{Duration, SystemTime},
};

pub(crate) use self::body::{ErrorBody, is_identifier};
pub use self::{
    access_denied::AccessDenied,
    class::{ClassRule, ErrorClass},
};

use ecs_sdk_model::{InvalidTimestamp, content::InvalidContent};

/// A `Result` whose error is [`Error`] by default.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A boxed error of any type: the error of interceptors, and the cause of an [`Error`] or a
/// [`TransportError`](crate::transport::TransportError).
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// The error type of all calls.
///
/// The guide is [`guide::errors`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/errors/index.html).
///
/// # Handling errors
///
/// Errors of the same [class](ErrorClass) share a predicate, such as [`is_not_found`](Self::is_not_found) or
/// [`is_out_of_stock`](Self::is_out_of_stock). For anything more specific, compare the [`code`](Self::code) with a constant
/// in `ecs_sdk::codes`:
///
/// ```no_run
/// use ecs_sdk::{Client, Error, codes};
///
/// /// Releases an instance, unless it does not exist.
/// async fn release(client: &Client, id: &str) -> Result<(), Error> {
///     match client.delete_instance().instance_id(id).send().await {
///         Ok(_) => Ok(()),
///         Err(error) if error.is_not_found() => Ok(()),
///         Err(error) if error.code() == Some(codes::INCORRECT_INSTANCE_STATUS) => {
///             client.delete_instance().instance_id(id).force(true).send().await.map(|_| ())
///         }
///         Err(error) => {
///             // Transient failures have been retried already.
///             eprintln!("{error}");
///             Err(error)
///         }
///     }
/// }
/// ```
///
/// If a call that changes something fails, [`is_maybe_executed`](Self::is_maybe_executed) reports whether the service
/// may nevertheless have executed it.
///
/// # Printing errors
///
/// [`Display`](std::fmt::Display) prints one complete line: operation, code, message, cause, HTTP status and request ID.
/// [`source`](StdError::source) skips causes that this line already contains, so printing the whole chain shows each
/// cause once; [`get_ref`](Self::get_ref) always returns the cause.
///
/// Secrets of the call are shown as `***` in everything that an error contains, even if a server or a proxy sends them
/// back. These are the secrets of the credentials, secret parameters, and values that may be secret: those of untyped
/// calls, and those that call options and interceptors add. Values of fewer than six characters and the region are not
/// masked.
///
/// # Building errors
///
/// Tests and your own [credentials providers](crate::credentials::ProvideCredentials) can build errors, which behave
/// like received ones. Cloning is cheap.
///
/// ```
/// use std::{error::Error as _, io, time::Duration};
/// use ecs_sdk::{Error, ErrorKind};
///
/// /// Maps an error of ECS to the HTTP status of a web service that uses it.
/// fn status(error: &Error) -> u16 {
///     if error.is_throttling() {
///         429
///     } else if error.is_not_found() {
///         404
///     } else {
///         502
///     }
/// }
///
/// let missing = Error::service("InvalidInstanceId.NotFound", "It does not exist.", 404)
///     .with_operation("ecs", "StartInstance")
///     .with_request_id("473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E");
/// assert_eq!(status(&missing), 404);
/// assert_eq!(
///     missing.to_string(),
///     "ecs StartInstance failed: InvalidInstanceId.NotFound: It does not exist. \
///      (HTTP 404, request id 473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E)"
/// );
/// let throttled = Error::service("Throttling.User", "Request was denied.", 400)
///     .with_retry_after(Duration::from_secs(2));
/// assert_eq!((status(&throttled), throttled.is_maybe_executed()), (429, false));
///
/// let timeout = Error::new(ErrorKind::Timeout, "no response within 60s");
/// assert!(timeout.is_timeout() && timeout.is_retryable() && timeout.is_maybe_executed());
///
/// let locked = Error::new(ErrorKind::Credentials, "the vault cannot be opened")
///     .with_source(io::Error::other("locked"));
/// assert_eq!(locked.source().unwrap().to_string(), "locked");
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

/// The kind of failure that an [`Error`] represents.
///
/// ```
/// use ecs_sdk::{Error, ErrorKind};
///
/// /// Returns the exit code of a command-line tool.
/// fn exit_code(error: &Error) -> u8 {
///     match error.kind() {
///         ErrorKind::Config | ErrorKind::Credentials | ErrorKind::Request => 2,
///         ErrorKind::Transport | ErrorKind::Timeout => 3,
///         _ => 1,
///     }
/// }
///
/// assert_eq!(exit_code(&Error::new(ErrorKind::Timeout, "no response within 60s")), 3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client configuration is missing or invalid.
    Config,
    /// No credentials could be obtained.
    Credentials,
    /// The request is invalid, for example because required parameters are missing. Nothing was sent.
    Request,
    /// The service could not be reached, or the connection broke before the response was complete.
    Transport,
    /// A timeout elapsed.
    Timeout,
    /// The service returned an error, which [`Error::code`] identifies, or another server, such as a proxy, responded with
    /// an error or a redirect; then there is usually no code.
    Service,
    /// The response could not be decoded, is not one of the service, is larger than allowed, or its pages do not end.
    Decode,
    /// A resource that a waiter waits for reached a state from which it cannot reach the desired one.
    Waiter,
    /// An [interceptor](crate::interceptor) aborted the call.
    Interceptor,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    service: Cow<'static, str>,
    operation: String,
    message: String,
    code: Option<String>,
    http_status: Option<u16>,
    request_id: Option<String>,
    recommend: Option<String>,
    /// Codes with another class in the service that returned the error.
    service_classes: &'static [ClassRule],
    retry_after: Option<Duration>,
    /// Time of the response by the service's clock.
    date: Option<SystemTime>,
    /// Start of the response body.
    body: Option<Box<[u8]>>,
    access_denied: Option<Box<AccessDenied>>,
    attempts: u32,
    /// Whether the service may have executed the request; derived from the kind if unset.
    maybe_executed: Option<bool>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

// It has no interior mutability that a panic could leave inconsistent: causes are only read.
impl UnwindSafe for Error {}
impl RefUnwindSafe for Error {}

/// Constructors. Each `with_…` method sets what the getter of the same name returns.
impl Error {
    /// Creates an error. The message should be lower case and contain the problem, the value and the remedy, for
    /// example ``invalid region ID `x y`: expected one such as `cn-hangzhou` ``.
    #[must_use = "an error does nothing until it is returned"]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            service: Cow::Borrowed(""),
            operation: String::new(),
            message: message.into(),
            code: None,
            http_status: None,
            request_id: None,
            recommend: None,
            service_classes: &[],
            retry_after: None,
            date: None,
            body: None,
            access_denied: None,
            attempts: 0,
            maybe_executed: None,
            source: None,
        }))
    }

    /// Creates an error of the service, with an error code such as those in `ecs_sdk::codes`. An empty code is
    /// treated as absent.
    #[must_use = "an error does nothing until it is returned"]
    pub fn service(code: impl Into<String>, message: impl Into<String>, http_status: u16) -> Self {
        Self::new(ErrorKind::Service, message).with_code(code).with_http_status(http_status)
    }

    fn with(mut self, set: impl FnOnce(&mut Inner)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets the [code](Self::code). An empty code is treated as absent.
    #[must_use = "it returns the changed error"]
    pub fn with_code(self, code: impl Into<String>) -> Self {
        let code = not_empty(code.into());
        self.with(|inner| inner.code = code)
    }

    /// Sets the [HTTP status](Self::http_status).
    #[must_use = "it returns the changed error"]
    pub fn with_http_status(self, status: u16) -> Self {
        self.with(|inner| inner.http_status = Some(status))
    }

    /// Sets the [request ID](Self::request_id). An empty ID is treated as absent.
    #[must_use = "it returns the changed error"]
    pub fn with_request_id(self, id: impl Into<String>) -> Self {
        let id = not_empty(id.into());
        self.with(|inner| inner.request_id = id)
    }

    /// Sets the [link to an explanation](Self::recommend). An empty link is treated as absent.
    #[must_use = "it returns the changed error"]
    pub fn with_recommend(self, link: impl Into<String>) -> Self {
        let link = not_empty(link.into());
        self.with(|inner| inner.recommend = link)
    }

    /// Sets the [delay before a retry](Self::retry_after) that the service asks for.
    #[must_use = "it returns the changed error"]
    pub fn with_retry_after(self, wait: Duration) -> Self {
        self.with(|inner| inner.retry_after = Some(wait))
    }

    /// Sets the short [name of the service](Self::service_name), such as `ecs`, and the [operation](Self::operation)
    /// that failed.
    #[must_use = "it returns the changed error"]
    pub fn with_operation(self, service: impl Into<Cow<'static, str>>, operation: impl Into<String>) -> Self {
        let (service, operation) = (service.into(), operation.into());
        self.with(|inner| (inner.service, inner.operation) = (service, operation))
    }

    /// Sets the [number of attempts](Self::attempts).
    #[must_use = "it returns the changed error"]
    pub fn with_attempts(self, attempts: u32) -> Self {
        self.with(|inner| inner.attempts = attempts)
    }

    /// Sets whether the service [may have executed](Self::is_maybe_executed) the request. The default depends on the
    /// kind: `true` for transport errors, timeouts, decoding errors, and errors of the service without a code that
    /// proves the opposite.
    #[must_use = "it returns the changed error"]
    pub fn with_maybe_executed(self, maybe: bool) -> Self {
        self.with(|inner| inner.maybe_executed = Some(maybe))
    }

    /// Sets the cause. [`get_ref`](Self::get_ref) returns it; [`source`](StdError::source) returns it unless the
    /// message already contains it.
    #[must_use = "it returns the changed error"]
    pub fn with_source(self, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        self.with(|inner| inner.source = Some(Arc::from(source)))
    }

    pub(crate) fn with_date(self, date: Option<SystemTime>) -> Self {
        self.with(|inner| inner.date = date)
    }

    /// Adds a remark to the message.
    pub(crate) fn with_note(self, note: &str) -> Self {
        let message = format!("{}; {note}", self.message().trim_end_matches('.'));
        self.with(|inner| inner.message = message)
    }

    /// Sets the classes of codes that the service has on its own.
    pub(crate) fn with_service_classes(self, classes: &'static [ClassRule]) -> Self {
        if classes.is_empty() { self } else { self.with(|inner| inner.service_classes = classes) }
    }

    /// Sets service and operation unless they are already set.
    pub(crate) fn with_call(self, service: &'static str, operation: &str) -> Self {
        if self.operation().is_empty() { self.with_operation(service, operation) } else { self }
    }
}

impl Error {
    /// Returns the kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the service's error code, for example `InvalidInstanceId.NotFound`, or `None` if the service returned
    /// none. Documented codes are constants in `ecs_sdk::codes`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the message, without operation, code and request ID.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the ID of the request, which the service's support uses to identify it.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the HTTP status of the response, if there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Returns the link to the service's page about this error.
    pub fn recommend(&self) -> Option<&str> {
        self.0.recommend.as_deref()
    }

    /// Returns the delay before a retry that the service asks for (`x-acs-retry-after`, else `Retry-After`), at most one
    /// day.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the short name of the service, such as `ecs`; empty if the error did not occur during an operation.
    pub fn service_name(&self) -> &str {
        &self.0.service
    }

    /// Returns the name of the operation that failed; empty if the error did not occur during an operation.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// Returns the number of times the request was sent; 0 if it was not, for example for lack of credentials.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the cause, which `downcast_ref` converts to its type. Unlike [`source`](StdError::source), this also
    /// returns a cause that the message already contains.
    ///
    /// ```
    /// use std::io;
    /// use ecs_sdk::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Credentials, "cannot read the vault")
    ///     .with_source(io::Error::from(io::ErrorKind::PermissionDenied));
    /// let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<io::Error>());
    /// assert_eq!(cause.unwrap().kind(), io::ErrorKind::PermissionDenied);
    /// ```
    pub fn get_ref(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }

    /// Returns whether a timeout elapsed.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    pub(crate) fn date(&self) -> Option<SystemTime> {
        self.0.date
    }
}

impl From<io::Error> for Error {
    /// An error of kind [`Credentials`](ErrorKind::Credentials): the functions of a program that return [`Error`] and do I/O of
    /// their own are its [credentials providers](crate::credentials::ProvideCredentials).
    fn from(error: io::Error) -> Self {
        Self::new(ErrorKind::Credentials, error.to_string()).with_source(error)
    }
}

impl From<InvalidTimestamp> for Error {
    fn from(error: InvalidTimestamp) -> Self {
        Self::new(ErrorKind::Decode, error.to_string()).with_source(error)
    }
}

impl From<InvalidContent> for Error {
    fn from(error: InvalidContent) -> Self {
        Self::new(ErrorKind::Decode, error.to_string()).with_source(error)
    }
}

fn not_empty(value: String) -> Option<String> {
    Some(value).filter(|value| !value.is_empty())
}

// After the constructors and getters, because the docs list methods in the order of the source.
mod predicates;

mod effect;

mod details;

#[cfg(test)]
mod tests;
