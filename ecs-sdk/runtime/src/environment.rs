//! The process' environment, behind a trait so that tests bring their own.

mod process;

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::system::BoxFuture;

/// Environment variables, files and programs.
pub(crate) trait Environment: fmt::Debug + Send + Sync + 'static {
    /// An environment variable.
    fn var(&self, name: &str) -> Option<String>;

    /// A file as text.
    fn read(&self, path: &Path) -> io::Result<String>;

    /// Runs a program to its end. Dropping the future ends the program.
    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<Output>>;

    /// Whether there is an environment at all. Without one, nothing outside the program is asked for credentials.
    fn exists(&self) -> bool {
        true
    }

    /// An environment variable that is not blank, without the blanks and line ends that secret stores like to add.
    fn text(&self, name: &str) -> Option<String> {
        self.var(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Whether a variable is `true`, in any case.
    fn flag(&self, name: &str) -> bool {
        self.var(name).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }

    /// The user's home folder.
    fn home(&self) -> Option<PathBuf> {
        self.var("HOME").or_else(|| self.var("USERPROFILE")).filter(|home| !home.is_empty()).map(PathBuf::from)
    }
}

/// What a program left behind.
pub(crate) struct Output {
    /// Exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) stdout: Zeroizing<Vec<u8>>,
}

/// The real thing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes from")]
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where files come from")]
    fn read(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }

    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<Output>> {
        process::run(program, arguments)
    }
}

/// An environment with nothing in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoEnvironment;

impl Environment for NoEnvironment {
    fn var(&self, _name: &str) -> Option<String> {
        None
    }

    fn read(&self, _path: &Path) -> io::Result<String> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn run(&self, _program: &str, _arguments: &[String]) -> BoxFuture<'static, io::Result<Output>> {
        Box::pin(async { Err(io::ErrorKind::NotFound.into()) })
    }

    fn exists(&self) -> bool {
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

    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<Output>> {
        let mut command = vec![program.to_owned()];
        command.extend_from_slice(arguments);
        let outcome = self.programs.lock().unwrap().remove(&command);
        Box::pin(async move {
            match outcome {
                Some(Some(Ok((code, stdout)))) => Ok(Output { code, stdout: Zeroizing::new(stdout.into_bytes()) }),
                Some(Some(Err(error))) => Err(error),
                Some(None) => std::future::pending().await,
                None => Err(io::ErrorKind::NotFound.into()),
            }
        })
    }
}
