//! Injected faults, over sockets and without.

mod common;

use std::{
    io::{Read as _, Write as _},
    time::Duration,
};

use common::{ECS, IMAGE, REGION, Raw, Test, fails, form};
use ecs_emulator::{Clock, Delivery, Echo, Emulator, Fault, Faults, Outcome};

const RUN: [(&str, &str); 3] = [REGION, ("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")];

/// Calls RunInstances, and returns every received byte.
fn bytes(test: &Test) -> String {
    let body = form(&test.signed("POST", ECS, "RunInstances", &RUN));
    let mut stream = common::connect(&test.emulator);
    let head = "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let mut response = Vec::new();
    // If the connection is closed early, either writing or reading fails.
    let sent = write!(stream, "{head}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let _ = sent.and_then(|()| stream.read_to_end(&mut response).map(|_| ()));
    String::from_utf8(response).unwrap()
}

fn instances(test: &Test) -> usize {
    test.emulator.set_faults(Faults::none());
    test.find(&[]).len()
}

#[test]
fn connections_are_closed_with_and_without_execution() {
    for (fault, created, seen) in [(Fault::Refuse, 0, 0), (Fault::Drop, 0, 1), (Fault::ExecuteThenDrop, 1, 1)] {
        let test = Test::new();
        test.emulator.set_faults(Faults::none().next(fault.clone(), 1));
        assert_eq!(bytes(&test), "", "{fault:?}");
        let requests = test.emulator.requests();
        assert_eq!(requests.len(), seen, "{fault:?}");
        for request in &requests {
            assert_eq!((request.status, request.code.as_deref(), &request.fault), (0, None, &fault));
            assert_eq!(request.executed, created == 1);
        }
        assert_eq!(instances(&test), created, "{fault:?}");
    }
}

#[test]
fn a_body_can_be_truncated() {
    let test = Test::new();
    test.emulator.set_faults(Faults::none().next(Fault::Truncate, 1));
    let response = bytes(&test);
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse::<usize>().unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body.len(), length / 2);
    assert_eq!(instances(&test), 1);
}

#[test]
fn a_complete_message_can_have_an_incomplete_body() {
    let test = Test::new();
    test.emulator.set_faults(Faults::none().next(Fault::Incomplete, 1));
    let raw = test.post(&test.signed("POST", ECS, "RunInstances", &RUN));
    assert_eq!((raw.status, raw.header("content-length")), (200, Some(raw.body.len().to_string().as_str())));
    assert!(raw.body.starts_with('{') && raw.body.ends_with('}'), "{}", raw.body);
    assert!(serde_json::from_str::<serde_json::Value>(&raw.body).unwrap_err().is_eof(), "{}", raw.body);
    assert_eq!(instances(&test), 1);
}

#[test]
fn a_body_can_arrive_byte_by_byte() {
    let test = Test::new();
    test.emulator.set_faults(Faults::none().next(Fault::Dribble(Duration::from_micros(10)), 1));
    let response = bytes(&test);
    let body: serde_json::Value = serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert!(body["RequestId"].is_string());
    assert_eq!(instances(&test), 1);
}

#[test]
fn errors_are_injected_with_and_without_execution() {
    for (fault, status, code) in [
        (Fault::InternalError { executed: false }, 500, "InternalError"),
        (Fault::InternalError { executed: true }, 500, "InternalError"),
        (Fault::Unavailable { executed: false }, 503, "ServiceUnavailable"),
        (Fault::Unavailable { executed: true }, 503, "ServiceUnavailable"),
        (Fault::Throttle { status: 400, retry_after: None }, 400, "Throttling.User"),
        (Fault::TokenExpired, 400, "InvalidSecurityToken.Expired"),
    ] {
        let test = Test::new();
        test.emulator.set_faults(Faults::none().next_on("RunInstances", fault.clone(), 1));
        fails(test.call("RunInstances", &RUN), status, code);
        let requests = test.emulator.requests();
        assert_eq!((requests[0].status, requests[0].code.as_deref()), (status, Some(code)));
        assert_eq!(instances(&test), usize::from(fault.executes()), "{fault:?}");
    }
}

