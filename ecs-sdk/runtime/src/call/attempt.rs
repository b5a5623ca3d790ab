//! The attempts of a call: sign, send, and repeat until there is an answer or a reason to give up.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tracing::{Instrument, Span, field::Empty};

use super::CallOptions;
use crate::{
    TARGET,
    config::{Config, Timeouts},
    credentials::Credentials,
    endpoint::{Service, lookup},
    error::{Error, ErrorKind, Result},
    form::Form,
    interceptor::{Attempt, BoxError, Outgoing},
    response,
    retry::FailedAttempt,
    signing::Unsigned,
    system::{timeout, uuid},
    time::timestamp,
};

/// A call as the runtime sees it, typed or not.
pub(crate) struct Task {
    pub(crate) service: &'static Service,
    pub(crate) operation: String,
    /// Whether executing it twice does no harm.
    pub(crate) repeatable: bool,
    /// Whether it is known to take long.
    pub(crate) slow: bool,
    pub(crate) form: Form,
}

/// A success, not decoded yet.
pub(crate) struct Success {
    pub(crate) response: http::Response<Bytes>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

/// What an attempt was signed with.
struct Used {
    credentials: Credentials,
    time: SystemTime,
}

impl Task {
    /// Repeats attempts as long as the policy, the time and the budget of retries allow.
    pub(crate) async fn run(&self, config: &Config, options: &CallOptions) -> Result<Success> {
        let span = tracing::info_span!(
            target: TARGET,
            "alibabacloud.call",
            otel.kind = "client",
            service = self.service.name,
            operation = self.operation,
            region = config.region(),
            attempts = Empty,
            code = Empty,
            request_id = Empty,
        );
        let result = self.attempts(config, options).instrument(span.clone()).await;
        match &result {
            Ok(success) => span.record("attempts", success.attempts),
            Err(error) => record(&span, error).record("attempts", error.attempts()),
        };
        result.map_err(|error| error.with_call(self.service.name, &self.operation))
    }

    async fn attempts(&self, config: &Config, options: &CallOptions) -> Result<Success> {
        let headers = headers(options)?;
        let system = config.system();
        let Timeouts { attempt, slow_attempt, operation, .. } = *config.timeouts();
        let attempt_limit = options.attempt_timeout.unwrap_or(if self.slow { slow_attempt } else { attempt });
        let started = system.monotonic();
        let deadline = started.saturating_add(options.operation_timeout.unwrap_or(operation));
        let policy = options.retry.as_ref().unwrap_or(config.retry());
        let (mut clock_corrected, mut renewed) = (false, false);
        // Of any attempt: a call that fails in the end may have been executed before.
        let mut maybe_executed = false;
        let mut spent = 0;
        let mut number = 1;
        loop {
            let most = attempt_limit.min(deadline.saturating_sub(system.monotonic()));
            let span = tracing::debug_span!(
                target: TARGET,
                "alibabacloud.attempt",
                attempt = number,
                status = Empty,
                code = Empty,
                request_id = Empty
            );
            let mut used = None;
            let work = self.attempt(config, number, &headers, &mut used).instrument(span.clone());
            let error = match timeout(system, most, work).await {
                Some(Ok(response)) => {
                    span.record("status", response.status().as_u16());
                    if let Some(id) = response::header(response.headers(), response::REQUEST_ID) {
                        span.record("request_id", id);
                    }
                    config.quota().give(spent);
                    let elapsed = system.monotonic().saturating_sub(started);
                    return Ok(Success { response, attempts: number, elapsed });
                }
                Some(Err(error)) => error,
                // Before there was a key, nothing was sent.
                None => {
                    Error::new(ErrorKind::Timeout, format!("no answer within {most:?}")).maybe_executed(used.is_some())
                }
            };
            maybe_executed |= error.is_maybe_executed();
            let error = error.with_attempts(number).maybe_executed(maybe_executed);
            record(&span, &error);
            let now = system.monotonic();
            let clock_was_wrong = |used: &Used| config.skew().correct(&error, used.time, system);
            let wait = if !clock_corrected && used.as_ref().is_some_and(clock_was_wrong) {
                // The service refused the time, so nothing was executed; what the policy says of failures is no matter.
                clock_corrected = true;
                Duration::ZERO
            } else if let Some(used) = used.filter(|_| !renewed && is_key_rejected(&error))
                && timeout(system, most, renew(config, &used.credentials)).await == Some(true)
            {
                renewed = true;
                Duration::ZERO
            } else {
                let failed = FailedAttempt::new(&error, number, now.saturating_sub(started), self.repeatable, system);
                let Some(wait) = policy.next(&failed) else { return Err(error) };
                if now.saturating_add(wait) >= deadline {
                    return Err(error);
                }
                let Some(cost) = config.quota().take(&error) else { return Err(error) };
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
                "attempt failed, will be repeated"
            );
            if !wait.is_zero() {
                system.sleep(wait).await;
            }
            number += 1;
        }
    }

