//! Machines whose clock is wrong or jumps: every provider works as an access key does.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    task::{Context, Waker},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::{FutureExt, future::join};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use super::{
    fakes::Clock,
    server::{minutes, seconds},
};
use crate::{
    credentials::{AssumeRole, Credentials, CredentialsUri, EcsRamRole, ExternalProcess, OidcRole, ProvideCredentials},
    environment::{Environment, FakeEnvironment, ProcessOutput},
    error::Result,
    sts::Client,
    system::{BoxFuture, System},
    time::parse_time,
    transport::{Transport, TransportError},
};

const HOUR: i64 = 3600;

/// The world: services with the right time, which check timestamps and the expiry of keys, and a machine with a clock of
/// its own.
#[derive(Debug, Clone)]
struct World {
    time: Clock,
    /// How many seconds the machine's clock is ahead.
    ahead: Arc<AtomicI64>,
    /// Whether responses have the header `Date`.
    dates: Arc<AtomicBool>,
    lifetime: Duration,
    /// How long responses take.
    delay: Duration,
    /// When the keys that were issued expire.
    keys: Arc<Mutex<BTreeMap<String, SystemTime>>>,
    /// Number of calls that were rejected because of their key.
    rejected_keys: Arc<AtomicUsize>,
    /// Dates of the next responses of STS, which wrongly reject the timestamp.
    wrong_dates: Arc<Mutex<Vec<&'static str>>>,
}

fn text(time: SystemTime) -> String {
    OffsetDateTime::from(time).format(&Rfc3339).unwrap()
}

fn http_date(time: SystemTime) -> String {
    let format =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    OffsetDateTime::from(time).format(&format).unwrap()
}

impl World {
    fn new(ahead: i64, dates: bool) -> Self {
        Self {
            time: Clock::default(),
            ahead: Arc::new(ahead.into()),
            dates: Arc::new(dates.into()),
            lifetime: minutes(60),
            delay: Duration::ZERO,
            keys: Arc::default(),
            rejected_keys: Arc::default(),
            wrong_dates: Arc::default(),
        }
    }

    fn issued(&self) -> usize {
        self.keys.lock().unwrap().len()
    }

    /// Issues a key, as the metadata service and a credentials URI show it.
    fn issue(&self) -> Value {
        let expires = self.time.now() + self.lifetime;
        let mut keys = self.keys.lock().unwrap();
        let id = format!("key-{}", keys.len() + 1);
        keys.insert(id.clone(), expires);
        json!({
            "Code": "Success", "AccessKeyId": id, "AccessKeySecret": "s3cret", "SecurityToken": "s3cret-token",
            "Expiration": text(expires),
        })
    }

    /// Returns the status and the body of a response of STS.
    fn sts(&self, form: &BTreeMap<String, String>) -> (u16, Value) {
        let error = |code: &str| (400, json!({"RequestId": "R-9", "Code": code, "Message": "Because."}));
        let now = self.time.now();
        let sent = parse_time(&form["Timestamp"]).unwrap();
        if sent.duration_since(now).unwrap_or_else(|early| early.duration()) > minutes(15) {
            return error("InvalidTimeStamp.Expired");
        }
        let key = form.get("AccessKeyId").and_then(|id| self.keys.lock().unwrap().get(id).copied());
        if key.is_some_and(|expires| expires <= now) {
            self.rejected_keys.fetch_add(1, Ordering::Relaxed);
            return error("InvalidSecurityToken.Expired");
        }
        match form["Action"].as_str() {
            "GetCallerIdentity" => (200, json!({"RequestId": "R-1"})),
            _ => (200, json!({"RequestId": "R-1", "Credentials": self.issue()})),
        }
    }

    fn client(&self, provider: impl ProvideCredentials) -> Client {
        let mut files = FakeEnvironment::default();
        files.files.insert("/token".into(), "t".to_owned());
        let environment = WithProgram(files, self.clone());
        let builder = Client::builder().region("cn-hangzhou").environment(environment).credentials(provider);
        builder.transport(self.clone()).system(self.clone()).build().unwrap()
    }

    /// Makes a call.
    fn call(&self, client: &Client) {
        let result = self.time.run(client.call("GetCallerIdentity").send());
        result.unwrap_or_else(|error| panic!("{} s ahead: {error}", self.ahead.load(Ordering::Relaxed)));
    }

    /// Makes a call every two minutes.
    fn calls(&self, client: &Client, number: usize) {
        for _ in 0..number {
            self.call(client);
            self.time.advance(minutes(2));
        }
    }
}

