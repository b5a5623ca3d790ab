//! Options of the default transport.

use std::{fmt, time::Duration};

use super::proxy::GivenProxies;

/// HTTP options of the default transport: proxies, certificates, connections, limits.
///
/// Pass them to [`Builder::http`](crate::builder::Builder::http) or [`HttpClient::new`](super::HttpClient::new).
///
/// ```
/// use std::time::Duration;
/// use ecs_sdk::{Client, transport::HttpOptions};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let http = HttpOptions::new()
///     .proxy("http://user:password@proxy.example.com:3128")
///     .no_proxy(["10.0.0.0/8"])
///     .max_idle_per_host(10)
///     .idle_timeout(Duration::from_secs(5))
///     .max_response_size(8 << 20);
/// let client = Client::builder().http(http).build()?;
/// # Ok(())
/// # }
/// ```
///
/// # Proxies
///
/// The URL of a proxy is one of:
///
/// - `http://host:port`, or `host:port`
/// - `https://host:port`, for a proxy that is reached over TLS
/// - `socks5://host:port`, to resolve hostnames on this machine; needs the `socks` feature
/// - `socks5h://host:port`, to let the proxy resolve hostnames; needs the `socks` feature
///
/// If the proxy requires authentication, put `user:password@` before the host, with special characters percent-encoded.
///
/// Proxies that are not set in code are read from the environment variables `http_proxy`, `https_proxy`, `all_proxy`
/// and `no_proxy`; lower-case names take precedence over upper-case ones. CGI programs ignore `HTTP_PROXY`, because
/// their callers can set it.
///
/// Requests to this machine (`localhost` and loopback addresses) and to the metadata service (`100.100.100.200`, which
/// no proxy can reach) never use a proxy.
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

/// Certificate authorities that are trusted in addition to those of [`HttpOptions::root_certificates`].
///
/// ```no_run
/// use ecs_sdk::{
///     Client,
///     transport::{HttpOptions, Roots},
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Trusts a company's certificate authority and no other.
/// let http = HttpOptions::new()
///     .root_certificates(std::fs::read("company.pem")?)
///     .roots(Roots::OnlyGiven);
/// let client = Client::builder().http(http).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Roots {
    /// The certificate authorities of Mozilla, which are compiled into the program and work in images without a
    /// certificate store. With [`TlsBackend::Native`], this is the same as `System`.
    #[default]
    Bundled,
    /// The certificate authorities of the operating system, read when the client is built.
    System,
    /// No other certificate authorities. Add at least one with [`HttpOptions::root_certificates`].
    OnlyGiven,
}

/// The implementation of TLS. Each needs a Cargo feature, without which building the client fails.
///
/// ```no_run
/// use ecs_sdk::{
///     Client,
///     transport::{HttpOptions, TlsBackend},
/// };
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let client =
///     Client::builder().http(HttpOptions::new().tls_backend(TlsBackend::Native)).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsBackend {
    /// rustls with ring. Needs the `rustls` feature, which is on by default.
    #[cfg_attr(ecs_sdk_docs, doc(cfg(feature = "rustls")))]
    Rustls,
    /// The implementation of the operating system: OpenSSL, Secure Transport or SChannel. Needs the
    /// `native-tls` feature.
    #[cfg_attr(ecs_sdk_docs, doc(cfg(feature = "native-tls")))]
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
            // The service closes idle connections after about 10 s. A request on one that is being closed costs a
            // retry.
            idle_timeout: Duration::from_secs(8),
            gzip: true,
            // The largest responses, pages of 100 instances, are about 350 KB.
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

    /// Sets the [proxy](Self#proxies) of all requests; [`http_proxy`](Self::http_proxy) and
    /// [`https_proxy`](Self::https_proxy) take precedence.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxies.all = Some(url.into());
        self
    }

    /// Sets the [proxy](Self#proxies) of requests to `http` endpoints.
    pub fn http_proxy(mut self, url: impl Into<String>) -> Self {
        self.proxies.http = Some(url.into());
        self
    }

    /// Sets the [proxy](Self#proxies) of requests to `https` endpoints.
    pub fn https_proxy(mut self, url: impl Into<String>) -> Self {
        self.proxies.https = Some(url.into());
        self
    }

    /// Sets the hosts that are reached without a proxy, replacing those of the environment. Each is a domain, including
    /// its subdomains (`example.com`), an IP address, a network (`10.0.0.0/8`), or `*` for all hosts. A port (`example.com:443`)
    /// restricts it to requests to that port.
    ///
    /// ```
    /// use ecs_sdk::transport::HttpOptions;
    ///
    /// let http = HttpOptions::new()
    ///     .proxy("proxy.example.com:3128")
    ///     .no_proxy(["internal.example.com", "10.0.0.0/8"]);
    /// # let _ = http;
    /// ```
    pub fn no_proxy<T: Into<String>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.proxies.except = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Uses no proxy: discards proxies set before, and ignores the environment.
    pub fn without_proxy(mut self) -> Self {
        self.proxies = GivenProxies { environment: false, ..GivenProxies::default() };
        self
    }

    /// Adds trusted certificate authorities: one or more certificates in PEM format (`-----BEGIN CERTIFICATE-----`).
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Sets the certificate authorities that are trusted in addition to [`root_certificates`](Self::root_certificates);
    /// the default is [`Roots::Bundled`].
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = roots;
        self
    }

    /// Sets the implementation of TLS. The default is rustls, or native TLS if only the `native-tls` feature is
    /// enabled. Building the client fails if the feature of the backend is not enabled.
    #[cfg_attr(ecs_sdk_docs, doc(cfg(any(feature = "rustls", feature = "native-tls"))))]
    pub fn tls_backend(mut self, backend: TlsBackend) -> Self {
        self.tls_backend = Some(backend);
        self
    }

    /// Sets whether only HTTP/1.1 is used; off by default, so HTTP/2 is used with servers that select it by ALPN.
    /// Without the `http2` feature, this has no effect, because only HTTP/1.1 is supported.
    pub fn http1_only(mut self, only: bool) -> Self {
        self.http1_only = only;
        self
    }

    /// Sets the maximum number of idle connections that each tokio runtime keeps per host; unlimited by default.
    pub fn max_idle_per_host(mut self, connections: usize) -> Self {
        self.max_idle_per_host = connections;
        self
    }

    /// Sets how long idle connections are kept; the default is 8 s. The service closes them after about 10 s, so longer
    /// times cause retries.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets whether compressed responses are requested; on by default. Without the `gzip` feature, this has no effect,
    /// because compressed responses are not supported.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// Sets the maximum size of a response body in bytes, before and after decompression; the default is 64 MiB. A call
    /// fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode) as soon as its response exceeds the maximum.
    pub fn max_response_size(mut self, bytes: usize) -> Self {
        self.max_response_size = bytes;
        self
    }

    /// Appends a string such as `inventory/1.2` to the `user-agent` header, after the name of the SDK. Building the
    /// client fails if it is empty or contains characters other than printable ASCII.
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
    fn idle_connections_are_closed_before_the_service_closes_them() {
        assert!(HttpOptions::new().idle_timeout < Duration::from_secs(10));
    }

    #[test]
    fn debug_shows_no_password() {
        let options = HttpOptions::new().proxy("http://user:hunter2@proxy").http_proxy("user:hunter2@proxy");
        let shown = format!("{:?}", options.https_proxy("socks5://user:hunter2@proxy").root_certificates("pem"));
        assert!(!shown.contains("hunter2") && shown.matches("***").count() == 3, "{shown}");
    }
}
