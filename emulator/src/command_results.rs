//! Results that a test sets for commands of Cloud Assistant, instead of those of their scripts.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::matching;

/// Number of results that can be set, which bounds their memory.
const MAX_RESULTS: usize = 1_000;

/// Longest output, which is more than the service returns.
const MAX_OUTPUT: usize = 64 * 1024;

/// Longest duration of a command: a day.
const MAX_SECONDS: u64 = 24 * 60 * 60;

/// The result of a Cloud Assistant command on an instance.
///
/// Without one, the emulator executes three commands of a script, apart from each other by lines, `;` or `&&`: `echo` with
/// literal text, `exit` with a number, and `sleep` with a number of seconds. All others succeed without output.
///
/// ```
/// use ecs_emulator::{CommandResult, Emulator};
///
/// let emulator = Emulator::builder().start_blocking()?;
/// emulator.set_command_results([
///     CommandResult::exited(1, "no space left on device\n").when_command("df *").times(1),
///     CommandResult::failed("ClientNotRunning"),
/// ])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct CommandResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
}

/// Error of setting a [`CommandResult`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandResultError(String);

impl fmt::Display for CommandResultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CommandResultError {}

impl CommandResult {
    /// Creates the result of a command that ends with an exit code and an output.
    pub fn exited(exit_code: i64, output: impl Into<String>) -> Self {
        CommandResult { exit_code: Some(exit_code), output: Some(output.into()), ..CommandResult::default() }
    }

    /// Creates the result of a command that cannot be executed, with the `ErrorCode` of the response, such as
    /// `ClientNotRunning` or `DirectoryNotExists`.
    pub fn failed(error_code: impl Into<String>) -> Self {
        CommandResult { error_code: Some(error_code.into()), ..CommandResult::default() }
    }

    /// Sets how long the command takes, in addition to the duration of states; at most a day. It times out after the `Timeout` of
    /// the request.
    pub fn takes(mut self, duration: Duration) -> Self {
        self.seconds = Some(duration.as_secs());
        self
    }

    /// Uses the result only for runs on this instance.
    pub fn when_instance(mut self, instance_id: impl Into<String>) -> Self {
        self.instance = Some(instance_id.into());
        self
    }

    /// Uses the result only for scripts that match a pattern, in which `*` matches anything.
    pub fn when_command(mut self, pattern: impl Into<String>) -> Self {
        self.command = Some(pattern.into());
        self
    }

    /// Uses the result for this number of runs only; unlimited by default. Each instance of an invocation is a run.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Returns the output; empty if it sets none.
    pub(crate) fn output(&self) -> &str {
        self.output.as_deref().unwrap_or_default()
    }

    /// Returns the exit code; 0 if it sets none.
    pub(crate) fn exit_code(&self) -> i64 {
        self.exit_code.unwrap_or_default()
    }

    /// Returns the reason for which the command cannot be executed.
    pub(crate) fn error_code(&self) -> Option<&str> {
        self.error_code.as_deref()
    }

    /// Returns how long the command takes.
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or_default())
    }

    fn check(&self) -> Result<(), CommandResultError> {
        let problem = match self {
            CommandResult { error_code: Some(_), exit_code: Some(_), .. } => {
                "`error_code` and `exit_code` exclude each other"
            }
            CommandResult { error_code: Some(code), .. } if code.is_empty() => "`error_code` must not be empty",
            CommandResult { output: Some(output), .. } if output.len() > MAX_OUTPUT => {
                "`output` must have at most 65536 bytes"
            }
            CommandResult { seconds: Some(seconds), .. } if *seconds > MAX_SECONDS => {
                "`seconds` must be at most 86400, which is a day"
            }
            CommandResult { times: Some(0), .. } => "`times` must be at least 1",
            _ => return Ok(()),
        };
        Err(CommandResultError(problem.to_owned()))
    }

    fn fits(&self, instance: &str, script: &str) -> bool {
        self.instance.as_deref().is_none_or(|wanted| wanted == instance)
            && self.command.as_deref().is_none_or(|pattern| matching::wildcard(pattern, script.trim()))
    }
}

/// All results that are set.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommandResults(Vec<CommandResult>);

impl CommandResults {
    /// Replaces the results.
    ///
    /// # Errors
    ///
    /// Returns an error if one of them is not possible, or if there are too many.
    pub(crate) fn set(&mut self, results: Vec<CommandResult>) -> Result<(), CommandResultError> {
        results.iter().try_for_each(CommandResult::check)?;
        if results.len() > MAX_RESULTS {
            return Err(CommandResultError(format!("at most {MAX_RESULTS} results can be set at a time")));
        }
        self.0 = results;
        Ok(())
    }

    /// Returns the results.
    pub(crate) fn all(&self) -> &[CommandResult] {
        &self.0
    }

    /// Removes all results.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the first result that is meant for a run, and counts its use.
    pub(crate) fn take(&mut self, instance: &str, script: &str) -> Option<CommandResult> {
        let place = self.0.iter().position(|result| result.fits(instance, script))?;
        let result = self.0[place].clone();
        if let Some(times) = &mut self.0[place].times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                drop(self.0.remove(place));
            }
        }
        Some(result)
    }
}
