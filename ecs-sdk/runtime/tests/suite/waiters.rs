//! Waiters for running, stopped and deleted instances, with a fake clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use ecs_sdk::{
    CallOptions, Error, ErrorKind,
    fake::{Response, SentRequest, Service, millis, seconds},
    operation::describe_instances::Instance,
    retry::Never,
    waiter::{Status, Timing, WaitFailure, Waited},
};
use serde_json::{Value, json};

fn ids(sent: &SentRequest) -> Vec<String> {
    serde_json::from_str(&sent.param("InstanceIds")).unwrap()
}

fn page(instances: impl IntoIterator<Item = (String, &'static str)>) -> Response {
    let instances = instances.into_iter().map(|(id, state)| json!({"Status": state, "InstanceId": id}));
    Response::ok(json!({"RequestId": "R-1", "Instances": {"Instance": instances.collect::<Vec<Value>>()}}))
}

/// A service with instances whose state is a function of the time. Instances without a state do not exist.
fn service(state: impl Fn(&str, Duration) -> Option<&'static str> + Send + Sync + 'static) -> Service {
    Service::new(move |sent| {
        if sent.get("DryRun").is_some() {
            return Response::error(400, "DryRunOperation");
        }
        let state = |id: String| Some((id.clone(), state(&id, sent.at)?));
        page(ids(sent).into_iter().filter_map(state))
    })
}

/// The same delay between all polls, so that the times in tests are readable.
fn every(interval: Duration) -> Timing {
    Timing::fixed(interval)
}

fn running(service: &Service, ids: &[&str], wait: Duration) -> Result<Waited<Instance>, Error> {
    let waiter = service.client().wait_until_instance_running().instance_ids(ids.iter().copied());
    service.run(waiter.timing(every(seconds(5))).wait(wait))
}

fn deleted(service: &Service, ids: &[&str], wait: Duration) -> Result<Waited<Instance>, Error> {
    let waiter = service.client().wait_until_instance_deleted().instance_ids(ids.iter().copied());
    service.run(waiter.timing(every(seconds(5))).wait(wait))
}

#[test]
fn waits_until_all_instances_are_running() {
    let service = service(|id, at| {
        let start = if id == "i-1" { seconds(3) } else { seconds(12) };
        Some(if at >= start { "Running" } else { "Starting" })
    });
    let instances = running(&service, &["i-2", "i-1", "i-2"], seconds(60)).unwrap();
    assert_eq!(service.request_times(), [0, 5000, 10_000, 15_000]);
    // Instances that have reached the state are not polled again.
    let polled: Vec<_> = service.requests().iter().map(ids).collect();
    assert_eq!(polled, [vec!["i-2", "i-1"], vec!["i-2", "i-1"], vec!["i-2"], vec!["i-2"]]);
    assert!(service.requests().iter().all(|sent| sent.param("MaxResults") == "100"));
    assert!(service.requests().iter().all(|sent| sent.param("RegionId") == "cn-hangzhou"));
    // The instances are in the order of the IDs.
    let seen: Vec<_> = instances.iter().map(|instance| &*instance.instance_id).collect();
    assert_eq!(seen, ["i-2", "i-1"]);
    assert_eq!((instances.polls(), instances.elapsed()), (4, seconds(15)));
    assert_eq!(instances.never_seen().count(), 0);
    assert!(instances.resources().iter().all(|resource| resource.is_done() && resource.state() == "Running"));
    assert_eq!(instances.into_items().len(), 2);
}

#[test]
fn polls_quickly_at_first_and_then_at_growing_intervals() {
    let pending = service(|_, _| Some("Pending"));
    let waiter = || pending.client().wait_until_instance_running().instance_ids(["i-1"]);
    pending.run(waiter().timing(Timing::new().jitter(false)).wait(seconds(25))).unwrap_err();
    let times = [0, 500, 1000, 1750, 2875, 4562, 7093, 10_890, 15_890, 20_890, 25_000];
    assert_eq!(pending.request_times(), times);

    // Jitter shortens all delays but the first two.
    let pending = service(|_, _| Some("Pending"));
    let waiter = pending.client().wait_until_instance_running().instance_ids(["i-1"]);
    pending.run(waiter.wait(millis(4000))).unwrap_err();
    assert_eq!(pending.request_times(), [0, 500, 1000, 1675, 2687, 4000]);
}

#[test]
fn the_timing_can_be_set() {
    let times = |timing: Timing, limit| {
        let pending = service(|_, _| Some("Pending"));
        let waiter = pending.client().wait_until_instance_running().instance_ids(["i-1"]).timing(timing);
        pending.run(waiter.wait(limit)).unwrap_err();
        pending.request_times()
    };
    assert_eq!(times(every(millis(100)).first_delay(seconds(1)), millis(1250)), [1000, 1100, 1200, 1250]);
    // The first poll is not later than the timeout.
    assert_eq!(times(Timing::new().first_delay(seconds(9)), seconds(2)), [2000]);
    let doubled = Timing::new().interval(seconds(1)).growth(2.0).max_interval(seconds(3)).jitter(false);
    assert_eq!(times(doubled, seconds(12)), [0, 1000, 2000, 4000, 7000, 10_000, 12_000]);
    // Impossible values do no harm.
    for growth in [f64::NAN, f64::NEG_INFINITY, 0.0, -3.0] {
        let odd = Timing::new().interval(seconds(1)).growth(growth).jitter(false);
        assert_eq!(times(odd, seconds(4)), [0, 1000, 2000, 3000, 4000], "{growth}");
    }
    let endless = Timing::new().growth(f64::INFINITY).jitter(false);
    assert_eq!(times(endless, seconds(8)), [0, 500, 1000, 6000, 8000]);
    let short = Timing::new().interval(seconds(9)).max_interval(Duration::ZERO).jitter(false);
    assert_eq!(times(short, seconds(20)), [0, 9000, 18_000, 20_000]);
    assert_eq!(times(every(Duration::ZERO), millis(3)), [0, 1, 2, 3]);
    assert_eq!(times(every(Duration::MAX), seconds(3)), [0, 3000]);
}

#[test]
fn waits_until_instances_are_stopped_or_deleted() {
    let stopping = service(|_, at| Some(if at >= seconds(5) { "sTOPPED" } else { "Stopping" }));
    let waiter = stopping.client().wait_until_instance_stopped().instance_ids(["i-1"]).timing(every(seconds(5)));
    let stopped = stopping.run(waiter.wait(seconds(60))).unwrap();
    // States are compared without regard to letter case.
    assert_eq!((stopping.request_times(), stopped.resources()[0].state()), (vec![0, 5000], "sTOPPED"));

    let leaving = service(|id, at| (id == "i-2" && at < seconds(8)).then_some("Stopped"));
    let gone = deleted(&leaving, &["i-1", "i-2"], seconds(60)).unwrap();
    let listed: Vec<_> = leaving.requests().into_iter().filter(|sent| sent.get("DryRun").is_none()).collect();
    assert_eq!(listed.iter().map(|sent| sent.at.as_millis()).collect::<Vec<_>>(), [0, 5000, 10_000]);
    assert_eq!(ids(&listed[1]), ["i-2"]);
    // The instances that were seen are returned.
    assert_eq!(gone.iter().map(|instance| &*instance.instance_id).collect::<Vec<_>>(), ["i-2"]);
    assert_eq!(gone.never_seen().collect::<Vec<_>>(), ["i-1"]);
}

#[test]
fn deleted_instances_that_were_never_seen_need_a_dry_run() {
    let dry_runs = |service: &Service| {
        let all = service.requests().into_iter().filter(|sent| sent.get("DryRun").as_deref() == Some("true"));
        all.map(|sent| (sent.at.as_millis(), ids(&sent))).collect::<Vec<_>>()
    };
    let with_dry_run = |code: &'static str, status| {
        Service::new(move |sent| if sent.get("DryRun").is_some() { Response::error(status, code) } else { page([]) })
    };
    let names = ["i-1", "i-2"];
    for (status, code) in [(400, "DryRunOperation"), (404, "InvalidInstanceId.NotFound")] {
        let empty = with_dry_run(code, status);
        let gone = deleted(&empty, &names, seconds(60)).unwrap();
        assert_eq!((gone.len(), gone.polls()), (0, 1));
        assert_eq!(gone.never_seen().collect::<Vec<_>>(), names);
        // One for all of them.
        assert_eq!(dry_runs(&empty), [(0, names.map(str::to_owned).to_vec())]);
    }
    let denied = with_dry_run("Forbidden.RAM", 403);
    let error = deleted(&denied, &names, seconds(60)).unwrap_err();
    assert_eq!((error.code(), denied.requests().len()), (Some("Forbidden.RAM"), 2));
    // A transient failure of the dry run does not prove anything.
    let busy = Service::new(|sent| match sent.get("DryRun") {
        None => page([]),
        Some(_) if sent.at < seconds(5) => Response::error(503, "ServiceUnavailable"),
        Some(_) => Response::error(400, "DryRunOperation"),
    });
    assert_eq!(deleted(&busy, &names, seconds(60)).unwrap().polls(), 2);
}

