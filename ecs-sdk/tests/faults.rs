//! Every fault of the emulator, with real sockets: calls are retried if that is safe, the error states whether a call
//! may have been executed, and no call hangs.
#![cfg(feature = "instances")]

use std::{collections::BTreeSet, time::Duration};

use ecs_emulator::{Emulator, Fault, Faults};
use ecs_sdk::{
    Client, Credentials, ErrorKind,
    config::Timeouts,
    retry::{FullJitter, RetryPolicy},
};

const IMAGE: &str = "aliyun_3_x64_20G_alibase_20250117.vhd";
const TYPE: &str = "ecs.g6.large";

/// Longer than the timeout of an attempt.
const LONGER_THAN_ATTEMPT: Duration = Duration::from_secs(60);

/// Faults, with the kind of error that they cause.
fn faults() -> Vec<(Fault, ErrorKind)> {
    let mut faults = vec![
        (Fault::Refuse, ErrorKind::Transport),
        (Fault::Drop, ErrorKind::Transport),
        (Fault::ExecuteThenDrop, ErrorKind::Transport),
        (Fault::Truncate, ErrorKind::Transport),
        (Fault::Incomplete, ErrorKind::Transport),
        (Fault::Empty, ErrorKind::Transport),
        (Fault::Delay(LONGER_THAN_ATTEMPT), ErrorKind::Timeout),
        (Fault::Dribble(LONGER_THAN_ATTEMPT), ErrorKind::Timeout),
        // Long enough for one retry that finds the request in progress.
        (Fault::ProcessThenDrop(Duration::from_millis(500)), ErrorKind::Transport),
        (Fault::Duplicate, ErrorKind::Service),
    ];
    for executed in [false, true] {
        faults.extend([
            (Fault::InternalError { executed }, ErrorKind::Service),
            (Fault::BadGateway { executed }, ErrorKind::Service),
            (Fault::Unavailable { executed }, ErrorKind::Service),
            (Fault::Hold { executed }, ErrorKind::Timeout),
            (Fault::Gateway { status: 408, executed }, ErrorKind::Service),
            (Fault::Gateway { status: 429, executed }, ErrorKind::Service),
        ]);
    }
    faults
}

/// An emulator without faults, and a client.
fn start() -> (Emulator, Client) {
    let emulator = Emulator::builder().transition(Duration::ZERO).start_blocking().unwrap();
    let client = client(&emulator);
    (emulator, client)
}

/// A client with its own connections and a short timeout of attempts.
fn client(emulator: &Emulator) -> Client {
    let attempt = Duration::from_secs(2);
    let timeouts = Timeouts::new().attempt(attempt).slow_attempt(attempt);
    Client::builder()
        .without_environment()
        .region("cn-hangzhou")
        .credentials(Credentials::new("testid", "testsecret"))
        .endpoint(emulator.endpoint())
        .timeouts(timeouts)
        .retry(FullJitter::default().base_delay(Duration::from_millis(1)).max_attempts(4))
        .build()
        .unwrap()
}

/// Runs a test case for every fault, concurrently.
async fn for_each_fault(case: impl AsyncFn(Fault, ErrorKind)) {
    let cases = faults().into_iter().map(|(fault, kind)| case(fault, kind));
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn calls_with_a_client_token_survive_every_fault_and_are_executed_once() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    for_each_fault(async |fault, _| {
        let (emulator, client) = start();
        emulator.set_faults(Faults::none().next(fault.clone(), 1));
        let sent = client.run_instances().image_id(IMAGE).instance_type(TYPE).send().await;
        let returned_ids = sent.unwrap_or_else(|error| panic!("{fault:?}: {error}")).instance_id_sets;
        assert_eq!((returned_ids.len(), &returned_ids), (1, &emulator.instance_ids()), "{fault:?}");
        let requests = emulator.requests();
        let tokens: BTreeSet<_> = requests.iter().map(|request| request.parameter("ClientToken")).collect();
        assert_eq!(tokens.len(), 1, "{fault:?}");
        assert!(requests.len() >= if fault == Fault::Refuse { 1 } else { 2 }, "{fault:?}");
        assert_eq!(requests.iter().filter(|request| request.executed).count(), 1, "{fault:?}");
    })
    .await;
}

#[tokio::test]
async fn calls_without_a_client_token_are_not_retried_and_reported_as_maybe_executed() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    for_each_fault(async |fault, kind| {
        let (emulator, client) = start();
        let created = client.run_instances().image_id(IMAGE).instance_type(TYPE).send().await.unwrap();
        emulator.clear_requests();
        emulator.set_faults(Faults::none().next(fault.clone(), 1));
        // A new client, because connections are refused only while they are being opened.
        let call = self::client(&emulator).stop_instance().instance_id(&*created.instance_id_sets[0]);
        let error = call.send().await.expect_err(&format!("{fault:?}"));
        assert_eq!((error.kind(), error.attempts()), (kind, 1), "{fault:?}: {error}");
        assert!(error.is_maybe_executed() && error.is_retryable(), "{fault:?}: {error}");
        assert!(emulator.requests().len() <= 1, "{fault:?}");
    })
    .await;
}

#[tokio::test]
async fn throttled_calls_of_all_operations_are_retried() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let (emulator, client) = start();
    let created = client.run_instances().image_id(IMAGE).instance_type(TYPE).send().await.unwrap();
    let id = &created.instance_id_sets[0];
    for (text, sent) in [("throttle*2", 3), ("429*2", 3), ("429:5,throttle:5", 3)] {
        emulator.clear_requests();
        emulator.set_faults(text.parse().unwrap());
        client.stop_instance().instance_id(id).send().await.unwrap();
        assert_eq!(emulator.requests().len(), sent, "{text}");
        client.start_instance().instance_id(id).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_once() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let (emulator, client) = start();
    emulator.set_faults(Faults::none().skew(-7200));
    client.describe_instances().send().await.unwrap();
    client.describe_instances().send().await.unwrap();
    let codes: Vec<_> = emulator.requests().into_iter().map(|request| request.code).collect();
    assert_eq!(codes, [Some("InvalidTimeStamp.Expired".to_owned()), None, None]);
}
