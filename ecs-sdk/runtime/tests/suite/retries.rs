//! When calls are repeated, how long they wait, and when they give up; in fake time, to the millisecond.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use ecs_sdk::fake::{Answer, KEY, Service, millis, seconds};
use ecs_sdk::{
    CallOptions, Client, Error, ErrorKind, Result,
    config::Timeouts,
    retry::{FullJitter, Never, RetryPolicy as _},
};

/// A read.
fn read(service: &Service) -> Result<()> {
    service.run(service.client().describe_instances().send()).map(|_| ())
}

/// A call that has no `ClientToken`, and must not be executed twice.
fn write(service: &Service) -> Result<()> {
    service.run(service.client().start_instance().instance_id("i-1").send()).map(|_| ())
}

/// A call with a `ClientToken`.
fn create(service: &Service) -> Result<()> {
    service.run(service.client().run_instances().image_id("m-1").send()).map(|_| ())
}

/// How a call fails once: the answer, when it comes, whether the service certainly did not execute the call, the wait
/// that the service asks for, and what the error says.
struct Failure {
    name: &'static str,
    answer: Answer,
    after: u128,
    not_executed: bool,
    wait: Option<u128>,
    line: &'static str,
}

fn failures() -> Vec<Failure> {
    let throttled = |status| Answer::error(status, "Throttling.User");
    let told = |status| throttled(status).header("x-acs-retry-after", "1500");
    let cut = "{\"RequestId\":\"R-1\",\"Instances\":{\"Instance\":[{\"Insta";
    [
        ("refused", Answer::refused(), "can't connect (127.0.0.1:9): connection refused"),
        ("connect timeout", Answer::connect_timeout(), "connecting took too long (127.0.0.1:9): took too long"),
        ("reset before sent", Answer::reset_before(), "can't connect (127.0.0.1:9): connection reset"),
        (
            "reset after sent",
            Answer::broken(),
            "the connection broke before the response was complete (127.0.0.1:9): connection reset",
        ),
        ("timeout", Answer::hang(), "no response within 60s"),
        ("500", Answer::error(500, "InternalError"), "InternalError: Because. (HTTP 500, request id R-9)"),
        ("502 HTML", Answer::text(502, "<html>"), "not an error of the service: <html> (HTTP 502)"),
        ("503", Answer::error(503, "ServiceUnavailable"), "ServiceUnavailable: Because. (HTTP 503, request id R-9)"),
        (
            "unavailable 400",
            Answer::error(400, "ServiceUnavailable"),
            "ServiceUnavailable: Because. (HTTP 400, request id R-9)",
        ),
        ("throttled 400", throttled(400), "Throttling.User: Because. (HTTP 400, request id R-9)"),
        ("throttled 400, told", told(400), "Throttling.User: Because. (HTTP 400, request id R-9)"),
        ("throttled 429", throttled(429), "Throttling.User: Because. (HTTP 429, request id R-9)"),
        ("throttled 429, told", told(429), "Throttling.User: Because. (HTTP 429, request id R-9)"),
        ("throttled 503", throttled(503), "Throttling.User: Because. (HTTP 503, request id R-9)"),
        ("truncated", Answer::text(200, cut), "the response is truncated (HTTP 200)"),
        ("empty 200", Answer::text(200, ""), "the response is empty (HTTP 200)"),
        ("HTML 200", Answer::text(200, "<html>"), "the response is not valid JSON: <html> (HTTP 200)"),
    ]
    .map(|(name, answer, line)| Failure {
        name,
        answer,
        after: if name == "timeout" { 60_000 } else { 0 },
        not_executed: ["refused", "connect timeout", "reset before sent"].contains(&name)
            || name.starts_with("throttled"),
        wait: name.ends_with("told").then_some(1500),
        line,
    })
    .into()
}