#[test]
fn instances_that_do_not_exist_yet_are_polled_again() {
    let created = service(|_, at| (at >= seconds(5)).then_some("Running"));
    running(&created, &["i-1"], seconds(60)).unwrap();
    assert_eq!(created.request_times(), [0, 5000]);

    // So are those for which the service returns an error.
    let created = Service::new(|sent| {
        let missing = Response::error(404, "InvalidInstanceId.NotFound");
        if sent.at < seconds(5) { missing } else { page(ids(sent).into_iter().map(|id| (id, "Running"))) }
    });
    running(&created, &["i-1"], seconds(60)).unwrap();
    let missing = Service::always(Response::error(404, "InvalidInstanceId.NotFound"));
    let error = running(&missing, &["i-1"], seconds(6)).unwrap_err();
    assert!(error.is_timeout() && error.message().ends_with("last seen: `i-1` not found"), "{error}");
}

#[test]
fn an_error_for_one_instance_does_not_hide_the_others() {
    let strict = || {
        Service::new(|sent| {
            let ids = ids(sent);
            if ids.iter().any(|id| id == "i-3") {
                return Response::error(404, "InvalidInstanceId.NotFound");
            }
            page(ids.into_iter().map(|id| (id, "Running")))
        })
    };
    let names = ["i-1", "i-2", "i-3", "i-4", "i-5"];
    let error = running(&strict(), &names, Duration::ZERO).unwrap_err();
    let failure = WaitFailure::of(&error).unwrap();
    let open = failure.resources().iter().filter(|status| !status.is_done());
    assert_eq!(open.map(ToString::to_string).collect::<Vec<_>>(), ["`i-3` not found"]);
    assert_eq!(failure.items::<Instance>().count(), 4);
    // For a waiter for deletion, the error is the proof.
    let error = deleted(&strict(), &names, Duration::ZERO).unwrap_err();
    assert!(error.message().contains("1 of 5 done (`i-3`)"), "{error}");
}

