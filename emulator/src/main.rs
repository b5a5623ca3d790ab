//! The program `ecs-emulator`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
