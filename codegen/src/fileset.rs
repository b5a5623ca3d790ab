//! Sets of files, which can be compared with a folder or written to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::files::{self, TEMPORARY, named};

/// Files with their contents, by path below a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSet {
    files: BTreeMap<String, String>,
    /// Files that belong to the folder, with contents that are not known.
    untouched: BTreeSet<String>,
}

/// Differences between a file set and a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files whose contents differ.
    pub stale: Vec<PathBuf>,
    /// Files that are missing from the folder.
    pub missing: Vec<PathBuf>,
    /// Generated files in the folder that are not in the set.
    pub orphan: Vec<PathBuf>,
    /// Files in the folder that are not in the set and were not generated, and links. They are never changed.
    pub foreign: Vec<PathBuf>,
}

impl FileSet {
    /// Adds a file, replacing an earlier one with the same path.
    pub fn insert(&mut self, path: String, text: String) {
        self.files.insert(path, text);
    }

    /// Adds a file whose contents stay as they are.
    pub fn insert_untouched(&mut self, path: String) {
        self.untouched.insert(path);
    }

    /// Adds files.
    pub fn extend(&mut self, files: impl IntoIterator<Item = (String, String)>) {
        self.files.extend(files);
    }

    /// Removes a file.
    pub fn remove(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// The files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Compares the set with a folder, including all files in its subfolders. Links are not followed: a link that is in
    /// the way of a file is replaced by it, and any other one is foreign.
    ///
    /// # Errors
    ///
    /// Returns an error that names the file or folder if it cannot be read.
    pub fn compare(&self, folder: &Path) -> io::Result<Changes> {
        let mut changes = Changes::default();
        let mut found = Found::default();
        match fs::symlink_metadata(folder) {
            Ok(root) if root.is_symlink() => {
                let message = format!("{} is a symbolic link; replace it with a folder", folder.display());
                return Err(io::Error::other(message));
            }
            Ok(root) if root.is_dir() => found.add(folder, "")?,
            Ok(_) => return Err(io::Error::other(format!("{} is not a folder; remove it", folder.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(named("read", folder, &error)),
        }
        for (key, text) in &self.files {
            let path = folder.join(key);
            if !found.files.remove(key) {
                changes.missing.push(path);
                continue;
            }
            match fs::read(&path) {
                Ok(there) if there == text.as_bytes() => {}
                Ok(_) => changes.stale.push(path),
                Err(error) => return Err(named("read", &path, &error)),
            }
        }
        for key in found.files.into_iter().filter(|key| !self.untouched.contains(key)) {
            let path = folder.join(key);
            let orphans = if is_generated(&path) { &mut changes.orphan } else { &mut changes.foreign };
            orphans.push(path);
        }
        let in_the_way =
            |link: &String| self.files.keys().any(|key| key == link || key.starts_with(&format!("{link}/")));
        changes.foreign.extend(found.others.iter().filter(|link| !in_the_way(link)).map(|link| folder.join(link)));
        changes.foreign.sort();
        Ok(changes)
    }

    /// Makes a folder equal to the set. Writes only files that differ, and removes generated files that are not in the set,
    /// and empty folders. Files that were not generated are kept.
    ///
    /// # Errors
    ///
    /// Returns an error that names the file if it cannot be written or removed.
    pub fn write(&self, folder: &Path) -> io::Result<Changes> {
        let changes = self.compare(folder)?;
        for path in changes.stale.iter().chain(&changes.missing) {
            let relative = path.strip_prefix(folder).map_err(io::Error::other)?;
            remove_links(folder, relative)?;
            let key: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            files::replace(path, &self.files[&key.join("/")])?;
        }
        for path in &changes.orphan {
            fs::remove_file(path).map_err(|error| named("remove", path, &error))?;
            let mut parent = path.parent();
            while let Some(empty) = parent.filter(|parent| *parent != folder && parent.starts_with(folder)) {
                if fs::remove_dir(empty).is_err() {
                    break;
                }
                parent = empty.parent();
            }
        }
        Ok(changes)
    }
}

/// The entries of a folder and its subfolders, relative to it and with forward slashes.
#[derive(Default)]
struct Found {
    files: BTreeSet<String>,
    /// Links, pipes and devices.
    others: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        for entry in entries.map_err(|error| named("read", folder, &error))? {
            let key = format!("{prefix}{}", entry.file_name().to_string_lossy());
            // The type of the entry itself, not of what a link points to.
            let kind = entry.file_type().map_err(|error| named("read", &entry.path(), &error))?;
            if kind.is_dir() {
                self.add(&entry.path(), &format!("{key}/"))?;
            } else if kind.is_file() {
                self.files.insert(key);
            } else {
                self.others.insert(key);
            }
        }
        Ok(())
    }
}

/// The part of the first lines that all generated files have.
const MARK: &str = "@generated by `cargo xtask codegen`";

/// Whether codegen wrote a file: its first lines say so, or it is the temporary file of an interrupted run.
fn is_generated(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut start = [0; 256];
    let read = fs::File::open(path).and_then(|mut file| file.read(&mut start));
    let has_mark = |length: usize| String::from_utf8_lossy(&start[..length]).contains(MARK);
    name.starts_with(TEMPORARY) || read.is_ok_and(has_mark)
}

/// Removes the links on the way from a folder to a file below it, which would lead out of the folder.
fn remove_links(folder: &Path, relative: &Path) -> io::Result<()> {
    let mut path = folder.to_owned();
    for part in relative {
        path.push(part);
        if fs::symlink_metadata(&path).is_ok_and(|there| there.is_symlink()) {
            fs::remove_file(&path).map_err(|error| named("remove", &path, &error))?;
        }
    }
    Ok(())
}

impl Changes {
    /// Adds the changes of another folder.
    pub fn extend(&mut self, other: Changes) {
        self.stale.extend(other.stale);
        self.missing.extend(other.missing);
        self.orphan.extend(other.orphan);
        self.foreign.extend(other.foreign);
    }

    /// Whether there is nothing to write or remove.
    pub fn is_empty(&self) -> bool {
        self.stale.is_empty() && self.missing.is_empty() && self.orphan.is_empty()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, paths) in
            [("stale", &self.stale), ("missing", &self.missing), ("orphan", &self.orphan), ("foreign", &self.foreign)]
        {
            for path in paths {
                writeln!(f, "{kind:>8}  {}", path.display())?;
            }
        }
        Ok(())
    }
}
