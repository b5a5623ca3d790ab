//! Profiles of the Alibaba Cloud CLI.

use std::{path::PathBuf, time::Duration};

use super::{
    assume::Role,
    oidc_role::OidcSettings,
    plan::{Entries, Latest, Place, Plan},
};
use crate::{
    endpoint::Network,
    error::Result,
    identity::{Context, Credentials, ProvideCredentials, Refresh, failed, profile::Profiles},
    system::BoxFuture,
};

/// Provides the credentials of a profile in `~/.aliyun/config.json`, the configuration file of the Alibaba Cloud CLI.
///
/// The profile is the one set in the builder, or the one named by `ALIBABA_CLOUD_PROFILE`, or the file's current
/// profile.
///
/// ```
/// use ecs_sdk::{Client, credentials::CliProfile};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let profile = CliProfile::builder().profile("production").build();
/// let client = Client::builder().region("cn-hangzhou").credentials(profile).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
///
/// The file is read every time credentials are needed, so changes made by `aliyun configure` take effect immediately.
/// To disable this provider, set `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` to `true`.
///
/// | Mode | Members |
/// |---|---|
/// | `AK` | `access_key_id`, `access_key_secret` |
/// | `StsToken` | same as `AK`, plus `sts_token` |
/// | `BearerToken` | `bearer_token` |
/// | `RamRoleArn` | same as `AK`, plus `ram_role_arn`; optional: `sts_token`, `ram_session_name`, `expired_seconds`, `policy`, `external_id`, `sts_region`, `enable_vpc` |
/// | `ChainableRamRoleArn` | same as `RamRoleArn`, with `source_profile` instead of the access key |
/// | `EcsRamRole` | `ram_role_name`; by default, the role that the metadata service returns |
/// | `RamRoleArnWithRoleName` | same as `RamRoleArn`, with `ram_role_name` instead of the access key |
/// | `OIDC` | same as `RamRoleArn`, with `oidc_provider_arn` and `oidc_token_file` instead of the access key |
/// | `External` | `process_command`: see [`ExternalProcess`](super::ExternalProcess) |
/// | `CredentialsURI` | `credentials_uri`: see [`CredentialsUri`](super::CredentialsUri) |
///
/// A profile without a mode is treated as `StsToken` if it has an `sts_token`, and as `AK` otherwise.
#[derive(Debug, Default)]
pub struct CliProfile {
    profile: Option<String>,
    file: Option<PathBuf>,
    latest: Latest,
}

/// A builder for [`CliProfile`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct CliProfileBuilder {
    profile: Option<String>,
    file: Option<PathBuf>,
    refresh: Refresh,
}

/// Maximum number of profiles in a chain of roles. Longer chains are not useful, and each profile costs an STS call.
const MAX_CHAIN_LENGTH: usize = 16;

/// The supported modes, for errors.
const MODES: &str = "AK, StsToken, BearerToken, RamRoleArn, ChainableRamRoleArn, EcsRamRole, RamRoleArnWithRoleName, OIDC, External \
                     or CredentialsURI";

