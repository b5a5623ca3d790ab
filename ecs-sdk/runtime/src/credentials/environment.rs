//! Credentials from environment variables.

use crate::{
    environment::Environment,
    error::Result,
    identity::{Context, Credentials, ProvideCredentials, failed},
    system::BoxFuture,
};

/// Provides the access key in `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for temporary ones,
/// `ALIBABA_CLOUD_SECURITY_TOKEN`. They are read whenever credentials are needed.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct EnvironmentVariables;

impl EnvironmentVariables {
    /// Creates the provider. It has no options.
    pub fn new() -> Self {
        Self
    }
}

fn read(environment: &dyn Environment) -> Result<Credentials> {
    const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
    const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
    let (id, secret) = match (environment.text(ID), environment.text(SECRET)) {
        (Some(id), Some(secret)) => (id, secret),
        (None, None) => return Err(failed(format!("{ID} and {SECRET} are not set"))),
        (None, Some(_)) => return Err(failed(format!("{SECRET} is set, but {ID} is not"))),
        (Some(_), None) => return Err(failed(format!("{ID} is set, but {SECRET} is not"))),
    };
    let credentials = Credentials::new(id, secret);
    Ok(match environment.text("ALIBABA_CLOUD_SECURITY_TOKEN") {
        Some(token) => credentials.with_security_token(token),
        None => credentials,
    })
}

impl ProvideCredentials for EnvironmentVariables {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(async { read(context.environment()) })
    }
}
