//! The attempts of a call: sign, send, and retry until one succeeds or the call fails.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tracing::{Instrument, Span, field::Empty};

use super::{options::CallOptions, reply::Reply, sent::Sent};
use crate::{
    attempts::Attempts,
    clock_skew::SigningClock,
    config::Config,
    endpoint::Service,
    error::{BoxError, Error, ErrorKind, Result},
    form::Form,
    identity::Credentials,
    interceptor::{Attempt, Outgoing},
    response,
    response_meta::ResponseMeta,
    signing::{Unsigned, reserved_header},
    system::{timeout, uuid},
    time::timestamp,
    timeouts::Timeouts,
    trace::TARGET,
};

/// A call ready to be executed, typed or not.
pub(super) struct Execution {
    pub(super) service: &'static Service,
    pub(super) operation: String,
    /// Whether executing it twice has the same effect as executing it once.
    pub(super) idempotent: bool,
    /// Whether the operation is known to be slow.
    pub(super) slow: bool,
    pub(super) form: Form,
}

/// The credentials and the time that an attempt was signed with.
struct Attempted {
    credentials: Credentials,
    time: SystemTime,
}

impl Execution {
    /// Makes attempts as long as the policy, the deadline and the retry budget allow.
    pub(super) async fn run(self, config: &Config, options: &CallOptions) -> Result<Reply> {
        let span = tracing::info_span!(
            target: TARGET,
            "alibabacloud.call",
            otel.kind = "client",
            service = self.service.name,
            operation = self.operation,
            region = config.context().known_region(),
            attempts = Empty,
            code = Empty,
            request_id = Empty,
        );
        let result = self.attempts(config, options).instrument(span.clone()).await;
        match &result {
            Ok((_, meta, _)) => span.record("attempts", meta.attempts()),
            Err(error) => record(&span, error).record("attempts", error.attempts()),
        };
        match result {
            Ok((body, meta, sent)) => {
                Ok(Reply { body, meta, service: self.service, operation: self.operation, form: self.form, sent })
            }
            Err(error) => Err(error.with_call(self.service.name, &self.operation)),
        }
    }

    async fn attempts(&self, config: &Config, options: &CallOptions) -> Result<(Bytes, ResponseMeta, Sent)> {
        let headers = headers(options)?;
        let system = config.system();
        let Timeouts { attempt, slow_attempt, operation, .. } = *config.timeouts();
        let attempt_timeout = options.attempt_timeout.unwrap_or(if self.slow { slow_attempt } else { attempt });
        let policy = options.retry.as_ref().unwrap_or(config.retry());
        let mut attempts = Attempts::new(system, &**policy, options.operation_timeout.unwrap_or(operation));
        let mut clock = config.signing_clock();
        let mut credentials_refreshed = false;
        // Accumulated over all attempts: an earlier one may have been executed although the last one was not.
        let mut maybe_executed = false;
        let mut spent = 0;
        loop {
            let number = attempts.number();
            let limit = attempt_timeout.min(attempts.remaining());
            let span = tracing::debug_span!(
                target: TARGET,
                "alibabacloud.attempt",
                attempt = number,
                status = Empty,
                code = Empty,
                request_id = Empty
            );
            let (mut attempted, mut sent) = (None, Sent::of(&headers));
            let work =
                self.attempt(config, number, &headers, &clock, &mut attempted, &mut sent).instrument(span.clone());
            let error = match timeout(system, limit, work).await {
                Some(Ok(response)) => {
                    span.record("status", response.status().as_u16());
                    clock.accepted();
                    config.retry_tokens().refund(spent);
                    let elapsed = attempts.elapsed();
                    let (head, body) = response.into_parts();
                    let meta = ResponseMeta::new(head.status.as_u16(), head.headers, number, elapsed);
                    let meta = meta.map_request_id(|id| sent.masked_id(&self.form, id));
                    if let Some(id) = meta.request_id() {
                        span.record("request_id", id);
                    }
                    return Ok((body, meta, sent));
                }
                Some(Err(error)) => error,
                // An attempt that had no credentials yet sent nothing.
                None => Error::new(ErrorKind::Timeout, format!("no response within {limit:?}"))
                    .with_maybe_executed(attempted.is_some()),
            };
            let error = error.redacted(&sent.secrets(&self.form));
            maybe_executed |= error.is_maybe_executed();
            let error = error.with_attempts(number).with_maybe_executed(maybe_executed);
            record(&span, &error);
            let wait = if attempted.as_ref().is_some_and(|attempted| clock.correct(&error, attempted.time)) {
                // The service rejected the timestamp, so nothing was executed and the retry is free.
                Duration::ZERO
            } else if let Some(attempted) = attempted.filter(|_| !credentials_refreshed && is_key_rejected(&error))
                && timeout(system, limit.min(attempts.remaining()), refresh(config, &attempted.credentials)).await
                    == Some(true)
            {
                credentials_refreshed = true;
                Duration::ZERO
            } else {
                let Some(wait) = attempts.delay(&error, self.idempotent) else { return Err(error) };
                let Some(cost) = config.retry_tokens().spend(&error) else { return Err(error) };
                spent += cost;
                wait
            };
            tracing::warn!(
                target: TARGET,
                attempt = number,
                code = error.code(),
                status = error.http_status(),
                request_id = error.request_id(),
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "attempt failed, retrying"
            );
            attempts.next(wait).await;
        }
    }

