//! Hooks: what they see, what they may change, and how they end calls.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ecs_sdk::fake::{Answer, KEY, Service};
use ecs_sdk::{
    Client, ErrorKind,
    interceptor::{Attempt, BoxError, Interceptor, Outgoing},
};

/// Notes what it sees, and stamps what is sent.
#[derive(Debug, Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Interceptor for Notes {
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
fn every_attempt_is_seen_before_signing_and_after_the_answer() {
    let service = Service::script([Answer::error(500, "InternalError"), Answer::broken(), Answer::done()]);
    let notes = Notes::default();
    let client: Client = service.config().region("r").interceptor(notes.clone()).build().unwrap();
    service.run(client.describe_instances().status("Running").send()).unwrap();
    let seen = notes.0.lock().unwrap().clone();
    let before = |number: u32| format!("DescribeInstances {number} Status RegionId");
    // No answer came to the second.
    assert_eq!(seen, [before(1), "ecs 1 500".to_owned(), before(2), before(3), "ecs 3 200".to_owned()]);
    for (index, sent) in service.sent().iter().enumerate() {
        // What hooks add is signed.
        sent.verify(KEY.1);
        assert_eq!(sent.param("ResourceOwnerAccount"), format!("owner & co {}", index + 1));
        assert_eq!(sent.headers["x-trace"], format!("trace-{}", index + 1));
    }
}

/// Sets headers that the SDK sets itself.
#[derive(Debug)]
struct Overrides(&'static str);

impl Interceptor for Overrides {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        request.set_header(self.0, "x")
    }
}

#[test]
fn headers_of_the_sdk_cannot_be_set_and_interceptors_can_be_shared() {
    for name in ["host", "authorization", "x-acs-signature-nonce"] {
        let service = Service::always(Answer::done());
        let shared: Arc<dyn Interceptor> = Arc::new(Overrides(name));
        let client: Client = service.config().region("r").interceptor(shared.clone()).build().unwrap();
        let error = service.run(client.describe_instances().send()).unwrap_err();
        let line = format!("before signing: `{name}` is set by the SDK and can't be overridden");
        assert!(error.to_string().ends_with(&line), "{error}");
    }
}

/// Fails where it is told to.
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
fn a_hook_that_fails_ends_the_call() {
    for (before, sent, line) in [
        (true, 0, "an interceptor aborted the call before signing: `Action` is set by the SDK and can't be overridden"),
        (false, 1, "an interceptor aborted the call after the response: not on Fridays"),
    ] {
        let service = Service::always(Answer::error(500, "InternalError"));
        let client: Client = service.config().region("r").interceptor(Fails { before }).build().unwrap();
        let error = service.run(client.describe_instances().send()).unwrap_err();
        assert_eq!(error.to_string(), format!("ecs DescribeInstances failed: {line}"));
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Interceptor, false));
        assert!(std::error::Error::source(&error).is_none());
        assert!(line.ends_with(&error.get_ref().unwrap().to_string()));
        assert_eq!((service.sent().len(), error.is_maybe_executed()), (sent, !before));
    }
}
