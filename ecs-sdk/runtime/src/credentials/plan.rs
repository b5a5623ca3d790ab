//! Turns the profile of a file into the provider that it describes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use super::{
    assume::{Anonymous, Role},
    assume_role::AssumeRole,
    credentials_uri::CredentialsUri,
    ecs_ram_role::EcsRamRole,
    external_process::ExternalProcess,
    oidc_role::{OidcRole, OidcSettings},
    signed_in::SignedIn,
};
use crate::{
    environment::Environment,
    error::{Error, Result},
    identity::{Credentials, ProvideCredentials, Refresh, failed, secret::Secret, section::Section},
};

/// The variable with which the CLI forbids programs and URIs in its profiles.
const DISABLE_EXTERNAL: &str = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS";

/// The source of credentials that a profile describes.
#[derive(Debug, PartialEq)]
pub(super) enum Plan {
    AccessKey(Key),
    /// The key that the CLI keeps after a person has signed in. `remedy` shows how to sign in again.
    SignedIn {
        key: Key,
        expires: Option<SystemTime>,
        remedy: String,
    },
    Anonymous,
    Bearer {
        token: Secret,
    },
    Role {
        source: Box<Plan>,
        role: Role,
    },
    EcsRamRole {
        role_name: String,
    },
    Oidc(OidcSettings),
    Process {
        line: Secret,
    },
    Uri {
        uri: Secret,
    },
}

/// An access key. For a permanent one, the token is empty.
#[derive(Debug, PartialEq)]
pub(super) struct Key {
    id: String,
    secret: Secret,
    token: Secret,
}

impl Key {
    fn credentials(&self) -> Credentials {
        let credentials = Credentials::new(&self.id, self.secret.as_str());
        if self.token.is_empty() { credentials } else { credentials.with_security_token(self.token.as_str()) }
    }
}

impl Plan {
    fn provider(&self, refresh: Refresh) -> Arc<dyn ProvideCredentials> {
        match self {
            Self::AccessKey(key) => Arc::new(key.credentials()),
            Self::SignedIn { key, expires, remedy } => {
                let credentials = key.credentials();
                let credentials = match *expires {
                    Some(expires) => credentials.with_expiry(expires),
                    None => credentials,
                };
                Arc::new(SignedIn::new(credentials, remedy.clone()))
            }
            Self::Anonymous => Arc::new(Anonymous),
            Self::Bearer { token } => Arc::new(Credentials::bearer(token.as_str())),
            Self::Role { source, role } => Arc::new(AssumeRole::of(source.provider(refresh), role.clone(), refresh)),
            Self::EcsRamRole { role_name } => {
                Arc::new(EcsRamRole::builder().role_name(role_name).refresh(refresh).build())
            }
            Self::Oidc(settings) => Arc::new(OidcRole::of(settings.clone(), refresh)),
            Self::Process { line } => Arc::new(ExternalProcess::command_line(line.as_str()).refresh(refresh).build()),
            Self::Uri { uri } => Arc::new(CredentialsUri::builder().uri(uri.as_str()).refresh(refresh).build()),
        }
    }

    /// The program or the request that a file makes the SDK run or send, if any.
    fn external_source(&self) -> Option<&'static str> {
        match self {
            Self::Process { .. } => Some("runs a program"),
            Self::Uri { .. } => Some("gets an access key from a URI"),
            Self::Role { source, .. } => source.external_source(),
            _ => None,
        }
    }

    /// Rejects external sources if the environment forbids them.
    pub(super) fn allowed(self, environment: &dyn Environment, place: Place<'_>) -> Result<Self> {
        match self.external_source() {
            Some(what) if environment.flag(DISABLE_EXTERNAL) => {
                Err(place.failed(format!("{what}, which {DISABLE_EXTERNAL} forbids")))
            }
            _ => Ok(self),
        }
    }
}

/// The provider of the latest plan. The provider and its cache are kept until the plan changes.
#[derive(Debug, Default)]
pub(super) struct Latest {
    refresh: Refresh,
    current: Mutex<Option<(Plan, Arc<dyn ProvideCredentials>)>>,
}

impl Latest {
    pub(super) fn new(refresh: Refresh) -> Self {
        Self { refresh, current: Mutex::default() }
    }

    pub(super) fn provider(&self, plan: Plan) -> Arc<dyn ProvideCredentials> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some((known, provider)) if *known == plan => provider.clone(),
            _ => {
                let provider = plan.provider(self.refresh);
                *current = Some((plan, provider.clone()));
                provider
            }
        }
    }

    pub(super) fn invalidate(&self, rejected: &Credentials) {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let provider = current.as_ref().map(|(_, provider)| provider.clone());
        drop(current);
        if let Some(provider) = provider {
            provider.invalidate(rejected);
        }
    }
}

/// The name of a profile and the path of its file, for errors.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) profile: &'a str,
    pub(super) file: &'a str,
}

impl Place<'_> {
    pub(super) fn failed(&self, what: impl AsRef<str>) -> Error {
        failed(format!("profile `{}` in {} {}", self.profile, self.file, what.as_ref()))
    }

    pub(super) fn wrap(&self, error: Error) -> Error {
        let message = format!("profile `{}` in {}: {}", self.profile, self.file, error.message());
        failed(message).with_source(error)
    }
}

/// The entries of a profile.
pub(super) struct Entries<'a> {
    pub(super) section: &'a Section,
    pub(super) place: Place<'a>,
}

impl Entries<'_> {
    /// A value, if present and not blank.
    pub(super) fn optional(&self, key: &str) -> Option<String> {
        self.section.non_blank(key)
    }

    /// A required value.
    pub(super) fn required(&self, key: &str) -> Result<String> {
        self.optional(key).ok_or_else(|| self.missing(key))
    }

    /// A required secret.
    pub(super) fn secret(&self, key: &str) -> Result<Secret> {
        let secret = self.section.get(key).map_or("", Secret::as_str).trim();
        if secret.is_empty() { Err(self.missing(key)) } else { Ok(Secret::new(secret)) }
    }

    /// A number of seconds, if present.
    pub(super) fn seconds(&self, key: &str) -> Result<Option<Duration>> {
        let Some(text) = self.optional(key) else { return Ok(None) };
        let invalid = |_| self.place.failed(format!("has an invalid `{key}`: expected a number of seconds"));
        text.parse().map(|seconds| Some(Duration::from_secs(seconds))).map_err(invalid)
    }

    fn missing(&self, key: &str) -> Error {
        self.place.failed(format!("has no `{key}`"))
    }

    /// An access key. For a temporary one, `token` is the key of its security token.
    pub(super) fn access_key(&self, token: Option<&str>) -> Result<Key> {
        Ok(Key {
            id: self.required("access_key_id")?,
            secret: self.secret("access_key_secret")?,
            token: token.map(|key| self.secret(key)).transpose()?.unwrap_or_default(),
        })
    }
}
