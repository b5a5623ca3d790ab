//! Where specs are written, and what an import changes.

use std::fs;

use ecs_codegen::import::Kind;
use ecs_codegen::pages::{NoteKind, Options, run};

use crate::{Imported, imported, lint, options, write};

const PAGE: &str = "# PressWidget\n\n## Request parameters\n\n|Name|Type|Required|Description|\n|--|--|--|--|\n|WidgetId|String|Yes|a|\n\
                    |Password|String|No|a|\n|EndTime|String|No|When.|\n\n## Response parameters\n\n|Name|Type|Description|\n|--|--|--|\n|PressId|String|a|\n";

#[test]
fn families_are_folders_with_ascii_names() {
    let page = |name: &str| PAGE.replace("PressWidget", name);
    let all = imported(&[
        ("Press And Pull/PressWidget.md", &page("PressWidget")),
        ("压/PullWidget.md", &page("PullWidget")),
        ("2031/TurnWidget.md", &page("TurnWidget")),
        ("LiftWidget.md", &page("LiftWidget")),
        ("Press And Pull/README.md", "# Widgets\n"),
        ("notes.md", "# How to press\n\nPress it.\n"),
    ]);
    let families: Vec<(&str, &str)> =
        all.operations.iter().map(|(name, operation)| (name.as_str(), operation.family.as_str())).collect();
    let expected =
        [("LiftWidget", "pages"), ("PressWidget", "press-and-pull"), ("PullWidget", "main"), ("TurnWidget", "main")];
    assert_eq!(families, expected);
    assert_eq!(all.written.skipped, 1);
    assert!(all.folder.path().join("specs/ecs/press-and-pull/PressWidget.json").is_file());
    assert_eq!(lint(&all), Ok(()));
}

#[test]
fn reserved_names_are_no_families() {
    let all = imported(&[("con/PressWidget.md", PAGE), ("default/TurnWidget.md", &PAGE.replace("Press", "Turn"))]);
    assert!(all.operations.values().all(|operation| operation.family == "main"), "{:?}", all.operations.keys());
    assert_eq!(lint(&all), Ok(()));
    for name in ["con", "default"] {
        let options = Options { family: Some(name.to_owned()), ..options(all.folder.path()) };
        let error = run(&[all.folder.path().to_owned()], &options).expect_err("a reserved name").to_string();
        assert!(error.contains(&format!("`{name}` is reserved")), "{error}");
    }
}

#[test]
fn service_and_family_can_be_named() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &[("a/PressWidget.md", PAGE)]);
    let options = Options { service: "rds".to_owned(), family: Some("presses".to_owned()), ..options(folder.path()) };
    let written = run(&[folder.path().join("a/PressWidget.md")], &options).expect("a page");
    let below = |path: &str| folder.path().join("specs/rds").join(path);
    assert_eq!(written.files, [below("service.json"), below("presses/PressWidget.json")]);
    let service = fs::read_to_string(below("service.json")).expect("a file");
    for fact in [r#""product": "Rds""#, r#""docs": "draft""#, r#""presses": """#] {
        assert!(service.contains(fact), "{service}");
    }
    let error = run(&[], &Options { family: Some("My Presses".to_owned()), ..options }).expect_err("an invalid name");
    assert!(error.to_string().contains("invalid name `My Presses`"), "{error}");
}

#[test]
fn secrets_are_marked_and_times_without_a_format_are_strings() {
    let Imported { operations, .. } = imported(&[("PressWidget.md", PAGE)]);
    let [_, password, time] = &operations["PressWidget"].request[..] else { panic!("three parameters") };
    assert!(password.sensitive);
    assert_eq!(time.ty.name(), "string");
}

#[test]
fn a_dry_run_and_a_second_import_write_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &[("a/PressWidget.md", PAGE)]);
    let paths = [folder.path().join("a")];
    let planned = run(&paths, &Options { dry_run: true, ..options(folder.path()) }).expect("a page");
    assert_eq!(planned.files.len(), 2);
    assert!(!folder.path().join("specs").exists());
    run(&paths, &options(folder.path())).expect("a page");
    let again = run(&paths, &options(folder.path())).expect("a page");
    assert!(again.files.is_empty() && again.new.is_empty(), "{:?}", again.files);
}

