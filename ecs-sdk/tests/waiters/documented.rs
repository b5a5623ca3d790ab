//! Waiters with responses as the documentation shows them.

use std::time::Duration;

use ecs_sdk::{Client, ErrorKind, waiter::ResourceStatus};
use ecs_sdk_testing::fake::{Response, Service, TimeLimit};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(300);

/// A service that sends these responses in order.
fn answering(responses: impl IntoIterator<Item = Value>) -> Service {
    Service::script(responses.into_iter().map(|mut response| {
        response["RequestId"] = json!("473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E");
        Response::ok(response)
    }))
}

fn client(service: &Service) -> Client {
    service.config().region("cn-hangzhou").build().unwrap()
}

/// A command run on two instances, of which the second one fails.
fn invocation(state: &str, results: &[(&str, &str, i64)]) -> Value {
    let results = results.iter().map(|(instance, state, code)| {
        json!({ "InstanceId": instance, "InvocationStatus": state, "ExitCode": code, "Output": "SGVsbG8K", "Dropped": 0 })
    });
    let results: Vec<Value> = results.collect();
    json!({ "Invocations": { "Invocation": [{
        "InvokeId": "t-hz0jdfwcsr****",
        "InvocationStatus": state,
        "InvokeInstances": { "InvokeInstance": results },
    }] } })
}

#[test]
fn a_command_run_has_finished_when_it_has_on_every_instance_and_comes_with_its_output() {
    let _limit = TimeLimit::start();
    let service = answering([
        invocation("Pending", &[]),
        invocation("Running", &[("i-1", "Success", 0), ("i-2", "Running", 0)]),
        invocation("PartialFailed", &[("i-1", "Success", 0), ("i-2", "Failed", 2)]),
    ]);
    let waiter = client(&service).wait_until_invocation_finished().invoke_ids(["t-hz0jdfwcsr****"]);
    let finished = service.run(waiter.wait(LIMIT)).unwrap();
    let codes: Vec<Option<i64>> = finished[0].invoke_instances.iter().map(|result| result.exit_code).collect();
    assert_eq!(codes, [Some(0), Some(2)]);
    let sent = &service.requests()[0];
    assert_eq!((sent.param("InvokeId"), sent.param("IncludeOutput")), ("t-hz0jdfwcsr****".into(), "true".into()));
}

#[test]
fn a_command_that_fails_on_an_instance_has_not_succeeded() {
    let service = answering([
        invocation("Running", &[]),
        invocation("PartialFailed", &[("i-1", "Success", 0), ("i-2", "Failed", 2)]),
    ]);
    let waiter = client(&service).wait_until_invocation_succeeded().invoke_ids(["t-hz0jdfwcsr****"]);
    let error = service.run(waiter.wait(LIMIT)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Waiter);
    assert!(error.to_string().contains("PartialFailed"), "{error}");
}

#[test]
fn a_lock_for_another_reason_does_not_mean_that_a_spot_instance_is_recycled() {
    let locked = |reasons: &[&str]| {
        let locks: Vec<Value> = reasons.iter().map(|reason| json!({ "LockReason": reason })).collect();
        json!({ "Instances": { "Instance": [{ "InstanceId": "i-1", "OperationLocks": { "LockReason": locks } }] } })
    };
    let service = answering([locked(&[]), locked(&["financial"]), locked(&["financial", "recycling"])]);
    let waiter = client(&service).wait_until_spot_instance_recycling().instance_ids(["i-1"]);
    assert_eq!(service.run(waiter.wait(LIMIT)).unwrap().polls(), 3);
}

