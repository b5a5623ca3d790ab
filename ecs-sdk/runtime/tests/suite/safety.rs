//! Safe retries: whether a call can be executed twice depends on the parameters that were sent, after call options and
//! interceptors, and on what the responses prove.

use std::time::Duration;

use ecs_sdk::fake::{Response, SentRequest, Service, millis, seconds};
use ecs_sdk::{
    CallOptions, Client, Error, ErrorKind, Result,
    interceptor::{BoxError, Interceptor, Outgoing},
    retry::{FailedAttempt, RetryPolicy},
};

/// Sets a parameter of each attempt; the last value is that of all further attempts.
#[derive(Debug)]
struct Sets(&'static str, &'static [&'static str]);

impl Interceptor for Sets {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        let attempt = request.attempt().number() as usize;
        let value = self.1[attempt.min(self.1.len()) - 1];
        if value == "keep" { Ok(()) } else { request.set_parameter(self.0, value) }
    }
}

fn client(service: &Service, interceptor: Option<Sets>) -> Client {
    let builder = service.config().region("r");
    match interceptor {
        Some(interceptor) => builder.interceptor(interceptor).build().unwrap(),
        None => builder.build().unwrap(),
    }
}

fn tokens(sent: &[SentRequest]) -> Vec<String> {
    sent.iter().map(|sent| sent.get("ClientToken").unwrap_or_default()).collect()
}

/// Failures after which the service may have executed the request.
fn doubtful() -> [Response; 4] {
    [
        Response::error(500, "InternalError"),
        Response::reset_after_sending(),
        Response::hang(),
        Response::new(200, "{\"RequestId\":"),
    ]
}

#[test]
fn a_call_whose_token_is_blank_is_sent_once() {
    let set = |value: &str| CallOptions::new().parameter("ClientToken", value);
    for failure in doubtful() {
        for value in ["", " ", "\t\n", "\u{3000}"] {
            let service = Service::always(failure.clone());
            let client = client(&service, None);
            let typed = client.run_instances().image_id("m-1").options(set(value));
            let error = service.run(typed.send()).unwrap_err();
            assert!(error.is_maybe_executed() && error.attempts() == 1, "{value:?}: {error}");
            let untyped = client.call("RunInstances").parameter("ClientToken", "t").options(set(value));
            service.run(untyped.send()).unwrap_err();
            let untyped = client.call("RunInstances").parameter("ClientToken", value);
            service.run(untyped.send()).unwrap_err();
            assert_eq!(tokens(&service.requests()), [value; 3]);
        }
        for values in [&[""][..], &[" "], &["", "keep"], &["", "t"]] {
            let service = Service::always(failure.clone());
            let client = client(&service, Some(Sets("ClientToken", values)));
            service.run(client.run_instances().image_id("m-1").send()).unwrap_err();
            service.run(client.call("RunInstances").parameter("ClientToken", "t").send()).unwrap_err();
            assert_eq!(tokens(&service.requests()), [values[0]; 2], "{values:?}");
        }
    }
}

#[test]
fn a_retry_with_another_token_is_not_sent() {
    for failure in doubtful() {
        for values in [&["t-1", "t-2", "t-3"][..], &["t-1", ""], &["keep", "t-2"], &["t-1", " t-1"]] {
            let service = Service::always(failure.clone());
            let client = client(&service, Some(Sets("ClientToken", values)));
            for error in [
                service.run(client.run_instances().image_id("m-1").send()).unwrap_err(),
                service.run(client.call("RunInstances").parameter("ClientToken", "t").send()).unwrap_err(),
            ] {
                // The error is that of the first attempt.
                assert!(error.is_maybe_executed() && error.attempts() == 1, "{values:?}: {error}");
                assert!(error.message().ends_with(
                    "; not retried: an interceptor changed `ClientToken`, so the retry could be executed too"
                ));
            }
            assert_eq!(service.requests().len(), 2, "{values:?}");
        }
    }
    // The second attempt is also the first one that may have been executed.
    let responses = [Response::error(400, "Throttling"), Response::error(500, "InternalError")];
    let service = Service::script(responses);
    let client = client(&service, Some(Sets("ClientToken", &["t-1", "t-2"])));
    let error = service.run(client.run_instances().image_id("m-1").send()).unwrap_err();
    assert_eq!((error.code(), tokens(&service.requests())), (Some("InternalError"), vec!["t-1".into(), "t-2".into()]));
}

#[test]
fn the_same_token_in_all_attempts_makes_a_retry_safe() {
    for values in [&["t"][..], &["keep"]] {
        let service = Service::script([
            Response::reset_after_sending(),
            Response::error(500, "InternalError"),
            Response::success(),
            Response::reset_after_sending(),
            Response::success(),
        ]);
        let client = client(&service, Some(Sets("ClientToken", values)));
        service.run(client.run_instances().image_id("m-1").send()).unwrap();
        service.run(client.call("RunInstances").parameter("ClientToken", "u").send()).unwrap();
        let tokens = tokens(&service.requests());
        assert!(tokens[0] == tokens[1] && tokens[1] == tokens[2] && tokens[3] == tokens[4], "{tokens:?}");
    }
    // An untyped call may get its token from options or interceptors.
    let service = Service::script([Response::reset_after_sending(), Response::success()]);
    let client = client(&service, Some(Sets("ClientToken", &["t"])));
    service.run(client.call("CreateNew").send()).unwrap();
    // Other parameters may differ.
    let service = Service::script([Response::reset_after_sending(), Response::success()]);
    let client = self::client(&service, Some(Sets("Description", &["one", "two"])));
    service.run(client.run_instances().image_id("m-1").send()).unwrap();
    // An operation that does not have the parameter ignores it.
    let service = Service::always(Response::error(500, "InternalError"));
    let client = self::client(&service, Some(Sets("ClientToken", &["t"])));
    service.run(client.start_instance().instance_id("i-1").send()).unwrap_err();
    assert_eq!(service.requests().len(), 1);
}

/// Retries every failure.
#[derive(Debug)]
struct Always;

impl RetryPolicy for Always {
    fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        (failed.number() < 3).then_some(Duration::ZERO)
    }
}

