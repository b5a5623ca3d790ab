//! Credentials and region from the files that the Alibaba Cloud CLI and SDKs share.

use std::{path::PathBuf, sync::Arc};

use serde::Deserialize;

use super::{Credentials, ProvideCredentials};
use crate::{
    environment::Environment,
    error::{Error, ErrorKind, Result},
    runtime::BoxFuture,
};

/// `~/.aliyun/config.json` of the CLI: the profile that `ALIBABA_CLOUD_PROFILE` names, else the current one.
///
/// Profiles of the modes `AK` and `StsToken` are read.
#[derive(Debug, Clone)]
pub struct ProfileProvider {
    environment: Arc<dyn Environment>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    current: String,
    #[serde(default)]
    profiles: Vec<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    name: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    access_key_id: String,
    #[serde(default)]
    access_key_secret: String,
    #[serde(default)]
    sts_token: String,
    #[serde(default)]
    region_id: String,
}

impl ProfileProvider {
    pub(crate) fn new(environment: Arc<dyn Environment>) -> Self {
        Self { environment }
    }

    /// Region of the profile, if there is a profile and it has one.
    pub(crate) fn region(&self) -> Option<String> {
        self.profile().ok().map(|(profile, _)| profile.region_id).filter(|region| !region.is_empty())
    }

    fn profile(&self) -> Result<(Profile, PathBuf)> {
        let home = self.environment.home().ok_or_else(|| failed("there is no home folder"))?;
        let path = home.join(".aliyun").join("config.json");
        let shown = path.display();
        let text = self
            .environment
            .read(&path)
            .map_err(|error| failed(&format!("{shown} can't be read: {error}")).with_source(error))?;
        // serde_json's own text would quote the file, and with it secrets.
        let file: File = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            failed(&format!("{shown} is no configuration (line {}, column {})", error.line(), error.column()))
        })?;
        let wanted =
            self.environment.var("ALIBABA_CLOUD_PROFILE").filter(|name| !name.is_empty()).unwrap_or(file.current);
        let wanted = if wanted.is_empty() { "default".to_owned() } else { wanted };
        let profile = file.profiles.into_iter().find(|profile| profile.name == wanted);
        let profile = profile.ok_or_else(|| failed(&format!("{shown} has no profile `{wanted}`")))?;
        Ok((profile, path))
    }

    fn read(&self) -> Result<Credentials> {
        let (profile, path) = self.profile()?;
        let name = format!("profile `{}` of {}", profile.name, path.display());
        let credentials = Credentials::new(profile.access_key_id, profile.access_key_secret);
        let credentials = match profile.mode.as_str() {
            "" | "AK" => credentials,
            "StsToken" => credentials.with_security_token(profile.sts_token),
            mode => return Err(failed(&format!("{name} has the mode `{mode}`, which is not supported"))),
        };
        credentials.checked().map_err(|_| failed(&format!("{name} has no access key")))
    }
}

fn failed(message: &str) -> Error {
    Error::new(ErrorKind::Credentials, message)
}

impl ProvideCredentials for ProfileProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async { self.read() })
    }
}
