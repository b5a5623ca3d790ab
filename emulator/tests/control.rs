//! The control interface of the emulator, and the Location service.

mod common;

use common::{ECS, IMAGE, REGION, STS, Test, VPC, fails, send};
use ecs_emulator::{CannedResponse, Clock, Emulator, Outcome};
use serde_json::{Value, json};

const LOCATION: &str = "2015-06-12";

#[test]
fn faults_can_be_set_over_http() {
    let test = Test::new();
    let put = |text: &str| test.raw("PUT", "/emulator/faults", &[], text);
    assert_eq!(put("500*2").status, 200);
    fails(test.call("DescribeRegions", &[]), 500, "InternalError");
    assert_eq!(put("").status, 200);
    test.call("DescribeRegions", &[]).unwrap();
    assert_eq!(put("process:500,clock:-7200,duplicate,gateway:408,echo-page,incomplete").status, 200);
    assert_eq!(put("").status, 200);
    let raw = put("lightning");
    assert_eq!(raw.status, 400);
    assert!(raw.json()["error"].as_str().unwrap().starts_with("invalid fault `lightning`"), "{}", raw.body);
    assert!(test.raw("GET", "/emulator", &[], "").body.contains("/emulator/faults"));
    assert_eq!(test.emulator.requests().len(), 2);
}

#[test]
fn spot_instances_can_be_interrupted_over_http() {
    let test = Test::new();
    let spot = test.run(&[("SpotStrategy", "SpotAsPriceGo")]).remove(0);
    let other = test.run(&[]).remove(0);
    let post = |path: &str| test.raw("POST", &format!("/emulator/{path}"), &[], "").status;
    assert_eq!([post(&format!("recycle/{spot}")), post(&format!("recycle/{other}"))], [200, 404]);
    test.emulator.set_metadata_instance(&*spot);
    assert_eq!(test.raw("GET", "/latest/meta-data/instance/spot/termination-time", &[], "").body, test.time(300));
    for seconds in ["soon", "-1", "999999999999", "18446744073709551615", "18446744073709551616"] {
        assert_eq!(post(&format!("advance/{seconds}")), 400, "{seconds}");
    }
    assert_eq!(post("advance/300"), 200);
    assert_eq!(test.find(&[]), [other]);
}

#[test]
fn the_location_service_returns_the_emulator_for_every_service() {
    let test = Test::new();
    let call = |parameters: &[(&str, &str)]| test.call_version(LOCATION, "DescribeEndpoints", parameters);
    let response = call(&[("Id", "cn-beijing"), ("ServiceCode", "ecs"), ("Type", "openAPI"), REGION]).unwrap();
    let endpoint = &response["Endpoints"]["Endpoint"][0];
    assert_eq!((&endpoint["Endpoint"], &endpoint["SerivceCode"]), (&"127.0.0.1".into(), &"ecs".into()));
    assert_eq!((&endpoint["Id"], &response["Success"]), (&"cn-beijing".into(), &true.into()));
    let other = call(&[("Id", "cn-beijing"), ("ServiceCode", "vpc"), ("Type", "innerAPI")]).unwrap();
    assert_eq!(other["Endpoints"]["Endpoint"].as_array().map(Vec::len), Some(0));
    assert_eq!(
        call(&[("Id", "xx-new-1"), ("ServiceCode", "ecs")]).unwrap()["Endpoints"]["Endpoint"][0]["Id"],
        "xx-new-1"
    );
    fails(call(&[("Id", "x/y"), ("ServiceCode", "ecs")]), 400, "InvalidRegionId");
    fails(call(&[("Id", "cn-beijing"), ("ServiceCode", "oss")]), 400, "Illegal Parameter");
    assert!(fails(call(&[("Id", "cn-beijing")]), 400, "MissingParameter").contains("ServiceCode"));
    for code in ["sts", "STS", "cms", "Ecs"] {
        call(&[("Id", "cn-beijing"), ("ServiceCode", code)]).unwrap();
    }
    fails(test.call_version(LOCATION, "DescribeRegions", &[]), 501, "EmulatorNotSimulated");
}

#[test]
fn every_region_has_names() {
    let test = Test::new();
    let response = test.call("DescribeRegions", &[]).unwrap();
    for region in response["Regions"]["Region"].as_array().unwrap() {
        assert_ne!(region["LocalName"], region["RegionId"]);
    }
}

