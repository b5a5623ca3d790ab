//! The configuration file of the Alibaba Cloud CLI: profiles as lists of members, without their meaning.

use std::path::Path;

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

const MEMBERS: Object = Object {
    strings: &[
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
    ],
    numbers: &["expired_seconds"],
    flags: &["enable_vpc"],
};

/// The profiles of the file, and which of them is selected.
pub(crate) struct Profiles {
    profiles: Vec<Profile>,
    pub(crate) selected: String,
    pub(crate) path: String,
}

impl Profiles {
    /// Reads the file: the one given, or `.aliyun/config.json` in the home folder. The profile given is selected, or the
    /// one that `ALIBABA_CLOUD_PROFILE` names, or the file's current one.
    pub(crate) fn read(environment: &dyn Environment, file: Option<&Path>, profile: Option<&str>) -> Result<Self> {
        if environment.flag("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
            return Err(failed("disabled by ALIBABA_CLOUD_CLI_PROFILE_DISABLED"));
        }
        let default = || environment.home().map(|home| home.join(".aliyun").join("config.json"));
        let path = file.map(Path::to_owned).or_else(default).ok_or_else(|| failed("no home folder found; set HOME"))?;
        let text = environment.read(&path);
        let path = path.display().to_string();
        let text = text.map_err(|error| failed(format!("{path} can't be read: {error}")).with_source(error))?;
        let text = Zeroizing::new(text);
        // The message of serde_json would quote the file, which holds secrets.
        let file: File = serde_json::from_slice(text.trim_start_matches('\u{feff}').as_bytes()).map_err(|error| {
            failed(format!("{path} is not a valid configuration (line {}, column {})", error.line(), error.column()))
        })?;
        let selected = profile
            .map(str::to_owned)
            .filter(|name| !name.is_empty())
            .or_else(|| environment.text("ALIBABA_CLOUD_PROFILE"))
            .or(file.current.filter(|name| !name.is_empty()))
            .unwrap_or_else(|| "default".to_owned());
        Ok(Self { profiles: file.profiles.unwrap_or_default(), selected, path })
    }

    /// The members of a profile, and its name.
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
    /// Returns an error if the file has no such profile.
    pub(crate) fn section(&self, name: &str) -> Result<&Section> {
        let found = self.find(name).map(|(_, section)| section);
        found.ok_or_else(|| failed(format!("{} has no profile `{name}`", self.path)))
    }
}

/// The region of the selected profile, if there is such a profile and it has one.
pub(crate) fn region(environment: &dyn Environment) -> Option<String> {
    let profiles = Profiles::read(environment, None, None).ok()?;
    let (_, section) = profiles.find(&profiles.selected)?;
    section.text("region_id").map(|region| region.trim().to_owned())
}
