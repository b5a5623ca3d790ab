//! Files that flags name.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    path::Path,
};

/// Reads the file of a flag. The error message names both.
pub(super) fn read(flag: &str, path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {} of {flag}: {error}", path.display()))
}

/// Writes a file that only its owner can read.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    // A file that exists keeps its permissions.
    fs::remove_file(path).or_else(|error| match error.kind() {
        ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(text.as_bytes())
}
