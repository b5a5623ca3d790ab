//! Interceptors: what they observe, what they can change, and how their errors abort calls.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use ecs_sdk::fake::{ACCESS_KEY, Response, Service};
use ecs_sdk::{
    CallOptions, Client, ErrorKind,
    interceptor::{Attempt, BoxError, Interceptor, Outgoing},
    retry::{FailedAttempt, RetryPolicy},
};

/// Records every attempt, and adds a header and a parameter.
#[derive(Debug, Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Interceptor for Recorder {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        let number = request.attempt().number();
        let names: Vec<&str> = request.parameters().map(|(name, _)| name).collect();
        self.0.lock().unwrap().push(format!("{} {number} {}", request.attempt().operation(), names.join(" ")));
        request.set_header("x-trace", &format!("trace-{number}"))?;
        request.set_parameter("ResourceOwnerAccount", &format!("owner & co {number}"))
    }

    fn after_response(&self, attempt: &Attempt<'_>, response: &http::Response<Bytes>) -> Result<(), BoxError> {
        let what = format!("{} {} {}", attempt.service(), attempt.number(), response.status().as_u16());
        self.0.lock().unwrap().push(what);
        Ok(())
    }
}

#[test]
fn hooks_run_before_signing_and_after_the_response_of_every_attempt() {
    let service =
        Service::script([Response::error(500, "InternalError"), Response::reset_after_sending(), Response::success()]);
    let recorder = Recorder::default();
    let client: Client = service.config().region("r").interceptor(recorder.clone()).build().unwrap();
    service.run(client.describe_instances().status("Running").send()).unwrap();
    let recorded = recorder.0.lock().unwrap().clone();
    let before = |number: u32| format!("DescribeInstances {number} Status RegionId");
    // The second attempt has no response.
    assert_eq!(recorded, [before(1), "ecs 1 500".to_owned(), before(2), before(3), "ecs 3 200".to_owned()]);
    for (index, sent) in service.requests().iter().enumerate() {
        // The additions of the hooks are signed.
        sent.verify(ACCESS_KEY.1);
        assert_eq!(sent.param("ResourceOwnerAccount"), format!("owner & co {}", index + 1));
        assert_eq!(sent.headers["x-trace"], format!("trace-{}", index + 1));
    }
}

/// Sets a header that callers cannot set.
#[derive(Debug)]
struct Overrides(&'static str);

impl Interceptor for Overrides {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        request.set_header(self.0, "x")
    }
}

#[test]
fn interceptors_cannot_set_headers_of_the_sdk_or_of_the_connection() {
    for (name, why) in [
        ("host", "is set by the SDK and cannot be overridden"),
        ("authorization", "is set by the SDK and cannot be overridden"),
        ("x-acs-signature-nonce", "is set by the SDK and cannot be overridden"),
        ("content-length", "controls the HTTP connection and cannot be set"),
        ("transfer-encoding", "controls the HTTP connection and cannot be set"),
        ("expect", "controls the HTTP connection and cannot be set"),
    ] {
        let service = Service::always(Response::success());
        let shared: Arc<dyn Interceptor> = Arc::new(Overrides(name));
        let client: Client = service.config().region("r").interceptor(shared.clone()).build().unwrap();
        let error = service.run(client.describe_instances().send()).unwrap_err();
        let line = format!("before signing: `{name}` {why}");
        assert!(error.to_string().ends_with(&line), "{error}");
        assert_eq!(service.requests().len(), 0);
    }
}

/// Retries every failure.
#[derive(Debug)]
struct Always;

impl RetryPolicy for Always {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        (failed.number() < 3).then_some(Duration::ZERO)
    }
}

/// Fails before signing or after the response.
#[derive(Debug)]
struct Fails {
    before: bool,
}

impl Interceptor for Fails {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        if self.before { request.set_parameter("Action", "DeleteInstance") } else { Ok(()) }
    }

    fn after_response(&self, _attempt: &Attempt<'_>, _response: &http::Response<Bytes>) -> Result<(), BoxError> {
        Err("not on Fridays".into())
    }
}

#[test]
fn an_error_of_a_hook_aborts_the_call() {
    for (before, sent, line) in [
        (
            true,
            0,
            "an interceptor aborted the call before signing: `Action` is set by the SDK and cannot be overridden",
        ),
        (false, 1, "an interceptor aborted the call after the response: not on Fridays"),
    ] {
        let service = Service::always(Response::error(500, "InternalError"));
        let client: Client = service.config().region("r").interceptor(Fails { before }).build().unwrap();
        // No policy can retry it.
        let options = CallOptions::new().retry(Always);
        let error = service.run(client.describe_instances().options(options).send()).unwrap_err();
        assert_eq!(error.to_string(), format!("ecs DescribeInstances failed: {line}"));
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Interceptor, false));
        assert!(std::error::Error::source(&error).is_none());
        assert!(line.ends_with(&error.get_ref().unwrap().to_string()));
        assert_eq!((service.requests().len(), error.is_maybe_executed()), (sent, !before));
    }
}
