//! The credentials file shared by Alibaba Cloud SDKs.

use std::{io, path::PathBuf, time::Duration};

use zeroize::Zeroizing;

use super::{
    assume::Role,
    ini,
    oidc_role::OidcSettings,
    plan::{Entries, Latest, Place, Plan},
};
use crate::{
    error::{Error, Result},
    identity::{Context, Credentials, ProvideCredentials, Refresh, failed},
    system::BoxFuture,
};

/// Provides the credentials of a profile in the credentials file shared by Alibaba Cloud SDKs.
///
/// The file is the one set in the builder, or the one named by `ALIBABA_CLOUD_CREDENTIALS_FILE`, or
/// `~/.alibabacloud/credentials`, or `~/.alibabacloud/credentials.ini`. The profile is the one set in the builder, or
/// the one named by `ALIBABA_CLOUD_PROFILE`, or `default`.
///
/// ```
/// use ecs_sdk::{Client, credentials::CredentialsFile};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let file = CredentialsFile::builder().file("/etc/my-program/credentials").profile("production").build();
/// let client = Client::builder().region("cn-hangzhou").credentials(file).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
///
/// The file is read every time credentials are needed. Each section of the file is a profile:
///
/// ```ini
/// [default]
/// type = ram_role_arn
/// access_key_id = …
/// access_key_secret = …
/// role_arn = acs:ram::123456789012:role/deployer
/// ```
///
/// | Type | Keys |
/// |---|---|
/// | `access_key` | `access_key_id`, `access_key_secret` |
/// | `sts` | same as `access_key`, plus `security_token` |
/// | `bearer` | `bearer_token` |
/// | `ram_role_arn` | same as `access_key`, plus `role_arn`; optional: `role_session_name`, `role_session_expiration` (seconds), `policy`, `external_id`, `region_id` (of STS), `security_token` |
/// | `ecs_ram_role` | `role_name`; by default, the role that the metadata service returns |
/// | `oidc_role_arn` | same as `ram_role_arn`, with `oidc_provider_arn` and `oidc_token_file_path` instead of the access key |
/// | `credentials_uri` | `credentials_uri` |
///
/// A profile is enabled unless it contains `enable = false`.
#[derive(Debug, Default)]
pub struct CredentialsFile {
    profile: Option<String>,
    file: Option<PathBuf>,
    latest: Latest,
}

/// A builder for [`CredentialsFile`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct CredentialsFileBuilder {
    profile: Option<String>,
    file: Option<PathBuf>,
    refresh: Refresh,
}

/// The supported types, for errors.
const TYPES: &str = "access_key, sts, bearer, ram_role_arn, ecs_ram_role, oidc_role_arn or credentials_uri";

impl Entries<'_> {
    fn plan_of_section(&self) -> Result<Plan> {
        let enable = self.optional("enable").unwrap_or_default().to_ascii_lowercase();
        if matches!(enable.as_str(), "false" | "0" | "no" | "off") {
            return Err(self.place.failed("is disabled by `enable`"));
        }
        Ok(match self.required("type")?.as_str() {
            "access_key" => self.access_key(None)?,
            "sts" => self.access_key(Some("security_token"))?,
            "bearer" => Plan::Bearer { token: self.secret("bearer_token")? },
            "ram_role_arn" => {
                let token = self.optional("security_token").map(|_| "security_token");
                let source = Box::new(self.access_key(token)?);
                Plan::Role { source, role: self.role_of_section()? }
            }
            "ecs_ram_role" => Plan::EcsRamRole { role_name: self.optional("role_name").unwrap_or_default() },
            "oidc_role_arn" => Plan::Oidc(OidcSettings {
                role: self.role_of_section()?,
                provider_arn: Some(self.required("oidc_provider_arn")?),
                token_file: Some(self.required("oidc_token_file_path")?),
            }),
            "credentials_uri" => Plan::Uri { uri: self.secret("credentials_uri")? },
            other => return Err(self.place.failed(format!("has the unsupported type `{other}`: expected {TYPES}"))),
        })
    }

    fn role_of_section(&self) -> Result<Role> {
        let seconds = self.optional("role_session_expiration").map(|text| text.parse());
        let seconds = seconds
            .transpose()
            .map_err(|_| self.place.failed("has an invalid `role_session_expiration`: expected a number of seconds"))?;
        Ok(Role {
            arn: Some(self.required("role_arn")?),
            session_name: self.optional("role_session_name"),
            duration: seconds.map(Duration::from_secs),
            policy: self.optional("policy"),
            external_id: Some(self.section.secret("external_id")).filter(|id| !id.is_empty()),
            sts_region: self.optional("region_id"),
            ..Role::default()
        })
    }
}

impl CredentialsFile {
    /// Creates a provider for the file and profile selected by the environment.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a builder with the defaults.
    pub fn builder() -> CredentialsFileBuilder {
        CredentialsFileBuilder::default()
    }

    /// The content of the file, and its path.
    async fn read(&self, context: &Context) -> Result<(Zeroizing<String>, String)> {
        let environment = context.environment();
        let unreadable = |path: &PathBuf, error: io::Error| -> Error {
            failed(format!("cannot read {}: {error}", path.display())).with_source(error)
        };
        let given = || environment.non_blank("ALIBABA_CLOUD_CREDENTIALS_FILE").map(PathBuf::from);
        let (path, other) = match self.file.clone().or_else(given) {
            Some(path) => (path, None),
            None => {
                let home = environment.home().ok_or_else(|| failed("no home directory: set HOME"))?;
                let directory = home.join(".alibabacloud");
                (directory.join("credentials"), Some(directory.join("credentials.ini")))
            }
        };
        match (context.read(&path).await, other) {
            (Ok(text), _) => Ok((text, path.display().to_string())),
            (Err(error), Some(other)) if error.kind() == io::ErrorKind::NotFound => match context.read(&other).await {
                Ok(text) => Ok((text, other.display().to_string())),
                Err(inner) if inner.kind() == io::ErrorKind::NotFound => Err(unreadable(&path, error)),
                Err(inner) => Err(unreadable(&other, inner)),
            },
            (Err(error), _) => Err(unreadable(&path, error)),
        }
    }

    async fn get(&self, context: &Context) -> Result<Credentials> {
        let environment = context.environment();
        let (text, path) = self.read(context).await?;
        let mut sections = ini::parse(&text).map_err(|line| {
            failed(format!(
                "{path} is not a valid credentials file: expected `[profile]` or `key = value` in line {line}"
            ))
        })?;
        let name = self.profile.clone().filter(|name| !name.is_empty());
        let name =
            name.or_else(|| environment.non_blank("ALIBABA_CLOUD_PROFILE")).unwrap_or_else(|| "default".to_owned());
        let place = Place { profile: &name, file: &path };
        let section = sections.remove(&name).ok_or_else(|| failed(format!("{path} has no profile `{name}`")))?;
        let provider = self.latest.provider(Entries { section: &section, place }.plan_of_section()?);
        provider.provide(context).await.map_err(|error| place.wrap(error))
    }
}

impl ProvideCredentials for CredentialsFile {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(self.get(context))
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.latest.invalidate(rejected);
    }
}

impl CredentialsFileBuilder {
    /// Sets the name of the profile. The default is `ALIBABA_CLOUD_PROFILE`, or `default` if that is not set.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets the path of the file. See [`CredentialsFile`] for the default.
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
    pub fn build(self) -> CredentialsFile {
        CredentialsFile { profile: self.profile, file: self.file, latest: Latest::new(self.refresh) }
    }
}
