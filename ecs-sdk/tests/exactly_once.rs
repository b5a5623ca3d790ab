//! Nothing is created twice, regardless of faults: 10,000 seeded runs with an emulator that injects random faults,
//! without sockets and with a fake clock.
#![cfg(all(feature = "instances", feature = "security-groups", feature = "public-ip-and-bandwidth"))]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use ecs_emulator::{Delivery, Echo, Emulator, Fault, Faults, Outcome, Request};
use ecs_sdk::{
    Client, Credentials, Error,
    retry::{FullJitter, RetryPolicy},
    system::{BoxFuture, System},
    transport::{Transport, TransportError},
};
use ecs_sdk_testing::fake::{ACCESS_KEY, Clock, millis, seconds};

const RUNS: u64 = 10_000;
const THREADS: u64 = 4;
const IMAGE: &str = "aliyun_3_x64_20G_alibase_20250117.vhd";
const TYPE: &str = "ecs.g6.large";
/// Contains characters that are encoded in a form, in JSON and in HTML.
const PASSWORD: &str = "N0t+a&Real=\"Pw";
/// User data in Base64.
const USER_DATA: &str = "c2VjcmV0IHVzZXIgZGF0YQ==";

/// Random faults, which affect five of eight requests.
fn faults(seed: u64) -> Faults {
    let mut faults = Faults::none().seed(seed).skew([0, 0, -1800, 0, 7200][usize::try_from(seed / 50 % 5).unwrap()]);
    for executed in [false, true] {
        faults = faults
            .random(Fault::InternalError { executed }, 0.025)
            .random(Fault::BadGateway { executed }, 0.015)
            .random(Fault::Unavailable { executed }, 0.015)
            .random(Fault::Hold { executed }, 0.01);
        for status in [302, 400, 408, 413, 429] {
            faults = faults.random(Fault::Gateway { status, executed }, 0.005);
        }
    }
    for echo in [Echo::Message, Echo::Code, Echo::RequestId, Echo::Page] {
        faults = faults.random(Fault::Echo(echo), 0.006);
    }
    faults
        .random(Fault::Refuse, 0.03)
        .random(Fault::Drop, 0.03)
        .random(Fault::ExecuteThenDrop, 0.07)
        .random(Fault::Truncate, 0.04)
        .random(Fault::Incomplete, 0.02)
        .random(Fault::Empty, 0.02)
        .random(Fault::Duplicate, 0.03)
        .random(Fault::Throttle { status: 400, retry_after: None }, 0.015)
        .random(Fault::Throttle { status: 429, retry_after: Some(millis(700)) }, 0.015)
        // The longer times exceed the timeout of an attempt, the shorter ones do not.
        .random(Fault::Delay(seconds(200)), 0.015)
        .random(Fault::Delay(seconds(2)), 0.01)
        .random(Fault::Process(seconds(125)), 0.03)
        .random(Fault::Process(seconds(3)), 0.01)
        .random(Fault::ProcessThenDrop(seconds(3)), 0.05)
        .random(Fault::Dribble(millis(1)), 0.01)
        // A wrong clock in one response only, ahead and behind.
        .random(Fault::WrongClock(7200), 0.01)
        .random(Fault::WrongClock(-7200), 0.01)
        .random(Fault::TokenExpired, 0.01)
}

/// A transport to an emulator in the same process. Both use the clock of the test.
#[derive(Debug, Clone)]
struct InMemoryTransport {
    clock: Clock,
    service: ecs_emulator::Service,
    /// The time to which the emulator's clock was advanced.
    emulator_time: Arc<Mutex<Duration>>,
}

impl InMemoryTransport {
    fn new() -> Self {
        let clock = Clock::default();
        let service = Emulator::builder().clock(ecs_emulator::Clock::manual(clock.now())).without_sockets().unwrap();
        Self { clock, service, emulator_time: Arc::default() }
    }

    fn client(&self, attempts: u32) -> Client {
        let builder = Client::builder().without_environment().region("cn-hangzhou").endpoint("http://127.0.0.1:9");
        let builder = builder
            .credentials(Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1))
            .retry(FullJitter::default().max_attempts(attempts));
        builder.transport(self.clone()).system(self.clock.clone()).build().unwrap()
    }

    /// Advances the emulator's clock to the time of the test.
    fn synchronize_clocks(&self) {
        let mut emulator_time = self.emulator_time.lock().unwrap();
        let now = self.clock.elapsed();
        self.service.clock().advance(now - *emulator_time);
        *emulator_time = now;
    }
}

