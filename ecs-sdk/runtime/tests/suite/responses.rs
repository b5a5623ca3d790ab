//! Responses of other servers, truncated and malformed responses, and errors with status 200.

use std::time::Duration;

use ecs_sdk::fake::{Response, Service};
use ecs_sdk::{Error, ErrorKind, Result, operation::describe_instances::DescribeInstancesResponse, retry::Never};
use serde_json::{Value, json};

/// Returns the error of a write that receives this response and is not retried.
fn failed(response: Response) -> Error {
    let service = Service::script([response]);
    let client: ecs_sdk::Client = service.config().region("r").retry(Never).build().unwrap();
    service.run(client.delete_instance().instance_id("i-1").send()).unwrap_err()
}

/// The responses to a typed and an untyped call.
fn read(response: &Response) -> (Result<DescribeInstancesResponse>, Result<Value>) {
    let service = Service::always(response.clone());
    let client: ecs_sdk::Client = service.config().region("r").retry(Never).build().unwrap();
    (service.run(client.describe_instances().send()), service.run(client.call("DescribeInstances").send()))
}

#[test]
fn only_an_error_of_the_service_proves_that_nothing_was_executed() {
    let own = |code: &str| format!(r#"{{"Code":"{code}","Message":"m","RequestId":"R","HostId":"h"}}"#);
    let xml = "<?xml version='1.0'?> <Error><RequestId>R</RequestId><Code>X</Code></Error>";
    for (status, body, maybe) in [
        (400, own("MissingParameter"), false),
        (404, own("InvalidInstanceId.NotFound"), false),
        (429, own("Throttling.User"), false),
        (403, xml.to_owned(), false),
        (400, format!("\u{feff}{}", own("MissingParameter")), false),
        (400, own("InvalidParameter.UdpTimeout"), false),
        (403, own("OperationFailed.EcsMigrating"), false),
        (500, own("InternalError"), true),
        // The operation has begun, and failed or took too long.
        (400, own("CreateSnapshot.Failed"), true),
        (403, own("OperationFailed.Timeout"), true),
        (400, own("AllocateIp.Fail"), true),
        (400, own("UnknownException"), true),
        (400, own("Aborted"), true),
        (404, own("404"), true),
        (400, own("NAT_PUBLIC_IP_BINDING_FAILED"), true),
        (400, own("InvalidSignatureNonce.Used"), true),
        (302, own("MissingParameter"), true),
        (400, "<html>bad request</html>".to_owned(), true),
        (408, String::new(), true),
        (413, "too large".to_owned(), true),
        (429, String::new(), true),
        (304, String::new(), true),
        (101, String::new(), true),
        // Gateways use codes too.
        (429, r#"{"code":429,"message":"m"}"#.to_owned(), true),
        (429, r#"{"Code":429,"Message":"m","RequestId":"R"}"#.to_owned(), true),
        (400, r#"{"code":"X","message":"m","requestId":"R"}"#.to_owned(), true),
        (400, r#"{"Code":"X","Message":"m"}"#.to_owned(), true),
        (400, r#"{"Code":"no code","Message":"m","RequestId":"R"}"#.to_owned(), true),
        (400, r#"{"Code":"X","Message":"m","RequestId":"<R>"}"#.to_owned(), true),
        (400, r#"{"Error":{"Code":"X","RequestId":"R"}}"#.to_owned(), true),
        (400, r#"[{"Code":"X","RequestId":"R"}]"#.to_owned(), true),
        (400, "<html><Code>X</Code><RequestId>R</RequestId></html>".to_owned(), true),
    ] {
        let error = failed(Response::new(status, body.clone()));
        assert_eq!((error.is_maybe_executed(), error.kind()), (maybe, ErrorKind::Service), "{status} {body}");
        assert_eq!(error.http_status(), Some(status));
    }
}

#[test]
fn codes_and_request_ids_consist_of_few_characters() {
    let body = json!({"Code": "a b", "RequestId": "<script>", "Message": "m"}).to_string();
    let error = failed(Response::new(400, body.clone()));
    assert_eq!((error.code(), error.request_id(), error.message()), (None, None, "m"));
    let error = failed(Response::new(400, body).header("x-acs-request-id", "H-1"));
    assert_eq!(error.request_id(), Some("H-1"));
    for id in ["a b", &"x".repeat(129)] {
        let response = Response::ok(json!({"TotalCount": 1})).header("x-acs-request-id", id);
        assert_eq!(read(&response).0.unwrap().meta().request_id(), None);
        assert_eq!(read(&Response::ok(json!({"RequestId": id}))).0.unwrap().meta().request_id(), None);
    }
}

#[test]
fn a_redirect_names_its_location_without_secrets() {
    for (location, shown) in [
        ("http://x/", "the response is a redirect to `http://x/`, which"),
        ("https://u:p4ss@login.example:8443/a/b?token=p4ss#p4ss", "to `https://login.example:8443/a/b`, which"),
        ("/relative?p4ss", "to `/relative`, which"),
        ("http://a b/p4ss", "the response is a redirect, which"),
    ] {
        let error = failed(Response::new(302, "<html>p4ss").header("location", location));
        let line = error.to_string();
        assert!(line.contains(shown) && line.contains("is not followed; check the endpoint and the proxy"), "{line}");
        assert!(!line.contains("p4ss") && error.is_maybe_executed() && !error.is_retryable(), "{line}");
    }
    let long = failed(Response::new(301, "").header("location", &format!("http://x/{}", "a".repeat(5000))));
    assert!(long.to_string().len() < 500);
}

#[test]
fn a_response_without_content_is_not_one_of_the_service() {
    for status in [201, 204, 205] {
        let error = failed(Response::new(status, ""));
        assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Decode, true));
        assert!(error.to_string().contains("has no content, expected a JSON object"), "{error}");
    }
    for body in ["{}", "{\"New\":{}}", "{\"ok\":true}"] {
        let (typed, untyped) = read(&Response::new(200, body).header("x-acs-request-id", "H"));
        let error = typed.unwrap_err();
        assert_eq!((error.kind(), error.is_maybe_executed(), error.attempts()), (ErrorKind::Decode, true, 1), "{body}");
        assert!(error.to_string().contains("neither a `RequestId` nor a known member (HTTP 200, request id H)"));
        // The members of an untyped response are unknown, but the header shows that the service sent it.
        assert_eq!(untyped.is_err(), body == "{}");
        assert_eq!(read(&Response::new(200, body)).1.unwrap_err().kind(), ErrorKind::Decode);
    }
    for body in ["null", "[]", "[{}]", "7", "\"text\"", "true"] {
        for error in [failed(Response::new(200, body)), read(&Response::new(200, body)).1.unwrap_err()] {
            assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Decode, true), "{body}");
            assert!(error.to_string().contains("is JSON, but not an object"), "{error}");
        }
    }
    for body in ["{\"RequestId\":\"R\",\"New\":1}", "{\"TotalCount\":null}", "{\"RequestId\":\"\"}"] {
        let (typed, untyped) = read(&Response::new(200, body));
        assert!(typed.is_ok() && untyped.is_ok() == body.contains("RequestId"), "{body}");
    }
}

#[test]
fn a_dry_run_succeeds_only_if_the_service_responds() {
    let service = Service::script([Response::new(200, "{}"), Response::success()]);
    let error = service.run(service.client().run_instances().image_id("m-1").check()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    service.run(service.client().run_instances().image_id("m-1").check()).unwrap();
}

#[test]
fn an_error_with_status_200_is_an_error_that_may_have_been_executed() {
    let body = json!({"Code": "Forbidden.RAM", "Message": "m", "RequestId": "R", "HostId": "h",
        "AccessDeniedDetail": {"AuthAction": "ecs:DescribeInstances"}});
    let (typed, untyped) = read(&Response::ok(body));
    let xml = "<Error><RequestId>R</RequestId><HostId>h</HostId><Code>Forbidden.RAM</Code><Message>m</Message></Error>";
    let xml = failed(Response::new(200, xml));
    assert_eq!((xml.kind(), xml.code(), xml.is_maybe_executed()), (ErrorKind::Service, Some("Forbidden.RAM"), true));
    for error in [typed.unwrap_err(), untyped.unwrap_err()] {
        assert_eq!(
            (error.kind(), error.code(), error.http_status()),
            (ErrorKind::Service, Some("Forbidden.RAM"), Some(200))
        );
        assert!(error.is_maybe_executed() && error.access_denied().is_some(), "{error}");
    }
    for code in ["500", "404"] {
        let body = json!({"Code": code, "Message": "m", "RequestId": "R", "HostId": "h"});
        let (typed, untyped) = read(&Response::ok(body));
        for error in [typed.unwrap_err(), untyped.unwrap_err()] {
            assert_eq!((error.kind(), error.code()), (ErrorKind::Service, Some(code)));
            assert!(error.is_maybe_executed(), "{error}");
        }
    }
    for body in [
        json!({"Code": "X", "Message": "m", "RequestId": "R"}),
        json!({"Code": "200", "Message": "m", "RequestId": "R", "HostId": "h"}),
        json!({"Code": "Success", "RequestId": "R", "HostId": "h"}),
        json!({"RequestId": "R", "HostId": "h"}),
        json!({"RequestId": "R", "Code": "X", "Hosts": [{"HostId": "h"}]}),
    ] {
        let (typed, untyped) = read(&Response::ok(body.clone()));
        assert!(typed.is_ok() && untyped.is_ok(), "{body}");
    }
    // A transient error is retried.
    let busy = json!({"Code": "Throttling", "Message": "m", "RequestId": "R", "HostId": "h"});
    let service = Service::script([Response::ok(busy), Response::success()]);
    service.run(service.client().describe_instances().send()).unwrap();
}

const DOCUMENT: &str = r#"{"RequestId":"R","New":{"A":"}","B":[1.5,-2,{"C":{}}]},"Instances":{"Instance":
    [{"InstanceId":"i-ü","Cpu":4,"Tags":{"Tag":[{"TagKey":"\ud83d\ude00"}]}}]},"TotalCount":-1}"#;

#[test]
fn a_response_that_ends_at_any_byte_is_retried() {
    for end in (1..DOCUMENT.len()).filter(|end| DOCUMENT.is_char_boundary(*end)) {
        let cut = Response::new(200, &DOCUMENT[..end]);
        let service = Service::script([cut.clone(), Response::success()]);
        service.run(service.client().describe_instances().send()).unwrap_or_else(|error| panic!("{end}: {error}"));
        let error = failed(cut);
        assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Transport, true), "{end}");
        assert!(error.to_string().contains("the response is truncated (HTTP 200)"), "{error}");
    }
    for rest in ["}", "x", "{}"] {
        let (typed, untyped) = read(&Response::new(200, format!("{DOCUMENT}{rest}")));
        assert_eq!((typed.unwrap_err().kind(), untyped.unwrap_err().kind()), (ErrorKind::Decode, ErrorKind::Decode));
    }
}

#[test]
fn decoding_errors_have_the_facts_of_the_call() {
    let bad = |body: &str| Response::new(200, body).header("x-acs-request-id", "H-7");
    let service =
        Service::script([Response::error(503, "X"), bad(r#"{"Instances":{"Instance":[{"InstanceId":[1]}]}}"#)]);
    let error = service.run(service.client().describe_instances().send()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstances failed: the response cannot be decoded: Instances.Instance[0].InstanceId: expected a \
         string, found a list (HTTP 200, request id H-7, 2 attempts)"
    );
    let (_, untyped) = read(&bad(r#"{"RequestId":"R-1","A":}"#));
    let error = untyped.unwrap_err();
    assert_eq!((error.attempts(), error.http_status(), error.request_id()), (1, Some(200), Some("R-1")));
}

#[test]
fn malformed_characters_are_replaced() {
    let body = "\u{feff}{\"RequestId\":\"R\",\"a\\udc00\":\"\\ud83d\",\"Instances\":{\"Instance\":\
        [{\"InstanceName\":\"a\\ud83d\",\"Description\":\"b\tc\nd\",\"Cpu\":1e400,\"Memory\":NaN}]}}";
    let (typed, untyped) = read(&Response::new(200, body));
    let instance = &typed.unwrap().instances[0];
    assert_eq!((&*instance.instance_name, &*instance.description), ("a\u{fffd}", "b\u{fffd}c\u{fffd}d"));
    assert_eq!((instance.cpu, instance.memory), (None, None));
    let untyped = untyped.unwrap();
    assert_eq!(
        (&untyped["a\u{fffd}"], &untyped["Instances"]["Instance"][0]["Cpu"]),
        (&json!("\u{fffd}"), &json!("1e400"))
    );

    let error =
        failed(Response::new(400, "{\"Code\":\"X\",\"RequestId\":\"R\",\"Message\":\"a\\ud83d b\u{1}\",\"N\":1e400}"));
    assert_eq!((error.code(), error.message(), error.is_maybe_executed()), (Some("X"), "a\u{fffd} b\u{fffd}", false));
}

#[test]
fn a_list_in_another_wrapper_is_read() {
    let read = |body: Value| read(&Response::ok(body)).0.unwrap();
    let instance = json!({"InstanceId": "i-1", "SecurityGroupIds": {"Ids": ["sg-1", "sg-2"]}});
    for wrapped in [json!({"Instances": [instance]}), json!({"Item": instance})] {
        let response = read(json!({"RequestId": "R", "Instances": wrapped}));
        assert_eq!(response.instances[0].instance_id, "i-1");
        assert_eq!(response.instances[0].security_group_ids, ["sg-1", "sg-2"]);
    }
    for other in [
        json!({"Items": [instance], "Count": 1}),
        json!({"Count": 1, "Items": [instance]}),
        json!({"Count": 1}),
        json!({"Items": [1, 2]}),
        json!({"Items": [{"Unknown": "i-1"}]}),
        json!({"Items": [instance, {"Unknown": 1}]}),
        json!({"Items": [{"InstanceId": ["i-1"]}]}),
        json!({"Items": "i-1"}),
        json!({"Items": []}),
    ] {
        assert!(read(json!({"RequestId": "R", "Instances": other})).instances.is_empty(), "{other}");
    }
}

#[test]
fn a_missing_permission_is_reported() {
    let detail = json!({
        "AuthAction": "ecs:StopInstance",
        "AuthPrincipalType": "SubUser",
        "AuthPrincipalDisplayName": "20",
        "AuthPrincipalOwnerId": "10",
        "PolicyType": "AccountLevelIdentityBasedPolicy",
        "NoPermissionType": "ImplicitDeny",
        "EncodedDiagnosticMessage": "AQ==",
        "New": [{}],
    });
    for detail in [detail.clone(), json!(detail.to_string())] {
        let body = json!({"Code": "Forbidden.RAM", "Message": "Not authorized.", "RequestId": "R", "AccessDeniedDetail": detail});
        let error = failed(Response::new(403, body.to_string()));
        assert_eq!(
            error.to_string(),
            "ecs DeleteInstance failed: Forbidden.RAM: Not authorized. (lacks ecs:StopInstance, HTTP 403, request id R)"
        );
        let denied = error.access_denied().unwrap();
        assert_eq!((denied.action(), denied.denial_type()), (Some("ecs:StopInstance"), Some("ImplicitDeny")));
        assert_eq!(
            (denied.principal_type(), denied.principal_display_name(), denied.principal_owner_id()),
            (Some("SubUser"), Some("20"), Some("10"))
        );
        assert_eq!(denied.policy_type(), Some("AccountLevelIdentityBasedPolicy"));
        assert_eq!(denied.encoded_diagnostic_message(), Some("AQ=="));
        assert_eq!(error.body(), Some(body.to_string().as_bytes()));
        assert!(!format!("{error:?}").contains("AQ=="));
    }
    for body in [
        "{}",
        "{\"AccessDeniedDetail\":{}}",
        "{\"AccessDeniedDetail\":[1]}",
        "{\"AccessDeniedDetail\":{\"AuthAction\":{}}}",
    ] {
        assert!(failed(Response::new(403, body)).access_denied().is_none(), "{body}");
    }
    let lower = "{\"code\":\"NoPermission\",\"accessDeniedDetail\":{\"authAction\":\"ecs:StopInstance\"}}";
    assert_eq!(failed(Response::new(403, lower)).access_denied().unwrap().action(), Some("ecs:StopInstance"));
    let echo = "{\"AccessDeniedDetail\":{\"AuthAction\":\"a\\nb\\u001b[0m\"}}";
    assert!(!failed(Response::new(403, echo)).to_string().contains(char::is_control));
}

#[test]
fn the_start_of_the_body_is_kept() {
    assert_eq!(failed(Response::new(502, "<html>")).body(), Some(&b"<html>"[..]));
    assert_eq!(failed(Response::new(502, "")).body(), None);
    assert_eq!(failed(Response::hang()).body(), None);
    assert_eq!(failed(Response::new(400, "x".repeat(100_000))).body().map(<[u8]>::len), Some(65_536));
}

#[test]
fn the_delay_that_a_server_asks_for_has_three_forms() {
    let date = ("date", "Mon, 05 Jan 2026 12:00:00 GMT");
    for (headers, delay) in [
        (vec![("retry-after", "3")], Some(3.0)),
        (vec![("retry-after", " 0 ")], Some(0.0)),
        (vec![("retry-after", "3"), ("x-acs-retry-after", "1500")], Some(1.5)),
        (vec![("retry-after", "3"), ("x-acs-retry-after", "soon")], Some(3.0)),
        // Relative to the time of the response, else to the client's clock, which is at 18:00.
        (vec![("retry-after", "Mon, 05 Jan 2026 12:00:07 GMT"), date], Some(7.0)),
        (vec![("retry-after", "Mon, 05 Jan 2026 18:00:07 GMT")], Some(7.0)),
        (vec![("retry-after", "Mon, 05 Jan 2026 11:00:00 GMT"), date], Some(0.0)),
        (vec![("retry-after", "99999999999999999999999")], Some(86_400.0)),
        (vec![("retry-after", "Mon, 05 Jan 2099 12:00:00 GMT")], Some(86_400.0)),
        (vec![("x-acs-retry-after", "18446744073709551615")], Some(86_400.0)),
        (vec![("retry-after", "-1")], None),
        (vec![("x-acs-retry-after", "-1")], None),
        (vec![("retry-after", "1.5")], None),
        (vec![("retry-after", "")], None),
        (vec![("retry-after", "tomorrow")], None),
    ] {
        let response = Response::error(503, "Throttling");
        let response = headers.iter().fold(response, |response, (name, value)| response.header(name, value));
        let expected = delay.map(Duration::from_secs_f64);
        assert_eq!(failed(response).retry_after(), expected, "{headers:?}");
    }
}
