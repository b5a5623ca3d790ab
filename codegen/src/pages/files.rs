//! The files of pages.

use std::fs;
use std::path::{Path, PathBuf};

use crate::import::{self, Error};

/// Endings of pages in a folder.
const ENDINGS: [&str; 3] = ["md", "markdown", "txt"];

/// Largest file that is read. The largest published page has 200 KB.
const MAX_BYTES: u64 = 8 << 20;

/// Levels of folders that are read.
const MAX_DEPTH: usize = 16;

/// The pages that the paths name: files, and all pages below folders. Symbolic links below folders are not followed.
pub(super) fn collect(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).map_err(|error| failed(path, error))?;
        if kind.is_dir() {
            let before = files.len();
            below(path, 0, &mut files)?;
            if files.len() == before {
                return Err(failed(path, "this folder has no pages: files that end in .md, .markdown or .txt"));
            }
        } else {
            files.push(path.clone());
        }
    }
    let mut known = std::collections::HashSet::new();
    files.retain(|file| known.insert(file.clone()));
    Ok(files)
}

fn below(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(failed(folder, format!("folders are nested more than {MAX_DEPTH} levels deep")));
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        entries.push(entry.map_err(|error| failed(folder, error))?);
    }
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| failed(&path, error))?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_page = path.extension().and_then(|end| end.to_str()).is_some_and(|end| ENDINGS.contains(&end));
        let is_index = entry.file_name().eq_ignore_ascii_case("README.md");
        if is_hidden {
            continue;
        }
        if kind.is_dir() {
            below(&path, depth + 1, files)?;
        } else if kind.is_file() && is_page && !is_index {
            files.push(path);
        }
    }
    Ok(())
}

/// The text of a page.
pub(super) fn read(path: &Path) -> Result<String, Error> {
    let kind = fs::metadata(path).map_err(|error| failed(path, error))?;
    if kind.is_file() && kind.len() > MAX_BYTES {
        return Err(failed(path, format!("larger than {} MB, so it is not a page", MAX_BYTES >> 20)));
    }
    let text = import::read_text(path)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() })
}

/// The page that a link names: its target starts at the folder of the page, or at a folder around it.
pub(super) fn linked(page: &Path, target: &str) -> Option<PathBuf> {
    let target = target.split(['#', '?']).next().unwrap_or_default();
    let is_local = !target.contains("://") && !target.starts_with('/') && !target.contains('\\');
    if !is_local || !ENDINGS.iter().any(|end| target.ends_with(&format!(".{end}"))) {
        return None;
    }
    let target = target.trim_start_matches("../");
    if target.split('/').any(|part| part == "..") {
        return None;
    }
    let folders = page.parent()?.ancestors().take(8);
    let mut candidates = folders.flat_map(|folder| [folder.join(target)]);
    candidates.find(|path| fs::symlink_metadata(path).is_ok_and(|kind| kind.is_file()))
}

pub(super) fn failed(path: &Path, error: impl std::fmt::Display) -> Error {
    Error { path: path.to_owned(), message: error.to_string() }
}