#[test]
fn every_kind_of_operation_meets_every_kind_of_failure() {
    type Call = fn(&Service) -> Result<()>;
    let kinds: [(&str, Call, bool, u128); 3] =
        [("read", read, true, 60_000), ("create", create, true, 120_000), ("write", write, false, 60_000)];
    for failure in failures() {
        for (kind, call, repeatable, limit) in kinds {
            let what = format!("{kind}: {}", failure.name);
            let service = Service::script([failure.answer.clone(), failure.answer.clone(), Answer::done()]);
            let result = call(&service);
            let sent = service.sent();
            sent.iter().for_each(|sent| sent.verify(KEY.1));
            let distinct = |name: &str| sent.iter().map(|sent| sent.get(name)).collect::<BTreeSet<_>>().len();
            assert_eq!(distinct("SignatureNonce"), sent.len(), "{what}");
            assert_eq!(distinct("ClientToken"), 1, "{what}");
            if repeatable || failure.not_executed {
                result.unwrap_or_else(|error| panic!("{what}: {error}"));
                let took = if failure.after > 0 { limit } else { 0 };
                // Half of 200 ms, half of 400 ms.
                let second = took + failure.wait.unwrap_or(100);
                let third = second + took + failure.wait.unwrap_or(200);
                assert_eq!(service.times(), [0, second, third], "{what}");
            } else {
                let error = result.unwrap_err();
                assert_eq!(sent.len(), 1, "{what}");
                assert_eq!(error.to_string(), format!("ecs StartInstance failed: {}", failure.line), "{what}");
                assert!(error.is_maybe_executed() || error.http_status() == Some(400), "{what}");
            }
        }
    }
}

#[test]
fn refusals_are_never_repeated() {
    for (status, code) in
        [(400, "MissingParameter"), (403, "Forbidden.RAM"), (404, "InvalidInstanceId.NotFound"), (302, "")]
    {
        for call in [read, create, write] {
            let service = Service::script([Answer::error(status, code)]);
            let error = call(&service).unwrap_err();
            assert!(!error.is_retryable() && !error.is_maybe_executed(), "{error}");
            assert_eq!(error.attempts(), 1);
        }
    }
}

#[test]
fn the_last_error_is_given_when_attempts_run_out() {
    let service =
        Service::script([Answer::error(503, "A"), Answer::error(503, "B"), Answer::error(503, "ServiceUnavailable")]);
    let error = read(&service).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstances failed: ServiceUnavailable: Because. (HTTP 503, request id R-9, 3 attempts)"
    );
    assert!(error.is_maybe_executed());

    for (attempts, sent) in [(0, 1), (1, 1), (2, 2), (5, 5)] {
        let service = Service::always(Answer::error(500, "InternalError"));
        let client: Client =
            service.config().region("r").retry(FullJitter::default().max_attempts(attempts)).build().unwrap();
        service.run(client.describe_instances().send()).unwrap_err();
        assert_eq!(service.sent().len(), sent);
        // The call's own policy goes before the client's.
        let options = CallOptions::new().retry(Never);
        service.run(client.describe_instances().options(options).send()).unwrap_err();
        assert_eq!(service.sent().len(), sent + 1);
    }
}

#[test]
fn a_call_may_have_been_executed_if_any_of_its_attempts_may() {
    let service = Service::script([Answer::broken(), Answer::refused(), Answer::refused()]);
    let error = create(&service).unwrap_err();
    assert_eq!((error.is_maybe_executed(), error.attempts()), (true, 3));
    let service = Service::script(vec![Answer::refused(); 3]);
    assert!(!create(&service).unwrap_err().is_maybe_executed());
}

#[test]
fn each_attempt_is_signed_anew() {
    let service =
        Service::script([Answer::error(500, "InternalError").after(seconds(2)), Answer::broken(), Answer::done()]);
    create(&service).unwrap();
    let sent = service.sent();
    sent.iter().for_each(|sent| sent.verify(KEY.1));
    let distinct = |name: &str| sent.iter().map(|sent| sent.param(name)).collect::<BTreeSet<_>>().len();
    assert_eq!((distinct("SignatureNonce"), distinct("Signature")), (3, 3));
    assert_eq!(distinct("ClientToken"), 1);
    let times: Vec<String> = sent.iter().map(|sent| sent.param("Timestamp")).collect();
    assert_eq!(times, ["2026-01-05T18:00:00Z", "2026-01-05T18:00:02Z", "2026-01-05T18:00:02Z"]);
    assert!(sent.iter().all(|one| one.own() == sent[0].own()));
}

