//! The error type of the SDK.

use std::{
    borrow::Cow,
    error::Error as StdError,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Result of the SDK's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error, boxed: what interceptors return, and what an [`Error`] or a
/// [`TransportError`](crate::transport::TransportError) is caused by.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// The error of all calls.
///
/// [`Display`](fmt::Display) is one complete line: operation, code, message, cause, status and request ID.
/// [`source`](StdError::source) returns only what that line does not contain, so chains print each cause once;
/// [`get_ref`](Self::get_ref) always returns the cause. Clones share everything.
///
/// Errors can be constructed, for tests and for your own
/// [credentials providers](crate::credentials::ProvideCredentials). They behave like received ones:
///
/// ```
/// use std::{error::Error as _, io, time::Duration};
/// use ecs_sdk::{Error, ErrorKind};
///
/// /// The HTTP status with which a web service reports an error of ECS.
/// fn status(error: &Error) -> u16 {
///     if error.is_throttling() { 429 } else if error.is_not_found() { 404 } else { 502 }
/// }
///
/// let missing = Error::service("InvalidInstanceId.NotFound", "The specified InstanceId does not exist.", 404)
///     .with_operation("ecs", "StartInstance")
///     .with_request_id("473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E");
/// assert_eq!(status(&missing), 404);
/// assert_eq!(
///     missing.to_string(),
///     "ecs StartInstance failed: InvalidInstanceId.NotFound: The specified InstanceId does not exist. \
///      (HTTP 404, request id 473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E)"
/// );
/// let throttled = Error::service("Throttling.User", "Request was denied.", 400).with_retry_after(Duration::from_secs(2));
/// assert_eq!((status(&throttled), throttled.is_maybe_executed()), (429, false));
///
/// let timeout = Error::new(ErrorKind::Timeout, "no response within 60s");
/// assert!(timeout.is_timeout() && timeout.is_retryable() && timeout.is_maybe_executed());
///
/// let locked = Error::new(ErrorKind::Credentials, "the vault cannot be opened").with_source(io::Error::other("locked"));
/// assert_eq!(locked.source().unwrap().to_string(), "locked");
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

/// The kind of failure an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client configuration is missing or invalid.
    Config,
    /// No credentials could be obtained.
    Credentials,
    /// The request is invalid: it lacks required parameters, for example. Nothing was sent.
    Request,
    /// The service could not be reached, or the connection broke.
    Transport,
    /// A timeout elapsed.
    Timeout,
    /// The service returned an error.
    Service,
    /// The response could not be decoded.
    Decode,
    /// A resource being waited for reached a state from which it cannot reach the desired one.
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
    retry_after: Option<Duration>,
    /// Time of the response by the service's own clock.
    date: Option<SystemTime>,
    attempts: u32,
    /// Whether the service may have executed the request; decided by the kind if it is not known.
    maybe_executed: Option<bool>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

// It has no interior mutability that a panic could interrupt: causes are only read.
impl UnwindSafe for Error {}
impl RefUnwindSafe for Error {}

/// Constructors. Each `with_…` method sets what the getter of the same name returns.
impl Error {
    /// Creates an error of a kind. The message should be lower case and tell what is wrong, with the value, then the
    /// remedy.
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
            retry_after: None,
            date: None,
            attempts: 0,
            maybe_executed: None,
            source: None,
        }))
    }

    /// Creates an error as the service returns them, with an error code such as those in `ecs_sdk::codes`. An empty code
    /// is none.
    #[must_use = "an error does nothing until it is returned"]
    pub fn service(code: impl Into<String>, message: impl Into<String>, http_status: u16) -> Self {
        Self::new(ErrorKind::Service, message).with_code(code).with_http_status(http_status)
    }

    fn with(mut self, set: impl FnOnce(&mut Inner)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets the [code](Self::code). An empty one is none.
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

    /// Sets the [request ID](Self::request_id). An empty one is none.
    #[must_use = "it returns the changed error"]
    pub fn with_request_id(self, id: impl Into<String>) -> Self {
        let id = not_empty(id.into());
        self.with(|inner| inner.request_id = id)
    }

    /// Sets the [link to an explanation](Self::recommend). An empty one is none.
    #[must_use = "it returns the changed error"]
    pub fn with_recommend(self, link: impl Into<String>) -> Self {
        let link = not_empty(link.into());
        self.with(|inner| inner.recommend = link)
    }

    /// Sets [how long to wait](Self::retry_after) before a retry.
    #[must_use = "it returns the changed error"]
    pub fn with_retry_after(self, wait: Duration) -> Self {
        self.with(|inner| inner.retry_after = Some(wait))
    }

    /// Sets the short [name of the service](Self::service_name), such as `ecs`, and the [operation](Self::operation) that
    /// failed.
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

    /// Sets whether the service [may have executed](Self::is_maybe_executed) the request. Without it, the kind decides:
    /// `true` for transport errors, timeouts, decoding errors, and errors of the service with a status of 500 or above.
    #[must_use = "it returns the changed error"]
    pub fn with_maybe_executed(self, maybe: bool) -> Self {
        self.with(|inner| inner.maybe_executed = Some(maybe))
    }

    /// Sets the cause. [`get_ref`](Self::get_ref) returns it, and so does [`source`](StdError::source) if the message
    /// does not contain its text.
    #[must_use = "it returns the changed error"]
    pub fn with_source(self, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        self.with(|inner| inner.source = Some(Arc::from(source)))
    }

    pub(crate) fn with_date(self, date: Option<SystemTime>) -> Self {
        self.with(|inner| inner.date = date)
    }

    /// Sets the operation if there is none yet.
    pub(crate) fn with_call(self, service: &'static str, operation: &str) -> Self {
        if self.operation().is_empty() { self.with_operation(service, operation) } else { self }
    }
}

