//! The configuration file of the Alibaba Cloud CLI.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    Credentials, ProvideCredentials, failed,
    oidc_role::OidcSettings,
    plan::{Place, Plan, Planned},
    secret::Secret,
    sts::Role,
};
use crate::{config::Config, endpoint::Network, environment::Environment, error::Result, runtime::BoxFuture};

/// A profile of the Alibaba Cloud CLI's `~/.aliyun/config.json`: the one asked for, else the one that
/// `ALIBABA_CLOUD_PROFILE` names, else the file's current one.
///
/// The file is read whenever credentials are asked for, so what `aliyun configure` changes holds at once.
/// `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` set to `true` switches this source off.
///
/// | mode | members |
/// |---|---|
/// | `AK` | `access_key_id`, `access_key_secret` |
/// | `StsToken` | as `AK`, and `sts_token` |
/// | `BearerToken` | `bearer_token` |
/// | `RamRoleArn` | as `AK`, and `ram_role_arn`; `ram_session_name`, `expired_seconds`, `policy`, `external_id`, `sts_region`, `enable_vpc` |
/// | `ChainableRamRoleArn` | `source_profile` in place of the key, else as `RamRoleArn` |
/// | `EcsRamRole` | `ram_role_name`, if the server shall not be asked for it |
/// | `RamRoleArnWithRoleName` | `ram_role_name` in place of the key, else as `RamRoleArn` |
/// | `OIDC` | `oidc_provider_arn`, `oidc_token_file`, else as `RamRoleArn` |
/// | `External` | `process_command`: see [`ExternalProcess`](super::ExternalProcess) |
/// | `CredentialsURI` | `credentials_uri`: see [`CredentialsUri`](super::CredentialsUri) |
#[derive(Debug, Default)]
pub struct ProfileProvider {
    profile: Option<String>,
    file: Option<PathBuf>,
    planned: Planned,
}

/// Builds a [`ProfileProvider`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct ProfileProviderBuilder {
    profile: Option<String>,
    file: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    current: Option<String>,
    profiles: Option<Vec<Profile>>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct Profile {
    name: Option<String>,
    mode: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Secret,
    sts_token: Secret,
    bearer_token: Secret,
    region_id: Option<String>,
    ram_role_arn: Option<String>,
    ram_session_name: Option<String>,
    /// As `ram_session_name`; some tools write it so.
    role_session_name: Option<String>,
    ram_role_name: Option<String>,
    expired_seconds: Option<u64>,
    policy: Option<String>,
    external_id: Secret,
    sts_region: Option<String>,
    enable_vpc: Option<bool>,
    source_profile: Option<String>,
    oidc_provider_arn: Option<String>,
    oidc_token_file: Option<String>,
    process_command: Secret,
    credentials_uri: Secret,
}

/// Most profiles that one may lead through; nobody needs more, and each costs a call.
const MOST: usize = 16;

const MODES: &str = "AK, StsToken, BearerToken, RamRoleArn, ChainableRamRoleArn, EcsRamRole, RamRoleArnWithRoleName, OIDC, External \
                     and CredentialsURI";

/// The file, read, and the profile that is wanted of it.
struct Read {
    profiles: Vec<Profile>,
    wanted: String,
    path: String,
}

impl Read {
    fn profile(&self, name: &str) -> Result<Profile> {
        let found = self.profiles.iter().find(|profile| profile.name.as_deref() == Some(name));
        found.cloned().ok_or_else(|| failed(format!("{} has no profile `{name}`", self.path)))
    }

