//! The trait of transports, and their errors.

use std::{error::Error as StdError, fmt, sync::Arc};

use bytes::Bytes;

use crate::{
    error::{BoxError, Error, ErrorKind, Result},
    system::BoxFuture,
};

/// Number of characters that messages show of a cause. The names in a server's certificate may be many.
const MAX_CAUSE_CHARS: usize = 500;

/// Sends HTTP requests.
///
/// Implementations must not retry, because calls already do. They must not follow redirects or change the request's
/// body, because the request is signed. The [module](crate::transport) has examples.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request and reads the whole response. A response of any status is `Ok`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no complete response.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

/// The error of a [`Transport`]. Which constructor creates it decides whether the call may be retried.
///
/// [`Display`](fmt::Display) prints the kind of failure, and [`source`](StdError::source) returns the cause. An
/// [`Error`] created from it contains both in its message.
///
/// ```
/// use ecs_sdk::{Error, transport::TransportError};
///
/// let refused = Error::from(TransportError::not_sent("connection refused"));
/// assert!(refused.is_retryable() && !refused.is_maybe_executed());
///
/// let broken = Error::from(TransportError::interrupted("connection reset"));
/// assert!(broken.is_retryable() && broken.is_maybe_executed());
/// ```
#[derive(Debug)]
pub struct TransportError {
    failure: Failure,
    timeout: bool,
    proxy: Option<String>,
    source: BoxError,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Failure {
    NotSent,
    Interrupted,
    Settings,
    Rejected(Rejection),
    Unusable,
}

/// A permanent failure to connect: what failed, and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rejection {
    pub(super) what: String,
    pub(super) remedy: String,
}

impl TransportError {
    /// Creates an error for a request that was certainly not sent, for example because the host is unknown or the
    /// connection was refused. Retrying is safe for any call.
    pub fn not_sent(source: impl Into<BoxError>) -> Self {
        Self::new(Failure::NotSent, source)
    }

    /// Creates an error for a request that was sent, or may have been, without a complete response. Retrying is
    /// safe only for calls that can be executed twice.
    pub fn interrupted(source: impl Into<BoxError>) -> Self {
        Self::new(Failure::Interrupted, source)
    }

    /// Creates an error for a request that cannot be sent because of invalid settings, such as a certificate authority
    /// that is missing. `source` becomes the message; it should name the setting and the remedy. The call is not retried.
    pub fn settings(source: impl Into<BoxError>) -> Self {
        Self::new(Failure::Settings, source)
    }

    /// Creates an error for a response that cannot be used and would be the same after a retry, such as one that is too
    /// large. `source` becomes the message. The call is not retried.
    pub fn unusable(source: impl Into<BoxError>) -> Self {
        Self::new(Failure::Unusable, source)
    }

    /// The error of a request that was not sent, because a server or proxy rejects these settings.
    pub(super) fn rejected(rejection: Rejection, source: impl Into<BoxError>) -> Self {
        Self::new(Failure::Rejected(rejection), source)
    }

    fn new(failure: Failure, source: impl Into<BoxError>) -> Self {
        Self { failure, timeout: false, proxy: None, source: source.into() }
    }

    /// Marks the failure as a timeout.
    #[must_use = "it returns the marked error"]
    pub fn timed_out(mut self) -> Self {
        self.timeout = true;
        self
    }

    /// Sets the proxy of the request, for the message.
    pub(super) fn through(mut self, proxy: Option<String>) -> Self {
        self.proxy = proxy;
        self
    }

    /// Returns whether the service may have received the request.
    pub fn is_sent(&self) -> bool {
        matches!(self.failure, Failure::Interrupted | Failure::Unusable)
    }

    /// Returns whether a timeout elapsed.
    pub fn is_timeout(&self) -> bool {
        self.timeout
    }

    /// The error of a call to `host`.
    pub(crate) fn into_error(self, host: &str) -> Error {
        let proxy = self.proxy.as_ref().map(|proxy| format!("through proxy {proxy}"));
        let place: Vec<&str> = [host].into_iter().filter(|host| !host.is_empty()).chain(proxy.as_deref()).collect();
        let place = if place.is_empty() { String::new() } else { format!(" ({})", place.join(" ")) };
        let is_sent = self.is_sent();
        let (kind, message) = match &self.failure {
            Failure::Settings => (ErrorKind::Config, self.source.to_string()),
            Failure::Unusable => (ErrorKind::Decode, self.source.to_string()),
            Failure::Rejected(Rejection { what, remedy }) => {
                let cause = shortened(innermost(&*self.source));
                (ErrorKind::Config, format!("{what}{place}: {cause}; {remedy}"))
            }
            failure => {
                let kind = if self.timeout { ErrorKind::Timeout } else { ErrorKind::Transport };
                let what = match (failure, self.timeout) {
                    (Failure::NotSent, false) => "cannot connect",
                    (Failure::NotSent, true) => "connecting took too long",
                    (_, false) => "the connection broke before the response was complete",
                    (_, true) => "no response in time",
                };
                (kind, format!("{what}{place}: {}", shortened(innermost(&*self.source))))
            }
        };
        Error::new(kind, message).with_maybe_executed(is_sent).with_source(self.source)
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        error.into_error("")
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (&self.failure, self.timeout) {
            (Failure::NotSent, false) => "the request was not sent",
            (Failure::NotSent, true) => "connecting took too long",
            (Failure::Interrupted, false) => "the connection broke before the response was complete",
            (Failure::Interrupted, true) => "no response in time",
            (Failure::Settings | Failure::Rejected(_), _) => "the request cannot be sent with these settings",
            (Failure::Unusable, _) => "the response cannot be used",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

/// The start of a cause.
fn shortened(cause: &dyn StdError) -> String {
    let mut text = cause.to_string();
    if let Some((end, _)) = text.char_indices().nth(MAX_CAUSE_CHARS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The innermost cause, which is the most specific one; the outer ones repeat it.
pub(super) fn innermost<'a>(mut error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    while let Some(deeper) = error.source() {
        error = deeper;
    }
    error
}
