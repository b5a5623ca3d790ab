//! Files that flags name.

use std::{fs, path::Path};

/// Reads the file of a flag. The error message names both.
pub(super) fn read(flag: &str, path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {} of {flag}: {error}", path.display()))
}
