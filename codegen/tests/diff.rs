//! `spec diff`: the changes between two spec trees.

use ecs_codegen::diff::{Diff, diff};

const PATH: &str = "ecs/things/DescribeThings.json";
const OPERATION: &str = r#"{
  "operation": "DescribeThings", "family": "things", "read": true, "doc": "Lists the things.",
  "request": [
    { "name": "Id", "type": "string" },
    { "name": "DryRun", "type": "bool" },
    { "name": "Tag", "type": ["Tag"], "wire": "repeat" },
    { "name": "Status", "type": "Status", "default": "On" }
  ],
  "response": [{ "name": "Things", "type": ["Thing"], "wire": "wrapped:Thing", "doc": "The things." }],
  "types": {
    "Tag": { "doc": "A tag.", "fields": [{ "name": "Key", "type": "string" }] },
    "Thing": { "doc": "A thing.", "fields": [{ "name": "Size", "type": "i32", "rust": "bulk" }] },
    "Status": { "doc": "State.", "enum": { "On": "At work.", "Off": { "rust": "Out", "doc": "Not at work." } } }
  },
  "pagination": { "style": "number", "number": "PageNumber", "items": "Things" },
  "waiters": [{ "name": "thing_on", "doc": "On.", "ids": "Id", "items": "Things", "id": "Id", "chunk": 50 }],
  "errors": [{ "code": "NotFound", "http": 404 }]
}"#;
const SERVICE: &str = r#"{
  "service": "ecs", "product": "Ecs", "version": "2014-05-26", "title": "Elastic", "docs_url": "https://example.com",
  "gate": "families", "families": { "things": "Things." }, "words": { "VSwitch": "vswitch" },
  "endpoints": { "default": "a", "public": "b", "vpc": "c" }
}"#;

fn tree(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// The changes after a part of the operation is replaced.
fn edited(from: &str, to: &str) -> Diff {
    assert!(OPERATION.contains(from), "{from}");
    diff(&tree(&[(PATH, OPERATION)]), &tree(&[(PATH, &OPERATION.replace(from, to))])).expect("both parse")
}

fn lines(diff: &Diff) -> Vec<String> {
    diff.changes.iter().map(|change| change.to_string().trim().to_owned()).collect()
}

#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    let found = edited(from, to);
    assert_eq!(lines(&found), expected);
    assert_eq!(found.is_breaking(), expected.iter().any(|line| line.starts_with("BREAKING")));
}

