//! Credentials from environment variables.

use std::sync::Arc;

use super::{Credentials, ProvideCredentials};
use crate::{
    environment::Environment,
    error::{Error, ErrorKind, Result},
    runtime::BoxFuture,
};

/// `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for temporary keys,
/// `ALIBABA_CLOUD_SECURITY_TOKEN`; read whenever credentials are asked for.
#[derive(Debug, Clone)]
pub struct EnvironmentProvider {
    environment: Arc<dyn Environment>,
}

impl EnvironmentProvider {
    pub(crate) fn new(environment: Arc<dyn Environment>) -> Self {
        Self { environment }
    }

    fn read(&self) -> Result<Credentials> {
        const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
        const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
        let get = |name: &str| self.environment.var(name).filter(|value| !value.is_empty());
        let (id, secret) = match (get(ID), get(SECRET)) {
            (Some(id), Some(secret)) => (id, secret),
            (None, None) => return Err(unset(&format!("{ID} and {SECRET} are not set"))),
            (None, Some(_)) => return Err(unset(&format!("{SECRET} is set, but {ID} is not"))),
            (Some(_), None) => return Err(unset(&format!("{ID} is set, but {SECRET} is not"))),
        };
        let credentials = Credentials::new(id, secret);
        Ok(match get("ALIBABA_CLOUD_SECURITY_TOKEN") {
            Some(token) => credentials.with_security_token(token),
            None => credentials,
        })
    }
}

fn unset(message: &str) -> Error {
    Error::new(ErrorKind::Credentials, message)
}

impl ProvideCredentials for EnvironmentProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async { self.read() })
    }
}
