//! Memory use is bounded for responses of any content. This test has its own binary because it measures the memory of
//! the process.
#![cfg(target_os = "linux")]

extern crate ecs_sdk_testing as ecs_sdk;

use bytes::Bytes;
use ecs_sdk::fake::Clock;
use ecs_sdk::{
    Client, Credentials, Error, Result,
    operation::{describe_instances::DescribeInstancesResponse, run_instances::RunInstancesRequest},
    retry::Never,
    system::BoxFuture,
    transport::{Transport, TransportError},
};

/// Bytes of a long body. It is large enough for memory to become a multiple of the limit, and small enough for a debug
/// build.
const BODY_BYTES: usize = 16 << 20;
/// Memory that decoding may use, 128 MiB, and some more for the allocator, and for vectors whose old and new buffers
/// exist at the same time while they grow.
const MAX_MIB: usize = 220;

/// A value of this process in MiB, `VmRSS` for its memory now and `VmHWM` for its peak.
fn mib(name: &str) -> usize {
    let status = String::from_utf8(std::fs::read("/proc/self/status").unwrap()).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<usize>().unwrap() >> 10
}

/// Runs `work` and asserts that it used little memory.
fn bounded<T>(what: &str, work: impl FnOnce() -> T) -> T {
    // Resets the peak.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = mib("VmRSS:");
    let result = work();
    let used = mib("VmHWM:").saturating_sub(before);
    assert!(used < MAX_MIB, "{used} MiB for {what}");
    result
}

/// A service that always sends the same response.
#[derive(Debug)]
struct Fixed(u16, Bytes);

impl Transport for Fixed {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async { Ok(http::Response::builder().status(self.0).body(self.1.clone()).unwrap()) })
    }
}

fn client(status: u16, body: &Bytes) -> Client {
    let builder = Client::builder().without_environment().credentials(Credentials::new("id", "secret"));
    let builder = builder.endpoint("http://127.0.0.1:9").region("r").retry(Never);
    builder.transport(Fixed(status, body.clone())).system(Clock::default()).build().unwrap()
}

/// A list of `count` elements.
fn list(element: &str, count: usize) -> String {
    let mut text = String::from("[");
    text.push_str(&format!("{element},").repeat(count - 1));
    text + element + "]"
}

/// A body of at least `BODY_BYTES` that contains a long list.
fn body(before: &str, element: &str, after: &str) -> Bytes {
    (before.to_owned() + &list(element, BODY_BYTES / (element.len() + 1)) + after).into()
}

const ELEMENTS: [&str; 5] = ["0", "\"a\"", "[0]", "{}", "{\"\":0}"];

/// Sends a typed and an untyped call. Both must fail.
fn typed_and_untyped(status: u16, body: &Bytes) -> [Error; 2] {
    let what = format!("{status} {}…", String::from_utf8_lossy(&body[..70]));
    let client = client(status, body);
    let clock = Clock::default();
    [
        bounded(&what, || clock.run(client.run_instances().image_id("m-1").instance_type("t").send()).unwrap_err()),
        bounded(&what, || clock.run(client.call("RunInstances").send()).unwrap_err()),
    ]
}

fn errors_use_bounded_memory() {
    for element in ELEMENTS {
        for error in typed_and_untyped(400, &body("{\"RequestId\":\"R\",\"Code\":\"X\",\"Y\":", element, "}")) {
            assert_eq!((error.code(), error.request_id()), (Some("X"), Some("R")), "{element}");
        }
    }
    let long = "x".repeat(BODY_BYTES);
    for (body, code) in [
        (format!("{{\"Code\":\"X\",\"Message\":\"{long}\"}}"), Some("X")),
        (format!("{{\"{long}\":1,\"Code\":\"X\"}}"), None),
        (format!("<Error><Code>X</Code><Message>{long}</Message></Error>"), Some("X")),
        (format!("<html>{long}"), None),
        (format!("{{\"Code\":\"X\",\"A\":\"{}\"}}", "\u{1}".repeat(BODY_BYTES)), Some("X")),
    ] {
        for error in typed_and_untyped(400, &body.into()) {
            assert_eq!(error.code(), code);
            assert!(error.message().len() <= 1 << 20 && error.body().unwrap().len() == 64 << 10);
        }
    }
}

