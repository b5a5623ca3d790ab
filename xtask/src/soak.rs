//! `cargo xtask soak`: the SDK under load and faults, for minutes.

use std::{thread, time::Duration};

use clap::Args;
use ecs_emulator::Emulator;

use crate::{Outcome, cargo, root};

/// Families that the program uses.
const FEATURES: &str = "rustls,instances,regions-and-zones";

#[derive(Args)]
pub(crate) struct Arguments {
    /// How long
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// Concurrent tasks
    #[arg(long, default_value_t = 64)]
    tasks: usize,
    /// Where random numbers start from: which calls are made, and which faults they meet
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Let the emulator's clock be wrong now and then
    #[arg(long)]
    skew: bool,
    /// Optimize the program; the emulator is built as this task is
    #[arg(long)]
    release: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let builder = Emulator::builder().seed(arguments.seed).transition(Duration::from_millis(50));
    let emulator = builder.max_session_lifetime(Duration::from_secs(20)).start_blocking()?;
    let mut command = cargo();
    // A bench of the SDK, so that this program does not depend on what it generates.
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
    // The program has ended, so all its connections are closed; the emulator notices in a moment.
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
        Err("the soak failed; the lines above tell why".into())
    }
}
