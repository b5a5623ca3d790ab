//! Writes files so that an interruption leaves either the old or the new contents, and never follows links.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// Start of the names of temporary files. Those of an interrupted run are removed by the next one.
pub(crate) const TEMPORARY: &str = ".ecs-codegen-";

/// Replaces the contents of a file, or creates it with its folders. The text is written to a temporary file in the same
/// folder, which is then renamed. A link is replaced, not followed.
///
/// # Errors
///
/// Returns an error that names the file if it cannot be written.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY);
        set_permissions(&mut builder, path);
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| named("write", path, &error))
}

/// Sets the permissions of the new file: those of the old one, or the usual ones.
#[cfg(unix)]
fn set_permissions(builder: &mut tempfile::Builder<'_, '_>, path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let old = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file);
    builder.permissions(old.map_or(fs::Permissions::from_mode(0o666), |old| old.permissions()));
}

#[cfg(not(unix))]
fn set_permissions(_: &mut tempfile::Builder<'_, '_>, _: &Path) {}

/// Adds the path to an error, and what could not be done with the file.
pub(crate) fn named(action: &str, path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {action} {}: {error}", path.display()))
}
