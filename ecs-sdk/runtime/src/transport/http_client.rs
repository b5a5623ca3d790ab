//! The default transport, which uses hyper.

use std::{fmt, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{
    StatusCode, Uri,
    header::{ACCEPT, ACCEPT_ENCODING, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT},
    uri::Scheme,
};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use url::Url;

use super::{
    coding,
    connect::{Connector, basic_authorization, origin, without_login},
    contract::{Transport, TransportError},
    failure::{classify, unauthenticated},
    interim::Interim,
    options::HttpOptions,
    pools::Pools,
    proxy::{Proxies, shown},
    tls::Tls,
};
use crate::{
    endpoint::is_host,
    environment::{Environment, NoEnvironment, ProcessEnvironment},
    error::{Error, ErrorKind, Result},
    system::BoxFuture,
    timeouts::Timeouts,
};

/// Maximum size that is reserved for a body before it arrives, in bytes. It is larger than the largest known page; what a
/// server announces beyond it must arrive first.
const MAX_RESERVED_BYTES: usize = 1 << 20;

/// The default transport. Clones share connections.
///
/// Clients create one themselves; create your own to [wrap it](crate::transport#wrapping-the-default-transport), or to
/// share its connections between configurations:
///
/// ```
/// use ecs_sdk::{
///     Client,
///     config::Timeouts,
///     transport::{HttpClient, HttpOptions},
/// };
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let http = HttpClient::new(&HttpOptions::new(), &Timeouts::new())?;
/// let hangzhou = Client::builder().region("cn-hangzhou").transport(http.clone()).build()?;
/// let beijing = Client::builder().region("cn-beijing").transport(http).build()?;
/// # Ok(())
/// # }
/// ```
///
/// Requests may be sent from several tokio runtimes, for example in tests with a `static` client: each runtime has its
/// own connections. Outside of a runtime, requests fail.
///
/// # Failures
///
/// Failures to connect that may be transient are retried for all calls, because nothing was sent: unknown hosts, refused
/// connections, timeouts, and proxies that cannot reach the server. Failures that the same settings would cause again are
/// reported at once as [`ErrorKind::Config`](crate::ErrorKind::Config), with the remedy: certificates that are untrusted,
/// expired or for another name, servers without suitable TLS, and proxies that require a password or do not allow the
/// connection. Redirects are not followed.
///
/// # Panics
///
/// [`send`](Transport::send) panics in a tokio runtime that was built without I/O or its timer; enable both with
/// `tokio::runtime::Builder::enable_all`.
#[derive(Clone)]
pub struct HttpClient {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    proxies: Arc<Proxies>,
    user_agent: HeaderValue,
    gzip: bool,
    max_response_size: usize,
}

impl HttpClient {
    /// Creates a transport. Of the timeouts, it uses only [`connect`](Timeouts#structfield.connect).
    ///
    /// # Errors
    ///
    /// Returns an error if an option is invalid, such as a proxy without a host or a certificate that cannot be parsed.
    pub fn new(options: &HttpOptions, timeouts: &Timeouts) -> Result<Self> {
        Self::with_environment(options, timeouts.connect, Arc::new(ProcessEnvironment))
    }

    /// Creates a transport that uses no proxy, for servers that no proxy can reach.
    pub(crate) fn direct(connect_timeout: Duration) -> Result<Self> {
        Self::with_environment(&HttpOptions::new().without_proxy(), connect_timeout, Arc::new(NoEnvironment))
    }

    pub(crate) fn with_environment(
        options: &HttpOptions,
        connect_timeout: Duration,
        environment: Arc<dyn Environment>,
    ) -> Result<Self> {
        let invalid = |message: String| Error::new(ErrorKind::Config, message);
        let mut user_agent = concat!("ecs-sdk-rust/", env!("CARGO_PKG_VERSION")).to_owned();
        if let Some(suffix) = &options.user_agent_suffix {
            let valid = !suffix.trim().is_empty() && suffix.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
            if !valid {
                return Err(invalid(format!(
                    "invalid HttpOptions::user_agent_suffix {suffix:?}: expected printable ASCII such as `inventory/1.2`"
                )));
            }
            user_agent = format!("{user_agent} {}", suffix.trim());
        }
        let user_agent = HeaderValue::try_from(user_agent).expect("printable ASCII is valid in a header");
        let proxies = Arc::new(Proxies::new(&options.proxies, environment).map_err(invalid)?);
        let tls = Tls::new(options).map_err(invalid)?;
        let connector = Connector::new(tls, proxies.clone(), user_agent.clone(), connect_timeout);
        let mut builder = Client::builder(TokioExecutor::new());
        builder.timer(TokioTimer::new()).pool_timer(TokioTimer::new());
        builder.pool_idle_timeout(options.idle_timeout).pool_max_idle_per_host(options.max_idle_per_host);
        let inner = Inner {
            pools: Pools::new(builder, connector),
            proxies,
            user_agent,
            gzip: options.gzip && cfg!(feature = "gzip"),
            max_response_size: options.max_response_size,
        };
        Ok(Self { inner: Arc::new(inner) })
    }
}

impl Inner {
    async fn exchange(&self, mut request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let proxy = self.route(request.uri())?;
        let headers = request.headers_mut();
        headers.entry(USER_AGENT).or_insert_with(|| self.user_agent.clone());
        headers.entry(ACCEPT).or_insert(const { HeaderValue::from_static("*/*") });
        if self.gzip {
            headers.entry(ACCEPT_ENCODING).or_insert(const { HeaderValue::from_static("gzip") });
        }
        // With HTTPS, the proxy opens a tunnel and does not see the request.
        let forwarding = proxy.as_ref().filter(|proxy| !proxy.scheme().starts_with("socks"));
        let forwarding = forwarding.filter(|_| request.uri().scheme() == Some(&Scheme::HTTP));
        if let Some(login) = forwarding.and_then(basic_authorization) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, login);
        }
        let response = self.send(request).await.map_err(|error| error.through(proxy.as_ref().map(shown)))?;
        match forwarding {
            Some(proxy) if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                let error = TransportError::rejected(unauthenticated(proxy), "the proxy responded with status 407");
                Err(error.through(Some(shown(proxy))))
            }
            Some(proxy) => Ok(without_login(proxy, response)),
            None => Ok(response),
        }
    }

    /// Sends a request and receives the response.
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let pool = self.pools.current()?;
        // A program that blocks on calls does not poll idle connections between them. Yield once, so that the runtime
        // notices which of them the server has closed before one is used for this request.
        tokio::task::yield_now().await;
        let mut request = request.map(Full::new);
        let interim = Interim::of(&mut request);
        let response = interim.limit(pool.request(request)).await?.map_err(classify)?;
        let (head, body) = response.into_parts();
        let received = http::Response::from_parts(head, self.receive(body).await?);
        coding::decode(received, self.max_response_size)?.ok_or_else(|| self.too_large())
    }

    /// Reads a body. Returns an error as soon as it exceeds the limit.
    async fn receive(&self, mut body: Incoming) -> Result<Bytes, TransportError> {
        let length = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if length > self.max_response_size {
            return Err(self.too_large());
        }
        let mut received = BytesMut::with_capacity(length.min(MAX_RESERVED_BYTES));
        while let Some(frame) = body.frame().await {
            let Ok(chunk) = frame.map_err(TransportError::interrupted)?.into_data() else { continue };
            if chunk.len() > self.max_response_size - received.len() {
                return Err(self.too_large());
            }
            received.extend_from_slice(&chunk);
        }
        Ok(received.freeze())
    }

    /// The proxy of a request. Returns an error if the request cannot be sent at all.
    fn route(&self, url: &Uri) -> Result<Option<Url>, TransportError> {
        let invalid = || TransportError::settings("invalid URL: expected https://host or http://host");
        match url.scheme_str() {
            Some("http") => {}
            Some("https") if cfg!(any(feature = "rustls", feature = "native-tls")) => {}
            Some("https") => {
                let message = "HTTPS endpoints need TLS: enable the `rustls` or `native-tls` feature of ecs-sdk";
                return Err(TransportError::settings(message));
            }
            _ => return Err(invalid()),
        }
        // Comparing a URL with the rules of proxies takes parsing it again.
        if self.proxies.are_unused() && url.host().is_some_and(is_host) {
            return Ok(None);
        }
        let url = origin(url).ok_or_else(invalid)?;
        Ok(self.proxies.proxy(&url).map_err(TransportError::settings)?.cloned())
    }

    fn too_large(&self) -> TransportError {
        TransportError::unusable(format!(
            "the response is larger than {} bytes; request smaller pages, or set HttpOptions::max_response_size",
            self.max_response_size
        ))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("gzip", &self.inner.gzip)
            .field("max_response_size", &self.inner.max_response_size)
            .finish_non_exhaustive()
    }
}

