//! Runs the program on crates in temporary folders.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A folder with a crate that `service new` wrote.
pub(crate) struct Package {
    folder: tempfile::TempDir,
}

/// The result of a command.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Package {
    /// Creates the crate from the published file of the generator's tests.
    pub(crate) fn new() -> Self {
        let package = Self { folder: tempfile::tempdir().unwrap() };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/tests/service/api-docs.json");
        let created = run(&["service", "new", file.to_str().unwrap(), "--out", package.path().to_str().unwrap()]);
        assert_eq!(created.code, Some(0), "{}", created.err);
        package
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    /// Returns the path of a spec.
    pub(crate) fn spec(&self, path: &str) -> PathBuf {
        self.path().join("specs/shop_floor").join(path)
    }

    /// Replaces a part of a spec.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let path = self.spec(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Runs a command with `--crate`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let path = self.path();
        run(&[arguments, &["--crate", path.to_str().unwrap()]].concat())
    }
}

/// Returns the program as cargo runs it.
pub(crate) fn program() -> Command {
    in_checkout(Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// Returns the program as cargo runs it from the package `xtask` in another folder.
pub(crate) fn in_checkout(package: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.env("CARGO_MANIFEST_DIR", package);
    command
}

pub(crate) fn run(arguments: &[&str]) -> Ended {
    ended(program().args(arguments))
}

/// Runs a command to its end.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}
