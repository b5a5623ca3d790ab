//! Metadata of the instance that the program runs on.

mod role;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use zeroize::Zeroizing;

use crate::{
    credentials::Credentials,
    environment::{Environment, NoEnvironment, ProcessEnvironment},
    error::{Error, ErrorKind, Result},
    form::percent_encode,
    system::{System, TokioSystem, fraction, timeout},
    transport::{HttpClient, Transport},
};

const ENDPOINT: &str = "http://100.100.100.200";
const DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
const TOKENS_ONLY: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";
const ROLES: &str = "meta-data/ram/security-credentials/";

/// The server is one hop away, and has 32 KB of user data at most.
const TIMEOUT: Duration = Duration::from_secs(5);
const LARGEST: usize = 1 << 20;
/// Longest life of a token that the server grants.
const TOKEN_TTL: Duration = Duration::from_secs(21_600);
/// How long a server that gives no tokens is not asked for one again.
const NO_TOKENS: Duration = Duration::from_secs(300);
const ATTEMPTS: u32 = 3;

/// Client of the metadata server, reachable only from inside an instance.
///
/// Asks for a token first (IMDSv2), which it keeps, and goes on without one (IMDSv1) where the server gives none, unless
/// [`require_tokens`](Builder::require_tokens) or the environment says otherwise: `ALIBABA_CLOUD_IMDSV1_DISABLED=true`
/// forbids requests without a token, `ALIBABA_CLOUD_ECS_METADATA_DISABLED=true` forbids all.
///
/// What passes is tried three times: broken connections, timeouts, 429 and 5xx. Clones share token and connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    endpoint: String,
    token_ttl: Duration,
    require_tokens: bool,
    timeout: Duration,
    transport: Arc<dyn Transport>,
    system: Arc<dyn System>,
    environment: Arc<dyn Environment>,
    token: Mutex<Token>,
}

/// What is known of tokens, and until when.
#[derive(Clone, Default)]
struct Token {
    /// `None` where the server gives none.
    value: Option<Zeroizing<String>>,
    until: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.0.endpoint).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the instance's own metadata server.
    ///
    /// # Errors
    ///
    /// Fails when the HTTP client can't be set up.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// A client of a metadata server elsewhere, for tests.
    ///
    /// # Errors
    ///
    /// Fails when the HTTP client can't be set up.
    pub fn with_endpoint(endpoint: impl Into<String>) -> Result<Self> {
        Self::builder().endpoint(endpoint).build()
    }

    /// Starts building a client.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A value below `/latest/`, for example `meta-data/image-id` or `meta-data/private-ipv4`; `None` when there is none.
    ///
    /// # Errors
    ///
    /// Fails when the server can't be reached or refuses, and when the environment forbids to ask.
    pub async fn get(&self, path: &str) -> Result<Option<String>> {
        let body = self.bytes(path).await?;
        Ok(body.map(|body| String::from_utf8_lossy(&body).into_owned()))
    }

    /// ID of the instance.
    ///
    /// # Errors
    ///
    /// Fails as [`get`](Self::get) does.
    pub async fn instance_id(&self) -> Result<Option<String>> {
        self.get("meta-data/instance-id").await
    }

    /// Region of the instance.
    ///
    /// # Errors
    ///
    /// Fails as [`get`](Self::get) does.
    pub async fn region_id(&self) -> Result<Option<String>> {
        self.get("meta-data/region-id").await
    }

    /// Zone of the instance.
    ///
    /// # Errors
    ///
    /// Fails as [`get`](Self::get) does.
    pub async fn zone_id(&self) -> Result<Option<String>> {
        self.get("meta-data/zone-id").await
    }

    /// User data of the instance, decoded; any bytes.
    ///
    /// # Errors
    ///
    /// Fails as [`get`](Self::get) does.
    pub async fn user_data(&self) -> Result<Option<Bytes>> {
        self.bytes("user-data").await
    }

    /// Time at which the preemptible instance will be taken back (`2026-01-05T18:02:00Z`); `None` while it stays.
    ///
    /// # Errors
    ///
    /// Fails as [`get`](Self::get) does.
    pub async fn spot_termination_time(&self) -> Result<Option<String>> {
        self.get("meta-data/instance/spot/termination-time").await
    }

    /// Name of the RAM role that is attached to the instance; `None` without one.
    ///
    /// # Errors
    ///
    /// Fails as [`get`](Self::get) does.
    pub async fn ram_role_name(&self) -> Result<Option<String>> {
        let names = self.get(ROLES).await?;
        let first = names.as_deref().and_then(|names| names.lines().map(str::trim).find(|name| !name.is_empty()));
        Ok(first.map(str::to_owned))
    }

    /// Temporary credentials of the RAM role of the instance, with the time of their end; `None` without a role. Each call
    /// asks the server, which gives new ones in time before the old ones end.
    ///
    /// # Errors
    ///
    /// Fails as [`get`](Self::get) does, and when the answer holds no credentials.
    pub async fn ram_role_credentials(&self) -> Result<Option<Credentials>> {
        let Some(role) = self.ram_role_name().await? else { return Ok(None) };
        let mut path = ROLES.to_owned();
        percent_encode(&role, &mut path);
        let Some(body) = self.bytes(&path).await? else { return Ok(None) };
        role::credentials(&body).map(Some).map_err(|error| error.with_call("metadata", &path))
    }

    async fn bytes(&self, path: &str) -> Result<Option<Bytes>> {
        let path = path.trim_start_matches('/');
        let inner = &*self.0;
        if inner.environment.flag(DISABLED) {
            let message = format!("the metadata server is not asked, because {DISABLED} is true");
            return Err(Error::new(ErrorKind::Config, message).with_call("metadata", path));
        }
        let mut token = inner.token(false).await?;
        let mut renewed = false;
        loop {
            let header = token.as_ref().map(|token| ("x-aliyun-ecs-metadata-token", token.as_str()));
            return match inner.ask("GET", path, header, ATTEMPTS).await {
                // The token is no longer good: the server was restarted, or the clock has jumped.
                Err(error) if error.http_status() == Some(401) && token.is_some() && !renewed => {
                    renewed = true;
                    token = inner.token(true).await?;
                    continue;
                }
                Err(error) if error.http_status() == Some(404) => Ok(None),
                result => result.map(Some),
            };
        }
    }
}

