//! Credentials that a program prints.

use std::time::Duration;

use serde::Deserialize;

use super::{
    Credentials, ProvideCredentials,
    answer::{end, json},
    cache::Cache,
    command, failed,
    secret::Secret,
};
use crate::{config::Config, error::Result, runtime::BoxFuture, runtime::limit};

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

#[derive(Deserialize, Default)]
#[serde(default)]
struct Printed {
    mode: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Secret,
    sts_token: Secret,
    expiration: Option<String>,
}

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
        let output = limit(config.runtime(), self.settings.timeout, work)
            .await
            .ok_or_else(|| failed(format!("{who} did not end within {:?}", self.settings.timeout)))?
            .map_err(|error| failed(format!("{who} can't be run: {error}")).with_source(error))?;
        match output.code {
            Some(0) => {}
            Some(code) => return Err(failed(format!("{who} ended with code {code}"))),
            None => return Err(failed(format!("{who} was ended by a signal"))),
        }
        let printed: Printed = json(&output.stdout, &who)?;
        let missing = |name: &str| failed(format!("the answer of {who} has no `{name}`"));
        let id = printed.access_key_id.filter(|id| !id.trim().is_empty()).ok_or_else(|| missing("access_key_id"))?;
        if printed.access_key_secret.is_empty() {
            return Err(missing("access_key_secret"));
        }
        let mut credentials = Credentials::new(id, printed.access_key_secret.as_str());
        match printed.mode.as_deref() {
            Some("StsToken") if printed.sts_token.is_empty() => return Err(missing("sts_token")),
            None | Some("" | "AK" | "StsToken") => {}
            Some(_) => return Err(failed(format!("the answer of {who} has a `mode` other than AK and StsToken"))),
        }
        if !printed.sts_token.is_empty() {
            credentials = credentials.with_security_token(printed.sts_token.as_str());
        }
        if let Some(expiration) = printed.expiration.filter(|time| !time.is_empty()) {
            credentials = credentials.with_expiry(end(&expiration, &who, "expiration", config.now())?);
        }
        Ok(credentials)
    }
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