#[test]
fn the_service_says_how_long_to_wait() {
    let throttled = Answer::error(429, "Throttling").header("x-acs-retry-after", "1500");
    let service = Service::script([throttled.clone(), throttled, Answer::done()]);
    read(&service).unwrap();
    assert_eq!(service.times(), [0, 1500, 3000]);

    // No longer than the policy allows, and what is no number is ignored.
    let far = Answer::error(503, "Throttling").header("x-acs-retry-after", "86400000");
    let odd = Answer::error(503, "Throttling").header("x-acs-retry-after", "soon");
    let service = Service::script([far, odd, Answer::done()]);
    read(&service).unwrap();
    assert_eq!(service.times(), [0, 20_000, 20_200]);
}

#[test]
fn waits_double_up_to_a_limit() {
    let service = Service::always(Answer::error(500, "InternalError"));
    let policy = FullJitter::default().max_delay(seconds(1)).max_attempts(6);
    let client: Client = service.config().region("r").retry(policy).build().unwrap();
    service.run(client.describe_instances().send()).unwrap_err();
    assert_eq!(service.times(), [0, 100, 300, 700, 1200, 1700]);
}

#[test]
fn a_budget_keeps_retries_from_piling_up() {
    let service = Service::always(Answer::error(500, "InternalError"));
    let client = service.client();
    let sent = |calls: usize| {
        let before = service.sent().len();
        for _ in 0..calls {
            service.run(client.clone().describe_instances().send()).unwrap_err();
        }
        service.sent().len() - before
    };
    // 500 pay 100 retries of 5; a call makes two.
    assert_eq!(sent(50), 150);
    assert_eq!(sent(10), 10);

    // Another client has a budget of its own.
    service.run(service.client().describe_instances().send()).unwrap_err();
    assert_eq!(service.sent().len(), 163);
}

#[test]
fn a_retry_that_succeeds_gives_its_cost_back() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let service = Service::new(move |_| {
        let odd = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 2 == 1;
        if odd { Answer::done() } else { Answer::error(500, "InternalError") }
    });
    let client = service.client();
    for _ in 0..300 {
        service.run(client.describe_instances().send()).unwrap();
    }
}

#[test]
fn a_retry_after_a_timeout_costs_twice_as_much() {
    let service = Service::always(Answer::hang());
    let client = service.client();
    for _ in 0..25 {
        assert_eq!(service.run(client.describe_instances().send()).unwrap_err().attempts(), 3);
    }
    assert_eq!(service.run(client.describe_instances().send()).unwrap_err().attempts(), 1);
}