#[test]
fn instances_that_disappear_while_they_are_waited_for() {
    // A list that is out of date for a while does no harm.
    let flaky = service(|_, at| match at.as_secs() {
        0 | 5 => Some("Starting"),
        10..50 => None,
        _ => Some("Running"),
    });
    running(&flaky, &["i-1"], seconds(300)).unwrap();
    let released = service(|_, at| (at < seconds(5)).then_some("Starting"));
    let error = running(&released, &["i-1"], seconds(300)).unwrap_err();
    assert_eq!((error.kind(), released.clock.elapsed()), (ErrorKind::Waiter, seconds(50)));
    let message = "waiter instance_running: `i-1` no longer exists; its last state was Starting; 0 of 1 done";
    assert!(error.message().starts_with(message), "{error}");
    // The instance that was seen last is known.
    assert_eq!(WaitFailure::of(&error).unwrap().items::<Instance>().count(), 1);
}

#[test]
fn many_ids_are_polled_in_chunks() {
    let all: Vec<String> = (0..250).map(|number| format!("i-{number:03}")).collect();
    let service = service(|id, at| Some(if id < "i-120" || at >= seconds(5) { "Running" } else { "Pending" }));
    // Duplicate IDs are polled once.
    let named = all.iter().chain(&all).cloned();
    let waiter = service.client().wait_until_instance_running().instance_ids(named).timing(every(seconds(5)));
    let instances = service.run(waiter.wait(seconds(60))).unwrap();
    let sizes: Vec<usize> = service.requests().iter().map(|sent| ids(sent).len()).collect();
    assert_eq!(sizes, [100, 100, 50, 100, 30]);
    let mut times = BTreeMap::new();
    service.request_times().into_iter().for_each(|at| *times.entry(at).or_insert(0) += 1);
    assert_eq!(times, BTreeMap::from([(0, 3), (5000, 2)]));
    assert_eq!(instances.iter().map(|instance| instance.instance_id.clone()).collect::<Vec<_>>(), all);
}

