//! A fake clock that only tests advance, and a fake service with scripted responses.
#![allow(missing_docs, clippy::missing_panics_doc, reason = "a fake panics if a test uses it incorrectly")]

pub mod http;
mod limit;

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
    test_util::TestClock,
    transport::{Transport, TransportError},
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;

pub use self::limit::TimeLimit;
use crate::Client;

/// The ID and the secret of the access key in tests.
pub const ACCESS_KEY: (&str, &str) = ("testid", "testsecret");

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Maximum number of times that the clock advances for one future: more than the longest test needs, and few enough to
/// fail within seconds if a call never ends.
const MAX_ADVANCES: u32 = 1_000_000;

/// A clock that advances only when the future in [`run`](Self::run) cannot make progress otherwise. Jitter is always
/// half of its maximum.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<Mutex<Time>>);

#[derive(Debug, Default)]
struct Time {
    now: Duration,
    alarms: BTreeSet<Duration>,
    random: TestClock,
}

impl Clock {
    fn time(&self) -> MutexGuard<'_, Time> {
        self.0.lock().unwrap()
    }

    /// Polls a future until it is ready. Whenever it is pending, the clock advances to the next alarm.
    ///
    /// Panics if the future is not ready after 100,000 advances.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..MAX_ADVANCES {
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return value;
            }
            self.advance();
        }
        panic!("the future waits forever");
    }

    /// Polls a future once.
    pub fn poll<T>(&self, future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Advances to the next alarm.
    pub fn advance(&self) {
        let mut time = self.time();
        let next = time.alarms.pop_first().expect("the future waits for something other than time");
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
        self.time().random.random(bytes);
    }
}

/// A response of the service, or a failure of the connection.
#[derive(Debug, Clone)]
pub struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    delay: Duration,
    failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy)]
enum Failure {
    ConnectionRefused,
    ConnectTimeout,
    ResetBeforeSending,
    ResetAfterSending,
}

