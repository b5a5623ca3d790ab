//! The command line.

mod access_log;
mod arguments;
mod banner;
mod certificate;
mod data;
mod files;
mod health;
mod serve;
mod signals;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;

use self::arguments::{Arguments, Command};

/// Runs the command that the arguments name. Errors of usage exit with 2, others with 1.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        None => serve::run(&arguments.server),
        Some(Command::Health { url }) => health::run(&url).map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|message| {
        // Standard error may be closed.
        let _ = writeln!(io::stderr(), "error: {message}");
        ExitCode::FAILURE
    })
}