#[test]
fn requests_of_a_poll_run_four_at_a_time() {
    let service = Service::new(|sent| page(ids(sent).into_iter().map(|id| (id, "Running"))).after(seconds(1)));
    let named: Vec<String> = (0..1000).map(|number| format!("i-{number}")).collect();
    let waited = service.run(service.client().wait_until_instance_running().instance_ids(named).wait(seconds(60)));
    assert_eq!(waited.unwrap().elapsed(), seconds(3));
    assert_eq!(service.request_times(), [0, 0, 0, 0, 1000, 1000, 1000, 1000, 2000, 2000]);
}

#[test]
fn a_slow_request_of_a_poll_does_not_hold_up_the_others() {
    let service = Service::new(|sent| {
        let ids = ids(sent);
        let delay = if ids[0] == "i-0" { 3 } else { 1 };
        page(ids.into_iter().map(|id| (id, "Running"))).after(seconds(delay))
    });
    let named: Vec<String> = (0..1000).map(|number| format!("i-{number}")).collect();
    let waited = service.run(service.client().wait_until_instance_running().instance_ids(&named).wait(seconds(60)));
    let waited = waited.unwrap();
    assert_eq!(waited.elapsed(), seconds(3));
    assert_eq!(service.request_times(), [0, 0, 0, 0, 1000, 1000, 1000, 2000, 2000, 2000]);
    assert_eq!(waited.iter().map(|instance| instance.instance_id.clone()).collect::<Vec<_>>(), named);
}

#[test]
fn all_pages_of_a_poll_are_read() {
    // The service ignores the page size and sends one instance per page.
    let paged = |state: &'static str| {
        Service::new(move |sent| {
            let first = sent.get("NextToken").map_or(0, |token| token.parse::<usize>().unwrap());
            let ids = ids(sent);
            let next = (first + 1 < ids.len()).then(|| (first + 1).to_string());
            let instance = json!([{"InstanceId": ids[first], "Status": state}]);
            Response::ok(json!({"RequestId": "R", "Instances": {"Instance": instance}, "NextToken": next}))
        })
    };
    let ready = paged("Running");
    assert_eq!(running(&ready, &["i-1", "i-2", "i-3"], Duration::ZERO).unwrap().len(), 3);
    assert_eq!(ready.requests().len(), 3);
    // Instances on the second page are not gone.
    let error = deleted(&paged("Stopped"), &["i-1", "i-2", "i-3"], Duration::ZERO).unwrap_err();
    assert!(error.message().contains("0 of 3 done; last seen: `i-1` Stopped, `i-2` Stopped, `i-3` Stopped"), "{error}");
}

