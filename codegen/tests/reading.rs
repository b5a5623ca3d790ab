//! Files of specs that cannot be read, or are not in their usual form; and their safe corrections.

use std::{fs, path::Path};

use ecs_codegen::{
    Diagnostics, Source, files, fix,
    load::{self, Tree},
    rules::Level,
};

const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/diagnostics/base");

const OPERATION: &str = r#"{
  "operation": "DescribeThings",
  "family": "things",
  "read": true,
  "doc": "Lists things of a region.",
  "request": [],
  "response": []
}
"#;

/// A specs folder with one operation.
fn specs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for source in load::read_dir(Path::new(BASE)).unwrap() {
        files::replace(&folder.path().join(source.path), &source.text).unwrap();
    }
    files::replace(&folder.path().join("ecs/things/DescribeThings.json"), OPERATION).unwrap();
    folder
}

fn lint(folder: &tempfile::TempDir) -> (Tree, Diagnostics) {
    let (tree, found) = ecs_codegen::lint(load::read_folder(folder.path()).unwrap());
    (tree, found.filter(|one| one.level >= Level::Warning))
}

/// The violations as `rule path: message`.
fn shown(folder: &tempfile::TempDir) -> Vec<String> {
    let (_, found) = lint(folder);
    let list = found.list().iter();
    list.map(|one| format!("{} {}: {}", one.rule.id, one.path, one.message)).collect()
}

#[test]
fn the_specs_of_these_tests_are_valid() {
    assert_eq!(shown(&specs()), Vec::<String>::new());
}

