//! `cargo xtask soak`: runs the SDK under load and faults for minutes.

use std::{
    collections::BTreeMap,
    io,
    process::{Command, ExitStatus},
    thread,
    time::Duration,
};

use clap::Args;
use ecs_emulator::{Emulator, Request};

use crate::{Outcome, cargo, root};

/// Features that the program needs.
const FEATURES: &str = "rustls,instances,regions-and-zones";

#[derive(Args)]
pub(crate) struct Arguments {
    /// Duration in seconds
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// Number of concurrent tasks
    #[arg(long, default_value_t = 64)]
    tasks: usize,
    /// Seed for the random choice of calls and faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Skew the emulator's clock from time to time
    #[arg(long)]
    skew: bool,
    /// Build the program with optimizations; the emulator uses the profile that xtask was built with
    #[arg(long)]
    release: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let builder = Emulator::builder().seed(arguments.seed).transition(Duration::from_millis(50));
    let emulator = builder.max_session_lifetime(Duration::from_secs(20)).start_blocking()?;
    let mut command = cargo();
    // The program is a bench of the SDK, because xtask must not depend on the code that it generates.
    command.args(["test", "--quiet", "--package", "ecs-sdk", "--bench", "soak"]);
    command.args(["--no-default-features", "--features", FEATURES]);
    if arguments.release {
        command.arg("--release");
    }
    command.args(["--", "--endpoint", &emulator.endpoint()]);
    command.args(["--seconds", &arguments.seconds.to_string(), "--tasks", &arguments.tasks.to_string()]);
    command.args(["--seed", &arguments.seed.to_string()]);
    if arguments.skew {
        command.arg("--skew");
    }
    let (status, counts) = run_and_count(command.current_dir(root()), &emulator)?;
    // The program has exited, which closed its connections; the emulator may notice with a delay.
    for _ in 0..100 {
        if emulator.connections() == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    println!("open connections of the emulator: {}", emulator.connections());
    counts.report();
    if status.success() && emulator.connections() == 0 {
        Ok(())
    } else {
        Err("the soak failed; see the lines above".into())
    }
}

/// Interval at which the emulator's log is read. The log holds 10,000 requests, which take several seconds to send.
const COUNT_INTERVAL: Duration = Duration::from_millis(100);

/// Runs the program, and counts the requests that the emulator receives from it.
fn run_and_count(command: &mut Command, emulator: &Emulator) -> io::Result<(ExitStatus, Counts)> {
    let mut program = command.spawn()?;
    let mut counts = Counts::default();
    let status = loop {
        thread::sleep(COUNT_INTERVAL);
        let status = program.try_wait()?;
        counts.add(&emulator.take_requests());
        if let Some(status) = status {
            break status;
        }
    };
    Ok((status, counts))
}

/// The number of requests by injected fault and by error code.
#[derive(Default)]
struct Counts {
    requests: u64,
    faults: BTreeMap<String, u64>,
    codes: BTreeMap<String, u64>,
}

impl Counts {
    fn add(&mut self, requests: &[Request]) {
        self.requests += requests.len() as u64;
        for request in requests {
            *self.faults.entry(request.fault.to_string()).or_default() += 1;
            // The code of an echo is the request itself.
            if let Some(code) = request.code.as_deref().filter(|code| code.len() <= 64) {
                *self.codes.entry(code.to_owned()).or_default() += 1;
            }
        }
        self.faults.remove("none");
    }

    fn report(&self) {
        println!("requests that the emulator received: {}", self.requests);
        let list = |counts: &BTreeMap<String, u64>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        println!("    by injected fault: {}", list(&self.faults));
        println!("    by error code: {}", list(&self.codes));
    }
}