/// Returns what a profile describes; `trail` contains the profiles that led to it.
fn plan<'a>(profiles: &'a Profiles, name: &'a str, trail: &mut Vec<&'a str>) -> Result<Plan> {
    let is_cycle = trail.contains(&name);
    trail.push(name);
    if trail.len() > MAX_CHAIN_LENGTH {
        return Err(failed(format!(
            "{} has a chain of more than {MAX_CHAIN_LENGTH} profiles, starting at `{}`",
            profiles.path, trail[0]
        )));
    }
    if is_cycle {
        let trail = trail.join("` → `");
        let remedy = "one of them must have an access key";
        return Err(failed(format!("{} has a cycle of source profiles, `{trail}`: {remedy}", profiles.path)));
    }
    let place = Place { profile: name, file: &profiles.path };
    let entries = Entries { section: profiles.section(name)?, place };
    let role = || role(&entries);
    let mode = entries.section.secret("mode");
    let token = entries.optional("sts_token").map(|_| "sts_token");
    Ok(match mode.as_str().to_ascii_lowercase().as_str() {
        "" => entries.access_key(token)?,
        "ststoken" => entries.access_key(Some("sts_token"))?,
        "ak" => entries.access_key(None)?,
        "bearertoken" => Plan::Bearer { token: entries.secret("bearer_token")? },
        "ramrolearn" => {
            let source = Box::new(entries.access_key(token)?);
            Plan::Role { source, role: role()? }
        }
        "chainableramrolearn" => {
            let source = entries.required("source_profile")?;
            let unknown = || place.failed(format!("has the source profile `{source}`, which does not exist"));
            let (source, _) = profiles.find(&source).ok_or_else(unknown)?;
            Plan::Role { source: Box::new(plan(profiles, source, trail)?), role: role()? }
        }
        "ecsramrole" => Plan::EcsRamRole { role_name: entries.optional("ram_role_name").unwrap_or_default() },
        "ramrolearnwithrolename" => {
            let source = Plan::EcsRamRole { role_name: entries.optional("ram_role_name").unwrap_or_default() };
            Plan::Role { source: Box::new(source), role: role()? }
        }
        "oidc" => Plan::Oidc(OidcSettings {
            provider_arn: Some(entries.required("oidc_provider_arn")?),
            token_file: Some(entries.required("oidc_token_file")?),
            role: role()?,
        }),
        "external" => Plan::Process { line: entries.secret("process_command")? },
        "credentialsuri" => Plan::Uri { uri: entries.secret("credentials_uri")? },
        _ => {
            let mode = mode.as_str();
            return Err(place.failed(format!("has the unsupported mode `{mode}`: expected {MODES}")));
        }
    })
}

fn role(entries: &Entries<'_>) -> Result<Role> {
    let text = |key: &str| entries.section.get(key).map(|value| value.as_str().to_owned());
    Ok(Role {
        arn: Some(entries.required("ram_role_arn")?),
        session_name: text("ram_session_name").or_else(|| text("role_session_name")),
        duration: text("expired_seconds").and_then(|text| text.parse().ok()).map(Duration::from_secs),
        policy: text("policy"),
        external_id: Some(entries.section.secret("external_id")).filter(|id| !id.is_empty()),
        sts_region: text("sts_region"),
        sts_endpoint: None,
        network: text("enable_vpc").map(|vpc| if vpc == "true" { Network::Vpc } else { Network::Public }),
    })
}

impl CliProfile {
    /// Creates a provider for the profile selected by the environment or the file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a builder with the defaults.
    pub fn builder() -> CliProfileBuilder {
        CliProfileBuilder::default()
    }
}

impl ProvideCredentials for CliProfile {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(async {
            let environment = context.environment();
            let path = Profiles::path(environment, self.file.as_deref())?;
            let text = context.read(&path).await;
            let profiles = Profiles::parse(environment, &path, text, self.profile.as_deref())?;
            let provider = self.latest.provider(plan(&profiles, &profiles.selected, &mut Vec::new())?);
            let place = Place { profile: &profiles.selected, file: &profiles.path };
            provider.provide(context).await.map_err(|error| place.wrap(error))
        })
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.latest.invalidate(rejected);
    }
}

impl CliProfileBuilder {
    /// Sets the name of the profile. The default is `ALIBABA_CLOUD_PROFILE`, or the file's current profile if that is
    /// not set.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets the path of the file. The default is `.aliyun/config.json` in the home directory.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Sets when temporary credentials are refreshed.
    pub fn refresh(mut self, refresh: Refresh) -> Self {
        self.refresh = refresh;
        self
    }

    /// Builds the provider. Nothing is read before the first call.
    pub fn build(self) -> CliProfile {
        CliProfile { profile: self.profile, file: self.file, latest: Latest::new(self.refresh) }
    }
}