impl Error {
    /// Returns the kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the service's error code, for example `InvalidInstanceId.NotFound`. The documented ones are constants in
    /// `ecs_sdk::codes`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns what went wrong, without the operation and the request ID.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the ID of the request, for questions to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the HTTP status of the response.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Returns the link to the service's page about this error.
    pub fn recommend(&self) -> Option<&str> {
        self.0.recommend.as_deref()
    }

    /// Returns how long the service asks to wait before a retry (`x-acs-retry-after`).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the short name of the service, such as `ecs`; empty if the error did not occur during an operation.
    pub fn service_name(&self) -> &str {
        &self.0.service
    }

    /// Returns the name of the operation that failed; empty if the error did not occur during one.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// Returns the number of times the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the cause, whose type `downcast_ref` tells. Unlike [`source`](StdError::source) it also returns a cause that
    /// is part of the message.
    pub fn get_ref(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }

    /// Whether the service rejected the request because there were too many.
    pub fn is_throttling(&self) -> bool {
        self.http_status() == Some(429)
            || self.code().is_some_and(|code| {
                code.starts_with("Throttling") || code.ends_with(".Throttling") || code.contains(".Throttling.")
            })
    }

    /// Whether something that the request names does not exist.
    ///
    /// The service has several spellings of it: `InvalidInstanceId.NotFound`, `NotExists.HpcCluster`,
    /// `INSTANCE_NOT_EXISTS`. The HTTP status does not tell: it is 404 for many other errors too.
    pub fn is_not_found(&self) -> bool {
        self.code().is_some_and(|code| {
            let plain = code.replace('_', "").to_ascii_lowercase();
            let mut parts = plain.split('.');
            parts.any(|part| ["notfound", "notexist", "notexists"].iter().any(|end| part.ends_with(end)))
                || code == "NoSuchResource"
        })
    }

    /// Whether a timeout elapsed.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether the failure is transient, so that the same call may succeed a little later: throttling, failures of the
    /// service or the network, timeouts.
    ///
    /// It does not tell whether a retry is safe: a call that creates something may have been executed.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Transport | ErrorKind::Timeout => true,
            ErrorKind::Service => {
                self.is_throttling()
                    || self.http_status().is_some_and(|status| status >= 500)
                    || self
                        .code()
                        .is_some_and(|code| matches!(code, "ServiceUnavailable" | "InternalError" | "UnknownError"))
            }
            _ => false,
        }
    }

    /// Whether the service may have executed the request although the call failed.
    pub fn is_maybe_executed(&self) -> bool {
        self.0.maybe_executed.unwrap_or_else(|| match self.kind() {
            ErrorKind::Service => self.http_status().is_some_and(|status| status >= 500),
            ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::Decode => true,
            _ => false,
        })
    }

    pub(crate) fn date(&self) -> Option<SystemTime> {
        self.0.date
    }
}

fn not_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if !inner.operation.is_empty() {
            write!(f, "{} {} failed: ", inner.service, inner.operation)?;
        }
        if let Some(code) = &inner.code {
            write!(f, "{}: ", one_line(code, 200))?;
        }
        f.write_str(&one_line(&inner.message, 2000))?;
        let mut facts = Vec::new();
        facts.extend(inner.http_status.map(|status| format!("HTTP {status}")));
        facts.extend(inner.request_id.as_ref().map(|id| format!("request id {}", one_line(id, 100))));
        facts.extend((inner.attempts > 1).then(|| format!("{} attempts", inner.attempts)));
        if facts.is_empty() { Ok(()) } else { write!(f, " ({})", facts.join(", ")) }
    }
}

/// A string on one line and of bounded length, without control characters that would steer a terminal.
fn one_line(text: &str, max_chars: usize) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = line.collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(max_chars) {
        line.truncate(end);
        line.push('…');
    }
    line
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.kind()).field("text", &self.to_string());
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    /// Returns the part of the chain of causes that follows the last one whose text is in the message.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let mut below = self.get_ref().map(|source| source as &(dyn StdError + 'static));
        let mut next = below;
        while let Some(cause) = next {
            next = cause.source();
            if self.message().contains(&cause.to_string()) {
                below = next;
            }
        }
        below
    }
}

#[cfg(test)]
mod tests;
