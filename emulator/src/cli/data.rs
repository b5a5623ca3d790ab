//! The folder of `--data`, which keeps the state between starts.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process,
    time::SystemTime,
};

use super::files::write_private;

const STATE: &str = "state.json";

/// The folder.
pub(super) struct Data {
    folder: PathBuf,
    /// When the state was last saved before the start.
    saved_at: Option<SystemTime>,
}

impl Data {
    /// Creates the folder if it does not exist, and checks that the state can be saved in it at the end.
    pub(super) fn open(folder: &Path) -> Result<Self, String> {
        let mut data = Data { folder: folder.to_owned(), saved_at: None };
        let next = data.next();
        let usable =
            fs::create_dir_all(folder).and_then(|()| write_private(&next, "")).and_then(|()| fs::remove_file(next));
        usable.map_err(|error| data.failed(&error))?;
        data.saved_at = data.modified_at();
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

    /// Saves a state. If that fails, the earlier one is still there. A state that another program has saved since the start
    /// is not overwritten: this one is then saved beside it.
    pub(super) fn save(&self, state: &str) -> Result<(), String> {
        if self.modified_at() != self.saved_at {
            let beside = self.folder.join(format!("state-{}.json", process::id()));
            write_private(&beside, state).map_err(|error| self.failed(&error))?;
            return Err(format!(
                "{} has changed since the start, as when two emulators share a folder of --data; the state of this one is in \
                 {}: keep the one you want as {STATE}, and give each emulator its own folder",
                self.file().display(),
                beside.display()
            ));
        }
        let next = self.next();
        // It can hold user data and the like.
        let saved = write_private(&next, state).and_then(|()| fs::rename(&next, self.file()));
        saved.map_err(|error| self.failed(&error))
    }

    /// Returns the file that is written before it replaces the state.
    fn next(&self) -> PathBuf {
        self.folder.join(format!("{STATE}.next"))
    }

    /// Returns when the state was last saved; `None` if there is none.
    fn modified_at(&self) -> Option<SystemTime> {
        fs::metadata(self.file()).and_then(|file| file.modified()).ok()
    }

    fn failed(&self, error: &io::Error) -> String {
        format!("cannot use the folder {} of --data: {error}", self.folder.display())
    }
}
