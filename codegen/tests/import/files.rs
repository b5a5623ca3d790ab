//! Imports into folders, and imports of the published files if they are available.

use std::fs;
use std::path::{Path, PathBuf};

use ecs_codegen::import::{Kind, read_api, run};

use super::*;

const DOCS: &str = r#"{
  "info": { "style": "RPC", "product": "Ecs", "version": "2014-05-26" },
  "directories": [{ "title": "things", "children": ["StartThing", "StopThing"] }],
  "apis": {
    "StartThing": { "parameters": [{ "name": "Mode", "in": "query", "schema": { "type": "string", "enum": ["fast", "slow"] } }] },
    "StopThing": { "parameters": [{ "name": "Id", "in": "query", "schema": { "type": "string", "required": true } }] }
  }
}"#;

fn start(folder: &Path) -> PathBuf {
    let api = folder.join("thing.api-docs.json");
    fs::write(&api, DOCS).expect("written");
    api
}

#[test]
fn only_files_that_change_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (api, specs) = (start(folder.path()), folder.path().join("specs"));
    let only = ["StopThing".to_owned()];
    let report = run(&api, &specs, "ecs", Some(&only)).expect("imported");
    let stop = specs.join("ecs/things/StopThing.json");
    assert_eq!(report.written, std::slice::from_ref(&stop));
    assert_eq!(
        report.to_string(),
        "1 added, 0 changed, 0 different, 0 gone, 0 kept, 0 agreed, 0 decided and 0 to decide, in 1 place; 1 file written\n\nStopThing\n  + new operation with 1 parameter"
    );
    let text = fs::read_to_string(&stop).expect("read");
    let squeezed = text.replace("  ", "");
    fs::write(&stop, &squeezed).expect("written");
    let types = specs.join("ecs/types.json");
    fs::write(&types, r#"{ "ThingMode": { "doc": "", "enum": { "fast": "", "slow": "", "odd": "" } } }"#)
        .expect("written");
    let report = run(&api, &specs, "ecs", None).expect("imported");
    assert_eq!(report.written, [specs.join("ecs/things/StartThing.json")]);
    assert_eq!(fs::read_to_string(&stop).expect("read"), squeezed, "a different layout alone is not a reason to write");
    let report = run(&api, &specs, "ecs", None).expect("imported");
    assert!(report.written.is_empty() && report.is_unchanged(), "{report}");
}

#[test]
fn unknown_keys_are_an_error_because_writing_would_lose_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (api, specs) = (start(folder.path()), folder.path().join("specs"));
    run(&api, &specs, "ecs", None).expect("imported");
    let stop = specs.join("ecs/things/StopThing.json");
    let text = fs::read_to_string(&stop).expect("read").replace("\"doc\": \"\",", "\"doc\": \"\", \"dok\": \"Mine.\",");
    fs::write(&stop, text).expect("written");
    let error = run(&api, &specs, "ecs", None).expect_err("an error");
    assert_eq!(error.to_string(), format!("{}: unknown key dok", stop.display()));
}

#[test]
fn an_unknown_operation_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let api = start(folder.path());
    let only = ["StpThing".to_owned()];
    let error = run(&api, folder.path(), "ecs", Some(&only)).expect_err("an error");
    assert_eq!(error.message, "`StpThing` is not an operation of the API");
    assert!(
        lines(&import(&read_api(&api).expect("read"), Some(&only), &tree([])).report)[0].starts_with("StpThing: !")
    );
}

/// The published metadata. The list is empty if it is not available.
fn published_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/api");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let files: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(".api-docs.json")).collect();
    if files.is_empty() {
        println!("skipped: ../shared/api does not exist");
    }
    files
}

#[test]
fn published_files_are_imported_completely_and_a_second_import_changes_nothing() {
    for path in published_files() {
        let api = read_api(&path).expect("in the layout");
        let (first, _) = imported(&api, &tree([]));
        for operation in first.operations.values() {
            let text = ecs_codegen::fmt::operation(operation);
            let back: Operation = serde_json::from_str(&text).expect("a spec");
            assert_eq!(back, *operation);
            assert_eq!(ecs_codegen::fmt::format_text(&text).as_deref(), Ok(text.as_str()));
        }
        let found = drift(&api, &first);
        assert!(found.is_empty(), "{}: {found}", path.display());
        let (second, report) = imported(&api, &first);
        assert_eq!(second, first);
        assert_eq!(report, Report::default(), "{report}");
    }
}