impl Transport for InMemoryTransport {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.synchronize_clocks();
        let outcome = self.service.handle(request);
        Box::pin(async move {
            let broken = || Err(TransportError::interrupted("connection closed"));
            match outcome {
                Outcome::Refused => Err(TransportError::not_sent("connection refused")),
                Outcome::Dropped => broken(),
                Outcome::Held => std::future::pending().await,
                Outcome::Response(response) => {
                    self.clock.sleep(response.delay).await;
                    match response.delivery {
                        Delivery::Truncated => return broken(),
                        Delivery::Dribbled(pause) => {
                            let length = u32::try_from(response.http.body().len()).unwrap();
                            self.clock.sleep(pause * length).await;
                        }
                        _ => {}
                    }
                    Ok(response.http)
                }
                other => panic!("{other:?}"),
            }
        })
    }
}

/// The result of one or more runs.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    succeeded: u64,
    failed: u64,
    /// Runs with more than one attempt.
    retried: u64,
    /// Runs in which the response of the executed attempt was lost and a later attempt returned it.
    recovered: u64,
    /// Runs that succeeded although an attempt was rejected because an earlier one was still being processed.
    outlasted: u64,
    /// Runs of calls without a `ClientToken`.
    without_token: u64,
    /// Runs of calls without a `ClientToken` that failed although they were executed.
    executed_but_failed: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.retried += other.retried;
        self.recovered += other.recovered;
        self.outlasted += other.outlasted;
        self.without_token += other.without_token;
        self.executed_but_failed += other.executed_but_failed;
    }
}

/// Whether a code is one of those with which the emulator rejects a `ClientToken` that it is still processing.
fn is_in_progress(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.ends_with("Processing"))
}

/// Checks all attempts of one call.
fn check(requests: &[Request], result: &Result<(), Error>, token: bool) -> Result<Tally> {
    let distinct = |name: &str| requests.iter().map(|request| request.parameter(name)).collect::<BTreeSet<_>>();
    ensure!(distinct("SignatureNonce").len() == requests.len(), "a nonce was used twice");
    ensure!(distinct("Signature").len() == requests.len(), "a signature was used twice");
    let tokens = distinct("ClientToken");
    if token {
        ensure!(requests.is_empty() || tokens.len() == 1 && tokens.first() != Some(&None), "tokens {tokens:?}");
    } else {
        ensure!(requests.iter().all(|request| request.parameter("ClientToken").is_none()), "tokens {tokens:?}");
    }
    let executed = requests.iter().filter(|request| request.executed).count();
    ensure!(executed <= 1, "executed {executed} times");
    ensure!(executed == 1 || result.is_err(), "a call succeeded but was not executed");
    let first = requests.iter().position(|request| request.executed);
    if !token {
        ensure!(first.is_none_or(|first| first + 1 == requests.len()), "retried after it was executed");
    }
    if let Err(error) = result {
        ensure!(executed == 0 || error.is_maybe_executed(), "executed, but the error does not report it: {error}");
        check_secrets(requests, error)?;
    }
    let yes = u64::from;
    Ok(Tally {
        succeeded: yes(result.is_ok()),
        failed: yes(result.is_err()),
        retried: yes(requests.len() > 1),
        recovered: yes(result.is_ok() && first.is_some_and(|first| first + 1 < requests.len())),
        outlasted: yes(result.is_ok() && requests.iter().any(|request| is_in_progress(request.code.as_deref()))),
        without_token: yes(!token),
        executed_but_failed: yes(!token && result.is_err() && executed == 1),
    })
}

/// Checks that no part of an error contains a secret of the call, neither verbatim nor percent-encoded.
fn check_secrets(requests: &[Request], error: &Error) -> Result<()> {
    let mut strings = vec![error.to_string(), format!("{error:?}"), error.message().to_owned()];
    strings.extend([error.code(), error.request_id(), error.recommend()].into_iter().flatten().map(str::to_owned));
    let sources = std::iter::successors(std::error::Error::source(error), |source| source.source());
    strings.extend(sources.flat_map(|source| [source.to_string(), format!("{source:?}")]));
    let is_secret = |name: &str| ["Password", "UserData", "Signature"].contains(&name);
    let encoded = requests.iter().flat_map(|request| request.body.split('&')).filter_map(|pair| pair.split_once('='));
    let encoded = encoded.filter(|(name, _)| is_secret(name)).map(|(_, value)| value);
    let decoded = requests.iter().flat_map(|request| &request.parameters);
    let decoded = decoded.filter(|(name, _)| is_secret(name)).map(|(_, value)| value.as_str());
    for secret in encoded.chain(decoded).chain([ACCESS_KEY.1]) {
        let leak = strings.iter().find(|text| text.contains(secret));
        ensure!(leak.is_none(), "the error contains {secret:?}: {leak:?}");
    }
    Ok(())
}

