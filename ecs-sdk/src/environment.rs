//! The process' environment, behind a trait so that tests bring their own.

use std::{fmt, io, path::PathBuf};

/// Environment variables and files.
pub(crate) trait Environment: fmt::Debug + Send + Sync + 'static {
    /// An environment variable.
    fn var(&self, name: &str) -> Option<String>;

    /// A file as text.
    fn read(&self, path: &std::path::Path) -> io::Result<String>;

    /// The user's home folder.
    fn home(&self) -> Option<PathBuf> {
        self.var("HOME").or_else(|| self.var("USERPROFILE")).filter(|home| !home.is_empty()).map(PathBuf::from)
    }
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
    fn read(&self, path: &std::path::Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}

/// An environment with nothing in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoEnvironment;

impl Environment for NoEnvironment {
    fn var(&self, _name: &str) -> Option<String> {
        None
    }

    fn read(&self, _path: &std::path::Path) -> io::Result<String> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// An environment for tests.
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeEnvironment {
    pub(crate) vars: std::collections::BTreeMap<String, String>,
    pub(crate) files: std::collections::BTreeMap<PathBuf, String>,
}

#[cfg(test)]
impl Environment for FakeEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        self.vars.get(name).cloned()
    }

    fn read(&self, path: &std::path::Path) -> io::Result<String> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}
