//! The attempts of a call: sign, send, and retry until one succeeds or the call fails.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, uri::Authority};
use tracing::{Instrument, Span, field::Empty};

use super::{
    authentication,
    options::CallOptions,
    progress::{OperationKind, Progress, STILL_IN_PROGRESS, is_dry_run, means_dry_run},
    reply::Reply,
    sent::{Sent, Signed},
};
use crate::{
    attempts::{Attempts, GaveUp},
    clock_skew::SigningClock,
    config::Config,
    endpoint::Service,
    error::{BoxError, Error, ErrorKind, Result},
    form::Form,
    identity::Credentials,
    interceptor::{Attempt, Outgoing},
    method::Method,
    response,
    response_meta::ResponseMeta,
    signing::{Unsigned, added_header},
    system::{timeout, uuid},
    time::timestamp,
    timeouts::Timeouts,
    trace::TARGET,
};

/// A call ready to be executed, typed or not.
pub(super) struct Execution {
    pub(super) service: &'static Service,
    pub(super) operation: Cow<'static, str>,
    pub(super) method: Method,
    /// Whether the service expects no signature.
    pub(super) anonymous: bool,
    pub(super) kind: OperationKind,
    /// Whether the operation is known to be slow.
    pub(super) slow: bool,
    /// Whether the operation is known to have a dry run.
    pub(super) has_dry_run: bool,
    /// Whether the operation must not be executed.
    pub(super) check: bool,
    pub(super) form: Form,
}

/// A successful response.
struct Success {
    body: Bytes,
    meta: ResponseMeta,
    sent: Sent,
    /// If it is the response to a dry run, whether the call certainly executed nothing.
    dry_run: Option<bool>,
}

/// How a failed attempt is retried.
struct Retry {
    delay: Duration,
    /// Tokens of the retry budget that it costs; `None` if the failed attempt does not count for policy and budget.
    cost: Option<u32>,
}

impl Execution {
    /// Makes attempts as long as the policy, the deadline and the retry budget allow.
    pub(super) async fn run(self, config: &Config, options: &CallOptions) -> Result<Reply> {
        let span = tracing::info_span!(
            target: TARGET,
            "alibabacloud.call",
            otel.kind = "client",
            service = self.service.name,
            operation = &*self.operation,
            region = config.context().known_region(),
            attempts = Empty,
            code = Empty,
            request_id = Empty,
        );
        let result = self.attempts(config, options).instrument(span.clone()).await;
        let Self { service, operation, form, .. } = self;
        let result = result.map_err(|error| error.with_call(service.name, &operation));
        let result = result.and_then(|Success { body, meta, sent, dry_run }| {
            Reply { body, meta, service, operation, form, sent, dry_run }.executed()
        });
        match &result {
            Ok(reply) => span.record("attempts", reply.meta.attempts()),
            Err(error) => record(&span, error).record("attempts", error.attempts()),
        };
        result
    }

    async fn attempts(&self, config: &Config, options: &CallOptions) -> Result<Success> {
        let headers = headers(options)?;
        let system = config.system();
        let Timeouts { attempt, slow_attempt, operation, .. } = *config.timeouts();
        let attempt_timeout = options.attempt_timeout.unwrap_or(if self.slow { slow_attempt } else { attempt });
        let operation_timeout = options.operation_timeout.unwrap_or(operation);
        let policy = options.retry.as_ref().unwrap_or(config.retry());
        let mut attempts = Attempts::new(system, &**policy, operation_timeout);
        let mut progress = Progress::new(self.kind, self.has_dry_run);
        let mut clock = config.signing_clock();
        let mut spent = 0;
        loop {
            if attempts.remaining().is_zero()
                && let Some(error) = progress.out_of_time()
            {
                return Err(error);
            }
            let attempt = Attempt { service: self.service.name, operation: &self.operation, number: attempts.number() };
            let mut sent = Sent::of(&headers);
            if let Err(error) = self.intercept(config, attempt, &mut sent) {
                return Err(progress.complete(error.redacted(&sent.secrets(&self.form))));
            }
            let (form, _) = sent.parts(&self.form);
            if self.check && !is_dry_run(form) {
                let message = "call options or an interceptor changed `DryRun`, so `check` would execute the operation";
                return Err(progress.complete(Error::new(ErrorKind::Request, message)));
            }
            progress.start(form)?;
            let means_dry_run = means_dry_run(form);
            let span = tracing::debug_span!(
                target: TARGET,
                "alibabacloud.attempt",
                attempt = attempt.number,
                status = Empty,
                code = Empty,
                request_id = Empty
            );
            let work = async {
                let credentials = match progress.refreshed.take() {
                    Some(credentials) => credentials,
                    None if self.anonymous => Credentials::anonymous(),
                    None => authentication::provide(config, attempts.remaining()).await?,
                };
                let limit = attempt_timeout.min(attempts.remaining());
                let sending = self.send(config, attempt, credentials, &clock, &mut sent);
                timeout(system, limit, sending).await.unwrap_or_else(|| {
                    let limit = if limit < attempt_timeout { operation_timeout } else { limit };
                    // An attempt that was not signed yet sent nothing.
                    let error = Error::new(ErrorKind::Timeout, format!("no response within {limit:?}"));
                    Err(error.with_maybe_executed(sent.signed.is_some()))
                })
            };
            let error = match work.instrument(span.clone()).await {
                Ok(response) => {
                    progress.sent += 1;
                    span.record("status", response.status().as_u16());
                    clock.accepted();
                    config.retry_tokens().refund(spent);
                    let elapsed = attempts.elapsed();
                    let (head, body) = response.into_parts();
                    let meta = ResponseMeta::new(head.status.as_u16(), head.headers, progress.sent, elapsed);
                    let meta = meta.map_request_id(|id| sent.masked_id(&self.form, id));
                    if let Some(id) = meta.request_id() {
                        span.record("request_id", id);
                    }
                    let dry_run = means_dry_run.then(|| progress.is_dry_run());
                    return Ok(Success { body, meta, sent, dry_run });
                }
                Err(error) => error,
            };
            if sent.signed.is_some() {
                progress.sent += 1;
            }
            // The class of some codes depends on the service.
            let error = error.redacted(&sent.secrets(&self.form)).with_service_classes(self.service.error_classes);
            let error = error.with_call(self.service.name, &self.operation);
            let executed = progress.add(&error);
            let error = progress.complete(error);
            record(&span, &error);
            let retry = retry(config, &mut attempts, &mut progress, &mut clock, sent.signed, &error, executed).await?;
            spent += retry.cost.unwrap_or_default();
            tracing::warn!(
                target: TARGET,
                attempt = attempt.number,
                code = error.code(),
                status = error.http_status(),
                request_id = error.request_id(),
                wait_ms = u64::try_from(retry.delay.as_millis()).unwrap_or(u64::MAX),
                "attempt failed, retrying"
            );
            progress.failed(error, retry.cost.is_some());
            attempts.next(retry.delay, retry.cost.is_some()).await;
        }
    }

