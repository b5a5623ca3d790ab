//! `cargo xtask emulator`.

use std::ffi::OsString;

use clap::Args;
use ecs_emulator::Emulator;

use crate::{Outcome, cargo, coverage, root};

#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// Arguments of the program `ecs-emulator`; --help lists them. With --coverage, the operations that it simulates are
    /// listed instead
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    arguments: Vec<OsString>,
}

/// Returns the environment variables that make clients of all services use an emulator.
pub(crate) fn variables(emulator: &Emulator) -> Vec<(String, String)> {
    let mut variables = vec![
        ("ALIBABA_CLOUD_ACCESS_KEY_ID".to_owned(), "testid".to_owned()),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET".to_owned(), "testsecret".to_owned()),
        ("ALIBABA_CLOUD_REGION_ID".to_owned(), "cn-hangzhou".to_owned()),
    ];
    let services = ["ECS", "VPC", "CMS", "STS"];
    variables.extend(services.map(|service| (format!("ALIBABA_CLOUD_{service}_ENDPOINT"), emulator.endpoint())));
    variables
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if arguments.arguments == ["--coverage"] {
        return coverage::run();
    }
    let mut command = cargo();
    command.args(["run", "--release", "--package", "ecs-emulator", "--manifest-path"]);
    command.arg(root().join("Cargo.toml")).arg("--").args(&arguments.arguments);
    // Cargo takes the place of this program, and the emulator that of cargo, so that a signal reaches the emulator.
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut command).into());
    #[cfg(not(unix))]
    match command.status()?.success() {
        true => Ok(()),
        false => Err("the emulator failed; see the lines above".into()),
    }
}
