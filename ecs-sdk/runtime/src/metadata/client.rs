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

/// Client of the metadata service, reachable only from inside an instance.
///
/// Requests a session token first (IMDSv2), caches it, and falls back to requests without one (IMDSv1) where the service
/// issues none, unless [`require_tokens`](super::Builder::require_tokens) is set or the environment forbids it:
/// `ALIBABA_CLOUD_IMDSV1_DISABLED=true` disables requests without a token, `ALIBABA_CLOUD_ECS_METADATA_DISABLED=true`
/// disables all.
///
/// Transient failures (broken connections, timeouts, 429 and 5xx) are retried, up to three attempts in all; a timeout only
/// after the service has issued a token. Clones share token and connections.
///
/// [`EcsRamRole`](crate::credentials::EcsRamRole) uses this client to provide credentials, and refreshes them.
#[derive(Clone)]
pub struct Client {
    server: Arc<Server>,
    context: Context,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.server.endpoint()).finish_non_exhaustive()
    }
}

impl Client {
    /// Creates a client of a server that sends requests with the parts of a context.
    pub(crate) fn of(server: Arc<Server>, context: Context) -> Self {
        Self { server, context }
    }

    /// Returns a value below `/latest/`, for example `meta-data/image-id` or `meta-data/private-ipv4`; `None` if there is
    /// none.
    ///
    /// # Errors
    ///
    /// Returns an error if the service cannot be reached or rejects the request, or if the environment disables it.
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

    /// Returns the user data of the instance, decoded; it may be any bytes.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get).
    pub async fn user_data(&self) -> Result<Option<Bytes>> {
        self.bytes("user-data").await
    }

    /// Returns the time at which the preemptible instance will be reclaimed (`2026-01-05T18:02:00Z`); `None` while that is
    /// not planned.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get).
    pub async fn spot_termination_time(&self) -> Result<Option<String>> {
        self.get("meta-data/instance/spot/termination-time").await
    }

    /// Returns the name of the RAM role that is attached to the instance; `None` without one.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get).
    pub async fn ram_role_name(&self) -> Result<Option<String>> {
        let names = self.get(ROLES).await?;
        let first = names.as_deref().and_then(|names| names.lines().map(str::trim).find(|name| !name.is_empty()));
        Ok(first.map(str::to_owned))
    }

    /// Returns temporary credentials of the RAM role of the instance, with their expiry; `None` without a role. Each call
    /// asks the service, which issues new ones well before the old ones expire.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get`](Self::get), and an error if the response holds no valid credentials.
    pub async fn ram_role_credentials(&self) -> Result<Option<Credentials>> {
        let Some(role) = self.ram_role_name().await? else { return Ok(None) };
        self.credentials_of(&role).await
    }

    /// Temporary credentials of the RAM role of this name; `None` if the instance has no such role.
    pub(crate) async fn credentials_of(&self, role: &str) -> Result<Option<Credentials>> {
        let mut path = ROLES.to_owned();
        percent_encode(role, &mut path);
        let Some(body) = self.bytes(&path).await? else { return Ok(None) };
        let credentials = temporary::parse(&body, "the response", self.context.now());
        credentials.map(Some).map_err(|error| error.with_call("metadata", &path))
    }

    async fn bytes(&self, path: &str) -> Result<Option<Bytes>> {
        self.server.get(&self.context, path.trim_start_matches('/')).await
    }
}
