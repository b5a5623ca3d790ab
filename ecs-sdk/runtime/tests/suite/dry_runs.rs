//! Dry runs: a call that was not executed never returns a response.

use std::time::Duration;

use ecs_sdk::fake::{Response, Service};
use ecs_sdk::{
    CallOptions, Client, Error, ErrorKind, Result,
    interceptor::{BoxError, Interceptor, Outgoing},
    operation::run_instances::RunInstancesRequest,
    retry::{FailedAttempt, RetryPolicy},
};

/// Retries everything that it is asked about.
#[derive(Debug)]
struct Stubborn;

impl RetryPolicy for Stubborn {
    fn next(&self, attempt: &FailedAttempt<'_>) -> Option<Duration> {
        (attempt.number() < 3).then_some(Duration::from_millis(1))
    }
}

/// The responses by which a service reports that a dry run passed.
fn passed() -> Vec<Response> {
    vec![
        Response::error(412, "DryRunOperation"),
        Response::error(400, "DRYRUN.SUCCESS"),
        Response::error(400, "DryRun.Success"),
        Response::error(500, "DryRunOperation"),
        Response::error(429, "DryRunOperation"),
        Response::success(),
    ]
}

fn set(value: &str) -> CallOptions {
    CallOptions::new().parameter("DryRun", value)
}

/// Sends a dry run in every way.
fn every_way(client: &Client, service: &Service) -> Vec<Error> {
    let typed = || client.run_instances().image_id("m-1");
    let failed = |result: Result<()>| result.expect_err("a dry run is no response");
    vec![
        failed(service.run(typed().dry_run(true).send()).map(drop)),
        failed(service.run(client.send(RunInstancesRequest::new().image_id("m-1").dry_run(true))).map(drop)),
        failed(service.run(typed().options(set("true")).send()).map(drop)),
        failed(service.run(client.call("RunInstances").parameter("DryRun", true).send()).map(drop)),
        failed(service.run(client.call("RunInstances").options(set("true")).send()).map(drop)),
    ]
}

#[test]
fn a_dry_run_that_passes_is_an_error_however_it_is_sent_and_is_never_retried() {
    for response in passed() {
        let service = Service::always(response.clone());
        let client = service.config::<Client>().region("r").retry(Stubborn).build().unwrap();
        let errors = every_way(&client, &service);
        assert_eq!(service.requests().len(), errors.len(), "{response:?}");
        for error in errors {
            assert!(error.is_dry_run_passed() && !error.is_retryable(), "{error}");
            assert_eq!((error.kind(), error.class(), error.attempts()), (ErrorKind::Service, None, 1), "{error}");
            assert!(error.request_id().is_some() && error.http_status().is_some(), "{error}");
            let certain = "ecs RunInstances: the dry run passed, and nothing was executed: ";
            assert_eq!(error.to_string().starts_with(certain), !error.is_maybe_executed(), "{error}");
        }
        service.run(client.run_instances().image_id("m-1").check()).unwrap();
    }
}

#[test]
fn success_proves_a_dry_run_only_if_the_operation_is_known_to_have_one() {
    let service = Service::always(Response::success());
    let client = service.client();
    let [typed @ .., untyped, by_options] = &every_way(&client, &service)[..] else { unreachable!() };
    assert!(typed.iter().all(|error| !error.is_maybe_executed()), "{typed:?}");
    for error in [untyped, by_options] {
        assert!(error.is_maybe_executed(), "{error}");
        assert_eq!(
            error.to_string(),
            "ecs RunInstances: DryRunOperation: the service accepted `DryRun`, but the SDK does not know whether \
             RunInstances has dry runs; if it has none, it was executed (HTTP 200, request id R-1)"
        );
    }
    // A read executes nothing in any case.
    let error = service.run(client.call("DescribeThings").parameter("DryRun", "true").send()).unwrap_err();
    assert!(error.is_dry_run_passed() && !error.is_maybe_executed(), "{error}");
    let error = service.run(client.describe_instances().dry_run(true).send()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstances: the dry run passed, and nothing was executed: DryRunOperation: the service accepted the \
         dry run (HTTP 200, request id R-1)"
    );
}