impl Inner {
    /// A token; `None` where the server gives none and may be asked without.
    async fn token(&self, anew: bool) -> Result<Option<Zeroizing<String>>> {
        let now = self.system.monotonic();
        let tokens_only = self.require_tokens || self.environment.flag(TOKENS_ONLY);
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !anew && kept.until > now && (kept.value.is_some() || !tokens_only) {
            return Ok(kept.value);
        }
        let ttl = self.token_ttl.as_secs().to_string();
        let header = ("x-aliyun-ecs-metadata-token-ttl-seconds", &*ttl);
        let text = |body: &Bytes| Zeroizing::new(String::from_utf8_lossy(body).trim().to_owned());
        let attempts = if tokens_only { ATTEMPTS } else { 1 };
        let token = match self.ask("PUT", "api/token", Some(header), attempts).await.map(|body| text(&body)) {
            Ok(value) if !value.is_empty() => Token { value: Some(value), until: now + self.token_ttl / 10 * 9 },
            // Nobody is there.
            Err(error) if error.http_status().is_none() && !error.is_maybe_executed() && !error.is_timeout() => {
                return Err(error);
            }
            result if tokens_only => {
                let (kind, status, why) = match &result {
                    Ok(_) => (ErrorKind::Service, None, "the token is empty"),
                    Err(error) => (error.kind(), error.http_status(), error.message()),
                };
                let message = format!("no token ({why}), and without one the server may not be asked");
                let error = Error::new(kind, message).with_call("metadata", "api/token");
                return Err(match status {
                    Some(status) => error.with_http_status(status),
                    None => error,
                });
            }
            // Without tokens: the server has none, or its answers to such requests do not reach into a container.
            _ => Token { value: None, until: now + NO_TOKENS },
        };
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token.clone();
        Ok(token.value)
    }

    /// Sends a request; tries again what passes.
    async fn ask(&self, method: &str, path: &str, header: Option<(&str, &str)>, attempts: u32) -> Result<Bytes> {
        let mut number = 1;
        loop {
            let error = match self.ask_once(method, path, header).await {
                Ok(body) => return Ok(body),
                Err(error) => error.with_call("metadata", path).with_attempts(number),
            };
            if number >= attempts || !error.is_retryable() {
                return Err(error);
            }
            let most = Duration::from_millis(100 << number);
            self.system.sleep(most.mul_f64(fraction(&*self.system))).await;
            number += 1;
        }
    }