    /// One attempt: signed anew, with a new nonce and time.
    async fn attempt(
        &self,
        config: &Config,
        number: u32,
        headers: &HeaderMap,
        used: &mut Option<Used>,
    ) -> Result<http::Response<Bytes>> {
        let attempt = Attempt { service: self.service.name, operation: &self.operation, number };
        let interceptors = config.interceptors();
        let mut changed = None;
        if !interceptors.is_empty() {
            let (form, headers) = changed.insert((self.form.clone(), headers.clone()));
            for interceptor in interceptors {
                let mut request = Outgoing { attempt, form: &mut *form, headers: &mut *headers };
                interceptor.before_signing(&mut request).map_err(|error| refused("before signing", error, false))?;
            }
        }
        let (form, headers) = changed.as_ref().map_or((&self.form, headers), |(form, headers)| (form, headers));

        let credentials = config.credentials().provide(config).await?;
        let url = lookup::url(config, self.service).await?;
        let host = url.authority().map(ToString::to_string).unwrap_or_default();
        // Taken last: credentials may have taken a while, and the service's time may have been learned with them.
        let Used { credentials, time } = used.insert(Used { credentials, time: config.now() });
        let unsigned = Unsigned {
            url,
            version: self.service.version,
            operation: &self.operation,
            form,
            headers,
            nonce: &uuid(config.system()),
            timestamp: &timestamp(*time)?,
        };
        let request = unsigned.sign(config.signature(), credentials)?;
        let response = config.transport().send(request).await.map_err(|error| error.into_error(&host))?;
        for interceptor in interceptors {
            let hook = interceptor.after_response(&attempt, &response);
            hook.map_err(|error| refused("after the response", error, true))?;
        }
        response::check(response)
    }
}

/// Whether the service no longer accepts a key that it may have accepted before.
fn is_key_rejected(error: &Error) -> bool {
    error.code().is_some_and(|code| code.starts_with("InvalidSecurityToken") || code == "InvalidAccessKeyId.NotFound")
}

/// Has the source of credentials forget a key that was rejected. Whether it gives another.
async fn renew(config: &Config, rejected: &Credentials) -> bool {
    config.credentials().invalidate(rejected);
    config.credentials().provide(config).await.is_ok_and(|credentials| !credentials.is_same(rejected))
}

/// Headers of every attempt.
fn headers(options: &CallOptions) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in &options.headers {
        let invalid = |error: BoxError| {
            let message = format!("a header of the call's options is not valid: {error}");
            Error::new(ErrorKind::Config, message).with_source(error)
        };
        let name: HeaderName = name.parse().map_err(|error: header::InvalidHeaderName| invalid(error.into()))?;
        let value: HeaderValue = value.parse().map_err(|error: header::InvalidHeaderValue| invalid(error.into()))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn refused(hook: &str, error: BoxError, executed: bool) -> Error {
    let message = format!("an interceptor stopped the call {hook}: {error}");
    Error::new(ErrorKind::Interceptor, message).with_source(error).maybe_executed(executed)
}

/// Writes into a span what an error tells.
fn record<'s>(span: &'s Span, error: &Error) -> &'s Span {
    let facts = [("code", error.code()), ("request_id", error.request_id())];
    for (name, value) in facts {
        if let Some(value) = value {
            span.record(name, value);
        }
    }
    if let Some(status) = error.http_status() {
        span.record("status", status);
    }
    span
}
