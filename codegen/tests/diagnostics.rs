//! The messages for mistakes in specs. Each folder of `tests/diagnostics` is a case.
//!
//! The files of a case replace or extend those of `tests/diagnostics/base`. `expected.txt` contains the complete output.
//! `UPDATE=1 cargo test -p ecs-codegen --test diagnostics` updates it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ecs_codegen::{Diagnostics, Source, load, rules::Level};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

/// The cases by name.
fn cases() -> Vec<(String, PathBuf)> {
    let mut cases: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| name != "base")
        .collect();
    cases.sort();
    cases
}

/// The files of a case, and those files of the base that the case does not replace.
fn sources(case: &Path) -> Vec<Source> {
    let mut sources = load::read_dir(case).unwrap();
    for source in load::read_dir(&folder().join("base")).unwrap() {
        if sources.iter().all(|own| own.path != source.path) {
            sources.push(source);
        }
    }
    sources
}

fn mistakes(name: &str, case: &Path) -> Diagnostics {
    let (_, found) = ecs_codegen::lint(sources(case));
    let found = found.filter(|one| one.level >= Level::Warning);
    assert!(!found.is_empty(), "{name}: no mistakes were found");
    found
}

#[test]
fn each_mistake_is_shown_as_expected() {
    let mut failed = String::new();
    for (name, case) in cases() {
        let shown = mistakes(&name, &case).to_string();
        let path = case.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &shown).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if shown != expected {
            failed.push_str(&format!("=== {name}: expected\n{expected}--- actual\n{shown}\n"));
        }
    }
    assert!(failed.is_empty(), "{failed}to accept: UPDATE=1 cargo test -p ecs-codegen --test diagnostics");
}

#[test]
fn each_mistake_has_a_position_and_a_remedy() {
    for (name, case) in cases() {
        let mistakes = mistakes(&name, &case);
        let shown = mistakes.to_string();
        let positions = shown.lines().filter(|line| line.trim_start().starts_with("┌─ specs/"));
        assert_eq!(positions.count(), mistakes.list().len(), "{name}: {shown}");
        for mistake in mistakes.list() {
            assert!(!mistake.message.is_empty() && !mistake.help.is_empty(), "{name}: {mistake:?}");
        }
    }
}

#[test]
fn the_base_of_the_cases_has_no_mistakes() {
    let (_, found) = ecs_codegen::lint(sources(&folder().join("base")));
    assert!(found.filter(|one| one.level >= Level::Warning).is_empty());
}

#[test]
fn specs_without_rpc_json_are_a_mistake() {
    let sources: Vec<Source> = complete().into_iter().filter(|source| source.path != "rpc.json").collect();
    let shown = ecs_codegen::check(sources).unwrap_err().to_string();
    assert!(shown.starts_with("error[missing-file]: the specs have no rpc.json"), "{shown}");
    assert!(shown.ends_with("\n1 error in the specs\n"), "{shown}");
}

#[test]
fn only_the_mistake_of_a_broken_rpc_json_is_reported() {
    for (text, rule) in
        [("{", "invalid-json"), ("[]", "wrong-json"), (r#"{ "parameters": {}, "read_verbs": 1 }"#, "wrong-json")]
    {
        let mut sources = complete();
        let rpc = sources.iter_mut().find(|source| source.path == "rpc.json").unwrap();
        text.clone_into(&mut rpc.text);
        let found = ecs_codegen::check(sources).unwrap_err();
        let rules: Vec<&str> = found.list().iter().map(|one| one.rule.id).collect();
        assert_eq!(rules, [rule], "{text}: {found}");
    }
}

/// The base with all that depends on `rpc.json`: operations that read, and classes of error codes.
fn complete() -> Vec<Source> {
    let operation = |name: &str, facts: &str| Source {
        path: format!("ecs/things/{name}.json"),
        text: format!(
            r#"{{ "operation": "{name}", "family": "things", {facts} "doc": "Handles things of a region.",
                 "request": [], "response": [], "errors": [{{ "code": "InvalidThing.NotFound", "http": 404 }}] }}"#
        ),
    };
    let mut sources = sources(&folder().join("base"));
    let reason = r#""read": true, "read_because": "It only compares two things.","#;
    sources.extend([operation("DescribeThings", r#""read": true,"#), operation("CompareThings", reason)]);
    for (path, class) in [
        ("rpc.json", r#""not_found": { "patterns": ["*NotFound*"] }"#),
        ("ecs/service.json", r#""none": { "codes": ["InvalidThing.NotFound"] }"#),
    ] {
        let source = sources.iter_mut().find(|source| source.path == path).unwrap();
        let start = source.text.trim_end().strip_suffix('}').unwrap();
        source.text = format!(r#"{start}, "error_classes": {{ {class} }} }}"#);
    }
    let found = ecs_codegen::lint(sources.clone()).1.filter(|one| one.level == Level::Error);
    assert!(found.is_empty(), "{found}");
    sources
}

/// In memory, because Windows could not check out such a file.
#[test]
fn a_file_that_windows_cannot_create_is_a_mistake() {
    let with = |name: &str, facts: &str| {
        let mut sources = complete();
        let text = format!(
            r#"{{ "operation": "{name}", {facts} "family": "things", "doc": "Connects two things.", "request": [], "response": [] }}"#
        );
        sources.push(Source { path: format!("ecs/things/{name}.json"), text });
        ecs_codegen::lint(sources).1.filter(|one| one.level >= Level::Warning)
    };
    for name in ["Con", "AUX", "Nul", "Com1", "LPT9"] {
        let found = with(name, "");
        let found: Vec<(&str, &str)> = found.list().iter().map(|one| (one.rule.id, one.help.as_str())).collect();
        let help = format!(r#"rename the operation and its file to `Call{name}`, and add "wire": "{name}""#);
        assert_eq!(found, [("reserved-file-name", help.as_str())]);
        let renamed = with(&format!("Call{name}"), &format!(r#""wire": "{name}","#));
        assert!(renamed.is_empty(), "{renamed}");
    }
    for name in ["Com0", "Com10", "Console"] {
        assert!(with(name, "").is_empty(), "{name}");
    }
}

#[test]
fn mistakes_do_not_depend_on_the_order_of_files() {
    let (name, case) = cases().into_iter().find(|(name, _)| name == "several-files").unwrap();
    let expected = mistakes(&name, &case).to_string();
    let mut reversed = sources(&case);
    reversed.reverse();
    let (_, found) = ecs_codegen::lint(reversed);
    assert_eq!(found.filter(|one| one.level >= Level::Warning).to_string(), expected);
}

#[test]
fn each_rule_has_a_case() {
    // `tests/reading.rs` covers the rules about files that cannot be read, and corrections; `tests/drafts.rs` covers drafts.
    const ELSEWHERE: [&str; 6] =
        ["byte-order-mark", "draft", "encoding", "formatting", "ignored-file", "unreadable-file"];
    let mut shown = String::new();
    for (_, case) in cases() {
        shown += &fs::read_to_string(case.join("expected.txt")).unwrap();
    }
    let missing: Vec<&str> = ecs_codegen::rules::all().iter().map(|rule| rule.id).collect();
    let missing: Vec<&&str> = missing.iter().filter(|id| !shown.contains(&format!("[{id}]"))).collect();
    assert!(missing.iter().all(|id| ELSEWHERE.contains(*id)), "{missing:?}");
}