    async fn ask_once(&self, method: &str, path: &str, header: Option<(&str, &str)>) -> Result<Bytes> {
        let url = format!("{}/latest/{path}", self.endpoint);
        let mut request = http::Request::builder().method(method).uri(&url);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let request = request
            .body(Bytes::new())
            .map_err(|error| Error::new(ErrorKind::Config, format!("`{url}` is no address: {error}")))?;
        let Some(answer) = timeout(&*self.system, self.timeout, self.transport.send(request)).await else {
            return Err(Error::new(ErrorKind::Timeout, format!("no answer within {:?}", self.timeout)));
        };
        let answer = answer.map_err(|error| error.into_error(&self.endpoint))?;
        let failed = |message| Err(Error::new(ErrorKind::Service, message).with_http_status(answer.status().as_u16()));
        match answer.status().as_u16() {
            200 if answer.body().len() > LARGEST => failed(format!("the answer is larger than {} MiB", LARGEST >> 20)),
            200 => Ok(answer.into_body()),
            _ => {
                let start = &answer.body()[..answer.body().len().min(800)];
                let text = String::from_utf8_lossy(start).chars().take(200).collect::<String>();
                failed(if text.trim().is_empty() { "refused".to_owned() } else { text })
            }
        }
    }
}

/// Builds a [`Client`].
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    endpoint: String,
    token_ttl: Duration,
    require_tokens: bool,
    timeout: Duration,
    transport: Option<Arc<dyn Transport>>,
    system: Option<Arc<dyn System>>,
    environment: Arc<dyn Environment>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            endpoint: ENDPOINT.to_owned(),
            token_ttl: TOKEN_TTL,
            require_tokens: false,
            timeout: TIMEOUT,
            transport: None,
            system: None,
            environment: Arc::new(ProcessEnvironment),
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("endpoint", &self.endpoint)
            .field("token_ttl", &self.token_ttl)
            .field("require_tokens", &self.require_tokens)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Sets the address of the server, for tests; `http://100.100.100.200` by default.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        endpoint.into().trim_end_matches('/').clone_into(&mut self.endpoint);
        self
    }

    /// Sets the life of tokens, from 1 s to 6 h; 6 h by default. A token is used for nine tenths of it.
    pub fn token_ttl(mut self, ttl: Duration) -> Self {
        self.token_ttl = ttl;
        self
    }

    /// Sets whether requests without a token are out of the question; by default only if
    /// `ALIBABA_CLOUD_IMDSV1_DISABLED` says so.
    pub fn require_tokens(mut self, require: bool) -> Self {
        self.require_tokens = require;
        self
    }

    /// Limits each request; 5 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets what sends HTTP requests. By default they go out directly, by no proxy.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets where time, sleep and randomness come from; for tests.
    pub fn system(mut self, system: impl System) -> Self {
        self.system = Some(Arc::new(system));
        self
    }

    /// Takes nothing from environment variables.
    pub fn without_environment(mut self) -> Self {
        self.environment = Arc::new(NoEnvironment);
        self
    }

    #[cfg(test)]
    fn environment(mut self, environment: impl Environment) -> Self {
        self.environment = Arc::new(environment);
        self
    }

    /// Builds it. Opens no connection.
    ///
    /// # Errors
    ///
    /// Fails when the life of tokens is out of its limits, or the HTTP client can't be set up.
    pub fn build(self) -> Result<Client> {
        if self.token_ttl < Duration::from_secs(1) || self.token_ttl > TOKEN_TTL {
            let message = format!("a token can't live {:?}; the server grants from 1 s to 6 h", self.token_ttl);
            return Err(Error::new(ErrorKind::Config, message));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpClient::direct(self.timeout)?),
        };
        Ok(Client(Arc::new(Inner {
            endpoint: self.endpoint,
            token_ttl: self.token_ttl,
            require_tokens: self.require_tokens,
            timeout: self.timeout,
            transport,
            system: self.system.unwrap_or_else(|| Arc::new(TokioSystem::default())),
            environment: self.environment,
            token: Mutex::default(),
        })))
    }
}

#[cfg(test)]
mod tests;
