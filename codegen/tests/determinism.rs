//! The same specs give the same bytes, whatever their order; folders are brought to that state and compared with it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ecs_codegen::{
    HEADER, Source,
    fileset::{Changes, FileSet},
    load,
};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The specs of the SDK.
fn specs() -> Vec<Source> {
    load::read_dir(&root().join("specs")).unwrap()
}

fn generate(sources: Vec<Source>) -> FileSet {
    match ecs_codegen::generate(sources) {
        Ok((_, files)) => files,
        Err(mistakes) => panic!("{mistakes}"),
    }
}

/// Compares two file sets; names the files that differ.
#[track_caller]
fn assert_same(a: &FileSet, b: &FileSet) {
    let paths = |set: &FileSet| set.iter().map(|(path, _)| path.to_owned()).collect::<Vec<_>>();
    assert_eq!(paths(a), paths(b));
    let differing: Vec<_> = a.iter().zip(b.iter()).filter(|(a, b)| a != b).map(|((path, _), _)| path).collect();
    assert!(differing.is_empty(), "{differing:?}");
}

/// Reverses the keys of a JSON object, and of the objects in it.
fn reversed(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            map.into_iter().rev().map(|(key, value)| (key, reversed(value))).collect::<serde_json::Map<_, _>>().into()
        }
        value => value,
    }
}

#[test]
fn generating_twice_gives_the_same() {
    assert_same(&generate(specs()), &generate(specs()));
}

#[test]
fn the_order_of_files_does_not_matter() {
    let expected = generate(specs());
    let mut sources = specs();
    sources.reverse();
    assert_same(&generate(sources), &expected);
    // Every third file first, then the rest.
    let (first, rest): (Vec<_>, Vec<_>) = specs().into_iter().enumerate().partition(|(index, _)| index % 3 == 0);
    assert_same(&generate(rest.into_iter().chain(first).map(|(_, source)| source).collect()), &expected);
}

#[test]
fn the_order_of_names_does_not_matter() {
    let expected = generate(specs());
    let mut sources = specs();
    let mut shuffled = 0;
    for source in &mut sources {
        let value: Value = serde_json::from_str(&source.text).unwrap();
        let value: Value = if source.path.ends_with("/types.json") || source.path.ends_with("/glossary.json") {
            // The order of an enum's values is kept: it means something to readers.
            let Value::Object(map) = value else { panic!("{} is no object", source.path) };
            map.into_iter().rev().collect::<serde_json::Map<_, _>>().into()
        } else if source.path.ends_with("/service.json") {
            let Value::Object(mut map) = value else { panic!("{} is no object", source.path) };
            for key in ["words", "errors", "endpoints"] {
                if let Some(value) = map.get_mut(key) {
                    *value = reversed(value.take());
                }
            }
            map.into()
        } else {
            // The keys of an operation, and the order of its own types.
            let Value::Object(mut map) = value else { panic!("{} is no object", source.path) };
            if let Some(Value::Object(types)) = map.get_mut("types") {
                *types = std::mem::take(types).into_iter().rev().collect();
            }
            map.into_iter().rev().collect::<serde_json::Map<_, _>>().into()
        };
        let text = value.to_string();
        shuffled += usize::from(text != source.text);
        source.text = text;
    }
    assert!(shuffled > 10, "{shuffled}");
    assert_same(&generate(sources), &expected);
}

#[test]
fn the_source_that_is_checked_in_is_fresh() {
    let changes = generate(specs()).compare(&root().join("ecs-sdk/src/generated")).unwrap();
    assert!(changes.is_empty(), "run `cargo xtask codegen` and commit the result\n{changes}");
}

#[test]
fn every_file_is_rust_below_the_header() {
    let files = generate(specs());
    assert!(files.len() > 20);
    for (path, text) in files.iter() {
        assert!(text.starts_with(HEADER), "{path}");
        assert!(HEADER.starts_with("// @generated") && HEADER.ends_with('\n') && HEADER.lines().count() == 1);
        if let Err(error) = syn::parse_file(text) {
            panic!("{path}: {error}");
        }
        assert!(!text.contains('\r') && !text.ends_with("\n\n") && text.ends_with('\n'), "{path}");
        assert!(text.lines().all(|line| line == line.trim_end()), "{path}: spaces at the end of a line");
    }
}