/// A curated tree with one operation, whose page lacks a member, has a new one, and states another type.
fn curated() -> (tempfile::TempDir, Options) {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &[("a/PressWidget.md", PAGE), ("a/PullWidget.md", &PAGE.replace("Press", "Pull"))]);
    run(&[folder.path().join("a/PressWidget.md")], &options(folder.path())).expect("a page");
    let path = folder.path().join("specs/ecs/a/PressWidget.json");
    let spec = fs::read_to_string(&path).expect("a file");
    let spec = spec.replace(r#""doc": """#, r#""doc": "Presses a widget.""#);
    let spec = spec.replace(
        r#"{ "name": "PressId", "type": "string" }"#,
        r#"{ "name": "PressId", "type": "i64" }, { "name": "New", "type": "string" }"#,
    );
    let spec = spec.replace(r#"{ "name": "WidgetId", "type": "string", "required": true },"#, "");
    fs::write(&path, spec).expect("a file");
    let options = Options { is_own_tree: false, ..options(folder.path()) };
    (folder, options)
}

#[test]
fn curated_operations_change_only_if_accepted() {
    let (folder, options) = curated();
    let path = folder.path().join("specs/ecs/a/PressWidget.json");
    let before = fs::read_to_string(&path).expect("a file");
    let written = run(&[folder.path().join("a")], &options).expect("pages");
    assert_eq!(fs::read_to_string(&path).expect("a file"), before);
    assert_eq!(written.new.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), ["PullWidget"]);
    assert_eq!(written.files, [folder.path().join("specs/ecs/a/PullWidget.json")]);
    assert!(written.is_pending);
    let entries: Vec<String> = written.report.entries.iter().map(|entry| format!("{} {entry}", entry.owner)).collect();
    assert!(entries.iter().any(|entry| entry.starts_with("PressWidget + request WidgetId")), "{entries:?}");
    assert!(entries.iter().any(|entry| entry.contains("response PressId") && entry.contains("string")), "{entries:?}");
    assert!(entries.iter().any(|entry| entry.contains("- response New")), "{entries:?}");
    assert_eq!(written.report.count(Kind::Gone), 1);

    let accepted = run(&[folder.path().join("a")], &Options { accept: true, ..options }).expect("pages");
    assert!(!accepted.is_pending);
    assert_eq!(accepted.files, std::slice::from_ref(&path));
    let after = fs::read_to_string(&path).expect("a file");
    for fact in
        ["Presses a widget.", r#"{ "name": "PressId", "type": "string" }"#, r#""name": "New""#, r#""name": "WidgetId""#]
    {
        assert!(after.contains(fact), "{after}");
    }
}

#[test]
fn a_folder_that_is_no_family_of_the_curated_specs_needs_a_family() {
    let (folder, options) = curated();
    write(folder.path(), &[("notes/TurnWidget.md", &PAGE.replace("PressWidget", "TurnWidget"))]);
    let pages = [folder.path().join("notes")];
    let written = run(&pages, &options).expect("a page");
    assert!(written.files.is_empty(), "{:?}", written.files);
    assert_eq!(written.unwritten, ["TurnWidget"]);
    let note = written.notes[0].to_string();
    for part in ["notes/TurnWidget.md:1: undecided", "no family of `ecs`", "--family: a"] {
        assert!(note.contains(part), "{part}: {note}");
    }
    assert!(!folder.path().join("specs/ecs/notes").exists());
    let written = run(&pages, &Options { family: Some("a".to_owned()), ..options }).expect("a page");
    assert_eq!(written.files, [folder.path().join("specs/ecs/a/TurnWidget.json")]);
}

#[test]
fn every_difference_has_the_line_of_the_page() {
    let (folder, options) = curated();
    let path = folder.path().join("specs/ecs/a/PressWidget.json");
    let spec = fs::read_to_string(&path).expect("a file");
    let spec = spec.replace(r#""name": "Password", "type": "string""#, r#""name": "Password", "type": "bool""#);
    fs::write(&path, spec.replace(", \"sensitive\": true", "")).expect("a file");
    let written = run(&[folder.path().join("a/PressWidget.md")], &options).expect("a page");
    let page = folder.path().join("a/PressWidget.md").display().to_string();
    let differences: Vec<String> =
        written.differences().iter().map(|line| line.replace(&page, "PressWidget.md")).collect();
    let expected = [
        "PressWidget.md:7: added: PressWidget request WidgetId: string, required",
        "PressWidget.md:8: kept: PressWidget request Password: type bool in the specs, string in the API",
        "PressWidget.md:15: absent: PressWidget response: the page lacks New",
        "PressWidget.md:15: different: PressWidget response PressId: type i64 in the specs, string in the API",
    ];
    assert_eq!(differences, expected);
    let report = written.to_json();
    assert_eq!(report["report"]["counts"]["different"], 1, "{report:#}");
    assert_eq!(report["pending"], true);
}

#[test]
fn an_operation_without_a_family_does_not_hide_the_others() {
    let (folder, options) = curated();
    write(folder.path(), &[("a/notes/TurnWidget.md", &PAGE.replace("PressWidget", "TurnWidget"))]);
    let written = run(&[folder.path().join("a")], &options).expect("pages");
    assert_eq!(written.files, [folder.path().join("specs/ecs/a/PullWidget.json")]);
    assert_eq!(written.unwritten, ["TurnWidget"]);
    let notes: Vec<String> = written.notes.iter().map(ToString::to_string).collect();
    assert!(
        notes.iter().any(|note| note.contains("TurnWidget.md:1: undecided: TurnWidget is not written")),
        "{notes:?}"
    );
}

#[test]
fn an_unknown_service_needs_a_tree_of_its_own() {
    let (folder, options) = curated();
    let error =
        run(&[folder.path().join("a")], &Options { service: "rds".to_owned(), ..options }).expect_err("no service");
    assert!(error.to_string().contains("--into DIR"), "{error}");
    assert!(!folder.path().join("specs/rds").exists());
}

#[test]
fn the_newest_page_of_an_operation_is_taken() {
    let newer = PAGE
        .replace("|Required|", "|Required|Example|")
        .replace("|--|--|--|--|", "|--|--|--|--|--|")
        .replace("|Yes|", "|Yes|w|")
        .replace("|No|", "|No|e|");
    let all = imported(&[
        ("a/PressWidget.md", PAGE),
        ("b/PressWidget.md", &newer),
        ("c/Presswidget.md", &PAGE.replace("PressWidget", "Presswidget")),
    ]);
    assert_eq!(all.operations.keys().collect::<Vec<_>>(), ["PressWidget"]);
    assert_eq!(all.operations["PressWidget"].family, "b");
    let skipped = all.written.notes.iter().filter(|note| note.kind == NoteKind::Skipped);
    assert_eq!(skipped.count(), 2, "{:?}", all.written.notes);
}

#[test]
fn facts_of_a_service_that_no_page_states_are_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &[("a/PressWidget.md", PAGE)]);
    let options = Options { service: "wid".to_owned(), ..options(folder.path()) };
    let notes = |options: &Options| {
        let written = run(&[folder.path().join("a")], options).expect("a page");
        let notes = written.notes.iter().map(ToString::to_string).filter(|note| note.contains("service.json"));
        notes.map(|note| note.rsplit('/').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let expected = ["endpoint `wid.aliyuncs.com`", "product code `Wid`", "version `2014-05-26`"]
        .map(|fact| format!("service.json:1: decided: {fact} is a guess, since no page states it; check it"));
    assert_eq!(notes(&options), expected);
    // The file that was written states them.
    assert!(notes(&options).is_empty());

    let stated = PAGE.to_owned() + "\nhttps://api.aliyun.com/#product=Wid&api=PressWidget&version=2031-01-01\n";
    write(folder.path(), &[("a/PressWidget.md", &stated)]);
    let options = Options { specs: folder.path().join("other"), ..options };
    assert_eq!(notes(&options), expected[..1]);
}
