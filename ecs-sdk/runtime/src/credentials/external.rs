//! Credentials that a program prints.

use std::time::{Duration, SystemTime};

use super::{
    Credentials, ProvideCredentials,
    answer::{end, json},
    cache::Cache,
    command, failed,
    secret::Secret,
    section::Object,
};
use crate::{config::Config, error::Result, system::BoxFuture, system::timeout};

const TIMEOUT: Duration = Duration::from_secs(60);

/// A program that prints a key as JSON: `mode` (`AK` or `StsToken`), `access_key_id`, `access_key_secret`, and for
/// temporary keys `sts_token` and `expiration` (`2026-01-05T18:00:00Z`).
///
/// The program is started directly, never through a shell: no variables, wildcards, pipes or `~` are expanded. It gets no
/// input and the program's own environment; what it writes to its standard error goes to that of this process. It is ended
/// when it takes longer than the [timeout](ExternalProcessBuilder::timeout). A key without an end is asked for again after
/// five minutes.
#[derive(Debug)]
pub struct ExternalProcess {
    settings: Settings,
    cache: Cache,
}

#[derive(Debug)]
struct Settings {
    /// The program and its arguments, or why there is none. Arguments may be secret.
    command: Result<(String, Vec<Secret>), &'static str>,
    timeout: Duration,
}

/// Builds an [`ExternalProcess`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ExternalProcessBuilder(Settings);

/// What a program prints.
const PRINTED: [&str; 5] = ["mode", "access_key_id", "access_key_secret", "sts_token", "expiration"];

impl ExternalProcess {
    /// Starts with a program, by path or as found in `PATH`, and its arguments.
    pub fn builder<A: Into<String>>(
        program: impl Into<String>,
        arguments: impl IntoIterator<Item = A>,
    ) -> ExternalProcessBuilder {
        let arguments = arguments.into_iter().map(Secret::new).collect();
        ExternalProcessBuilder(Settings { command: Ok((program.into(), arguments)), timeout: TIMEOUT })
    }

    /// Starts with one line, as the CLI's `process_command` is. Blanks separate arguments; single and double quotes keep
    /// them together; a backslash takes the next character as it is, except in single quotes and on Windows.
    pub fn from_command_line(line: &str) -> ExternalProcessBuilder {
        ExternalProcessBuilder(Settings { command: command::split(line, cfg!(windows)), timeout: TIMEOUT })
    }

    async fn fetch(&self, config: &Config) -> Result<Credentials> {
        let (program, arguments) =
            self.settings.command.as_ref().map_err(|why| failed(format!("the command can't be run: {why}")))?;
        let arguments: Vec<String> = arguments.iter().map(|argument| argument.as_str().to_owned()).collect();
        let who = format!("the program `{program}`");
        let work = config.environment().run(program, &arguments);
        let output = timeout(config.system(), self.settings.timeout, work)
            .await
            .ok_or_else(|| failed(format!("{who} did not end within {:?}", self.settings.timeout)))?
            .map_err(|error| failed(format!("{who} can't be run: {error}")).with_source(error))?;
        match output.code {
            Some(0) => {}
            Some(code) => return Err(failed(format!("{who} ended with code {code}"))),
            None => return Err(failed(format!("{who} was ended by a signal"))),
        }
        parse(&output.stdout, &who, config.now())
    }
}

fn parse(stdout: &[u8], who: &str, now: SystemTime) -> Result<Credentials> {
    let printed = json(stdout, who, Object::of(&PRINTED))?;
    let [mode, id, secret, token, expiration] = PRINTED.map(|name| printed.get(name).map_or("", Secret::as_str));
    let required = |name: &str, value: &str| match value.trim().is_empty() {
        true => Err(failed(format!("the answer of {who} has no `{name}`"))),
        false => Ok(()),
    };
    required("access_key_id", id)?;
    required("access_key_secret", secret)?;
    match mode {
        "StsToken" => required("sts_token", token)?,
        "" | "AK" => {}
        _ => return Err(failed(format!("the answer of {who} has a `mode` other than AK and StsToken"))),
    }
    let mut credentials = Credentials::new(id, secret);
    if !token.trim().is_empty() {
        credentials = credentials.with_security_token(token);
    }
    if !expiration.is_empty() {
        credentials = credentials.with_expiry(end(expiration, who, "expiration", now)?);
    }
    Ok(credentials)
}

impl ProvideCredentials for ExternalProcess {
    fn provide<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(config, Box::pin(self.fetch(config)))
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl ExternalProcessBuilder {
    /// Sets how long the program may take; 60 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = timeout;
        self
    }

    /// Builds it. Nothing is run before the first call.
    pub fn build(self) -> ExternalProcess {
        ExternalProcess { settings: self.0, cache: Cache::default() }
    }
}
