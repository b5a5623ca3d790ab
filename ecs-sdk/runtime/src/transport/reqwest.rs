//! The default transport, which uses reqwest.

use std::{fmt, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT_ENCODING, HeaderValue};
use reqwest::Url;

use super::{
    coding,
    contract::{Transport, TransportError, innermost},
    options::HttpOptions,
    proxy::{Proxies, shown},
    tls,
};
use crate::{
    environment::{Environment, NoEnvironment, ProcessEnvironment},
    error::{Error, ErrorKind, Result},
    system::BoxFuture,
    timeouts::Timeouts,
};

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
/// Connections belong to the tokio runtime on which a request is sent. Use the same runtime for all calls of a client.
#[derive(Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    proxies: Arc<Proxies>,
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
        let proxies = Arc::new(Proxies::new(&options.proxies, environment).map_err(invalid)?);
        let selected = proxies.clone();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(connect_timeout)
            .pool_max_idle_per_host(options.max_idle_per_host)
            .pool_idle_timeout(options.idle_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .proxy(reqwest::Proxy::custom(move |url| selected.proxy(url).ok().flatten().cloned()))
            .user_agent(user_agent);
        if options.http1_only {
            builder = builder.http1_only();
        }
        let client = tls::configure(builder, options).map_err(invalid)?.build().map_err(|error| {
            invalid(format!("the HTTP client cannot be built: {}", innermost(&error))).with_source(error)
        })?;
        Ok(Self {
            client,
            proxies,
            gzip: options.gzip && cfg!(feature = "gzip"),
            max_response_size: options.max_response_size,
        })
    }

    async fn exchange(&self, mut request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        if self.gzip {
            request.headers_mut().entry(ACCEPT_ENCODING).or_insert(const { HeaderValue::from_static("gzip") });
        }
        let request: reqwest::Request = request
            .map(reqwest::Body::from)
            .try_into()
            .map_err(|error: reqwest::Error| TransportError::settings(format!("invalid URL: {}", innermost(&error))))?;
        let proxy = self.route(request.url())?;
        let failed = |error: reqwest::Error| classify(error).through(proxy.clone());
        // A program that blocks on calls does not poll idle connections between them. Yield once, so that the runtime
        // notices which of them the server has closed before one is used for this request.
        tokio::task::yield_now().await;
        let mut response = self.client.execute(request).await.map_err(failed)?;
        let mut received = http::Response::new(Bytes::new());
        *received.status_mut() = response.status();
        *received.headers_mut() = std::mem::take(response.headers_mut());
        let fits = |length: u64| usize::try_from(length).is_ok_and(|length| length <= self.max_response_size);
        if !response.content_length().is_none_or(fits) {
            return Err(self.too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if chunk.len() > self.max_response_size - body.len() {
                return Err(self.too_large());
            }
            body.extend_from_slice(&chunk);
        }
        *received.body_mut() = body.freeze();
        coding::decode(received, self.max_response_size)?.ok_or_else(|| self.too_large())
    }

    /// The proxy of a request, in the form for messages. Returns an error if the request cannot be sent at all.
    fn route(&self, url: &Url) -> Result<Option<String>, TransportError> {
        if url.scheme() == "https" && !cfg!(any(feature = "rustls", feature = "native-tls")) {
            let message = "HTTPS endpoints need TLS: enable the `rustls` or `native-tls` feature of ecs-sdk";
            return Err(TransportError::settings(message));
        }
        Ok(self.proxies.proxy(url).map_err(TransportError::settings)?.map(shown))
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
            .field("gzip", &self.gzip)
            .field("max_response_size", &self.max_response_size)
            .finish_non_exhaustive()
    }
}

impl Transport for HttpClient {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

/// Whether the request may have been sent. Before there was a connection it certainly was not; after that it is unknown
/// and treated as sent. If a pooled connection turns out to be closed before the request is written, hyper itself uses
/// another.
fn classify(error: reqwest::Error) -> TransportError {
    let timeout = error.is_timeout();
    let error = error.without_url();
    let failure = if error.is_connect() { TransportError::not_sent(error) } else { TransportError::interrupted(error) };
    if timeout { failure.timed_out() } else { failure }
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
