//! Retries: which calls are retried, how long the delays are, and when calls give up. The clock is fake, so times are
//! exact to the millisecond.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use ecs_sdk::fake::{ACCESS_KEY, Response, Service, millis, seconds};
use ecs_sdk::{
    CallOptions, Client, Error, ErrorKind, Result,
    config::Timeouts,
    retry::{FullJitter, Never, RetryPolicy as _},
};

/// Sends a call that only reads.
fn read(service: &Service) -> Result<()> {
    service.run(service.client().describe_instances().send()).map(|_| ())
}

/// Sends a call that has no `ClientToken` and must not be executed twice.
fn write(service: &Service) -> Result<()> {
    service.run(service.client().start_instance().instance_id("i-1").send()).map(|_| ())
}

/// Sends a call that has a `ClientToken`.
fn create(service: &Service) -> Result<()> {
    service.run(service.client().run_instances().image_id("m-1").send()).map(|_| ())
}

/// A failed attempt.
struct Failure {
    name: &'static str,
    response: Response,
    /// Milliseconds until the attempt fails.
    after: u128,
    /// Whether the service certainly did not execute the call.
    not_executed: bool,
    /// The delay in milliseconds that the service requests.
    retry_after: Option<u128>,
    message: &'static str,
}

fn failures() -> Vec<Failure> {
    let throttled = |status| Response::error(status, "Throttling.User");
    let retry_after = |status| throttled(status).header("x-acs-retry-after", "1500");
    let cut = "{\"RequestId\":\"R-1\",\"Instances\":{\"Instance\":[{\"Insta";
    [
        ("refused", Response::connection_refused(), "cannot connect (127.0.0.1:9): connection refused"),
        ("connect timeout", Response::connect_timeout(), "connecting took too long (127.0.0.1:9): took too long"),
        ("reset before sent", Response::reset_before_sending(), "cannot connect (127.0.0.1:9): connection reset"),
        (
            "reset after sent",
            Response::reset_after_sending(),
            "the connection broke before the response was complete (127.0.0.1:9): connection reset",
        ),
        ("timeout", Response::hang(), "no response within 60s"),
        ("500", Response::error(500, "InternalError"), "InternalError: Because. (HTTP 500, request id R-9)"),
        ("408", Response::new(408, ""), "the response is empty (HTTP 408)"),
        ("502 HTML", Response::new(502, "<html>"), "unexpected response: <html> (HTTP 502)"),
        ("503", Response::error(503, "ServiceUnavailable"), "ServiceUnavailable: Because. (HTTP 503, request id R-9)"),
        (
            "unavailable 400",
            Response::error(400, "ServiceUnavailable"),
            "ServiceUnavailable: Because. (HTTP 400, request id R-9)",
        ),
        ("throttled 400", throttled(400), "Throttling.User: Because. (HTTP 400, request id R-9)"),
        ("throttled 400, retry after", retry_after(400), "Throttling.User: Because. (HTTP 400, request id R-9)"),
        ("throttled 429", throttled(429), "Throttling.User: Because. (HTTP 429, request id R-9)"),
        ("throttled 429, retry after", retry_after(429), "Throttling.User: Because. (HTTP 429, request id R-9)"),
        ("throttled 503", throttled(503), "Throttling.User: Because. (HTTP 503, request id R-9)"),
        ("truncated", Response::new(200, cut), "the response is truncated (HTTP 200)"),
        ("empty 200", Response::new(200, ""), "the response is empty (HTTP 200)"),
        ("HTML 200", Response::new(200, "<html>"), "the response is not valid JSON: <html> (HTTP 200)"),
    ]
    .map(|(name, response, message)| Failure {
        name,
        response,
        after: if name == "timeout" { 60_000 } else { 0 },
        not_executed: ["refused", "connect timeout", "reset before sent"].contains(&name)
            || name.starts_with("throttled"),
        retry_after: name.ends_with("retry after").then_some(1500),
        message,
    })
    .into()
}

