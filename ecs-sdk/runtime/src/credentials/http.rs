//! Small plain requests: to the metadata server and to credentials URIs.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};

use super::failed;
use crate::{
    config::Config,
    error::Error,
    system::{BoxFuture, timeout},
};

/// Times that a request is sent when it seems to fail by chance.
const ATTEMPTS: u32 = 3;

/// Wait after the first failure; twice as long after the second.
const PAUSE: Duration = Duration::from_millis(200);

/// Why there is no answer.
pub(super) struct Failure {
    /// The server was not even reached.
    pub(super) unreachable: bool,
    pub(super) error: Error,
}

/// Sends a request and gives whatever the server answers, within a time. Broken connections and answers of status 5xx
/// and 429 get further attempts; servers that can't be reached or stay silent do not.
pub(super) fn ask<'a>(
    config: &'a Config,
    who: &'a str,
    time: Duration,
    method: Method,
    url: &'a http::Uri,
    header: Option<(&'static str, &str)>,
) -> BoxFuture<'a, Result<http::Response<Bytes>, Failure>> {
    let mut request = http::Request::new(Bytes::new());
    *request.method_mut() = method;
    *request.uri_mut() = url.clone();
    if let Some((name, value)) = header {
        let Ok(value) = HeaderValue::from_str(value) else {
            let error = failed(format!("{who} gave something that is no header"));
            return Box::pin(async { Err(Failure { unreachable: false, error }) });
        };
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    // Boxed here, so that its states are not part of those of each caller.
    Box::pin(send(config, who, time, request))
}

async fn send(
    config: &Config,
    who: &str,
    time: Duration,
    request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, Failure> {
    let system = config.system();
    let mut attempt = 1;
    loop {
        let failure = match timeout(system, time, config.transport().send(request.clone())).await {
            Some(Ok(answer)) if attempt < ATTEMPTS && passes(answer.status()) => None,
            Some(Ok(answer)) => return Ok(answer),
            Some(Err(error)) => {
                let unreachable = !error.is_sent();
                let error = error.into_error(request.uri().host().unwrap_or_default());
                let again = !unreachable && !error.is_timeout();
                // Only the text is kept: what a transport attaches may show the whole URL.
                let failure = Failure { unreachable, error: failed(error.message()) };
                if attempt == ATTEMPTS || !again { Some(failure) } else { None }
            }
            None => {
                let error = failed(format!("{who} gave no answer within {time:?}"));
                Some(Failure { unreachable: false, error })
            }
        };
        if let Some(failure) = failure {
            return Err(failure);
        }
        system.sleep(PAUSE * attempt).await;
        attempt += 1;
    }
}

/// Whether the same request may succeed a little later.
fn passes(status: http::StatusCode) -> bool {
    status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS
}
