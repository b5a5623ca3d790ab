//! The dry runs of waiters for deletion, which run beside the other requests of a poll.

use std::collections::BTreeMap;

use ecs_sdk::{
    CallOptions,
    fake::{Response, SentRequest, Service, seconds},
    retry::Never,
    waiter::Timing,
};
use serde_json::{Value, json};

/// The number of IDs in one request.
const CHUNK: usize = 100;

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("i-{number:04}")).collect()
}

fn ids(sent: &SentRequest) -> Vec<String> {
    serde_json::from_str(&sent.param("InstanceIds")).unwrap()
}

fn is_dry_run(sent: &SentRequest) -> bool {
    sent.get("DryRun").is_some()
}

fn page(ids: &[String]) -> Response {
    let instances: Vec<Value> = ids.iter().map(|id| json!({"Status": "Stopped", "InstanceId": id})).collect();
    Response::ok(json!({"RequestId": "R-1", "Instances": {"Instance": instances}}))
}

fn passed() -> Response {
    Response::error(400, "DryRunOperation")
}

/// The times of the requests for which `of` is true, in seconds, with their number.
fn times(service: &Service, of: fn(&SentRequest) -> bool) -> BTreeMap<u64, usize> {
    let mut times = BTreeMap::new();
    for sent in service.requests().iter().filter(|sent| of(sent)) {
        *times.entry(sent.at.as_secs()).or_default() += 1;
    }
    times
}

#[test]
fn a_slow_dry_run_does_not_hold_up_the_requests_for_other_ids() {
    // The first hundred instances are gone, and the dry run for them is slow. The others are still there at first.
    let service = Service::new(|sent| match (is_dry_run(sent), ids(sent)) {
        (true, _) => passed().after(seconds(10)),
        (false, ids) if ids[0] == "i-0000" || sent.at > seconds(10) => page(&[]).after(seconds(1)),
        (false, ids) => page(&ids).after(seconds(1)),
    });
    let waiter = service.client().wait_until_instance_deleted().instance_ids(names(10 * CHUNK));
    let gone = service.run(waiter.timing(Timing::fixed(seconds(5))).wait(seconds(60))).unwrap();
    assert_eq!((gone.polls(), gone.never_seen().count(), gone.len()), (2, CHUNK, 9 * CHUNK));
    let listed = times(&service, |sent| !is_dry_run(sent));
    // The dry run takes one of four places from 1 s to 11 s; the second poll begins 5 s later.
    assert_eq!(listed, BTreeMap::from([(0, 4), (1, 3), (2, 3), (16, 4), (17, 4), (18, 1)]));
    assert_eq!(times(&service, is_dry_run), BTreeMap::from([(1, 1)]));
}

#[test]
fn dry_runs_are_among_the_four_requests_that_run_at_a_time() {
    let service = Service::new(|sent| match is_dry_run(sent) {
        true => passed().after(seconds(2)),
        false => page(&[]).after(seconds(1)),
    });
    let waiter = service.client().wait_until_instance_deleted().instance_ids(names(8 * CHUNK));
    let gone = service.run(waiter.wait(seconds(60))).unwrap();
    assert_eq!((gone.polls(), gone.elapsed(), gone.never_seen().count()), (1, seconds(6), 8 * CHUNK));
    assert_eq!(times(&service, |sent| !is_dry_run(sent)), BTreeMap::from([(0, 4), (3, 4)]));
    assert_eq!(times(&service, is_dry_run), BTreeMap::from([(1, 4), (4, 4)]));
}

#[test]
fn a_transient_failure_of_one_dry_run_does_not_undo_the_others() {
    let service = Service::new(|sent| match (is_dry_run(sent), ids(sent)) {
        (false, _) => page(&[]),
        (true, ids) if ids[0] == "i-0000" && sent.at < seconds(5) => Response::error(503, "ServiceUnavailable"),
        (true, _) => passed(),
    });
    let waiter = service.client().wait_until_instance_deleted().instance_ids(names(3 * CHUNK));
    let waiter = waiter.timing(Timing::fixed(seconds(5))).options(CallOptions::new().retry(Never));
    assert_eq!(service.run(waiter.wait(seconds(60))).unwrap().polls(), 2);
    let checked: Vec<(u64, String)> = service
        .requests()
        .iter()
        .filter(|sent| is_dry_run(sent))
        .map(|sent| (sent.at.as_secs(), ids(sent).swap_remove(0)))
        .collect();
    let expected = [(0, "i-0000"), (0, "i-0100"), (0, "i-0200"), (5, "i-0000")];
    assert_eq!(checked, expected.map(|(at, id)| (at, id.to_owned())));
}