#[test]
fn every_kind_of_operation_handles_every_kind_of_failure() {
    type Call = fn(&Service) -> Result<()>;
    let kinds: [(&str, Call, bool, u128); 3] =
        [("read", read, true, 60_000), ("create", create, true, 120_000), ("write", write, false, 60_000)];
    for failure in failures() {
        for (kind, call, retryable, timeout) in kinds {
            let what = format!("{kind}: {}", failure.name);
            let service = Service::script([failure.response.clone(), failure.response.clone(), Response::success()]);
            let result = call(&service);
            let sent = service.requests();
            sent.iter().for_each(|sent| sent.verify(ACCESS_KEY.1));
            let distinct = |name: &str| sent.iter().map(|sent| sent.get(name)).collect::<BTreeSet<_>>().len();
            assert_eq!(distinct("SignatureNonce"), sent.len(), "{what}");
            assert_eq!(distinct("ClientToken"), 1, "{what}");
            if retryable || failure.not_executed {
                result.unwrap_or_else(|error| panic!("{what}: {error}"));
                let took = if failure.after > 0 { timeout } else { 0 };
                // The default delays are half of 200 ms and half of 400 ms.
                let second = took + failure.retry_after.unwrap_or(100);
                let third = second + took + failure.retry_after.unwrap_or(200);
                assert_eq!(service.request_times(), [0, second, third], "{what}");
            } else {
                let error = result.unwrap_err();
                assert_eq!(sent.len(), 1, "{what}");
                assert_eq!(error.to_string(), format!("ecs StartInstance failed: {}", failure.message), "{what}");
                assert!(error.is_maybe_executed() || error.http_status() == Some(400), "{what}");
            }
        }
    }
}

#[test]
fn rejections_are_never_retried() {
    for (status, code) in [(400, "MissingParameter"), (403, "Forbidden.RAM"), (404, "InvalidInstanceId.NotFound")] {
        for call in [read, create, write] {
            let service = Service::script([Response::error(status, code)]);
            let error = call(&service).unwrap_err();
            assert!(!error.is_retryable() && !error.is_maybe_executed(), "{error}");
            assert_eq!(error.attempts(), 1);
        }
    }
}

#[test]
fn the_last_error_is_returned_after_the_maximum_number_of_attempts() {
    let service = Service::script([
        Response::error(503, "A"),
        Response::error(503, "B"),
        Response::error(503, "ServiceUnavailable"),
    ]);
    let error = read(&service).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstances failed: ServiceUnavailable: Because. (HTTP 503, request id R-9, 3 attempts)"
    );
    assert!(error.is_maybe_executed());

    for (attempts, sent) in [(0, 1), (1, 1), (2, 2), (5, 5)] {
        let service = Service::always(Response::error(500, "InternalError"));
        let client: Client =
            service.config().region("r").retry(FullJitter::default().max_attempts(attempts)).build().unwrap();
        service.run(client.describe_instances().send()).unwrap_err();
        assert_eq!(service.requests().len(), sent);
        // The call's policy overrides the client's.
        let options = CallOptions::new().retry(Never);
        service.run(client.describe_instances().options(options).send()).unwrap_err();
        assert_eq!(service.requests().len(), sent + 1);
    }
}

#[test]
fn a_call_may_have_been_executed_if_any_of_its_attempts_may() {
    let service = Service::script([
        Response::reset_after_sending(),
        Response::connection_refused(),
        Response::connection_refused(),
    ]);
    let error = create(&service).unwrap_err();
    assert_eq!((error.is_maybe_executed(), error.attempts()), (true, 3));
    let service = Service::script(vec![Response::connection_refused(); 3]);
    assert!(!create(&service).unwrap_err().is_maybe_executed());
}

#[test]
fn each_attempt_has_its_own_signature() {
    let service = Service::script([
        Response::error(500, "InternalError").after(seconds(2)),
        Response::reset_after_sending(),
        Response::success(),
    ]);
    create(&service).unwrap();
    let sent = service.requests();
    sent.iter().for_each(|sent| sent.verify(ACCESS_KEY.1));
    let distinct = |name: &str| sent.iter().map(|sent| sent.param(name)).collect::<BTreeSet<_>>().len();
    assert_eq!((distinct("SignatureNonce"), distinct("Signature")), (3, 3));
    assert_eq!(distinct("ClientToken"), 1);
    let times: Vec<String> = sent.iter().map(|sent| sent.param("Timestamp")).collect();
    assert_eq!(times, ["2026-01-05T18:00:00Z", "2026-01-05T18:00:02Z", "2026-01-05T18:00:02Z"]);
    assert!(sent.iter().all(|one| one.operation_parameters() == sent[0].operation_parameters()));
}