#[test]
fn successes_refill_the_budget_and_never_above_its_limit() {
    let failing = Arc::new(AtomicBool::new(false));
    let fails = failing.clone();
    let service = Service::new(move |_| match fails.load(Ordering::Relaxed) {
        true => Answer::error(500, "InternalError"),
        false => Answer::done(),
    });
    let client = service.client();
    let succeed = |calls: usize| {
        failing.store(false, Ordering::Relaxed);
        (0..calls).for_each(|_| drop(service.run(client.describe_instances().send()).unwrap()));
    };
    // Number of retries until a call has none.
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
fn an_attempt_ends_at_its_limit() {
    let service = Service::script([Answer::hang(), Answer::hang(), Answer::done()]);
    read(&service).unwrap();
    assert_eq!(service.times(), [0, 60_100, 120_300]);

    // One of a slow operation has longer.
    let service = Service::script([Answer::hang(), Answer::done()]);
    create(&service).unwrap();
    assert_eq!(service.times(), [0, 120_100]);

    // What takes long is not repeated when it may have been executed.
    let service = Service::script([Answer::hang()]);
    let error = write(&service).unwrap_err();
    assert_eq!(error.to_string(), "ecs StartInstance failed: no response within 60s");
    assert!(error.is_timeout() && error.is_retryable() && error.is_maybe_executed());
    assert_eq!(service.clock.elapsed(), seconds(60));

    // An answer just in time is an answer.
    let service = Service::script([Answer::done().after(millis(59_999))]);
    read(&service).unwrap();
}

#[test]
fn a_call_ends_at_its_limit() {
    let slow = || Answer::error(500, "InternalError").after(seconds(4));
    let options = CallOptions::new().operation_timeout(seconds(10)).retry(FullJitter::default().max_attempts(9));
    let service = Service::always(slow());
    let error = service.run(service.client().describe_instances().options(options).send()).unwrap_err();
    // 0 to 4, 4.1 to 8.1, and from 8.3 on there are 1.7 s left.
    assert_eq!(service.times(), [0, 4100, 8300]);
    assert_eq!(service.clock.elapsed(), seconds(10));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 3));

    // A wait that would end after the limit is not begun.
    let service = Service::always(Answer::error(503, "Throttling").header("x-acs-retry-after", "5000"));
    let options = CallOptions::new().operation_timeout(seconds(5));
    let error = service.run(service.client().describe_instances().options(options).send()).unwrap_err();
    assert_eq!((error.code(), service.clock.elapsed()), (Some("Throttling"), seconds(0)));
}

#[test]
fn limits_of_the_client_and_of_the_call() {
    let timeouts = Timeouts::new().attempt(seconds(2)).slow_attempt(seconds(3)).operation(seconds(7));
    let service = Service::always(Answer::hang());
    let client: Client = service.config().region("r").timeouts(timeouts).build().unwrap();
    let ended = |result: Result<(), Error>| {
        assert!(result.unwrap_err().is_timeout());
        service.times().into_iter().collect::<Vec<_>>()
    };
    let result = service.run(client.describe_instances().send()).map(|_| ());
    assert_eq!(ended(result), [0, 2100, 4300]);
    assert_eq!(service.clock.elapsed(), millis(6300));
    let start = service.clock.elapsed();
    let options = CallOptions::new().attempt_timeout(millis(500)).retry(Never);
    let result = service.run(client.run_instances().options(options).send()).map(|_| ());
    ended(result);
    assert_eq!(service.clock.elapsed() - start, millis(500));
}

#[test]
fn endless_limits_are_no_limits() {
    let service = Service::script([Answer::error(500, "InternalError").after(seconds(1_000_000)), Answer::done()]);
    service.pass(seconds(1));
    let options =
        CallOptions::new().attempt_timeout(std::time::Duration::MAX).operation_timeout(std::time::Duration::MAX);
    service.run(service.client().describe_instances().options(options).send()).unwrap();
}

#[test]
fn dropping_the_future_cancels() {
    let service = Service::always(Answer::error(500, "InternalError").after(seconds(1)));
    {
        let mut sending = pin!(service.client().describe_instances().send());
        assert!(service.sent().is_empty(), "nothing is sent before the first poll");
        assert!(service.clock.poll(sending.as_mut()).is_pending());
        assert_eq!(service.sent().len(), 1);
    }
    for _ in 0..3 {
        service.pass(seconds(10));
    }
    assert_eq!(service.sent().len(), 1);
}

#[test]
fn a_client_token_is_short_and_the_callers_own_is_kept() {
    let token = |service: &Service| {
        create(service).unwrap();
        service.only().param("ClientToken")
    };
    let filled = token(&Service::always(Answer::done()));
    assert!(filled.len() <= 64 && filled.is_ascii(), "{filled}");
    // The same source of randomness gives the same token.
    assert_eq!(filled, token(&Service::always(Answer::done())));

    let service = Service::script([Answer::error(500, "InternalError"), Answer::done()]);
    service.run(service.client().run_instances().image_id("m-1").client_token("mine").send()).unwrap();
    assert!(service.sent().iter().all(|sent| sent.param("ClientToken") == "mine"));
}
