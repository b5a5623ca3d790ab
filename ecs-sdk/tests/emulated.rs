//! Calls every operation that the emulator simulates, and decodes every response with the type of its operation.
//!
//! The calls are in `data/tour.txt`. Operations of features that are not enabled are called, but not decoded.
#![cfg(all(feature = "cms", feature = "vpc"))]

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use ecs_emulator::{Emulator, Outcome, Service};
use ecs_sdk::{
    Client, Config, Credentials, Operation, UntypedCall, cms, sts,
    system::BoxFuture,
    transport::{Transport, TransportError},
    vpc,
};
use ecs_sdk_runtime::test_util;
use ecs_sdk_testing::fake::TimeLimit;
use serde_json::{Value, json};

/// The modules of the operations, by service.
mod operations {
    #[allow(unused_imports, reason = "without a family there are no operations of ECS")]
    pub(super) use ecs_sdk::operation as ecs;
    pub(super) use ecs_sdk::{cms::operation as cms, sts::operation as sts, vpc::operation as vpc};
}

/// Returns the members of a response that the type of its operation does not read.
type Unread = fn(&str) -> Result<Vec<String>, serde_json::Error>;

fn unread<R: Operation>(json: &str) -> Result<Vec<String>, serde_json::Error> {
    test_util::unread::<R::Response>(json)
}

macro_rules! operations {
    (all; $($(#[$gate:meta])* $service:ident $name:literal $module:ident::$request:ident,)*) => {
        /// The operations that are compiled in, by service and name.
        fn typed() -> BTreeMap<(&'static str, &'static str), Unread> {
            [$(
                $(#[$gate])*
                ((stringify!($service), $name), unread::<operations::$service::$module::$request> as Unread),
            )*].into()
        }
    };
}

include!("../src/generated/operations.rs");

const TOUR: &str = include_str!("data/tour.txt");

/// Time between two calls; longer than any state such as `Starting`.
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An emulator without sockets, as a transport.
#[derive(Clone)]
struct InProcess(Service);

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InProcess")
    }
}

impl InProcess {
    fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        match self.0.handle(request) {
            Outcome::Response(response) => response.http,
            other => panic!("no response: {other:?}"),
        }
    }

    /// Sends a request to the control interface.
    fn control(&self, method: &str, path: &str, body: &str) -> Value {
        let request = http::Request::builder().method(method).uri(path).body(body.to_owned().into()).unwrap();
        let response = self.handle(request);
        assert!(response.status().is_success(), "{method} {path} {body}: {response:?}");
        serde_json::from_slice(response.body()).unwrap()
    }

    /// Locks an instance for an overdue payment, which no API operation does.
    fn lock(&self, id: &str) {
        let mut state = self.control("GET", "/emulator/state", "");
        for account in state["accounts"].as_object_mut().unwrap().values_mut() {
            let instances = account["resources"]["instances"].as_array_mut().unwrap();
            for instance in instances.iter_mut().filter(|instance| instance["id"] == id) {
                instance["locks"] = json!(["financial"]);
            }
        }
        self.control("PUT", "/emulator/state", &state.to_string());
    }
}

impl Transport for InProcess {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let response = self.handle(request);
        Box::pin(async { Ok(response) })
    }
}

/// A line of the tour.
struct Line<'a> {
    /// `then`, `later` or nothing.
    pause: &'a str,
    service: &'a str,
    operation: &'a str,
    /// Parameters, whose values name values of earlier responses.
    parameters: Vec<(&'a str, &'a str)>,
    /// Names, and the paths of their values in the response.
    results: Vec<(&'a str, &'a str)>,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Self {
        let (call, results) = line.split_once(" -> ").unwrap_or((line, ""));
        let pair = |word: &'a str| word.split_once('=').unwrap_or_else(|| panic!("{word:?} of {line:?} has no `=`"));
        let mut words = call.split_whitespace().peekable();
        let pause = words.next_if(|word| ["then", "later"].contains(word)).unwrap_or("");
        let service = words.next_if(|word| ["cms", "ecs", "sts", "vpc"].contains(word)).unwrap_or("ecs");
        let operation = words.next().unwrap();
        Line {
            pause,
            service,
            operation,
            parameters: words.map(pair).collect(),
            results: results.split_whitespace().map(pair).collect(),
        }
    }
}

