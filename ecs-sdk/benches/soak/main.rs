//! Many tasks against a local ECS that makes faults: nothing is lost, nothing doubled, nothing grows.
//!
//! `cargo xtask soak` starts the local ECS and then this program.
#![allow(clippy::disallowed_methods, reason = "a program with a clock of its own, not the library")]

mod credentials;
mod faults;
mod load;
mod stats;
mod system;

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use ecs_sdk::{Client, Config, Credentials, config::Timeouts, credentials::AssumeRole};
use futures_util::TryStreamExt;

use self::{
    credentials::Counted,
    load::{Expected, Ledger},
    stats::Stats,
    system::Measure,
};

/// How much more memory may be in use at the end than after warming up, in KiB.
const GROWTH: u64 = 8 << 10;

/// How often it is told how far the run is.
const REPORT: Duration = Duration::from_secs(30);

/// What was asked for on the command line.
struct Arguments {
    endpoint: String,
    seconds: u64,
    tasks: usize,
    seed: u64,
    skew: bool,
}

impl Arguments {
    /// `None` without an endpoint, as `cargo bench` starts the program.
    fn read() -> Result<Option<Self>> {
        let mut arguments = Self { endpoint: String::new(), seconds: 300, tasks: 64, seed: 1, skew: false };
        let mut given = std::env::args().skip(1);
        while let Some(name) = given.next() {
            let mut value = || given.next().with_context(|| format!("{name} needs a value"));
            match name.as_str() {
                "--endpoint" => arguments.endpoint = value()?,
                "--seconds" => arguments.seconds = value()?.parse().context("--seconds takes a whole number")?,
                "--tasks" => arguments.tasks = value()?.parse().context("--tasks takes a whole number")?,
                "--seed" => arguments.seed = value()?.parse().context("--seed takes a whole number")?,
                "--skew" => arguments.skew = true,
                _ => {}
            }
        }
        Ok(Some(arguments).filter(|arguments| !arguments.endpoint.is_empty()))
    }
}