/// Two files to write.
fn small_set() -> FileSet {
    let mut files = FileSet::default();
    files.insert("mod.rs".to_owned(), "mod a;\n".to_owned());
    files.insert("a/mod.rs".to_owned(), "// a\n".to_owned());
    files
}

/// The paths of changes below a folder: stale, missing and orphan.
fn below(folder: &Path, changes: &Changes) -> [Vec<String>; 3] {
    [&changes.stale, &changes.missing, &changes.orphan].map(|paths| {
        paths.iter().map(|path| path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/")).collect()
    })
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn comparing_names_stale_missing_and_orphan_files() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let files = small_set();
    assert_eq!(below(dir, &files.compare(dir).unwrap()), [vec![], texts(&["a/mod.rs", "mod.rs"]), vec![]]);
    fs::write(dir.join("mod.rs"), "mod b;\n").unwrap();
    fs::create_dir_all(dir.join("b/c")).unwrap();
    fs::write(dir.join("b/c/d.rs"), "").unwrap();
    fs::write(dir.join("b/mod.rs"), "").unwrap();
    let changes = files.compare(dir).unwrap();
    assert_eq!(below(dir, &changes), [texts(&["mod.rs"]), texts(&["a/mod.rs"]), texts(&["b/c/d.rs", "b/mod.rs"])]);
    let shown = changes.to_string().replace(&format!("{}{}", dir.display(), std::path::MAIN_SEPARATOR), "");
    let expected = "   stale  mod.rs\n missing  a/mod.rs\n  orphan  b/c/d.rs\n  orphan  b/mod.rs\n";
    assert_eq!(shown.replace('\\', "/"), expected);
    assert!(!changes.is_empty() && !dir.join("a").exists(), "comparing changes nothing");
}

#[test]
fn writing_makes_the_folder_equal_and_then_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new/generated");
    let files = small_set();
    assert_eq!(below(&dir, &files.write(&dir).unwrap())[1], texts(&["a/mod.rs", "mod.rs"]));
    assert!(files.write(&dir).unwrap().is_empty());
    assert!(files.compare(&dir).unwrap().is_empty());
    assert_eq!(fs::read_to_string(dir.join("a/mod.rs")).unwrap(), "// a\n");
}

#[test]
fn writing_leaves_files_alone_that_are_as_they_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let files = small_set();
    files.write(dir).unwrap();
    // A file that may not be written shows that nobody tried.
    let path = dir.join("a/mod.rs");
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    let mut locked = fs::metadata(&path).unwrap().permissions();
    locked.set_readonly(true);
    fs::set_permissions(&path, locked).unwrap();
    fs::write(dir.join("mod.rs"), "stale").unwrap();
    assert_eq!(below(dir, &files.write(dir).unwrap()), [texts(&["mod.rs"]), vec![], vec![]]);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    assert_eq!(fs::read_to_string(dir.join("mod.rs")).unwrap(), "mod a;\n");
}

#[test]
fn writing_removes_orphans_and_folders_left_empty() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    fs::create_dir_all(dir.join("old/deep")).unwrap();
    fs::write(dir.join("old/deep/gone.rs"), "").unwrap();
    fs::create_dir_all(dir.join("a/deep")).unwrap();
    fs::write(dir.join("a/deep/gone.rs"), "").unwrap();
    // No text at all, and so stale whatever it holds.
    fs::write(dir.join("mod.rs"), [0xff, 0xfe]).unwrap();
    let changes = small_set().write(dir).unwrap();
    let orphans = texts(&["a/deep/gone.rs", "old/deep/gone.rs"]);
    assert_eq!(below(dir, &changes), [texts(&["mod.rs"]), texts(&["a/mod.rs"]), orphans]);
    assert!(!dir.join("old").exists() && !dir.join("a/deep").exists() && dir.join("a/mod.rs").exists());
    assert!(small_set().compare(dir).unwrap().is_empty());
}
