//! Nothing is created twice, whatever goes wrong: 10 000 seeded runs against an emulator with random faults, without
//! sockets and in fake time.
#![cfg(all(feature = "instances", feature = "security-groups", feature = "public-ip-and-bandwidth"))]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use ecs_emulator::{Delivery, Emulator, Fault, Faults, Outcome, Request};
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

/// What two of three requests meet, one way or another.
fn faults(seed: u64) -> Faults {
    let mut faults = Faults::none().seed(seed).skew([0, 0, -1800, 0, 7200][usize::try_from(seed / 50 % 5).unwrap()]);
    for executed in [false, true] {
        faults = faults
            .random(Fault::InternalError { executed }, 0.04)
            .random(Fault::BadGateway { executed }, 0.03)
            .random(Fault::Unavailable { executed }, 0.03)
            .random(Fault::Hold { executed }, 0.02);
    }
    faults
        .random(Fault::Refuse, 0.05)
        .random(Fault::Drop, 0.05)
        .random(Fault::ExecuteThenDrop, 0.1)
        .random(Fault::Truncate, 0.07)
        .random(Fault::Empty, 0.04)
        .random(Fault::Throttle { status: 400, retry_after: None }, 0.03)
        .random(Fault::Throttle { status: 429, retry_after: Some(millis(700)) }, 0.03)
        // Longer than an attempt may take, and shorter.
        .random(Fault::Delay(seconds(200)), 0.03)
        .random(Fault::Delay(seconds(2)), 0.02)
        .random(Fault::Dribble(millis(1)), 0.02)
        .random(Fault::TokenExpired, 0.01)
}

/// A transport to an emulator in the same process, both on the clock of the test.
#[derive(Debug, Clone)]
struct Link {
    clock: Clock,
    service: ecs_emulator::Service,
    told: Arc<Mutex<Duration>>,
}

impl Link {
    fn new() -> Self {
        let clock = Clock::default();
        let service = Emulator::builder().clock(ecs_emulator::Clock::manual(clock.now())).without_sockets().unwrap();
        Self { clock, service, told: Arc::default() }
    }

    fn client(&self, attempts: u32) -> Client {
        let builder = Client::builder().without_environment().region("cn-hangzhou").endpoint("http://127.0.0.1:9");
        let builder = builder
            .credentials(Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1))
            .retry(FullJitter::default().max_attempts(attempts));
        builder.transport(self.clone()).system(self.clock.clone()).build().unwrap()
    }

    /// Tells the emulator the time.
    fn tell_time(&self) {
        let mut told = self.told.lock().unwrap();
        let now = self.clock.elapsed();
        self.service.clock().advance(now - *told);
        *told = now;
    }
}

impl Transport for Link {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.tell_time();
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

/// What happened in a run.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    succeeded: u64,
    failed: u64,
    /// Runs with more than one attempt.
    repeated: u64,
    /// Runs in which the answer to what was executed got lost, and came with a later attempt.
    recovered: u64,
    /// Runs of calls without a `ClientToken`.
    tokenless: u64,
    /// Of these, those that were executed although they failed.
    unsure: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.repeated += other.repeated;
        self.recovered += other.recovered;
        self.tokenless += other.tokenless;
        self.unsure += other.unsure;
    }
}

/// What holds for all attempts of one call.
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
    ensure!(executed == 1 || result.is_err(), "a call succeeded and was not executed");
    let first = requests.iter().position(|request| request.executed);
    if !token {
        ensure!(first.is_none_or(|first| first + 1 == requests.len()), "repeated after it was executed");
    }
    if let Err(error) = result {
        ensure!(executed == 0 || error.is_maybe_executed(), "executed, and the error does not say so: {error}");
    }
    let yes = u64::from;
    Ok(Tally {
        succeeded: yes(result.is_ok()),
        failed: yes(result.is_err()),
        repeated: yes(requests.len() > 1),
        recovered: yes(result.is_ok() && first.is_some_and(|first| first + 1 < requests.len())),
        tokenless: yes(!token),
        unsure: yes(!token && result.is_err() && executed == 1),
    })
}

