//! Metadata of calls.

use ecs_sdk::fake::{Response, Service, millis};
use ecs_sdk::{
    Model as _, ResponseMeta,
    operation::describe_instances::{DescribeInstancesResponse, Instance},
};
use serde_json::json;

#[test]
fn metadata_covers_all_attempts() {
    let last = Response::ok(json!({"RequestId": "R-body"})).header("x-acs-request-id", "R-head").header("X-Zone", "b");
    let service =
        Service::script([Response::error(503, "ServiceUnavailable").after(millis(7)), last.after(millis(20))]);
    let out = service.run(service.client().describe_instances().send()).unwrap();
    let meta = out.meta();
    assert_eq!((meta.attempts(), meta.retries(), meta.http_status()), (2, 1, Some(200)));
    assert_eq!((meta.request_id(), meta.header("x-zone"), meta.header("none")), (Some("R-head"), Some("b"), None));
    assert_eq!(meta.headers().len(), 2);
    // The delay between the attempts is half of 200 ms.
    assert_eq!(meta.elapsed(), millis(7 + 100 + 20));
    assert_eq!(
        format!("{meta:?}"),
        r#"ResponseMeta { request_id: Some("R-head"), http_status: Some(200), attempts: 2, elapsed: 127ms, .. }"#
    );
}

#[test]
fn the_request_id_falls_back_to_that_of_the_body() {
    let service = Service::always(Response::success());
    let out = service.run(service.client().describe_instances().send()).unwrap();
    assert_eq!(out.meta().request_id(), Some("R-1"));
    assert_eq!((out.meta().attempts(), out.meta().retries()), (1, 0));
}

#[test]
fn metadata_is_empty_for_responses_that_were_not_received() {
    let read: DescribeInstancesResponse = serde_json::from_str(r#"{"RequestId":"R-1","":1,"meta":{}}"#).unwrap();
    for response in [read, DescribeInstancesResponse::default()] {
        let meta = response.meta();
        assert_eq!((meta.request_id(), meta.http_status(), meta.attempts(), meta.retries()), (None, None, 0, 0));
        assert!(meta.headers().is_empty() && meta.elapsed().is_zero());
    }
}

#[test]
fn clones_keep_metadata_and_equality_serde_and_debug_ignore_it() {
    let service = Service::always(Response::success());
    let out = service.run(service.client().describe_instances().send()).unwrap();
    assert_eq!(out.clone().meta().attempts(), 1);
    let read: DescribeInstancesResponse = serde_json::from_value(serde_json::to_value(&out).unwrap()).unwrap();
    assert_eq!(read.meta().attempts(), 0);
    assert_eq!(read, out);
    assert_eq!(serde_json::to_value(&out).unwrap(), json!({"RequestId": "R-1"}));
    assert_eq!(format!("{out:?}"), r#"DescribeInstancesResponse { request_id: "R-1" }"#);
    // Fields can still be moved out.
    let (instances, id) = (out.instances, out.request_id);
    assert_eq!((instances.len(), id.as_str()), (0, "R-1"));
}

#[test]
fn metadata_can_be_attached_to_a_built_response() {
    let meta = ResponseMeta::default().with_request_id("R-7").with_http_status(202).with_attempts(3);
    let mut response = DescribeInstancesResponse::build(|response| {
        response.instances = vec![Instance::build(|instance| instance.instance_id = "i-1".into())];
    });
    meta.clone().attach_to(&mut response);
    let got = response.meta();
    assert_eq!((got.request_id(), got.http_status(), got.retries()), (Some("R-7"), Some(202), 2));
    assert_eq!(response.instances[0].instance_id, "i-1");
    // Attaching it to a struct inside a response has no effect.
    let mut instance = Instance::default();
    meta.attach_to(&mut instance);
    assert_eq!(instance, Instance::default());
}

#[test]
fn every_page_has_its_own_metadata() {
    let item = json!({"Instance": [{"InstanceId": "i"}]});
    let page = |token: &str| Response::ok(json!({"NextToken": token, "Instances": item}));
    let service = Service::script([page("t"), Response::error(503, "ServiceUnavailable"), page("")]);
    let pages: Vec<_> = service.run(service.client().describe_instances().pages().try_collect()).unwrap();
    assert_eq!(pages.iter().map(|page| page.meta().attempts()).collect::<Vec<_>>(), [1, 2]);
}
