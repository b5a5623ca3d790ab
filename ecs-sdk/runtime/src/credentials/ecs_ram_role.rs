//! The RAM role of the instance that the program runs on.

use std::time::Duration;

use http::{Method, StatusCode, Uri};

use super::{
    Credentials, ProvideCredentials, answer,
    cache::Cache,
    failed,
    http::{Failure, ask},
};
use crate::{config::Config, error::Result, form::percent_encode, system::BoxFuture};

const SERVER: &str = "http://100.100.100.200";
const WHO: &str = "the metadata server";
const ROLES: &str = "latest/meta-data/ram/security-credentials/";

/// The server is one hop away; where there is none, nobody should wait long.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Lifetime of a session token, in seconds; it is used at once.
const SESSION: &str = "60";

/// The RAM role that is attached to the ECS instance, asked of the metadata server.
///
/// A session token is asked for first (IMDSv2); where the server gives none, the request is sent without (IMDSv1), unless
/// `ALIBABA_CLOUD_IMDSV1_DISABLED` is `true` or [`disable_imdsv1`](EcsRamRoleBuilder::disable_imdsv1) was called.
/// `ALIBABA_CLOUD_ECS_METADATA` names the role, else the server does; `ALIBABA_CLOUD_ECS_METADATA_DISABLED` set to `true`
/// switches this source off.
#[derive(Debug, Default)]
pub struct EcsRamRole {
    role_name: Option<String>,
    imdsv1_disabled: bool,
    endpoint: Option<String>,
    cache: Cache,
}

/// Builds an [`EcsRamRole`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct EcsRamRoleBuilder {
    role_name: Option<String>,
    imdsv1_disabled: bool,
    endpoint: Option<String>,
}

impl EcsRamRole {
    /// Starts with everything from the environment and the server.
    pub fn builder() -> EcsRamRoleBuilder {
        EcsRamRoleBuilder::default()
    }

    async fn fetch(&self, config: &Config) -> Result<Credentials> {
        let environment = config.environment();
        if environment.flag("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
            return Err(failed("switched off by ALIBABA_CLOUD_ECS_METADATA_DISABLED"));
        }
        let session = self.session(config).await?;
        let set = self.role_name.clone().or_else(|| environment.text("ALIBABA_CLOUD_ECS_METADATA"));
        let role = match set {
            Some(role) => role,
            None => {
                let none = || failed("the instance has no RAM role");
                let list = self.get(config, ROLES, session.as_deref()).await?.ok_or_else(none)?;
                let list = String::from_utf8_lossy(&list);
                list.lines().map(str::trim).find(|line| !line.is_empty()).ok_or_else(none)?.to_owned()
            }
        };
        let mut path = ROLES.to_owned();
        percent_encode(&role, &mut path);
        let body = self.get(config, &path, session.as_deref()).await?;
        let body = body.ok_or_else(|| failed(format!("the instance has no RAM role `{role}`")))?;
        answer::parse(&body, WHO, config.now())
    }

    /// A session token; `None` where the server gives none and may be asked without.
    async fn session(&self, config: &Config) -> Result<Option<String>> {
        let url = self.url("latest/api/token")?;
        let lifetime = ("x-aliyun-ecs-metadata-token-ttl-seconds", SESSION);
        let error = match ask(config, WHO, TIMEOUT, Method::PUT, &url, Some(lifetime)).await {
            Ok(answer) if answer.status().is_success() && !answer.body().trim_ascii().is_empty() => {
                return Ok(Some(String::from_utf8_lossy(answer.body()).trim().to_owned()));
            }
            Ok(answer) => failed(format!("{WHO} gave no session token (HTTP {})", answer.status().as_u16())),
            Err(Failure { unreachable: true, error }) => return Err(error),
            Err(Failure { error, .. }) => error,
        };
        if self.v1_is_disabled(config) {
            return Err(failed(format!("{}; without one it is not asked, as IMDSv1 is disabled", error.message())));
        }
        Ok(None)
    }

    /// A value; `None` when there is none. A server that refuses the session token is asked without.
    async fn get(&self, config: &Config, path: &str, session: Option<&str>) -> Result<Option<bytes::Bytes>> {
        let url = self.url(path)?;
        let header = session.map(|session| ("x-aliyun-ecs-metadata-token", session));
        let mut answer = ask(config, WHO, TIMEOUT, Method::GET, &url, header).await.map_err(|failure| failure.error)?;
        let refused = matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if refused && session.is_some() && !self.v1_is_disabled(config) {
            answer = ask(config, WHO, TIMEOUT, Method::GET, &url, None).await.map_err(|failure| failure.error)?;
        }
        match answer.status() {
            StatusCode::OK => Ok(Some(answer.into_body())),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(failed(format!("{WHO} refused (HTTP {})", status.as_u16()))),
        }
    }

    fn v1_is_disabled(&self, config: &Config) -> bool {
        self.imdsv1_disabled || config.environment().flag("ALIBABA_CLOUD_IMDSV1_DISABLED")
    }

    fn url(&self, path: &str) -> Result<Uri> {
        let server = self.endpoint.as_deref().unwrap_or(SERVER).trim_end_matches('/');
        format!("{server}/{path}").parse().map_err(|_| failed("the address of the metadata server is not valid"))
    }
}

impl ProvideCredentials for EcsRamRole {
    fn provide<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(config, Box::pin(self.fetch(config)))
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl EcsRamRoleBuilder {
    /// Sets the name of the role, which saves a request. By default `ALIBABA_CLOUD_ECS_METADATA`, else what the server
    /// says.
    pub fn role_name(mut self, name: impl Into<String>) -> Self {
        self.role_name = Some(name.into()).filter(|name: &String| !name.trim().is_empty());
        self
    }

    /// Never asks without a session token.
    pub fn disable_imdsv1(mut self) -> Self {
        self.imdsv1_disabled = true;
        self
    }

    /// Sets the address of the metadata server, for tests. By default `http://100.100.100.200`.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Builds it. Nothing is asked for before the first call.
    pub fn build(self) -> EcsRamRole {
        let Self { role_name, imdsv1_disabled, endpoint } = self;
        EcsRamRole { role_name, imdsv1_disabled, endpoint, cache: Cache::default() }
    }
}
