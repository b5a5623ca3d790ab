//! Credentials providers as cases describe them.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;

use crate::{
    credentials::{
        AssumeRole, AssumeRoleBuilder, CliProfile, CliProfileBuilder, Credentials, CredentialsFile,
        CredentialsFileBuilder, CredentialsUri, DefaultChain, EcsRamRole, EcsRamRoleBuilder, EnvironmentVariables,
        ExternalProcess, ExternalProcessBuilder, OidcRole, OidcRoleBuilder, ProvideCredentials,
    },
    endpoint::Network,
};

/// A provider and the options of its builder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub(super) enum Provider {
    Default,
    Static {
        id: String,
        secret: String,
        token: Option<String>,
    },
    Environment {},
    AssumeRole {
        source: Box<Provider>,
        role_arn: Option<String>,
        session_name: Option<String>,
        seconds: Option<u64>,
        policy: Option<String>,
        external_id: Option<String>,
        sts_region: Option<String>,
        sts_endpoint: Option<String>,
        vpc: Option<bool>,
    },
    Oidc {
        role_arn: String,
        provider_arn: String,
        token_file: String,
        session_name: String,
        policy: Option<String>,
    },
    EcsRamRole {
        role_name: Option<String>,
        #[serde(default)]
        require_tokens: bool,
        endpoint: Option<String>,
    },
    Uri {
        uri: String,
    },
    Process {
        program: String,
        arguments: Vec<String>,
        seconds: Option<u64>,
    },
    Profile {
        profile: String,
        file: Option<String>,
    },
    File {
        profile: String,
        file: Option<String>,
    },
}

/// Calls a setter if there is a value.
pub(super) fn set<B, T>(builder: B, value: Option<T>, setter: impl FnOnce(B, T) -> B) -> B {
    match value {
        Some(value) => setter(builder, value),
        None => builder,
    }
}

impl Provider {
    pub(super) fn build(self) -> Arc<dyn ProvideCredentials> {
        let network = |vpc| if vpc { Network::Vpc } else { Network::Public };
        match self {
            Self::Default => Arc::new(DefaultChain::new()),
            Self::Static { id, secret, token } => {
                Arc::new(set(Credentials::new(id, secret), token, Credentials::with_security_token))
            }
            Self::Environment {} => Arc::new(EnvironmentVariables::new()),
            Self::AssumeRole {
                source,
                role_arn,
                session_name,
                seconds,
                policy,
                external_id,
                sts_region,
                sts_endpoint,
                vpc,
            } => {
                let role = AssumeRole::builder(source.build());
                let role = set(role, role_arn, AssumeRoleBuilder::role_arn);
                let role = set(role, session_name, AssumeRoleBuilder::session_name);
                let role = set(role, seconds.map(Duration::from_secs), AssumeRoleBuilder::duration);
                let role = set(role, policy, AssumeRoleBuilder::policy);
                let role = set(role, external_id, AssumeRoleBuilder::external_id);
                let role = set(role, sts_region, AssumeRoleBuilder::sts_region);
                let role = set(role, sts_endpoint, AssumeRoleBuilder::sts_endpoint);
                Arc::new(set(role, vpc.map(network), AssumeRoleBuilder::network).build())
            }
            Self::Oidc { role_arn, provider_arn, token_file, session_name, policy } => {
                let role = OidcRole::builder().role_arn(role_arn).provider_arn(provider_arn).token_file(token_file);
                Arc::new(set(role.session_name(session_name), policy, OidcRoleBuilder::policy).build())
            }
            Self::EcsRamRole { role_name, require_tokens, endpoint } => {
                let role = set(EcsRamRole::builder(), role_name, EcsRamRoleBuilder::role_name);
                let role = set(role, endpoint, EcsRamRoleBuilder::endpoint);
                Arc::new(role.require_tokens(require_tokens).build())
            }
            Self::Uri { uri } => Arc::new(CredentialsUri::builder().uri(uri).build()),
            Self::Process { program, arguments, seconds } => {
                let process = ExternalProcess::builder(program, arguments);
                Arc::new(set(process, seconds.map(Duration::from_secs), ExternalProcessBuilder::timeout).build())
            }
            Self::Profile { profile, file } => {
                let provider = CliProfile::builder().profile(profile);
                Arc::new(set(provider, file, CliProfileBuilder::file).build())
            }
            Self::File { profile, file } => {
                let provider = CredentialsFile::builder().profile(profile);
                Arc::new(set(provider, file, CredentialsFileBuilder::file).build())
            }
        }
    }
}
