//! Metadata of the instance that the program runs on.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    error::{Error, ErrorKind, Result},
    runtime::{Runtime, TokioRuntime, limit},
    transport::{Reqwest, Transport},
};

const ENDPOINT: &str = "http://100.100.100.200";
const TIMEOUT: Duration = Duration::from_secs(5);

/// Client of the metadata server, reachable only from inside an instance.
///
/// Asks for a token first (the hardened mode), and goes on without one where the server has no tokens.
#[derive(Clone)]
pub struct Client {
    endpoint: String,
    transport: Arc<dyn Transport>,
    runtime: Arc<dyn Runtime>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the instance's own metadata server.
    ///
    /// # Errors
    ///
    /// Fails when the HTTP client can't be set up.
    pub fn new() -> Result<Self> {
        Self::with_endpoint(ENDPOINT)
    }

    /// A client of a metadata server elsewhere, for tests.
    ///
    /// # Errors
    ///
    /// Fails when the HTTP client can't be set up.
    pub fn with_endpoint(endpoint: impl Into<String>) -> Result<Self> {
        Ok(Self {
            endpoint: endpoint.into().trim_end_matches('/').to_owned(),
            transport: Arc::new(Reqwest::new(TIMEOUT)?),
            runtime: Arc::new(TokioRuntime::default()),
        })
    }

    /// A value below `/latest/`, for example `meta-data/instance-id`; `None` when there is none.
    ///
    /// # Errors
    ///
    /// Fails when the server can't be reached or refuses.
    pub async fn get(&self, path: &str) -> Result<Option<String>> {
        let token = self
            .ask("PUT", "api/token", Some(("x-aliyun-ecs-metadata-token-ttl-seconds", "60")))
            .await?
            .filter(|token| !token.is_empty());
        let header = token.as_deref().map(|token| ("x-aliyun-ecs-metadata-token", token));
        self.ask("GET", path.trim_start_matches('/'), header).await
    }

    /// ID of the instance.
    ///
    /// # Errors
    ///
    /// Fails as [`get`](Self::get) does.
    pub async fn instance_id(&self) -> Result<Option<String>> {
        self.get("meta-data/instance-id").await
    }

    /// Time at which the preemptible instance will be taken back (`2026-01-05T18:02:00Z`); `None` while it stays.
    ///
    /// # Errors
    ///
    /// Fails as [`get`](Self::get) does.
    pub async fn spot_termination_time(&self) -> Result<Option<String>> {
        self.get("meta-data/instance/spot/termination-time").await
    }

    async fn ask(&self, method: &str, path: &str, header: Option<(&str, &str)>) -> Result<Option<String>> {
        let failed = |kind, message: String| Error::new(kind, message).with_call("metadata", path);
        let url = format!("{}/latest/{path}", self.endpoint);
        let mut request = http::Request::builder().method(method).uri(&url);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let request = request
            .body(Bytes::new())
            .map_err(|error| failed(ErrorKind::Config, format!("`{url}` is no address: {error}")))?;
        let Some(answer) = limit(&*self.runtime, TIMEOUT, self.transport.send(request)).await else {
            return Err(failed(ErrorKind::Timeout, format!("no answer within {TIMEOUT:?}")));
        };
        let answer = answer.map_err(|error| error.into_error(&self.endpoint).with_call("metadata", path))?;
        match answer.status().as_u16() {
            200 => Ok(Some(String::from_utf8_lossy(answer.body()).into_owned())),
            // Servers without tokens answer the request for one so.
            404 | 405 => Ok(None),
            status => {
                let text = String::from_utf8_lossy(answer.body()).chars().take(200).collect::<String>();
                Err(failed(ErrorKind::Service, if text.is_empty() { "refused".to_owned() } else { text })
                    .with_status(status))
            }
        }
    }
}