#[test]
fn a_wait_for_trouble_ends_with_the_first_instance_in_trouble() {
    let _limit = TimeLimit::start();
    let fleet = |troubled: Option<usize>, missing: usize| {
        let lock = |index| if troubled == Some(index) { json!([{ "LockReason": "Recycling" }]) } else { json!([]) };
        let instance =
            |index| json!({ "InstanceId": format!("i-{index}"), "OperationLocks": { "LockReason": lock(index) } });
        let instances: Vec<Value> = (missing..3).map(instance).collect();
        json!({ "Instances": { "Instance": instances } })
    };
    // The first instance was released by someone else.
    let mut polls = vec![fleet(None, 0)];
    polls.extend((0..15).map(|_| fleet(None, 1)));
    polls.push(fleet(Some(1), 1));
    let service = answering(polls);
    let waiter = client(&service).wait_until_spot_instance_recycling().instance_ids(["i-0", "i-1", "i-2"]);
    let waited = service.run(waiter.wait(LIMIT)).unwrap();
    let troubled: Vec<&str> =
        waited.resources().iter().filter(|status| status.is_done()).map(ResourceStatus::id).collect();
    assert_eq!((troubled, waited.len()), (vec!["i-1"], 3));

    let mut polls = vec![fleet(None, 2)];
    polls.extend((0..15).map(|_| fleet(None, 3)));
    let service = answering(polls);
    let waiter = client(&service).wait_until_spot_instance_recycling().instance_ids(["i-2"]);
    assert_eq!(service.run(waiter.wait(LIMIT)).unwrap_err().kind(), ErrorKind::Waiter);
}

#[test]
fn a_wait_for_an_instance_type_needs_the_instance_type() {
    let service = answering([]);
    let error = service.run(client(&service).wait_until_instance_type_changed().instance_ids(["i-1"]).wait(LIMIT));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Request);
}

#[test]
fn a_session_is_connected_or_ended_when_all_its_connections_are() {
    let connections = |states: &[&str]| {
        let connections: Vec<Value> =
            states.iter().map(|state| json!({ "InstanceId": "i-1", "Status": state })).collect();
        json!({ "Sessions": { "Session": [{ "SessionId": "s-1", "Connections": { "Connection": connections } }] } })
    };
    let connecting = [&["Connected", "Connecting"][..], &["Connected", "Connected"]];
    let service = answering(connecting.map(connections));
    let waiter = client(&service).wait_until_terminal_session_connected().session_ids(["s-1"]);
    assert_eq!(service.run(waiter.wait(LIMIT)).unwrap().len(), 2);
    let ending = [&["Terminated", "Connected"][..], &["Terminated", "Disconnected"]];
    let service = answering(ending.map(connections));
    let waiter = client(&service).wait_until_terminal_session_ended().session_ids(["s-1"]);
    assert_eq!(service.run(waiter.wait(LIMIT)).unwrap().polls(), 2);
    let service = answering([connections(&["Connected", "Failed"])]);
    let waiter = client(&service).wait_until_terminal_session_connected().session_ids(["s-1"]);
    assert_eq!(service.run(waiter.wait(LIMIT)).unwrap_err().kind(), ErrorKind::Waiter);
}

#[test]
fn images_are_found_in_every_state() {
    let image = |state| json!({ "Images": { "Image": [{ "ImageId": "m-1", "Status": state }] } });
    let service = answering([image("Waiting"), image("Creating"), image("CreateFailed")]);
    let waiter = client(&service).wait_until_image_available().image_ids(["m-1"]);
    let error = service.run(waiter.wait(LIMIT)).unwrap_err();
    assert!(error.to_string().contains("`m-1` is CreateFailed"), "{error}");
    for sent in service.requests() {
        assert_eq!(sent.param("Status"), "ALL");
    }
}

#[test]
fn reservations_are_found_before_they_begin() {
    let reservation = |state| {
        json!({ "CapacityReservationSet": { "CapacityReservationItem": [
            { "PrivatePoolOptionsId": "crp-bp1gubrkqutenqdd****", "Status": state }] } })
    };
    let service = answering([reservation("Pending"), reservation("Preparing"), reservation("Active")]);
    let waiter = client(&service).wait_until_capacity_reservation_active();
    let waiter = waiter.private_pool_options_ids(["crp-bp1gubrkqutenqdd****"]);
    assert_eq!(service.run(waiter.wait(LIMIT)).unwrap()[0].private_pool_options_id, "crp-bp1gubrkqutenqdd****");
    let sent = &service.requests()[0];
    assert_eq!(sent.param("PrivatePoolOptions.Ids"), r#"["crp-bp1gubrkqutenqdd****"]"#);
    assert_eq!(sent.param("Status"), "All");
}