#[test]
fn the_delay_requested_by_the_service_is_used() {
    let throttled = Response::error(429, "Throttling").header("x-acs-retry-after", "1500");
    let service = Service::script([throttled.clone(), throttled, Response::success()]);
    read(&service).unwrap();
    assert_eq!(service.request_times(), [0, 1500, 3000]);

    // It is limited by the policy, and an invalid number is ignored.
    let far = Response::error(503, "Throttling").header("x-acs-retry-after", "86400000");
    let odd = Response::error(503, "Throttling").header("x-acs-retry-after", "soon");
    let service = Service::script([far, odd, Response::success()]);
    read(&service).unwrap();
    assert_eq!(service.request_times(), [0, 20_000, 20_200]);
}

#[test]
fn delays_double_up_to_the_maximum() {
    let service = Service::always(Response::error(500, "InternalError"));
    let policy = FullJitter::default().max_delay(seconds(1)).max_attempts(6);
    let client: Client = service.config().region("r").retry(policy).build().unwrap();
    service.run(client.describe_instances().send()).unwrap_err();
    assert_eq!(service.request_times(), [0, 100, 300, 700, 1200, 1700]);
}

#[test]
fn the_retry_budget_limits_retries() {
    let service = Service::always(Response::error(500, "InternalError"));
    let client = service.client();
    let sent = |calls: usize| {
        let before = service.requests().len();
        for _ in 0..calls {
            service.run(client.clone().describe_instances().send()).unwrap_err();
        }
        service.requests().len() - before
    };
    // The budget of 500 tokens allows 100 retries at 5 tokens each, and each call retries twice.
    assert_eq!(sent(50), 150);
    assert_eq!(sent(10), 10);

    // Each client has its own budget.
    service.run(service.client().describe_instances().send()).unwrap_err();
    assert_eq!(service.requests().len(), 163);
}

#[test]
fn a_successful_retry_returns_its_tokens() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let service = Service::new(move |_| {
        let odd = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 2 == 1;
        if odd { Response::success() } else { Response::error(500, "InternalError") }
    });
    let client = service.client();
    for _ in 0..300 {
        service.run(client.describe_instances().send()).unwrap();
    }
}

#[test]
fn a_retry_after_a_timeout_costs_twice_as_many_tokens() {
    let service = Service::always(Response::hang());
    let client = service.client();
    for _ in 0..25 {
        assert_eq!(service.run(client.describe_instances().send()).unwrap_err().attempts(), 3);
    }
    assert_eq!(service.run(client.describe_instances().send()).unwrap_err().attempts(), 1);
}

#[test]
fn successes_refill_the_budget_up_to_its_maximum() {
    let failing = Arc::new(AtomicBool::new(false));
    let fails = failing.clone();
    let service = Service::new(move |_| match fails.load(Ordering::Relaxed) {
        true => Response::error(500, "InternalError"),
        false => Response::success(),
    });
    let client = service.client();
    let succeed = |calls: usize| {
        failing.store(false, Ordering::Relaxed);
        (0..calls).for_each(|_| drop(service.run(client.describe_instances().send()).unwrap()));
    };
    // Counts retries until a call is not retried.
    let retries = || {
        failing.store(true, Ordering::Relaxed);
        let retries = || service.run(client.describe_instances().send()).unwrap_err().attempts() - 1;
        std::iter::repeat_with(retries).take_while(|retries| *retries > 0).sum::<u32>()
    };
    succeed(50);
    assert_eq!(retries(), 100);
    succeed(4);
    assert_eq!(retries(), 0);
    succeed(1);
    assert_eq!(retries(), 1);
    succeed(1000);
    assert_eq!(retries(), 100);
}