#[test]
fn no_policy_can_cause_a_retry_with_another_token() {
    for values in [&["t-1", "t-2"][..], &["", "t-2"], &["t-1", ""]] {
        let service = Service::always(Response::error(500, "InternalError"));
        let client = client(&service, Some(Sets("ClientToken", values)));
        let options = CallOptions::new().retry(Always);
        service.run(client.run_instances().image_id("m-1").options(options).send()).unwrap_err();
        assert_eq!(service.requests().len(), 1, "{values:?}");
    }
    // It can cause a retry without a token, because it knows that this is unsafe.
    let service = Service::always(Response::error(500, "InternalError"));
    let options = CallOptions::new().retry(Always).parameter("ClientToken", "");
    service.run(service.client().run_instances().image_id("m-1").options(options).send()).unwrap_err();
    assert_eq!(service.requests().len(), 3);
}

fn write(service: &Service) -> Result<(), Error> {
    service.run(service.client().start_instance().instance_id("i-1").send()).map(|_| ())
}

#[test]
fn a_call_without_a_token_is_retried_only_after_a_rejection_by_the_service() {
    for code in ["Throttling", "Throttling.User", "Throttling.Api", "Request.Throttling", "Ecs.Throttling.Region"] {
        for status in [400, 403, 429, 503] {
            let service = Service::script([Response::error(status, code), Response::success()]);
            write(&service).unwrap();
        }
        let service = Service::always(Response::error(503, code));
        let error = write(&service).unwrap_err();
        assert_eq!((error.attempts(), error.is_maybe_executed()), (3, false));
    }
    for response in [
        Response::new(429, ""),
        Response::new(429, "<html>too many requests</html>"),
        Response::error(429, "TooManyRequests"),
        Response::error(429, "FlowControl"),
        Response::error(400, "SystemBusy"),
        Response::error(503, "ServiceUnavailable"),
        Response::error(400, "SignatureNonceUsed"),
        Response::error(403, "IdempotentProcessing"),
        Response::error(409, "OperationConflict"),
        Response::error(403, "IncorrectInstanceStatus"),
        Response::new(200, r#"{"Code":"Throttling","Message":"Slow down.","HostId":"h","RequestId":"R-9"}"#),
        // Not errors of the service, which always have an ID of the request.
        Response::new(400, r#"{"Code":"Throttling","Message":"Slow down."}"#),
        Response::new(503, r#"{"Code":"Throttling.User","Message":"Slow down."}"#),
    ] {
        let service = Service::always(response.clone());
        write(&service).unwrap_err();
        assert_eq!(service.requests().len(), 1, "{response:?}");
    }
}

#[test]
fn a_used_nonce_does_not_prove_that_nothing_was_executed() {
    let used = || Response::error(400, "SignatureNonceUsed");
    let service = Service::always(used());
    let error = write(&service).unwrap_err();
    assert!(error.is_maybe_executed() && error.is_retryable() && error.attempts() == 1, "{error}");
    for call in ["RunInstances", "DescribeInstances"] {
        let service = Service::script([used(), Response::success()]);
        service.run(service.client().call(call).parameter("ClientToken", "t").send()).unwrap();
        let sent = service.requests();
        assert_ne!(sent[0].param("SignatureNonce"), sent[1].param("SignatureNonce"));
    }
}

#[test]
fn an_executed_attempt_is_remembered_over_any_number_of_attempts() {
    let refused = Response::connection_refused;
    let throttled = || Response::error(400, "Throttling.User");
    let run = |responses: [Response; 3]| {
        let service = Service::script(responses);
        let error = service.run(service.client().run_instances().image_id("m-1").send()).unwrap_err();
        (error.is_maybe_executed(), error.attempts())
    };
    for doubtful in doubtful() {
        assert_eq!(run([doubtful.clone(), refused(), throttled()]), (true, 3));
        assert_eq!(run([throttled(), doubtful.clone(), refused()]), (true, 3));
        assert_eq!(run([refused(), throttled(), doubtful]), (true, 3));
    }
    assert_eq!(run([Response::error(400, "SignatureNonceUsed"), refused(), throttled()]), (true, 3));
    assert_eq!(run([refused(), throttled(), refused()]), (false, 3));
}

#[test]
fn a_dry_run_is_sent_only_as_one() {
    for value in ["false", "", "True", "1"] {
        let set = CallOptions::new().parameter("DryRun", value);
        let service = Service::script([]);
        let error = service.run(service.client().run_instances().image_id("m-1").options(set).check()).unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.is_maybe_executed()), (ErrorKind::Request, 0, false));
        let client = client(&service, Some(Sets("DryRun", vec![value].leak())));
        service.run(client.run_instances().image_id("m-1").check()).unwrap_err();
    }
    let service = Service::script([]);
    let twice = CallOptions::new().parameter("dryRun", "true");
    service.run(service.client().run_instances().image_id("m-1").options(twice).check()).unwrap_err();
    // A retry is checked too.
    let service = Service::script([Response::error(500, "InternalError")]);
    let client = client(&service, Some(Sets("DryRun", &["true", "false"])));
    let error = service.run(client.run_instances().image_id("m-1").check()).unwrap_err();
    assert_eq!(
        error.message(),
        "call options or an interceptor changed `DryRun`, so `check` would execute the operation"
    );
}

#[test]
fn the_error_names_an_empty_retry_budget() {
    let service = Service::always(Response::error(503, "ServiceUnavailable"));
    let budget = ecs_sdk::retry::RetryBudget::new().max_tokens(5);
    let client: Client = service.config().region("r").retry_budget(budget).build().unwrap();
    let error = service.run(client.describe_instances().send()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("ServiceUnavailable"), 2));
    assert_eq!(error.message(), "Because; not retried: the retry budget of the client is empty (see `RetryBudget`)");
    // A failure that would not be retried anyway does not mention it.
    let service = Service::always(Response::error(404, "InvalidInstanceId.NotFound"));
    let client: Client = service.config().region("r").retry_budget(budget.max_tokens(0)).build().unwrap();
    assert_eq!(service.run(client.describe_instances().send()).unwrap_err().message(), "Because.");
}

#[test]
fn an_operation_timeout_reports_the_failure_that_used_up_the_time() {
    // The clock is corrected in the last millisecond.
    let rejected = Response::error(400, "InvalidTimeStamp.Expired").header("date", "Mon, 05 Jan 2026 20:30:00 GMT");
    let late = |response: Response| response.after(millis(999));
    let service = Service::script([late(rejected), Response::hang()]);
    let options = CallOptions::new().operation_timeout(seconds(1));
    let error = service.run(service.client().describe_instances().options(options.clone()).send()).unwrap_err();
    assert_eq!((error.code(), service.clock.elapsed()), (Some("InvalidTimeStamp.Expired"), seconds(1)));

    // A retry that has little time left.
    let service = Service::script([Response::error(500, "InternalError").after(millis(899)), Response::hang()]);
    let error = service.run(service.client().describe_instances().options(options).send()).unwrap_err();
    assert!(error.is_timeout() && service.clock.elapsed() == seconds(1));
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstances failed: no response within 1s; the attempt before failed: InternalError: Because. \
         (2 attempts)"
    );
}
