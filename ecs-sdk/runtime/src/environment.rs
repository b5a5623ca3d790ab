//! The environment of the process: variables, files and programs, behind a trait so that tests are deterministic.

mod process;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use zeroize::Zeroizing;

use crate::system::BoxFuture;

/// Environment variables, files and programs, as regions, proxies and credentials are looked up in them.
///
/// [`ProcessEnvironment`] is the default, [`NoEnvironment`] is empty. An implementation of your own needs
/// [`var`](Self::var) only; it then has no files and no programs.
pub trait Environment: fmt::Debug + Send + Sync + 'static {
    /// Returns the value of an environment variable.
    fn var(&self, name: &str) -> Option<String>;

    /// Reads a file as a string. By default no file is found.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read.
    fn read(&self, path: &Path) -> io::Result<String> {
        let _ = path;
        Err(io::ErrorKind::NotFound.into())
    }

    /// Runs a program and waits for its exit. Dropping the future kills the program. By default no program is found.
    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<ProcessOutput>> {
        let _ = (program, arguments);
        Box::pin(async { Err(io::ErrorKind::NotFound.into()) })
    }

    /// Returns whether credentials may be looked for outside the program at all. If not, the
    /// [default chain](crate::credentials::DefaultChain) asks no service either. `true` by default.
    fn allows_discovery(&self) -> bool {
        true
    }
}

impl<T: Environment + ?Sized> Environment for Arc<T> {
    fn var(&self, name: &str) -> Option<String> {
        (**self).var(name)
    }

    fn read(&self, path: &Path) -> io::Result<String> {
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

    fn read(&self, path: &Path) -> io::Result<String> {
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
    /// An environment variable that is not blank, trimmed, because secret stores often append a newline.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.var(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Whether a variable is `true`, in any case.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.var(name).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }

    /// The user's home folder.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.var("HOME").or_else(|| self.var("USERPROFILE")).filter(|home| !home.is_empty()).map(PathBuf::from)
    }
}

/// Output of a program that has exited.
pub struct ProcessOutput {
    code: Option<i32>,
    stdout: Zeroizing<Vec<u8>>,
}

impl ProcessOutput {
    /// Creates the output of a program from its exit code, which is `None` if a signal ended it, and what it wrote to its
    /// standard output.
    pub fn new(code: Option<i32>, stdout: impl Into<Vec<u8>>) -> Self {
        Self { code, stdout: Zeroizing::new(stdout.into()) }
    }

    /// Returns the exit code; `None` if a signal ended the program.
    pub fn code(&self) -> Option<i32> {
        self.code
    }

    /// Returns what the program wrote to its standard output. It is wiped from memory when dropped.
    pub fn stdout(&self) -> &[u8] {
        &self.stdout
    }
}

impl fmt::Debug for ProcessOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The output may hold secrets.
        f.debug_struct("ProcessOutput").field("code", &self.code).finish_non_exhaustive()
    }
}

/// The environment of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes from")]
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where files come from")]
    fn read(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }

    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<ProcessOutput>> {
        let running = process::run(program, arguments);
        Box::pin(async { running.await.map(|(code, stdout)| ProcessOutput { code, stdout }) })
    }
}

/// An empty environment: no variables, no files, no programs.
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

/// What a program of tests does; `None` hangs.
#[cfg(test)]
pub(crate) type FakeProgram = Option<io::Result<(Option<i32>, String)>>;

/// An environment for tests.
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeEnvironment {
    pub(crate) vars: std::collections::BTreeMap<String, String>,
    pub(crate) files: std::collections::BTreeMap<PathBuf, String>,
    /// Files that exist and may not be read.
    pub(crate) unreadable: Vec<PathBuf>,
    /// What program and arguments, in one line, give.
    pub(crate) programs: std::sync::Arc<std::sync::Mutex<std::collections::BTreeMap<Vec<String>, FakeProgram>>>,
}

#[cfg(test)]
impl Environment for FakeEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        self.vars.get(name).cloned()
    }

    fn read(&self, path: &Path) -> io::Result<String> {
        if self.unreadable.iter().any(|other| other == path) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
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
