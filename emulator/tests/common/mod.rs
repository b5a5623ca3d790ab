//! A small client with its own signing code, and helpers for frequent steps of tests.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate of its own and uses a part of it")]

pub mod order;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ecs_emulator::{Clock, Emulator, Outcome, Service};
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha1::Sha1;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// 2026-01-02T03:04:05Z.
pub const START: u64 = 1_767_323_045;

pub const ECS: &str = "2014-05-26";
pub const VPC: &str = "2016-04-28";
pub const CMS: &str = "2019-01-01";
pub const STS: &str = "2015-04-01";

/// Time limit of reading or writing, far longer than either takes on a busy machine.
const TIME_LIMIT: Duration = Duration::from_secs(60);

pub const IMAGE: &str = "aliyun_3_x64_20G_alibase_20250117.vhd";
/// The default resource group.
pub const RESOURCE_GROUP: &str = "rg-acfmemulator0default";
pub const REGION: (&str, &str) = ("RegionId", "cn-hangzhou");

/// The members of a response, or its error.
pub type CallResult = Result<Value, Failure>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub status: u16,
    pub code: String,
    pub message: String,
}

#[derive(Debug)]
pub struct Raw {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Raw {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// An emulator with a manual clock, and a client of it.
pub struct Test {
    pub emulator: Emulator,
    pub clock: Clock,
    pub key: (String, String, Option<String>),
}

impl Test {
    pub fn new() -> Self {
        Self::start(false)
    }

    /// An emulator that takes references to what does not exist.
    pub fn lenient() -> Self {
        Self::start(true)
    }

    fn start(lenient: bool) -> Self {
        let clock = Clock::manual(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
        let emulator = Emulator::builder().clock(clock.clone()).lenient(lenient).start_blocking().unwrap();
        Test { emulator, clock, key: ("testid".to_owned(), "testsecret".to_owned(), None) }
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The time in `ahead` seconds, in the form of parameters.
    pub fn time(&self, ahead: i64) -> String {
        let time = time::OffsetDateTime::from(self.clock.now()) + time::Duration::seconds(ahead);
        let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        time.format(format).unwrap()
    }

    /// The parameters of a request with a valid signature.
    pub fn signed(
        &self,
        method: &str,
        version: &str,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let timestamp = self.time(0);
        let common = [
            ("Action", operation),
            ("Version", version),
            ("Format", "JSON"),
            ("AccessKeyId", &self.key.0),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureNonce", &nonce()),
            ("Timestamp", &timestamp),
        ];
        for (name, value) in common {
            all.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
        if let Some(token) = &self.key.2 {
            all.insert("SecurityToken".to_owned(), token.clone());
        }
        let string_to_sign = format!("{method}&%2F&{}", encode(&form(&all)));
        let mut mac = Hmac::<Sha1>::new_from_slice(format!("{}&", self.key.1).as_bytes()).unwrap();
        mac.update(string_to_sign.as_bytes());
        all.insert("Signature".to_owned(), STANDARD.encode(mac.finalize().into_bytes()));
        all
    }

    /// Sends bytes and reads the response.
    pub fn raw(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Raw {
        let mut stream = connect(&self.emulator);
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n");
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        write!(head, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers =
            lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
        Raw { status, headers: headers.collect(), body: body.to_owned() }
    }

    /// Sends parameters as a form.
    pub fn post(&self, parameters: &BTreeMap<String, String>) -> Raw {
        self.raw("POST", "/", &[("content-type", "application/x-www-form-urlencoded")], &form(parameters))
    }

    /// Calls an operation of any service. The members of its response must be in the order of the published sample.
    pub fn call_version(&self, version: &str, operation: &str, parameters: &[(&str, &str)]) -> CallResult {
        let result = response(&self.post(&self.signed("POST", version, operation, parameters)));
        if let Ok(response) = &result {
            order::check(version, operation, response);
        }
        result
    }

    /// Calls an operation of ECS.
    pub fn call(&self, operation: &str, parameters: &[(&str, &str)]) -> CallResult {
        self.call_version(ECS, operation, parameters)
    }

    /// Calls an operation of ECS in the region that tests use.
    pub fn call_here(&self, operation: &str, parameters: &[(&str, &str)]) -> CallResult {
        let mut all = vec![REGION];
        all.extend_from_slice(parameters);
        self.call(operation, &all)
    }

    /// Creates instances, and advances the clock until they are running.
    pub fn run(&self, parameters: &[(&str, &str)]) -> Vec<String> {
        let mut all = vec![REGION, ("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")];
        all.retain(|(name, _)| !parameters.iter().any(|(other, _)| name == other));
        all.extend_from_slice(parameters);
        let response = self.call("RunInstances", &all).unwrap();
        self.advance(1);
        texts(&response["InstanceIdSets"]["InstanceIdSet"])
    }

    /// The instance in the response of DescribeInstances.
    pub fn instance(&self, id: &str) -> Option<Value> {
        let response = self.call_here("DescribeInstances", &[("InstanceIds", &json!([id]).to_string())]).unwrap();
        response["Instances"]["Instance"].get(0).cloned()
    }

    pub fn status(&self, id: &str) -> String {
        self.instance(id).map_or_else(|| "gone".to_owned(), |instance| instance["Status"].as_str().unwrap().to_owned())
    }

    /// IDs that DescribeInstances finds.
    pub fn find(&self, parameters: &[(&str, &str)]) -> Vec<String> {
        let response = self.call_here("DescribeInstances", parameters).unwrap();
        ids(&response["Instances"]["Instance"], "InstanceId")
    }
}

/// Connects to an emulator. Reading and writing fail after a while, so that no test hangs.
pub fn connect(emulator: &Emulator) -> TcpStream {
    let stream = TcpStream::connect(emulator.address()).unwrap();
    stream.set_read_timeout(Some(TIME_LIMIT)).unwrap();
    stream.set_write_timeout(Some(TIME_LIMIT)).unwrap();
    stream
}

pub fn response(raw: &Raw) -> CallResult {
    let body = raw.json();
    if raw.status == 200 {
        return Ok(body);
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Err(Failure { status: raw.status, code: text("Code"), message: text("Message") })
}

pub fn nonce() -> String {
    static NONCE: AtomicU64 = AtomicU64::new(0);
    format!("nonce-{}", NONCE.fetch_add(1, Ordering::Relaxed))
}

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

pub fn form(parameters: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

pub fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// A member of each element of a list.
pub fn ids(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

/// Status and code of an error.
#[track_caller]
pub fn fails(response: CallResult, status: u16, code: &str) -> String {
    let failure = response.expect_err("the call should fail");
    assert_eq!((failure.status, failure.code.as_str()), (status, code), "{}", failure.message);
    failure.message
}

/// Sends a request without a socket, and returns status and body.
pub fn send(service: &Service, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut request = http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let Outcome::Response(response) = service.handle(request.body(body.to_owned().into()).unwrap()) else {
        panic!("{method} {path}: no response")
    };
    (response.http.status().as_u16(), String::from_utf8(response.http.body().to_vec()).unwrap())
}
