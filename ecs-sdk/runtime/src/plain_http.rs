//! Unsigned HTTP requests to the metadata service and to credentials URIs.

use std::time::Duration;

use bytes::Bytes;

use crate::{
    attempts::Attempts,
    error::{Error, ErrorKind, Result},
    identity::Context,
    redact::Secrets,
    retry::RetryPolicy,
    system::{BoxFuture, timeout},
};

/// Maximum size of a response body, in bytes. The largest legitimate body is user data, with 32 KB.
const MAX_BODY_SIZE: usize = 1 << 20;

/// Sends a request, retrying as `policy` decides, and returns the response. `attempt_timeout` is the
/// timeout of each attempt.
///
/// # Errors
///
/// Returns an error if there is no response, or if its status does not indicate success. The error contains only the
/// host of the URL and nothing of the body, because both may contain secrets.
pub(crate) fn send<'a>(
    context: &'a Context,
    request: http::Request<Bytes>,
    attempt_timeout: Duration,
    policy: &'a dyn RetryPolicy,
) -> BoxFuture<'a, Result<http::Response<Bytes>>> {
    // Boxed here, so that the state machine is not compiled into every caller.
    Box::pin(async move {
        // Each attempt has a timeout, and the policy limits their number.
        let mut attempts = Attempts::new(context.system(), policy, Duration::MAX);
        loop {
            let error = match send_once(context, &request, attempt_timeout).await {
                Ok(response) => return Ok(response),
                Err(error) => error.with_attempts(attempts.number()),
            };
            let Some(delay) = attempts.delay(&error, true) else { return Err(error) };
            attempts.next(delay, true).await;
        }
    })
}

async fn send_once(
    context: &Context,
    request: &http::Request<Bytes>,
    attempt_timeout: Duration,
) -> Result<http::Response<Bytes>> {
    let authority = request.uri().authority().map_or("", |authority| authority.as_str());
    // The host without user and password.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let sending = context.transport().send(request.clone());
    let Some(response) = timeout(context.system(), attempt_timeout, sending).await else {
        let message = format!("no response within {attempt_timeout:?} ({host})");
        return Err(Error::new(ErrorKind::Timeout, message).with_maybe_executed(true));
    };
    let response = response.map_err(|error| {
        let error = error.into_error(host);
        // The source is dropped, because it may contain the whole URL.
        let error = Error::new(error.kind(), error.message()).with_maybe_executed(error.is_maybe_executed());
        error.redacted(&secrets(request))
    })?;
    let failed = |message: String| Error::new(ErrorKind::Service, message).with_http_status(response.status().as_u16());
    if !response.status().is_success() {
        return Err(failed(format!("{host} returned an error")));
    }
    if response.body().len() > MAX_BODY_SIZE {
        return Err(failed(format!("the response from {host} is larger than {} MiB", MAX_BODY_SIZE >> 20)));
    }
    Ok(response)
}

/// The secrets of a request: values of headers, and the parts of the URL other than the host.
fn secrets(request: &http::Request<Bytes>) -> Secrets {
    let mut secrets = Secrets::default();
    for value in request.headers().values() {
        secrets.add_unknown(&String::from_utf8_lossy(value.as_bytes()));
    }
    let url = request.uri();
    let user = url.authority().and_then(|authority| authority.as_str().rsplit_once('@')).map(|(user, _)| user);
    for part in user.into_iter().flat_map(|user| user.split(':')).chain(url.path().split('/')) {
        secrets.add_encoded(part);
    }
    for part in url.query().into_iter().flat_map(|query| query.split('&')) {
        secrets.add_encoded(part.split_once('=').map_or(part, |(_, value)| value));
    }
    secrets
}