#[test]
fn throttling_can_have_a_retry_after_header() {
    let test = Test::new();
    test.emulator.set_faults("429:1500,throttle".parse().unwrap());
    let call = || -> Raw { test.post(&test.signed("POST", ECS, "DescribeRegions", &[])) };
    let raw = call();
    assert_eq!((raw.status, raw.header("x-acs-retry-after")), (429, Some("1500")));
    let raw = call();
    assert_eq!((raw.status, raw.header("x-acs-retry-after")), (400, None));
    assert_eq!(call().status, 200);
}

#[test]
fn responses_can_be_html_or_empty() {
    let test = Test::new();
    test.emulator.set_faults(Faults::none().next(Fault::BadGateway { executed: true }, 1).next(Fault::Empty, 1));
    let call = || test.post(&test.signed("POST", ECS, "RunInstances", &RUN));
    let raw = call();
    assert_eq!((raw.status, raw.header("content-type")), (502, Some("text/html")));
    assert!(raw.body.starts_with("<html>"), "{}", raw.body);
    let raw = call();
    assert_eq!((raw.status, raw.body.as_str()), (200, ""));
    assert_eq!(instances(&test), 2);
}

#[test]
fn a_gateway_can_respond_with_and_without_execution() {
    for executed in [false, true] {
        for (status, title) in
            [(302, "302 Found"), (400, "400 Bad Request"), (413, "413 Payload Too Large"), (599, "599 Error")]
        {
            let test = Test::new();
            test.emulator.set_faults(Faults::none().next(Fault::Gateway { status, executed }, 1));
            let raw = test.post(&test.signed("POST", ECS, "RunInstances", &RUN));
            assert_eq!((raw.status, raw.header("content-type")), (status, Some("text/html")));
            assert!(raw.body.contains(&format!("<h1>{title}</h1>")), "{}", raw.body);
            assert_eq!((raw.header("location").is_some(), raw.header("x-acs-request-id")), (status == 302, None));
            assert_eq!(test.emulator.requests()[0].code, None);
            assert_eq!(instances(&test), usize::from(executed), "{status}");
        }
    }
}

#[test]
fn a_request_can_be_delivered_twice() {
    let test = Test::new();
    test.emulator.set_faults(Faults::none().next(Fault::Duplicate, 1));
    let parameters = [RUN[0], RUN[1], RUN[2], ("ClientToken", "token-1")];
    fails(test.call("RunInstances", &parameters), 400, "SignatureNonceUsed");
    let again = test.call("RunInstances", &parameters).unwrap();
    let executed: Vec<bool> = test.emulator.requests().iter().map(|request| request.executed).collect();
    assert_eq!(executed, [true, false]);
    assert_eq!(common::texts(&again["InstanceIdSets"]["InstanceIdSet"]), test.emulator.instance_ids());
}

#[test]
fn an_error_can_echo_the_request() {
    let secrets = [("Password", "Secret&pass 1"), ("ClientToken", "token-1")];
    for (echo, name) in
        [(Echo::Message, "Message"), (Echo::Code, "Code"), (Echo::RequestId, "RequestId"), (Echo::Page, "")]
    {
        let test = Test::new();
        test.emulator.set_faults(Faults::none().next(Fault::Echo(echo), 1));
        let mut parameters = RUN.to_vec();
        parameters.extend(secrets);
        let signed = test.signed("POST", ECS, "RunInstances", &parameters);
        let raw = test.post(&signed);
        assert_eq!(raw.status, 400, "{echo:?}");
        let text = if name.is_empty() { raw.body.clone() } else { raw.json()[name].as_str().unwrap().to_owned() };
        for expected in ["Secret&pass 1", "Password=Secret%26pass%201", &signed["Signature"], "content-type="] {
            assert!(text.contains(expected), "{echo:?}: {text}");
        }
        let header = raw.header("x-acs-request-id").unwrap_or_default();
        assert_eq!(header.contains("Password=Secret%26pass%201"), echo == Echo::RequestId, "{header}");
        assert_eq!(instances(&test), 0);
    }
}

#[test]
fn an_echo_is_limited() {
    let test = Test::new();
    let data = "x".repeat(100_000);
    for echo in [Echo::Message, Echo::Code, Echo::RequestId, Echo::Page] {
        test.emulator.set_faults(Faults::none().next(Fault::Echo(echo), 1));
        let raw = test.post(&test.signed("POST", ECS, "RunInstances", &[REGION, ("UserData", &data)]));
        assert!(raw.body.len() < 250_000, "{echo:?}: {}", raw.body.len());
        assert!(raw.header("x-acs-request-id").is_none_or(|id| id.len() <= 4096), "{echo:?}");
    }
}

