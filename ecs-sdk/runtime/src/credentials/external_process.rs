//! Credentials that a program prints.

use std::time::{Duration, SystemTime};

use super::command;
use crate::{
    error::Result,
    identity::{
        Cache, Context, Credentials, ProvideCredentials, Refresh, failed,
        secret::Secret,
        section::Object,
        temporary::{expiry, json},
    },
    system::{BoxFuture, timeout},
};

/// Long enough for a program that asks a service; a person who types a password needs more.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Provides the access key that a program prints as JSON: `mode` (`AK` or `StsToken`), `access_key_id`,
/// `access_key_secret`, and for temporary ones `sts_token` and `expiration` (`2026-01-05T18:00:00Z`).
///
/// The program is started directly, never through a shell: no variables, wildcards, pipes or `~` are expanded. It gets no
/// input and the environment of this process; what it writes to its standard error goes to that of this process. It is
/// killed when it takes longer than the [timeout](ExternalProcessBuilder::timeout). Without `expiration`, the access key is
/// cached for five minutes.
#[derive(Debug)]
pub struct ExternalProcess {
    settings: Settings,
    cache: Cache,
}

#[derive(Debug)]
struct Settings {
    /// The program and its arguments, or why the command line is invalid. Arguments may be secret.
    command: Result<(String, Vec<Secret>), &'static str>,
    timeout: Duration,
    refresh: Refresh,
}

/// Builds an [`ExternalProcess`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ExternalProcessBuilder(Settings);

/// Members that a program prints.
const MEMBERS: [&str; 5] = ["mode", "access_key_id", "access_key_secret", "sts_token", "expiration"];

impl ExternalProcess {
    /// Creates a provider from a program, by path or as found in `PATH`, and its arguments.
    pub fn new<A: Into<String>>(program: impl Into<String>, arguments: impl IntoIterator<Item = A>) -> Self {
        Self::builder(program, arguments).build()
    }

    /// Creates a builder from a program, by path or as found in `PATH`, and its arguments.
    pub fn builder<A: Into<String>>(
        program: impl Into<String>,
        arguments: impl IntoIterator<Item = A>,
    ) -> ExternalProcessBuilder {
        let arguments = arguments.into_iter().map(Secret::new).collect();
        ExternalProcessBuilder::new(Ok((program.into(), arguments)))
    }

    /// Creates a builder from a command line, such as the CLI's `process_command`. Blanks separate arguments; single and
    /// double quotes keep them together; a backslash takes the next character literally, except in single quotes and on
    /// Windows.
    pub fn command_line(line: &str) -> ExternalProcessBuilder {
        ExternalProcessBuilder::new(command::split(line, cfg!(windows)))
    }

    async fn fetch(&self, context: &Context) -> Result<Credentials> {
        let (program, arguments) =
            self.settings.command.as_ref().map_err(|why| failed(format!("invalid command line: {why}")))?;
        let arguments: Vec<String> = arguments.iter().map(|argument| argument.as_str().to_owned()).collect();
        let who = format!("the program `{program}`");
        let running = context.environment().run(program, &arguments);
        let output = timeout(context.system(), self.settings.timeout, running)
            .await
            .ok_or_else(|| failed(format!("{who} did not exit within {:?}", self.settings.timeout)))?
            .map_err(|error| failed(format!("{who} can't be run: {error}")).with_source(error))?;
        match output.code() {
            Some(0) => {}
            Some(code) => return Err(failed(format!("{who} exited with code {code}"))),
            None => return Err(failed(format!("{who} was ended by a signal"))),
        }
        parse(output.stdout(), &format!("the output of {who}"), context.now())
    }
}

fn parse(stdout: &[u8], what: &str, now: SystemTime) -> Result<Credentials> {
    let printed = json(stdout, what, Object::of(&MEMBERS))?;
    let [mode, id, secret, token, expiration] = MEMBERS.map(|name| printed.get(name).map_or("", Secret::as_str));
    let required = |name: &str, value: &str| match value.trim().is_empty() {
        true => Err(failed(format!("{what} has no `{name}`"))),
        false => Ok(()),
    };
    required("access_key_id", id)?;
    required("access_key_secret", secret)?;
    match mode {
        "StsToken" => required("sts_token", token)?,
        "" | "AK" => {}
        _ => return Err(failed(format!("{what} has a `mode` other than AK and StsToken"))),
    }
    let mut credentials = Credentials::new(id, secret);
    if !token.trim().is_empty() {
        credentials = credentials.with_security_token(token);
    }
    if !expiration.is_empty() {
        credentials = credentials.with_expiry(expiry(expiration, what, "expiration", now)?);
    }
    Ok(credentials)
}

impl ProvideCredentials for ExternalProcess {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(context, Box::pin(self.fetch(context)))
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl ExternalProcessBuilder {
    fn new(command: Result<(String, Vec<Secret>), &'static str>) -> Self {
        Self(Settings { command, timeout: TIMEOUT, refresh: Refresh::default() })
    }

    /// Sets how long the program may take; 60 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = timeout;
        self
    }

    /// Sets when credentials are refreshed.
    pub fn refresh(mut self, refresh: Refresh) -> Self {
        self.0.refresh = refresh;
        self
    }

    /// Builds the provider. Nothing is run before the first call.
    pub fn build(self) -> ExternalProcess {
        let cache = Cache::new(self.0.refresh);
        ExternalProcess { settings: self.0, cache }
    }
}
