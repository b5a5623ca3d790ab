//! Sets of files, which can be compared with a folder or written to it.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Files with their contents, by path below a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSet(BTreeMap<String, String>);

/// Differences between a file set and a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files whose contents differ.
    pub stale: Vec<PathBuf>,
    /// Files that are missing from the folder.
    pub missing: Vec<PathBuf>,
    /// Files in the folder that are not in the set.
    pub orphan: Vec<PathBuf>,
}

impl FileSet {
    /// Adds a file, replacing an earlier one with the same path.
    pub fn insert(&mut self, path: String, text: String) {
        self.0.insert(path, text);
    }

    /// Adds files.
    pub fn extend(&mut self, files: impl IntoIterator<Item = (String, String)>) {
        self.0.extend(files);
    }

    /// Removes a file.
    pub fn remove(&mut self, path: &str) {
        self.0.remove(path);
    }

    /// The files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares the set with a folder, including all files in its subfolders.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be read.
    pub fn compare(&self, folder: &Path) -> io::Result<Changes> {
        let mut changes = Changes::default();
        for (path, text) in &self.0 {
            let path = folder.join(path);
            match fs::read_to_string(&path) {
                Ok(there) if there == *text => {}
                Ok(_) => changes.stale.push(path),
                Err(error) if error.kind() == io::ErrorKind::NotFound => changes.missing.push(path),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => changes.stale.push(path),
                Err(error) => return Err(error),
            }
        }
        let mut open = vec![folder.to_owned()];
        while let Some(current) = open.pop() {
            if !current.exists() {
                continue;
            }
            for entry in fs::read_dir(&current)? {
                let path = entry?.path();
                if path.is_dir() {
                    open.push(path);
                } else if !self.0.keys().any(|known| folder.join(known) == path) {
                    changes.orphan.push(path);
                }
            }
        }
        changes.orphan.sort();
        Ok(changes)
    }

    /// Makes a folder equal to the set. Writes only files that differ, and removes orphans and empty folders.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be written or removed.
    pub fn write(&self, folder: &Path) -> io::Result<Changes> {
        let changes = self.compare(folder)?;
        for path in changes.stale.iter().chain(&changes.missing) {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let relative = path.strip_prefix(folder).map_err(io::Error::other)?;
            let key: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            fs::write(path, &self.0[&key.join("/")])?;
        }
        for path in &changes.orphan {
            fs::remove_file(path)?;
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

impl Changes {
    /// Adds the changes of another folder.
    pub fn extend(&mut self, other: Changes) {
        self.stale.extend(other.stale);
        self.missing.extend(other.missing);
        self.orphan.extend(other.orphan);
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.stale.is_empty() && self.missing.is_empty() && self.orphan.is_empty()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, paths) in [("stale", &self.stale), ("missing", &self.missing), ("orphan", &self.orphan)] {
            for path in paths {
                writeln!(f, "{kind:>8}  {}", path.display())?;
            }
        }
        Ok(())
    }
}
