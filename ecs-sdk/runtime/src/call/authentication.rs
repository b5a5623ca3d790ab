//! Credentials of an attempt: waiting for the provider, and replacing credentials that the service rejected.

use std::time::Duration;

use crate::{
    config::Config,
    error::{Error, ErrorKind, Result},
    identity::Credentials,
    system::timeout,
    text::contains,
};

/// How long a call waits for its credentials provider. External programs, the slowest providers of the SDK, have the
/// same time, in which a person can confirm a login.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(60);

/// Obtains credentials within a time limit, and at most `remaining`.
pub(super) async fn provide(config: &Config, remaining: Duration) -> Result<Credentials> {
    let limit = CREDENTIALS_TIMEOUT.min(remaining);
    let provided = timeout(config.system(), limit, config.credentials().provide(config.context())).await;
    let provided = provided.unwrap_or_else(|| {
        let message = format!("no credentials within {} s from {}", limit.as_secs_f64(), config.credentials().name());
        Err(Error::new(ErrorKind::Credentials, message))
    });
    // A provider's own requests may have been executed, but the call was not.
    provided.map_err(|error| error.with_maybe_executed(false))
}

/// Discards credentials that the service rejected, and obtains others. `None` if the provider has no others.
pub(super) async fn refresh(
    config: &Config,
    rejected: &Credentials,
    remaining: Duration,
) -> Result<Option<Credentials>> {
    config.credentials().invalidate(rejected);
    let credentials = provide(config, remaining).await?;
    Ok(Some(credentials).filter(|credentials| !credentials.is_same(rejected)))
}

/// The error of a call whose access key was rejected and could not be replaced.
pub(crate) fn key_not_replaced(rejection: Error, failure: &Error) -> Error {
    rejection.with_note(&format!("new credentials could not be obtained: {}", failure.message()))
}

/// Whether the service no longer accepts an access key or security token that it may have accepted before.
pub(crate) fn is_rejected(error: &Error) -> bool {
    const EXPIRED_TOKEN: &str = "SecurityToken.Expired";
    let Some(code) = error.code() else { return false };
    // Some services report a token that has expired as an invalid parameter, and name it only in the message.
    let expired_parameter = code.starts_with("InvalidParameter") && contains(error.message(), EXPIRED_TOKEN);
    // Access keys can be replaced while they are valid: they are deleted, disabled or rotated.
    error.is_expired_credentials()
        || expired_parameter
        || contains(code, EXPIRED_TOKEN)
        || contains(code, "AccessKeyDisabled")
        || ["InvalidSecurityToken", "InvalidAccessKeyId"].iter().any(|start| code.starts_with(start))
}
