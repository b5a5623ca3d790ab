//! `cargo xtask ci phrases`: prose has none of the phrases that `.ci/phrases.toml` lists.

mod list;
mod passage;
mod rust;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use self::{
    list::List,
    passage::{Passage, json_strings, lines, markdown, toml},
};
use crate::{Outcome, root, shown};

const LIST: &str = ".ci/phrases.toml";

/// Folders without prose written by people: build output, generated source and test data.
const SKIPPED_FOLDERS: &[&str] = &["target", ".git", "generated", "data"];

/// Checks all files, or only those below a path.
pub(crate) fn run(below: Option<&Path>) -> Outcome {
    let mut list = List::parse(&fs::read_to_string(root().join(LIST))?).map_err(|error| format!("{LIST}: {error}"))?;
    let start = below.map_or_else(root, |path| root().join(path));
    let mut files = Vec::new();
    collect(&start, &mut files).map_err(|error| format!("{}: {error}", start.display()))?;
    let mut findings = BTreeMap::<String, usize>::new();
    for path in &files {
        let name = shown(path);
        let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        for passage in passages(&name, &text) {
            for finding in list.findings(&name, &passage) {
                let (line, column) = position(&text, finding.offset);
                println!("{name}:{line}:{column}: `{}`: say {} [{}]", finding.words, finding.say, finding.name);
                *findings.entry(area(&name)).or_default() += 1;
            }
        }
    }
    // The exceptions of files that were not read are not unused.
    let unused = if below.is_none() { list.unused_exceptions() } else { Vec::new() };
    for exception in &unused {
        println!("{LIST}: no phrase is found here, so remove this exception: {exception}");
    }
    for (area, count) in &findings {
        println!("{count:>5} findings  {area}");
    }
    if findings.is_empty() && unused.is_empty() {
        println!("{:>5} files, {} phrases", files.len(), list.len());
        return Ok(());
    }
    Err(format!("reword the places above; {LIST} has the reasons, and shows how to allow one place").into())
}

/// Finds the files that may have prose, sorted by path.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        if has_prose(&shown(path)) && !is_generated(path)? {
            files.push(path.to_owned());
        }
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    entries.retain(|path| !SKIPPED_FOLDERS.iter().any(|folder| path.ends_with(folder)));
    entries.iter().try_for_each(|path| collect(path, files))
}

/// Whether the first line of a file marks it as generated.
fn is_generated(path: &Path) -> io::Result<bool> {
    let text = fs::read_to_string(path)?;
    Ok(text.lines().next().is_some_and(|line| line.contains("@generated")))
}

/// Whether a file may have prose, by its path in the workspace.
fn has_prose(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    match extension {
        Some("rs" | "md") => true,
        // The list itself has all the phrases.
        Some("toml") => name != LIST,
        // The schemas are generated from docs in the source of codegen.
        Some("json") => name.starts_with("specs/") && !name.ends_with("schema.json"),
        _ => name == ".ci/run",
    }
}

/// The passages of a file.
fn passages(name: &str, text: &str) -> Vec<Passage> {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("rs") => rust::passages(text),
        Some("md") => markdown(lines(text)),
        Some("json") => json_strings(text, 0),
        _ => toml(text),
    }
}

/// Returns the line and column of an offset, counted from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The crate or the folder that a file belongs to, for the summary.
fn area(name: &str) -> String {
    let mut parts: Vec<&str> = name.split('/').collect();
    let depth = if name.starts_with("ecs-sdk/") || name.starts_with("specs/") { 2 } else { 1 };
    parts.truncate(depth.min(parts.len() - 1));
    if parts.is_empty() { "top-level files".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let text = "a\n– b\n";
        assert_eq!(position(text, 0), (1, 1));
        assert_eq!(position(text, text.find('b').unwrap()), (2, 3));
    }

    #[test]
    fn only_prose_by_people_is_read() {
        for name in ["a/src/lib.rs", "README.md", ".ci/run", "a/Cargo.toml", "specs/ecs/glossary.json"] {
            assert!(has_prose(name), "{name}");
        }
        for name in [LIST, "specs/schema.json", "specs/types.schema.json", "a/tests/x.json", "a/b.txt"] {
            assert!(!has_prose(name), "{name}");
        }
        let mut files = Vec::new();
        collect(&root(), &mut files).unwrap();
        let names: Vec<String> = files.iter().map(|path| shown(path)).collect();
        for name in ["xtask/src/phrases.rs", "ecs-sdk/src/tests/golden/script.rs"] {
            assert!(names.iter().any(|other| other == name), "{name}");
        }
        assert!(!names.iter().any(|name| name.starts_with("ecs-sdk/src/golden/")), "{names:?}");
        assert!(!names.iter().any(|name| name == "ecs-sdk/README.md" || name.contains("/generated/")), "{names:?}");
    }

    #[test]
    fn the_list_compiles_and_every_phrase_has_a_reason() {
        let list = List::parse(&fs::read_to_string(root().join(LIST)).unwrap()).unwrap();
        assert!(list.len() > 30);
    }

    #[test]
    fn a_phrase_across_lines_is_found_where_it_begins() {
        let mut list =
            List::parse("[[phrase]]\nname = \"red-fox\"\npattern = 'red fox'\nexample = \"red fox\"\nsay = \"fox\"\nreason = \"plain\"\n")
                .unwrap();
        let text = "/// This, red\n    /// fox is.\nfn f() {}\n";
        let found: Vec<_> = passages("a.rs", text)
            .iter()
            .flat_map(|passage| list.findings("a.rs", passage))
            .map(|finding| (position(text, finding.offset), finding.words))
            .collect();
        assert_eq!(found, [((1, 11), "red fox".to_owned())]);
    }

    #[test]
    fn areas_are_crates_and_services() {
        let cases = [
            ("README.md", "top-level files"),
            ("emulator/src/lib.rs", "emulator"),
            ("ecs-sdk/runtime/src/lib.rs", "ecs-sdk/runtime"),
            ("specs/ecs/disks/A.json", "specs/ecs"),
            ("specs/README.md", "specs"),
        ];
        for (name, expected) in cases {
            assert_eq!(area(name), expected);
        }
    }
}
