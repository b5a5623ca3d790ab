//! The client of the metadata service.

use std::{fmt, sync::Arc};

use bytes::Bytes;

use super::server::Server;
use crate::{
    error::Result,
    form::percent_encode,
    identity::{Context, Credentials, temporary},
};

const ROLES: &str = "meta-data/ram/security-credentials/";

/// Client of the metadata service, which is reachable only from inside an instance.
///
/// The client first requests a session token (IMDSv2) and caches it. If the service issues none, it falls back to
/// requests without a token (IMDSv1), unless [`require_tokens`](super::Builder::require_tokens) is set. Two environment
/// variables restrict it: `ALIBABA_CLOUD_IMDSV1_DISABLED=true` disables requests without a token, and
/// `ALIBABA_CLOUD_ECS_METADATA_DISABLED=true` disables all requests.
///
/// Transient failures (broken connections, timeouts, HTTP status 429 and 5xx) are retried, up to three attempts in all.
/// Timeouts are retried only after the service has issued a token. Clones share the token and the connections.
///
/// To use the credentials of the instance's role for calls, use
/// [`EcsRamRole`](crate::credentials::EcsRamRole), which refreshes them.
///
/// ```no_run
/// use ecs_sdk::{Client, metadata};
///
/// # async fn example() -> ecs_sdk::Result<()> {
/// // A client for the region that this instance is in.
/// let metadata = metadata::Client::new()?;
/// let region = metadata.region_id().await?.unwrap_or_default();
/// let client = Client::builder().region(region).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    server: Arc<Server>,
    context: Context,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.server.shown_endpoint()).finish_non_exhaustive()
    }
}

impl Client {
    /// Creates a client that sends requests to `server` with the transport of `context`.
    pub(crate) fn of(server: Arc<Server>, context: Context) -> Self {
        Self { server, context }
    }

    /// Returns the value at a path below `/latest/`, for example `meta-data/image-id`, or `None` if the path does not
    /// exist.
    ///
    /// ```no_run
    /// # async fn example(metadata: ecs_sdk::metadata::Client) -> ecs_sdk::Result<()> {
    /// let ip = metadata.get("meta-data/private-ipv4").await?;
    /// println!("{}", ip.as_deref().unwrap_or("no address"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the service cannot be reached or rejects the request, or if an environment variable disables
    /// it.
    pub async fn get(&self, path: &str) -> Result<Option<String>> {
        let body = self.bytes(path).await?;
        Ok(body.map(|body| String::from_utf8_lossy(&body).into_owned()))
    }

    /// Returns the ID of the instance.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get).
    pub async fn instance_id(&self) -> Result<Option<String>> {
        self.get("meta-data/instance-id").await
    }

    /// Returns the region of the instance.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get).
    pub async fn region_id(&self) -> Result<Option<String>> {
        self.get("meta-data/region-id").await
    }

    /// Returns the zone of the instance.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get).
    pub async fn zone_id(&self) -> Result<Option<String>> {
        self.get("meta-data/zone-id").await
    }

    /// Returns the user data of the instance, Base64-decoded. It may be binary.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get).
    pub async fn user_data(&self) -> Result<Option<Bytes>> {
        self.bytes("user-data").await
    }

    /// Returns the time at which the spot instance will be reclaimed (`2026-01-05T18:02:00Z`), or `None` if that is not
    /// scheduled.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get).
    pub async fn spot_termination_time(&self) -> Result<Option<String>> {
        self.get("meta-data/instance/spot/termination-time").await
    }

    /// Returns the name of the RAM role that is attached to the instance, or `None` if no role is attached.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get).
    pub async fn ram_role_name(&self) -> Result<Option<String>> {
        let names = self.get(ROLES).await?;
        let first = names.as_deref().and_then(|names| names.lines().map(str::trim).find(|name| !name.is_empty()));
        Ok(first.map(str::to_owned))
    }

    /// Returns temporary credentials of the instance's RAM role with their expiry, or `None` if no role is attached.
    ///
    /// They are not cached: each call requests them from the service, which issues new ones well before the old ones
    /// expire.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get), and an error if the response contains no valid credentials.
    pub async fn ram_role_credentials(&self) -> Result<Option<Credentials>> {
        let Some(role) = self.ram_role_name().await? else { return Ok(None) };
        self.credentials_of(&role).await
    }

    /// Temporary credentials of the RAM role with this name; `None` if the instance has no such role.
    pub(crate) async fn credentials_of(&self, role: &str) -> Result<Option<Credentials>> {
        let mut path = ROLES.to_owned();
        percent_encode(role, &mut path);
        let Some(response) = self.response(&path).await? else { return Ok(None) };
        let credentials = temporary::parse(&response, "the response");
        credentials.map(Some).map_err(|error| error.with_call("metadata", &path))
    }

    async fn bytes(&self, path: &str) -> Result<Option<Bytes>> {
        Ok(self.response(path).await?.map(http::Response::into_body))
    }

    async fn response(&self, path: &str) -> Result<Option<http::Response<Bytes>>> {
        self.server.get(&self.context, path.trim_start_matches('/')).await
    }
}