#[test]
fn published_files_do_not_change_curated_specs() {
    for path in published_files() {
        let api = read_api(&path).expect("in the layout");
        let (mut curated, _) = imported(&api, &tree([]));
        curated.operations.values_mut().for_each(curate);
        let (again, report) = imported(&api, &curated);
        assert_eq!(again, curated);
        assert!(report.is_unchanged() && report.count(Kind::Kept) == 0, "{report}");
    }
}

/// Changes all names, docs and positions.
fn curate(operation: &mut Operation) {
    let names: Vec<String> = operation.types.keys().cloned().collect();
    let types = std::mem::take(&mut operation.types);
    let change = |fields: &mut Vec<Field>| {
        fields.reverse();
        for field in fields {
            field.doc = Some("Hand-written.".to_owned());
            field.rust = Some("ours".to_owned());
            let (ecs_codegen::spec::TypeRef::One(name) | ecs_codegen::spec::TypeRef::List([name])) = &mut field.ty;
            if names.contains(name) {
                name.push_str("OfOurs");
            }
        }
    };
    for (name, mut ty) in types {
        ty.doc = "Hand-written.".to_owned();
        ty.fields.iter_mut().for_each(change);
        operation.types.insert(format!("{name}OfOurs"), ty);
    }
    change(&mut operation.request);
    change(&mut operation.response);
    operation.types.reverse();
}

#[test]
fn files_that_are_not_text_are_rejected_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api-docs.json");
    let error = |path: &Path| read_api(path).unwrap_err().to_string();
    assert!(error(folder.path()).contains("not a regular file"), "{}", error(folder.path()));
    fs::write(&path, [0xff, 0xfe, b'{', 0]).unwrap();
    assert!(error(&path).contains("save it as UTF-8"), "{}", error(&path));
    fs::write(&path, b"{\n\xff}").unwrap();
    assert!(error(&path).contains("invalid byte in line 2"), "{}", error(&path));
}

/// An operation in a family that `service.json` lacks would break a rule.
#[test]
fn families_of_new_operations_are_added_to_the_description() {
    let folder = tempfile::tempdir().unwrap();
    let service = folder.path().join("specs/ecs/service.json");
    fs::create_dir_all(service.parent().unwrap()).unwrap();
    let old = Service {
        product: "Ecs".to_owned(),
        version: "2014-05-26".to_owned(),
        ..super::service(&["disks", "instances"])
    };
    fs::write(&service, ecs_codegen::fmt::service(&old)).unwrap();
    let api = folder.path().join("api-docs.json");
    fs::write(&api, DOCS.replace("\"things\"", "\"东西\"")).unwrap();
    run(&api, &folder.path().join("specs"), "ecs", None).unwrap();
    let new: Service = serde_json::from_str(&fs::read_to_string(&service).unwrap()).unwrap();
    let families: Vec<&str> = new.families.keys().map(String::as_str).collect();
    assert_eq!(families, ["disks", "instances", "things"]);
    assert_eq!(new.directories["东西"], "things");
    let report = run(&api, &folder.path().join("specs"), "ecs", None).unwrap();
    assert!(report.written.is_empty(), "{:?}", report.written);
}

#[test]
fn many_new_operations_are_one_line_of_the_report() {
    let report = |number: usize| {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, specs) = (start(folder.path()), folder.path().join("specs"));
        let mut docs: serde_json::Value = serde_json::from_str(DOCS).expect("JSON");
        let stop = docs["apis"]["StopThing"].clone();
        docs["apis"] = (0..number).map(|index| (format!("StopThing{index:02}"), stop.clone())).collect();
        fs::write(&file, docs.to_string()).expect("written");
        let report = run(&file, &specs, "ecs", None).expect("imported");
        assert_eq!(report.to_json()["entries"].as_array().map(Vec::len), Some(number));
        report.to_string()
    };
    let few = report(10);
    assert_eq!(few.matches("+ new operation with 1 parameter").count(), 10, "{few}");
    let many = report(11);
    let names: Vec<String> = (0..5).map(|index| format!("StopThing{index:02}")).collect();
    assert!(many.ends_with(&format!("\n\n+ 11 new operations: {} and 6 more", names.join(", "))), "{many}");
    assert_eq!(many.lines().count(), 3, "{many}");
}
