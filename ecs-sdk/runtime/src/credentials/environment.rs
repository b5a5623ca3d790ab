//! Credentials from environment variables.

use super::failure::{Failure, FindCredentials, provide};
use crate::{
    environment::Environment,
    error::Result,
    identity::{Context, Credentials, ProvideCredentials, failed},
    system::BoxFuture,
};

/// Provides the access key in the environment variables `ALIBABA_CLOUD_ACCESS_KEY_ID` and
/// `ALIBABA_CLOUD_ACCESS_KEY_SECRET`.
///
/// If `ALIBABA_CLOUD_SECURITY_TOKEN` is also set, the access key is a temporary one with that security token. The
/// variables are read every time credentials are needed.
///
/// The [`DefaultChain`](super::DefaultChain) includes this provider. Use it directly to prevent any other source from
/// being used:
///
/// ```
/// use ecs_sdk::{Client, credentials::EnvironmentVariables};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let client = Client::builder()
///     .region("cn-hangzhou")
///     .credentials(EnvironmentVariables::new())
///     .build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct EnvironmentVariables;

impl EnvironmentVariables {
    /// Creates the provider, which has no options.
    pub fn new() -> Self {
        Self
    }
}

fn read(environment: &dyn Environment) -> Result<Credentials, Failure> {
    const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
    const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
    let (id, secret) = match (environment.non_blank(ID), environment.non_blank(SECRET)) {
        (Some(id), Some(secret)) => (id, secret),
        (None, None) => return Err(Failure::Absent(failed(format!("{ID} and {SECRET} are not set")))),
        (None, Some(_)) => return Err(failed(format!("{SECRET} is set, but {ID} is not")).into()),
        (Some(_), None) => return Err(failed(format!("{ID} is set, but {SECRET} is not")).into()),
    };
    let credentials = Credentials::new(id, secret);
    Ok(match environment.non_blank("ALIBABA_CLOUD_SECURITY_TOKEN") {
        Some(token) => credentials.with_security_token(token),
        None => credentials,
    })
}

impl ProvideCredentials for EnvironmentVariables {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        provide(self, context)
    }
}

impl FindCredentials for EnvironmentVariables {
    fn find<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials, Failure>> {
        Box::pin(async { read(context.environment()) })
    }
}
