//! Waiters for running, stopped and deleted instances, with a fake clock.

use std::{collections::BTreeMap, time::Duration};

use ecs_sdk::fake::{Response, SentRequest, Service, millis, seconds};
use ecs_sdk::{Error, ErrorKind, retry::Never};
use serde_json::{Value, json};

fn ids(sent: &SentRequest) -> Vec<String> {
    serde_json::from_str(&sent.param("InstanceIds")).unwrap()
}

/// A service with instances whose state is a function of the time. Instances without a state do not exist.
fn service(state: impl Fn(&str, Duration) -> Option<&'static str> + Send + Sync + 'static) -> Service {
    Service::new(move |sent| {
        let items =
            ids(sent).into_iter().filter_map(|id| Some(json!({"Status": state(&id, sent.at)?, "InstanceId": id})));
        Response::ok(json!({"Instances": {"Instance": items.collect::<Vec<Value>>()}}))
    })
}

fn running(service: &Service, ids: &[&str], wait: Duration) -> Result<(), Error> {
    service.run(service.client().wait_until_instance_running().instance_ids(ids.iter().copied()).wait(wait))
}

#[test]
fn waits_until_all_instances_are_running() {
    let service = service(|id, at| {
        let start = if id == "i-1" { seconds(3) } else { seconds(12) };
        Some(if at >= start { "Running" } else { "Starting" })
    });
    running(&service, &["i-1", "i-2"], seconds(60)).unwrap();
    assert_eq!(service.request_times(), [0, 5000, 10_000, 15_000]);
    // Instances that have reached the state are not polled again.
    let polled: Vec<_> = service.requests().iter().map(ids).collect();
    assert_eq!(polled, [vec!["i-1", "i-2"], vec!["i-1", "i-2"], vec!["i-2"], vec!["i-2"]]);
    assert!(service.requests().iter().all(|sent| sent.param("MaxResults") == "100"));
    assert!(service.requests().iter().all(|sent| sent.param("RegionId") == "cn-hangzhou"));
}

#[test]
fn waits_until_instances_are_stopped_or_deleted() {
    let stopping = service(|_, at| Some(if at >= seconds(5) { "Stopped" } else { "Stopping" }));
    let client = stopping.client();
    stopping.run(client.wait_until_instance_stopped().instance_ids(["i-1"]).wait(seconds(60))).unwrap();
    assert_eq!(stopping.request_times(), [0, 5000]);

    let leaving = service(|id, at| (id == "i-2" && at < seconds(8)).then_some("Stopped"));
    let client = leaving.client();
    leaving.run(client.wait_until_instance_deleted().instance_ids(["i-1", "i-2"]).wait(seconds(60))).unwrap();
    assert_eq!(leaving.request_times(), [0, 5000, 10_000]);
    assert_eq!(ids(&leaving.requests()[1]), ["i-2"]);
}

#[test]
fn instances_that_do_not_exist_yet_are_polled_again() {
    let service = service(|_, at| (at >= seconds(5)).then_some("Running"));
    running(&service, &["i-1"], seconds(60)).unwrap();
    assert_eq!(service.request_times(), [0, 5000]);
}

#[test]
fn many_ids_are_polled_in_chunks() {
    let all: Vec<String> = (0..250).map(|number| format!("i-{number:03}")).collect();
    let service = service(|id, at| Some(if id < "i-120" || at >= seconds(5) { "Running" } else { "Pending" }));
    // Duplicate IDs are polled once.
    let named = all.iter().chain(&all).cloned();
    service.run(service.client().wait_until_instance_running().instance_ids(named).wait(seconds(60))).unwrap();
    let sizes: Vec<usize> = service.requests().iter().map(|sent| ids(sent).len()).collect();
    assert_eq!(sizes, [100, 100, 50, 100, 30]);
    let mut times = BTreeMap::new();
    service.request_times().into_iter().for_each(|at| *times.entry(at).or_insert(0) += 1);
    assert_eq!(times, BTreeMap::from([(0, 3), (5000, 2)]));
}

