//! Errors as callers see them: messages, predicates, and dry runs.

use std::error::Error as _;

use ecs_sdk::fake::{ACCESS_KEY, Response, Service};
use ecs_sdk::{Error, ErrorKind, codes, retry::Never};
use serde_json::json;

/// Returns the error of a call that receives this response and is not retried.
fn failed(response: Response) -> Error {
    let service = Service::script([response]);
    let client: ecs_sdk::Client = service.config().region("r").retry(Never).build().unwrap();
    service.run(client.delete_instance().instance_id("i-1").send()).unwrap_err()
}

#[test]
fn decodes_the_error_of_document_001() {
    let body = include_str!("../data/001-error-incorrect-instance-state.json");
    let error = failed(Response::new(403, body));
    assert_eq!(
        error.to_string(),
        "ecs DeleteInstance failed: IncorrectInstanceState: The current status of the resource does not support this \
         operation. (HTTP 403, request id 3C6DEAB4-7207-411F-9A31-6ADE54C268BE)"
    );
    assert_eq!(
        (error.kind(), error.operation(), error.http_status()),
        (ErrorKind::Service, "DeleteInstance", Some(403))
    );
    assert_eq!(error.code(), Some("IncorrectInstanceState"));
    assert_eq!(error.message(), "The current status of the resource does not support this operation.");
    assert_eq!(error.request_id(), Some("3C6DEAB4-7207-411F-9A31-6ADE54C268BE"));
    assert_eq!((error.recommend(), error.source().is_none(), error.is_maybe_executed()), (None, true, false));
}