impl System for World {
    fn now(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::Relaxed);
        let by = seconds(ahead.unsigned_abs());
        if ahead < 0 { self.time.now() - by } else { self.time.now() + by }
    }

    fn monotonic(&self) -> Duration {
        self.time.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.time.sleep(duration)
    }

    fn random(&self, bytes: &mut [u8]) {
        self.time.random(bytes);
    }
}

impl Transport for World {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let uri = request.uri();
        let (status, body) = match (uri.host().unwrap(), uri.path()) {
            ("keys", _) => (200, self.issue().to_string()),
            ("100.100.100.200", "/latest/api/token") => (200, "session".to_owned()),
            ("100.100.100.200", _) => (200, self.issue().to_string()),
            _ => {
                let url = format!("http://host/?{}", std::str::from_utf8(request.body()).unwrap());
                let form = url::Url::parse(&url).unwrap().query_pairs().into_owned().collect();
                let (status, body) = self.sts(&form);
                (status, body.to_string())
            }
        };
        let wrong_date = self.wrong_dates.lock().unwrap().pop();
        if let Some(date) = wrong_date.filter(|_| !request.body().is_empty()) {
            let body = r#"{"RequestId": "R-9", "Code": "InvalidTimeStamp.Expired", "Message": "Because."}"#;
            let response = http::Response::builder().status(400).header("date", date).body(body.into());
            return Box::pin(async { Ok(response.unwrap()) });
        }
        let mut response = http::Response::builder().status(status);
        // Errors always have a date, without which a client could not correct its clock.
        if status != 200 || self.dates.load(Ordering::Relaxed) {
            response = response.header("date", http_date(self.time.now()));
        }
        Box::pin(async {
            if !self.delay.is_zero() {
                self.time.sleep(self.delay).await;
            }
            Ok(response.body(body.into()).unwrap())
        })
    }
}

/// An environment with a program that prints a key.
#[derive(Debug)]
struct WithProgram(FakeEnvironment, World);

impl Environment for WithProgram {
    fn var(&self, name: &str) -> Option<String> {
        self.0.var(name)
    }

    fn read(&self, path: &std::path::Path) -> BoxFuture<'static, std::io::Result<String>> {
        self.0.read(path)
    }

    fn run(&self, _: &str, _: &[String]) -> BoxFuture<'static, std::io::Result<ProcessOutput>> {
        let key = self.1.issue();
        let printed = json!({
            "mode": "StsToken", "access_key_id": key["AccessKeyId"], "access_key_secret": key["AccessKeySecret"],
            "sts_token": key["SecurityToken"], "expiration": key["Expiration"],
        });
        Box::pin(async move { Ok(ProcessOutput::new(Some(0), printed.to_string())) })
    }
}

const ROLE: &str = "acs:ram::1:role/r";

fn uri() -> CredentialsUri {
    CredentialsUri::builder().uri("http://keys/").build()
}

fn providers() -> [Box<dyn ProvideCredentials>; 6] {
    [
        Box::new(EcsRamRole::builder().role_name("web").build()),
        Box::new(uri()),
        Box::new(ExternalProcess::new("get-key", [""; 0])),
        Box::new(AssumeRole::builder(Credentials::new("id", "s3cret")).role_arn(ROLE).build()),
        Box::new(AssumeRole::builder(uri()).role_arn(ROLE).build()),
        Box::new(OidcRole::builder().role_arn(ROLE).provider_arn("p").token_file("/token").build()),
    ]
}

const CLOCKS: [i64; 7] = [0, 8 * HOUR, -8 * HOUR, HOUR - 1, HOUR / 2, 24 * 365 * HOUR, -24 * 365 * HOUR];

#[test]
fn every_provider_works_with_any_clock() {
    for ahead in CLOCKS {
        for dates in [true, false] {
            for provider in providers() {
                let world = World::new(ahead, dates);
                let name = provider.name().to_owned();
                // The program's output has no date.
                let exact = dates && name != "ExternalProcess";
                world.calls(&world.client(provider), 90);
                let (issued, rejected) = (world.issued(), world.rejected_keys.load(Ordering::Relaxed));
                // Refreshed every 45 minutes: four keys, and as many of the source of a role.
                assert!(!exact || issued <= 8 && rejected == 0, "{name}, {ahead}: {issued} {rejected}");
                assert!(issued <= 2 * 90 && rejected <= 2 * 3, "{name}, {ahead}: {issued} {rejected}");
            }
        }
    }
}