#[test]
fn hostile_responses() {
    // Instances that nobody asked for, twice the same, other spellings, and states of the future.
    let odd = Service::new(|sent| {
        let states = if sent.at < seconds(5) { ["Levitating", "running"] } else { ["RUNNING", "running"] };
        let other = ("i-9".to_owned(), "Broken");
        page([other, ("i-1".to_owned(), states[0]), ("i-1".to_owned(), states[1])])
    });
    // All items of an ID must be ready.
    let instances = running(&odd, &["i-1"], seconds(60)).unwrap();
    assert_eq!((instances.len(), instances.polls(), instances.resources()[0].state()), (2, 2, "RUNNING/running"));

    let strange = service(|_, _| Some("Levitating"));
    let error = running(&strange, &["i-1"], seconds(1)).unwrap_err();
    assert!(error.message().contains("last seen: `i-1` Levitating"), "{error}");

    // A service that always has another page does not extend the timeout for long.
    let endless = Service::new(|sent| {
        let next = sent.get("NextToken").map_or(0, |token| token.parse::<u64>().unwrap()) + 1;
        let body = json!({"RequestId": "R", "Instances": {"Instance": []}, "NextToken": next.to_string()});
        Response::ok(body).after(seconds(1))
    });
    assert!(running(&endless, &["i-1"], seconds(10)).unwrap_err().is_timeout());
    assert!(endless.clock.elapsed() <= seconds(15));
}

#[test]
fn progress_is_reported_after_each_poll() {
    let service = service(|id, at| {
        let start = if id == "i-1" { seconds(3) } else { seconds(8) };
        Some(if at >= start { "Running" } else { "Starting" })
    });
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let waiter = service.client().wait_until_instance_running().instance_ids(["i-1", "i-2"]);
    let waiter = waiter.timing(every(seconds(5))).on_progress(move |progress| {
        let line = format!("{:?} {} {progress}", progress.elapsed(), progress.polls());
        sink.lock().unwrap().push(line);
    });
    service.run(waiter.wait(seconds(60))).unwrap();
    let expected = [
        "0ns 1 0 of 2 done; last seen: `i-1` Starting, `i-2` Starting",
        "5s 2 1 of 2 done (`i-1`); last seen: `i-2` Starting",
        "10s 3 2 of 2 done (`i-1`, `i-2`)",
    ];
    assert_eq!(*lines.lock().unwrap(), expected);
}

#[test]
fn a_timeout_reports_the_last_states() {
    let service = service(|id, _| (id != "i-3").then_some(if id == "i-1" { "Running" } else { "Stopped" }));
    let error = running(&service, &["i-1", "i-2", "i-3"], seconds(12)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstances failed: waiter instance_running did not succeed within 12s; 1 of 3 done (`i-1`); \
         last seen: `i-2` Stopped, `i-3` not found"
    );
    assert_eq!((error.kind(), error.is_timeout(), error.is_maybe_executed()), (ErrorKind::Timeout, true, false));
    assert!(error.source().is_none(), "the message contains the cause");
    // A program can go on with those that are ready.
    let failure = WaitFailure::of(&error).unwrap();
    let ready = failure.items::<Instance>().filter(|(status, _)| status.is_done());
    assert_eq!(ready.map(|(_, instance)| &*instance.instance_id).collect::<Vec<_>>(), ["i-1"]);
    let seen = failure.resources().iter().filter(|status| status.was_seen()).map(ecs_sdk::waiter::ResourceStatus::id);
    assert_eq!(seen.collect::<Vec<_>>(), ["i-1", "i-2"]);
    assert_eq!((failure.polls(), failure.elapsed(), failure.items::<String>().count()), (4, seconds(12), 0));
    // The last poll is at the timeout.
    assert_eq!(service.request_times(), [0, 5000, 10_000, 12_000]);
    assert_eq!(service.clock.elapsed(), seconds(12));

    let gone = self::service(|_, _| Some("Stopped"));
    let error = deleted(&gone, &["i-1"], seconds(1)).unwrap_err();
    assert!(error.message().contains("instance_deleted did not succeed within 1s; 0 of 1 done; last seen: `i-1`"));
    assert_eq!(gone.request_times(), [0, 1000]);
    let other = Error::new(ErrorKind::Timeout, "too late").with_source(std::io::Error::other("late"));
    assert!(WaitFailure::of(&other).is_none());
}

#[test]
fn polls_at_least_once_for_any_timeout() {
    let ready = service(|_, _| Some("Running"));
    running(&ready, &["i-1"], Duration::ZERO).unwrap();
    assert_eq!(ready.request_times(), [0]);
    let slow = service(|_, _| Some("Pending"));
    assert!(running(&slow, &["i-1"], Duration::ZERO).unwrap_err().is_timeout());
    assert_eq!(slow.request_times(), [0]);
    let ready = service(|_, at| Some(if at < seconds(1000) { "Pending" } else { "Running" }));
    running(&ready, &["i-1"], Duration::MAX).unwrap();
}

