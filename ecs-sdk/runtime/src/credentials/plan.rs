//! What a profile of a file says → the source that does it.

use std::sync::{Arc, Mutex, PoisonError};

use super::{
    AssumeRole, Credentials, CredentialsUri, EcsRamRole, ExternalProcess, OidcRole, ProvideCredentials, failed,
    oidc_role::OidcSettings, secret::Secret, section::Section, sts::Role,
};
use crate::error::{Error, Result};

/// Settings of a source, as a file gives them.
#[derive(Debug, PartialEq)]
pub(super) enum Plan {
    Keys { id: String, secret: Secret, token: Secret },
    Bearer { token: Secret },
    Role { source: Box<Plan>, role: Role },
    EcsRamRole { role_name: String },
    Oidc(OidcSettings),
    Process { line: Secret },
    Uri { uri: Secret },
}

impl Plan {
    fn source(&self) -> Arc<dyn ProvideCredentials> {
        match self {
            Self::Keys { id, secret, token } => {
                let credentials = Credentials::new(id, secret.as_str());
                Arc::new(match token.is_empty() {
                    true => credentials,
                    false => credentials.with_security_token(token.as_str()),
                })
            }
            Self::Bearer { token } => Arc::new(Credentials::bearer(token.as_str())),
            Self::Role { source, role } => Arc::new(AssumeRole::new(source.source(), role.clone())),
            Self::EcsRamRole { role_name } => Arc::new(EcsRamRole::builder().role_name(role_name).build()),
            Self::Oidc(settings) => Arc::new(OidcRole::new(settings.clone())),
            Self::Process { line } => Arc::new(ExternalProcess::from_command_line(line.as_str()).build()),
            Self::Uri { uri } => Arc::new(CredentialsUri::with_uri(uri.as_str())),
        }
    }
}

/// The source of the latest plan. It stays, with the credentials that it keeps, until the plan changes.
#[derive(Debug, Default)]
pub(super) struct Planned(Mutex<Option<(Plan, Arc<dyn ProvideCredentials>)>>);

impl Planned {
    pub(super) fn source(&self, plan: Plan) -> Arc<dyn ProvideCredentials> {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*planned {
            Some((known, source)) if *known == plan => source.clone(),
            _ => {
                let source = plan.source();
                *planned = Some((plan, source.clone()));
                source
            }
        }
    }

    pub(super) fn invalidate(&self, rejected: &Credentials) {
        let planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let source = planned.as_ref().map(|(_, source)| source.clone());
        drop(planned);
        if let Some(source) = source {
            source.invalidate(rejected);
        }
    }
}

/// A profile of a file, for errors.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) profile: &'a str,
    pub(super) file: &'a str,
}

impl Place<'_> {
    pub(super) fn failed(&self, what: impl AsRef<str>) -> Error {
        failed(format!("profile `{}` of {} {}", self.profile, self.file, what.as_ref()))
    }

    pub(super) fn wrap(&self, error: Error) -> Error {
        let message = format!("profile `{}` of {}: {}", self.profile, self.file, error.message());
        failed(message).with_source(error)
    }
}

/// What a profile says.
pub(super) struct Keys<'a> {
    pub(super) section: &'a Section,
    pub(super) place: Place<'a>,
}

impl Keys<'_> {
    /// A value, if it is there and not blank.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.section.text(key)
    }

    /// A value that must be there.
    pub(super) fn required(&self, key: &str) -> Result<String> {
        self.text(key).ok_or_else(|| self.missing(key))
    }

    /// A secret that must be there.
    pub(super) fn secret(&self, key: &str) -> Result<Secret> {
        let secret = self.section.secret(key);
        if secret.is_empty() { Err(self.missing(key)) } else { Ok(secret) }
    }

    fn missing(&self, key: &str) -> Error {
        self.place.failed(format!("has no `{key}`"))
    }

    /// An access key; the key of its token, if it is a temporary one.
    pub(super) fn key(&self, token: Option<&str>) -> Result<Plan> {
        Ok(Plan::Keys {
            id: self.required("access_key_id")?,
            secret: self.secret("access_key_secret")?,
            token: token.map(|key| self.secret(key)).transpose()?.unwrap_or_default(),
        })
    }
}
