//! The credentials file shared by Alibaba Cloud SDKs.

use std::{io, path::PathBuf};

use zeroize::Zeroizing;

use super::{
    assume::Role,
    failure::{self, Failure, FindCredentials, is_missing},
    ini,
    oidc_role::OidcSettings,
    plan::{Entries, Latest, Place, Plan},
};
use crate::{
    error::{Error, Result},
    identity::{Context, Credentials, ProvideCredentials, Refresh, failed, profile::Profiles},
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
/// let file = CredentialsFile::builder()
///     .file("/etc/my-program/credentials")
///     .profile("production")
///     .build();
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
        Ok(match self.required("type")?.as_str() {
            "access_key" => Plan::AccessKey(self.access_key(None)?),
            "sts" => Plan::AccessKey(self.access_key(Some("security_token"))?),
            "bearer" | "bearer_token" => Plan::Bearer { token: self.secret("bearer_token")? },
            "ram_role_arn" => {
                let token = self.optional("security_token").map(|_| "security_token");
                let source = Box::new(Plan::AccessKey(self.access_key(token)?));
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
        Ok(Role {
            arn: Some(self.required("role_arn")?),
            session_name: self.optional("role_session_name"),
            duration: self.seconds("role_session_expiration")?,
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
    async fn read(&self, context: &Context, named: bool) -> Result<(Zeroizing<String>, String), Failure> {
        let environment = context.environment();
        let unreadable = |path: &PathBuf, error: io::Error| -> Error {
            failed(format!("cannot read {}: {error}", path.display())).with_source(error)
        };
        let given = || environment.non_blank("ALIBABA_CLOUD_CREDENTIALS_FILE").map(PathBuf::from);
        if let Some(path) = self.file.clone().or_else(given) {
            let text = context.read(&path).await.map_err(|error| unreadable(&path, error))?;
            return Ok((text, path.display().to_string()));
        }
        let home = environment.home().ok_or_else(|| Failure::of(named, failed("no home directory: set HOME")))?;
        let mut first = None;
        for name in ["credentials", "credentials.ini"] {
            let path = home.join(".alibabacloud").join(name);
            match context.read(&path).await {
                Ok(text) => return Ok((text, path.display().to_string())),
                Err(error) if is_missing(&error, named) => drop(first.get_or_insert(unreadable(&path, error))),
                Err(error) => return Err(unreadable(&path, error).into()),
            }
        }
        let error = first.unwrap_or_else(|| failed("no credentials file"));
        Err(Failure::of(named, error))
    }

    async fn get(&self, context: &Context) -> Result<Credentials, Failure> {
        let environment = context.environment();
        let named = Profiles::named(environment, self.profile.as_deref());
        let (text, path) = self.read(context, named.is_some()).await?;
        let name = named.clone().unwrap_or_else(|| "default".to_owned());
        let section = ini::section(&text, &name).map_err(|line| {
            failed(format!(
                "{path} is not a valid credentials file: expected `[profile]` or `key = value` in line {line}"
            ))
        })?;
        let place = Place { profile: &name, file: &path };
        let unknown = || Failure::of(named.is_some(), failed(format!("{path} has no profile `{name}`")));
        let section = section.ok_or_else(unknown)?;
        let entries = Entries { section: &section, place };
        let enable = entries.optional("enable").unwrap_or_default().to_ascii_lowercase();
        if matches!(enable.as_str(), "false" | "0" | "no" | "off") {
            return Err(Failure::of(named.is_some(), place.failed("is disabled by `enable`")));
        }
        let provider = self.latest.provider(entries.plan_of_section()?.allowed(environment, place)?);
        Ok(provider.provide(context).await.map_err(|error| place.wrap(error))?)
    }
}

impl ProvideCredentials for CredentialsFile {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        failure::provide(self, context)
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.latest.invalidate(rejected);
    }
}

impl FindCredentials for CredentialsFile {
    fn find<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials, Failure>> {
        Box::pin(self.get(context))
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
