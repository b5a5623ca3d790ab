//! Reads the configuration file of the Alibaba Cloud CLI. Profiles are lists of members here;
//! `credentials::cli_profile` interprets them.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, de::DeserializeSeed};
use zeroize::Zeroizing;

use super::{
    credentials::failed,
    section::{Object, Section},
};
use crate::{environment::Environment, error::Result};

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
]);

/// The profiles of the file, and the name of the selected one.
pub(crate) struct Profiles {
    profiles: Vec<Profile>,
    pub(crate) selected: String,
    pub(crate) path: String,
}

impl Profiles {
    /// The path of the given file, or of `.aliyun/config.json` in the home directory.
    pub(crate) fn path(environment: &dyn Environment, file: Option<&Path>) -> Result<PathBuf> {
        if environment.flag("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
            return Err(failed("disabled by ALIBABA_CLOUD_CLI_PROFILE_DISABLED"));
        }
        let default = || environment.home().map(|home| home.join(".aliyun").join("config.json"));
        file.map(Path::to_owned).or_else(default).ok_or_else(|| failed("no home directory: set HOME"))
    }

    /// Parses the file. Selects the given profile, or the one named by `ALIBABA_CLOUD_PROFILE`, or the file's current
    /// one.
    pub(crate) fn parse(
        environment: &dyn Environment,
        path: &Path,
        text: io::Result<Zeroizing<String>>,
        profile: Option<&str>,
    ) -> Result<Self> {
        let path = path.display().to_string();
        let text = text.map_err(|error| failed(format!("cannot read {path}: {error}")).with_source(error))?;
        // The message of serde_json would quote the file, which contains secrets.
        let file: File = serde_json::from_slice(text.trim_start_matches('\u{feff}').as_bytes()).map_err(|error| {
            failed(format!(
                "{path} is not a valid CLI configuration (line {}, column {})",
                error.line(),
                error.column()
            ))
        })?;
        let selected = profile
            .map(str::to_owned)
            .filter(|name| !name.is_empty())
            .or_else(|| environment.non_blank("ALIBABA_CLOUD_PROFILE"))
            .or(file.current.filter(|name| !name.is_empty()))
            .unwrap_or_else(|| "default".to_owned());
        Ok(Self { profiles: file.profiles.unwrap_or_default(), selected, path })
    }

    /// The name and the members of a profile.
    pub(crate) fn find(&self, name: &str) -> Option<(&str, &Section)> {
        self.profiles.iter().find_map(|Profile(section)| {
            let own = section.get("name")?.as_str();
            (own == name).then_some((own, section))
        })
    }

    /// The members of a profile.
    ///
    /// # Errors
    ///
    /// Returns an error if the profile does not exist.
    pub(crate) fn section(&self, name: &str) -> Result<&Section> {
        let found = self.find(name).map(|(_, section)| section);
        found.ok_or_else(|| failed(format!("{} has no profile `{name}`", self.path)))
    }
}

/// The region of the selected profile of the default file, if the profile exists and has a region.
pub(crate) fn region(
    environment: &dyn Environment,
    path: &Path,
    text: io::Result<Zeroizing<String>>,
) -> Option<String> {
    let profiles = Profiles::parse(environment, path, text, None).ok()?;
    let (_, section) = profiles.find(&profiles.selected)?;
    section.non_blank("region_id")
}