#[test]
fn a_hanging_service_does_not_extend_the_timeout() {
    let service =
        Service::new(
            |sent| {
                if sent.at == Duration::ZERO { page([("i-1".to_owned(), "Pending")]) } else { Response::hang() }
            },
        );
    let error = running(&service, &["i-1"], seconds(20)).unwrap_err();
    assert!(error.message().ends_with("within 20s; 0 of 1 done; last seen: `i-1` Pending"), "{error}");
    // The last poll may take five seconds more.
    assert!(service.clock.elapsed() <= seconds(25), "{:?}", service.clock.elapsed());
}

#[test]
fn the_last_poll_may_take_a_few_seconds() {
    let service = Service::new(|sent| {
        let page = |state| page([("i-1".to_owned(), state)]);
        if sent.at == Duration::ZERO { page("Pending") } else { page("Running").after(seconds(4)) }
    });
    // The second poll begins after 5 s, with 1 s left.
    running(&service, &["i-1"], seconds(6)).unwrap();
    assert_eq!(service.clock.elapsed(), seconds(9));
}

#[test]
fn errors_list_only_some_of_many_ids() {
    let service = service(|_, _| Some("Pending"));
    let all: Vec<String> = (0..300).map(|number| format!("i-{number:03}")).collect();
    let waiting = service.client().wait_until_instance_running().instance_ids(all).wait(Duration::ZERO);
    let error = service.run(waiting).unwrap_err();
    assert!(error.message().ends_with("`i-009` Pending and 290 more"), "{error}");
    // The cause has them all.
    assert_eq!(WaitFailure::of(&error).unwrap().resources().len(), 300);
}

