//! Shared by the providers that assume a role through the Security Token Service (STS).

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{
    Timestamp,
    config::Config,
    endpoint::Network,
    environment::Environment,
    error::{Error, ErrorKind, Result},
    identity::{Context, Credentials, ProvideCredentials, failed, secret::Secret, temporary},
    sts,
    system::BoxFuture,
    timeouts::Timeouts,
};

/// Timeout of each attempt of an STS call. Shorter than that of the calls that wait for the credentials.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout of an STS call, including its retries. Shorter than that of the calls that wait for the credentials.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(30);

/// A role to assume, and how to reach STS.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Role {
    pub(super) arn: Option<String>,
    pub(super) session_name: Option<String>,
    pub(super) duration: Option<Duration>,
    pub(super) policy: Option<String>,
    pub(super) external_id: Option<Secret>,
    pub(super) sts_region: Option<String>,
    pub(super) sts_endpoint: Option<String>,
    pub(super) network: Option<Network>,
}

impl Role {
    /// The ARN that was set, or the one in the environment.
    pub(super) fn arn(&self, environment: &dyn Environment) -> Result<String> {
        let arn = filled(&self.arn).or_else(|| environment.non_blank("ALIBABA_CLOUD_ROLE_ARN"));
        arn.ok_or_else(|| failed("no role ARN: set `role_arn` or ALIBABA_CLOUD_ROLE_ARN"))
    }

    /// The session name that was set, or the one in the environment, or one that identifies the SDK.
    pub(super) fn session_name(&self, environment: &dyn Environment) -> String {
        filled(&self.session_name)
            .or_else(|| environment.non_blank("ALIBABA_CLOUD_ROLE_SESSION_NAME"))
            .unwrap_or_else(|| "ecs-sdk-rust".to_owned())
    }

    /// Lifetime in seconds; `None` for the service's default of one hour.
    pub(super) fn seconds(&self) -> Option<i64> {
        self.duration
            .map(|duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
            .filter(|&seconds| seconds > 0)
    }

    /// Creates an STS client that signs with the credentials of `caller`. All other settings are those of the context.
    pub(super) fn client(&self, context: &Context, caller: impl ProvideCredentials) -> sts::Client {
        let environment = context.environment();
        let region = filled(&self.sts_region).or_else(|| environment.non_blank("ALIBABA_CLOUD_STS_REGION"));
        let network = self.network.unwrap_or_else(|| {
            if environment.flag("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") { Network::Vpc } else { context.network() }
        });
        let context = context.clone().with_network(network);
        let context = match region {
            Some(region) => context.with_region(region),
            None => context,
        };
        let timeouts = Timeouts::new().attempt(ATTEMPT_TIMEOUT).operation(OPERATION_TIMEOUT);
        sts::Client::from(Config::for_credentials(context, Arc::new(caller), filled(&self.sts_endpoint), timeouts))
    }
}

pub(super) fn filled(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.trim().is_empty())
}

/// Provides credentials for unsigned calls.
#[derive(Debug)]
pub(super) struct Anonymous;

impl ProvideCredentials for Anonymous {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(async { Ok(Credentials::anonymous()) })
    }
}

/// Creates credentials from the ID, secret, token and expiration time that STS issued. `date` is its time.
pub(super) fn issued(
    date: Option<SystemTime>,
    [id, secret, token]: [String; 3],
    expiration: Option<&Timestamp>,
) -> Result<Credentials> {
    let (secret, token) = (Secret::new(secret), Secret::new(token));
    let expiration = expiration.map_or("", Timestamp::as_str);
    temporary::issued([&*id, secret.as_str(), token.as_str(), expiration], "the response of STS", date)
}

/// Converts the error of an STS call to that of a provider. The call has masked its own secrets, but a successful
/// response that could not be decoded may contain the new access key.
pub(super) fn to_failed(error: Error) -> Error {
    let succeeded = error.http_status().is_some_and(|status| status < 300);
    if succeeded || error.kind() == ErrorKind::Decode {
        let request = error.request_id().map(|id| format!(" (request id {id})")).unwrap_or_default();
        return failed(format!("sts {} failed: the response cannot be decoded{request}", error.operation()));
    }
    let mut text = error.to_string();
    if matches!(error.kind(), ErrorKind::Transport | ErrorKind::Timeout) {
        text.push_str(
            "; STS is reached through its own endpoint, which `sts_endpoint` or ALIBABA_CLOUD_STS_ENDPOINT sets",
        );
    }
    failed(text).with_source(error)
}

/// The setters shared by the builders of role providers.
macro_rules! role_setters {
    () => {
        /// Sets the ARN of the role, `acs:ram::<account>:role/<name>`. The default is `ALIBABA_CLOUD_ROLE_ARN`.
        pub fn role_arn(mut self, arn: impl Into<String>) -> Self {
            self.role.arn = Some(arn.into());
            self
        }

        /// Sets the session name, which appears in audit logs. The default is `ALIBABA_CLOUD_ROLE_SESSION_NAME`, or
        /// `ecs-sdk-rust` if that is not set.
        pub fn session_name(mut self, name: impl Into<String>) -> Self {
            self.role.session_name = Some(name.into());
            self
        }

        /// Sets the lifetime of the credentials, from 15 minutes to the role's maximum session duration; one hour by
        /// default.
        ///
        /// Fractions of a second are dropped. The credentials are refreshed automatically, so the only cost of a short
        /// lifetime is extra STS calls.
        pub fn duration(mut self, duration: Duration) -> Self {
            self.role.duration = Some(duration);
            self
        }

        /// Sets a policy, as JSON, that further restricts the role's permissions.
        pub fn policy(mut self, policy: impl Into<String>) -> Self {
            self.role.policy = Some(policy.into());
            self
        }

        /// Sets the region of STS. The default is `ALIBABA_CLOUD_STS_REGION`, or the client's region if that is not
        /// set.
        pub fn sts_region(mut self, region: impl Into<String>) -> Self {
            self.role.sts_region = Some(region.into());
            self
        }

        /// Sets the endpoint of STS. The default is `ALIBABA_CLOUD_STS_ENDPOINT`, or the region's endpoint if that is
        /// not set. The client's own endpoint is not used.
        pub fn sts_endpoint(mut self, endpoint: impl Into<String>) -> Self {
            self.role.sts_endpoint = Some(endpoint.into());
            self
        }

        /// Sets the network through which STS is reached. The default is the VPC if
        /// `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED` is `true`, and the client's network otherwise.
        pub fn network(mut self, network: $crate::endpoint::Network) -> Self {
            self.role.network = Some(network);
            self
        }

        /// Sets when the credentials are refreshed.
        pub fn refresh(mut self, refresh: $crate::identity::Refresh) -> Self {
            self.refresh = refresh;
            self
        }
    };
}

pub(super) use role_setters;
