//! A soak test: many concurrent tasks with an emulator that injects faults. No instance may be lost or created twice,
//! and memory use must not grow.
//!
//! `cargo xtask soak` starts the emulator and this program.
#![allow(clippy::disallowed_methods, reason = "this is a program, not the library")]

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

use self::{
    credentials::Counted,
    load::{Expected, Ledger},
    stats::Stats,
    system::Measure,
};

/// Maximum growth of memory between the end of the warm-up and the end of the run, in KiB. Allows for fragmentation.
const MAX_GROWTH_KIB: u64 = 8 << 10;

/// Interval of progress reports.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);

/// The command-line arguments.
struct Arguments {
    endpoint: String,
    seconds: u64,
    tasks: usize,
    seed: u64,
    skew: bool,
}

impl Arguments {
    /// Parses the arguments. Returns `None` without an endpoint, which is how `cargo bench` starts the program.
    fn read() -> Result<Option<Self>> {
        let mut arguments = Self { endpoint: String::new(), seconds: 300, tasks: 64, seed: 1, skew: false };
        let mut given = std::env::args().skip(1);
        while let Some(name) = given.next() {
            let mut value = || given.next().with_context(|| format!("{name} requires a value"));
            match name.as_str() {
                "--endpoint" => arguments.endpoint = value()?,
                "--seconds" => {
                    arguments.seconds = value()?.parse().context("invalid --seconds: expected a whole number")?;
                }
                "--tasks" => arguments.tasks = value()?.parse().context("invalid --tasks: expected a whole number")?,
                "--seed" => arguments.seed = value()?.parse().context("invalid --seed: expected a whole number")?,
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
            println!("soak: skipped; run it with `cargo xtask soak`");
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

/// Runs the load and reports the result. Returns whether all invariants hold.
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
    let (differences, warm, peak_sockets, end) = drive(arguments, &stats).await?;
    // The clients have been dropped. Their connections are closed in the background.
    let mut idle = Measure::now()?;
    for _ in 0..100 {
        if idle.sockets <= start.sockets {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        idle = Measure::now()?;
    }

    let mut violations = stats.violations();
    violations.extend(differences);
    if end.memory_kib > warm.memory_kib + MAX_GROWTH_KIB {
        violations.push(format!(
            "memory grew from {} to {} KiB, by more than {MAX_GROWTH_KIB}",
            warm.memory_kib, end.memory_kib
        ));
    }
    if idle.sockets > start.sockets {
        violations.push(format!("{} sockets are open, {} were open at the start", idle.sockets, start.sockets));
    }
    stats.report(arguments.seconds);
    println!(
        "memory: {} KiB at the start, {} after the warm-up, {} at the end (maximum growth: {MAX_GROWTH_KIB})",
        start.memory_kib, warm.memory_kib, end.memory_kib
    );
    println!("sockets: {} at the start, {peak_sockets} at most, {} at the end", start.sockets, idle.sockets);
    for violation in &violations {
        println!("VIOLATION: {violation}");
    }
    let succeeded = violations.is_empty();
    println!("{}", if succeeded { "passed: nothing lost, nothing created twice, no growth" } else { "failed" });
    Ok(succeeded)
}

/// Runs the tasks and compares the existing instances with the expected ones. Returns the differences, the resources
/// used after the warm-up, the maximum number of sockets, and the resources used at the end.
async fn drive(arguments: &Arguments, stats: &Arc<Stats>) -> Result<(Vec<String>, Measure, usize, Measure)> {
    let config = || {
        // Limits the time that a task waits for a request that the emulator never responds to.
        let attempt = Duration::from_secs(3);
        let timeouts = Timeouts::new().attempt(attempt).slow_attempt(attempt).operation(Duration::from_secs(30));
        Config::builder().without_environment().region("cn-hangzhou").endpoint(&arguments.endpoint).timeouts(timeouts)
    };
    let key = Credentials::new("testid", "testsecret");
    let role = AssumeRole::builder(key.clone()).role_arn("acs:ram::1000000000000001:role/soak");
    let role = role.session_name("soak").sts_endpoint(&arguments.endpoint).build();
    let client = Client::from(config().credentials(Counted::new(role, stats.clone())).build()?);

    let started = Instant::now();
    let length = Duration::from_secs(arguments.seconds);
    faults::set(&arguments.endpoint, &faults::with_skew(arguments.seed, 0)).await?;
    let tasks: Vec<_> = (0..arguments.tasks)
        .map(|number| {
            let load = load::Task::new(number, arguments.seed, client.clone(), stats.clone());
            tokio::spawn(load.run(started + length))
        })
        .collect();
    // During the first half, memory grows until all connections and buffers have been used once.
    let mut warm = Measure::default();
    let mut peak_sockets = 0;
    let mut round = 0;
    let mut reports = 0;
    while started.elapsed() < length {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = Measure::now()?;
        peak_sockets = peak_sockets.max(now.sockets);
        if started.elapsed() < length / 2 && now.memory_kib > warm.memory_kib {
            warm = now;
        }
        if started.elapsed() > REPORT_INTERVAL * (reports + 1) {
            reports += 1;
            let (calls, failed) = stats.calls();
            println!(
                "{:>6} s {calls:>9} calls {failed:>7} failed {:>8} KiB {:>4} sockets",
                started.elapsed().as_secs(),
                now.memory_kib,
                now.sockets
            );
        }
        if arguments.skew && started.elapsed() > Duration::from_secs(5) * (round + 1) {
            round += 1;
            let skew = [0, 1200, 0, -3600][round as usize % 4];
            faults::set(&arguments.endpoint, &faults::with_skew(arguments.seed + u64::from(round), skew)).await?;
        }
    }
    let mut ledger = Ledger::default();
    for task in tasks {
        // A task that waits for a response receives it, or an error, within the timeout of an operation.
        let result = tokio::time::timeout(Duration::from_secs(60), task).await;
        ledger.extend(result.context("a task hangs")?.context("a task panicked")?);
    }
    let end = Measure::now()?;
    faults::set(&arguments.endpoint, "").await?;
    // By then, delayed requests have been executed, and released instances do not exist any longer.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let client = Client::from(config().credentials(key).build()?);
    Ok((compare(&client, &ledger).await?, warm, peak_sockets, end))
}

/// Returns the differences between the existing instances and the expected ones.
async fn compare(client: &Client, ledger: &Ledger) -> Result<Vec<String>> {
    let all: Vec<_> = client.describe_instances().page_size(100).items().try_collect().await?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for instance in all {
        found.entry(instance.instance_name).or_default().push(instance.instance_id);
    }
    let mut differences = Vec::new();
    let (mut created, mut other) = (0, 0);
    for (name, expected) in ledger {
        let ids = found.remove(name).unwrap_or_default();
        differences.extend(expected.differs(name, &ids));
        match expected {
            Expected::Exists { .. } => created += 1,
            _ => other += 1,
        }
    }
    differences.extend(found.into_iter().map(|(name, ids)| load::not_reported(&name, &ids)));
    println!("instances at the end: {created} created, {other} names of failed calls or released instances");
    if created == 0 {
        differences.push("no instance is left to compare".to_owned());
    }
    Ok(differences)
}