#[test]
fn every_kind_of_failure_has_a_one_line_message() {
    let recommend = r#"{"Code":"A.NotFound","Message":"No\n\tsuch  thing","Recommend":"https://x/","RequestId":"R"}"#;
    let xml = "<?xml version='1.0'?>\n<Error>\n<RequestId>R</RequestId><Code>A.B</Code><Message><![CDATA[x & y]]></Message></Error>";
    for (response, line) in [
        (Response::new(404, recommend), "A.NotFound: No such thing (HTTP 404, request id R)"),
        (Response::new(400, xml), "A.B: x & y (HTTP 400, request id R)"),
        (
            Response::new(400, "<Error><Code>A.B</Code><Message>&amp;lt; is &lt;</Message></Error>"),
            "A.B: &lt; is < (HTTP 400)",
        ),
        // The request ID of the body takes precedence, because a proxy may have set the header.
        (Response::error(400, "A.B").header("x-acs-request-id", "H"), "A.B: Because. (HTTP 400, request id R-9)"),
        (
            Response::new(400, r#"{"code": "lower", "message": "case", "requestId": "R"}"#),
            "lower: case (HTTP 400, request id R)",
        ),
        (Response::new(400, r#"{"Code": 17, "Message": null}"#), "17: no message (HTTP 400)"),
        // A code has no spaces.
        (Response::new(400, "{\"Code\": \"A\\nB\"}"), "unexpected response: {\"Code\": \"A\\nB\"} (HTTP 400)"),
        (
            Response::new(502, "<html>\r\n<b>Bad Gateway</b>"),
            "unexpected response: <html> <b>Bad Gateway</b> (HTTP 502)",
        ),
        (Response::new(502, "[1]"), "unexpected response: [1] (HTTP 502)"),
        (Response::new(503, "").header("x-acs-request-id", "H"), "the response is empty (HTTP 503, request id H)"),
        (Response::new(200, "<html>"), "the response is not valid JSON: <html> (HTTP 200)"),
        (Response::new(200, " \n"), "the response is empty (HTTP 200)"),
        (Response::connection_refused(), "cannot connect (127.0.0.1:9): connection refused"),
        (Response::connect_timeout(), "connecting took too long (127.0.0.1:9): took too long"),
        (
            Response::reset_after_sending(),
            "the connection broke before the response was complete (127.0.0.1:9): connection reset",
        ),
        (Response::hang(), "no response within 60s"),
    ] {
        assert_eq!(failed(response).to_string(), format!("ecs DeleteInstance failed: {line}"));
    }
    assert_eq!(failed(Response::new(404, recommend)).recommend(), Some("https://x/"));
    let refused = failed(Response::connection_refused());
    assert!(refused.get_ref().unwrap().to_string().contains("connection refused"), "{refused:?}");
}

#[test]
fn error_chains_print_each_cause_once() {
    for response in [
        Response::connection_refused(),
        Response::connect_timeout(),
        Response::reset_after_sending(),
        Response::hang(),
        Response::new(502, "<html>"),
        Response::new(200, "<html>"),
        Response::error(400, "MissingParameter"),
    ] {
        let error = failed(response);
        assert!(error.source().is_none(), "{error:?}");
        let line = error.to_string();
        assert_eq!(format!("{:#}", anyhow::Error::from(error)), line);
    }
}

#[test]
fn retry_after_is_available_to_callers() {
    let error = failed(Response::error(429, "Throttling").header("x-acs-retry-after", "1500"));
    assert_eq!(error.retry_after(), Some(std::time::Duration::from_millis(1500)));
    assert_eq!(failed(Response::error(429, "Throttling")).retry_after(), None);
}

#[test]
fn messages_that_quote_the_signed_string_are_redacted() {
    for message in [
        "Specified signature is not matched with our calculation. server string to sign is:POST&%2F&Password%3Dp4ss",
        "The signature does not conform. server StringToSign is [ACS3\\np4ss], server CanonicalRequest is [POST p4ss]",
    ] {
        let body = format!(r#"{{"Code":"SignatureDoesNotMatch","Message":"{message}"}}"#);
        let error = failed(Response::new(400, body));
        assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
        let all = format!("{error} {error:?} {}", error.message());
        assert!(!all.contains("p4ss") && all.contains("omitted"), "{all}");
    }
}

#[test]
fn decoding_errors_contain_the_path_or_position() {
    let read = |text: &str| {
        let service = Service::always(Response::new(200, text));
        let error = service.run(service.client().describe_instances().send()).unwrap_err();
        assert_eq!((error.kind(), error.is_retryable(), service.requests().len()), (ErrorKind::Decode, false, 1));
        assert!(error.is_maybe_executed());
        error.to_string().replacen("ecs DescribeInstances failed: ", "", 1)
    };
    assert_eq!(
        read(r#"{"RequestId": "R-7", "Instances": {"Instance": [{}, {"Cpu": "4"}, {"Cpu": "many"}, {"Cpu": {}}]}}"#),
        "the response cannot be decoded: Instances.Instance[3].Cpu: expected a number or boolean, found an object (HTTP 200, request id R-7)"
    );
    let quoting = r#"{"Instances": "see at line 7 column 9"}"#;
    assert_eq!(
        read(quoting),
        "the response cannot be decoded: Instances: expected an object, found a string (HTTP 200)"
    );
    assert_eq!(
        read("{\"TotalCount\": 5,}"),
        "the response is not valid JSON: trailing comma at line 1 column 18 (HTTP 200)"
    );
    assert_eq!(read("{} {}"), "the response is not valid JSON: trailing characters at line 1 column 4 (HTTP 200)");
}

#[test]
fn predicates_of_error_codes() {
    let error = |code: &str| failed(Response::error(400, code));
    for code in ["Throttling", "Throttling.User", "Throttling.Api", "Flow.Throttling", "Request.Throttling.Region"] {
        assert!(error(code).is_throttling() && error(code).is_retryable(), "{code}");
    }
    for code in [
        "InvalidInstanceId.NotFound",
        "InvalidInstanceNotFound",
        "Invalid.NotFound.Disk",
        "InstanceNotFound",
        "NotExists.HpcCluster",
        "INSTANCE_NOT_EXISTS",
        "InvalidDisk.NotExist",
        "NoSuchResource",
    ] {
        assert!(error(code).is_not_found() && !error(code).is_retryable(), "{code}");
    }
    for code in ["MissingParameter", "InvalidZoneId.NotFound", "IncorrectInstanceStatus"] {
        let error = error(code);
        assert!(
            !error.is_throttling() && !error.is_not_found() && !error.is_timeout() && !error.is_retryable(),
            "{code}"
        );
    }
    for code in ["InternalError", "ServiceUnavailable", "UnknownError"] {
        assert!(error(code).is_retryable() && !error(code).is_throttling(), "{code}");
    }
    assert!(failed(Response::new(429, "")).is_throttling());
    assert!(failed(Response::hang()).is_timeout());
    assert!(failed(Response::connect_timeout()).is_timeout());
    assert_eq!(failed(Response::error(400, "DryRunOperation")).code(), Some(codes::DRY_RUN_OPERATION));
}

#[test]
fn a_code_in_a_successful_response_is_not_an_error() {
    let service = Service::always(Response::ok(json!({"RequestId": "R", "Code": "X", "Message": "Y"})));
    let out = service.run(service.client().describe_regions().send()).unwrap();
    assert_eq!(out.request_id, "R");
}

#[test]
fn a_check_succeeds_if_the_service_confirms_the_dry_run() {
    for response in
        [Response::error(412, "DryRunOperation"), Response::error(400, "DRYRUN.SUCCESS"), Response::success()]
    {
        let service = Service::script([response]);
        service.run(service.client().run_instances().image_id("m-1").check()).unwrap();
        let sent = service.only_request();
        assert_eq!((sent.param("DryRun"), sent.param("ImageId")), ("true".to_owned(), "m-1".to_owned()));
        sent.verify(ACCESS_KEY.1);
    }
    // A check overrides the caller's `DryRun`.
    let service = Service::script([Response::error(412, "DryRunOperation")]);
    service.run(service.client().delete_instances().instance_ids(["i-1"]).dry_run(false).check()).unwrap();
    assert_eq!(service.only_request().param("DryRun"), "true");
}

#[test]
fn a_check_returns_the_errors_of_the_call() {
    let service = Service::script([Response::error(403, "QuotaExceed.ElasticQuota")]);
    let error = service.run(service.client().run_instances().check()).unwrap_err();
    assert_eq!(error.code(), Some("QuotaExceed.ElasticQuota"));

    let service =
        Service::script([Response::error(503, "ServiceUnavailable"), Response::error(412, "DryRunOperation")]);
    service.run(service.client().run_instances().check()).unwrap();
    assert_eq!(service.request_times(), [0, 100]);

    // With `send`, a successful dry run is an error, as returned by the service.
    let service = Service::script([Response::error(412, "DryRunOperation")]);
    let error = service.run(service.client().run_instances().dry_run(true).send()).unwrap_err();
    assert_eq!(error.code(), Some("DryRunOperation"));
}
