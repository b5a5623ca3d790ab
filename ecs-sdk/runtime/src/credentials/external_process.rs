//! Credentials printed by a program.

use std::{sync::Arc, time::Duration};

use super::command;
use crate::{
    error::Result,
    identity::{
        Cache, Context, Credentials, ProvideCredentials, Refresh, Source, failed,
        secret::Secret,
        section::Object,
        temporary::{expiry, json},
    },
    system::{BoxFuture, timeout},
};

/// Timeout of the program. Long enough for a program that sends requests, but not for a person who types a password.
const PROGRAM_TIMEOUT: Duration = Duration::from_secs(60);

/// Provides the access key that a program prints as JSON.
///
/// The program must print an object with the members `mode` (`AK` or `StsToken`), `access_key_id` and
/// `access_key_secret`, and for a temporary access key also `sts_token` and `expiration` (such as
/// `2026-01-05T18:00:00Z`). Without `expiration`, the access key is cached for five minutes.
///
/// ```
/// use ecs_sdk::{Client, credentials::ExternalProcess};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let process = ExternalProcess::new("get-access-key", ["--account", "production"]);
/// let client = Client::builder().region("cn-hangzhou").credentials(process).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
///
/// The program is started directly, never through a shell, so variables, wildcards, pipes and `~` are not expanded. It
/// inherits the environment and the standard error of this process, and its standard input is empty. If it takes longer
/// than the [timeout](ExternalProcessBuilder::timeout), or if the call that waits for it is dropped, it is killed. Its
/// output is complete when it exits; programs that it has started and left running are ignored.
#[derive(Debug)]
pub struct ExternalProcess {
    settings: Arc<Settings>,
    cache: Cache,
}

#[derive(Debug)]
struct Settings {
    /// The program and its arguments, or the reason why the command line is invalid. Arguments may be secrets.
    command: Result<(String, Vec<Secret>), &'static str>,
    timeout: Duration,
    refresh: Refresh,
}

/// A builder for [`ExternalProcess`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ExternalProcessBuilder(Settings);

/// Members of the printed object.
const MEMBERS: [&str; 5] = ["mode", "access_key_id", "access_key_secret", "sts_token", "expiration"];

impl ExternalProcess {
    /// Creates a provider from a program and its arguments. The program is a path, or a name that is looked up in
    /// `PATH`.
    pub fn new<A: Into<String>>(program: impl Into<String>, arguments: impl IntoIterator<Item = A>) -> Self {
        Self::builder(program, arguments).build()
    }

    /// Creates a builder from a program and its arguments. The program is a path, or a name that is looked up in
    /// `PATH`.
    pub fn builder<A: Into<String>>(
        program: impl Into<String>,
        arguments: impl IntoIterator<Item = A>,
    ) -> ExternalProcessBuilder {
        let arguments = arguments.into_iter().map(Secret::new).collect();
        ExternalProcessBuilder::new(Ok((program.into(), arguments)))
    }

    /// Creates a builder from a command line, such as the CLI's `process_command`.
    ///
    /// White space separates arguments, except inside single or double quotes. A backslash makes the next character
    /// literal, except in single quotes and on Windows. If the command line is invalid, every call fails.
    pub fn command_line(line: &str) -> ExternalProcessBuilder {
        ExternalProcessBuilder::new(command::split(line, cfg!(windows)))
    }
}

impl Settings {
    async fn fetch(&self, context: &Context) -> Result<Credentials> {
        let (program, arguments) =
            self.command.as_ref().map_err(|reason| failed(format!("invalid command line: {reason}")))?;
        let arguments: Vec<String> = arguments.iter().map(|argument| argument.as_str().to_owned()).collect();
        let who = format!("the program `{program}`");
        let running = context.environment().run(program, &arguments);
        let output = timeout(context.system(), self.timeout, running)
            .await
            .ok_or_else(|| failed(format!("{who} did not exit within {:?}", self.timeout)))?
            .map_err(|error| failed(format!("cannot run {who}: {error}")).with_source(error))?;
        match output.code() {
            Some(0) => {}
            Some(code) => return Err(failed(format!("{who} exited with code {code}"))),
            None => return Err(failed(format!("{who} was killed by a signal"))),
        }
        parse(output.stdout(), &format!("the output of {who}"))
    }
}

impl Source for Settings {
    fn start(self: Arc<Self>, context: Context) -> BoxFuture<'static, Result<Credentials>> {
        Box::pin(async move { self.fetch(&context).await })
    }
}

fn parse(stdout: &[u8], what: &str) -> Result<Credentials> {
    // Some programs on Windows print a byte order mark.
    let stdout = stdout.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stdout);
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
        _ => return Err(failed(format!("{what} has an unsupported `mode`: expected AK or StsToken"))),
    }
    let mut credentials = Credentials::new(id, secret);
    if !token.trim().is_empty() {
        credentials = credentials.with_security_token(token);
    }
    if !expiration.is_empty() {
        credentials = credentials.with_expiry(expiry(expiration, what, "expiration")?);
    }
    Ok(credentials)
}

impl ProvideCredentials for ExternalProcess {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        self.cache.get(context, self.settings.clone())
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.cache.invalidate(rejected);
    }
}

impl ExternalProcessBuilder {
    fn new(command: Result<(String, Vec<Secret>), &'static str>) -> Self {
        Self(Settings { command, timeout: PROGRAM_TIMEOUT, refresh: Refresh::default() })
    }

    /// Sets how long the program may run; 60 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = timeout;
        self
    }

    /// Sets when the credentials are refreshed.
    pub fn refresh(mut self, refresh: Refresh) -> Self {
        self.0.refresh = refresh;
        self
    }

    /// Builds the provider. The program is not run before the first call.
    pub fn build(self) -> ExternalProcess {
        let cache = Cache::new(self.0.refresh);
        ExternalProcess { settings: Arc::new(self.0), cache }
    }
}
