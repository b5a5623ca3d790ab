//! A clock that only tests move, and a service that answers what a test says.
#![allow(missing_docs, clippy::missing_panics_doc, reason = "a fake panics where a test is wrong")]

pub mod http;

use std::{
    collections::{BTreeSet, VecDeque},
    fmt,
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use ecs_sdk_runtime::{
    Config, Credentials,
    builder::Builder,
    system::{BoxFuture, System},
    transport::{Transport, TransportError},
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;

use crate::Client;

/// Key pair of the tests.
pub const KEY: (&str, &str) = ("testid", "testsecret");

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Time that stands still until [`run`](Self::run) has nothing else to do. Jitter is always one half.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<Mutex<Time>>);

#[derive(Debug, Default)]
struct Time {
    now: Duration,
    alarms: BTreeSet<Duration>,
    random: u64,
}

impl Clock {
    fn time(&self) -> MutexGuard<'_, Time> {
        self.0.lock().unwrap()
    }

    /// Polls a future to its end; whenever it waits, time goes on to the next alarm.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return value;
            }
            self.advance();
        }
    }

    /// Polls a future once.
    pub fn poll<T>(&self, future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Goes on to the next alarm.
    pub fn advance(&self) {
        let mut time = self.time();
        let next = time.alarms.pop_first().expect("something waits, and not for time");
        time.now = time.now.max(next);
    }

    pub fn elapsed(&self) -> Duration {
        self.time().now
    }
}

impl System for Clock {
    fn now(&self) -> SystemTime {
        // 2026-01-05T18:00:00Z
        SystemTime::UNIX_EPOCH + seconds(1_767_636_000) + self.elapsed()
    }

    fn monotonic(&self) -> Duration {
        self.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        let alarm = clock.elapsed().saturating_add(duration);
        Box::pin(std::future::poll_fn(move |_| {
            let mut time = clock.time();
            if time.now >= alarm {
                return Poll::Ready(());
            }
            time.alarms.insert(alarm);
            Poll::Pending
        }))
    }

    fn random(&self, bytes: &mut [u8]) {
        if let [first, rest @ ..] = bytes
            && rest.len() == 3
        {
            // Jitter.
            *first = 0x80;
            rest.fill(0);
            return;
        }
        let mut time = self.time();
        time.random += 1;
        let number = time.random.to_be_bytes();
        for (byte, value) in bytes.iter_mut().rev().zip(number.iter().rev()) {
            *byte = *value;
        }
    }
}

/// What the service answers.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    delay: Duration,
    failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy)]
enum Failure {
    Refused,
    ConnectTimeout,
    ResetBefore,
    Broken,
}

impl Answer {
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), delay: Duration::ZERO, failure: None }
    }

    #[expect(clippy::needless_pass_by_value, reason = "so that tests can write `json!` in place")]
    pub fn ok(body: Value) -> Self {
        Self::text(200, body.to_string())
    }

    /// An answer with nothing but a request ID.
    pub fn done() -> Self {
        Self::text(200, r#"{"RequestId":"R-1"}"#)
    }

    pub fn error(status: u16, code: &str) -> Self {
        Self::text(status, format!(r#"{{"RequestId":"R-9","Code":"{code}","Message":"Because."}}"#))
    }

    fn failure(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::done() }
    }

    /// No connection.
    pub fn refused() -> Self {
        Self::failure(Failure::Refused)
    }

    /// No connection in time.
    pub fn connect_timeout() -> Self {
        Self::failure(Failure::ConnectTimeout)
    }

    /// The connection breaks before the request is out.
    pub fn reset_before() -> Self {
        Self::failure(Failure::ResetBefore)
    }

    /// The connection breaks when the request is out.
    pub fn broken() -> Self {
        Self::failure(Failure::Broken)
    }

    /// No answer, ever.
    pub fn hang() -> Self {
        Self::done().after(seconds(1_000_000_000))
    }

    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// A request as the service got it.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    pub at: Duration,
    pub url: String,
    pub headers: ::http::HeaderMap,
    pub body: String,
}

/// Parameters of every request that are not the operation's.
const COMMON: [&str; 10] = [
    "AccessKeyId",
    "Action",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

impl Sent {
    /// All parameters, in order.
    pub fn all(&self) -> Vec<(String, String)> {
        let pairs = self.body.split('&').map(|pair| pair.split_once('=').expect("a form has pairs"));
        pairs.map(|(key, value)| (decode(key), decode(value))).collect()
    }

    /// The operation's own parameters, sorted by name.
    pub fn own(&self) -> Vec<(String, String)> {
        let mut all = self.all();
        all.retain(|(name, _)| !COMMON.contains(&name.as_str()));
        all.sort();
        all
    }

    pub fn get(&self, name: &str) -> Option<String> {
        self.all().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A parameter that must be there.
    pub fn param(&self, name: &str) -> String {
        self.get(name).unwrap_or_else(|| panic!("no {name} in {}", self.body))
    }

    /// Computes the signature anew, from what arrived, and compares.
    pub fn verify(&self, secret: &str) {
        let mut all = self.all();
        let names: BTreeSet<_> = all.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names.len(), all.len(), "a parameter comes twice: {}", self.body);
        all.retain(|(name, _)| name != "Signature");
        all.sort();
        let pairs: Vec<String> =
            all.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let text = format!("POST&%2F&{}", encode(&pairs.join("&")));
        let mut mac = Hmac::<Sha1>::new_from_slice(format!("{secret}&").as_bytes()).unwrap();
        mac.update(text.as_bytes());
        assert_eq!(self.param("Signature"), BASE64_STANDARD.encode(mac.finalize().into_bytes()), "{}", self.body);
        assert!(!self.url.contains('?'), "{}", self.url);
    }
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("two digits"));
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).expect("UTF-8")
}

