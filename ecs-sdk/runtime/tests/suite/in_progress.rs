//! Requests that the service is still executing: a call with a `ClientToken` waits for the result of its first request.

use std::time::Duration;

use ecs_sdk::fake::{Response, Service, millis, seconds};
use ecs_sdk::{
    CallOptions, Client, Credentials, Error, Result,
    credentials::{Context, ProvideCredentials},
    retry::{FullJitter, Never, RetryBudget, RetryPolicy},
    system::BoxFuture,
};

fn in_progress() -> Response {
    Response::error(403, "IdempotentProcessing")
}

fn create(service: &Service, options: CallOptions) -> Result<(), Error> {
    let client: Client = service.config().region("r").retry_budget(RetryBudget::new().max_tokens(10)).build().unwrap();
    service.run(client.run_instances().image_id("m-1").options(options).send()).map(|_| ())
}

#[test]
fn the_result_of_a_request_in_progress_is_awaited() {
    let service = Service::script([Response::hang(), in_progress(), in_progress(), in_progress(), Response::success()]);
    create(&service, CallOptions::new().attempt_timeout(seconds(1))).unwrap();
    let sent = service.requests();
    assert!(sent.iter().all(|other| other.param("ClientToken") == sent[0].param("ClientToken")));
    // The delays grow from 1 s by a half each, plus a quarter of jitter.
    assert_eq!(service.request_times(), [0, 1100, 2350, 4225, 7037]);
}

#[test]
fn a_request_in_progress_uses_up_neither_attempts_nor_budget() {
    // The retry after the timeout costs all 10 tokens, and the remaining attempt none.
    let mut responses = vec![Response::hang()];
    responses.extend((0..20).map(|_| in_progress()));
    responses.push(Response::success());
    let service = Service::script(responses);
    let options = CallOptions::new().retry(FullJitter::default().max_attempts(2));
    create(&service, options.attempt_timeout(seconds(1))).unwrap();
    assert_eq!(service.requests().len(), 22);

    // Other failures still use up attempts.
    let unavailable = || Response::error(503, "ServiceUnavailable");
    let service = Service::script([unavailable(), in_progress(), unavailable(), in_progress(), unavailable()]);
    let error = create(&service, CallOptions::new()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("ServiceUnavailable"), 5));
}

#[test]
fn the_deadline_ends_the_wait() {
    for (timeout, attempts) in [(seconds(300), 29), (seconds(10), 5), (seconds(3), 2), (millis(1500), 1)] {
        let service = Service::always(in_progress());
        let error = create(&service, CallOptions::new().operation_timeout(timeout)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "ecs RunInstances failed: IdempotentProcessing: Because; still in progress when the operation timeout \
                 elapsed (HTTP 403, request id R-9{})",
                if attempts > 1 { format!(", {attempts} attempts") } else { String::new() }
            )
        );
        assert!(error.is_in_progress() && error.is_retryable() && error.is_maybe_executed());
        // The last attempt starts shortly before the deadline.
        let unused = timeout - service.clock.elapsed();
        assert!(unused < seconds(2) && unused >= seconds(1), "{unused:?}");
    }
    // A response that does not arrive in time does not hide it.
    let service = Service::script([in_progress(), Response::hang()]);
    let error = create(&service, CallOptions::new().operation_timeout(seconds(5))).unwrap_err();
    assert!(error.is_in_progress() && error.message().contains("still in progress"), "{error}");
    assert_eq!((error.attempts(), service.clock.elapsed()), (2, seconds(5)));
}

#[test]
fn a_policy_can_prevent_the_wait_or_limit_it() {
    let requests = |options: CallOptions| {
        let service = Service::always(in_progress());
        let error = create(&service, options).unwrap_err();
        assert!(error.is_in_progress() && error.message() == "Because.", "{error}");
        (service.requests().len(), service.clock.elapsed())
    };
    for options in [
        CallOptions::new().retry(Never),
        CallOptions::new().retry(FullJitter::default().max_attempts(1)),
        CallOptions::new().retry(FullJitter::default().max_attempts(0)),
        CallOptions::new().retry(FullJitter::default().only_if(|failed| failed.error().is_throttling())),
    ] {
        assert_eq!(requests(options), (1, seconds(0)));
    }
    // The next attempt would start after 15.3 s.
    let limited = FullJitter::default().max_elapsed(seconds(15));
    assert_eq!(requests(CallOptions::new().retry(limited)), (5, Duration::from_micros(10_156_250)));
}

#[test]
fn the_delay_requested_by_the_service_is_used_if_it_is_longer() {
    let after = |wait| in_progress().header("x-acs-retry-after", wait);
    let service = Service::script([after("5000"), after("10"), Response::success()]);
    create(&service, CallOptions::new()).unwrap();
    assert_eq!(service.request_times(), [0, 5000, 6875]);
}

#[test]
fn a_call_without_a_token_is_not_retried() {
    let service = Service::always(in_progress());
    let error = service.run(service.client().start_instance().instance_id("i-1").send()).unwrap_err();
    assert!(error.is_maybe_executed(), "{error}");
    create(&service, CallOptions::new().parameter("ClientToken", "")).unwrap_err();
    service.run(service.client().call("StartNew").send()).unwrap_err();
    assert_eq!(service.requests().len(), 3);
    // An untyped call with a token is.
    let service = Service::script([in_progress(), Response::success()]);
    service.run(service.client().call("StartNew").parameter("ClientToken", "t").send()).unwrap();
}

#[test]
fn the_first_request_may_be_that_of_an_earlier_call() {
    // The result of the earlier call is an error.
    let service = Service::script([in_progress(), Response::error(403, "QuotaExceed.Instance")]);
    let error = create(&service, CallOptions::new().parameter("ClientToken", "mine")).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("QuotaExceed.Instance"), 2));
    assert!(service.requests().iter().all(|sent| sent.param("ClientToken") == "mine"));
}

#[test]
fn the_error_of_a_credentials_provider_is_not_that_of_the_request() {
    /// Calls another service, whose error it passes on.
    #[derive(Debug)]
    struct Vault;

    impl ProvideCredentials for Vault {
        fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
            Box::pin(async { Err(Error::service("IdempotentProcessing", "Because.", 403)) })
        }
    }

    let service = Service::script([]);
    let client: Client = service.config().region("r").credentials(Vault).build().unwrap();
    let error = service.run(client.run_instances().image_id("m-1").send()).unwrap_err();
    assert_eq!((error.message(), error.attempts()), ("Because.", 0));
    assert!(service.clock.elapsed() < seconds(2), "{:?}", service.clock.elapsed());
}
