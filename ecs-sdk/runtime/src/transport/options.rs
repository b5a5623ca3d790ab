//! What of the default transport can be set.

use std::{fmt, time::Duration};

use super::proxy::GivenProxies;

/// How requests travel: proxies, certificates, connections, limits. For
/// [`Builder::http`](crate::config::Builder::http) and [`HttpClient::new`](super::HttpClient::new).
///
/// ```
/// use ecs_sdk::{Client, transport::HttpOptions};
///
/// let http = HttpOptions::new().proxy("http://user:password@proxy.example.com:3128").no_proxy(["10.0.0.0/8"]);
/// let client = Client::builder().http(http).build()?;
/// # Ok::<(), ecs_sdk::Error>(())
/// ```
///
/// # Proxies
///
/// A proxy is `http://host:port`, `https://…` (TLS to the proxy itself), `socks5://…` (names are looked up here) or
/// `socks5h://…` (the proxy looks names up; both need the feature `socks`), with `user:password@` before the host if it
/// asks for them; special characters of these are percent-encoded. `http` is meant when no scheme is given.
///
/// What is not set here comes from the environment, in small letters or else in capitals: `http_proxy`, `https_proxy`,
/// `all_proxy`, `no_proxy`. A CGI program ignores `HTTP_PROXY`, which its caller could set.
///
/// No proxy is used for this machine (`localhost` and loopback addresses) and the metadata server `100.100.100.200`,
/// which no proxy can reach.
#[derive(Clone)]
#[must_use = "options do nothing until a client takes them"]
pub struct HttpOptions {
    pub(super) proxies: GivenProxies,
    pub(super) roots: Roots,
    pub(super) root_certificates: Vec<Vec<u8>>,
    pub(super) tls_backend: Option<TlsBackend>,
    pub(super) http1_only: bool,
    pub(super) max_idle_per_host: usize,
    pub(super) idle_timeout: Duration,
    pub(super) gzip: bool,
    pub(super) max_response_size: usize,
    pub(super) user_agent: Option<String>,
}

/// Which certificate authorities are trusted, besides those given by [`HttpOptions::root_certificates`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Roots {
    /// Those of Mozilla, which come with the SDK: it works in images without a certificate store. With native TLS it
    /// means the same as `System`.
    #[default]
    Bundled,
    /// Those of the operating system, read when the client is built.
    System,
    /// None but those given.
    OnlyGiven,
}

/// What does TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsBackend {
    /// rustls with ring.
    #[cfg(feature = "rustls")]
    Rustls,
    /// What the operating system has: OpenSSL, Secure Transport, SChannel.
    #[cfg(feature = "native-tls")]
    Native,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            proxies: GivenProxies::default(),
            roots: Roots::default(),
            root_certificates: Vec::new(),
            tls_backend: None,
            http1_only: false,
            max_idle_per_host: usize::MAX,
            // The service closes idle connections after some 10 s; a connection that dies in use costs a retry.
            idle_timeout: Duration::from_secs(8),
            gzip: true,
            max_response_size: 64 << 20,
            user_agent: None,
        }
    }
}

impl HttpOptions {
    /// Starts with the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the proxy of all requests; [`http_proxy`](Self::http_proxy) and [`https_proxy`](Self::https_proxy) go
    /// before it.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxies.all = Some(url.into());
        self
    }

    /// Sets the proxy of requests to `http` endpoints.
    pub fn http_proxy(mut self, url: impl Into<String>) -> Self {
        self.proxies.http = Some(url.into());
        self
    }

    /// Sets the proxy of requests to `https` endpoints.
    pub fn https_proxy(mut self, url: impl Into<String>) -> Self {
        self.proxies.https = Some(url.into());
        self
    }

    /// Sets which hosts are reached without proxy: a domain with all below it (`example.com`), an address, a network
    /// (`10.0.0.0/8`), or `*` for all.
    pub fn no_proxy<T: Into<String>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.proxies.except = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn without_proxy(mut self) -> Self {
        self.proxies = GivenProxies { environment: false, ..GivenProxies::default() };
        self
    }

    /// Trusts one more certificate authority, or several: PEM text, as in a file with `-----BEGIN CERTIFICATE-----`.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Sets which certificate authorities are trusted besides those given; [`Roots::Bundled`] by default.
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = roots;
        self
    }

    /// Sets what does TLS when both features are on; rustls by default.
    pub fn tls_backend(mut self, backend: TlsBackend) -> Self {
        self.tls_backend = Some(backend);
        self
    }

    /// Speaks HTTP/1.1 with every server. Without the feature `http2` it is so anyhow; with it, a server chooses by ALPN.
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// Sets how many idle connections to a host are kept; no limit by default.
    pub fn max_idle_per_host(mut self, connections: usize) -> Self {
        self.max_idle_per_host = connections;
        self
    }

    /// Sets for how long an idle connection is kept; 8 s by default. The service closes it after some 10 s, so that a
    /// longer time costs retries.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Does not ask for compressed answers. Without the feature `gzip` it is so anyhow.
    pub fn without_gzip(mut self) -> Self {
        self.gzip = false;
        self
    }

    /// Sets the largest body of an answer, in bytes, compressed or not; 64 MiB by default. A call whose answer is larger
    /// fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode) as soon as that is known.
    pub fn max_response_size(mut self, bytes: usize) -> Self {
        self.max_response_size = bytes;
        self
    }

    /// Adds to the `user-agent` header, after the SDK's own name: `inventory/1.2`.
    pub fn user_agent(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent = Some(suffix.into());
        self
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("proxies", &self.proxies)
            .field("roots", &self.roots)
            .field("root_certificates", &self.root_certificates.len())
            .field("tls_backend", &self.tls_backend)
            .field("http1_only", &self.http1_only)
            .field("max_idle_per_host", &self.max_idle_per_host)
            .field("idle_timeout", &self.idle_timeout)
            .field("gzip", &self.gzip)
            .field("max_response_size", &self.max_response_size)
            .field("user_agent", &self.user_agent)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_connections_go_before_the_service_closes_them() {
        assert!(HttpOptions::new().idle_timeout < Duration::from_secs(10));
    }

    #[test]
    fn debug_shows_no_password() {
        let options = HttpOptions::new().proxy("http://user:hunter2@proxy").http_proxy("user:hunter2@proxy");
        let shown = format!("{:?}", options.https_proxy("socks5://user:hunter2@proxy").root_certificates("pem"));
        assert!(!shown.contains("hunter2") && shown.matches("***").count() == 3, "{shown}");
    }
}
