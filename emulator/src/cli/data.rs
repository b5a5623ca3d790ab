//! The folder of `--data`, which keeps the state between starts.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::files::write_private;

const STATE: &str = "state.json";

/// The folder.
pub(super) struct Data {
    folder: PathBuf,
}

impl Data {
    /// Creates the folder if it does not exist, and checks that the state can be saved in it at the end.
    pub(super) fn open(folder: &Path) -> Result<Self, String> {
        let data = Data { folder: folder.to_owned() };
        let next = data.next();
        let usable =
            fs::create_dir_all(folder).and_then(|()| write_private(&next, "")).and_then(|()| fs::remove_file(next));
        usable.map_err(|error| data.failed(&error))?;
        Ok(data)
    }

    /// Returns the file of the state.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.join(STATE)
    }

    /// Returns the state that was saved; `None` at the first start.
    pub(super) fn read(&self) -> Result<Option<String>, String> {
        match fs::read_to_string(self.file()) {
            Ok(state) => Ok(Some(state)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Saves a state. If that fails, the earlier one is still there.
    pub(super) fn save(&self, state: &str) -> Result<(), String> {
        let next = self.next();
        // It can hold user data and the like.
        let saved = write_private(&next, state).and_then(|()| fs::rename(&next, self.file()));
        saved.map_err(|error| self.failed(&error))
    }

    /// Returns the file that is written before it replaces the state.
    fn next(&self) -> PathBuf {
        self.folder.join(format!("{STATE}.next"))
    }

    fn failed(&self, error: &io::Error) -> String {
        format!("cannot use the folder {} of --data: {error}", self.folder.display())
    }
}
