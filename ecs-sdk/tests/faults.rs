//! Every fault of the local ECS over real sockets: what can be repeated is, what can't is told, and nothing hangs.
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

/// Longer than any attempt may take.
const LONG: Duration = Duration::from_secs(60);

/// Faults with the kind of error that they make.
fn faults() -> Vec<(Fault, ErrorKind)> {
    let mut faults = vec![
        (Fault::Refuse, ErrorKind::Transport),
        (Fault::Drop, ErrorKind::Transport),
        (Fault::ExecuteThenDrop, ErrorKind::Transport),
        (Fault::Truncate, ErrorKind::Transport),
        (Fault::Empty, ErrorKind::Transport),
        (Fault::Delay(LONG), ErrorKind::Timeout),
        (Fault::Dribble(LONG), ErrorKind::Timeout),
    ];
    for executed in [false, true] {
        faults.extend([
            (Fault::InternalError { executed }, ErrorKind::Service),
            (Fault::BadGateway { executed }, ErrorKind::Service),
            (Fault::Unavailable { executed }, ErrorKind::Service),
            (Fault::Hold { executed }, ErrorKind::Timeout),
        ]);
    }
    faults
}

/// A local ECS with no faults yet, and a client of it.
fn start() -> (Emulator, Client) {
    let emulator = Emulator::builder().transition(Duration::ZERO).start_blocking().unwrap();
    let client = client(&emulator);
    (emulator, client)
}

/// A client with connections of its own, whose attempts are short.
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

/// Runs a case for every fault, all at once.
async fn each(case: impl AsyncFn(Fault, ErrorKind)) {
    let cases = faults().into_iter().map(|(fault, kind)| case(fault, kind));
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn a_call_with_a_token_gets_through_every_fault_once() {
    each(async |fault, _| {
        let (emulator, client) = start();
        emulator.set_faults(Faults::none().next(fault, 1));
        let sent = client.run_instances().image_id(IMAGE).instance_type(TYPE).send().await;
        let told = sent.unwrap_or_else(|error| panic!("{fault:?}: {error}")).instance_id_sets;
        assert_eq!((told.len(), &told), (1, &emulator.instance_ids()), "{fault:?}");
        let requests = emulator.requests();
        let tokens: BTreeSet<_> = requests.iter().map(|request| request.parameter("ClientToken")).collect();
        assert_eq!(tokens.len(), 1, "{fault:?}");
        assert!(requests.len() >= if fault == Fault::Refuse { 1 } else { 2 }, "{fault:?}");
        assert_eq!(requests.iter().filter(|request| request.executed).count(), 1, "{fault:?}");
    })
    .await;
}

#[tokio::test]
async fn a_call_without_a_token_is_not_repeated_and_says_so() {
    each(async |fault, kind| {
        let (emulator, client) = start();
        let created = client.run_instances().image_id(IMAGE).instance_type(TYPE).send().await.unwrap();
        emulator.clear_requests();
        emulator.set_faults(Faults::none().next(fault, 1));
        // Connections that are open already are not refused.
        let call = self::client(&emulator).stop_instance().instance_id(&*created.instance_id_sets[0]);
        let error = call.send().await.expect_err(&format!("{fault:?}"));
        assert_eq!((error.kind(), error.attempts()), (kind, 1), "{fault:?}: {error}");
        assert!(error.is_maybe_executed() && error.is_retryable(), "{fault:?}: {error}");
        assert!(emulator.requests().len() <= 1, "{fault:?}");
    })
    .await;
}

#[tokio::test]
async fn throttling_is_waited_out_whatever_the_call() {
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
    let (emulator, client) = start();
    emulator.set_faults(Faults::none().skew(-7200));
    client.describe_instances().send().await.unwrap();
    client.describe_instances().send().await.unwrap();
    let codes: Vec<_> = emulator.requests().into_iter().map(|request| request.code).collect();
    assert_eq!(codes, [Some("InvalidTimeStamp.Expired".to_owned()), None, None]);
}
