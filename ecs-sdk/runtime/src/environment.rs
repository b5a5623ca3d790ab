//! The environment of the process: variables, files and programs. It is behind a trait so that tests are deterministic.

mod file;
mod process;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use zeroize::Zeroizing;

use crate::system::BoxFuture;

/// Environment variables, files and programs, from which a client gets its region, endpoint, proxies and credentials.
///
/// [`ProcessEnvironment`] is the default, and [`NoEnvironment`] is empty. Your own implementation only needs
/// [`var`](Self::var); it then has no files and no programs. An environment in memory makes tests deterministic:
///
/// ```
/// use std::collections::HashMap;
/// use ecs_sdk::{Config, environment::Environment};
///
/// #[derive(Debug)]
/// struct TestEnvironment(HashMap<&'static str, &'static str>);
///
/// impl Environment for TestEnvironment {
///     fn var(&self, name: &str) -> Option<String> {
///         self.0.get(name).map(|value| (*value).to_owned())
///     }
/// }
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let environment =
///     TestEnvironment(HashMap::from([("ALIBABA_CLOUD_REGION_ID", "eu-central-1")]));
/// let config = Config::builder().environment(environment).build()?;
/// assert_eq!(config.region().as_deref(), Some("eu-central-1"));
/// # Ok(())
/// # }
/// ```
pub trait Environment: fmt::Debug + Send + Sync + 'static {
    /// Returns the value of an environment variable; `None` if it is not set or not valid Unicode.
    fn var(&self, name: &str) -> Option<String>;

    /// Reads a file as a string. By default, no file exists.
    ///
    /// Calls wait for the future, so it should not block their thread. Dropping it abandons the file.
    ///
    /// # Errors
    ///
    /// The future returns an error if the file cannot be read.
    fn read(&self, path: &Path) -> BoxFuture<'static, io::Result<String>> {
        let _ = path;
        Box::pin(async { Err(io::ErrorKind::NotFound.into()) })
    }

    /// Runs a program and waits until it exits. Dropping the future kills the program. By default, no program exists.
    ///
    /// # Errors
    ///
    /// The future returns an error if the program cannot be run. An exit code other than 0 is not an error.
    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<ProcessOutput>> {
        let _ = (program, arguments);
        Box::pin(async { Err(io::ErrorKind::NotFound.into()) })
    }

    /// Returns whether the [default chain](crate::credentials::DefaultChain) may look for credentials; `true` by
    /// default.
    ///
    /// If `false`, the chain fails without reading anything or sending requests to the metadata service.
    fn allows_discovery(&self) -> bool {
        true
    }
}

impl<T: Environment + ?Sized> Environment for Arc<T> {
    fn var(&self, name: &str) -> Option<String> {
        (**self).var(name)
    }

    fn read(&self, path: &Path) -> BoxFuture<'static, io::Result<String>> {
        (**self).read(path)
    }

    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<ProcessOutput>> {
        (**self).run(program, arguments)
    }

    fn allows_discovery(&self) -> bool {
        (**self).allows_discovery()
    }
}

impl<T: Environment + ?Sized> Environment for Box<T> {
    fn var(&self, name: &str) -> Option<String> {
        (**self).var(name)
    }

    fn read(&self, path: &Path) -> BoxFuture<'static, io::Result<String>> {
        (**self).read(path)
    }

    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<ProcessOutput>> {
        (**self).run(program, arguments)
    }

    fn allows_discovery(&self) -> bool {
        (**self).allows_discovery()
    }
}

impl<'e> dyn Environment + 'e {
    /// The value of an environment variable, trimmed, because secret stores often append a newline. `None` if it is
    /// blank.
    pub(crate) fn non_blank(&self, name: &str) -> Option<String> {
        self.var(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Whether a variable is on, in any of the usual spellings.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.var(name).is_some_and(|value| is_on(&value))
    }

    /// The user's home directory.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.var("HOME").or_else(|| self.var("USERPROFILE")).filter(|home| !home.is_empty()).map(PathBuf::from)
    }
}

/// Whether a setting is `true` or, as some tools write it, `1`, `yes` or `on`.
pub(crate) fn is_on(value: &str) -> bool {
    let value = value.trim();
    ["true", "1", "yes", "on"].iter().any(|on| value.eq_ignore_ascii_case(on))
}