#[test]
fn only_errors_that_are_not_transient_end_the_wait() {
    let ready = || page([("i-1".to_owned(), "Running")]);
    let transient = Service::script([Response::error(503, "Throttling"), ready()]);
    running(&transient, &["i-1"], seconds(60)).unwrap();
    assert_eq!(transient.request_times(), [0, 100]);

    // Even if all attempts of a poll fail, the next poll may succeed.
    let throttled = || Response::error(503, "Throttling");
    let transient = Service::script([throttled(), throttled(), throttled(), ready()]);
    running(&transient, &["i-1"], seconds(60)).unwrap();
    assert_eq!(transient.request_times(), [0, 100, 300, 5300]);
    let error = running(&Service::always(throttled()), &["i-1"], seconds(4)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("did not succeed within 4s; 0 of 1 done; last seen: nothing, because no poll succeeded; then: ecs DescribeInstances failed: Throttling"), "{error}");
    let last = WaitFailure::of(&error).unwrap().source().unwrap();
    assert!(last.downcast_ref::<Error>().unwrap().is_throttling());
    // The error does not contain a failure of an earlier poll.
    let pending = page([("i-1".to_owned(), "Pending")]);
    let recovered = Service::script([throttled(), throttled(), throttled(), pending]);
    let error = running(&recovered, &["i-1"], seconds(5)).unwrap_err();
    assert!(error.message().ends_with("last seen: `i-1` Pending"), "{error}");
    assert!(WaitFailure::of(&error).unwrap().source().is_none());

    let forbidden = Service::script([Response::error(403, "Forbidden.RAM")]);
    let error = running(&forbidden, &["i-1"], seconds(60)).unwrap_err();
    assert_eq!(error.code(), Some("Forbidden.RAM"));
    let broken = Service::script([Response::new(200, r#"{"Instances": {"Instance": [{"Cpu": {}}]}}"#)]);
    assert_eq!(running(&broken, &["i-1"], seconds(60)).unwrap_err().kind(), ErrorKind::Decode);
}

#[test]
fn a_failed_request_does_not_stop_those_for_other_ids() {
    let all: Vec<String> = (0..150).map(|number| format!("i-{number:03}")).collect();
    let service = Service::new(|sent| {
        let ids = ids(sent);
        if ids[0] == "i-000" && sent.at < seconds(4) {
            return Response::error(503, "ServiceUnavailable");
        }
        page(ids.into_iter().map(|id| (id, "Running")))
    });
    let waiter = service.client().wait_until_instance_running().instance_ids(&all).timing(every(seconds(5)));
    let options = CallOptions::new().retry(Never);
    service.run(waiter.options(options).wait(seconds(60))).unwrap();
    let sizes: Vec<usize> = service.requests().iter().map(|sent| ids(sent).len()).collect();
    assert_eq!(sizes, [100, 50, 100]);
}

#[test]
fn the_service_can_ask_for_a_longer_delay() {
    let throttled = Response::error(429, "Throttling").header("retry-after", "7");
    let service = Service::script([throttled, page([("i-1".to_owned(), "Running")])]);
    let waiter = service.client().wait_until_instance_running().instance_ids(["i-1"]);
    service.run(waiter.options(CallOptions::new().retry(Never)).wait(seconds(60))).unwrap();
    assert_eq!(service.request_times(), [0, 7000]);
}

#[test]
fn waiters_without_ids_are_rejected() {
    let service = Service::script([]);
    let error = running(&service, &[], seconds(60)).unwrap_err();
    assert_eq!(error.to_string(), "ecs DescribeInstances failed: waiter instance_running needs at least one ID");
    assert_eq!(error.kind(), ErrorKind::Request);
    let error = running(&service, &["i-1", " "], seconds(60)).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Request, "waiter instance_running cannot wait for an empty ID")
    );
    let client: ecs_sdk::Client = service.config().retry(Never).build().unwrap();
    let waiting = client.wait_until_instance_running().instance_ids(["i-1"]).wait(millis(1));
    assert!(service.run(waiting).unwrap_err().to_string().contains("`RegionId` is missing"));
}

#[test]
fn nothing_is_sent_before_a_waiter_is_polled_or_after_it_is_dropped() {
    let service = service(|_, _| Some("Pending"));
    let waiter = service.client().wait_until_instance_running().instance_ids(["i-1"]);
    let mut waiting = Box::pin(waiter.wait(seconds(60)));
    assert!(service.requests().is_empty());
    assert!(service.clock.poll(waiting.as_mut()).is_pending());
    drop(waiting);
    assert_eq!(service.requests().len(), 1);
}

#[test]
fn your_own_waiters_wait_for_anything() {
    let service = Service::new(|sent| match sent.at.as_millis() {
        0 => Response::error(503, "ServiceUnavailable"),
        500 => Response::ok(json!({"RequestId": "R", "Status": "Working"})),
        _ => Response::ok(json!({"RequestId": "R", "Status": "Finished", "Result": 7})),
    });
    let client = service.config::<ecs_sdk::Client>().region("cn-hangzhou").retry(Never).build().unwrap();
    let poll = || async {
        let task = client.call("DescribeThing").parameter("Id", "t-1").send().await?;
        Ok(match task["Status"].as_str() {
            Some("Finished") => Status::Done(task["Result"].as_u64()),
            Some("Failed") => Status::failed("the task failed"),
            other => Status::pending(other.unwrap_or("unknown")),
        })
    };
    // They can be sent to another thread.
    let waiting: Box<dyn Future<Output = Result<Option<u64>, Error>> + Send + '_> =
        Box::new(client.wait_until(poll).wait(seconds(60)));
    assert_eq!(service.run(Box::into_pin(waiting)).unwrap(), Some(7));
    assert_eq!(service.request_times(), [0, 500, 1000]);
}

#[test]
fn your_own_waiters_fail_like_those_of_the_sdk() {
    let service = Service::script([]);
    let client = service.client();
    let pending = client.wait_until(|| async { Ok(Status::<()>::pending("2 of 3 finished")) });
    let error = service.run(pending.timing(every(seconds(1))).wait(seconds(3))).unwrap_err();
    assert_eq!(error.to_string(), "the wait did not succeed within 3s; last seen: 2 of 3 finished");
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Timeout, false));

    let failed = client.wait_until(|| async { Ok(Status::<()>::failed("the build is broken")) });
    let error = service.run(failed.wait(seconds(3))).unwrap_err();
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Waiter, "the build is broken".to_owned()));

    // Failures that are not transient end the wait; others are the cause of a timeout.
    let error = |kind| move || async move { Err::<Status<()>, _>(Error::new(kind, "no luck")) };
    let ended = service.run(client.wait_until(error(ErrorKind::Config)).wait(seconds(3))).unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::Config);
    let late = service.run(client.wait_until(error(ErrorKind::Transport)).wait(seconds(3))).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Timeout);
    assert!(late.get_ref().unwrap().is::<Error>() && late.message().ends_with("; then: no luck"), "{late}");
    // A poll that hangs is given up.
    let hanging = client.wait_until(std::future::pending::<Result<Status<()>, Error>>);
    assert!(service.run(hanging.wait(seconds(3))).unwrap_err().is_timeout());
}