fn main() -> ExitCode {
    let run = || -> Result<bool> {
        let Some(arguments) = Arguments::read()? else {
            println!("soak: start it by `cargo xtask soak`");
            return Ok(true);
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(soak(&arguments))
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the load, and tells whether all is well.
async fn soak(arguments: &Arguments) -> Result<bool> {
    println!(
        "soak: {} tasks for {} s, seed {}, {}",
        arguments.tasks,
        arguments.seconds,
        arguments.seed,
        if arguments.skew { "with clock skew" } else { "without clock skew" }
    );
    let start = Measure::now()?;
    let stats = Arc::new(Stats::default());
    let (ledgers, warm, peak, end) = drive(arguments, &stats).await?;
    // The clients are gone; their connections close in the background.
    let mut idle = Measure::now()?;
    for _ in 0..100 {
        if idle.sockets <= start.sockets {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        idle = Measure::now()?;
    }

    let mut wrong = stats.violations();
    wrong.extend(ledgers);
    if end.memory > warm.memory + GROWTH {
        wrong.push(format!("memory grew from {} to {} KiB, by more than {GROWTH}", warm.memory, end.memory));
    }
    if idle.sockets > start.sockets {
        wrong.push(format!("{} sockets are open, {} were at the start", idle.sockets, start.sockets));
    }
    stats.report(arguments.seconds);
    println!(
        "memory: {} KiB at the start, {} warm, {} at the end (growth allowed: {GROWTH})",
        start.memory, warm.memory, end.memory
    );
    println!("sockets: {} at the start, {peak} at most, {} at the end", start.sockets, idle.sockets);
    for line in &wrong {
        println!("WRONG: {line}");
    }
    println!("{}", if wrong.is_empty() { "nothing lost, nothing doubled, no growth" } else { "not well" });
    Ok(wrong.is_empty())
}

/// Runs the tasks and compares what there is with what there should be. Gives what is wrong, how much was in use after
/// warming up, the most sockets, and how much was in use at the end.
async fn drive(arguments: &Arguments, stats: &Arc<Stats>) -> Result<(Vec<String>, Measure, usize, Measure)> {
    let config = || {
        // A request that is held costs no more than this.
        let attempt = Duration::from_secs(3);
        let timeouts = Timeouts::new().attempt(attempt).slow_attempt(attempt).operation(Duration::from_secs(30));
        Config::builder().without_environment().region("cn-hangzhou").endpoint(&arguments.endpoint).timeouts(timeouts)
    };
    let key = Credentials::new("testid", "testsecret");
    let role = AssumeRole::builder(key.clone()).role_arn("acs:ram::1000000000000001:role/soak");
    let role = role.session_name("soak").sts_endpoint(&arguments.endpoint).build();
    let client = Client::from(config().credentials(Counted::new(role, stats.clone())).build()?);

    let began = Instant::now();
    let length = Duration::from_secs(arguments.seconds);
    faults::set(&arguments.endpoint, &faults::text(arguments.seed, 0)).await?;
    let tasks: Vec<_> = (0..arguments.tasks)
        .map(|number| {
            let load = load::Task::new(number, arguments.seed, client.clone(), stats.clone());
            tokio::spawn(load.run(began + length))
        })
        .collect();
    // What is in use grows until every connection and every buffer was used once.
    let mut warm = Measure::default();
    let mut peak = 0;
    let mut round = 0;
    let mut reports = 0;
    while began.elapsed() < length {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = Measure::now()?;
        peak = peak.max(now.sockets);
        if began.elapsed() < length / 2 && now.memory > warm.memory {
            warm = now;
        }
        if began.elapsed() > REPORT * (reports + 1) {
            reports += 1;
            let (calls, failed) = stats.calls();
            println!(
                "{:>6} s {calls:>9} calls {failed:>7} failed {:>8} KiB {:>4} sockets",
                began.elapsed().as_secs(),
                now.memory,
                now.sockets
            );
        }
        if arguments.skew && began.elapsed() > Duration::from_secs(5) * (round + 1) {
            round += 1;
            let skew = [0, 1200, 0, -3600][round as usize % 4];
            faults::set(&arguments.endpoint, &faults::text(arguments.seed + u64::from(round), skew)).await?;
        }
    }
    let mut ledger = Ledger::default();
    for task in tasks {
        // A task that waits for an answer gets it within the limit of an operation.
        let result = tokio::time::timeout(Duration::from_secs(60), task).await;
        ledger.extend(result.context("a task hangs")?.context("a task panicked")?);
    }
    let end = Measure::now()?;
    faults::set(&arguments.endpoint, "").await?;
    // What was taken off the wire late has happened by now, and what was released is gone.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let quiet = Client::from(config().credentials(key).build()?);
    Ok((compare(&quiet, &ledger).await?, warm, peak, end))
}

/// What differs between the instances that there are and those that there should be.
async fn compare(client: &Client, ledger: &Ledger) -> Result<Vec<String>> {
    let all: Vec<_> = client.describe_instances().page_size(100).items().try_collect().await?;
    let mut there: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for instance in all {
        there.entry(instance.instance_name).or_default().push(instance.instance_id);
    }
    let mut wrong = Vec::new();
    let (mut sure, mut unsure) = (0, 0);
    for (name, expected) in ledger {
        let ids = there.remove(name).unwrap_or_default();
        wrong.extend(expected.differs(name, &ids));
        match expected {
            Expected::There { .. } => sure += 1,
            _ => unsure += 1,
        }
    }
    wrong.extend(there.into_iter().map(|(name, ids)| load::uncalled(&name, &ids)));
    println!("instances at the end: {sure} that were created, {unsure} names of failed calls or released ones");
    if sure == 0 {
        wrong.push("no instance is left to compare".to_owned());
    }
    Ok(wrong)
}