/// The exit code and the output of a program that has exited.
///
/// Create one in [`Environment::run`] to test an [`ExternalProcess`](crate::credentials::ExternalProcess) without
/// running a program:
///
/// ```
/// use std::io;
/// use ecs_sdk::{
///     BoxFuture,
///     config::Timeouts,
///     credentials::{Context, ExternalProcess, ProvideCredentials},
///     environment::{Environment, ProcessOutput},
///     transport::{HttpClient, HttpOptions},
/// };
///
/// #[derive(Debug)]
/// struct TestEnvironment;
///
/// impl Environment for TestEnvironment {
///     fn var(&self, _name: &str) -> Option<String> {
///         None
///     }
///
///     fn run(
///         &self,
///         program: &str,
///         _arguments: &[String],
///     ) -> BoxFuture<'static, io::Result<ProcessOutput>> {
///         assert_eq!(program, "get-access-key");
///         let json = r#"{
///             "mode": "AK", "access_key_id": "test-id", "access_key_secret": "test-secret"
///         }"#;
///         Box::pin(async move { Ok(ProcessOutput::new(Some(0), json)) })
///     }
/// }
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let transport = HttpClient::new(&HttpOptions::new(), &Timeouts::default())?;
/// let context = Context::new(transport).with_environment(TestEnvironment);
/// let process = ExternalProcess::new("get-access-key", ["--account", "test"]);
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// let credentials = runtime.block_on(process.provide(&context))?;
/// assert_eq!(credentials.access_key_id(), "test-id");
/// # Ok(())
/// # }
/// ```
pub struct ProcessOutput {
    code: Option<i32>,
    stdout: Zeroizing<Vec<u8>>,
}

impl ProcessOutput {
    /// Creates the output of a program from its exit code, which is `None` if a signal killed it, and its standard
    /// output.
    pub fn new(code: Option<i32>, stdout: impl Into<Vec<u8>>) -> Self {
        Self { code, stdout: Zeroizing::new(stdout.into()) }
    }

    /// Returns the exit code; `None` if a signal killed the program.
    pub fn code(&self) -> Option<i32> {
        self.code
    }

    /// Returns the standard output, which is wiped from memory when dropped.
    pub fn stdout(&self) -> &[u8] {
        &self.stdout
    }
}

impl fmt::Debug for ProcessOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The output may contain secrets.
        f.debug_struct("ProcessOutput").field("code", &self.code).finish_non_exhaustive()
    }
}

/// The environment of this process. This is the default.
///
/// It reads regular files of at most 1 MiB, on a separate thread, so a call that waits for a file system that hangs still
/// ends at its timeout. FIFOs, devices, directories and larger files are errors. A file that other users can write is
/// read, but a tracing event warns about it once.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes from")]
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn read(&self, path: &Path) -> BoxFuture<'static, io::Result<String>> {
        file::read(path)
    }

    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<ProcessOutput>> {
        let running = process::run(program, arguments);
        Box::pin(async { running.await.map(|(code, stdout)| ProcessOutput { code, stdout }) })
    }
}

/// An empty environment: no variables, no files, no programs, and no search for credentials.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEnvironment;

impl Environment for NoEnvironment {
    fn var(&self, _name: &str) -> Option<String> {
        None
    }

    fn allows_discovery(&self) -> bool {
        false
    }
}

/// The exit code and the output of a program in tests; `None` if the program hangs.
#[cfg(test)]
pub(crate) type FakeProgram = Option<io::Result<(Option<i32>, String)>>;

/// An environment for tests.
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeEnvironment {
    pub(crate) vars: std::collections::BTreeMap<String, String>,
    pub(crate) files: std::collections::BTreeMap<PathBuf, String>,
    /// Files that exist but cannot be read.
    pub(crate) unreadable: Vec<PathBuf>,
    /// Files on a file system that does not respond.
    pub(crate) hanging: Vec<PathBuf>,
    /// Programs by their command, which is the program followed by its arguments. Each can be run once.
    pub(crate) programs: std::sync::Arc<std::sync::Mutex<std::collections::BTreeMap<Vec<String>, FakeProgram>>>,
}

#[cfg(test)]
impl Environment for FakeEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        self.vars.get(name).cloned()
    }

    fn read(&self, path: &Path) -> BoxFuture<'static, io::Result<String>> {
        if self.hanging.iter().any(|other| other == path) {
            return Box::pin(std::future::pending());
        }
        let result = match self.files.get(path) {
            _ if self.unreadable.iter().any(|other| other == path) => Err(io::ErrorKind::PermissionDenied.into()),
            Some(text) => Ok(text.clone()),
            None => Err(io::ErrorKind::NotFound.into()),
        };
        Box::pin(async { result })
    }

    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<ProcessOutput>> {
        let mut command = vec![program.to_owned()];
        command.extend_from_slice(arguments);
        let outcome = self.programs.lock().unwrap().remove(&command);
        Box::pin(async move {
            match outcome {
                Some(Some(Ok((code, stdout)))) => Ok(ProcessOutput::new(code, stdout)),
                Some(Some(Err(error))) => Err(error),
                Some(None) => std::future::pending().await,
                None => Err(io::ErrorKind::NotFound.into()),
            }
        })
    }
}