#[test]
fn a_timeout_reports_the_last_states() {
    let service = service(|id, _| (id != "i-3").then_some(if id == "i-1" { "Running" } else { "Stopped" }));
    let error = running(&service, &["i-1", "i-2", "i-3"], seconds(12)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstances failed: waiter instance_running did not succeed within 12s; \
         last seen: `i-2` Stopped, `i-3` not found"
    );
    assert_eq!((error.kind(), error.is_timeout()), (ErrorKind::Timeout, true));
    // The last poll is at the timeout.
    assert_eq!(service.request_times(), [0, 5000, 10_000, 12_000]);
    assert_eq!(service.clock.elapsed(), seconds(12));

    let gone = self::service(|_, _| Some("Stopped"));
    let error =
        gone.run(gone.client().wait_until_instance_deleted().instance_ids(["i-1"]).wait(seconds(1))).unwrap_err();
    assert!(
        error.message().ends_with("instance_deleted did not succeed within 1s; last seen: `i-1` still exists"),
        "{error}"
    );
    assert_eq!(gone.request_times(), [0, 1000]);
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
    let service = Service::new(|sent| {
        let page = Response::ok(json!({"Instances": {"Instance": [{"InstanceId": "i-1", "Status": "Pending"}]}}));
        if sent.at == Duration::ZERO { page } else { Response::hang() }
    });
    let error = running(&service, &["i-1"], seconds(20)).unwrap_err();
    assert!(error.message().ends_with("did not succeed within 20s; last seen: `i-1` Pending"), "{error}");
    // The last poll may take one more interval.
    assert!(service.clock.elapsed() <= seconds(25), "{:?}", service.clock.elapsed());
}

#[test]
fn the_last_poll_may_take_one_interval() {
    let service = Service::new(|sent| {
        let page = |state| Response::ok(json!({"Instances": {"Instance": [{"InstanceId": "i-1", "Status": state}]}}));
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
}

#[test]
fn only_errors_that_are_not_transient_end_the_wait() {
    let page = Response::ok(json!({"Instances": {"Instance": [{"InstanceId": "i-1", "Status": "Running"}]}}));
    let transient = Service::script([Response::error(503, "Throttling"), page]);
    running(&transient, &["i-1"], seconds(60)).unwrap();
    assert_eq!(transient.request_times(), [0, 100]);

    // Even if all attempts of a poll fail, the next poll may succeed.
    let page = Response::ok(json!({"Instances": {"Instance": [{"InstanceId": "i-1", "Status": "Running"}]}}));
    let throttled = || Response::error(503, "Throttling");
    let transient = Service::script([throttled(), throttled(), throttled(), page]);
    running(&transient, &["i-1"], seconds(60)).unwrap();
    assert_eq!(transient.request_times(), [0, 100, 300, 5300]);
    let error = running(&Service::always(throttled()), &["i-1"], seconds(4)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("did not succeed within 4s; last seen: nothing, because no poll succeeded; then: ecs DescribeInstances failed: Throttling"), "{error}");
    assert!(error.get_ref().unwrap().is::<ecs_sdk::Error>());
    // The error does not contain a failure of an earlier poll.
    let pending = Response::ok(json!({"Instances": {"Instance": [{"InstanceId": "i-1", "Status": "Pending"}]}}));
    let recovered = Service::script([throttled(), throttled(), throttled(), pending]);
    let error = running(&recovered, &["i-1"], seconds(5)).unwrap_err();
    assert!(error.message().ends_with("last seen: `i-1` Pending"), "{error}");
    assert!(error.get_ref().is_none());

    let forbidden = Service::script([Response::error(403, "Forbidden.RAM")]);
    let error = running(&forbidden, &["i-1"], seconds(60)).unwrap_err();
    assert_eq!(error.code(), Some("Forbidden.RAM"));
    let broken = Service::script([Response::new(200, r#"{"Instances": {"Instance": [{"Cpu": {}}]}}"#)]);
    assert_eq!(running(&broken, &["i-1"], seconds(60)).unwrap_err().kind(), ErrorKind::Decode);
}

#[test]
fn waiters_without_ids_are_rejected() {
    let service = Service::script([]);
    let error = running(&service, &[], seconds(60)).unwrap_err();
    assert_eq!(error.to_string(), "ecs DescribeInstances failed: waiter instance_running needs at least one ID");
    assert_eq!(error.kind(), ErrorKind::Request);
    let client: ecs_sdk::Client = service.config().retry(Never).build().unwrap();
    let waiting = client.wait_until_instance_running().instance_ids(["i-1"]).wait(millis(1));
    assert!(service.run(waiting).unwrap_err().to_string().contains("`RegionId` is missing"));
}
