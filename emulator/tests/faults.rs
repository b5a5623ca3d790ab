//! Injected faults, over sockets and without.

mod common;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use common::{ECS, IMAGE, REGION, Raw, Test, fails, form};
use ecs_emulator::{Clock, Delivery, Emulator, Fault, Faults, Outcome};

const RUN: [(&str, &str); 3] = [REGION, ("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")];

/// Calls RunInstances, and returns every received byte.
fn bytes(test: &Test) -> String {
    let body = form(&test.signed("POST", ECS, "RunInstances", &RUN));
    let mut stream = TcpStream::connect(test.emulator.address()).unwrap();
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
        test.emulator.set_faults(Faults::none().next(fault, 1));
        assert_eq!(bytes(&test), "", "{fault:?}");
        let requests = test.emulator.requests();
        assert_eq!(requests.len(), seen, "{fault:?}");
        for request in &requests {
            assert_eq!((request.status, request.code.as_deref(), request.fault), (0, None, fault));
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
        test.emulator.set_faults(Faults::none().next_on("RunInstances", fault, 1));
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
fn a_request_is_held_until_the_client_disconnects() {
    let test = Test::new();
    test.emulator.set_faults(Faults::none().next(Fault::Hold { executed: true }, 1));
    let body = form(&test.signed("POST", ECS, "RunInstances", &RUN));
    let mut stream = TcpStream::connect(test.emulator.address()).unwrap();
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
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
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
