//! `cargo xtask spec …` from the command line: what it writes, and its exit status.

use std::{fs, path::Path};

use super::package::{Package, ended, in_checkout, run};

const STOP: &str = "machines/DeleteMachine.json";

#[test]
fn lint_fix_corrects_what_is_safe_and_then_changes_nothing() {
    let package = Package::new();
    // Another layout, and a reason that is not needed.
    package.edit(STOP, "{\n", "{\n\n\n");
    package.edit(STOP, "\"type\": \"string\"", "\"type\": \"string\", \"plain\": \"It has no fixed values.\"");
    let found = package.run(&["spec", "lint", "--fail-on", "warning", "--level", "info"]);
    assert_eq!(found.code, Some(1), "{}", found.err);
    assert!(found.err.contains("needless-reason") && found.err.contains("formatting"), "{}", found.err);

    let fixed = package.run(&["spec", "lint", "--fail-on", "warning", "--fix"]);
    assert_eq!(fixed.code, Some(0), "{}", fixed.err);
    let lines: Vec<&str> = fixed.err.lines().collect();
    let [line] = lines[..] else { panic!("{}", fixed.err) };
    assert!(line.starts_with("   fixed  ") && line.ends_with("DeleteMachine.json (2 corrections)"), "{line}");
    assert!(fixed.out.ends_with("7 operations of 1 service comply with all rules\n"), "{}", fixed.out);

    let text = fs::read_to_string(package.spec(STOP)).unwrap();
    let again = package.run(&["spec", "lint", "--fail-on", "warning", "--fix"]);
    assert_eq!((again.code, again.err.as_str(), again.out.as_str()), (Some(0), "", fixed.out.as_str()));
    assert_eq!(fs::read_to_string(package.spec(STOP)).unwrap(), text);
    assert_eq!(package.run(&["spec", "fmt", "--check"]).code, Some(0));
}

#[test]
fn lint_fix_reports_what_remains() {
    let package = Package::new();
    package.edit(STOP, "{\n", "{\n\n\n");
    package.edit(STOP, "\"type\": \"string\"", "\"type\": \"strin\"");
    let found = package.run(&["spec", "lint", "--fix"]);
    assert_eq!(found.code, Some(1));
    assert!(found.err.contains("   fixed  ") && found.err.contains("unknown type `strin`"), "{}", found.err);
    assert!(found.err.contains("the specs have 1 error; "), "{}", found.err);
}

#[test]
fn fmt_names_other_line_ends() {
    let package = Package::new();
    let unix = fs::read_to_string(package.spec(STOP)).unwrap();
    fs::write(package.spec(STOP), unix.replace('\n', "\r\n")).unwrap();
    let checked = package.run(&["spec", "fmt", "--check"]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.out.ends_with("DeleteMachine.json: CRLF line ends instead of LF\n"), "{}", checked.out);
    let linted = package.run(&["spec", "lint", "--fail-on", "warning", "--level", "info"]);
    assert!(linted.err.contains("the file has CRLF line ends instead of LF"), "{}", linted.err);
    assert_eq!(package.run(&["spec", "fmt"]).code, Some(0));
    assert_eq!(fs::read_to_string(package.spec(STOP)).unwrap(), unix);
    assert_eq!(package.run(&["spec", "fmt", "--check"]).out, "");
}

#[test]
fn schemas_are_written_and_compared() {
    let checkout = tempfile::tempdir().unwrap();
    let package = checkout.path().join("xtask");
    fs::create_dir_all(&package).unwrap();
    let schema = |arguments: &[&str]| ended(in_checkout(&package).args(["spec", "schema"]).args(arguments));
    let missing = schema(&["--check"]);
    assert_eq!((missing.code, missing.out.matches(" missing  ").count()), (Some(1), 5), "{}", missing.out);
    assert!(!checkout.path().join("specs").exists());
    let written = schema(&[]);
    assert_eq!((written.code, written.out.matches("     new  ").count()), (Some(0), 5), "{}", written.out);
    let same = schema(&["--check"]);
    assert_eq!((same.code, same.out.as_str(), same.err.as_str()), (Some(0), "", ""));
    fs::write(checkout.path().join("specs/schema.json"), "{}\n").unwrap();
    let stale = schema(&["--check"]);
    assert_eq!((stale.code, stale.out.as_str()), (Some(1), "   stale  specs/schema.json\n"));
    assert_eq!(schema(&[]).out, " changed  specs/schema.json\n");
}

