//! Options of the default transport.

use std::{fmt, time::Duration};

use super::proxy::GivenProxies;

/// Options of HTTP: proxies, certificates, connections, limits. For
/// [`Builder::http`](crate::builder::Builder::http) and [`HttpClient::new`](super::HttpClient::new).
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
/// A proxy is `http://host:port`, `https://…` (TLS to the proxy itself), `socks5://…` (host names are resolved here) or
/// `socks5h://…` (the proxy resolves them; both need the feature `socks`), with `user:password@` before the host if it
/// requires authentication; special characters of these are percent-encoded. The default scheme is `http`.
///
/// Proxies that are not set here are read from the environment; lower-case names take precedence over upper-case ones:
/// `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`. A CGI program ignores `HTTP_PROXY`, which its caller could set.
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
    pub(super) user_agent_suffix: Option<String>,
}

/// Which certificate authorities are trusted, in addition to those of [`HttpOptions::root_certificates`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Roots {
    /// Those of Mozilla, which come with the SDK and work in images without a certificate store. With native TLS it
    /// means the same as `System`.
    #[default]
    Bundled,
    /// Those of the operating system, read when the client is built.
    System,
    /// No others.
    OnlyGiven,
}

/// The implementation of TLS. Each needs a feature; building a client with one that is not compiled in fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsBackend {
    /// rustls with ring. It needs the feature `rustls`.
    Rustls,
    /// TLS of the operating system: OpenSSL, Secure Transport, SChannel. It needs the feature `native-tls`.
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
            // The service closes idle connections after about 10 s; a connection that breaks in use costs a retry.
            idle_timeout: Duration::from_secs(8),
            gzip: true,
            // The largest responses, pages of 100 instances, have some 300 KB.
            max_response_size: 64 << 20,
            user_agent_suffix: None,
        }
    }
}

impl HttpOptions {
    /// Creates the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the proxy of all requests; [`http_proxy`](Self::http_proxy) and [`https_proxy`](Self::https_proxy) take
    /// precedence.
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

    /// Sets the hosts that are reached without a proxy: a domain with its subdomains (`example.com`), an IP address, a
    /// network (`10.0.0.0/8`), or `*` for all.
    pub fn no_proxy<T: Into<String>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.proxies.except = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Uses no proxy: discards those set so far and ignores the environment.
    pub fn without_proxy(mut self) -> Self {
        self.proxies = GivenProxies { environment: false, ..GivenProxies::default() };
        self
    }

    /// Adds trusted certificate authorities, one or more, in PEM format: `-----BEGIN CERTIFICATE-----`.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Sets which certificate authorities are trusted in addition to those added; [`Roots::Bundled`] by default.
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = roots;
        self
    }

    /// Sets the implementation of TLS. By default it is rustls, or native TLS if only that is compiled in. Without the
    /// feature of the backend, building the client fails.
    pub fn tls_backend(mut self, backend: TlsBackend) -> Self {
        self.tls_backend = Some(backend);
        self
    }

    /// Sets whether only HTTP/1.1 is used; off by default, so that servers choose HTTP/2 by ALPN. Without the feature
    /// `http2` it has no effect: HTTP/1.1 is all there is.
    pub fn http1_only(mut self, only: bool) -> Self {
        self.http1_only = only;
        self
    }

    /// Sets the maximum number of idle connections per host; unlimited by default.
    pub fn max_idle_per_host(mut self, connections: usize) -> Self {
        self.max_idle_per_host = connections;
        self
    }

    /// Sets how long idle connections are kept; 8 s by default. The service closes them after about 10 s, so a longer
    /// time costs retries.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets whether compressed responses are accepted; on by default. Without the feature `gzip` it has no effect: they
    /// are not.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// Sets the maximum size of a response body in bytes, before and after decompression; 64 MiB by default. A call with
    /// a larger response fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode) as soon as that is known.
    pub fn max_response_size(mut self, bytes: usize) -> Self {
        self.max_response_size = bytes;
        self
    }

    /// Sets the text that follows the SDK's own name in the `user-agent` header, such as `inventory/1.2`. Building the
    /// client fails if it is empty or contains anything but printable ASCII.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
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
            .field("user_agent_suffix", &self.user_agent_suffix)
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
