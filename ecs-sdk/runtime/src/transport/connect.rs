//! Opens connections: directly or through a proxy, and with TLS for HTTPS.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, Uri, uri::Scheme};
use hyper_util::client::legacy::connect::HttpConnector;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower_service::Service;
use url::Url;

use super::{
    failure::ConnectError,
    proxy::Proxies,
    stream::{BoxIo, Stream},
    tls::Tls,
};
use crate::{
    error::BoxError,
    redact::{MASK, Secrets},
    system::BoxFuture,
};

/// Interval of TCP keepalive probes, and the idle time before the first. Firewalls drop idle connections silently.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Maximum size of a proxy's response to CONNECT, in bytes.
const MAX_TUNNEL_RESPONSE_SIZE: usize = 8 << 10;

/// Opens connections. Clones share their settings.
#[derive(Clone)]
pub(super) struct Connector(Arc<Settings>);

struct Settings {
    tcp: HttpConnector,
    tls: Tls,
    proxies: Arc<Proxies>,
    user_agent: HeaderValue,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(tls: Tls, proxies: Arc<Proxies>, user_agent: HeaderValue, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Divided among the addresses of a host, so that one that does not respond leaves time for the others.
        tcp.set_connect_timeout(Some(timeout));
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE));
        tcp.set_keepalive_retries(Some(3));
        // As long as the keepalive probes take.
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        tcp.set_tcp_user_timeout(Some(KEEPALIVE * 2));
        Self(Arc::new(Settings { tcp, tls, proxies, user_agent, timeout }))
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = ConnectError;
    type Future = BoxFuture<'static, Result<Stream, ConnectError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let settings = self.0.clone();
        Box::pin(async move {
            let connecting = tokio::time::timeout(settings.timeout, settings.connect(&target));
            connecting.await.unwrap_or_else(|_| Err(ConnectError::TimedOut(settings.timeout)))
        })
    }
}

impl Settings {
    async fn connect(&self, target: &Uri) -> Result<Stream, ConnectError> {
        let host = target.host().unwrap_or_default();
        let secure = target.scheme() == Some(&Scheme::HTTPS);
        let port = target.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let proxy = origin(target).and_then(|url| self.proxies.proxy(&url).ok().flatten().cloned());
        let io = match &proxy {
            None => self.tcp(target).await?,
            Some(proxy) if proxy.scheme().starts_with("socks") => self.socks(proxy, host, port).await?,
            Some(proxy) => {
                let address = proxy.as_str().parse().map_err(|error| ConnectError::failed(BoxError::from(error)))?;
                let mut io = self.tcp(&address).await?;
                if proxy.scheme() == "https" {
                    io = self.tls.connect_to_proxy(address.host().unwrap_or_default(), io).await?;
                }
                if !secure {
                    return Ok(Stream::to_proxy(io));
                }
                self.tunnel(&mut io, proxy, host, port).await?;
                io
            }
        };
        if !secure {
            return Ok(Stream::to_server(io, false));
        }
        let (io, http2) = self.tls.connect(host, io).await?;
        Ok(Stream::to_server(io, http2))
    }

    /// Opens a TCP connection to the host of a URL.
    async fn tcp(&self, url: &Uri) -> Result<BoxIo, ConnectError> {
        let connecting = self.tcp.clone().call(url.clone());
        let connected = connecting.await.map_err(|error| ConnectError::tcp(error, self.timeout))?;
        Ok(Box::new(connected.into_inner()))
    }

    /// Lets an HTTP proxy open a connection to a server.
    async fn tunnel(&self, io: &mut BoxIo, proxy: &Url, host: &str, port: u16) -> Result<(), ConnectError> {
        let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\nuser-agent: ").into_bytes();
        request.extend_from_slice(self.user_agent.as_bytes());
        if let Some(login) = basic_authorization(proxy) {
            request.extend_from_slice(b"\r\nproxy-authorization: ");
            request.extend_from_slice(login.as_bytes());
        }
        request.extend_from_slice(b"\r\n\r\n");
        io.write_all(&request).await.map_err(ConnectError::failed)?;
        io.flush().await.map_err(ConnectError::failed)?;

        let mut response = Vec::with_capacity(512);
        // The server does not send anything before TLS starts, so nothing follows the head.
        while !response.windows(4).any(|end| end == b"\r\n\r\n") {
            if response.len() >= MAX_TUNNEL_RESPONSE_SIZE {
                return Err(ConnectError::failed("the proxy's response to CONNECT is too large"));
            }
            if io.read_buf(&mut response).await.map_err(ConnectError::failed)? == 0 {
                return Err(ConnectError::failed("the proxy closed the connection before it responded to CONNECT"));
            }
        }
        match tunnel_status(&response) {
            Some(status) if status.is_success() => Ok(()),
            Some(status) => Err(ConnectError::tunnel(status, proxy)),
            None => Err(ConnectError::failed("the proxy's response to CONNECT is not HTTP")),
        }
    }

