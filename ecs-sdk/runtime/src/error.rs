//! The one error of the SDK.

use std::{error::Error as StdError, fmt};

/// Result of the SDK's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// [`Display`](fmt::Display) is one complete line; [`source`](StdError::source) leads to the cause below, if there is one.
pub struct Error(Box<Inner>);

/// What kind of failure an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client's settings do not make sense or can't be found.
    Config,
    /// No credentials could be had.
    Credentials,
    /// The request lacks required parameters; nothing was sent.
    Request,
    /// The service could not be reached, or the connection broke.
    Transport,
    /// Time ran out.
    Timeout,
    /// The service answered with an error.
    Service,
    /// The answer could not be read.
    Decode,
    /// A resource waited for ended in a state that leads nowhere.
    Waiter,
    /// An [interceptor](crate::interceptor) ended the call.
    Interceptor,
}

#[derive(Default)]
pub(crate) struct Inner {
    kind: Option<ErrorKind>,
    service: &'static str,
    operation: String,
    message: String,
    code: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    recommend: Option<String>,
    retry_after: Option<std::time::Duration>,
    /// When the service answered, by its own clock.
    date: Option<std::time::SystemTime>,
    attempts: u32,
    /// Whether the service may have executed the request although the call failed.
    maybe_executed: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind.unwrap_or(ErrorKind::Config)
    }

    /// The service's error code, for example `InvalidInstanceId.NotFound`. The documented ones are constants in
    /// `ecs_sdk::codes`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What went wrong, without the operation and the request's ID.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// ID of the request, for questions to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// HTTP status of the answer.
    pub fn http_status(&self) -> Option<u16> {
        self.0.status
    }

    /// Page of the service that explains the error.
    pub fn recommend(&self) -> Option<&str> {
        self.0.recommend.as_deref()
    }

    /// Operation that failed; empty when none was under way.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the service refused because of too many calls.
    pub fn is_throttling(&self) -> bool {
        self.http_status() == Some(429)
            || self.code().is_some_and(|code| {
                code.starts_with("Throttling") || code.ends_with(".Throttling") || code.contains(".Throttling.")
            })
    }

    /// Whether something that the request names does not exist.
    ///
    /// The service has several spellings of it: `InvalidInstanceId.NotFound`, `NotExists.HpcCluster`,
    /// `INSTANCE_NOT_EXISTS`. The HTTP status says nothing: it is 404 for many other errors too.
    pub fn is_not_found(&self) -> bool {
        self.code().is_some_and(|code| {
            let plain = code.replace('_', "").to_ascii_lowercase();
            let mut parts = plain.split('.');
            parts.any(|part| ["notfound", "notexist", "notexists"].iter().any(|end| part.ends_with(end)))
                || code == "NoSuchResource"
        })
    }

    /// Whether time ran out.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether the same call may succeed a little later: throttling, failures of the service, of the network, timeouts.
    ///
    /// It says nothing of whether repeating is safe: a call that creates something may have been executed.
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
        self.0.maybe_executed
    }

    pub(crate) fn retry_after(&self) -> Option<std::time::Duration> {
        self.0.retry_after
    }

    pub(crate) fn date(&self) -> Option<std::time::SystemTime> {
        self.0.date
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind: Some(kind), message: message.into(), ..Inner::default() }))
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_call(mut self, service: &'static str, operation: &str) -> Self {
        if self.0.operation.is_empty() {
            self.0.service = service;
            operation.clone_into(&mut self.0.operation);
        }
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id.filter(|id| !id.is_empty());
        self
    }

    pub(crate) fn with_code(mut self, code: Option<String>, recommend: Option<String>) -> Self {
        self.0.code = code.filter(|code| !code.is_empty());
        self.0.recommend = recommend.filter(|recommend| !recommend.is_empty());
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<std::time::Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_date(mut self, date: Option<std::time::SystemTime>) -> Self {
        self.0.date = date;
        self
    }

    pub(crate) fn maybe_executed(mut self, maybe: bool) -> Self {
        self.0.maybe_executed = maybe;
        self
    }
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
        facts.extend(inner.status.map(|status| format!("HTTP {status}")));
        facts.extend(inner.request_id.as_ref().map(|id| format!("request id {}", one_line(id, 100))));
        facts.extend((inner.attempts > 1).then(|| format!("{} attempts", inner.attempts)));
        if facts.is_empty() { Ok(()) } else { write!(f, " ({})", facts.join(", ")) }
    }
}

/// A text on one line and of bounded length, without what would steer a terminal.
fn one_line(text: &str, most: usize) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = line.collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(most) {
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
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