#[test]
fn a_clock_that_jumps_does_not_matter() {
    for provider in providers() {
        let world = World::new(0, true);
        let client = world.client(provider);
        for jump in [8 * HOUR, -16 * HOUR, 8 * HOUR, 100 * 24 * HOUR, -100 * 24 * HOUR] {
            world.calls(&client, 25);
            world.ahead.fetch_add(jump, Ordering::Relaxed);
        }
        world.calls(&client, 25);
        let (issued, rejected) = (world.issued(), world.rejected_keys.load(Ordering::Relaxed));
        // The program's output has no date.
        let is_program = client.config().credentials().name() == "ExternalProcess";
        assert!(is_program || issued <= 14 && rejected == 0, "{issued} {rejected}");
        assert!(issued <= 30 && rejected <= 5, "{issued} {rejected}");
    }
}

#[test]
fn a_wrong_date_does_not_make_temporary_keys_unusable() {
    let dates = ["Mon, 05 Jan 2026 20:00:00 GMT", "Mon, 05 Jan 2026 16:00:00 GMT", "Thu, 31 Dec 2099 23:59:59 GMT"];
    for date in dates {
        for provider in providers() {
            let world = World::new(0, true);
            let client = world.client(provider);
            for _ in 0..3 {
                // One wrong response does not even fail the call.
                world.wrong_dates.lock().unwrap().push(date);
                world.calls(&client, 25);
            }
            assert_eq!(world.rejected_keys.load(Ordering::Relaxed), 0);
        }
    }
    for date in ["Sat, 31 Dec 9999 23:59:59 GMT", "yesterday", ""] {
        for provider in providers() {
            let world = World::new(0, true);
            let client = world.client(provider);
            world.call(&client);
            world.wrong_dates.lock().unwrap().push(date);
            let error = world.time.run(client.call("GetCallerIdentity").send()).unwrap_err();
            assert_eq!(error.code(), Some("InvalidTimeStamp.Expired"));
            world.call(&client);
        }
    }
}

#[test]
fn concurrent_calls_recover_from_wrong_dates() {
    for provider in providers() {
        let world = World::new(0, true);
        let client = world.client(provider);
        let dates = ["Mon, 05 Jan 2026 20:00:00 GMT", "Thu, 31 Dec 2099 23:59:59 GMT"];
        world.wrong_dates.lock().unwrap().extend(dates);
        let call = || client.call("GetCallerIdentity").send();
        let _ = world.time.run(join(call(), call()));
        world.calls(&client, 3);
    }
}

#[test]
fn keys_that_are_always_rejected_fail_after_two_attempts_without_a_delay() {
    for provider in providers() {
        let world = World { lifetime: Duration::ZERO, ..World::new(0, true) };
        let client = world.client(provider);
        for call in 1..=3 {
            let error = world.time.run(client.call("GetCallerIdentity").send()).unwrap_err();
            assert!(error.to_string().contains("InvalidSecurityToken.Expired"), "{error}");
            // A role of a role fetches both keys twice.
            assert!(world.issued() <= 4 * call, "{}", world.issued());
        }
        assert_eq!(world.time.monotonic(), Duration::ZERO);
    }
}

/// The response of a canceled refresh is still there hours later.
#[test]
fn keys_that_expired_before_they_were_received_are_not_used() {
    for provider in providers() {
        let world = World { delay: Duration::from_millis(500), ..World::new(0, true) };
        let name = provider.name().to_owned();
        let client = world.client(provider);
        world.call(&client);
        world.time.advance(minutes(50));
        let mut canceled = client.config().credentials().provide(client.config().context());
        let is_pending = canceled.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending();
        assert_eq!(is_pending, name != "ExternalProcess", "the program exits immediately");
        drop(canceled);
        world.time.advance(minutes(180));
        world.call(&client);
        // The canceled fetch of a role continues with the old key of its source.
        assert!(world.rejected_keys.load(Ordering::Relaxed) <= usize::from(name == "AssumeRole"), "{name}");
    }
}

/// A suspended machine does not count the time.
#[test]
fn credentials_that_expired_while_the_machine_was_suspended_are_fetched_again() {
    for provider in providers() {
        let world = World::new(0, true);
        let client = world.client(provider);
        world.call(&client);
        world.keys.lock().unwrap().values_mut().for_each(|expires| *expires = SystemTime::UNIX_EPOCH);
        world.call(&client);
        assert!(world.rejected_keys.load(Ordering::Relaxed) >= 1);
    }
}

#[test]
fn a_key_that_seems_to_have_expired_is_used_and_not_fetched_for_each_call() {
    let world = World::new(8 * HOUR, false);
    let client = world.client(uri());
    for _ in 0..100 {
        world.call(&client);
        world.time.advance(seconds(1));
    }
    assert_eq!(world.issued(), 1);
    world.time.advance(minutes(5));
    world.call(&client);
    assert_eq!(world.issued(), 2);
}