#[test]
fn operations_that_are_not_simulated_have_a_status_of_their_own() {
    let mut test = Test::new();
    // The first one lacks required parameters, the others have no spec.
    for (version, operation) in [
        (ECS, "CreateHpcCluster"),
        (VPC, "CreateNatGateway"),
        (LOCATION, "DescribeRegions"),
        ("2014-05-15", "CreateLoadBalancer"),
    ] {
        for _ in 0..2 {
            let raw = test.post(&test.signed("POST", version, operation, &[]));
            assert_eq!(raw.header("x-emulator-fidelity"), Some("none"));
            assert!(raw.header("x-ecs-emulator").is_some());
            let message = fails(common::response(&raw), 501, "EmulatorNotSimulated");
            assert!(message.contains(operation) && message.contains(version), "{message}");
        }
    }
    let warnings = test.emulator.warnings();
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    assert!(warnings[0].starts_with("CreateHpcCluster (API version 2014-05-26) is not simulated"), "{}", warnings[0]);

    let raw = test.post(&test.signed("POST", ECS, "DescribeRegions", &[]));
    assert_eq!((raw.status, raw.header("x-emulator-fidelity")), (200, Some("state")));
    // All operations of ECS are known, so other names are mistakes.
    fails(test.call("DescribeNothing", &[]), 404, "InvalidAction.NotFound");
    // Authentication comes first.
    test.key.1 = "wrong".to_owned();
    fails(test.call("CreateHpcCluster", &[]), 400, "SignatureDoesNotMatch");
    fails(test.call_version("2014-05-15", "CreateLoadBalancer", &[]), 400, "SignatureDoesNotMatch");
}

/// A web page can neither call the control interface nor read metadata; the API needs a signature anyway.
#[test]
fn requests_from_web_pages_are_rejected() {
    let service = Emulator::builder().allow_host("ecs.internal").without_sockets().unwrap();
    for path in ["/emulator", "/emulator/", "/emulator/health", "/latest/meta-data/", "/2016-01-01/meta-data/"] {
        let get = |headers: &[(&str, &str)]| send(&service, "GET", path, headers, "");
        for headers in [
            vec![("host", "evil.example")],
            vec![("host", "127.0.0.1"), ("origin", "http://evil.example")],
            vec![("host", "127.0.0.1"), ("origin", "null")],
            vec![("host", "127.0.0.1"), ("origin", "http://127.0.0.1")],
            vec![("host", "127.0.0.1"), ("host", "evil.example")],
            vec![("host", "0.0.0.0:8080")],
        ] {
            let (status, body) = get(&headers);
            assert_eq!(status, 403, "{path} {headers:?}: {body}");
            let body: Value = serde_json::from_str(&body).unwrap();
            let message = body["error"].as_str().unwrap();
            assert!(message.contains("--allow-host") || message.contains("Origin"), "{message}");
        }
        for headers in [
            vec![],
            vec![("host", "127.0.0.1:4000")],
            vec![("host", "localhost")],
            vec![("host", "[::1]:4000")],
            vec![("host", "100.100.100.200")],
            vec![("host", "ecs.internal:80")],
        ] {
            assert_ne!(get(&headers).0, 403, "{path} {headers:?}");
        }
    }
    let (status, _) = send(&service, "POST", "/emulator/reset", &[("host", "evil.example")], "");
    assert_eq!(status, 403);
    let (status, body) = send(&service, "GET", "/?Format=JSON", &[("host", "ecs.example"), ("origin", "null")], "");
    assert_eq!(status, 400, "{body}");
    // Other paths that begin with the same letters are not part of the control interface.
    for path in ["/emulatorXYZ", "/latestXYZ", "/emulator2/health"] {
        assert_eq!(send(&service, "GET", path, &[], "").0, 404, "{path}");
    }
}

