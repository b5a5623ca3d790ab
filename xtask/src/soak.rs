//! `cargo xtask soak`: runs the SDK under load and faults for minutes.

use std::{thread, time::Duration};

use clap::Args;
use ecs_emulator::Emulator;

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
    let status = command.current_dir(root()).status()?;
    // The program has exited, which closed its connections; the emulator may notice with a delay.
    for _ in 0..100 {
        if emulator.connections() == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    println!("open connections of the emulator: {}", emulator.connections());
    if status.success() && emulator.connections() == 0 {
        Ok(())
    } else {
        Err("the soak failed; see the lines above".into())
    }
}