#[test]
fn files_in_other_encodings_are_named() {
    let folder = specs();
    let things = folder.path().join("ecs/things");
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(OPERATION.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    fs::write(things.join("ListThings.json"), utf16).unwrap();
    fs::write(things.join("ListBoxes.json"), b"{\n  \"doc\": \"caf\xE9\"\n}").unwrap();
    assert_eq!(
        shown(&folder),
        [
            "encoding ecs/things/ListBoxes.json: the file is not encoded in UTF-8: invalid byte in line 2",
            "encoding ecs/things/ListThings.json: the file is encoded in UTF-16",
        ]
    );
    let error = load::read_dir(folder.path()).unwrap_err().to_string();
    assert!(error.contains("ecs/things/List") && error.contains("save it as UTF-8"), "{error}");
}

#[test]
fn a_byte_order_mark_is_a_warning_that_can_be_fixed() {
    let folder = specs();
    let path = folder.path().join("ecs/things/DescribeThings.json");
    fs::write(&path, format!("\u{feff}{OPERATION}")).unwrap();
    let (tree, found) = lint(&folder);
    assert_eq!(
        shown(&folder),
        ["byte-order-mark ecs/things/DescribeThings.json: the file starts with a byte-order mark, which is invisible"]
    );
    assert_eq!(tree.services[0].operations.len(), 1);
    for file in fix::fix(&tree.sources, &found) {
        files::replace(&folder.path().join(file.path), &file.text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), OPERATION);
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_neither_followed_nor_opened() {
    use std::os::unix::fs::symlink;
    let folder = specs();
    let things = folder.path().join("ecs/things");
    symlink("missing.json", things.join("Broken.json")).unwrap();
    symlink("..", things.join("loop")).unwrap();
    symlink(things.join("DescribeThings.json"), things.join("ListThings.json")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(things.join("Pipe.json")).status().unwrap();
    assert!(pipe.success());
    assert_eq!(
        shown(&folder),
        [
            "unreadable-file ecs/things/Broken.json: a symbolic link",
            "unreadable-file ecs/things/ListThings.json: a symbolic link",
            "unreadable-file ecs/things/Pipe.json: neither a file nor a folder",
            "unreadable-file ecs/things/loop: a symbolic link",
        ]
    );
}

#[test]
fn files_that_are_not_read_are_reported() {
    let folder = specs();
    let things = folder.path().join("ecs/things");
    fs::create_dir(things.join("Dir.json")).unwrap();
    for name in ["notes.txt", "StopThing.JSON", ".hidden", "README.md"] {
        fs::write(things.join(name), OPERATION).unwrap();
    }
    assert_eq!(
        shown(&folder),
        [
            "unexpected-file ecs/things/Dir.json: a folder with the name of a spec file",
            "unexpected-file ecs/things/StopThing.JSON: a spec file whose name does not end in `.json`",
            "ignored-file ecs/things/notes.txt: a file that is not read",
        ]
    );
}

#[test]
fn files_that_are_too_large_are_not_parsed() {
    let folder = specs();
    fs::write(folder.path().join("ecs/things/ListThings.json"), vec![b' '; (8 << 20) + 1]).unwrap();
    assert_eq!(shown(&folder), ["encoding ecs/things/ListThings.json: the file is larger than 8 MiB"]);
}

#[test]
fn an_unread_file_does_not_cause_other_mistakes() {
    let folder = specs();
    let glossary = r#"{ "Color": "Color that things must have." }"#;
    fs::write(folder.path().join("ecs/glossary.json"), glossary).unwrap();
    fs::write(folder.path().join("ecs/things/ListThings.json"), [0xFF, 0xFE]).unwrap();
    assert_eq!(shown(&folder), ["encoding ecs/things/ListThings.json: the file is encoded in UTF-16"]);
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let error = load::read_folder(Path::new("/nonexistent/specs")).unwrap_err().to_string();
    assert!(error.starts_with("/nonexistent/specs: "), "{error}");
}

fn sources(operation: &str) -> Vec<Source> {
    let mut sources = load::read_dir(Path::new(BASE)).unwrap();
    sources.push(Source { path: "ecs/things/DescribeThings.json".to_owned(), text: operation.to_owned() });
    sources
}

#[test]
fn safe_corrections_leave_everything_else_as_it_is() {
    let before = r#"{"operation": "DescribeThings", "family": "things", "read": true, "read_because": "it only reads things",
        "doc": "Lists things of a region.",
        "request": [
            {"name": "Size", "type": "i32", "min": 0.0, "max": 1e3, "plain": "a duration in seconds", "doc": "Size of the things."},
            {"name": "Hidden", "type": "bool", "sensitive": true, "allow": {"number-form": "there is no number"}, "doc": "Whether to list hidden things."}
        ],
        "response": [{"name": "Total", "type": "i64", "required": true, "doc": "Number of all things."}],
        "errors": [{"code": "A.B", "http": 404}, {"code": "C", "http": 404}, {"code": "A.B", "http": 404}, {"code": "A.B", "http": 404}, {"code": "A.B", "http": 403}]
    }"#;
    let (tree, found) = ecs_codegen::lint(sources(before));
    let fixed = fix::fix(&tree.sources, &found);
    let texts: Vec<&str> =
        fixed.iter().filter(|file| file.path.ends_with("DescribeThings.json")).map(|file| file.text.as_str()).collect();
    let after = r#"{
  "operation": "DescribeThings",
  "family": "things",
  "read": true,
  "doc": "Lists things of a region.",
  "request": [
    { "name": "Size", "type": "i32", "min": 0, "max": 1000, "doc": "Size of the things." },
    { "name": "Hidden", "type": "bool", "doc": "Whether to list hidden things." }
  ],
  "response": [
    { "name": "Total", "type": "i64", "doc": "Number of all things." }
  ],
  "errors": [
    { "code": "A.B", "http": 404 },
    { "code": "C", "http": 404 },
    { "code": "A.B", "http": 403 }
  ]
}
"#;
    assert_eq!(texts, [after]);
    let (tree, found) = ecs_codegen::lint(sources(after));
    assert!(found.clone().filter(|one| one.path.ends_with("Things.json")).is_empty(), "{found}");
    assert!(fix::fix(&tree.sources, &found).iter().all(|file| !file.path.ends_with("DescribeThings.json")));
}

#[test]
fn files_that_cannot_be_read_completely_are_not_corrected() {
    for broken in [
        OPERATION.replace("\"read\": true,", "\"reed\": true, \"errors\": [{\"code\": \"A\", \"http\": 403}],"),
        OPERATION.replace("\"request\": []", "\"request\": [], \"typical\": {\"A\": 1, \"A\": 2}"),
        OPERATION.replace("}\n", ""),
    ] {
        let (tree, found) = ecs_codegen::lint(sources(&broken));
        let fixed = fix::fix(&tree.sources, &found);
        assert!(fixed.iter().all(|file| !file.path.ends_with("DescribeThings.json")), "{broken}");
    }
}

#[test]
fn violations_are_written_as_json() {
    let (_, found) = ecs_codegen::lint(sources(&OPERATION.replace("  \"read\": true,\n", "")));
    let written = found.filter(|one| one.level == Level::Warning).to_json();
    let expected = serde_json::json!([{
        "rule": "missing-read", "level": "warning", "path": "specs/ecs/things/DescribeThings.json",
        "line": 2, "column": 16, "end_column": 32, "fixable": false,
        "message": "`DescribeThings` begins with a verb for reading, but is not marked as `read`",
        "help": "add \"read\": true, or state what it changes: \"allow\": { \"missing-read\": \"…\" }",
    }]);
    assert_eq!(serde_json::Value::from(written), expected);
}
