//! The spec tree of one service in memory, and its files.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::spec::{Glossary, Operation, Rpc, Service, SharedTypes};
use crate::validate::visible;

/// The specs of one service before an import.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExistingTree {
    /// Short name: the folder below `specs`.
    pub name: String,
    /// `rpc.json`, which all services share.
    pub rpc: Rpc,
    /// Whether `rpc.json` belongs to this tree.
    pub has_own_rpc: bool,
    /// `service.json`, if there is one.
    pub service: Option<Service>,
    /// `types.json`.
    pub types: SharedTypes,
    /// `glossary.json`.
    pub glossary: Glossary,
    /// Operations by name.
    pub operations: BTreeMap<String, Operation>,
}

/// A file that could not be read, parsed or written.
#[derive(Debug)]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// The problem.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for Error {}

impl ExistingTree {
    /// Takes the facts of all services from this file, for a folder that has no `rpc.json`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or is invalid.
    pub fn or_rpc(mut self, specs_dir: &Path, rpc: &Path) -> Result<ExistingTree, Error> {
        if !specs_dir.join("rpc.json").is_file() {
            self.rpc = read_json(rpc)?;
        }
        Ok(self)
    }

    /// Reads `specs/<service>` and `specs/rpc.json`. A folder that does not exist is an empty tree. Unknown keys are errors,
    /// because writing the files again would lose them.
    pub fn read(specs_dir: &Path, service: &str) -> Result<ExistingTree, Error> {
        let root = specs_dir.join(service);
        let mut tree = ExistingTree { name: service.to_owned(), ..ExistingTree::default() };
        let rpc = specs_dir.join("rpc.json");
        if rpc.is_file() {
            tree.rpc = read_json(&rpc)?;
            tree.has_own_rpc = true;
        }
        if !root.is_dir() {
            return Ok(tree);
        }
        let (folders, files): (Vec<_>, Vec<_>) = entries(&root)?.into_iter().partition(|path| path.is_dir());
        for file in files {
            match file.file_name().and_then(|name| name.to_str()) {
                Some("service.json") => tree.service = Some(read_json(&file)?),
                Some("types.json") => tree.types = read_json(&file)?,
                Some("glossary.json") => tree.glossary = read_json(&file)?,
                _ => {}
            }
        }
        for folder in folders {
            for file in entries(&folder)? {
                if file.extension().is_some_and(|extension| extension == "json") {
                    let operation: Operation = read_json(&file)?;
                    tree.operations.insert(operation.operation.clone(), operation);
                }
            }
        }
        Ok(tree)
    }
}

/// Path of an operation's file below `specs`.
pub(super) fn operation_path(service: &str, operation: &Operation) -> PathBuf {
    Path::new(service).join(&operation.family).join(format!("{}.json", operation.operation))
}

/// The text of a file. Only regular files are read: reading a pipe would not end.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    if !fs::metadata(path).map_err(|error| failed(path, error))?.is_file() {
        return Err(failed(path, "not a regular file; name the file itself"));
    }
    let bytes = fs::read(path).map_err(|error| failed(path, error))?;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(failed(path, "the file is encoded in UTF-16; save it as UTF-8"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        failed(path, format!("the file is not encoded in UTF-8: invalid byte in line {line}; save it as UTF-8"))
    })
}

/// Writes a file, so that an interruption leaves either the old or the new contents.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), Error> {
    crate::files::replace(path, text).map_err(|error| failed(path, error))
}

pub(super) fn failed(path: &Path, error: impl fmt::Display) -> Error {
    // Messages quote names from files, which can contain any characters.
    Error { path: path.to_owned(), message: visible(&error.to_string()) }
}

pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        paths.push(entry.map_err(|error| failed(folder, error))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    crate::fmt::parse(&read_text(path)?).map_err(|error| failed(path, error))
}