    /// One attempt, signed with a new nonce and timestamp.
    async fn attempt(
        &self,
        config: &Config,
        number: u32,
        headers: &HeaderMap,
        clock: &SigningClock<'_>,
        attempted: &mut Option<Attempted>,
        sent: &mut Sent,
    ) -> Result<http::Response<Bytes>> {
        let attempt = Attempt { service: self.service.name, operation: &self.operation, number };
        let interceptors = config.interceptors();
        if !interceptors.is_empty() {
            let (form, headers) = sent.changed.insert((self.form.clone(), headers.clone()));
            for interceptor in interceptors {
                let mut request = Outgoing { attempt, form: &mut *form, headers: &mut *headers };
                interceptor.before_signing(&mut request).map_err(|error| aborted("before signing", error, false))?;
            }
        }

        // A provider's own requests may have been executed, but this call was not.
        let credentials = config.credentials().provide(config.context()).await;
        let credentials = credentials.map_err(|error| error.with_maybe_executed(false))?;
        let url = config.url(self.service).await?;
        let host = url.authority().map(ToString::to_string).unwrap_or_default();
        // The time is taken last: obtaining credentials may be slow, and another call may have corrected the clock
        // meanwhile.
        let Attempted { credentials, time } = attempted.insert(Attempted { credentials, time: clock.now() });
        let (form, headers) = sent.changed.as_ref().map_or((&self.form, headers), |(form, headers)| (form, headers));
        let unsigned = Unsigned {
            url,
            version: self.service.version,
            operation: &self.operation,
            form,
            headers,
            nonce: &uuid(config.system()),
            timestamp: &timestamp(*time)?,
        };
        let request = unsigned.sign(config.signature_version(), credentials)?;
        sent.sign(credentials, &request);
        let response = config.transport().send(request).await.map_err(|error| error.into_error(&host))?;
        for interceptor in interceptors {
            let hook = interceptor.after_response(&attempt, &response);
            hook.map_err(|error| aborted("after the response", error, true))?;
        }
        response::check(response)
    }
}

/// Whether the service no longer accepts an access key that it may have accepted before.
fn is_key_rejected(error: &Error) -> bool {
    error.code().is_some_and(|code| code.starts_with("InvalidSecurityToken") || code == "InvalidAccessKeyId.NotFound")
}

/// Discards rejected credentials. Returns whether the credentials provider has different ones.
async fn refresh(config: &Config, rejected: &Credentials) -> bool {
    config.credentials().invalidate(rejected);
    config.credentials().provide(config.context()).await.is_ok_and(|credentials| !credentials.is_same(rejected))
}

/// Headers common to all attempts.
fn headers(options: &CallOptions) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in &options.headers {
        let invalid = |error: BoxError| {
            Error::new(ErrorKind::Request, format!("invalid header `{name}` in the call options: {error}"))
                .with_source(error)
        };
        let parsed: HeaderName = name.parse().map_err(|error: header::InvalidHeaderName| invalid(error.into()))?;
        let value: HeaderValue = value.parse().map_err(|error: header::InvalidHeaderValue| invalid(error.into()))?;
        if let Some(message) = reserved_header(&parsed) {
            return Err(invalid(message.into()));
        }
        headers.insert(parsed, value);
    }
    Ok(headers)
}

/// The error of a call whose interceptor returned an error.
fn aborted(hook: &str, error: BoxError, executed: bool) -> Error {
    let message = format!("an interceptor aborted the call {hook}: {error}");
    Error::new(ErrorKind::Interceptor, message).with_source(error).with_maybe_executed(executed)
}

/// Records code, request ID and status of an error in a span.
fn record<'s>(span: &'s Span, error: &Error) -> &'s Span {
    let fields = [("code", error.code()), ("request_id", error.request_id())];
    for (name, value) in fields {
        if let Some(value) = value {
            span.record(name, value);
        }
    }
    if let Some(status) = error.http_status() {
        span.record("status", status);
    }
    span
}