    /// What a profile says; `trail` holds the profiles that led to it.
    fn plan<'a>(&'a self, name: &'a str, trail: &mut Vec<&'a str>) -> Result<Plan> {
        let circle = trail.contains(&name);
        trail.push(name);
        if trail.len() > MOST {
            return Err(failed(format!("{} has a chain of more than {MOST} profiles, from `{}`", self.path, trail[0])));
        }
        if circle {
            let trail = trail.join("` → `");
            let end = "one of them must have a key of its own";
            return Err(failed(format!("{} has roles that go round in a circle: `{trail}`; {end}", self.path)));
        }
        let place = Place { profile: name, file: &self.path };
        let profile = self.profile(name)?;
        let mode = profile.mode.clone().unwrap_or_default();
        Ok(match mode.to_ascii_lowercase().as_str() {
            "" if profile.sts_token.is_empty() => profile.key(&place, false)?,
            "" | "ststoken" => profile.key(&place, true)?,
            "ak" => profile.key(&place, false)?,
            "bearertoken" => Plan::Bearer { token: place.secret("bearer_token", profile.bearer_token)? },
            "ramrolearn" => {
                let token = !profile.sts_token.is_empty();
                let source = Box::new(profile.clone().key(&place, token)?);
                Plan::Role { source, role: profile.role(&place)? }
            }
            "chainableramrolearn" => {
                let source = place.text("source_profile", profile.source_profile.clone())?;
                let known = self.profiles.iter().find_map(|other| other.name.as_deref().filter(|name| *name == source));
                let source =
                    known.ok_or_else(|| place.failed(format!("takes its key from `{source}`, which is not there")))?;
                Plan::Role { source: Box::new(self.plan(source, trail)?), role: profile.role(&place)? }
            }
            "ecsramrole" => Plan::EcsRamRole { role_name: profile.ram_role_name.unwrap_or_default() },
            "ramrolearnwithrolename" => {
                let source = Plan::EcsRamRole { role_name: profile.ram_role_name.clone().unwrap_or_default() };
                Plan::Role { source: Box::new(source), role: profile.role(&place)? }
            }
            "oidc" => Plan::Oidc(OidcSettings {
                provider_arn: Some(place.text("oidc_provider_arn", profile.oidc_provider_arn.clone())?),
                token_file: Some(place.text("oidc_token_file", profile.oidc_token_file.clone())?),
                role: profile.role(&place)?,
            }),
            "external" => Plan::Process { line: place.secret("process_command", profile.process_command)? },
            "credentialsuri" => Plan::Uri { uri: place.secret("credentials_uri", profile.credentials_uri)? },
            _ => return Err(place.failed(format!("has the mode `{mode}`; supported are {MODES}"))),
        })
    }
}

impl Profile {
    fn key(self, place: &Place<'_>, temporary: bool) -> Result<Plan> {
        Ok(Plan::Keys {
            id: place.text("access_key_id", self.access_key_id)?,
            secret: place.secret("access_key_secret", self.access_key_secret)?,
            token: if temporary { place.secret("sts_token", self.sts_token)? } else { Secret::default() },
        })
    }

    fn role(self, place: &Place<'_>) -> Result<Role> {
        Ok(Role {
            arn: Some(place.text("ram_role_arn", self.ram_role_arn)?),
            session_name: self.ram_session_name.or(self.role_session_name),
            duration: self.expired_seconds.map(Duration::from_secs),
            policy: self.policy,
            external_id: Some(self.external_id).filter(|id| !id.is_empty()),
            sts_region: self.sts_region,
            sts_endpoint: None,
            network: self.enable_vpc.map(|vpc| if vpc { Network::Vpc } else { Network::Public }),
        })
    }
}

impl ProfileProvider {
    /// The profile that the environment or the file chooses.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with the defaults.
    pub fn builder() -> ProfileProviderBuilder {
        ProfileProviderBuilder::default()
    }

    /// Region of the profile, if there is a profile and it has one.
    pub(crate) fn region(&self, environment: &dyn Environment) -> Option<String> {
        let read = self.read(environment).ok()?;
        read.profile(&read.wanted).ok()?.region_id.filter(|region| !region.is_empty())
    }

    fn read(&self, environment: &dyn Environment) -> Result<Read> {
        if environment.flag("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
            return Err(failed("switched off by ALIBABA_CLOUD_CLI_PROFILE_DISABLED"));
        }
        let default = || environment.home().map(|home| home.join(".aliyun").join("config.json"));
        let path = self.file.clone().or_else(default).ok_or_else(|| failed("there is no home folder; set HOME"))?;
        let text = environment.read(&path);
        let path = path.display().to_string();
        let text = text.map_err(|error| failed(format!("{path} can't be read: {error}")).with_source(error))?;
        let text = Zeroizing::new(text);
        // serde_json's own text would quote the file, and with it secrets.
        let file: File = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            failed(format!("{path} is no configuration (line {}, column {})", error.line(), error.column()))
        })?;
        let given = |name: Option<String>| name.filter(|name| !name.is_empty());
        let wanted = given(self.profile.clone())
            .or_else(|| environment.text("ALIBABA_CLOUD_PROFILE"))
            .or_else(|| given(file.current))
            .unwrap_or_else(|| "default".to_owned());
        Ok(Read { profiles: file.profiles.unwrap_or_default(), wanted, path })
    }
}

impl ProvideCredentials for ProfileProvider {
    fn provide<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(async {
            let read = self.read(config.environment())?;
            let source = self.planned.source(read.plan(&read.wanted, &mut Vec::new())?);
            let place = Place { profile: &read.wanted, file: &read.path };
            source.provide(config).await.map_err(|error| place.wrap(error))
        })
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.planned.invalidate(rejected);
    }
}

impl ProfileProviderBuilder {
    /// Sets the name of the profile. By default `ALIBABA_CLOUD_PROFILE`, else the file's current one.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets the file. By default `.aliyun/config.json` in the home folder.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Builds it. Nothing is read before the first call.
    pub fn build(self) -> ProfileProvider {
        ProfileProvider { profile: self.profile, file: self.file, planned: Planned::default() }
    }
}