/// Replaces the names of values.
fn fill(text: &str, values: &BTreeMap<&str, String>) -> String {
    let mut parts = text.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        filled += values.get(name).unwrap_or_else(|| panic!("no earlier line has ${name}"));
        filled += rest;
    }
    filled.replace("%20", " ")
}

/// Returns the value at a path such as `Disks.Disk.0.DiskId`.
fn at<'v>(response: &'v Value, path: &str) -> &'v str {
    let pointer = format!("/{}", path.replace('.', "/"));
    response.pointer(&pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no string at {path} of {response}"))
}

/// Whether a list that is a member of a response has an element, if there are lists: decoding it shows something.
fn is_filled(response: &Value) -> bool {
    let items = |member: &Value| match member {
        Value::Object(wrapper) if wrapper.len() == 1 => wrapper.values().next().cloned(),
        other => Some(other.clone()),
    };
    let members = response.as_object().into_iter().flat_map(|members| members.values());
    let lists: Vec<Value> = members.filter_map(items).filter(Value::is_array).collect();
    lists.is_empty() || lists.iter().any(|list| list != &json!([]))
}

fn start(config: &Config, service: &str, operation: &str) -> UntypedCall {
    match service {
        "cms" => cms::Client::from(config).call(operation),
        "sts" => sts::Client::from(config).call(operation),
        "vpc" => vpc::Client::from(config).call(operation),
        _ => Client::from(config).call(operation),
    }
}

/// The operations that the emulator simulates, as service and name.
fn simulated(emulator: &InProcess) -> BTreeSet<(String, String)> {
    let coverage = emulator.control("GET", "/emulator/coverage?fidelity=state", "");
    let operations = coverage["operations"].as_array().unwrap();
    let service = |operation: &Value| operation["product"].as_str().unwrap().to_ascii_lowercase();
    operations
        .iter()
        .map(|operation| (service(operation), operation["operation"].as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn every_response_of_the_emulator_is_decoded_completely() {
    let _limit = TimeLimit::start();
    let emulator = InProcess(Emulator::builder().without_sockets().unwrap());
    let config = Config::builder()
        .without_environment()
        .credentials(Credentials::new("testid", "testsecret"))
        .region("cn-hangzhou")
        .endpoint("http://127.0.0.1:9")
        .transport(emulator.clone())
        .build()
        .unwrap();
    let typed = typed();
    let in_a_year: time::OffsetDateTime = (emulator.0.clock().now() + 365 * DAY).into();
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let mut values = BTreeMap::from([("in_a_year", in_a_year.format(format).unwrap())]);
    let (mut missing, mut findings) = (simulated(&emulator), Vec::new());
    let (mut reads, mut filled) = (BTreeSet::new(), BTreeSet::new());
    for line in TOUR.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("emulator lock ") {
            emulator.lock(&fill(name, &values));
            continue;
        }
        if let Some(event) = line.strip_prefix("emulator event ") {
            emulator.control("POST", "/emulator/events", &fill(event, &values));
            continue;
        }
        let Line { pause, service, operation, parameters, results } = Line::read(line);
        emulator.0.clock().advance(match pause {
            "then" => Duration::ZERO,
            "later" => 40 * DAY,
            _ => MINUTE,
        });
        let mut call = start(&config, service, operation);
        for (name, value) in parameters {
            call = call.parameter(name, fill(value, &values));
        }
        let response = match call.send().await {
            Ok(response) => response,
            Err(error) => panic!("{line}: {error}"),
        };
        if operation.starts_with("Describe") || operation.starts_with("List") {
            reads.insert((service, operation));
        }
        if is_filled(&response) {
            filled.insert((service, operation));
        }
        missing.remove(&(service.to_owned(), operation.to_owned()));
        if let Some(unread) = typed.get(&(service, operation)) {
            match unread(&response.to_string()) {
                Ok(unread) => findings.extend(unread.iter().map(|path| format!("{service} {operation}: {path}"))),
                Err(error) => findings.push(format!("{service} {operation}: {error}")),
            }
        }
        for (name, path) in results {
            values.insert(name, at(&response, path).to_owned());
        }
    }
    findings.sort();
    findings.dedup();
    assert!(findings.is_empty(), "not read:\n{}", findings.join("\n"));
    let empty: Vec<_> = reads.difference(&filled).collect();
    assert!(empty.is_empty(), "lists are empty in all responses of {empty:?}");
    assert!(missing.is_empty(), "the tour does not call {missing:?}");
}
