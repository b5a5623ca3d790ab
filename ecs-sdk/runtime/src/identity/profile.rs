//! Reads the configuration file of the Alibaba Cloud CLI. Profiles are lists of members here;
//! `credentials::cli_profile` interprets them.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use zeroize::Zeroizing;

use super::{
    credentials::failed,
    section::{Object, Section},
};
use crate::{
    endpoint::Network,
    environment::Environment,
    error::{Error, Result},
};

#[derive(Default)]
struct File {
    current: Option<String>,
    profiles: Option<Vec<Profile>>,
}

/// By hand, because this would be the only derived implementation in the SDK, and with it every program would compile the
/// macro.
impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = File;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<File, A::Error> {
                let mut file = File::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "current" => file.current = map.next_value()?,
                        "profiles" => file.profiles = map.next_value()?,
                        _ => _ = map.next_value::<IgnoredAny>()?,
                    }
                }
                Ok(file)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[derive(Default)]
struct Profile(Section);

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MEMBERS.deserialize(deserializer).map(Self)
    }
}

const MEMBERS: Object = Object::of(&[
    "name",
    "mode",
    "access_key_id",
    "access_key_secret",
    "sts_token",
    "bearer_token",
    "region_id",
    "ram_role_arn",
    "ram_session_name",
    // Some tools write this for `ram_session_name`.
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
    "expired_seconds",
    "enable_vpc",
    "sts_endpoint",
    "endpoint_type",
    "sts_expiration",
    "cloud_sso_sign_in_url",
]);

/// The path of the file, and whether someone named it.
pub(crate) struct ProfilesFile {
    pub(crate) path: PathBuf,
    pub(crate) given: bool,
}

/// The profiles of the file, and the name of the selected one.
pub(crate) struct Profiles {
    profiles: Vec<Profile>,
    pub(crate) selected: String,
    pub(crate) path: String,
}

impl Profiles {
    /// The given file, or the one named by `ALIBABA_CLOUD_CONFIG_FILE`, or `.aliyun/config.json` in the home directory.
    pub(crate) fn file(environment: &dyn Environment, file: Option<&Path>) -> Result<ProfilesFile> {
        if environment.flag("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
            return Err(failed("disabled by ALIBABA_CLOUD_CLI_PROFILE_DISABLED"));
        }
        let variable = || environment.non_blank("ALIBABA_CLOUD_CONFIG_FILE").map(PathBuf::from);
        if let Some(path) = file.map(Path::to_owned).or_else(variable) {
            return Ok(ProfilesFile { path, given: true });
        }
        let home = environment.home().ok_or_else(|| failed("no home directory: set HOME"))?;
        Ok(ProfilesFile { path: home.join(".aliyun").join("config.json"), given: false })
    }

    /// The given profile, or the one named by `ALIBABA_CLOUD_PROFILE`. Otherwise, the file selects one.
    pub(crate) fn named(environment: &dyn Environment, profile: Option<&str>) -> Option<String> {
        let given = profile.map(str::trim).filter(|name| !name.is_empty());
        given.map(str::to_owned).or_else(|| environment.non_blank("ALIBABA_CLOUD_PROFILE"))
    }

    /// Parses the file. Selects the named profile, or else the file's current one.
    pub(crate) fn parse(path: &Path, text: io::Result<Zeroizing<String>>, named: Option<String>) -> Result<Self> {
        let path = path.display().to_string();
        let text = text.map_err(|error| failed(format!("cannot read {path}: {error}")).with_source(error))?;
        // The message of serde_json would quote the file, which contains secrets.
        let file: File = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            failed(format!(
                "{path} is not a valid CLI configuration (line {}, column {})",
                error.line(),
                error.column()
            ))
        })?;
        let selected = named.or(file.current.filter(|name| !name.is_empty())).unwrap_or_else(|| "default".to_owned());
        Ok(Self { profiles: file.profiles.unwrap_or_default(), selected, path })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.profiles.is_empty()
    }

    /// The name and the members of a profile.
    pub(crate) fn find(&self, name: &str) -> Option<(&str, &Section)> {
        self.profiles.iter().find_map(|Profile(section)| {
            let own = section.get("name")?.as_str();
            (own == name).then_some((own, section))
        })
    }

    /// The error for a profile that does not exist.
    pub(crate) fn unknown(&self, name: &str) -> Error {
        failed(format!("{} has no profile `{name}`", self.path))
    }
}

/// The network of a profile or variable with this value, if it names one.
pub(crate) fn network(endpoint_type: &str) -> Option<Network> {
    match endpoint_type.trim().to_ascii_lowercase().as_str() {
        "vpc" => Some(Network::Vpc),
        "public" => Some(Network::Public),
        _ => None,
    }
}