#[test]
fn commands_in_messages_name_the_crate() {
    let package = Package::new();
    let option = format!("--crate {}`", package.path().display());
    let new = package.run(&["spec", "new", "shop_floor/machines", "StartMachine"]);
    assert_eq!(new.code, Some(0), "{}", new.err);
    let expected = format!("`cargo xtask spec lint {option} and `cargo xtask codegen {option}\n");
    assert!(new.out.ends_with(&expected), "{}", new.out);
    package.edit(STOP, "{\n", "{\n\n");
    let checked = package.run(&["spec", "fmt", "--check"]);
    assert!(checked.err.ends_with(&format!("run `cargo xtask spec fmt {option}\n")), "{}", checked.err);
    let specs = package.path().join("specs");
    let checked = run(&["spec", "fmt", "--check", "--specs", specs.to_str().unwrap()]);
    assert!(checked.err.ends_with(&format!(" --specs {}`\n", specs.display())), "{}", checked.err);
}

/// A checkout with the base of the generator's tests as its specs, and an operation with two parameters.
fn checkout() -> tempfile::TempDir {
    let checkout = tempfile::tempdir().unwrap();
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/tests/diagnostics/base");
    fs::create_dir_all(checkout.path().join("xtask")).unwrap();
    fs::create_dir_all(checkout.path().join("specs/ecs/things")).unwrap();
    for file in ["rpc.json", "ecs/service.json"] {
        fs::copy(base.join(file), checkout.path().join("specs").join(file)).unwrap();
    }
    let operation = r#"{
        "operation": "StopThing", "family": "things", "doc": "Stops a thing.", "response": [],
        "request": [{ "name": "Id", "type": "string" }, { "name": "Extra", "type": "string" }]
    }"#;
    fs::write(checkout.path().join("specs/ecs/things/StopThing.json"), operation).unwrap();
    checkout
}

#[test]
fn accept_is_proposed_only_if_it_would_change_something() {
    let checkout = checkout();
    let page = checkout.path().join("StopThing.md");
    let import = |rows: &str| {
        let head = "# StopThing\n\n## Request parameters\n\n|Parameter|Type|Required|Description|\n|---|---|---|---|\n";
        fs::write(&page, format!("{head}|Action|String|Yes|The operation.|\n{rows}")).unwrap();
        let mut command = in_checkout(&checkout.path().join("xtask"));
        let ended = ended(command.args(["spec", "import"]).arg(&page));
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.out
    };
    let less = import("|Id|String|No|The ID.|\n");
    assert!(less.contains("the page lacks Extra") && !less.contains("--accept"), "{less}");
    let more = import("|Id|String|No|The ID.|\n|Force|Boolean|No|Whether to force it.|\n");
    assert!(more.ends_with("so no existing operation was changed; `--accept` changes them\n"), "{more}");
}

#[test]
fn a_reader_that_leaves_does_not_change_the_result_of_a_comparison() {
    let checkout = checkout();
    let docs = checkout.path().join("things.api-docs.json");
    let parameters = r#"[{ "name": "Id", "in": "query", "schema": { "type": "string" } },
                         { "name": "Extra", "in": "query", "schema": { "type": "string" } }]"#;
    let info = r#"{ "style": "RPC", "product": "Ecs", "version": "2014-05-26" }"#;
    fs::write(&docs, format!(r#"{{ "info": {info}, "apis": {{ "StopThing": {{ "parameters": {parameters} }} }} }}"#))
        .unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = in_checkout(&checkout.path().join("xtask"));
    let status = command.args(["spec", "drift"]).arg(&docs).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
}