/// One call with random faults. The seed decides which, and how often it is tried.
fn run(seed: u64) -> Result<Tally> {
    let link = Link::new();
    let client = link.client(1 + u32::try_from(seed / 10 % 5)?);
    let start = |client: &Client| client.run_instances().image_id(IMAGE).instance_type(TYPE);
    // What is there before anything goes wrong.
    let existing = match seed % 10 {
        7 => Some(start(&client).instance_charge_type("PrePaid").period(1).period_unit("Month")),
        8 => Some(start(&client).internet_max_bandwidth_out(0)),
        _ => None,
    };
    let existing = match existing {
        Some(request) => link.clock.run(request.send())?.instance_id_sets,
        None => Vec::new(),
    };
    link.clock.run(link.clock.sleep(seconds(60)));
    link.tell_time();
    link.service.clear_requests();
    link.service.set_faults(faults(seed));
    let ids = |result: Result<Vec<String>, Error>| -> Result<Result<(), Error>> {
        let there = link.service.instance_ids();
        ensure!(there.len() <= 1, "{} instances", there.len());
        if let Ok(told) = &result {
            ensure!(*told == there, "told {told:?}, and there are {there:?}");
        }
        Ok(result.map(|_| ()))
    };
    let (result, token) = match seed % 10 {
        0..=3 => (ids(link.clock.run(start(&client).send()).map(|done| done.instance_id_sets))?, true),
        4 => {
            let request = client.create_instance().image_id(IMAGE).instance_type(TYPE);
            (ids(link.clock.run(request.send()).map(|done| vec![done.instance_id]))?, true)
        }
        5 => {
            let request = start(&client).client_token("of-the-caller");
            (ids(link.clock.run(request.send()).map(|done| done.instance_id_sets))?, true)
        }
        6 => (link.clock.run(client.create_security_group().send()).map(|_| ()), true),
        7 => {
            let request = client.renew_instance().instance_id(&existing[0]).period(1);
            (link.clock.run(request.send()).map(|_| ()), true)
        }
        8 => {
            let request = client.stop_instance().instance_id(&existing[0]);
            (link.clock.run(request.send()).map(|_| ()), false)
        }
        _ => {
            let request = client.call("RunInstances").parameter("RegionId", "cn-hangzhou").parameter("ImageId", IMAGE);
            let sent = link.clock.run(request.parameter("InstanceType", TYPE).send());
            let told = |answer: serde_json::Value| {
                let told = answer["InstanceIdSets"]["InstanceIdSet"].as_array().cloned().unwrap_or_default();
                told.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
            };
            (ids(sent.map(told))?, false)
        }
    };
    check(&link.service.requests(), &result, token)
}

#[test]
fn nothing_is_created_twice() {
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
            tally.add(part.join().expect("no run fails; the message above tells the seed"));
        }
    });
    println!("{tally:?}");
    // The faults are such that every path is taken.
    assert_eq!(tally.succeeded + tally.failed, RUNS);
    for (what, count, least) in [
        ("successes", tally.succeeded, 4000),
        ("failures", tally.failed, 1000),
        ("repeated calls", tally.repeated, 3000),
        ("answers lost and recovered", tally.recovered, 1000),
        ("calls without token", tally.tokenless, 2000),
        ("calls without token that failed and were executed", tally.unsure, 300),
    ] {
        assert!(count >= least, "{count} {what}, at least {least} are expected");
    }
}

#[test]
fn a_token_with_other_parameters_is_refused() {
    let link = Link::new();
    let client = link.client(3);
    let request = || client.run_instances().image_id(IMAGE).instance_type(TYPE).client_token("token-1");
    let first = link.clock.run(request().send()).unwrap();
    let again = link.clock.run(request().send()).unwrap();
    assert_eq!(first.instance_id_sets, again.instance_id_sets);
    let error = link.clock.run(request().amount(2).send()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("IdempotentParameterMismatch"), 1));
    assert_eq!(link.service.instance_ids(), first.instance_id_sets);
}

/// A run is the same whenever its seed is.
#[test]
fn runs_depend_on_their_seed_alone() {
    let shown = |seed: u64| format!("{:?}", run(seed).unwrap());
    for seed in 0..20 {
        assert_eq!(shown(seed), shown(seed));
    }
}
