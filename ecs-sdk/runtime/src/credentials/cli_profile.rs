//! Profiles of the Alibaba Cloud CLI.

use std::{
    path::PathBuf,
    time::{Duration, UNIX_EPOCH},
};

use super::{
    assume::Role,
    failure::{self, Failure, FindCredentials, is_missing},
    oidc_role::OidcSettings,
    plan::{Entries, Latest, Place, Plan},
};
use crate::{
    endpoint::Network,
    environment::is_on,
    error::Result,
    identity::{
        Context, Credentials, ProvideCredentials, Refresh, failed,
        profile::{Profiles, ProfilesFile},
        section::Section,
    },
    system::BoxFuture,
};

/// Provides the credentials of a profile in `~/.aliyun/config.json`, the configuration file of the Alibaba Cloud CLI.
///
/// The profile is the one set in the builder, or the one named by `ALIBABA_CLOUD_PROFILE`, or the file's current
/// profile. `ALIBABA_CLOUD_CONFIG_FILE` names another file.
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
/// To disable this provider, set `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` to `true`. If
/// `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS` is `true` or `1`, profiles cannot run programs or get credentials from a URI,
/// as in the CLI; providers that your program creates itself are not affected.
///
/// | Mode | Members |
/// |---|---|
/// | `AK` | `access_key_id`, `access_key_secret` |
/// | `StsToken` | same as `AK`, plus `sts_token` |
/// | `BearerToken` | `bearer_token` |
/// | `RamRoleArn` | same as `AK`, plus `ram_role_arn`; optional: `sts_token`, `ram_session_name`, `expired_seconds`, `policy`, `external_id`, `sts_region`, `sts_endpoint`, `enable_vpc` |
/// | `ChainableRamRoleArn` | same as `RamRoleArn`, with `source_profile` instead of the access key |
/// | `EcsRamRole` | `ram_role_name`; by default, the role that the metadata service returns |
/// | `RamRoleArnWithRoleName` | same as `RamRoleArn`, with `ram_role_name` instead of the access key |
/// | `OIDC` | same as `RamRoleArn`, with `oidc_provider_arn` and `oidc_token_file` instead of the access key |
/// | `CloudSSO`, `OAuth` | `access_key_id`, `access_key_secret`, `sts_token` and `sts_expiration`, which the CLI writes when you sign in; when the service rejects the key, the error shows the command to sign in again |
/// | `External` | `process_command`: see [`ExternalProcess`](super::ExternalProcess) |
/// | `CredentialsURI` | `credentials_uri`: see [`CredentialsUri`](super::CredentialsUri) |
/// | `Anonymous` | none; requests are not signed, which only a few operations allow |
///
/// The mode of a profile that does not name one follows from its members, as in the CLI.
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
const MODES: &str = "AK, StsToken, BearerToken, RamRoleArn, ChainableRamRoleArn, EcsRamRole, RamRoleArnWithRoleName, OIDC, CloudSSO, \
                     OAuth, External, CredentialsURI or Anonymous";

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
    let (_, section) = profiles.find(name).ok_or_else(|| profiles.unknown(name))?;
    let entries = Entries { section, place };
    let role = || role(&entries);
    let token = entries.optional("sts_token").map(|_| "sts_token");
    let mode = entries.optional("mode").unwrap_or_else(|| recognized_mode(&entries).to_owned());
    Ok(match mode.to_ascii_lowercase().as_str() {
        "ststoken" => Plan::AccessKey(entries.access_key(Some("sts_token"))?),
        "ak" => Plan::AccessKey(entries.access_key(None)?),
        "bearertoken" => Plan::Bearer { token: entries.secret("bearer_token")? },
        "ramrolearn" => {
            let source = Box::new(Plan::AccessKey(entries.access_key(token)?));
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
        "cloudsso" => signed_in(&entries, "CloudSSO")?,
        "oauth" => signed_in(&entries, "OAuth")?,
        "external" => Plan::Process { line: entries.secret("process_command")? },
        "credentialsuri" => Plan::Uri { uri: entries.secret("credentials_uri")? },
        "anonymous" => Plan::Anonymous,
        _ => return Err(place.failed(format!("has the unsupported mode `{mode}`: expected {MODES}"))),
    })
}