#[test]
fn attempts_time_out() {
    let service = Service::script([Response::hang(), Response::hang(), Response::success()]);
    read(&service).unwrap();
    assert_eq!(service.request_times(), [0, 60_100, 120_300]);

    // Slow operations have a longer timeout.
    let service = Service::script([Response::hang(), Response::success()]);
    create(&service).unwrap();
    assert_eq!(service.request_times(), [0, 120_100]);

    // A write that timed out may have been executed and is not retried.
    let service = Service::script([Response::hang()]);
    let error = write(&service).unwrap_err();
    assert_eq!(error.to_string(), "ecs StartInstance failed: no response within 60s");
    assert!(error.is_timeout() && error.is_retryable() && error.is_maybe_executed());
    assert_eq!(service.clock.elapsed(), seconds(60));

    // A response just before the timeout is accepted.
    let service = Service::script([Response::success().after(millis(59_999))]);
    read(&service).unwrap();
}

#[test]
fn operations_time_out() {
    let slow = || Response::error(500, "InternalError").after(seconds(4));
    let options = CallOptions::new().operation_timeout(seconds(10)).retry(FullJitter::default().max_attempts(9));
    let service = Service::always(slow());
    let error = service.run(service.client().describe_instances().options(options).send()).unwrap_err();
    // The attempts run from 0 to 4 s, from 4.1 to 8.1 s, and from 8.3 s until the timeout.
    assert_eq!(service.request_times(), [0, 4100, 8300]);
    assert_eq!(service.clock.elapsed(), seconds(10));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 3));

    // If the delay would exceed the timeout, the call fails immediately.
    let service = Service::always(Response::error(503, "Throttling").header("x-acs-retry-after", "5000"));
    let options = CallOptions::new().operation_timeout(seconds(5));
    let error = service.run(service.client().describe_instances().options(options).send()).unwrap_err();
    assert_eq!((error.code(), service.clock.elapsed()), (Some("Throttling"), seconds(0)));
}

#[test]
fn timeouts_of_a_call_override_those_of_the_client() {
    let timeouts = Timeouts::new().attempt(seconds(2)).slow_attempt(seconds(3)).operation(seconds(7));
    let service = Service::always(Response::hang());
    let client: Client = service.config().region("r").timeouts(timeouts).build().unwrap();
    let request_times = |result: Result<(), Error>| {
        assert!(result.unwrap_err().is_timeout());
        service.request_times().into_iter().collect::<Vec<_>>()
    };
    let result = service.run(client.describe_instances().send()).map(|_| ());
    assert_eq!(request_times(result), [0, 2100, 4300]);
    assert_eq!(service.clock.elapsed(), millis(6300));
    let start = service.clock.elapsed();
    let options = CallOptions::new().attempt_timeout(millis(500)).retry(Never);
    let result = service.run(client.run_instances().options(options).send()).map(|_| ());
    request_times(result);
    assert_eq!(service.clock.elapsed() - start, millis(500));
}

#[test]
fn maximum_durations_disable_timeouts() {
    let service =
        Service::script([Response::error(500, "InternalError").after(seconds(1_000_000)), Response::success()]);
    service.advance(seconds(1));
    let options =
        CallOptions::new().attempt_timeout(std::time::Duration::MAX).operation_timeout(std::time::Duration::MAX);
    service.run(service.client().describe_instances().options(options).send()).unwrap();
}

#[test]
fn dropping_the_future_cancels_the_call() {
    let service = Service::always(Response::error(500, "InternalError").after(seconds(1)));
    {
        let mut sending = pin!(service.client().describe_instances().send());
        assert!(service.requests().is_empty(), "nothing is sent before the first poll");
        assert!(service.clock.poll(sending.as_mut()).is_pending());
        assert_eq!(service.requests().len(), 1);
    }
    for _ in 0..3 {
        service.advance(seconds(10));
    }
    assert_eq!(service.requests().len(), 1);
}

#[test]
fn generated_client_tokens_are_short_and_explicit_ones_are_kept() {
    let token = |service: &Service| {
        create(service).unwrap();
        service.only_request().param("ClientToken")
    };
    let generated = token(&Service::always(Response::success()));
    assert!(generated.len() <= 64 && generated.is_ascii(), "{generated}");
    // The same random numbers result in the same token.
    assert_eq!(generated, token(&Service::always(Response::success())));

    let service = Service::script([Response::error(500, "InternalError"), Response::success()]);
    service.run(service.client().run_instances().image_id("m-1").client_token("mine").send()).unwrap();
    assert!(service.requests().iter().all(|sent| sent.param("ClientToken") == "mine"));
}
