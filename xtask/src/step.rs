//! Runs and times the commands of checks, without credentials of an account.

use std::{
    ffi::OsStr,
    io::Read,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::root;

/// Prefix of the environment variables that clients of Alibaba Cloud read.
const VARIABLE_PREFIX: &str = "ALIBABA_CLOUD_";

/// Time between two checks of whether a command has ended: short beside the second that a program takes.
const POLL: Duration = Duration::from_millis(20);

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
    run_within(what, command, Duration::MAX)
}

/// Runs a command like [`run`], but ends it if it takes longer than `limit`.
pub(crate) fn run_within(what: &str, command: &mut Command, limit: Duration) -> Output {
    let started = Instant::now();
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| format!("`{}` cannot be run: {error}", shown(command)))?;
    let (out, err) = (child.stdout.take().map(reader), child.stderr.take().map(reader));
    let mut status = child.try_wait()?;
    while status.is_none() && started.elapsed() < limit {
        thread::sleep(POLL);
        status = child.try_wait()?;
    }
    if status.is_none() {
        child.kill()?;
        child.wait()?;
    }
    println!("{:>7.1} s  {what}", started.elapsed().as_secs_f64());
    let text = |reader: Option<thread::JoinHandle<String>>| reader.and_then(|reader| reader.join().ok());
    let (out, err) = (text(out).unwrap_or_default(), text(err).unwrap_or_default());
    match status {
        Some(status) if status.success() => Ok(out),
        Some(status) => Err(format!("{out}{err}`{}` failed ({status})", shown(command)).into()),
        None => Err(format!("{out}{err}`{}` was still running after {} s", shown(command), limit.as_secs_f64()).into()),
    }
}

/// Reads a pipe to its end, so that the program that writes to it does not wait.
fn reader(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // The output before an error is still shown.
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_that_hangs_is_ended_and_its_output_is_shown() {
        let error = run_within("sleep", &mut shell("echo started; exec sleep 600"), Duration::from_millis(200));
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with("started\n") && error.ends_with("was still running after 0.2 s"), "{error}");
    }

    #[test]
    fn output_and_status_are_those_of_the_command() {
        let limit = Duration::from_secs(60);
        // More than a pipe holds.
        let long = run_within("long", &mut shell("yes | head -c 200000"), limit).unwrap();
        assert_eq!(long.len(), 200_000);
        let error = run_within("fails", &mut shell("echo out; echo err >&2; exit 3"), limit).unwrap_err().to_string();
        assert!(error.starts_with("out\nerr\n`sh") && error.contains("failed (exit status: 3)"), "{error}");
    }
}