/// The mode of a profile that does not name one, as the CLI recognizes it.
fn recognized_mode(entries: &Entries<'_>) -> &'static str {
    let has = |key| entries.optional(key).is_some();
    match () {
        () if has("access_key_id") && has("access_key_secret") => match () {
            () if has("sts_token") => "StsToken",
            () if has("ram_role_arn") => "RamRoleArn",
            () => "AK",
        },
        () if has("ram_role_name") => "EcsRamRole",
        () if has("process_command") => "External",
        () if has("oidc_provider_arn") && has("oidc_token_file") && has("ram_role_arn") => "OIDC",
        () if has("cloud_sso_sign_in_url") => "CloudSSO",
        () if has("bearer_token") => "BearerToken",
        () if has("sts_token") => "StsToken",
        () => "AK",
    }
}

/// The temporary access key that the CLI keeps in a profile after a person has signed in.
fn signed_in(entries: &Entries<'_>, mode: &str) -> Result<Plan> {
    let remedy = format!("sign in with `aliyun configure --profile {} --mode {mode}`", entries.place.profile);
    let missing = |_| entries.place.failed(format!("has no access key; {remedy}"));
    let key = entries.access_key(Some("sts_token")).map_err(missing)?;
    // 0 is how the CLI writes that there is none.
    let expires = entries.optional("sts_expiration").filter(|seconds| seconds != "0").map(|seconds| {
        let time = seconds.parse().ok().and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        time.ok_or_else(|| entries.place.failed("has an invalid `sts_expiration`: expected seconds since 1970"))
    });
    Ok(Plan::SignedIn { key, expires: expires.transpose()?, remedy })
}

fn role(entries: &Entries<'_>) -> Result<Role> {
    let text = |key: &str| entries.optional(key);
    let vpc = |enabled: String| if is_on(&enabled) { Network::Vpc } else { Network::Public };
    Ok(Role {
        arn: Some(entries.required("ram_role_arn")?),
        session_name: text("ram_session_name").or_else(|| text("role_session_name")),
        duration: entries.seconds("expired_seconds")?,
        policy: text("policy"),
        external_id: Some(entries.section.secret("external_id")).filter(|id| !id.is_empty()),
        sts_region: text("sts_region"),
        sts_endpoint: text("sts_endpoint"),
        network: text("enable_vpc").map(vpc),
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
        failure::provide(self, context)
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.latest.invalidate(rejected);
    }
}

impl FindCredentials for CliProfile {
    fn find<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials, Failure>> {
        Box::pin(async {
            let environment = context.environment();
            let named = Profiles::named(environment, self.profile.as_deref());
            let file = Profiles::file(environment, self.file.as_deref());
            let ProfilesFile { path, given } = file.map_err(Failure::Absent)?;
            let text = context.read(&path).await;
            let missing = text.as_ref().is_err_and(|error| is_missing(error, named.is_some()));
            let profiles = Profiles::parse(&path, text, named.clone());
            // The credentials file may have a profile of this name.
            let profiles = profiles.map_err(|error| Failure::of(given || !missing, error))?;
            let name = &profiles.selected;
            let Some((_, section)) = profiles.find(name) else {
                let only_current = named.is_none() && !profiles.is_empty();
                return Err(Failure::of(given || only_current, profiles.unknown(name)));
            };
            let place = Place { profile: name, file: &profiles.path };
            let plan = plan(&profiles, name, &mut Vec::new());
            // The CLI creates a profile without credentials when it is first used.
            let unused = named.is_none() && !given && is_unused(section);
            let plan = plan.and_then(|plan| plan.allowed(environment, place));
            let provider = self.latest.provider(plan.map_err(|error| Failure::of(!unused, error))?);
            if self.file.is_none() && self.profile.as_deref().is_none_or(str::is_empty) {
                context.keep_profile(section);
            }
            Ok(provider.provide(context).await.map_err(|error| place.wrap(error))?)
        })
    }
}

/// Whether a profile has no members that lead to credentials.
fn is_unused(section: &Section) -> bool {
    let mode = section.secret("mode");
    let is_access_key = matches!(mode.as_str().to_ascii_lowercase().as_str(), "" | "ak");
    is_access_key && section.iter().all(|(key, value)| matches!(key, "name" | "mode" | "region_id") || value.is_empty())
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