    #[cfg(feature = "socks")]
    async fn socks(&self, proxy: &Url, host: &str, port: u16) -> Result<BoxIo, ConnectError> {
        use hyper_util::client::legacy::connect::proxy::SocksV5;

        let mut host = host.to_owned();
        if proxy.scheme() == "socks5" {
            let bare = host.trim_matches(['[', ']']).to_owned();
            let mut addresses = tokio::net::lookup_host((bare, port)).await.map_err(ConnectError::failed)?;
            let address = addresses.next().ok_or_else(|| ConnectError::failed("the host has no address"))?;
            host = if address.is_ipv6() { format!("[{}]", address.ip()) } else { address.ip().to_string() };
        }
        let uri = |authority: String| {
            let uri = Uri::builder().scheme("http").authority(authority).path_and_query("/").build();
            uri.map_err(ConnectError::failed)
        };
        let address = uri(format!("{}:{}", proxy.host_str().unwrap_or_default(), proxy.port().unwrap_or(1080)))?;
        let mut socks = SocksV5::new(address, self.tcp.clone());
        if let Some((user, password)) = login(proxy) {
            socks = socks.with_auth(user, password);
        }
        let connected =
            socks.call(uri(format!("{host}:{port}"))?).await.map_err(|error| ConnectError::socks(error, proxy))?;
        Ok(Box::new(connected.into_inner()))
    }

    #[cfg(not(feature = "socks"))]
    #[expect(clippy::unused_async, reason = "the same signature as with the feature")]
    async fn socks(&self, _: &Url, _: &str, _: u16) -> Result<BoxIo, ConnectError> {
        Err(ConnectError::failed("SOCKS proxies need the `socks` feature of ecs-sdk"))
    }
}

/// The scheme, host and port of a URL, which select its proxy.
pub(super) fn origin(url: &Uri) -> Option<Url> {
    Url::parse(&format!("{}://{}", url.scheme_str()?, url.authority()?)).ok()
}

/// The value of the `proxy-authorization` header, if the URL of a proxy has a user or password.
pub(super) fn basic_authorization(proxy: &Url) -> Option<HeaderValue> {
    let (user, password) = login(proxy)?;
    let encoded = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let mut value = HeaderValue::try_from(format!("Basic {encoded}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Masks the password of a proxy in a response that the proxy may have written itself: an error, or anything but a JSON
/// object. Calls do not know this secret.
pub(super) fn without_login(proxy: &Url, mut response: http::Response<Bytes>) -> http::Response<Bytes> {
    let is_from_service = response.status().is_success() && response.body().trim_ascii_start().starts_with(b"{");
    let Some((user, password)) = login(proxy).filter(|_| !is_from_service) else { return response };
    let mut secrets = Secrets::default();
    secrets.add_credential(&password);
    secrets.add(&BASE64_STANDARD.encode(format!("{user}:{password}")));
    let finder = secrets.finder();
    if let Some(masked) = finder.masked_bytes(response.body()) {
        *response.body_mut() = masked.into();
    }
    for value in response.headers_mut().values_mut() {
        if let Some(masked) = finder.masked_bytes(value.as_bytes()) {
            *value = HeaderValue::from_bytes(&masked).unwrap_or(const { HeaderValue::from_static(MASK) });
        }
    }
    response
}

/// The user and password in the URL of a proxy.
fn login(proxy: &Url) -> Option<(String, String)> {
    let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    let given = !proxy.username().is_empty() || proxy.password().is_some();
    given.then(|| (decoded(proxy.username()), decoded(proxy.password().unwrap_or_default())))
}

/// The status code of a proxy's response.
fn tunnel_status(response: &[u8]) -> Option<StatusCode> {
    // One digit of the version, and a space.
    let rest = response.strip_prefix(b"HTTP/1.")?.get(1..)?.strip_prefix(b" ")?;
    StatusCode::from_bytes(rest.get(..3)?).ok()
}
