//! What is common to roles that the Security Token Service hands out.

use std::{sync::Arc, time::Duration};

use super::{Credentials, ProvideCredentials, answer, failed, secret::Secret};
use crate::{
    Timestamp,
    config::Config,
    endpoint::Network,
    environment::Environment,
    error::{Error, ErrorKind, Result},
    form::percent_encode,
    sts,
    system::BoxFuture,
    timeouts::Timeouts,
};

/// Getting credentials must not take as long as a call may.
const ATTEMPT: Duration = Duration::from_secs(10);
const OPERATION: Duration = Duration::from_secs(30);

/// A role to assume, and where.
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
    /// As set, else of the environment.
    pub(super) fn arn(&self, environment: &dyn Environment) -> Result<String> {
        let arn = filled(&self.arn).or_else(|| environment.text("ALIBABA_CLOUD_ROLE_ARN"));
        arn.ok_or_else(|| failed("there is no role ARN; set `role_arn` or ALIBABA_CLOUD_ROLE_ARN"))
    }

    /// As set, else of the environment, else a name that tells the SDK.
    pub(super) fn session_name(&self, environment: &dyn Environment) -> String {
        filled(&self.session_name)
            .or_else(|| environment.text("ALIBABA_CLOUD_ROLE_SESSION_NAME"))
            .unwrap_or_else(|| "ecs-sdk-rust".to_owned())
    }

    /// Lifetime in seconds; the service's own default, an hour, when none is set.
    pub(super) fn seconds(&self) -> Option<i64> {
        self.duration
            .map(|duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
            .filter(|&seconds| seconds > 0)
    }

    /// A client of STS for a caller; all else is as the asking client has it.
    pub(super) fn client(&self, config: &Config, caller: impl ProvideCredentials) -> sts::Client {
        let environment = config.environment();
        let region = filled(&self.sts_region)
            .or_else(|| environment.text("ALIBABA_CLOUD_STS_REGION"))
            .or_else(|| config.region());
        let network = self.network.unwrap_or_else(|| {
            if environment.flag("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") { Network::Vpc } else { config.network() }
        });
        let timeouts = Timeouts { attempt: ATTEMPT, operation: OPERATION, ..*config.timeouts() };
        let endpoint = filled(&self.sts_endpoint);
        sts::Client::from(config.for_credentials(Arc::new(caller), region, network, endpoint, timeouts))
    }
}

pub(super) fn filled(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.trim().is_empty())
}

/// Nobody: the call is sent without a key and without a signature.
#[derive(Debug)]
pub(super) struct Anonymous;

impl ProvideCredentials for Anonymous {
    fn provide<'a>(&'a self, _config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(async { Ok(Credentials::anonymous()) })
    }
}

/// What STS gave: ID, secret, token and end.
pub(super) fn issued(
    config: &Config,
    [id, secret, token]: [String; 3],
    expiration: Option<Timestamp>,
) -> Result<Credentials> {
    let (secret, token) = (Secret::new(secret), Secret::new(token));
    let expiration = expiration.as_ref().map_or("", Timestamp::as_str);
    answer::issued([&id, secret.as_str(), token.as_str(), expiration], "STS", config.now())
}

/// Whether STS refused the key of the caller, so that its source had better fetch another.
pub(super) fn rejects_caller(error: &Error) -> bool {
    error.code().is_some_and(|code| code.starts_with("InvalidSecurityToken") || code.starts_with("InvalidAccessKeyId"))
}

/// A failed call of STS → an error without secrets.
///
/// The service quotes the request in some messages (a signature that does not match, for one), in its own encoding. And
/// what can't be read of a success may hold the new key.
pub(super) fn refused(error: Error, secrets: &[&str]) -> Error {
    let succeeded = error.http_status().is_some_and(|status| status < 300);
    if succeeded || error.kind() == ErrorKind::Decode {
        let request = error.request_id().map(|id| format!(" (request id {id})")).unwrap_or_default();
        return failed(format!("sts {} failed: the answer can't be read{request}", error.operation()));
    }
    let text = error.to_string();
    let mut clean = text.clone();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let mut form = (*secret).to_owned();
        for _ in 0..3 {
            clean = clean.replace(form.as_str(), "***");
            let mut encoded = String::new();
            percent_encode(&form, &mut encoded);
            form = encoded;
        }
    }
    // The source would show what was taken out.
    if clean == text { failed(text).with_source(error) } else { failed(clean) }
}

/// The setters that builders of roles share.
macro_rules! role_setters {
    () => {
        /// Sets the ARN of the role, `acs:ram::<account>:role/<name>`. By default `ALIBABA_CLOUD_ROLE_ARN`.
        pub fn role_arn(mut self, arn: impl Into<String>) -> Self {
            self.role.arn = Some(arn.into());
            self
        }

        /// Sets the name of the session, which audit logs show. By default `ALIBABA_CLOUD_ROLE_SESSION_NAME`, else
        /// `ecs-sdk-rust`.
        pub fn session_name(mut self, name: impl Into<String>) -> Self {
            self.role.session_name = Some(name.into());
            self
        }

        /// Sets how long credentials live, in whole seconds: from 15 minutes to what the role allows. By default an
        /// hour. They are renewed in time, so short is no nuisance.
        pub fn duration(mut self, duration: Duration) -> Self {
            self.role.duration = Some(duration);
            self
        }

        /// Sets a policy, as JSON, that narrows what the role allows.
        pub fn policy(mut self, policy: impl Into<String>) -> Self {
            self.role.policy = Some(policy.into());
            self
        }

        /// Sets the region whose STS is asked. By default `ALIBABA_CLOUD_STS_REGION`, else the client's region.
        pub fn sts_region(mut self, region: impl Into<String>) -> Self {
            self.role.sts_region = Some(region.into());
            self
        }

        /// Sets the address of STS. By default `ALIBABA_CLOUD_STS_ENDPOINT`, else that of the region; the endpoint of
        /// the client does not count here.
        pub fn sts_endpoint(mut self, endpoint: impl Into<String>) -> Self {
            self.role.sts_endpoint = Some(endpoint.into());
            self
        }

        /// Sets the network through which STS is asked. By default the VPC when
        /// `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED` is `true`, else the client's network.
        pub fn network(mut self, network: $crate::Network) -> Self {
            self.role.network = Some(network);
            self
        }
    };
}

pub(super) use role_setters;
