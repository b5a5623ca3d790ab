//! HTTP, behind a trait: [`HttpClient`] by default, anything else if you like.
//!
//! [`HttpOptions`] sets proxies, certificates, connections and limits of the default. A [`Transport`] of one's own takes
//! its place, or stands before it:
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use bytes::Bytes;
//! use ecs_sdk::{
//!     Client,
//!     config::Timeouts,
//!     system::BoxFuture,
//!     transport::{HttpClient, HttpOptions, Transport, TransportError},
//! };
//!
//! /// Notes the status of every answer.
//! #[derive(Debug)]
//! struct Recorder {
//!     http: HttpClient,
//!     statuses: Arc<Mutex<Vec<u16>>>,
//! }
//!
//! impl Transport for Recorder {
//!     fn send(
//!         &self,
//!         request: http::Request<Bytes>,
//!     ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
//!         Box::pin(async move {
//!             let answer = self.http.send(request).await?;
//!             self.statuses.lock().unwrap().push(answer.status().as_u16());
//!             Ok(answer)
//!         })
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = std::net::TcpListener::bind("127.0.0.1:0")?;
//! # let url = format!("http://{}", server.local_addr()?);
//! # std::thread::spawn(move || {
//! #     use std::io::{Read, Write};
//! #     let mut stream = server.accept().unwrap().0;
//! #     let _ = stream.read(&mut [0; 65536]).unwrap();
//! #     stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
//! # });
//! let statuses = Arc::default();
//! let http = HttpClient::new(&HttpOptions::new(), &Timeouts::default())?;
//! let client = Client::builder().transport(Recorder { http, statuses: Arc::clone(&statuses) });
//! # let client = client.endpoint(url).credentials(ecs_sdk::Credentials::new("id", "secret")).build()?;
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(client.call("DescribeRegions").send())?;
//! # assert_eq!(*statuses.lock().unwrap(), [200]);
//! # Ok(())
//! # }
//! ```

mod client;
#[cfg(feature = "gzip")]
mod gzip;
mod options;
mod proxy;
mod tls;

use std::{error::Error as StdError, fmt};

use bytes::Bytes;

pub use self::{
    client::HttpClient,
    options::{HttpOptions, Roots, TlsBackend},
};
use crate::{
    error::{Error, ErrorKind, Result},
    system::BoxFuture,
};

/// Sends one HTTP request.
///
/// Implementations do not retry, follow no redirects and change no byte of the body: it is signed.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request and reads the whole answer.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

/// Why a request got no answer. Which of the kinds it is decides whether the call is repeated.
#[derive(Debug)]
pub struct TransportError {
    failure: Failure,
    timeout: bool,
    proxy: Option<String>,
    source: Box<dyn StdError + Send + Sync>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    NotSent,
    Interrupted,
    Settings,
    Unusable,
}

impl TransportError {
    /// The request never left: the address is not known, the connection was refused, TLS failed. Every call is
    /// repeated after it.
    pub fn not_sent(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Failure::NotSent, source)
    }

    /// The request left, or may have left, and no whole answer came. Only calls that may be executed twice are repeated
    /// after it.
    pub fn interrupted(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Failure::Interrupted, source)
    }

    /// The request can't be sent with the settings as they are. The source's text is shown as it is; it should name the
    /// setting and the remedy. No call is repeated after it.
    pub fn settings(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Failure::Settings, source)
    }

    /// An answer came that can't be used and would come again, such as one that is too large. The source's text is
    /// shown as it is. No call is repeated after it.
    pub fn unusable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Failure::Unusable, source)
    }

    fn new(failure: Failure, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { failure, timeout: false, proxy: None, source: source.into() }
    }

    /// Marks that time ran out.
    pub fn timed_out(mut self) -> Self {
        self.timeout = true;
        self
    }

    /// Notes the proxy that the request went through, or was to go.
    fn through(mut self, proxy: Option<String>) -> Self {
        self.proxy = proxy;
        self
    }

    /// Whether the service may have got the request.
    pub fn is_sent(&self) -> bool {
        matches!(self.failure, Failure::Interrupted | Failure::Unusable)
    }

    pub(crate) fn into_error(self, host: &str) -> Error {
        let what = match (self.failure, self.timeout) {
            (Failure::Settings, _) => return Error::new(ErrorKind::Config, self.source.to_string()),
            (Failure::Unusable, _) => {
                return Error::new(ErrorKind::Decode, self.source.to_string()).maybe_executed(true);
            }
            (Failure::NotSent, false) => "can't connect",
            (Failure::NotSent, true) => "connecting took too long",
            (Failure::Interrupted, false) => "the connection broke before the answer was complete",
            (Failure::Interrupted, true) => "no answer in time",
        };
        let kind = if self.timeout { ErrorKind::Timeout } else { ErrorKind::Transport };
        let proxy = self.proxy.as_ref().map(|proxy| format!(" through proxy {proxy}")).unwrap_or_default();
        let message = format!("{what} ({host}{proxy}): {}", innermost(&*self.source));
        Error::new(kind, message).maybe_executed(self.is_sent()).with_source(self.source)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.failure {
            Failure::NotSent => "the request was not sent",
            Failure::Interrupted => "the answer did not come",
            Failure::Settings => "the request can't be sent with these settings",
            Failure::Unusable => "the answer can't be used",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

/// The innermost cause; it says most, and the layers above repeat each other.
fn innermost<'a>(mut error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    while let Some(deeper) = error.source() {
        error = deeper;
    }
    error
}