#[test]
fn unknown_routes_and_methods_are_errors() {
    let service = Emulator::builder().without_sockets().unwrap();
    let error = |method: &str, path: &str| {
        let (status, body) = send(&service, method, path, &[], "");
        let body: Value = serde_json::from_str(&body).unwrap();
        (status, body["error"].as_str().unwrap().to_owned())
    };
    for path in
        ["/emulator/nothing", "/emulator/advance", "/emulator/advance/", "/emulator/health/x", "/emulator/a/b/c"]
    {
        let (status, message) = error("GET", path);
        assert_eq!(status, 404, "{path}");
        assert!(message.contains("GET /emulator lists the routes"), "{message}");
    }
    let request = http::Request::delete("/emulator/clock").body("".into()).unwrap();
    let Outcome::Response(response) = service.handle(request) else { panic!("no response") };
    assert_eq!(
        (response.http.status().as_u16(), &response.http.headers()["allow"]),
        (405, &"GET, PUT".parse().unwrap())
    );
    assert_eq!(send(&service, "HEAD", "/emulator/health", &[], "").0, 200);
}

#[test]
fn the_clock_moves_forward_within_bounds() {
    let test = Test::new();
    let service = test.emulator.service();
    let put = |body: &str| send(service, "PUT", "/emulator/clock", &[], body);
    let get = || serde_json::from_str::<Value>(&send(service, "GET", "/emulator/clock", &[], "").1).unwrap();
    assert_eq!(
        get(),
        json!({
            "time": "2026-01-02T03:04:05.000Z",
            "real_time": "2026-01-02T03:04:05.000Z",
            "ahead_seconds": 0.0,
            "manual": true,
        })
    );
    assert_eq!(put(r#"{"advance": 60}"#).0, 200);
    assert_eq!(put(r#"{"advance": 0.5}"#).0, 200);
    assert_eq!(get()["time"], "2026-01-02T03:05:05.500Z");
    assert_eq!(put(r#"{"time": "2026-02-02T00:00:00Z"}"#).0, 200);
    assert_eq!((&get()["time"], test.time(0)), (&json!("2026-02-02T00:00:00.000Z"), "2026-02-02T00:00:00Z".to_owned()));
    for body in [
        "",
        "60",
        "{}",
        r#"{"advance": -1}"#,
        r#"{"advance": 1e300}"#,
        r#"{"advance": 1e400}"#,
        r#"{"advance": 18446744073709551615}"#,
        r#"{"advance": "60"}"#,
        r#"{"advance": 60, "time": "2027-01-01T00:00:00Z"}"#,
        r#"{"time": "2026-02-01T00:00:00Z"}"#,
        r#"{"time": "9999-12-31T23:59:59Z"}"#,
        r#"{"time": "soon"}"#,
        r#"{"seconds": 60}"#,
    ] {
        let (status, message) = put(body);
        assert_eq!(status, 400, "{body}");
        assert!(serde_json::from_str::<Value>(&message).unwrap()["error"].is_string(), "{message}");
    }
    // 1,000 years in steps of 100, and no further.
    for step in 0..11 {
        let status = put(r#"{"advance": 3153600000}"#).0;
        assert_eq!(status, if step < 9 { 200 } else { 400 }, "{step}");
    }
    test.call("DescribeRegions", &[]).unwrap();
    assert_eq!(send(service, "POST", "/emulator/reset", &[], "").0, 200);
    assert_eq!(get()["ahead_seconds"], 0.0);
}

/// Clients that know nothing of the emulator's clock keep working when it is advanced.
#[test]
fn clients_ignore_that_the_system_clock_was_advanced() {
    let emulator = Emulator::builder().start_blocking().unwrap();
    // The manual clock of the client shows the real time.
    let clock = Clock::manual(emulator.clock().real_now());
    let mut test = Test { emulator, clock, key: ("testid".to_owned(), "testsecret".to_owned(), None) };
    let id = test.call("RunInstances", &[REGION, ("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")]).unwrap();
    let id = id["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap().to_owned();
    let role = [("RoleArn", "acs:ram::1000000000000001:role/r"), ("RoleSessionName", "session")];
    let response = test.call_version(STS, "AssumeRole", &role).unwrap();
    let text = |name: &str| response["Credentials"][name].as_str().unwrap().to_owned();
    let temporary = (text("AccessKeyId"), text("AccessKeySecret"), Some(text("SecurityToken")));
    assert!(text("Expiration") < test.time(3700), "{response}");

    let release = ("AutoReleaseTime", &*test.time(7200));
    test.call("ModifyInstanceAutoReleaseTime", &[("InstanceId", &id), release]).unwrap();
    assert_eq!(test.raw("POST", "/emulator/advance/86400", &[], "").status, 200);
    let raw = test.post(&test.signed("POST", ECS, "DescribeInstances", &[REGION]));
    assert_eq!((raw.status, &raw.json()["TotalCount"]), (200, &json!(0)), "the instance should be released by now");
    let date = raw.header("date").unwrap();
    assert!(date.contains(&test.time(0)[..4]), "{date}");
    // The credentials are still valid in real time, and so are those of the metadata service.
    test.key = temporary;
    test.call("DescribeRegions", &[]).unwrap();
    let path = "/latest/meta-data/ram/security-credentials/EcsEmulatorRole";
    let credentials = test.raw("GET", path, &[], "").json();
    assert!(credentials["Expiration"].as_str().unwrap() < test.time(7 * 3600).as_str(), "{credentials}");
}

#[test]
fn prepared_responses_replace_those_of_the_emulator() {
    let test = Test::new();
    let service = test.emulator.service();
    let put =
        |operation: &str, body: &str| send(service, "PUT", &format!("/emulator/responses/{operation}"), &[], body);
    let sold_out =
        r#"{"code": "OperationDenied.NoStock", "message": "sold out", "times": 1, "retry_after_milliseconds": 1500}"#;
    assert_eq!(put("RunInstances", sold_out).0, 200);
    let raw = test.post(&test.signed("POST", ECS, "RunInstances", &[]));
    assert_eq!((raw.header("x-acs-retry-after"), raw.header("retry-after")), (Some("1500"), Some("2")));
    assert_eq!(raw.header("x-emulator-fidelity"), Some("canned"));
    // The status is the one that the operation documents.
    assert_eq!(fails(common::response(&raw), 403, "OperationDenied.NoStock"), "sold out");
    test.run(&[]);

    let one = r#"[{"body": {"Price": 1.5}, "parameters": {"InstanceType": "a"}, "version": "2014-05-26"},
                  {"body": {"Price": 2.5}, "status": 202}]"#;
    assert_eq!(put("DescribePrice", one).0, 200);
    let price = |ty: &str| test.post(&test.signed("POST", ECS, "DescribePrice", &[("InstanceType", ty)]));
    assert_eq!((price("a").status, price("a").json()["Price"].as_f64()), (200, Some(1.5)));
    assert_eq!((price("b").status, price("b").json()["Price"].as_f64()), (202, Some(2.5)));
    // Operations without a spec can have responses, too.
    assert_eq!(put("CreateNatGateway", r#"{"body": {"NatGatewayId": "ngw-1"}}"#).0, 200);
    let gateway = test.call_version(VPC, "CreateNatGateway", &[]).unwrap();
    assert_eq!((&gateway["NatGatewayId"], gateway["RequestId"].is_string()), (&json!("ngw-1"), true));

    let shown = send(service, "GET", "/emulator/responses", &[], "").1;
    assert!(shown.contains("DescribePrice") && !shown.contains("RunInstances"), "{shown}");
    assert_eq!(send(service, "DELETE", "/emulator/responses/DescribePrice", &[], "").0, 200);
    assert_eq!(send(service, "GET", "/emulator/responses/DescribePrice", &[], "").0, 404);
    assert_eq!(send(service, "DELETE", "/emulator/responses", &[], "").0, 200);
    fails(test.call_version(VPC, "CreateNatGateway", &[]), 501, "EmulatorNotSimulated");
    for body in [
        "{}",
        r#"{"body": {}, "code": "A"}"#,
        r#"{"code": "A", "status": 99}"#,
        r#"{"code": "A", "status": 600}"#,
        r#"{"code": "A", "status": 18446744073709551615}"#,
        r#"{"code": "A", "times": 0}"#,
        r#"{"code": "A", "retry_after_milliseconds": 18446744073709551615}"#,
        r#"{"body": []}"#,
        r#"{"message": "A"}"#,
        r#"{"color": 1}"#,
    ] {
        assert_eq!(put("RunInstances", body).0, 400, "{body}");
    }
    assert_eq!(put("no/operation", r#"{"code": "A"}"#).0, 404);
    assert_eq!(put("no%20operation", r#"{"code": "A"}"#).0, 400);
    test.emulator.respond_with("RunInstances", [CannedResponse::error("Forbidden.RAM", "no").status(403)]).unwrap();
    fails(test.call("RunInstances", &[]), 403, "Forbidden.RAM");
    test.emulator.clear_responses();
}

#[test]
fn requests_are_listed_and_filtered() {
    let test = Test::new();
    let service = test.emulator.service();
    let list = |query: &str| {
        let (status, body) = send(service, "GET", &format!("/emulator/requests{query}"), &[], "");
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    test.call("DescribeRegions", &[]).unwrap();
    test.advance(60);
    for name in ["web", "db"] {
        test.call_here("DescribeInstances", &[("InstanceName", name)]).unwrap();
    }
    let (_, all) = list("");
    assert_eq!((&all["total"], all["requests"].as_array().unwrap().len()), (&json!(3), 3));
    let last = &all["requests"][2];
    assert_eq!((&last["operation"], &last["parameters"]["InstanceName"]), (&json!("DescribeInstances"), &json!("db")));
    assert_eq!((&last["number"], &last["status"], &last["fault"]), (&json!(3), &json!(200), &json!("none")));
    for (query, count) in [
        ("?operation=DescribeRegions", 1),
        ("?since=1", 2),
        ("?since=3", 0),
        ("?since=2026-01-02T03:05:05Z", 2),
        ("?since=2026-01-02T03:05:05.001Z", 0),
        ("?limit=1", 1),
        ("?limit=0", 0),
        ("?limit=18446744073709551615&operation=DescribeInstances", 2),
    ] {
        assert_eq!(list(query).1["requests"].as_array().unwrap().len(), count, "{query}");
    }
    assert_eq!(list("?limit=1").1["requests"][0]["number"], 3);
    for query in ["?since=soon", "?limit=-1", "?limit=18446744073709551616", "?operations=x"] {
        assert_eq!(list(query).0, 400, "{query}");
    }
    assert_eq!(send(service, "DELETE", "/emulator/requests", &[], "").0, 200);
    test.call("DescribeRegions", &[]).unwrap();
    assert_eq!(list("").1["requests"][0]["number"], 4);
}

/// Large requests, signed or not, do not fill the memory. A unit test checks the size of the whole log.
#[test]
fn large_requests_are_logged_in_part() {
    let test = Test::new();
    let service = test.emulator.service();
    let big = "x".repeat(1 << 20);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for number in 0..5 {
        let body = format!("Action=DescribeRegions&Number={number}&Big={big}");
        assert_eq!(send(service, "POST", "/", &form, &body).0, 400);
    }
    let requests = test.emulator.requests();
    let last = requests.last().unwrap();
    assert_eq!((last.body.len(), last.truncated, last.parameter("Number")), (64 << 10, true, None));
    // Names and values without end are cut, too.
    let many: String = (0..100_000).map(|number| format!("P{number}=&")).collect();
    send(service, "POST", "/", &form, &format!("Action={big}&{many}"));
    let last = test.emulator.requests().pop().unwrap();
    assert!(last.operation.len() <= 128 && last.parameters.len() < 1000 && last.truncated, "{}", last.parameters.len());
    // User data of the usual size is kept completely.
    let data = "y".repeat(20 << 10);
    send(service, "POST", "/", &form, &format!("Action=RunInstances&UserData={data}"));
    let last = test.emulator.requests().pop().unwrap();
    assert_eq!((last.parameter("UserData"), last.truncated), (Some(&*data), false));
}

#[test]
fn a_reset_restores_the_start() {
    let test = Test::new();
    let first = test.run(&[]);
    test.emulator.set_faults("500@DescribeRegions=1".parse().unwrap());
    test.emulator.respond_with("DescribePrice", [CannedResponse::error("A", "")]).unwrap();
    assert_eq!(test.raw("POST", "/emulator/reset", &[], "").status, 200);
    assert_eq!((test.find(&[]), test.time(0)), (Vec::new(), "2026-01-02T03:04:05Z".to_owned()));
    test.call("DescribeRegions", &[]).unwrap();
    assert_eq!(test.emulator.requests().len(), 2);
    // The same requests give the same IDs again.
    test.emulator.reset();
    assert_eq!(test.run(&[]), first);
}

#[test]
fn the_host_of_a_target_takes_the_place_of_the_header() {
    let test = Test::new();
    assert_eq!(test.raw("GET", "http://evil.example/emulator/state", &[], "").status, 403);
    assert_eq!(test.raw("GET", "http://127.0.0.1/emulator/state", &[], "").status, 200);
}