fn responses_use_bounded_memory() {
    for element in ELEMENTS {
        let start = "{\"RequestId\":\"R\",\"InstanceIdSets\":";
        let [typed, untyped] = typed_and_untyped(200, &body(&format!("{start}{{\"InstanceIdSet\":"), element, "}}"));
        assert_eq!((typed.request_id(), untyped.request_id()), (Some("R"), Some("R")), "{element}");
        let is_limit = untyped.to_string().contains("decoding takes more than 128 MiB of memory");
        assert!(is_limit, "{untyped}");
    }
    // A request ID, which is searched for secrets.
    let long = client(200, &format!("{{\"RequestId\":\"{}\"}}", "9".repeat(BODY_BYTES)).into());
    bounded("a request ID", || {
        let response = Clock::default().run(long.describe_instances().send()).unwrap();
        assert_eq!((response.request_id.len(), response.meta().request_id()), (BODY_BYTES, None));
    });
    // A wrapper with another name.
    let client = client(200, &body("{\"RequestId\":\"R\",\"InstanceIdSets\":{\"Other\":", "\"a\"", "}}"));
    bounded("another wrapper", || {
        Clock::default().run(client.run_instances().image_id("m-1").instance_type("t").send()).unwrap();
    });
    // All elements of one string.
    let commas = serde_json::json!({ "InstanceIds": "a,".repeat(BODY_BYTES / 2) }).to_string();
    bounded("a string", || _ = serde_json::from_str::<RunInstancesRequest>(&commas));
}

fn structs_in_lists_use_bounded_memory() {
    let read = |text: &str| serde_json::from_str::<DescribeInstancesResponse>(text);
    for element in ["null", "{\"Tags\":{\"Tag\":[{},{}]}}"] {
        let list = list(element, 1_000_000);
        for text in [format!("{{\"Instances\":{{\"Instance\":{list}}}}}"), format!("{{\"Instances\":{list}}}")] {
            let error = bounded(element, || read(&text).unwrap_err().to_string());
            assert!(error.contains("]: decoding takes more than 128 MiB of memory"), "{error}");
        }
        let unknown = bounded(element, || read(&format!("{{\"New\":{list},\"TotalCount\":1}}")).unwrap());
        assert_eq!(unknown.total_count, Some(1));
    }
}

/// Strings are small, so a million of them is accepted.
fn a_million_strings_are_accepted() {
    let ids = format!("{{\"SecurityGroupIds\":{}}}", list("\"sg\"", 1_000_000));
    let ids = serde_json::from_str::<RunInstancesRequest>(&ids).unwrap();
    assert_eq!(ids.security_group_ids.len(), 1_000_000);
    let nested = list("\"\"", 1_000_000);
    let nested =
        format!("{{\"Instances\":{{\"Instance\":[{{\"SecurityGroupIds\":{{\"SecurityGroupId\":{nested}}}}}]}}}}");
    let response: DescribeInstancesResponse = bounded("strings", || serde_json::from_str(&nested).unwrap());
    assert_eq!(response.instances[0].security_group_ids.len(), 1_000_000);
}

/// A service with 100,000 instances.
#[derive(Debug)]
struct Instances;

impl Transport for Instances {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let form = String::from_utf8(request.into_body().to_vec()).unwrap();
        let token = form.split('&').find_map(|pair| pair.strip_prefix("NextToken=")).unwrap_or("0");
        let from: usize = token.parse().unwrap();
        let items: Vec<String> = (from..from + 100)
            .map(|index| {
                let text = "x".repeat(100);
                format!(r#"{{"InstanceId":"i-{index}","InstanceName":"{text}","Description":"{text}","Cpu":2}}"#)
            })
            .collect();
        let next = if from + 100 < 100_000 { (from + 100).to_string() } else { String::new() };
        let body =
            format!(r#"{{"RequestId":"R","NextToken":"{next}","Instances":{{"Instance":[{}]}}}}"#, items.join(","));
        Box::pin(async { Ok(http::Response::new(body.into())) })
    }
}

fn lists_use_constant_memory() {
    for read_ahead in [false, true] {
        let builder = Client::builder().without_environment().credentials(Credentials::new("id", "secret"));
        let builder = builder.endpoint("http://127.0.0.1:9").region("r").transport(Instances);
        let client: Client = builder.system(Clock::default()).build().unwrap();
        let clock = Clock::default();
        let mut items = client.describe_instances().items();
        if read_ahead {
            items = items.read_ahead();
        }
        let mut read = |count: usize| (0..count).map_while(|_| clock.run(items.next())).map(Result::unwrap).count();
        // The allocator keeps the memory of a few pages.
        assert_eq!(read(5_000), 5_000);
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = mib("VmRSS:");
        assert_eq!(read(usize::MAX), 95_000);
        let used = mib("VmHWM:").saturating_sub(before);
        // The whole list takes more than 100 MiB.
        assert!(used < 8, "{used} MiB for a list");
    }
}

/// One test, because tests that run at the same time would measure each other's memory.
#[test]
fn memory_is_bounded() {
    errors_use_bounded_memory();
    responses_use_bounded_memory();
    structs_in_lists_use_bounded_memory();
    a_million_strings_are_accepted();
    lists_use_constant_memory();
}