#[test]
fn the_metadata_service_can_echo_the_request() {
    let test = Test::new();
    test.emulator.set_faults("echo-page@metadata".parse().unwrap());
    let headers = [("x-aliyun-ecs-metadata-token", "token-1")];
    let raw = test.raw("GET", "/latest/meta-data/ram/security-credentials/", &headers, "");
    assert!(raw.status == 400 && raw.body.contains("x-aliyun-ecs-metadata-token=token-1"), "{}", raw.body);
}

#[test]
fn a_request_is_held_until_the_client_disconnects() {
    let test = Test::new();
    test.emulator.set_faults(Faults::none().next(Fault::Hold { executed: true }, 1));
    let body = form(&test.signed("POST", ECS, "RunInstances", &RUN));
    let mut stream = common::connect(&test.emulator);
    let head = "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    // A response would have been sent before the request appears in the log.
    for _ in 0..10_000 {
        if !test.emulator.requests().is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(instances(&test), 1);
    stream.set_nonblocking(true).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn idle_connections_are_closed() {
    let emulator = Emulator::builder().idle_timeout(Duration::from_millis(20)).start_blocking().unwrap();
    let mut stream = common::connect(&emulator);
    write!(stream, "GET /latest/meta-data/ram/security-credentials/ HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").unwrap();
    let mut response = String::new();
    // The connection closes although neither side requested it.
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200") && response.ends_with("EcsEmulatorRole"), "{response}");
    for _ in 0..10_000 {
        if emulator.connections() == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("{} connections are open", emulator.connections());
}

#[test]
fn the_clock_of_the_service_can_be_skewed() {
    let test = Test::new();
    test.emulator.set_faults(Faults::none().skew(-3600));
    let raw = test.post(&test.signed("POST", ECS, "DescribeRegions", &[]));
    assert_eq!(raw.header("date"), Some("Fri, 02 Jan 2026 02:04:05 GMT"));
    fails(common::response(&raw), 400, "InvalidTimeStamp.Expired");
    test.call("DescribeRegions", &[("Timestamp", &test.time(-3600))]).unwrap();
    test.emulator.set_faults(Faults::none());
    test.call("DescribeRegions", &[]).unwrap();
}

#[test]
fn a_single_node_can_have_a_wrong_clock() {
    let test = Test::new();
    test.emulator.set_faults("clock:7200*2,clock:-60".parse().unwrap());
    let call = |ahead: i64| {
        let time = test.time(ahead);
        test.post(&test.signed("POST", ECS, "RunInstances", &[RUN[0], RUN[1], RUN[2], ("Timestamp", &time)]))
    };
    let raw = call(0);
    assert_eq!(raw.header("date"), Some("Fri, 02 Jan 2026 05:04:05 GMT"));
    fails(common::response(&raw), 400, "InvalidTimeStamp.Expired");
    assert_eq!(call(7200).status, 200);
    // A minute is within the tolerance, so only the header shows it.
    let raw = call(0);
    assert_eq!((raw.status, raw.header("date")), (200, Some("Fri, 02 Jan 2026 03:03:05 GMT")));
    let raw = call(7200);
    assert_eq!(raw.header("date"), Some("Fri, 02 Jan 2026 03:04:05 GMT"));
    fails(common::response(&raw), 400, "InvalidTimeStamp.Expired");
    assert_eq!(instances(&test), 2);
}

/// Times far beyond all dates neither stop the emulator nor hold a request forever.
#[test]
fn extreme_times_are_limited() {
    let test = Test::new();
    test.emulator.set_faults(
        Faults::none()
            .skew(i64::MIN)
            .next(Fault::WrongClock(i64::MAX), 1)
            .next(Fault::WrongClock(i64::MIN), 1)
            .next(Fault::ProcessThenDrop(Duration::MAX), 1),
    );
    for _ in 0..2 {
        fails(test.call("DescribeRegions", &[]), 400, "InvalidTimeStamp.Expired");
    }
    assert_eq!(bytes(&test), "");
    test.clock.advance(Duration::MAX);
    test.emulator.set_faults(Faults::none());
    test.call("DescribeRegions", &[]).unwrap();
}

#[test]
fn the_metadata_service_has_faults_of_its_own() {
    let test = Test::new();
    let get = || test.raw("GET", "/latest/meta-data/ram/security-credentials/", &[], "").status;
    test.emulator.set_faults(Faults::none().next(Fault::InternalError { executed: false }, 1));
    assert_eq!(get(), 200);
    test.emulator.set_faults(Faults::none().next_on("metadata", Fault::InternalError { executed: false }, 1));
    test.call("DescribeRegions", &[]).unwrap();
    assert_eq!([get(), get()], [500, 200]);
}

#[test]
fn a_client_token_is_executed_once() {
    let test = Test::new();
    let run = |name: &str| {
        let mut parameters = RUN.to_vec();
        parameters.extend([("ClientToken", "token-1"), ("InstanceName", name)]);
        test.call("RunInstances", &parameters)
    };
    let first = run("web").unwrap();
    let second = run("web").unwrap();
    assert_eq!(first["InstanceIdSets"], second["InstanceIdSets"]);
    fails(run("other"), 400, "IdempotentParameterMismatch");
    let executed: Vec<bool> = test.emulator.requests().iter().map(|request| request.executed).collect();
    assert_eq!(executed, [true, false, false]);
    assert_eq!(instances(&test), 1);
    assert_eq!((test.emulator.take_requests().len(), test.emulator.requests().len()), (4, 0));
}

/// While the first request is at work, its `ClientToken` gets the code that the operation documents.
#[test]
fn a_repeat_is_rejected_while_the_first_request_is_processed() {
    for text in ["process:90000", "process-drop:90000"] {
        let test = Test::new();
        let service = test.emulator.service().clone();
        let send = |operation: &str, parameters: &[(&str, &str)]| {
            let body = form(&test.signed("POST", ECS, operation, parameters));
            let request = http::Request::post("http://ecs.local/");
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            service.handle(request.body(body.into()).unwrap())
        };
        let parameters = [RUN[0], RUN[1], RUN[2], ("ClientToken", "token-1")];
        service.set_faults(text.parse().unwrap());
        let first = match send("RunInstances", &parameters) {
            Outcome::Response(response) => Some(response),
            Outcome::Dropped => None,
            other => panic!("{other:?}"),
        };
        assert_eq!(first.is_some(), text.starts_with("process:"));
        assert!(first.is_none_or(|first| first.delay == Duration::from_secs(90)));
        fails(test.call("RunInstances", &parameters), 403, "IdempotentProcessing");
        test.advance(89);
        fails(test.call("RunInstances", &parameters), 403, "IdempotentProcessing");
        let other = [RUN[0], RUN[1], RUN[2], ("ClientToken", "token-1"), ("InstanceName", "other")];
        fails(test.call("RunInstances", &other), 400, "IdempotentParameterMismatch");
        test.advance(1);
        let again = test.call("RunInstances", &parameters).unwrap();
        assert_eq!(common::texts(&again["InstanceIdSets"]["InstanceIdSet"]), test.emulator.instance_ids());
        assert_eq!(instances(&test), 1);
    }
}

#[test]
fn the_code_of_a_request_in_progress_depends_on_the_operation() {
    let test = Test::new();
    let id = test.run(&[("InstanceChargeType", "PrePaid"), ("Period", "1"), ("PeriodUnit", "Month")]).remove(0);
    for (operation, parameters, status, code) in [
        ("RenewInstance", vec![("InstanceId", &*id), ("Period", "1")], 403, "LastTokenProcessing"),
        ("CreateSecurityGroup", vec![REGION], 403, "IdempotentProcessing"),
        ("CreateInstance", RUN.to_vec(), 403, "IdempotentProcessing"),
    ] {
        let parameters = [&parameters[..], &[("ClientToken", "token-1")]].concat();
        test.emulator.set_faults("process:1000".parse().unwrap());
        test.call(operation, &parameters).unwrap();
        fails(test.call(operation, &parameters), status, code);
        test.advance(1);
        test.call(operation, &parameters).unwrap();
    }
}

#[test]
fn requests_are_handled_without_sockets() {
    let test = Test::new();
    let service = Emulator::builder().clock(test.clock.clone()).without_sockets().unwrap();
    let send = || {
        let body = form(&test.signed("POST", ECS, "RunInstances", &RUN));
        let request = http::Request::post("http://ecs.local/");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        service.handle(request.body(body.into()).unwrap())
    };
    let Outcome::Response(response) = send() else { panic!("no response") };
    assert_eq!((response.http.status().as_u16(), response.delivery), (200, Delivery::Whole));
    assert_eq!(service.requests()[0].header("host"), Some("ecs.local"));
    service.set_faults("refuse,drop,hold,truncate,delay:200".parse().unwrap());
    assert!(matches!(send(), Outcome::Refused));
    assert!(matches!(send(), Outcome::Dropped));
    assert!(matches!(send(), Outcome::Held));
    assert!(matches!(send(), Outcome::Response(response) if response.delivery == Delivery::Truncated));
    assert!(matches!(send(), Outcome::Response(response) if response.delay == Duration::from_millis(200)));
}

#[test]
fn emulators_with_the_same_seed_inject_the_same_faults() {
    let statuses = |seed: u64| {
        let clock = Clock::manual(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(common::START));
        let faults: Faults = "500=0.2,429=0.2,503=0.2".parse().unwrap();
        let emulator = Emulator::builder().clock(clock.clone()).faults(faults.seed(seed)).start_blocking().unwrap();
        let test = Test { emulator, clock, key: ("testid".to_owned(), "testsecret".to_owned(), None) };
        (0..50).map(|_| test.post(&test.signed("POST", ECS, "DescribeRegions", &[])).status).collect::<Vec<_>>()
    };
    let first = statuses(1);
    assert_eq!(first, statuses(1));
    assert_ne!(first, statuses(2));
    assert!([200, 429, 500, 503].iter().all(|status| first.contains(status)), "{first:?}");
}

#[test]
fn errors_have_any_code_status_and_message() {
    let test = Test::new();
    let inject = |text: &str| test.emulator.set_faults(text.parse().unwrap());
    inject("error:OperationDenied.NoStock:403@RunInstances*1");
    test.call("DescribeRegions", &[]).unwrap();
    fails(test.call("RunInstances", &RUN), 403, "OperationDenied.NoStock");
    test.call("RunInstances", &RUN).unwrap();
    // Without a status, it is the one that the operation documents.
    inject("error:InvalidInstanceId.NotFound@StopInstance,error:Made.Up@StopInstance");
    fails(test.call("StopInstance", &[]), 404, "InvalidInstanceId.NotFound");
    fails(test.call("StopInstance", &[]), 400, "Made.Up");
    inject(r#"execute-error:ServiceBusy:503+2500:"busy, please wait = 2.5 s""#);
    let raw = test.post(&test.signed("POST", ECS, "RunInstances", &RUN));
    assert_eq!((raw.header("x-acs-retry-after"), raw.header("retry-after")), (Some("2500"), Some("3")));
    assert_eq!(fails(common::response(&raw), 503, "ServiceBusy"), "busy, please wait = 2.5 s");
    assert_eq!(instances(&test), 2);
}

#[test]
fn faults_can_be_for_one_resource() {
    let test = Test::new();
    let ids = test.run(&[("Amount", "2")]);
    test.emulator.set_faults(format!("error:IncorrectInstanceStatus:403@StopInstance/{}*9", ids[0]).parse().unwrap());
    test.call("StopInstance", &[("InstanceId", &ids[1])]).unwrap();
    fails(test.call("StopInstance", &[("InstanceId", &ids[0])]), 403, "IncorrectInstanceStatus");
    test.instance(&ids[0]).unwrap();
    test.emulator.set_faults(Faults::none().next_on(&format!("/{}", ids[0]), Fault::TokenExpired, 1));
    let list = serde_json::json!([ids[1], ids[0]]).to_string();
    fails(test.call_here("DescribeInstances", &[("InstanceIds", &list)]), 400, "InvalidSecurityToken.Expired");
}

/// A fault that refuses every connection can be removed over HTTP.
#[test]
fn the_control_interface_is_never_affected() {
    let test = Test::new();
    test.emulator.set_faults("refuse=1".parse().unwrap());
    assert_eq!(bytes(&test), "");
    assert_eq!(test.raw("GET", "/emulator/health", &[], "").status, 200);
    assert_eq!(test.raw("PUT", "/emulator/faults", &[], "").status, 200);
    test.call("DescribeRegions", &[]).unwrap();
    // Without sockets, neither.
    test.emulator.set_faults("refuse=1".parse().unwrap());
    assert_eq!(common::send(test.emulator.service(), "GET", "/emulator/health", &[], "").0, 200);
}
