//! A fake clock, a scripted transport, and a subscriber that captures spans.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt::{self, Write as _},
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::{
    signing::v1,
    system::{BoxFuture, System},
    transport::{Transport, TransportError},
};

/// The time at which every test starts, in seconds since the Unix epoch: 2026-01-05T18:00:00Z.
pub(super) const START_SECONDS: u64 = 1_767_636_000;

/// A clock that advances only when the future in [`run`](Self::run) cannot make progress otherwise.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(Arc<Mutex<(Duration, BTreeSet<Duration>)>>);

impl Clock {
    fn time(&self) -> MutexGuard<'_, (Duration, BTreeSet<Duration>)> {
        self.0.lock().unwrap()
    }

    /// Polls a future until it is ready. Whenever it is pending, the clock advances to the next alarm.
    pub(super) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
            let mut time = self.time();
            let next = time.1.pop_first().expect("the future waits for something other than time");
            time.0 = time.0.max(next);
        }
    }

    pub(super) fn advance(&self, by: Duration) {
        self.time().0 += by;
    }
}

impl System for Clock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(START_SECONDS) + self.time().0
    }

    fn monotonic(&self) -> Duration {
        self.time().0
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        let alarm = clock.time().0 + duration;
        Box::pin(poll_fn(move |_| {
            let mut time = clock.time();
            if time.0 >= alarm {
                return Poll::Ready(());
            }
            time.1.insert(alarm);
            Poll::Pending
        }))
    }

    fn random(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// An expected request and its response.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Parameters in the body, except the common ones.
    form: Option<BTreeMap<String, String>>,
    /// The access key that must have signed the form. If absent, the form must not be signed.
    signed_with: Option<Key>,
    response: Response,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    id: String,
    secret: String,
    token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Response {
    Json(u16, Value),
    Text(u16, String),
    Refused,
    Broken,
    Timeout,
}

/// Parameters of every call to a service.
const COMMON_PARAMETERS: [&str; 8] = [
    "AccessKeyId",
    "Format",
    "SecurityToken",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

impl Exchange {
    fn check(&self, request: &http::Request<Bytes>) {
        let line = format!("{} {}", request.method(), request.uri());
        assert_eq!(line, format!("{} {}", self.method, self.url));
        for (name, value) in request.headers().iter().filter(|(name, _)| name.as_str().starts_with("x-aliyun")) {
            assert_eq!(self.headers.get(name.as_str()).map(String::as_str), value.to_str().ok(), "{line}: {name}");
        }
        for name in self.headers.keys() {
            assert!(request.headers().contains_key(name), "{line}: {name}");
        }
        let Some(expected) = &self.form else {
            assert!(request.body().is_empty(), "{line}");
            return;
        };
        let uri = format!("http://host/?{}", std::str::from_utf8(request.body()).unwrap());
        let url = url::Url::parse(&uri).unwrap();
        let mut form: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let signature = form.remove("Signature");
        if let Some(key) = &self.signed_with {
            assert_eq!(form.get("AccessKeyId"), Some(&key.id), "{line}");
            assert_eq!(form.get("SecurityToken"), key.token.as_ref(), "{line}");
            let parameters: Vec<(&str, &str)> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let canonical = v1::canonicalize(parameters);
            let expected = BASE64_STANDARD.encode(v1::sign(&key.secret, "POST", &canonical));
            assert_eq!(signature, Some(expected), "{line}");
        } else {
            for name in ["AccessKeyId", "SecurityToken", "SignatureMethod", "SignatureVersion"] {
                assert!(!form.contains_key(name), "{line}: {name}");
            }
            assert_eq!(signature, None, "{line}");
        }
        form.retain(|name, _| !COMMON_PARAMETERS.contains(&name.as_str()));
        assert_eq!(form, *expected, "{line}");
    }
}

/// A transport that expects the requests of a case, in order.
#[derive(Debug, Clone)]
pub(super) struct Script(pub(super) Arc<Mutex<VecDeque<Exchange>>>);

impl Transport for Script {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let next = self.0.lock().unwrap().pop_front();
        let exchange = next.unwrap_or_else(|| panic!("unexpected request: {} {}", request.method(), request.uri()));
        exchange.check(&request);
        Box::pin(async move {
            let (status, body) = match exchange.response {
                Response::Json(status, json) => (status, json.to_string()),
                Response::Text(status, text) => (status, text),
                Response::Refused => return Err(TransportError::not_sent("connection refused")),
                Response::Broken => return Err(TransportError::interrupted("connection reset")),
                Response::Timeout => std::future::pending().await,
            };
            Ok(http::Response::builder().status(status).body(body.into()).unwrap())
        })
    }
}

/// Captures the fields of all spans and events.
#[derive(Debug, Clone, Default)]
pub(super) struct Spans(Arc<Mutex<String>>, Arc<AtomicU64>);

impl Spans {
    pub(super) fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

struct Writer<'a>(MutexGuard<'a, String>);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut writer = Writer(self.0.lock().unwrap());
        write!(writer.0, "\n{} ", span.metadata().name()).unwrap();
        span.record(&mut writer);
        Id::from_u64(self.1.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Writer(self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Writer(self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
