//! Requests to the metadata service, and its session tokens.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind, Result},
    identity::Context,
    plain_http,
    retry::{self, RetryPolicy},
};

const ENDPOINT: &str = "http://100.100.100.200";
const METADATA_DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
const IMDSV1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";

/// Default timeout of an attempt. The service is one network hop away and responds within milliseconds, and programs
/// outside of an instance should not wait long. The official SDKs use the same.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest lifetime of a session token that the service grants: 6 h.
pub(super) const MAX_TOKEN_TTL: Duration = Duration::from_secs(21_600);
/// How long to wait before requesting a token again, after the service issued none. Not forever, because the response
/// may just have been lost.
const NO_TOKEN_TTL: Duration = Duration::from_secs(300);

/// URL and settings of the metadata service, and the current session token.
pub(crate) struct Server {
    endpoint: String,
    token_ttl: Duration,
    require_tokens: bool,
    timeout: Duration,
    token: Mutex<CachedToken>,
}

/// A session token; `None` if the service issues none.
type Token = Option<Zeroizing<String>>;

#[derive(Clone, Default)]
struct CachedToken {
    token: Token,
    expires: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            endpoint: ENDPOINT.to_owned(),
            token_ttl: MAX_TOKEN_TTL,
            require_tokens: false,
            timeout: ATTEMPT_TIMEOUT,
            token: Mutex::default(),
        }
    }
}

impl Server {
    pub(crate) fn set_endpoint(&mut self, endpoint: &str) {
        endpoint.trim().trim_end_matches('/').clone_into(&mut self.endpoint);
    }

    pub(crate) fn set_token_ttl(&mut self, ttl: Duration) {
        self.token_ttl = ttl;
    }

    pub(crate) fn set_require_tokens(&mut self, require: bool) {
        self.require_tokens = require;
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// The endpoint as it is shown. A user or a query may be secret.
    pub(super) fn shown_endpoint(&self) -> &str {
        if self.endpoint.contains(['@', '?']) { "***" } else { &self.endpoint }
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// # Errors
    ///
    /// Returns an error if the lifetime of tokens is out of range.
    pub(super) fn check(&self) -> Result<()> {
        if self.token_ttl < Duration::from_secs(1) || self.token_ttl > MAX_TOKEN_TTL {
            let message = format!("invalid token lifetime {:?}: expected 1 s to 6 h", self.token_ttl);
            return Err(Error::new(ErrorKind::Config, message));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("endpoint", &self.shown_endpoint())
            .field("token_ttl", &self.token_ttl)
            .field("require_tokens", &self.require_tokens)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Returns the response with the value at a path below `/latest/`; `None` if there is none.
    ///
    /// A token that is rejected (401) is replaced once, because the service may have restarted. If the new token is
    /// rejected too, or the value is forbidden with a token (403), it is requested without a token if that is allowed,
    /// as the official SDKs do.
    pub(super) async fn get(&self, context: &Context, path: &str) -> Result<Option<http::Response<Bytes>>> {
        if context.environment().flag(METADATA_DISABLED) {
            return Err(
                Error::new(ErrorKind::Config, format!("disabled by {METADATA_DISABLED}")).with_call("metadata", path)
            );
        }
        let mut token = self.token(context, false).await?;
        let mut is_replaced = false;
        loop {
            let error = match self.value(context, path, &token).await {
                Ok(response) => return Ok(Some(response)),
                Err(error) => error,
            };
            match error.http_status() {
                Some(401) if !is_replaced => {
                    is_replaced = true;
                    token = self.token(context, true).await?;
                }
                Some(401 | 403) if token.is_some() && !self.requires_tokens(context) => token = None,
                Some(404) => return Ok(None),
                _ => return Err(error),
            }
        }
    }

    fn requires_tokens(&self, context: &Context) -> bool {
        self.require_tokens || context.environment().flag(IMDSV1_DISABLED)
    }

    /// Requests a value. Timeouts are retried only with a token, because without one the service may not exist at all.
    async fn value(&self, context: &Context, path: &str, token: &Token) -> Result<http::Response<Bytes>> {
        let token = token.as_ref().map(|token| ("x-aliyun-ecs-metadata-token", token.as_str()));
        match token {
            Some(_) => self.send(context, Method::GET, path, token, &retry::standard()).await,
            None => self.send(context, Method::GET, path, token, &retry::reached()).await,
        }
    }

    /// Returns the cached token or, if `replace` is set, a new one; `None` if the service issues none and none is
    /// required.
    async fn token(&self, context: &Context, replace: bool) -> Result<Token> {
        let now = context.system().monotonic();
        let required = self.requires_tokens(context);
        let cached = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !replace && cached.expires > now && (cached.token.is_some() || !required) {
            return Ok(cached.token);
        }
        let ttl = self.token_ttl.as_secs().to_string();
        let header = ("x-aliyun-ecs-metadata-token-ttl-seconds", &*ttl);
        let response = self.send(context, Method::PUT, "api/token", Some(header), &retry::reached()).await;
        let token = response.map(|found| Zeroizing::new(String::from_utf8_lossy(found.body()).trim().to_owned()));
        let cached = match token {
            Ok(token) if !token.is_empty() => {
                CachedToken { token: Some(token), expires: now.saturating_add(self.token_ttl / 10 * 9) }
            }
            Err(error) if error.kind() == ErrorKind::Config => return Err(error),
            // Nothing listens at the address.
            Err(error) if !retry::is_reached(&error) && !error.is_timeout() => return Err(error),
            failed if required => {
                let (kind, status, why) = match &failed {
                    Ok(_) => (ErrorKind::Service, None, "the token is empty"),
                    Err(error) => (error.kind(), error.http_status(), error.message()),
                };
                let message = format!("no session token ({why}), and requests without one are disabled");
                let error = Error::new(kind, message).with_call("metadata", "api/token");
                return Err(match status {
                    Some(status) => error.with_http_status(status),
                    None => error,
                });
            }
            // The service issues none, or its response was lost on its way into a container.
            _ => CachedToken { token: None, expires: now.saturating_add(NO_TOKEN_TTL) },
        };
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = cached.clone();
        Ok(cached.token)
    }

    async fn send(
        &self,
        context: &Context,
        method: Method,
        path: &str,
        header: Option<(&'static str, &str)>,
        policy: &dyn RetryPolicy,
    ) -> Result<http::Response<Bytes>> {
        let failed = |error: Error| error.with_call("metadata", path);
        let url = format!("{}/latest/{path}", self.endpoint);
        let mut request = http::Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = url.parse().map_err(|error| {
            let message = format!("invalid metadata endpoint `{}`: {error}", self.shown_endpoint());
            failed(Error::new(ErrorKind::Config, message))
        })?;
        if let Some((name, value)) = header {
            let value = HeaderValue::from_str(value).map_err(|_| {
                failed(Error::new(ErrorKind::Service, "the service issued a token that is not valid in a header"))
            })?;
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        plain_http::send(context, request, self.timeout, policy).await.map_err(failed)
    }
}