#[test]
fn jitter_spreads_waiters() {
    // The fake clock has the same jitter for all, so this checks the range with clocks of different randomness.
    let delays: BTreeSet<u128> = [0x00, 0x40, 0x80, 0xff].into_iter().map(fourth_poll).collect();
    assert_eq!(delays.into_iter().collect::<Vec<_>>(), [1600, 1674, 1712, 1750]);
}

/// The time of the fourth poll, in milliseconds, with random bytes that are all the same.
fn fourth_poll(random: u8) -> u128 {
    #[derive(Debug)]
    struct Random(ecs_sdk::fake::Clock, u8);

    impl ecs_sdk::system::System for Random {
        fn now(&self) -> std::time::SystemTime {
            self.0.now()
        }

        fn monotonic(&self) -> Duration {
            self.0.monotonic()
        }

        fn sleep(&self, duration: Duration) -> ecs_sdk::BoxFuture<'static, ()> {
            self.0.sleep(duration)
        }

        fn random(&self, bytes: &mut [u8]) {
            bytes.fill(self.1);
        }
    }

    let service = service(|_, _| Some("Pending"));
    let system = Random(service.clock.clone(), random);
    let client: ecs_sdk::Client = service.config().region("cn-hangzhou").system(system).build().unwrap();
    let waiting = client.wait_until_instance_running().instance_ids(["i-1"]).wait(seconds(2));
    service.run(waiting).unwrap_err();
    service.request_times()[3]
}

#[test]
fn the_error_of_a_poll_has_the_resources_seen_before() {
    let service = Service::new(|sent| match sent.at {
        at if at < seconds(1) => page([("i-1".to_owned(), "Running"), ("i-2".to_owned(), "Starting")]),
        _ => Response::error(403, "Forbidden.RAM"),
    });
    let error = running(&service, &["i-1", "i-2"], seconds(60)).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Service, Some("Forbidden.RAM")));
    let failure = WaitFailure::of(&error).unwrap();
    let states: Vec<String> = failure.resources().iter().map(ToString::to_string).collect();
    assert_eq!(states, ["`i-1` Running", "`i-2` Starting"]);
    assert_eq!(failure.items::<Instance>().count(), 2);
    // The chain of causes has the error of the poll once.
    let message = error.to_string();
    let chain = format!("{:#}", anyhow::Error::from(error));
    assert!(
        chain.starts_with(&message) && chain.contains(": waiter instance_running: a poll failed; 1 of 2"),
        "{chain}"
    );
    assert_eq!(chain.matches("Forbidden.RAM").count(), 1, "{chain}");
}

#[test]
fn a_failed_check_of_the_permission_is_not_a_failed_poll() {
    let service = Service::new(|sent| match sent.get("DryRun") {
        None => page([]),
        Some(_) => Response::error(500, "InternalError"),
    });
    let waiter = service.client().wait_until_instance_deleted().instance_ids(["i-1"]).timing(every(seconds(5)));
    let error = service.run(waiter.options(CallOptions::new().retry(Never)).wait(seconds(10))).unwrap_err();
    let seen = "last seen: `i-1` not listed, but the check of the permission to see it failed; then: ";
    assert!(error.is_timeout() && error.message().contains(seen), "{error}");
}