type Handler = dyn Fn(&Sent) -> Answer + Send + Sync;

/// A service in memory, that keeps what it got.
#[derive(Clone)]
pub struct Service {
    pub clock: Clock,
    handler: Arc<Handler>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}

impl Service {
    pub fn new(handler: impl Fn(&Sent) -> Answer + Send + Sync + 'static) -> Self {
        Self { clock: Clock::default(), handler: Arc::new(handler), sent: Arc::default() }
    }

    /// Gives the answers one after the other; one more request is a failure of the test.
    pub fn script(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Mutex::new(answers.into_iter().collect::<VecDeque<_>>());
        Self::new(move |sent| answers.lock().unwrap().pop_front().unwrap_or_else(|| panic!("unexpected {sent:?}")))
    }

    /// The same answer always.
    pub fn always(answer: Answer) -> Self {
        Self::new(move |_| answer.clone())
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// The one request that came.
    pub fn only(&self) -> Sent {
        let [sent] = self.sent().try_into().expect("one request");
        sent
    }

    /// When requests came, in milliseconds.
    pub fn times(&self) -> Vec<u128> {
        self.sent().iter().map(|sent| sent.at.as_millis()).collect()
    }

    /// Settings that lead to this service, without a region.
    pub fn config<T: From<Config>>(&self) -> Builder<T> {
        let builder = Builder::default().without_environment().credentials(Credentials::new(KEY.0, KEY.1));
        builder.endpoint("http://127.0.0.1:9").transport(self.clone()).system(self.clock.clone())
    }

    pub fn client(&self) -> Client {
        self.config().region("cn-hangzhou").build().unwrap()
    }

    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.clock.run(future)
    }

    /// Lets time go on.
    pub fn pass(&self, duration: Duration) {
        self.run(self.clock.sleep(duration));
    }
}

impl Transport for Service {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<'_, Result<::http::Response<Bytes>, TransportError>> {
        let (head, body) = request.into_parts();
        let sent = Sent {
            at: self.clock.elapsed(),
            url: head.uri.to_string(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).expect("a form is text"),
        };
        self.sent.lock().unwrap().push(sent.clone());
        let answer = (self.handler)(&sent);
        Box::pin(async move {
            if answer.delay > Duration::ZERO {
                self.clock.sleep(answer.delay).await;
            }
            match answer.failure {
                Some(Failure::Refused) => Err(TransportError::not_sent("connection refused")),
                Some(Failure::ConnectTimeout) => Err(TransportError::not_sent("took too long").timed_out()),
                Some(Failure::ResetBefore) => Err(TransportError::not_sent("connection reset")),
                Some(Failure::Broken) => Err(TransportError::interrupted("connection reset")),
                None => {
                    let mut response = ::http::Response::builder().status(answer.status);
                    for (name, value) in answer.headers {
                        response = response.header(name, value);
                    }
                    Ok(response.body(Bytes::from(answer.body)).unwrap())
                }
            }
        })
    }
}
