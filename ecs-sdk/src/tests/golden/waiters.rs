//! Generated waiters, with a fake clock.

use std::time::Duration;

use ecs_sdk_testing::fake::{Response, Service};
use serde_json::{Value, json};

use crate::{
    ErrorKind,
    golden::ecs::{Client, operation::describe_things::State},
    waiter::{ResourceStatus, WaitFailure},
};

/// The time limit of waiters.
const LIMIT: Duration = Duration::from_secs(5);

/// A service that sends these responses, then the last one forever.
fn service(responses: impl IntoIterator<Item = Value>) -> (Client, Service) {
    let responses: Vec<Value> = responses.into_iter().collect();
    let count = std::sync::atomic::AtomicUsize::new(0);
    let service = Service::new(move |_| {
        let index = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut body = responses[index.min(responses.len() - 1)].clone();
        body["RequestId"] = json!("R");
        match body["Code"].as_str() {
            Some(code) => Response::error(404, code),
            None => Response::ok(body),
        }
    });
    (service.config().region("cn-a").build().unwrap(), service)
}

/// The values of a parameter in all requests.
fn sent(service: &Service, name: &str) -> Vec<String> {
    service.requests().iter().map(|sent| sent.get(name).unwrap_or_else(|| "-".to_owned())).collect()
}

fn results(results: &[(&str, &str, &[&str])]) -> Value {
    let results = results.iter().map(|(name, phase, locks)| {
        let locks: Vec<Value> = locks.iter().map(|reason| json!({ "Reason": reason })).collect();
        json!({ "Key": { "Name": name, "Phase": phase }, "Locks": locks })
    });
    json!({ "Outcome": { "Results": { "Result": results.collect::<Vec<Value>>() } } })
}

#[test]
fn lists_of_ids_are_sent_in_one_request() {
    let ready = json!({"Things": [{"Id": "b", "State": "ready"}, {"Id": "a", "State": "Ready"}]});
    let (client, service) = self::service([ready]);
    let things = service.run(client.wait_until_thing_ready().r#type(["a", "b"]).wait(LIMIT)).unwrap();
    assert_eq!((sent(&service, "Type"), sent(&service, "PageSize")), (vec!["a,b".to_owned()], vec!["50".to_owned()]));
    assert_eq!(things.iter().map(|thing| &*thing.id).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(things[0].state, Some(State::Ready));

    let (client, service) = self::service([json!({"Things": [{"Id": "a", "State": "Broken"}]})]);
    let waiter = client.wait_until_thing_ready().region_id("cn-b").r#type(["a"]);
    let error = service.run(waiter.wait(LIMIT)).unwrap_err();
    assert_eq!((error.kind(), sent(&service, "RegionId")), (ErrorKind::Waiter, vec!["cn-b".to_owned()]));
    assert_eq!(error.message(), "waiter thing_ready: `a` is Broken; 0 of 1 done; last seen: `a` Broken");

    let (client, service) = self::service([json!({"Things": []})]);
    let gone = service.run(client.wait_until_thing_gone().r#type(["a"]).wait(LIMIT)).unwrap();
    assert_eq!((gone.len(), gone.never_seen().count(), service.requests().len()), (0, 1, 1));
}

#[test]
fn a_parameter_for_one_id_takes_one_request_for_each() {
    let first = results(&[("m", "Done", &[]), ("n", "Busy", &[])]);
    let second = results(&[("m", "Done", &[])]);
    let done = results(&[("m", "Done", &[]), ("n", "DONE", &[])]);
    let (client, service) = self::service([first, second, done]);
    let jobs = service.run(client.wait_until_job_done().job_ids(["j-1", "j-2"]).wait(LIMIT)).unwrap();
    // All results belong to the ID of the request, and all must be done.
    assert_eq!(sent(&service, "JobId"), ["j-1", "j-2", "j-1"]);
    assert_eq!((jobs.len(), jobs.polls()), (3, 2));
    assert!(jobs.iter().all(|result| result.key.phase.as_ref().is_some_and(|phase| phase.is("Done"))));
    assert!(jobs.resources().iter().all(ResourceStatus::is_done));

    let (client, service) = self::service([results(&[("m", "Done", &[]), ("n", "Lost", &[])])]);
    let error = service.run(client.wait_until_job_done().job_ids(["j-1"]).wait(LIMIT)).unwrap_err();
    assert!(error.message().starts_with("waiter job_done: `j-1` is Done/Lost;"), "{error}");
    let failure = WaitFailure::of(&error).unwrap();
    assert!(failure.resources()[0].is_failed() && !failure.resources()[0].is_done());
}

#[test]
fn states_that_are_not_documented_are_waited_out_and_named() {
    let (client, service) = self::service([results(&[("m", "Paused", &[])]), results(&[("m", "Busy", &[])])]);
    let error = service.run(client.wait_until_job_done().job_ids(["j-1"]).wait(Duration::ZERO)).unwrap_err();
    assert!(error.message().ends_with("last seen: `j-1` Paused (unknown state)"), "{error}");
    let error = service.run(client.wait_until_job_done().job_ids(["j-1"]).wait(Duration::ZERO)).unwrap_err();
    assert!(error.message().ends_with("last seen: `j-1` Busy"), "{error}");
}

#[test]
fn an_item_with_several_states_is_ready_in_any_of_them() {
    let free = results(&[("a", "Busy", &[]), ("b", "Busy", &["Other"])]);
    let held = results(&[("a", "Busy", &["Other", "held"]), ("b", "Busy", &["Held"])]);
    let (client, service) = self::service([free, results(&[]), held]);
    let jobs = service.run(client.wait_until_job_locked().job_names(["a", "b", "c"]).wait(Duration::ZERO));
    let message = jobs.unwrap_err().to_string();
    assert!(message.ends_with("last seen: `a` exists, `b` Other, `c` not found"), "{message}");
    assert_eq!(sent(&service, "JobNames"), ["a,b", "c"]);
    let jobs = service.run(client.wait_until_job_locked().job_names(["a", "b"]).wait(LIMIT)).unwrap();
    assert_eq!((jobs.len(), jobs.resources()[0].state()), (2, "Other/held"));

    let tried = |tries: &[i64]| json!({"Outcome": {"Results": [{"Key": {"Name": "a"}, "Tries": tries}]}});
    let (client, service) = self::service([tried(&[]), tried(&[1]), tried(&[1, 0])]);
    let jobs = service.run(client.wait_until_job_tried().job_names(["a"]).wait(LIMIT)).unwrap();
    assert_eq!((jobs.polls(), &*jobs[0].tries), (3, &[1, 0][..]));
}

#[test]
fn the_response_itself_can_be_the_resource() {
    let (client, service) = self::service([json!({"Phase": "Near"}), json!({"Phase": "Over"})]);
    let jobs = service.run(client.wait_until_job_over().job_ids(["j-1"]).wait(LIMIT)).unwrap();
    assert_eq!((&*jobs[0].phase, jobs.polls()), ("Over", 2));
    // Errors of the class for missing resources end a wait for deletion.
    let (client, service) = self::service([json!({"Phase": "Near"}), json!({"Code": "InvalidJob"})]);
    let jobs = service.run(client.wait_until_job_over().job_ids(["j-1"]).wait(LIMIT)).unwrap();
    assert_eq!((jobs.len(), jobs.resources()[0].is_found(), jobs.resources()[0].was_seen()), (1, false, true));
}
