//! Files that a task writes if they differ, or with `--check` only compares.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ecs_codegen::{count, files, fileset::Changes, schema};

use crate::shown;

/// The most files of a kind that are listed. More, such as those of a new service, are summarized in one line.
const MAX_LISTED_FILES: usize = 10;

/// Writes a file if it differs, or with `check` only records that it does.
pub(crate) fn update(path: &Path, text: &str, check: bool, changes: &mut Changes) -> io::Result<()> {
    let current = match read(path) {
        Ok(current) => Some(current),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    // A checkout on Windows can have other line ends.
    let is_same = |current: &str| current == text || check && current.replace("\r\n", "\n") == text;
    if current.as_deref().is_some_and(is_same) {
        return Ok(());
    }
    if !check {
        files::replace(path, text)?;
    }
    let kind: &mut Vec<PathBuf> = if current.is_some() { &mut changes.stale } else { &mut changes.missing };
    kind.push(path.to_owned());
    Ok(())
}

/// Writes the JSON Schemas of specs to a folder, or compares them.
pub(crate) fn schemas(folder: &Path, check: bool, changes: &mut Changes) -> io::Result<()> {
    schema::schemas().iter().try_for_each(|(name, text)| update(&folder.join(name), text, check, changes))
}

/// Reads a file. The error names it.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot read {}: {error}", shown(path)));
    fs::read_to_string(path).map_err(named)
}

/// The files of each kind: what was done to them, or with `check`, what is wrong with them.
pub(crate) fn kinds(changes: &Changes, check: bool) -> [(&'static str, &[PathBuf]); 3] {
    let names = if check { ["stale", "missing", "orphan"] } else { ["changed", "new", "removed"] };
    let Changes { stale, missing, orphan, .. } = changes;
    [(names[0], stale), (names[1], missing), (names[2], orphan)]
}

/// The files by kind, one per line. Many files of a kind are a single line with their number.
pub(crate) fn list(changes: &Changes, check: bool) -> String {
    let mut text = String::new();
    for (kind, paths) in kinds(changes, check) {
        if paths.len() > MAX_LISTED_FILES {
            let folder = shown(&common_folder(paths));
            text.push_str(&format!("{kind:>8}  {} in {folder}; `--json` lists them\n", count(paths.len(), "file")));
            continue;
        }
        for path in paths {
            text.push_str(&format!("{kind:>8}  {}\n", shown(path)));
        }
    }
    text
}

/// The folder that contains all of some files.
fn common_folder(paths: &[PathBuf]) -> PathBuf {
    let mut folders = paths.iter().filter_map(|path| path.parent());
    let first = folders.next().unwrap_or(Path::new("")).to_owned();
    folders.fold(first, |common, folder| {
        let same = common.components().zip(folder.components()).take_while(|(one, other)| one == other);
        same.map(|(part, _)| part).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_files_of_a_kind_are_one_line() {
        let paths = |number: usize| (0..number).map(|index| PathBuf::from(format!("/crate/src/{index}/mod.rs")));
        let changes = Changes {
            stale: vec!["/crate/Cargo.toml".into()],
            missing: paths(10).collect(),
            orphan: paths(11).collect(),
            ..Changes::default()
        };
        let text = list(&changes, false);
        assert!(text.starts_with(" changed  /crate/Cargo.toml\n     new  /crate/src/0/mod.rs\n"), "{text}");
        assert!(text.ends_with("/9/mod.rs\n removed  11 files in /crate/src; `--json` lists them\n"), "{text}");
        assert!(list(&changes, true).contains("\n  orphan  11 files in /crate/src"), "{}", list(&changes, true));
    }

    #[test]
    fn files_are_written_only_if_they_differ() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let run = |text: &str, check: bool| {
            let mut changes = Changes::default();
            update(&path, text, check, &mut changes).unwrap();
            (changes.stale.len(), changes.missing.len())
        };
        assert_eq!(run("a\n", true), (0, 1));
        assert!(!path.exists());
        assert_eq!(run("a\n", false), (0, 1));
        assert_eq!(run("a\n", false), (0, 0));
        assert_eq!(run("b\n", true), (1, 0));
        fs::write(&path, "a\r\n").unwrap();
        assert_eq!(run("a\n", true), (0, 0));
        assert_eq!(run("a\n", false), (1, 0));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
    }
}
