//! Finds and reads the files of a specs folder. Links, pipes and devices are reported, and never followed or opened.

use std::{
    fs::{self, DirEntry, File},
    io::{self, Read},
    path::Path,
};

use crate::{
    diagnostic::{Diagnostic, Source},
    rules::{self, Rule},
};

/// Size of the largest spec file. The largest of ecs-sdk has 300 kB; that of the largest published product has 2 MB.
const MAX_BYTES: u64 = 8 << 20;

/// The spec files of a folder, and the mistakes that were found while reading them.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// Files that could be read, sorted by path.
    pub sources: Vec<Source>,
    /// Files and folders that cannot be read, or are not read.
    pub mistakes: Vec<Diagnostic>,
    /// Whether `rpc.json` is that of another folder, whose services are not here.
    pub(crate) borrows_rpc: bool,
}

impl From<Vec<Source>> for Folder {
    fn from(sources: Vec<Source>) -> Self {
        Self { sources, ..Self::default() }
    }
}

impl Folder {
    /// Adds `rpc.json` of another folder, unless this folder has its own. The rules about its contents concern the services
    /// of the other folder and are not checked.
    #[must_use]
    pub fn or_rpc(mut self, rpc: Source) -> Self {
        if self.sources.iter().all(|file| file.path != rpc.path) {
            self.sources.push(rpc);
            self.borrows_rpc = true;
        }
        self
    }

    fn mistake(&mut self, rule: &'static Rule, path: &str, message: impl Into<String>, help: &str) {
        let (message, help) = (message.into(), help.to_owned());
        let path = path.to_owned();
        self.mistakes.push(Diagnostic { rule, level: rule.level, path, start: 0, end: 1, message, help, fix: None });
    }

    /// Reads a folder below the root. `path` is relative to the root, with a slash at its end unless it is empty.
    fn add_folder(&mut self, folder: &Path, path: &str) {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<DirEntry>>>);
        match entries {
            Ok(entries) => entries.iter().for_each(|entry| self.add_entry(entry, path)),
            Err(error) => {
                let message = format!("cannot read the folder: {error}");
                let path = path.trim_end_matches('/');
                self.mistake(&rules::UNREADABLE_FILE, path, message, "make it readable");
            }
        }
    }

    fn add_entry(&mut self, entry: &DirEntry, folder: &str) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}{name}");
        let is_root = folder.is_empty();
        let is_schema = is_root && (name == "schema.json" || name.ends_with(".schema.json"));
        if name.starts_with('.') || name == "README.md" || is_schema {
            return;
        }
        // The type of the entry itself, not of what a link points to.
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => {
                let message = format!("cannot read the file: {error}");
                return self.mistake(&rules::UNREADABLE_FILE, &path, message, "make it readable, or remove it");
            }
        };
        let has_json_ending = name.to_lowercase().ends_with(".json");
        if kind.is_symlink() {
            let help = "replace it with the file or folder itself; links are not followed";
            self.mistake(&rules::UNREADABLE_FILE, &path, "a symbolic link", help);
        } else if kind.is_dir() && has_json_ending {
            let help = "rename it if it is a family, or move its content into a file of this name";
            self.mistake(&rules::UNEXPECTED_FILE, &path, "a folder with the name of a spec file", help);
        } else if kind.is_dir() {
            self.add_folder(&entry.path(), &format!("{path}/"));
        } else if !kind.is_file() {
            let help = "remove it; specs are regular files";
            self.mistake(&rules::UNREADABLE_FILE, &path, "neither a file nor a folder", help);
        } else if name.ends_with(".json") {
            self.add_file(&entry.path(), path);
        } else if has_json_ending || name.to_lowercase().ends_with(".jsonc") || name.to_lowercase().ends_with(".json5")
        {
            let message = "a spec file whose name does not end in `.json`";
            self.mistake(
                &rules::UNEXPECTED_FILE,
                &path,
                message,
                "rename it: only files whose names end in `.json` are read",
            );
        } else {
            let help = "move it out of the specs; only README.md and files whose names end in `.json` belong here";
            self.mistake(&rules::IGNORED_FILE, &path, "a file that is not read", help);
        }
    }

    fn add_file(&mut self, file: &Path, path: String) {
        let mut bytes = Vec::new();
        let read = File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            let message = format!("cannot read the file: {error}");
            return self.mistake(&rules::UNREADABLE_FILE, &path, message, "make it readable, or remove it");
        }
        if bytes.len() as u64 > MAX_BYTES {
            let message = format!("the file is larger than {} MiB", MAX_BYTES >> 20);
            return self.mistake(&rules::ENCODING, &path, message, "remove it, or split it: a spec is smaller");
        }
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return self.mistake(&rules::ENCODING, &path, "the file is encoded in UTF-16", "save it as UTF-8");
        }
        match String::from_utf8(bytes) {
            Ok(text) => self.sources.push(Source { path, text }),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
                let message = format!("the file is not encoded in UTF-8: invalid byte in line {line}");
                self.mistake(&rules::ENCODING, &path, message, "save it as UTF-8");
            }
        }
    }
}

/// Reads a specs folder.
///
/// # Errors
///
/// Returns an error if the folder itself does not exist or is not a folder. Everything else is in the mistakes.
pub fn read(dir: &Path) -> io::Result<Folder> {
    if !fs::metadata(dir).map_err(|error| named(dir, &error))?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, format!("{}: not a folder", dir.display())));
    }
    let mut folder = Folder::default();
    folder.add_folder(dir, "");
    folder.sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(folder)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