impl Transport for HttpClient {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.inner.exchange(request))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use crate::{Credentials, ErrorKind, environment::FakeEnvironment, sts::Client};

    fn client(variable: &str, value: &str) -> Client {
        let mut environment = FakeEnvironment::default();
        environment.vars.insert(variable.to_owned(), value.to_owned());
        let builder = Client::builder().environment(environment).credentials(Credentials::new("id", "secret"));
        builder.endpoint("http://0.0.0.0:9").build().unwrap()
    }

    #[tokio::test]
    async fn the_proxy_of_the_environment_is_used() {
        let _limit = ecs_sdk_testing::fake::TimeLimit::start();
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = client("http_proxy", &proxy.local_addr().unwrap().to_string());
        let seen = thread::spawn(move || {
            let mut stream = proxy.accept().unwrap().0;
            let mut start = [0; 27];
            stream.read_exact(&mut start).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"RequestId\":\"R\"}").unwrap();
            (String::from_utf8_lossy(&start).into_owned(), stream)
        });
        client.call("GetCallerIdentity").send().await.unwrap();
        assert_eq!(seen.join().unwrap().0, "POST http://0.0.0.0:9/ HTTP");
    }

    #[tokio::test]
    async fn an_invalid_proxy_variable_fails_calls_without_retries() {
        let _limit = ecs_sdk_testing::fake::TimeLimit::start();
        let error =
            client("HTTP_PROXY", "ftp://user:hunter2@proxy").call("GetCallerIdentity").send().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.is_maybe_executed()), (ErrorKind::Config, 1, false));
        let start = "sts GetCallerIdentity failed: invalid proxy URL in HTTP_PROXY (unknown scheme `ftp`): expected ";
        assert!(error.to_string().starts_with(start), "{error}");
    }
}
