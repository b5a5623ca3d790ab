//! How a call went, as its response tells it.

use ecs_sdk::fake::{Answer, Service, millis};
use ecs_sdk::{
    Model as _, ResponseMeta,
    operation::describe_instances::{DescribeInstancesResponse, Instance},
};
use futures_util::TryStreamExt;
use serde_json::json;

#[test]
fn a_response_tells_of_all_attempts() {
    let last = Answer::ok(json!({"RequestId": "R-body"})).header("x-acs-request-id", "R-head").header("X-Zone", "b");
    let service = Service::script([Answer::error(503, "ServiceUnavailable").after(millis(7)), last.after(millis(20))]);
    let out = service.run(service.client().describe_instances().send()).unwrap();
    let meta = out.meta();
    assert_eq!((meta.attempts(), meta.retries(), meta.http_status()), (2, 1, Some(200)));
    assert_eq!((meta.request_id(), meta.header("x-zone"), meta.header("none")), (Some("R-head"), Some("b"), None));
    assert_eq!(meta.headers().len(), 2);
    // Half of 200 ms between the two.
    assert_eq!(meta.elapsed(), millis(7 + 100 + 20));
    assert_eq!(
        format!("{meta:?}"),
        r#"ResponseMeta { request_id: Some("R-head"), http_status: Some(200), attempts: 2, elapsed: 127ms, .. }"#
    );
}

#[test]
fn the_body_names_the_request_where_no_header_does() {
    let service = Service::always(Answer::done());
    let out = service.run(service.client().describe_instances().send()).unwrap();
    assert_eq!(out.meta().request_id(), Some("R-1"));
    assert_eq!((out.meta().attempts(), out.meta().retries()), (1, 0));
}

#[test]
fn a_response_without_a_call_has_an_empty_meta() {
    let read: DescribeInstancesResponse = serde_json::from_str(r#"{"RequestId":"R-1","":1,"meta":{}}"#).unwrap();
    for response in [read, DescribeInstancesResponse::default()] {
        let meta = response.meta();
        assert_eq!((meta.request_id(), meta.http_status(), meta.attempts(), meta.retries()), (None, None, 0, 0));
        assert!(meta.headers().is_empty() && meta.elapsed().is_zero());
    }
}

#[test]
fn copies_keep_it_and_nothing_else_looks_at_it() {
    let service = Service::always(Answer::done());
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
fn tests_can_build_responses_with_it() {
    let meta = ResponseMeta::default().with_request_id("R-7").with_http_status(202).with_attempts(3);
    let mut response = DescribeInstancesResponse::build(|response| {
        response.instances = vec![Instance::build(|instance| instance.instance_id = "i-1".into())];
    });
    meta.clone().attach_to(&mut response);
    let got = response.meta();
    assert_eq!((got.request_id(), got.http_status(), got.retries()), (Some("R-7"), Some(202), 2));
    assert_eq!(response.instances[0].instance_id, "i-1");
    // A struct that is no response has no place for it.
    let mut instance = Instance::default();
    meta.attach_to(&mut instance);
    assert_eq!(instance, Instance::default());
}

#[test]
fn every_page_has_its_own() {
    let item = json!({"Instance": [{"InstanceId": "i"}]});
    let page = |token: &str| Answer::ok(json!({"NextToken": token, "Instances": item}));
    let service = Service::script([page("t"), Answer::error(503, "ServiceUnavailable"), page("")]);
    let pages: Vec<_> = service.run(service.client().describe_instances().pages().try_collect()).unwrap();
    assert_eq!(pages.iter().map(|page| page.meta().attempts()).collect::<Vec<_>>(), [1, 2]);
}