    /// Runs the interceptors before an attempt is signed.
    fn intercept(&self, config: &Config, attempt: Attempt<'_>, sent: &mut Sent) -> Result<()> {
        if config.interceptors().is_empty() {
            return Ok(());
        }
        let (form, headers) = sent.change(&self.form);
        for interceptor in config.interceptors() {
            let result = interceptor.before_signing(&mut Outgoing { attempt, form, headers });
            result.map_err(|error| aborted("before signing", error, false))?;
        }
        Ok(())
    }

    /// Sends a request, signed with a new nonce and timestamp.
    async fn send(
        &self,
        config: &Config,
        attempt: Attempt<'_>,
        credentials: Credentials,
        clock: &SigningClock<'_>,
        sent: &mut Sent,
    ) -> Result<http::Response<Bytes>> {
        let url = config.url(self.service).await?;
        let authority = url.authority().cloned();
        // The time is taken last: obtaining credentials may be slow, and another call may have corrected the clock
        // meanwhile.
        let time = clock.now();
        let (form, headers) = sent.parts(&self.form);
        let unsigned = Unsigned {
            url,
            version: self.service.version,
            operation: &self.operation,
            method: self.method,
            form,
            headers,
            nonce: &uuid(config.system()),
            timestamp: &timestamp(time)?,
        };
        let request = unsigned.sign(config.signature_version(), &credentials)?;
        sent.signed = Some(Signed::new(credentials, time, &request));
        let response = config
            .transport()
            .send(request)
            .await
            .map_err(|error| error.into_error(authority.as_ref().map(Authority::as_str).unwrap_or_default()))?;
        for interceptor in config.interceptors() {
            let hook = interceptor.after_response(&attempt, &response);
            hook.map_err(|error| aborted("after the response", error, true))?;
        }
        response::check(response, time)
    }
}

/// Decides how a failed attempt is retried. `error` covers all attempts so far; `executed` is whether the service may have
/// executed the latest one.
///
/// # Errors
///
/// Returns the error of the call if the attempt is not retried.
async fn retry(
    config: &Config,
    attempts: &mut Attempts<'_>,
    progress: &mut Progress,
    clock: &mut SigningClock<'_>,
    signed: Option<Signed>,
    error: &Error,
    executed: bool,
) -> Result<Retry> {
    if error.kind() == ErrorKind::Interceptor || error.is_dry_run_passed() {
        return Err(error.clone());
    }
    // A service that rejects the timestamp or the key has executed nothing, and a corrected request may succeed. So
    // the retry is free.
    let free = Retry { delay: Duration::ZERO, cost: None };
    let clock_corrected = signed.as_ref().is_some_and(|signed| clock.correct(error, signed.time));
    let rejected = signed.filter(|_| !executed || progress.is_idempotent());
    if rejected.is_some() && clock_corrected {
        return Ok(free);
    }
    if attempts.remaining().is_zero() {
        return Err(progress.stopped(error.clone()));
    }
    if let Some(signed) = &rejected
        && !progress.credentials_refreshed
        && !signed.credentials.is_anonymous()
        && authentication::is_rejected(error)
    {
        progress.credentials_refreshed = true;
        match authentication::refresh(config, &signed.credentials, attempts.remaining()).await {
            Ok(None) => {}
            Ok(refreshed) => {
                progress.refreshed = refreshed;
                return Ok(free);
            }
            Err(failure) => return Err(authentication::key_not_replaced(error.clone(), &failure)),
        }
    }
    if error.is_in_progress() && progress.has_token() && progress.sent > 0 {
        return match attempts.in_progress_delay(error) {
            Ok(delay) => Ok(Retry { delay, cost: None }),
            Err(GaveUp::Deadline) => Err(error.clone().with_note(STILL_IN_PROGRESS)),
            Err(GaveUp::Policy) => Err(error.clone()),
        };
    }
    let delay = attempts.delay(error, progress.is_idempotent()).ok_or_else(|| error.clone())?;
    let cost = config.retry_tokens().spend(error).ok_or_else(|| {
        error.clone().with_note("not retried: the retry budget of the client is empty (see `RetryBudget`)")
    })?;
    Ok(Retry { delay, cost: Some(cost) })
}

/// The headers of the call options.
fn headers(options: &CallOptions) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in &options.headers {
        let (name, value) = added_header(name, value).map_err(|error| {
            Error::new(ErrorKind::Request, format!("invalid header `{name}` in the call options: {error}"))
                .with_source(error)
        })?;
        headers.insert(name, value);
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
