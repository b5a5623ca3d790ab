//! Runs and times the commands of checks, without credentials of an account.

use std::{ffi::OsStr, path::PathBuf, process::Command, time::Instant};

use crate::root;

/// Prefix of the environment variables that clients of Alibaba Cloud read.
const VARIABLE_PREFIX: &str = "ALIBABA_CLOUD_";

type Output = Result<String, Box<dyn std::error::Error>>;

/// Runs cargo in the workspace, and returns its output.
pub(crate) fn cargo(what: &str, arguments: &[&str]) -> Output {
    let mut command = crate::cargo();
    command.args(arguments).current_dir(root());
    without_account(&mut command);
    run(what, &mut command)
}

/// Runs a command, prints its duration, and returns its output. If it fails, the error contains all of its output.
pub(crate) fn run(what: &str, command: &mut Command) -> Output {
    let started = Instant::now();
    let output = command.output().map_err(|error| format!("`{}` cannot be run: {error}", shown(command)))?;
    println!("{:>7.1} s  {what}", started.elapsed().as_secs_f64());
    let out = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(out.into_owned());
    }
    let err = String::from_utf8_lossy(&output.stderr);
    Err(format!("{out}{err}`{}` failed ({})", shown(command), output.status).into())
}

/// Returns the program and its arguments, without environment variables.
fn shown(command: &Command) -> String {
    let words: Vec<_> =
        [command.get_program()].into_iter().chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// Removes the environment variables that would make a client use an account.
pub(crate) fn without_account(command: &mut Command) {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with(VARIABLE_PREFIX)) {
        command.env_remove(name);
    }
}

/// Returns the target folder of crates outside the workspace, which share it to build their dependencies once.
pub(crate) fn outside_target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    target.join("recipes")
}
