//! Classifies failures: transient ones, and those that the same settings would cause again.

use std::{error::Error as StdError, fmt, io, time::Duration};

use http::StatusCode;
use url::Url;

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use super::contract::innermost;
use super::contract::{Rejection, TransportError};
use crate::error::BoxError;
#[cfg(any(feature = "socks", feature = "rustls", feature = "native-tls"))]
use crate::text::contains;

/// Why no connection could be opened.
#[derive(Debug)]
pub(super) enum ConnectError {
    /// A later attempt may succeed.
    Failed(BoxError),
    TimedOut(Duration),
    /// A later attempt would fail as well.
    Rejected(Rejection, BoxError),
}

impl ConnectError {
    pub(super) fn failed(error: impl Into<BoxError>) -> Self {
        Self::Failed(error.into())
    }

    /// No TCP connection could be opened within `timeout`, or at all.
    pub(super) fn tcp(error: impl StdError + Send + Sync + 'static, timeout: Duration) -> Self {
        match find::<io::Error>(&error) {
            Some(cause) if cause.kind() == io::ErrorKind::TimedOut => Self::TimedOut(timeout),
            _ => Self::failed(error),
        }
    }

    fn rejected(what: impl Into<String>, remedy: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self::Rejected(Rejection { what: what.into(), remedy: remedy.into() }, source.into())
    }

    /// A proxy responded to CONNECT with an error. `proxy` is its URL.
    pub(super) fn tunnel(status: StatusCode, proxy: &Url) -> Self {
        let source = format!("the proxy responded to CONNECT with {status}");
        match status.as_u16() {
            407 => Self::Rejected(unauthenticated(proxy), source.into()),
            // These statuses are transient.
            408 | 425 | 429 => Self::failed(source),
            400..500 => Self::rejected(
                "the proxy does not allow this connection",
                "allow the host in the proxy's settings, or exclude it with HttpOptions::no_proxy",
                source,
            ),
            _ => Self::failed(source),
        }
    }

    /// The handshake with a SOCKS proxy failed. `proxy` is its URL.
    #[cfg(feature = "socks")]
    pub(super) fn socks(error: impl Into<BoxError>, proxy: &Url) -> Self {
        let error = error.into();
        let text = error.to_string();
        // The type of these errors is private.
        if ["does not support user/pass", "credentials not accepted"].iter().any(|part| contains(&text, part)) {
            return Self::Rejected(unauthenticated(proxy), error);
        }
        Self::Failed(error)
    }

    /// A TLS handshake failed. `peer` is `server` or `proxy`.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub(super) fn tls(peer: &str, error: BoxError, cause: Option<TlsFailure>) -> Self {
        let Some(cause) = cause else { return Self::Failed(error) };
        let (problem, remedy) = cause.explanation();
        Self::rejected(format!("the {peer}'s {problem}"), remedy, error)
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(_) => f.write_str("cannot connect"),
            Self::TimedOut(limit) => write!(f, "no connection within {limit:?}"),
            Self::Rejected(rejection, _) => f.write_str(&rejection.what),
        }
    }
}

impl StdError for ConnectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Failed(source) | Self::Rejected(_, source) => Some(&**source),
            Self::TimedOut(_) => None,
        }
    }
}

/// The rejection of a proxy that responded with status 407. `proxy` is its URL.
pub(super) fn unauthenticated(proxy: &Url) -> Rejection {
    let remedy = format!("put them in its URL: {}://user:password@host:port", proxy.scheme());
    let what = if proxy.username().is_empty() && proxy.password().is_none() {
        "the proxy requires a user and password"
    } else {
        "the proxy rejects the user and password in its URL"
    };
    Rejection { what: what.to_owned(), remedy }
}

/// Whether the request may have been sent, and whether a retry may help. Before there was a connection, the request
/// certainly was not sent; after that it is unknown and treated as sent. If a pooled connection turns out to be closed
/// before the request is written, hyper itself uses another.
pub(super) fn classify(error: hyper_util::client::legacy::Error) -> TransportError {
    if let Some(connect) = find::<ConnectError>(&error) {
        return match connect {
            ConnectError::Failed(_) => TransportError::not_sent(error),
            ConnectError::TimedOut(_) => TransportError::not_sent(error).timed_out(),
            ConnectError::Rejected(rejection, _) => {
                let rejection = rejection.clone();
                TransportError::rejected(rejection, error)
            }
        };
    }
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    if wants_client_certificate(&error) {
        let (what, remedy) = TlsFailure::Handshake.explanation();
        return TransportError::rejected(
            Rejection { what: format!("the server's {what}"), remedy: remedy.to_owned() },
            error,
        );
    }
    #[cfg(feature = "http2")]
    if find::<h2::Error>(&error).is_some_and(is_unprocessed) {
        return TransportError::not_sent(error);
    }
    if error.is_connect() { TransportError::not_sent(error) } else { TransportError::interrupted(error) }
}

