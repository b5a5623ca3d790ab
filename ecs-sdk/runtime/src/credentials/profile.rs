//! The configuration file of the Alibaba Cloud CLI.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, de::DeserializeSeed};
use zeroize::Zeroizing;

use super::{
    Credentials, ProvideCredentials, failed,
    oidc_role::OidcSettings,
    plan::{Keys, Place, Plan, Planned},
    section::{Object, Section},
    sts::Role,
};
use crate::{config::Config, endpoint::Network, environment::Environment, error::Result, system::BoxFuture};

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

#[derive(Default)]
struct Profile(Section);

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MEMBERS.deserialize(deserializer).map(Self)
    }
}

const MEMBERS: Object = Object {
    texts: &[
        "name",
        "mode",
        "access_key_id",
        "access_key_secret",
        "sts_token",
        "bearer_token",
        "region_id",
        "ram_role_arn",
        "ram_session_name",
        // As `ram_session_name`; some tools write it so.
        "role_session_name",
        "ram_role_name",
        "policy",
        "external_id",
        "sts_region",
        "source_profile",
        "oidc_provider_arn",
        "oidc_token_file",
        "process_command",
        "credentials_uri",
    ],
    numbers: &["expired_seconds"],
    flags: &["enable_vpc"],
};

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
    fn find(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.0.get("name").is_some_and(|other| other.as_str() == name))
    }

    fn profile(&self, name: &str) -> Result<&Profile> {
        self.find(name).ok_or_else(|| failed(format!("{} has no profile `{name}`", self.path)))
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
        let keys = Keys { section: &self.profile(name)?.0, place };
        let role = || role(&keys);
        let mode = keys.section.secret("mode");
        let token = keys.text("sts_token").map(|_| "sts_token");
        Ok(match mode.as_str().to_ascii_lowercase().as_str() {
            "" => keys.key(token)?,
            "ststoken" => keys.key(Some("sts_token"))?,
            "ak" => keys.key(None)?,
            "bearertoken" => Plan::Bearer { token: keys.secret("bearer_token")? },
            "ramrolearn" => {
                let source = Box::new(keys.key(token)?);
                Plan::Role { source, role: role()? }
            }
            "chainableramrolearn" => {
                let source = keys.required("source_profile")?;
                let known = self.find(&source).and_then(|known| known.0.get("name"));
                let source =
                    known.ok_or_else(|| place.failed(format!("takes its key from `{source}`, which is not there")))?;
                Plan::Role { source: Box::new(self.plan(source.as_str(), trail)?), role: role()? }
            }
            "ecsramrole" => Plan::EcsRamRole { role_name: keys.text("ram_role_name").unwrap_or_default() },
            "ramrolearnwithrolename" => {
                let source = Plan::EcsRamRole { role_name: keys.text("ram_role_name").unwrap_or_default() };
                Plan::Role { source: Box::new(source), role: role()? }
            }
            "oidc" => Plan::Oidc(OidcSettings {
                provider_arn: Some(keys.required("oidc_provider_arn")?),
                token_file: Some(keys.required("oidc_token_file")?),
                role: role()?,
            }),
            "external" => Plan::Process { line: keys.secret("process_command")? },
            "credentialsuri" => Plan::Uri { uri: keys.secret("credentials_uri")? },
            _ => {
                let mode = mode.as_str();
                return Err(place.failed(format!("has the mode `{mode}`; supported are {MODES}")));
            }
        })
    }
}

fn role(keys: &Keys<'_>) -> Result<Role> {
    let text = |key: &str| keys.section.get(key).map(|value| value.as_str().to_owned());
    Ok(Role {
        arn: Some(keys.required("ram_role_arn")?),
        session_name: text("ram_session_name").or_else(|| text("role_session_name")),
        duration: text("expired_seconds").and_then(|text| text.parse().ok()).map(Duration::from_secs),
        policy: text("policy"),
        external_id: Some(keys.section.secret("external_id")).filter(|id| !id.is_empty()),
        sts_region: text("sts_region"),
        sts_endpoint: None,
        network: text("enable_vpc").map(|vpc| if vpc == "true" { Network::Vpc } else { Network::Public }),
    })
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
        let region = read.find(&read.wanted)?.0.get("region_id")?;
        Some(region.as_str().to_owned()).filter(|region| !region.is_empty())
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
        let file: File = serde_json::from_slice(text.trim_start_matches('\u{feff}').as_bytes()).map_err(|error| {
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