#[test]
fn unusual_spellings_of_a_dry_run_are_not_responses_either() {
    for (name, value) in [("DryRun", "True"), ("dryRun", "true"), ("DRYRUN", " TRUE ")] {
        let service = Service::always(Response::success());
        let options = CallOptions::new().parameter(name, value);
        let error = service.run(service.client().run_instances().options(options).send()).unwrap_err();
        // Whether the service understood it is unknown.
        assert!(error.is_dry_run_passed() && error.is_maybe_executed(), "{name}={value}: {error}");
    }
    for value in ["false", "", "yes"] {
        let service = Service::always(Response::success());
        service.run(service.client().run_instances().options(set(value)).send()).unwrap();
    }
}

#[test]
fn a_dry_run_without_a_response_of_the_service_did_not_pass() {
    for response in [Response::new(200, "{}"), Response::new(200, "{\"status\":\"ok\"}")] {
        let service = Service::always(response);
        for error in every_way(&service.client(), &service) {
            assert!(!error.is_dry_run_passed(), "{error}");
        }
    }
    let service = Service::always(Response::error(403, "QuotaExceed.ElasticQuota"));
    for error in every_way(&service.client(), &service) {
        assert!(!error.is_dry_run_passed() && error.is_quota_exceeded(), "{error}");
    }
}

#[test]
fn a_dry_run_executes_nothing_so_it_is_retried_like_a_read() {
    // StartInstance has no client token.
    for failure in [Response::error(500, "InternalError"), Response::reset_after_sending(), Response::hang()] {
        let service = Service::script([failure.clone(), Response::error(400, "DRYRUN.SUCCESS")]);
        service.run(service.client().start_instance().instance_id("i-1").check()).unwrap();
        assert_eq!(service.requests().len(), 2, "{failure:?}");

        let service = Service::always(failure.clone());
        let error = service.run(service.client().start_instance().instance_id("i-1").check()).unwrap_err();
        assert!(!error.is_maybe_executed() && error.attempts() == 3, "{error}");

        // An earlier attempt of an unknown operation was a dry run too if the service has one.
        let service = Service::script([failure, Response::error(412, "DryRunOperation")]);
        let call = service.client().call("CreateThing").parameter("DryRun", true).parameter("ClientToken", "t");
        let error = service.run(call.send()).unwrap_err();
        assert!(error.is_dry_run_passed() && !error.is_maybe_executed(), "{error}");
    }
}

/// Requests a dry run in every attempt but the first.
#[derive(Debug)]
struct Late;

impl Interceptor for Late {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        let late = request.attempt().number() > 1;
        request.set_parameter("DryRun", if late { "true" } else { "false" })
    }
}

#[test]
fn an_attempt_before_the_dry_run_may_have_been_executed() {
    for last in [Response::success(), Response::error(412, "DryRunOperation")] {
        let service = Service::script([Response::reset_after_sending(), last]);
        let client: Client = service.config().region("r").interceptor(Late).build().unwrap();
        let error = service.run(client.run_instances().image_id("m-1").send()).unwrap_err();
        assert!(error.is_dry_run_passed() && error.is_maybe_executed(), "{error}");
    }
}

#[test]
fn errors_of_dry_runs_can_be_built() {
    for code in ["DryRunOperation", "DRYRUN.SUCCESS"] {
        let error = Error::service(code, "m", 400);
        assert!(error.is_dry_run_passed() && !error.is_maybe_executed() && !error.is_retryable());
        assert_eq!(error.to_string(), format!("the dry run passed, and nothing was executed: {code}: m (HTTP 400)"));
    }
    for code in ["DryRun.InvalidAmount", "DRYRUN.FAIL", "DryRun", ""] {
        assert!(!Error::service(code, "m", 400).is_dry_run_passed(), "{code}");
    }
    assert!(!Error::new(ErrorKind::Timeout, "m").is_dry_run_passed());
}