/// Whether a server states that it has not processed a request: it rejected the stream, or shut down gracefully before it
/// received the request.
#[cfg(feature = "http2")]
fn is_unprocessed(error: &h2::Error) -> bool {
    match error.reason() {
        Some(h2::Reason::REFUSED_STREAM) => true,
        Some(h2::Reason::NO_ERROR) => error.is_go_away() && error.is_remote(),
        _ => false,
    }
}

/// The first error of a type in a chain.
fn find<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // The source of an `io::Error` skips the error that it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|error| error as &(dyn StdError + 'static)).or_else(|| error.source());
    }
    None
}

/// Why a TLS handshake fails each time.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsFailure {
    Untrusted,
    WrongName,
    Expired,
    NotYetValid,
    BadCertificate,
    NotTls,
    Handshake,
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
impl TlsFailure {
    /// The problem of the peer, and the remedy.
    fn explanation(self) -> (&'static str, &'static str) {
        match self {
            Self::Untrusted => (
                "certificate is not trusted",
                "add its authority with HttpOptions::root_certificates, or trust those of the system with Roots::System",
            ),
            Self::WrongName => ("certificate is for another name", "check the host in the URL"),
            Self::Expired => ("certificate has expired", "renew it, or correct this machine's clock"),
            Self::NotYetValid => ("certificate is not valid yet", "correct this machine's clock"),
            Self::BadCertificate => ("certificate is invalid", "replace it"),
            Self::NotTls => ("response is not TLS", "check the scheme and port of the URL"),
            Self::Handshake => {
                ("TLS settings do not match", "check that it supports TLS 1.2 or 1.3 and needs no client certificate")
            }
        }
    }
}

/// Whether a server closed the connection because it has no certificate of the client. With TLS 1.3, the client learns
/// this only after the handshake, when it may have sent the request, which the server did not read.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn wants_client_certificate(error: &(dyn StdError + 'static)) -> bool {
    #[cfg(feature = "rustls")]
    {
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired);
        if find::<rustls::Error>(error) == Some(&alert) {
            return true;
        }
    }
    cfg!(feature = "native-tls") && contains(&innermost(error).to_string(), "certificate required")
}

#[cfg(feature = "rustls")]
impl TlsFailure {
    /// Returns `None` if the failure is transient, such as a broken connection.
    pub(super) fn of_rustls(error: &io::Error) -> Option<Self> {
        use rustls::{AlertDescription as Alert, CertificateError as Certificate, Error, InvalidMessage};

        Some(match find::<Error>(error)? {
            Error::InvalidCertificate(certificate) => match certificate {
                Certificate::UnknownIssuer => Self::Untrusted,
                Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => Self::WrongName,
                Certificate::Expired | Certificate::ExpiredContext { .. } => Self::Expired,
                Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => Self::NotYetValid,
                _ => Self::BadCertificate,
            },
            Error::InvalidMessage(InvalidMessage::InvalidContentType) => Self::NotTls,
            // The server had a problem of its own, or bytes were damaged on the way.
            Error::AlertReceived(
                Alert::InternalError | Alert::CloseNotify | Alert::UserCanceled | Alert::BadRecordMac,
            )
            | Error::DecryptError
            | Error::General(_)
            | Error::FailedToGetRandomBytes
            | Error::FailedToGetCurrentTime => return None,
            _ => Self::Handshake,
        })
    }
}

#[cfg(feature = "native-tls")]
impl TlsFailure {
    /// Returns `None` if the failure is transient, such as a broken connection. The libraries of operating systems
    /// describe failures only in their messages. Those of OpenSSL are distinguished.
    pub(super) fn of_native(error: &(dyn StdError + 'static)) -> Option<Self> {
        if find::<io::Error>(error).is_some_and(|error| error.kind() != io::ErrorKind::InvalidData) {
            return None;
        }
        let text = error.to_string().to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| contains(&text, part));
        if has(&["eof", "internal error", "closed"]) {
            return None;
        }
        Some(if has(&["alert"]) {
            // The server reports the failure.
            Self::Handshake
        } else if has(&["mismatch", "does not match"]) {
            Self::WrongName
        } else if has(&["not yet valid"]) {
            Self::NotYetValid
        } else if has(&["expired"]) {
            Self::Expired
        } else if has(&["issuer", "self-signed", "self signed", "first certificate", "not trusted", "untrusted"]) {
            Self::Untrusted
        } else if has(&["wrong version number", "http request", "packet length too long"]) {
            Self::NotTls
        } else if has(&["certificate"]) {
            Self::BadCertificate
        } else {
            Self::Handshake
        })
    }
}
