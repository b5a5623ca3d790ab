//! HTTP, behind a trait: reqwest by default, anything else if you like.

use std::{
    error::Error as StdError,
    fmt,
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use bytes::Bytes;

use crate::{
    error::{Error, ErrorKind, Result},
    runtime::BoxFuture,
};

/// The metadata server, as seen from an instance.
const METADATA_SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200));

/// Sends one HTTP request.
///
/// Implementations do not retry, follow no redirects and change no byte of the body: it is signed.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request and reads the whole answer.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

/// Why a request got no answer.
#[derive(Debug)]
pub struct TransportError {
    sent: bool,
    timeout: bool,
    source: Box<dyn StdError + Send + Sync>,
}

impl TransportError {
    /// The request never left: the address is not known, the connection was refused.
    pub fn not_sent(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { sent: false, timeout: false, source: source.into() }
    }

    /// The request left, or may have left, and no whole answer came.
    pub fn interrupted(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { sent: true, timeout: false, source: source.into() }
    }

    /// Marks that time ran out.
    pub fn timed_out(mut self) -> Self {
        self.timeout = true;
        self
    }

    /// Whether the service may have got the request.
    pub fn is_sent(&self) -> bool {
        self.sent
    }

    pub(crate) fn into_error(self, host: &str) -> Error {
        let kind = if self.timeout { ErrorKind::Timeout } else { ErrorKind::Transport };
        let what = match (self.sent, self.timeout) {
            (false, false) => "can't connect",
            (false, true) => "connecting took too long",
            (true, false) => "the connection broke before the answer was complete",
            (true, true) => "no answer in time",
        };
        let mut message = format!("{what} ({host})");
        let mut cause: Option<&(dyn StdError + 'static)> = Some(&*self.source);
        // The innermost cause says most, and the layers above repeat each other.
        while let Some(inner) = cause {
            match inner.source() {
                Some(deeper) => cause = Some(deeper),
                None => {
                    message.push_str(&format!(": {inner}"));
                    break;
                }
            }
        }
        Error::new(kind, message).maybe_executed(self.sent).with_source(self.source)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.sent { "the answer did not come" } else { "the request was not sent" })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

/// The default transport. Proxies of the environment are used, but not for this machine and the metadata server, which
/// no proxy can reach.
#[derive(Debug, Clone)]
pub(crate) struct Reqwest {
    proxied: reqwest::Client,
    direct: reqwest::Client,
}

impl Reqwest {
    pub(crate) fn new(connect_timeout: Duration) -> Result<Self> {
        let failed = |error: Box<dyn StdError + Send + Sync>| {
            Error::new(ErrorKind::Config, format!("the HTTP client can't be built: {error}")).with_source(error)
        };
        #[cfg(feature = "rustls")]
        let tls = {
            // Roots that come with the SDK: it works in images without a certificate store.
            let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
            rustls::ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| failed(error.into()))?
                .with_root_certificates(roots)
                .with_no_client_auth()
        };
        let builder = || {
            let builder = reqwest::Client::builder()
                .connect_timeout(connect_timeout)
                // The service closes idle connections after some 10 s; a connection that dies in use costs a retry.
                .pool_idle_timeout(Duration::from_secs(8))
                .redirect(reqwest::redirect::Policy::none())
                .user_agent(concat!("ecs-sdk-rust/", env!("CARGO_PKG_VERSION")));
            #[cfg(feature = "rustls")]
            let builder = builder.tls_backend_preconfigured(tls.clone());
            builder
        };
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(|error| failed(error.into()));
        Ok(Self { proxied: build(builder())?, direct: build(builder().no_proxy())? })
    }

    fn client(&self, uri: &http::Uri) -> &reqwest::Client {
        if uri.host().is_some_and(never_proxied) { &self.direct } else { &self.proxied }
    }
}

/// Whether a host is this machine, or the metadata server.
fn never_proxied(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.is_loopback() || address == METADATA_SERVER)
}

impl Transport for Reqwest {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let classify = |error: reqwest::Error| {
                let timeout = error.is_timeout();
                let error = error.without_url();
                let failure = if error.is_connect() || error.is_builder() {
                    TransportError::not_sent(error)
                } else {
                    TransportError::interrupted(error)
                };
                if timeout { failure.timed_out() } else { failure }
            };
            let client = self.client(request.uri());
            let request = request.map(reqwest::Body::from).try_into().map_err(classify)?;
            let mut response = client.execute(request).await.map_err(classify)?;
            let mut answer = http::Response::new(Bytes::new());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = std::mem::take(response.headers_mut());
            *answer.body_mut() = response.bytes().await.map_err(classify)?;
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_and_the_metadata_server_are_asked_without_proxy() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]", "100.100.100.200"] {
            assert!(never_proxied(host), "{host}");
        }
        for host in ["ecs.aliyuncs.com", "localhost.example.com", "100.100.100.201", "10.0.0.1", "[2001:db8::1]"] {
            assert!(!never_proxied(host), "{host}");
        }
    }
}