impl Response {
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), delay: Duration::ZERO, failure: None }
    }

    #[expect(clippy::needless_pass_by_value, reason = "so that tests can pass `json!` directly")]
    pub fn ok(body: Value) -> Self {
        Self::new(200, body.to_string())
    }

    /// A successful response that contains only a request ID.
    pub fn success() -> Self {
        Self::new(200, r#"{"RequestId":"R-1"}"#)
    }

    pub fn error(status: u16, code: &str) -> Self {
        Self::new(status, format!(r#"{{"RequestId":"R-9","Code":"{code}","Message":"Because."}}"#))
    }

    fn failure(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::success() }
    }

    pub fn connection_refused() -> Self {
        Self::failure(Failure::ConnectionRefused)
    }

    /// Connecting takes too long.
    pub fn connect_timeout() -> Self {
        Self::failure(Failure::ConnectTimeout)
    }

    /// The connection is reset before the request has been sent.
    pub fn reset_before_sending() -> Self {
        Self::failure(Failure::ResetBeforeSending)
    }

    /// The connection is reset after the request has been sent.
    pub fn reset_after_sending() -> Self {
        Self::failure(Failure::ResetAfterSending)
    }

    /// The service never responds.
    pub fn hang() -> Self {
        Self::success().after(seconds(1_000_000_000))
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

/// A request that the service received.
#[derive(Debug, Clone, Default)]
pub struct SentRequest {
    /// Time since the start of the clock.
    pub at: Duration,
    pub url: String,
    pub headers: ::http::HeaderMap,
    pub body: String,
}

/// Parameters of every request, regardless of the operation.
const COMMON_PARAMETERS: [&str; 10] = [
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

impl SentRequest {
    /// All parameters, in order.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let pairs = self.body.split('&').map(|pair| pair.split_once('=').expect("a form consists of pairs"));
        pairs.map(|(key, value)| (decode(key), decode(value))).collect()
    }

    /// The parameters of the operation, sorted by name.
    pub fn operation_parameters(&self) -> Vec<(String, String)> {
        let mut all = self.parameters();
        all.retain(|(name, _)| !COMMON_PARAMETERS.contains(&name.as_str()));
        all.sort();
        all
    }

    pub fn get(&self, name: &str) -> Option<String> {
        self.parameters().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A parameter that must be present.
    pub fn param(&self, name: &str) -> String {
        self.get(name).unwrap_or_else(|| panic!("no {name} in {}", self.body))
    }

    /// Computes the signature of the received parameters, and asserts that it is the one that was sent.
    pub fn verify(&self, secret: &str) {
        let mut all = self.parameters();
        let names: BTreeSet<_> = all.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names.len(), all.len(), "duplicate parameter: {}", self.body);
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

pub fn encode(text: &str) -> String {
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

type Handler = dyn Fn(&SentRequest) -> Response + Send + Sync;

/// A service in memory that records the requests it receives.
#[derive(Clone)]
pub struct Service {
    pub clock: Clock,
    handler: Arc<Handler>,
    requests: Arc<Mutex<Vec<SentRequest>>>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}

impl Service {
    pub fn new(handler: impl Fn(&SentRequest) -> Response + Send + Sync + 'static) -> Self {
        Self { clock: Clock::default(), handler: Arc::new(handler), requests: Arc::default() }
    }

    /// Sends these responses in order. Panics if there are more requests than responses.
    pub fn script(responses: impl IntoIterator<Item = Response>) -> Self {
        let responses = Mutex::new(responses.into_iter().collect::<VecDeque<_>>());
        Self::new(move |sent| responses.lock().unwrap().pop_front().unwrap_or_else(|| panic!("unexpected {sent:?}")))
    }

    /// Sends the same response to every request.
    pub fn always(response: Response) -> Self {
        Self::new(move |_| response.clone())
    }

    /// The requests received so far.
    pub fn requests(&self) -> Vec<SentRequest> {
        self.requests.lock().unwrap().clone()
    }

    /// The request, if exactly one was received. Panics otherwise.
    pub fn only_request(&self) -> SentRequest {
        let [request] = self.requests().try_into().expect("exactly one request");
        request
    }

    /// The times at which requests were received, in milliseconds.
    pub fn request_times(&self) -> Vec<u128> {
        self.requests().iter().map(|request| request.at.as_millis()).collect()
    }

    /// A builder of clients that send requests to this service. It has no region.
    pub fn config<T: From<Config>>(&self) -> Builder<T> {
        let builder =
            Builder::default().without_environment().credentials(Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1));
        builder.endpoint("http://127.0.0.1:9").transport(self.clone()).system(self.clock.clone())
    }

    pub fn client(&self) -> Client {
        self.config().region("cn-hangzhou").build().unwrap()
    }

    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.clock.run(future)
    }

    /// Advances the clock.
    pub fn advance(&self, duration: Duration) {
        self.run(self.clock.sleep(duration));
    }
}

impl Transport for Service {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<'_, Result<::http::Response<Bytes>, TransportError>> {
        let (head, body) = request.into_parts();
        let request = SentRequest {
            at: self.clock.elapsed(),
            url: head.uri.to_string(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).expect("a form is valid UTF-8"),
        };
        let count = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(request.clone());
            requests.len()
        };
        assert!(count < 100_000, "the client sends requests forever");
        let response = (self.handler)(&request);
        Box::pin(async move {
            if response.delay > Duration::ZERO {
                self.clock.sleep(response.delay).await;
            }
            match response.failure {
                Some(Failure::ConnectionRefused) => Err(TransportError::not_sent("connection refused")),
                Some(Failure::ConnectTimeout) => Err(TransportError::not_sent("took too long").timed_out()),
                Some(Failure::ResetBeforeSending) => Err(TransportError::not_sent("connection reset")),
                Some(Failure::ResetAfterSending) => Err(TransportError::interrupted("connection reset")),
                None => {
                    let mut builder = ::http::Response::builder().status(response.status);
                    for (name, value) in response.headers {
                        builder = builder.header(name, value);
                    }
                    Ok(builder.body(Bytes::from(response.body)).unwrap())
                }
            }
        })
    }
}