#[test]
fn new_common_parameters_are_breaking() {
    let rpc = |text: &str| tree(&[("rpc.json", text)]);
    let old = rpc(r#"{ "parameters": { "Action": "Name." }, "read_verbs": ["Describe"] }"#);
    let new = rpc(r#"{ "parameters": { "Version": "Version." }, "read_verbs": ["Describe", "List"] }"#);
    let expected = [
        "BREAKING parameters Version: added: callers can no longer set it",
        "parameters Action: removed",
        "read_verbs: [\"Describe\"] → [\"Describe\",\"List\"]",
    ];
    assert_eq!(lines(&diff(&old, &new).unwrap()), expected);
    assert!(diff(&[], &new).unwrap().is_empty(), "older trees have no such file");
}

#[test]
fn equal_trees_have_no_changes() {
    assert!(edited("Lists", "Lists").is_empty());
    assert!(!edited("Lists", "Lists").is_breaking());
}

#[test]
fn breaking_changes() {
    check(r#"{ "name": "Id", "type": "string" },"#, "", &["BREAKING request Id: removed"]);
    check(r#""Id", "type": "string""#, r#""Id", "type": "i32""#, &["BREAKING request Id: type string → i32"]);
    check(
        r#""Id", "type": "string""#,
        r#""Id", "type": "time", "time": "yyyy-MM-dd""#,
        &["BREAKING request Id: type string → time", "request Id: time added"],
    );
    check(
        r#""Id", "type": "string""#,
        r#""Id", "type": "string", "required": true"#,
        &["BREAKING request Id: required added"],
    );
    check(
        r#""Id", "type": "string""#,
        r#""Id", "type": "string", "sensitive": true"#,
        &["BREAKING request Id: sensitive added"],
    );
    check(r#""Id", "type": "string""#, r#""Id", "type": "string", "skip": "why""#, &["BREAKING request Id: removed"]);
    let no_check = r#""DryRun", "type": "bool", "values": [false]"#;
    check(r#""DryRun", "type": "bool""#, no_check, &["BREAKING request DryRun: values added"]);
    check(r#""wire": "repeat""#, r#""wire": "json""#, &["BREAKING request Tag: wire repeat → json"]);
    check(r#""rust": "bulk""#, r#""rust": "size""#, &["BREAKING types Thing.Size: rust bulk → size"]);
    check(r#""Id", "type": "string""#, r#""Id", "type": "string", "base64": true"#, &["request Id: base64 added"]);
    check(r#""On": "At work.","#, "", &["BREAKING types Status value `On`: removed"]);
    check(r#""rust": "Out""#, r#""rust": "Away""#, &["BREAKING types Status value `Off`: variant Out → Away"]);
    check(
        r#"[{ "name": "Key", "type": "string" }]"#,
        r#"[{ "name": "Key", "type": "string" }, { "name": "New", "type": "string", "required": true }]"#,
        &["BREAKING types Tag.New: added as required"],
    );
    check(
        r#""enum": { "On": "At work.", "Off": { "rust": "Out", "doc": "Not at work." } }"#,
        r#""fields": []"#,
        &["BREAKING types Status: enum → struct"],
    );
    check(r#""family": "things""#, r#""family": "more""#, &["BREAKING family: things → more: different feature"]);
    check(
        r#""read": true"#,
        r#""read": true, "deprecated": true"#,
        &["BREAKING deprecated: added: now requires the `deprecated` feature"],
    );
    check(
        r#""name": "thing_on""#,
        r#""name": "thing_up""#,
        &["BREAKING waiter thing_on: removed", "waiter thing_up: added"],
    );
    check(
        r#""pagination": { "style": "number", "number": "PageNumber", "items": "Things" },"#,
        "",
        &["BREAKING pagination: removed"],
    );
    check(
        r#"{ "code": "NotFound", "http": 404 }"#,
        "",
        &["BREAKING NOT_FOUND: removed", "error 404 NotFound: removed"],
    );
}

#[test]
fn non_breaking_changes() {
    check("Lists the things.", "Lists all things.", &["doc: changed"]);
    check(r#""doc": "The things.""#, r#""doc": "Things.""#, &["response Things: doc changed"]);
    check("A tag.", "One tag.", &["types Tag: doc changed"]);
    check(r#""default": "On""#, r#""default": "Off""#, &["request Status: default On → Off"]);
    check(r#""Id", "type": "string""#, r#""Id", "type": "string", "max_length": 9"#, &["request Id: max_length added"]);
    check(r#""On": "At work.","#, r#""On": "At work.", "Broken": "Gone.","#, &["types Status value `Broken`: added"]);
    check(r#""http": 404 }"#, r#""http": 404 }, { "code": "Denied", "http": 403 }"#, &["error 403 Denied: added"]);
    check(r#""http": 404"#, r#""http": 400"#, &["error 404 NotFound: removed", "error 400 NotFound: added"]);
    check(
        r#"{ "name": "Id", "type": "string" },"#,
        r#"{ "name": "Id", "type": "string" }, { "name": "New", "type": "bool" },"#,
        &["request New: added"],
    );
    check(
        r#""rust": "bulk" }"#,
        r#""rust": "bulk" }, { "name": "New", "type": "string", "required": true }"#,
        &["types Thing.New: added"],
    );
    check(r#""chunk": 50"#, r#""chunk": 20"#, &["waiter thing_on chunk: 50 → 20"]);
    check(r#""read": true, "#, "", &["read: removed"]);
    let first = r#"{ "name": "Things", "type": ["Thing"], "wire": "wrapped:Thing", "doc": "The things." }"#;
    let more = format!(r#"{first}, {{ "name": "Total", "type": "i64" }}"#);
    check(first, &more, &["response Total: added"]);
}

#[test]
fn an_operation_that_becomes_read_only_is_reported_with_the_effect_on_retries() {
    let old = OPERATION.replace(r#""read": true, "#, "");
    let found = diff(&tree(&[(PATH, &old)]), &tree(&[(PATH, OPERATION)])).unwrap();
    assert_eq!(lines(&found), ["read: added: now retried after any transient failure"]);
}

#[test]
fn changed_endpoints_are_shown() {
    let moved = SERVICE.replace(r#""public": "b""#, r#""public": "b2""#);
    let found = diff(&tree(&[("ecs/service.json", SERVICE)]), &tree(&[("ecs/service.json", &moved)])).unwrap();
    assert_eq!(lines(&found), ["endpoints public: b → b2"]);
}

#[test]
fn a_constant_that_changes_its_value_is_breaking() {
    let service = |codes: &str| SERVICE.replace(r#""endpoints""#, &format!(r#""codes": {{ {codes} }}, "endpoints""#));
    let operation = OPERATION.replace(r#""http": 404 }"#, r#""http": 404 }, { "code": "Not.Found", "http": 404 }"#);
    let with = |codes: &str| tree(&[("ecs/service.json", &service(codes)), (PATH, &operation)]);
    let old = with(r#""Not.Found": "NOT_DOT_FOUND""#);
    let swapped = diff(&old, &with(r#""NotFound": "NOT_DOT_FOUND""#)).unwrap();
    let expected = ["BREAKING NOT_DOT_FOUND: `Not.Found` → `NotFound`", "BREAKING NOT_FOUND: `NotFound` → `Not.Found`"];
    assert_eq!(lines(&swapped), expected);
    assert_eq!(swapped.changes[0].owner, "ecs codes");
    let renamed = diff(&old, &with(r#""Not.Found": "NOT_POINT_FOUND""#)).unwrap();
    assert_eq!(lines(&renamed), ["BREAKING NOT_DOT_FOUND: removed"]);
}

#[test]
fn a_code_that_a_family_no_longer_documents_breaks_its_path_in_the_module_of_the_family() {
    let other =
        OPERATION.replace("DescribeThings", "ListThings").replace(r#""family": "things""#, r#""family": "boxes""#);
    let with =
        |text: &str| tree(&[("ecs/service.json", SERVICE), (PATH, OPERATION), ("ecs/boxes/ListThings.json", text)]);
    let less = other.replace(r#"{ "code": "NotFound", "http": 404 }"#, r#"{ "code": "Other", "http": 404 }"#);
    let found = diff(&with(&other), &with(&less)).unwrap();
    let expected = ["BREAKING boxes::NOT_FOUND: removed", "error 404 NotFound: removed", "error 404 Other: added"];
    assert_eq!(lines(&found), expected);
}

#[test]
fn added_and_removed_operations_services_and_families_are_reported() {
    let old = tree(&[
        ("specs/schema.json", "{}"),
        ("specs/ecs/service.json", SERVICE),
        ("specs/ecs/things/DescribeThings.json", OPERATION),
        (
            "specs/ecs/types.json",
            r#"{ "Part": { "doc": "A part.", "fields": [{ "name": "VSwitchId", "type": "string" }] } }"#,
        ),
        ("specs/ecs/glossary.json", r#"{ "Id": "The ID." }"#),
        ("specs/vpc/service.json", SERVICE),
    ]);
    let changed = OPERATION
        .replace("DescribeThings", "ListThings")
        .replace(r#""Tag", "type": ["Tag"]"#, r#""Tag", "type": ["Part"]"#);
    let service = SERVICE
        .replace(r#""VSwitch": "vswitch""#, r#""VSwitch": "v_switch", "QoS": "qos""#)
        .replace(r#""things": "Things.""#, r#""others": "Others.""#)
        .replace(r#""title": "Elastic""#, r#""title": "Elastic Compute""#);
    let new = tree(&[
        ("ecs/service.json", &service),
        ("ecs/things/ListThings.json", &changed),
        (
            "ecs/types.json",
            r#"{ "Part": { "doc": "A part.", "fields": [{ "name": "VSwitchId", "type": "string" }, { "name": "Must", "type": "string", "required": true }] } }"#,
        ),
        ("ecs/glossary.json", r#"{ "Id": "Its ID." }"#),
        ("sts/service.json", SERVICE),
    ]);
    let expected = "\
ecs service.json
  BREAKING families things: removed
           families others: added
           words QoS: none → qos
  BREAKING words VSwitch: vswitch → v_switch
           title: Elastic → Elastic Compute
ecs types.json
  BREAKING Part.Must: added as required
ecs glossary.json
           Id: The ID. → Its ID.
ecs DescribeThings
  BREAKING operation removed
ecs ListThings
           operation added
sts
           service added
vpc
  BREAKING service removed
11 changes in 7 places, 5 breaking";
    assert_eq!(diff(&old, &new).expect("both parse").to_string(), expected);
}

#[test]
fn moving_an_operation_is_breaking_only_if_families_are_features() {
    let ungated = SERVICE.replace(r#""gate": "families""#, r#""gate": "none""#);
    let moved = OPERATION.replace(r#""family": "things""#, r#""family": "more""#);
    let before = tree(&[("vpc/service.json", &ungated), ("vpc/things/DescribeThings.json", OPERATION)]);
    let after = tree(&[("vpc/service.json", &ungated), ("vpc/more/DescribeThings.json", &moved)]);
    let found = diff(&before, &after).expect("both parse");
    assert_eq!(lines(&found), ["family: things → more"]);
    assert!(!found.is_breaking());
    let gated = tree(&[("vpc/service.json", SERVICE), ("vpc/things/DescribeThings.json", OPERATION)]);
    let found = diff(&gated, &before).expect("both parse");
    assert_eq!(lines(&found), ["BREAKING gate: families → none: different features"]);
}

#[test]
fn keys_that_an_old_tree_lacks_have_their_defaults() {
    let old = SERVICE.replace(r#""gate": "families", "#, "");
    let found = diff(&tree(&[("ecs/service.json", &old)]), &tree(&[("ecs/service.json", SERVICE)]));
    assert!(found.expect("both parse").is_empty());
}

#[test]
fn an_invalid_file_is_reported_with_its_path() {
    let error = diff(&tree(&[(PATH, "{")]), &[]).expect_err("invalid JSON");
    assert!(error.to_string().starts_with("ecs/things/DescribeThings.json: EOF"), "{error}");
}
