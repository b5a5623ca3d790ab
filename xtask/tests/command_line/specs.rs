//! `cargo xtask spec …` from the command line: what it writes, and its exit status.

use std::fs;

use super::package::{Package, ended, in_checkout};

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