/// Makes one call with random faults. The seed determines the operation, the faults and the maximum number of attempts.
fn run(seed: u64) -> Result<Tally> {
    let transport = InMemoryTransport::new();
    let client = transport.client(1 + u32::try_from(seed / 10 % 5)?);
    let start = |client: &Client| {
        client.run_instances().image_id(IMAGE).instance_type(TYPE).password(PASSWORD).user_data_base64(USER_DATA)
    };
    // Some operations need an existing instance, which is created without faults.
    let existing = match seed % 10 {
        7 => Some(start(&client).instance_charge_type("PrePaid").period(1).period_unit("Month")),
        8 => Some(start(&client).internet_max_bandwidth_out(0)),
        _ => None,
    };
    let existing = match existing {
        Some(request) => transport.clock.run(request.send())?.instance_id_sets,
        None => Vec::new(),
    };
    transport.clock.run(transport.clock.sleep(seconds(60)));
    transport.synchronize_clocks();
    transport.service.clear_requests();
    transport.service.set_faults(faults(seed));
    let ids = |result: Result<Vec<String>, Error>| -> Result<Result<(), Error>> {
        let existing = transport.service.instance_ids();
        ensure!(existing.len() <= 1, "{} instances", existing.len());
        if let Ok(returned) = &result {
            ensure!(*returned == existing, "returned {returned:?}, but {existing:?} exist");
        }
        Ok(result.map(|_| ()))
    };
    let (result, token) = match seed % 10 {
        0..=3 => (ids(transport.clock.run(start(&client).send()).map(|done| done.instance_id_sets))?, true),
        4 => {
            let request = client.create_instance().image_id(IMAGE).instance_type(TYPE);
            (ids(transport.clock.run(request.send()).map(|done| vec![done.instance_id]))?, true)
        }
        5 => {
            let request = start(&client).client_token("explicit-token");
            (ids(transport.clock.run(request.send()).map(|done| done.instance_id_sets))?, true)
        }
        6 => (transport.clock.run(client.create_security_group().send()).map(|_| ()), true),
        7 => {
            let request = client.renew_instance().instance_id(&existing[0]).period(1);
            (transport.clock.run(request.send()).map(|_| ()), true)
        }
        8 => {
            let request = client.stop_instance().instance_id(&existing[0]);
            (transport.clock.run(request.send()).map(|_| ()), false)
        }
        _ => {
            let request = client.call("RunInstances").parameter("RegionId", "cn-hangzhou").parameter("ImageId", IMAGE);
            let request = request.parameter("InstanceType", TYPE).parameter("Password", PASSWORD);
            let sent = transport.clock.run(request.send());
            let returned_ids = |response: serde_json::Value| {
                let ids = response["InstanceIdSets"]["InstanceIdSet"].as_array().cloned().unwrap_or_default();
                ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
            };
            (ids(sent.map(returned_ids))?, false)
        }
    };
    check(&transport.service.requests(), &result, token)
}

#[test]
fn nothing_is_created_twice() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let part = |first: u64| {
        let mut tally = Tally::default();
        for seed in (first..RUNS).step_by(usize::try_from(THREADS).unwrap()) {
            tally.add(run(seed).with_context(|| format!("seed {seed}")).unwrap());
        }
        tally
    };
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let parts: Vec<_> = (0..THREADS).map(|first| scope.spawn(move || part(first))).collect();
        for part in parts {
            tally.add(part.join().expect("no run fails; the message above contains the seed"));
        }
    });
    println!("{tally:?}");
    // The faults exercise every path.
    assert_eq!(tally.succeeded + tally.failed, RUNS);
    for (name, count, minimum) in [
        ("successes", tally.succeeded, 4000),
        ("failures", tally.failed, 1000),
        ("retried calls", tally.retried, 3000),
        ("lost and recovered responses", tally.recovered, 1000),
        ("calls that outlasted the processing of an earlier attempt", tally.outlasted, 80),
        ("calls without client token", tally.without_token, 2000),
        ("calls without client token that failed although they were executed", tally.executed_but_failed, 300),
    ] {
        assert!(count >= minimum, "{count} {name}, expected at least {minimum}");
    }
}

#[test]
fn a_client_token_with_other_parameters_is_rejected() {
    let transport = InMemoryTransport::new();
    let client = transport.client(3);
    let request = || client.run_instances().image_id(IMAGE).instance_type(TYPE).client_token("token-1");
    let first = transport.clock.run(request().send()).unwrap();
    let again = transport.clock.run(request().send()).unwrap();
    assert_eq!(first.instance_id_sets, again.instance_id_sets);
    let error = transport.clock.run(request().amount(2).send()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("IdempotentParameterMismatch"), 1));
    assert_eq!(transport.service.instance_ids(), first.instance_id_sets);
}

/// Runs with the same seed have the same result.
#[test]
fn runs_are_determined_by_their_seed() {
    let shown = |seed: u64| format!("{:?}", run(seed).unwrap());
    for seed in 0..20 {
        assert_eq!(shown(seed), shown(seed));
    }
}
