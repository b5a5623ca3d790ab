//! The credentials file that Alibaba Cloud SDKs share.

use std::{io, path::PathBuf, time::Duration};

use zeroize::Zeroizing;

use super::{
    Credentials, ProvideCredentials, failed, ini,
    oidc_role::OidcSettings,
    plan::{Keys, Place, Plan, Planned},
    sts::Role,
};
use crate::{
    config::Config,
    environment::Environment,
    error::{Error, Result},
    system::BoxFuture,
};

/// A profile of the file that Alibaba Cloud SDKs share: the file in `ALIBABA_CLOUD_CREDENTIALS_FILE`, else
/// `~/.alibabacloud/credentials`, else `~/.alibabacloud/credentials.ini`. The profile is the one asked for, else the one
/// that `ALIBABA_CLOUD_PROFILE` names, else `default`.
///
/// The file is read whenever credentials are asked for. Each profile is a section:
///
/// ```ini
/// [default]
/// type = ram_role_arn
/// access_key_id = …
/// access_key_secret = …
/// role_arn = acs:ram::123456789012:role/deployer
/// ```
///
/// | type | keys |
/// |---|---|
/// | `access_key` | `access_key_id`, `access_key_secret` |
/// | `sts` | as `access_key`, and `security_token` |
/// | `bearer` | `bearer_token` |
/// | `ram_role_arn` | as `access_key`, and `role_arn`; `role_session_name`, `role_session_expiration` (seconds), `policy`, `external_id`, `region_id` (of STS), `security_token` |
/// | `ecs_ram_role` | `role_name`, if the server shall not be asked for it |
/// | `oidc_role_arn` | `role_arn`, `oidc_provider_arn`, `oidc_token_file_path`, else as `ram_role_arn` |
/// | `credentials_uri` | `credentials_uri` |
///
/// `enable = false` switches a profile off; a profile without `enable` is on.
#[derive(Debug, Default)]
pub struct CredentialsFile {
    profile: Option<String>,
    file: Option<PathBuf>,
    planned: Planned,
}

/// Builds a [`CredentialsFile`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct CredentialsFileBuilder {
    profile: Option<String>,
    file: Option<PathBuf>,
}

const TYPES: &str = "access_key, sts, bearer, ram_role_arn, ecs_ram_role, oidc_role_arn and credentials_uri";

impl Keys<'_> {
    fn plan_of_section(&self) -> Result<Plan> {
        let enable = self.text("enable").unwrap_or_default().to_ascii_lowercase();
        if matches!(enable.as_str(), "false" | "0" | "no" | "off") {
            return Err(self.place.failed("is switched off by `enable`"));
        }
        Ok(match self.required("type")?.as_str() {
            "access_key" => self.key(None)?,
            "sts" => self.key(Some("security_token"))?,
            "bearer" => Plan::Bearer { token: self.secret("bearer_token")? },
            "ram_role_arn" => {
                let token = self.text("security_token").map(|_| "security_token");
                let source = Box::new(self.key(token)?);
                Plan::Role { source, role: self.role_of_section()? }
            }
            "ecs_ram_role" => Plan::EcsRamRole { role_name: self.text("role_name").unwrap_or_default() },
            "oidc_role_arn" => Plan::Oidc(OidcSettings {
                role: self.role_of_section()?,
                provider_arn: Some(self.required("oidc_provider_arn")?),
                token_file: Some(self.required("oidc_token_file_path")?),
            }),
            "credentials_uri" => Plan::Uri { uri: self.secret("credentials_uri")? },
            other => return Err(self.place.failed(format!("has the type `{other}`; supported are {TYPES}"))),
        })
    }

    fn role_of_section(&self) -> Result<Role> {
        let seconds = self.text("role_session_expiration").map(|text| text.parse());
        let seconds = seconds
            .transpose()
            .map_err(|_| self.place.failed("has a `role_session_expiration` that is no number of seconds"))?;
        Ok(Role {
            arn: Some(self.required("role_arn")?),
            session_name: self.text("role_session_name"),
            duration: seconds.map(Duration::from_secs),
            policy: self.text("policy"),
            external_id: Some(self.section.secret("external_id")).filter(|id| !id.is_empty()),
            sts_region: self.text("region_id"),
            ..Role::default()
        })
    }
}

impl CredentialsFile {
    /// The file and profile that the environment chooses.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with the defaults.
    pub fn builder() -> CredentialsFileBuilder {
        CredentialsFileBuilder::default()
    }

    /// The text of the file, and its path.
    fn read(&self, environment: &dyn Environment) -> Result<(Zeroizing<String>, String)> {
        let unreadable = |path: &PathBuf, error: io::Error| -> Error {
            failed(format!("{} can't be read: {error}", path.display())).with_source(error)
        };
        let given = || environment.text("ALIBABA_CLOUD_CREDENTIALS_FILE").map(PathBuf::from);
        let (path, other) = match self.file.clone().or_else(given) {
            Some(path) => (path, None),
            None => {
                let home = environment.home().ok_or_else(|| failed("there is no home folder; set HOME"))?;
                let folder = home.join(".alibabacloud");
                (folder.join("credentials"), Some(folder.join("credentials.ini")))
            }
        };
        match (environment.read(&path), other) {
            (Ok(text), _) => Ok((text.into(), path.display().to_string())),
            (Err(error), Some(other)) if error.kind() == io::ErrorKind::NotFound => match environment.read(&other) {
                Ok(text) => Ok((text.into(), other.display().to_string())),
                Err(inner) if inner.kind() == io::ErrorKind::NotFound => Err(unreadable(&path, error)),
                Err(inner) => Err(unreadable(&other, inner)),
            },
            (Err(error), _) => Err(unreadable(&path, error)),
        }
    }

    async fn get(&self, config: &Config) -> Result<Credentials> {
        let environment = config.environment();
        let (text, path) = self.read(environment)?;
        let sections = ini::parse(&text).map_err(|line| {
            failed(format!("{path} is no credentials file: line {line} is neither `[profile]` nor `key = value`"))
        })?;
        let name = self.profile.clone().filter(|name| !name.is_empty());
        let name = name.or_else(|| environment.text("ALIBABA_CLOUD_PROFILE")).unwrap_or_else(|| "default".to_owned());
        let place = Place { profile: &name, file: &path };
        let section = sections.into_iter().find(|(other, _)| *other == name).map(|(_, section)| section);
        let section = section.ok_or_else(|| failed(format!("{path} has no profile `{name}`")))?;
        let source = self.planned.source(Keys { section: &section, place }.plan_of_section()?);
        source.provide(config).await.map_err(|error| place.wrap(error))
    }
}

impl ProvideCredentials for CredentialsFile {
    fn provide<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(self.get(config))
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.planned.invalidate(rejected);
    }
}

impl CredentialsFileBuilder {
    /// Sets the name of the profile. By default `ALIBABA_CLOUD_PROFILE`, else `default`.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets the file. By default `ALIBABA_CLOUD_CREDENTIALS_FILE`, else as [`CredentialsFile`] says.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Builds it. Nothing is read before the first call.
    pub fn build(self) -> CredentialsFile {
        CredentialsFile { profile: self.profile, file: self.file, planned: Planned::default() }
    }
}
