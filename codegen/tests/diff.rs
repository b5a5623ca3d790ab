//! `spec diff`: the changes between two spec trees.

use ecs_codegen::diff::{Bump, Change, Diff, Format, Impact, Report, Side, Verdict, diff, json_schema};
use serde_json::{Value, json};

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

#[track_caller]
fn between(old: &[(&str, &str)], new: &[(&str, &str)]) -> Diff {
    diff(&tree(old), &tree(new)).expect("all files parse")
}

/// The changes after a part of the operation is replaced.
#[track_caller]
fn edited(from: &str, to: &str) -> Diff {
    assert!(OPERATION.contains(from), "{from}");
    between(&[(PATH, OPERATION)], &[(PATH, &OPERATION.replace(from, to))])
}

/// The changes after a part of `service.json` is replaced, in a service with the operation.
#[track_caller]
fn edited_service(from: &str, to: &str) -> Diff {
    assert!(SERVICE.contains(from), "{from}");
    let path = "ecs/service.json";
    between(&[(path, SERVICE), (PATH, OPERATION)], &[(path, &SERVICE.replace(from, to)), (PATH, OPERATION)])
}

fn line(change: &Change) -> String {
    format!("{} {}", format!("{:?}", change.class).to_lowercase(), change.summary())
}

fn lines(diff: &Diff) -> Vec<String> {
    diff.changes.iter().map(line).collect()
}

/// Checks the changes, and that the opposite edit is reported too.
#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) -> Diff {
    let found = edited(from, to);
    assert_eq!(lines(&found), expected);
    let back = between(&[(PATH, &OPERATION.replace(from, to))], &[(PATH, OPERATION)]);
    assert!(!back.is_empty(), "the opposite of {from} → {to} is not reported");
    found
}

fn effect(diff: &Diff) -> &str {
    diff.changes[0].effect.as_deref().expect("the change has an effect")
}

const ID: &str = r#""Id", "type": "string""#;

#[test]
fn equal_trees_have_no_changes() {
    assert!(edited("Lists", "Lists").is_empty());
    assert_eq!(edited("Lists", "Lists").worst(), None);
}

#[test]
fn removed_renamed_and_retyped_fields_are_breaking() {
    check(r#"{ "name": "Id", "type": "string" },"#, "", &["breaking request Id: removed"]);
    let found = check(ID, r#""Id", "type": "i32""#, &["breaking request Id: type `string` → `i32`"]);
    assert_eq!(effect(&found), "in Rust, `Option<String>` becomes `Option<i32>`");
    let found = check(
        r#""Size", "type": "i32""#,
        r#""Size", "type": "i64""#,
        &["breaking types Thing.Size: type `i32` → `i64`"],
    );
    assert_eq!(effect(&found), "in Rust, `Option<i32>` becomes `Option<i64>`");
    check(ID, r#""Id", "type": "Status""#, &["breaking request Id: type `string` → `Status`"]);
    check(
        ID,
        r#""Id", "type": ["string"], "wire": "json""#,
        &["breaking request Id: type `string` → `[string]`", "behavior request Id: list style `none` → `json`"],
    );
    check(
        ID,
        r#""Id", "type": "time", "time": "yyyy-MM-dd""#,
        &["breaking request Id: type `string` → `time`", "behavior request Id: time none → yyyy-MM-dd"],
    );
    check(ID, r#""Id", "type": "string", "skip": "why""#, &["breaking request Id: removed: why"]);
    let found =
        check(ID, r#""Id", "type": "string", "rust": "thing""#, &["breaking request Id: renamed `id` → `thing`"]);
    assert_eq!(effect(&found), "the Rust name changes, and the wire name stays");
    check(r#""rust": "bulk""#, r#""rust": "size""#, &["breaking types Thing.Size: renamed `bulk` → `size`"]);
    check(
        r#"{ "name": "Things", "type": ["Thing"], "wire": "wrapped:Thing", "doc": "The things." }"#,
        "",
        &["breaking response Things: removed"],
    );
}

#[test]
fn a_wire_name_that_keeps_its_rust_name_is_one_change() {
    let found = check(ID, r#""ID", "type": "string""#, &["behavior request ID: wire name `Id` → `ID`"]);
    assert_eq!(effect(&found), "the Rust name stays; the service receives and sends the new wire name");
}

#[test]
fn list_styles_are_breaking_only_if_rust_changes() {
    let json = check(
        r#""wire": "repeat""#,
        r#""wire": "json""#,
        &["breaking request Tag: renamed `tags` → `tag`", "breaking request Tag: list style `repeat` → `json`"],
    );
    assert_eq!(json.changes[1].effect.as_deref(), Some("in Rust, `Vec<Tag>` becomes `Option<Vec<Tag>>`"));
    check(
        r#""wire": "wrapped:Thing""#,
        r#""wire": "list""#,
        &["behavior response Things: list style `wrapped:Thing` → `list`"],
    );
}

#[test]
fn required_parameters() {
    let required = r#""Id", "type": "string", "required": true"#;
    let found = check(ID, required, &["breaking request Id: now required"]);
    assert_eq!(effect(&found), "calls that do not set it are rejected before they are sent");
    let back = between(&[(PATH, &OPERATION.replace(ID, required))], &[(PATH, OPERATION)]);
    assert_eq!(lines(&back), ["additive request Id: no longer required"]);
    let first = r#"{ "name": "Id", "type": "string" },"#;
    let with = |field: &str| format!("{first} {field},");
    check(first, &with(r#"{ "name": "New", "type": "bool" }"#), &["additive request New: added, type `bool`"]);
    check(
        first,
        &with(r#"{ "name": "New", "type": "bool", "required": true }"#),
        &["breaking request New: added as required, type `bool`"],
    );
    check(
        first,
        &with(r#"{ "name": "RegionId", "type": "string", "required": true }"#),
        &["behavior request RegionId: added as required, type `string`"],
    );
    let found = check(
        first,
        &with(r#"{ "name": "ClientToken", "type": "string" }"#),
        &["behavior request ClientToken: added, type `string`"],
    );
    assert!(effect(&found).contains("retried"), "{}", effect(&found));
    check(
        r#"[{ "name": "Key", "type": "string" }]"#,
        r#"[{ "name": "Key", "type": "string" }, { "name": "New", "type": "string", "required": true }]"#,
        &["breaking types Tag.New: added as required, type `string`"],
    );
    check(
        r#""rust": "bulk" }"#,
        r#""rust": "bulk" }, { "name": "New", "type": "string", "required": true }"#,
        &["additive types Thing.New: added, type `string`"],
    );
}

#[test]
fn the_first_member_of_a_response_is_additive_with_the_reason() {
    let empty = r#"{ "operation": "StopThing", "family": "things", "request": [], "response": [] }"#;
    let filled = empty.replace(r#""response": []"#, r#""response": [{ "name": "State", "type": "string" }]"#);
    let path = "ecs/things/StopThing.json";
    let found = between(&[(path, empty)], &[(path, &filled)]);
    assert_eq!(lines(&found), ["additive response State: added, type `string`"]);
    assert_eq!(effect(&found), "`state: String`, the first member; the type stays the same struct, which only grows");
    let text = Report::new(found, "main", None, None).render(Format::Text);
    assert!(text.ends_with("1 change in 1 place: 1 additive\n"), "{text}");
}

#[test]
fn secrets_and_content() {
    let found = check(ID, r#""Id", "type": "string", "sensitive": true"#, &["behavior request Id: now sensitive"]);
    assert_eq!(effect(&found), "the value is masked in debug output, errors and events");
    let base64 = r#""Id", "type": "string", "base64": true"#;
    let found = check(ID, base64, &["breaking request Id: now base64"]);
    assert!(effect(&found).contains("encoded twice"), "{}", effect(&found));
    let limited = r#""Id", "type": "string", "max_bytes": 9"#;
    check(ID, limited, &["breaking request Id: max_bytes none → 9"]);
    let with_limit = OPERATION.replace(ID, limited);
    let found = between(&[(PATH, &with_limit)], &[(PATH, OPERATION)]);
    assert_eq!(lines(&found), ["additive request Id: max_bytes 9 → none"]);
    check(r#""rust": "bulk""#, r#""rust": "bulk", "base64": true"#, &["additive types Thing.Size: now base64"]);
}

#[test]
fn limits_defaults_and_allowed_values() {
    let with = |facts: &str| OPERATION.replace(ID, &format!("{ID}, {facts}"));
    for (old, new, expected) in [
        (r#""max_length": 9"#, r#""max_length": 8"#, "behavior request Id: max_length 9 → 8"),
        (r#""max_length": 9"#, r#""max_length": 10"#, "additive request Id: max_length 9 → 10"),
        (r#""min": 1"#, r#""min": 2"#, "behavior request Id: min 1 → 2"),
        (r#""min": 2"#, r#""min": 1"#, "additive request Id: min 2 → 1"),
        (r#""max": 2, "min": 1"#, r#""min": 1"#, "additive request Id: max 2 → none"),
        (r#""pattern": "a""#, r#""pattern": "b""#, "behavior request Id: pattern a → b"),
        (r#""values": ["a", "b"]"#, r#""values": ["a"]"#, "behavior request Id: values a, b → a"),
        (r#""values": ["a"]"#, r#""values": ["a", "b"]"#, "additive request Id: values a → a, b"),
        (r#""default": "a""#, r#""default": "b""#, "behavior request Id: default a → b"),
        (
            r#""visibility": "restricted""#,
            r#""visibility": "invitation""#,
            "docs request Id: visibility restricted → invitation",
        ),
        (r#""example": "a""#, r#""example": "b""#, "docs request Id: example a → b"),
    ] {
        let found = between(&[(PATH, &with(old))], &[(PATH, &with(new))]);
        assert_eq!(lines(&found), [expected]);
    }
    check(r#""Size", "type": "i32""#, r#""Size", "type": "i32", "max": 3"#, &["docs types Thing.Size: max none → 3"]);
    let no_check = r#""DryRun", "type": "bool", "values": [false]"#;
    check(
        r#""DryRun", "type": "bool""#,
        no_check,
        &["breaking request DryRun: requests lose the method `check`", "behavior request DryRun: values none → false"],
    );
}

#[test]
fn batches() {
    let list = r#""Ids", "type": ["string"], "wire": "json""#;
    let with = |facts: &str| OPERATION.replace(ID, &format!("{list}{facts}"));
    for (old, new, expected) in [
        ("", r#", "batch": true"#, "breaking request Ids: now a batch"),
        (r#", "batch": true"#, "", "breaking request Ids: no longer a batch"),
        (
            r#", "batch": true, "max_items": 50"#,
            r#", "batch": true, "max_items": 100"#,
            "behavior request Ids: max_items 50 → 100",
        ),
        (
            r#", "batch": true, "max_items": 100"#,
            r#", "batch": true, "max_items": 50"#,
            "breaking request Ids: max_items 100 → 50",
        ),
        (r#", "max_items": 50"#, r#", "max_items": 100"#, "additive request Ids: max_items 50 → 100"),
    ] {
        let found = between(&[(PATH, &with(old))], &[(PATH, &with(new))]);
        assert_eq!(lines(&found), [expected]);
    }
}

#[test]
fn enums_and_their_values() {
    check(r#""On": "At work.","#, "", &["breaking types Status value `On`: removed"]);
    let found = check(
        r#""On": "At work.","#,
        r#""On": "At work.", "Broken": "Gone.","#,
        &["additive types Status value `Broken`: added"],
    );
    assert!(effect(&found).starts_with("the variant `Broken`"), "{}", effect(&found));
    check(r#""On": "At work.""#, r#""ON": "At work.""#, &["behavior types Status value `On`: wire value `On` → `ON`"]);
    check(r#""rust": "Out""#, r#""rust": "Away""#, &["breaking types Status value `Off`: variant `Out` → `Away`"]);
    check(
        r#""enum": { "On": "At work.", "Off": { "rust": "Out", "doc": "Not at work." } }"#,
        r#""fields": []"#,
        &["breaking types Status: enum → struct"],
    );
}

#[test]
fn a_renamed_type_is_one_change() {
    let found = between(
        &[(PATH, OPERATION)],
        &[(PATH, &OPERATION.replace(r#"["Thing"]"#, r#"["Box"]"#).replace(r#""Thing": {"#, r#""Box": {"#))],
    );
    assert_eq!(lines(&found), ["breaking types Thing: renamed `Thing` → `BoxType`"]);
}

#[test]
fn a_type_that_moves_to_the_shared_ones_has_another_path() {
    let tag = r#""Tag": { "doc": "A tag.", "fields": [{ "name": "Key", "type": "string" }] }"#;
    let moved = OPERATION.replace(&format!("{tag},"), "");
    let shared = format!("{{ {tag} }}");
    let found = between(&[(PATH, OPERATION)], &[(PATH, &moved), ("ecs/types.json", &shared)]);
    assert_eq!(lines(&found), ["additive Tag: type added", "breaking types Tag: moved to `types.json`"]);
    assert_eq!(found.changes[1].effect.as_deref(), Some("the path changes to `types::Tag`"));
}

#[test]
fn changes_of_shared_types_name_the_operations_that_use_them() {
    let other = OPERATION.replace("DescribeThings", "ListThings").replace(r#""Tag": {"#, r#""Own": {"#);
    let user = OPERATION.replace(r#""Tag": {"#, r#""Own": {"#);
    let shared = |fields: &str| format!(r#"{{ "Tag": {{ "doc": "A tag.", "fields": [{fields}] }} }}"#);
    let with = |fields: &str| {
        tree(&[("ecs/types.json", &shared(fields)), (PATH, &user), ("ecs/things/ListThings.json", &other)])
    };
    let old = with(r#"{ "name": "Key", "type": "string" }"#);
    let new = with(r#"{ "name": "Key", "type": "string", "required": true }"#);
    let found = diff(&old, &new).unwrap();
    assert_eq!(lines(&found), ["breaking Tag.Key: now required"]);
    assert_eq!(found.changes[0].operations, ["DescribeThings", "ListThings"]);
    let text = Report::new(found, "main", None, None).render(Format::Text);
    assert!(text.contains("used by `DescribeThings`, `ListThings`"), "{text}");
}

#[test]
fn retries_timeouts_and_deprecation() {
    let found = check(r#""read": true, "#, "", &["behavior no longer only reads"]);
    assert!(effect(&found).contains("no longer retried"), "{}", effect(&found));
    let old = OPERATION.replace(r#""read": true, "#, "");
    let found = between(&[(PATH, &old)], &[(PATH, OPERATION)]);
    assert_eq!(lines(&found), ["behavior now only reads"]);
    check(r#""read": true"#, r#""read": true, "slow": true"#, &["behavior now slow"]);
    let found = check(
        r#""read": true"#,
        r#""read": true, "docs_url": "https://example.com""#,
        &["docs docs_url none → https://example.com"],
    );
    assert_eq!(found.worst(), Some(Impact::Docs));
    // Another live operation keeps the feature of the family.
    let other = ("ecs/things/ListThings.json", r#"{ "operation": "ListThings", "family": "things" }"#);
    let deprecated = OPERATION.replace(r#""read": true"#, r#""read": true, "deprecated": true"#);
    let found = between(&[(PATH, OPERATION), other], &[(PATH, &deprecated), other]);
    assert_eq!(lines(&found), ["breaking now deprecated"]);
    assert_eq!(effect(&found), "now requires the feature `deprecated` instead of `things`");
}

#[test]
fn pagination() {
    let pages = r#""pagination": { "style": "number", "number": "PageNumber", "items": "Things" },"#;
    check(pages, "", &["breaking pagination: removed"]);
    let found = between(&[(PATH, &OPERATION.replace(pages, ""))], &[(PATH, OPERATION)]);
    assert_eq!(lines(&found), ["additive pagination: added, by number of `Things`"]);
    let found = check(
        r#""style": "number", "number": "PageNumber""#,
        r#""style": "token", "token": "NextToken""#,
        &[
            "behavior pagination: style number → token",
            "behavior pagination: number PageNumber → none",
            "behavior pagination: token none → NextToken",
        ],
    );
    assert_eq!(effect(&found), "pages are requested by token instead of number");
    check(r#""items": "Things" },"#, r#""items": "Ids" },"#, &["breaking pagination: items Things → Ids"]);
}

#[test]
fn waiters() {
    let found = check(
        r#""name": "thing_on""#,
        r#""name": "thing_up""#,
        &["breaking waiter `thing_on`: renamed to `thing_up`", "additive waiter `thing_up`: added"],
    );
    assert_eq!(effect(&found), "`client.wait_until_thing_on()` is gone");
    check(r#""chunk": 50"#, r#""chunk": 20"#, &["behavior waiter `thing_on`: chunk 50 → 20"]);
    check(r#""ids": "Id""#, r#""ids": "Tag""#, &["breaking waiter `thing_on`: ids Id → Tag"]);
    check(r#""chunk": 50"#, r#""chunk": 50, "success": ["On"]"#, &["behavior waiter `thing_on`: success none → On"]);
}

#[test]
fn documentation() {
    check("Lists the things.", "Lists all things.", &["docs docs: Lists the things. → Lists all things."]);
    check(r#""doc": "The things.""#, r#""doc": "Things.""#, &["docs response Things: docs: The things. → Things."]);
    check("A tag.", "One tag.", &["docs types Tag: docs: A tag. → One tag."]);
    check(
        r#"{ "name": "DryRun", "type": "bool" },"#,
        r#"{ "name": "DryRun", "type": "bool", "doc": "Checks." },"#,
        &["docs request DryRun: docs added: Checks."],
    );
    let long = format!("{} old {}", "word ".repeat(40), "more ".repeat(40));
    let found = between(
        &[(PATH, &OPERATION.replace("Lists the things.", &long))],
        &[(PATH, &OPERATION.replace("Lists the things.", &long.replace("old", "new")))],
    );
    assert_eq!(
        lines(&found),
        ["docs docs: … word word word old more more more … → … word word word new more more more …"]
    );
}

#[test]
fn a_change_of_the_glossary_is_reported_once_with_its_users() {
    let with = |docs: &str| tree(&[("ecs/glossary.json", &format!(r#"{{ "Id": "{docs}" }}"#)), (PATH, OPERATION)]);
    let found = diff(&with("The ID."), &with("Its ID.")).unwrap();
    assert_eq!(lines(&found), ["docs Id: docs: The ID. → Its ID."]);
    assert_eq!(found.changes[0].operations, ["DescribeThings"]);
}

#[test]
fn the_order_of_fields_is_documentation() {
    check(
        r#"{ "name": "Id", "type": "string" },
    { "name": "DryRun", "type": "bool" },"#,
        r#"{ "name": "DryRun", "type": "bool" },
    { "name": "Id", "type": "string" },"#,
        &["docs request: fields are in another order"],
    );
}

#[test]
fn error_codes_are_compared_by_name() {
    check(r#""http": 404"#, r#""http": 400"#, &["docs error `NotFound`: HTTP 404 → 400"]);
    let found = check(
        r#""http": 404 }"#,
        r#""http": 404 }, { "code": "Denied", "http": 403 }"#,
        &["additive error `Denied`: added, HTTP 403"],
    );
    assert_eq!(effect(&found), "new constant `codes::DENIED`");
    check(
        r#"{ "code": "NotFound", "http": 404 }"#,
        "",
        &["breaking NOT_FOUND: removed: no operation documents `NotFound`", "docs error `NotFound`: removed, HTTP 404"],
    );
    let two = OPERATION.replace(r#""http": 404 }"#, r#""http": 404 }, { "code": "NotFound", "http": 403 }"#);
    let found = between(&[(PATH, OPERATION)], &[(PATH, &two)]);
    assert_eq!(lines(&found), ["docs error `NotFound`: HTTP 404 → 403, 404"]);
}

#[test]
fn a_constant_that_changes_its_value_is_breaking() {
    let service = |codes: &str| SERVICE.replace(r#""endpoints""#, &format!(r#""codes": {{ {codes} }}, "endpoints""#));
    let operation = OPERATION.replace(r#""http": 404 }"#, r#""http": 404 }, { "code": "Not.Found", "http": 404 }"#);
    let with = |codes: &str| tree(&[("ecs/service.json", &service(codes)), (PATH, &operation)]);
    let old = with(r#""Not.Found": "NOT_DOT_FOUND""#);
    let swapped = diff(&old, &with(r#""NotFound": "NOT_DOT_FOUND""#)).unwrap();
    let expected = ["breaking NOT_DOT_FOUND: `Not.Found` → `NotFound`", "breaking NOT_FOUND: `NotFound` → `Not.Found`"];
    assert_eq!(lines(&swapped), expected);
    assert_eq!(swapped.changes[0].owner(), "ecs codes");
    let renamed = diff(&old, &with(r#""Not.Found": "NOT_POINT_FOUND""#)).unwrap();
    assert_eq!(lines(&renamed), ["breaking NOT_DOT_FOUND: renamed to `NOT_POINT_FOUND`"]);
}

#[test]
fn a_code_that_a_family_no_longer_documents_breaks_its_path_in_the_module_of_the_family() {
    let other =
        OPERATION.replace("DescribeThings", "ListThings").replace(r#""family": "things""#, r#""family": "boxes""#);
    let with =
        |text: &str| tree(&[("ecs/service.json", SERVICE), (PATH, OPERATION), ("ecs/boxes/ListThings.json", text)]);
    let less = other.replace(r#"{ "code": "NotFound", "http": 404 }"#, r#"{ "code": "Other", "http": 404 }"#);
    let found = diff(&with(&other), &with(&less)).unwrap();
    let expected = [
        "breaking boxes::NOT_FOUND: removed: no operation of `boxes` documents `NotFound`",
        "additive error `Other`: added, HTTP 404",
        "docs error `NotFound`: removed, HTTP 404",
    ];
    assert_eq!(lines(&found), expected);
}

#[test]
fn classes_of_error_codes() {
    let rpc = |class: &str| {
        format!(
            r#"{{ "parameters": {{}}, "read_verbs": [], "error_classes": {{ "{class}": {{ "patterns": ["*NotFound"] }} }} }}"#
        )
    };
    let old = tree(&[("rpc.json", &rpc("not_found")), ("ecs/service.json", SERVICE), (PATH, OPERATION)]);
    let new = tree(&[("rpc.json", &rpc("conflict")), ("ecs/service.json", SERVICE), (PATH, OPERATION)]);
    let found = diff(&old, &new).unwrap();
    assert_eq!(
        lines(&found),
        [
            "behavior error_classes.not_found.patterns: removed",
            "behavior error_classes.conflict.patterns: added: *NotFound",
            "behavior error classes: `NotFound`: not found → conflict",
        ]
    );
    let found =
        edited_service(r#""endpoints""#, r#""error_classes": { "in_use": { "codes": ["NotFound"] } }, "endpoints""#);
    assert_eq!(lines(&found), ["behavior error classes: `NotFound`: none → in use"]);
}

#[test]
fn new_common_parameters_are_breaking() {
    let old = [("rpc.json", r#"{ "parameters": { "Action": "Name." }, "read_verbs": ["Describe"] }"#)];
    let new = [("rpc.json", r#"{ "parameters": { "Version": "Version." }, "read_verbs": ["Describe", "List"] }"#)];
    let expected = [
        "breaking parameters.Version: added: Version.",
        "behavior parameters.Action: removed",
        "behavior read_verbs: Describe → Describe, List",
    ];
    assert_eq!(lines(&between(&old, &new)), expected);
    assert_eq!(lines(&between(&[], &new)), ["additive file added"], "older trees have no such file");
}

#[test]
fn facts_of_a_service() {
    for (from, to, expected) in [
        (r#""public": "b""#, r#""public": "b2""#, "behavior endpoints public: b → b2"),
        (
            r#""vpc": "c""#,
            r#""vpc": "c", "vpc_exceptions": { "cn-a": "x" }"#,
            "behavior endpoints vpc_exceptions cn-a: none → x",
        ),
        (r#""vpc": "c""#, r#""vpc": "c", "regions": ["cn-a"]"#, "additive endpoints regions: added: `cn-a`"),
        (r#""2014-05-26""#, r#""2016-04-28""#, "behavior version: 2014-05-26 → 2016-04-28"),
        (r#""title": "Elastic""#, r#""title": "Elastic Compute""#, "docs title: Elastic → Elastic Compute"),
        (r#""gate": "families""#, r#""gate": "none""#, "breaking gate: families → none"),
        (r#""things": "Things.""#, r#""things": "Things.", "more": "More.""#, "docs families more: added: More."),
        (
            r#""gate": "families""#,
            r#""gate": "families", "errors": { "Busy": "Busy." }"#,
            "additive errors Busy: added: Busy.",
        ),
        (r#""gate": "families""#, r#""gate": "families", "docs": "draft""#, "docs the docs are now a draft"),
        (r#""words": {"#, r#""words": { "QoS": "qos","#, "docs words QoS: none → qos"),
    ] {
        let found = edited_service(from, to);
        let own: Vec<String> =
            found.changes.iter().filter(|change| change.subject == "service.json").map(line).collect();
        assert_eq!(own, [expected]);
    }
}

#[test]
fn leaving_a_draft_changes_docs_only() {
    let draft = OPERATION.replace(r#""doc": "Lists the things.""#, r#""docs": "draft", "doc": """#);
    let found = between(&[(PATH, &draft)], &[(PATH, OPERATION)]);
    assert_eq!(lines(&found), ["docs the docs are no longer a draft", "docs docs added: Lists the things."]);
    let found = between(&[(PATH, OPERATION)], &[(PATH, &draft)]);
    assert_eq!(lines(&found), ["docs the docs are now a draft", "docs docs removed: Lists the things."]);
    let service = ("ecs/service.json", SERVICE);
    let added = between(&[service], &[service, (PATH, &draft)]);
    let added = added.changes.iter().find(|change| change.summary() == "operation added").unwrap();
    assert!(added.effect.as_deref().unwrap().contains("the docs are a draft"), "{added:?}");
}

#[test]
fn words_list_the_names_that_they_change() {
    let operation = OPERATION.replace(r#""name": "Id""#, r#""name": "VSwitchId""#);
    let with = |words: &str| {
        tree(&[("ecs/service.json", &SERVICE.replace(r#""VSwitch": "vswitch""#, words)), (PATH, &operation)])
    };
    let found = diff(&with(r#""VSwitch": "vswitch""#), &with(r#""VSwitch": "v_switch""#)).unwrap();
    assert_eq!(lines(&found), ["breaking words VSwitch: vswitch → v_switch"]);
    assert_eq!(effect(&found), "renames in Rust: `vswitch_id` → `v_switch_id`");
}

#[test]
fn operations_families_and_services() {
    let changed = OPERATION.replace("DescribeThings", "ListBoxes").replace(r#"["Thing"]"#, r#"["Status"]"#);
    let found = between(
        &[("ecs/service.json", SERVICE), (PATH, OPERATION), ("vpc/service.json", SERVICE)],
        &[
            ("ecs/service.json", SERVICE),
            ("ecs/things/ListBoxes.json", &changed.replace("\"Id\"", "\"BoxId\"").replace("Tag", "Mark")),
            ("sts/service.json", SERVICE),
        ],
    );
    assert_eq!(
        lines(&found),
        [
            "breaking operation removed",
            "additive operation added",
            "additive service added",
            "breaking service removed"
        ]
    );
    assert_eq!(
        found.changes[1].effect.as_deref(),
        Some(
            "`client.list_boxes()`; only reads; parameters `BoxId`, `DryRun`, `Mark`, `Status`; response `Things`; pages by \
             number of `Things`; waiters `thing_on`; 1 error code; feature `things`"
        )
    );
    assert_eq!(
        found.changes[0].effect.as_deref(),
        Some("`describe_things` of the client and the module `operation::describe_things` are gone")
    );
}

#[test]
fn a_family_without_operations_has_no_feature() {
    let service = ("ecs/service.json", SERVICE);
    let moved = OPERATION.replace(r#""family": "things""#, r#""family": "more""#);
    let found = between(&[service, (PATH, OPERATION)], &[service, ("ecs/more/DescribeThings.json", &moved)]);
    let expected = [
        "breaking feature things: removed: the family has no operations",
        "additive feature more: added",
        "breaking family: things → more",
    ];
    assert_eq!(lines(&found), expected);
}

#[test]
fn opposites_are_not_renamed() {
    let operation = |name: &str, doc: &str| {
        format!(
            r#"{{ "operation": "{name}", "family": "things", "doc": "{doc}", "request": [
              {{ "name": "Id", "type": "string" }}, {{ "name": "InstanceId", "type": "string" }}, {{ "name": "Force", "type": "bool" }} ] }}"#
        )
    };
    let old = operation("AttachThing", "Attaches a thing to an instance.");
    let new = operation("DetachThing", "Detaches a thing from an instance.");
    let found = between(&[("ecs/things/AttachThing.json", &old)], &[("ecs/things/DetachThing.json", &new)]);
    assert_eq!(lines(&found), ["breaking operation removed", "additive operation added"]);
}

#[test]
fn an_operation_with_like_content_is_renamed() {
    let renamed = OPERATION
        .replace("DescribeThings", "ListThings")
        .replace(r#""Id", "type": "string""#, r#""Id", "type": "string", "required": true"#);
    let found = between(&[(PATH, OPERATION)], &[("ecs/things/ListThings.json", &renamed)]);
    assert_eq!(
        lines(&found),
        ["breaking operation renamed from `DescribeThings`", "breaking request Id: now required"]
    );
    assert_eq!(found.changes[0].subject, "ListThings");
}

#[test]
fn moving_an_operation_is_breaking_only_if_families_are_features() {
    let ungated = SERVICE.replace(r#""gate": "families""#, r#""gate": "none""#);
    let moved = OPERATION.replace(r#""family": "things""#, r#""family": "more""#);
    for (service, expected) in
        [(ungated.as_str(), "docs family: things → more"), (SERVICE, "breaking family: things → more")]
    {
        let found = between(
            &[("vpc/service.json", service), ("vpc/things/DescribeThings.json", OPERATION)],
            &[("vpc/service.json", service), ("vpc/more/DescribeThings.json", &moved)],
        );
        let own: Vec<String> =
            found.changes.iter().filter(|change| change.subject == "DescribeThings").map(line).collect();
        assert_eq!(own, [expected]);
    }
}

#[test]
fn places_name_the_file_and_line_of_the_side_that_has_it() {
    let place = |found: &Diff| {
        let place = found.changes[0].place.clone().expect("a place");
        (place.side, place.file, place.line)
    };
    let path = PATH.to_owned();
    assert_eq!(place(&edited(r#"{ "name": "DryRun", "type": "bool" },"#, "")), (Side::Old, path.clone(), 5));
    assert_eq!(place(&edited(ID, r#""Id", "type": "i64""#)), (Side::New, path.clone(), 4));
    assert_eq!(place(&edited("A tag.", "One tag.")), (Side::New, path.clone(), 11));
    assert_eq!(place(&edited(r#""http": 404"#, r#""http": 400"#)), (Side::New, path, 17));
    let found = edited_service(r#""public": "b""#, r#""public": "d""#);
    assert_eq!(place(&found), (Side::New, "ecs/service.json".to_owned(), 4));
}

#[test]
fn keys_that_a_tree_lacks_have_their_defaults_and_unknown_ones_are_skipped() {
    let old = SERVICE.replace(r#""gate": "families", "#, "").replace(r#""title""#, r#""unknown": 1, "title""#);
    assert!(between(&[("ecs/service.json", &old)], &[("ecs/service.json", SERVICE)]).is_empty());
}

#[test]
fn all_unreadable_files_are_reported_with_their_lines() {
    let old = tree(&[(PATH, "{\n  ]"), ("ecs/types.json", "[]")]);
    let new = tree(&[(PATH, &OPERATION.replace(r#""http": 404"#, r#""http": "404""#))]);
    let errors = diff(&old, &new).expect_err("three invalid files");
    let found: Vec<String> = errors.0.iter().map(|error| format!("{:?} {error}", error.side)).collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[0].starts_with("Old ecs/things/DescribeThings.json:2: cannot read the spec: key must"),
        "{}",
        found[0]
    );
    assert!(found[1].starts_with("Old ecs/types.json:1: "), "{}", found[1]);
    assert!(found[2].starts_with("New ecs/things/DescribeThings.json:17: "), "{}", found[2]);
    assert!(errors.to_string().ends_with("3 files cannot be compared"), "{errors}");
}

#[test]
fn versions_follow_the_rules_of_cargo() {
    use Impact::{Additive, Behavior, Breaking, Docs};
    for (worst, base, bump, required) in [
        (None, "0.1.0", Bump::None, "0.1.0"),
        (Some(Breaking), "0.1.3", Bump::Minor, "0.2.0"),
        (Some(Behavior), "0.1.3", Bump::Patch, "0.1.4"),
        (Some(Additive), "0.1.3", Bump::Patch, "0.1.4"),
        (Some(Breaking), "0.0.3", Bump::Patch, "0.0.4"),
        (Some(Breaking), "1.2.3", Bump::Major, "2.0.0"),
        (Some(Additive), "1.2.3", Bump::Minor, "1.3.0"),
        (Some(Docs), "1.2.3", Bump::Patch, "1.2.4"),
        (Some(Breaking), "0.2.0-alpha.1", Bump::Minor, "0.2.0"),
        (Some(Breaking), "0.1.1-alpha.1", Bump::Minor, "0.2.0"),
    ] {
        let verdict = Verdict::new(worst, base, base).unwrap();
        assert_eq!((verdict.bump, verdict.required.as_str()), (bump, required), "{base}");
        assert_eq!(verdict.is_enough, worst.is_none(), "{base}");
    }
    assert!(Verdict::new(Some(Breaking), "0.1.0", "0.2.0").unwrap().is_enough);
    assert!(Verdict::new(Some(Breaking), "0.2.0-alpha.1", "0.2.0-alpha.2").unwrap().is_enough);
    assert!(!Verdict::new(Some(Breaking), "0.1.0", "0.1.1").unwrap().is_enough);
    let error = Verdict::new(None, "1.0", "1.0.0").expect_err("two numbers");
    assert!(error.starts_with("invalid version `1.0` in Cargo.toml"), "{error}");
}

/// A report with a change of each class.
fn report() -> Report {
    let changed = OPERATION
        .replace(ID, r#""Id", "type": "i32""#)
        .replace(r#""read": true, "#, "")
        .replace("Lists the things.", "Lists <all> *things*.")
        .replace(r#""On": "At work.","#, r#""On": "At work.", "Broken": "Gone.","#);
    let changed = changed.replace(r#"    { "name": "DryRun", "type": "bool" },"#, "");
    let found = between(&[(PATH, OPERATION)], &[(PATH, &changed)]);
    let verdict = Verdict::new(found.worst(), "0.1.0", "0.1.0").unwrap();
    Report::new(found, "main", None, Some(verdict))
}

#[test]
fn text_reads_like_a_review() {
    let expected = "\
ecs DescribeThings
  breaking   request DryRun: removed
             the field and its setter are gone; a parameter can still be sent by name, with `options`
             --> main:ecs/things/DescribeThings.json:5
  breaking   request Id: type `string` → `i32`
             in Rust, `Option<String>` becomes `Option<i32>`
             --> ecs/things/DescribeThings.json:4
  behaviour  no longer only reads
             calls are no longer retried after a failure if they may have been executed
             --> main:ecs/things/DescribeThings.json:2
  additive   types Status value `Broken`: added
             the variant `Broken`; until now, the value is read as `Unrecognized`
             --> ecs/things/DescribeThings.json:13
  docs       docs: Lists the things. → Lists <all> *things*.
             --> ecs/things/DescribeThings.json:2

5 changes in 1 place: 2 breaking, 1 behaviour, 1 additive, 1 docs
The changes require a minor release: 0.1.0 → 0.2.0; Cargo.toml still has 0.1.0.
";
    assert_eq!(report().render(Format::Text), expected);
    let none = Report::new(Diff::default(), "main", Some("next"), None);
    assert_eq!(none.render(Format::Text), "no changes\n");
}

#[test]
fn markdown_is_a_comment() {
    let text = report().render(Format::Markdown);
    let start = "\
## Changes of the specs: `main` → working tree

5 changes in 1 place: 2 breaking, 1 behaviour, 1 additive, 1 docs.

**The changes require a minor release: 0.1.0 → 0.2.0; Cargo.toml still has 0.1.0.**

### ecs DescribeThings

- **breaking**: request DryRun: removed (`main:ecs/things/DescribeThings.json:5`)
  <br>the field and its setter are gone; a parameter can still be sent by name, with `options`
";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("- docs: docs: Lists the things. → Lists \\<all\\> \\*things\\*. (`"), "{text}");
    assert!(text.ends_with(":2`)\n"), "{text}");
}

#[test]
fn json_has_a_stable_form() {
    let text = report().render(Format::Json);
    assert!(text.ends_with("}\n"), "{text}");
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&found["format"], &found["base"], &found["head"], &found["counts"]),
        (&json!(1), &json!("main"), &json!(null), &json!({ "breaking": 2, "behaviour": 1, "additive": 1, "docs": 1 }))
    );
    assert_eq!(
        found["verdict"],
        json!({ "base": "0.1.0", "head": "0.1.0", "bump": "minor", "required": "0.2.0", "is_enough": false })
    );
    assert_eq!(
        found["changes"][1],
        json!({
            "rule": "type-changed", "class": "breaking", "service": "ecs", "subject": "DescribeThings",
            "operations": ["DescribeThings"], "path": "request Id", "message": "type `string` → `i32`",
            "effect": "in Rust, `Option<String>` becomes `Option<i32>`", "old": "string", "new": "i32",
            "side": "new", "file": "ecs/things/DescribeThings.json", "line": 4
        })
    );
    // The schema describes all members.
    let schema = json_schema();
    for key in found.as_object().unwrap().keys() {
        assert!(schema["properties"][key]["description"].is_string(), "{key}");
    }
}

#[test]
fn control_characters_of_specs_do_not_reach_the_terminal() {
    let found = edited("Lists the things.", "Lists \\u001b[31m things\\u202e.");
    for format in [Format::Text, Format::Markdown] {
        let text = Report::new(found.clone(), "main", None, None).render(format);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn names_of_classes_and_formats_parse() {
    assert_eq!("behavior".parse(), Ok(Impact::Behavior));
    assert_eq!("behaviour".parse(), Ok(Impact::Behavior));
    assert_eq!("markdown".parse(), Ok(Format::Markdown));
    assert!("major".parse::<Impact>().unwrap_err().contains("expected `breaking`"));
    assert!("xml".parse::<Format>().unwrap_err().contains("expected `text`"));
    assert!(
        Impact::Breaking > Impact::Behavior && Impact::Behavior > Impact::Additive && Impact::Additive > Impact::Docs
    );
}

#[test]
fn another_wire_name_of_an_operation_changes_behavior() {
    let found = check(
        r#""read": true"#,
        r#""read": true, "wire": "DescribeThings.V2""#,
        &["behavior wire none → DescribeThings.V2"],
    );
    assert_eq!(
        effect(&found),
        "calls ask the service for another operation: `DescribeThings.V2` instead of `DescribeThings`"
    );
    // The name that the service knows stays.
    check(r#""read": true"#, r#""read": true, "wire": "DescribeThings""#, &["docs wire none → DescribeThings"]);
    let renamed =
        OPERATION.replace(r#""operation": "DescribeThings""#, r#""operation": "ListThings", "wire": "DescribeThings""#);
    let found = between(&[(PATH, OPERATION)], &[("ecs/things/ListThings.json", &renamed)]);
    assert_eq!(found.changes[0].summary(), "operation renamed from `DescribeThings`");
    assert_eq!(
        effect(&found),
        "`client.describe_things()` becomes `client.list_things()`, and the service is asked for the same operation"
    );
}

#[test]
fn the_sdk_fills_in_only_parameters_at_the_top() {
    let first = r#"{ "name": "Key", "type": "string" }"#;
    let with = |field: &str| format!("{first}, {field}");
    for name in ["RegionId", "ClientToken"] {
        let optional = format!(r#"{{ "name": "{name}", "type": "string" }}"#);
        let required = format!(r#"{{ "name": "{name}", "type": "string", "required": true }}"#);
        check(first, &with(&optional), &[&format!("additive types Tag.{name}: added, type `string`")]);
        let added = format!("breaking types Tag.{name}: added as required, type `string`");
        let found = check(first, &with(&required), &[&added]);
        assert!(effect(&found).ends_with("calls that do not set it are rejected before they are sent"), "{found:?}");
        let [old, new] = [&optional, &required].map(|field| OPERATION.replace(first, &with(field)));
        let found = between(&[(PATH, &old)], &[(PATH, &new)]);
        assert_eq!(lines(&found), [format!("breaking types Tag.{name}: now required")]);
        let found = between(&[(PATH, &new)], &[(PATH, &old)]);
        assert_eq!(lines(&found), [format!("additive types Tag.{name}: no longer required")]);
    }
    let found = check(
        first,
        &with(r#"{ "name": "DryRun", "type": "bool" }"#),
        &["additive types Tag.DryRun: added, type `bool`"],
    );
    assert_eq!(effect(&found), "`dry_run: Option<bool>`");
    let [old, new] = [r#""type": "bool""#, r#""type": "bool", "values": [false]"#]
        .map(|facts| OPERATION.replace(first, &with(&format!(r#"{{ "name": "DryRun", {facts} }}"#))));
    let found = between(&[(PATH, &old)], &[(PATH, &new)]);
    assert_eq!(lines(&found), ["behavior types Tag.DryRun: values none → false"]);
}

#[test]
fn values_are_shown_as_specs_write_them() {
    let flag = r#""Id", "type": "bool""#;
    let with = |facts: &str| OPERATION.replace(ID, &format!("{flag}, {facts}"));
    let found = between(&[(PATH, &with(r#""default": false"#))], &[(PATH, &with(r#""default": true"#))]);
    assert_eq!(lines(&found), ["behavior request Id: default false → true"]);
    assert_eq!((found.changes[0].old.as_deref(), found.changes[0].new.as_deref()), (Some("false"), Some("true")));
    let found = between(&[(PATH, &with(r#""default": "true""#))], &[(PATH, &with(r#""default": true"#))]);
    assert_eq!(lines(&found), [r#"behavior request Id: default "true" → true"#]);
    assert_eq!(found.changes[0].old.as_deref(), Some(r#""true""#));
    let found = edited(ID, &format!(r#"{ID}, "required": true"#));
    assert_eq!((found.changes[0].old.as_deref(), found.changes[0].new.as_deref()), (Some("false"), Some("true")));
}

#[test]
fn another_product_has_an_effect() {
    let found = edited_service(r#""product": "Ecs""#, r#""product": "Ecs2""#);
    assert_eq!(lines(&found), ["docs product: Ecs → Ecs2"]);
    assert_eq!(effect(&found), "the docs name another product, and requests stay the same");
}

#[test]
fn a_small_operation_with_the_same_docs_is_renamed() {
    let operation = |name: &str, doc: &str, field: &str| {
        format!(
            r#"{{ "operation": "{name}", "family": "things", "doc": "{doc}", "request": [
              {{ "name": "Id", "type": "string" }}, {{ "name": "{field}", "type": "bool" }} ],
              "response": [{{ "name": "State", "type": "string" }}] }}"#
        )
    };
    let old = operation("HaltThing", "Stops a thing.", "Force");
    let compare = |new: &str| between(&[("ecs/things/HaltThing.json", &old)], &[("ecs/things/StopThing.json", new)]);
    assert_eq!(
        lines(&compare(&operation("StopThing", "Stops a thing.", "Hard"))),
        [
            "breaking operation renamed from `HaltThing`",
            "breaking request Force: removed",
            "additive request Hard: added, type `bool`"
        ]
    );
    assert_eq!(
        lines(&compare(&operation("StopThing", "Stops a thing now.", "Hard"))),
        ["breaking operation removed", "additive operation added"]
    );
}

#[test]
fn constants_of_a_moved_operation_are_one_change() {
    let codes = r#"{ "code": "NotFound", "http": 404 }, { "code": "Busy", "http": 409 }"#;
    let operation = OPERATION.replace(r#"{ "code": "NotFound", "http": 404 }"#, codes);
    let stays = r#"{ "operation": "StopThing", "family": "things", "errors": [{ "code": "Denied", "http": 403 }] }"#;
    let rest = [("ecs/service.json", SERVICE), ("ecs/things/StopThing.json", stays)];
    let moved = operation.replace(r#""family": "things""#, r#""family": "boxes""#);
    let found = between(
        &[rest[0], rest[1], (PATH, &operation)],
        &[rest[0], rest[1], ("ecs/boxes/DescribeThings.json", &moved)],
    );
    let own: Vec<&Change> = found.changes.iter().filter(|change| change.subject == "codes").collect();
    assert_eq!(
        own.iter().map(|change| line(change)).collect::<Vec<_>>(),
        ["breaking things: `BUSY`, `NOT_FOUND` moved to `boxes` with `DescribeThings`"]
    );
    assert_eq!(own[0].effect.as_deref(), Some("the constants are in `codes::boxes`, and no longer in `codes::things`"));
    let place = own[0].place.clone().unwrap();
    assert_eq!((place.side, place.file.as_str(), place.line), (Side::New, "ecs/boxes/DescribeThings.json", 2));

    // Another family documents the same code, in a file that is read first.
    let other = r#"{ "operation": "AskThing", "family": "boxes", "errors": [{ "code": "Denied", "http": 403 }] }"#;
    let other = ("ecs/boxes/AskThing.json", other);
    let less = stays.replace("Denied", "Other");
    let found = between(
        &[rest[0], rest[1], other, (PATH, OPERATION)],
        &[rest[0], (rest[1].0, &less), other, (PATH, OPERATION)],
    );
    let own: Vec<&Change> = found.changes.iter().filter(|change| change.subject == "codes").collect();
    assert_eq!(
        own.iter().map(|change| line(change)).collect::<Vec<_>>(),
        ["breaking things::DENIED: removed: no operation of `things` documents `Denied`"]
    );
    assert_eq!(own[0].place.as_ref().unwrap().file, "ecs/things/StopThing.json");
}

#[test]
fn a_file_that_one_side_lacks_is_one_change() {
    let rpc = r#"{
  "parameters": { "Action": "Name." }, "read_verbs": ["Describe"],
  "error_classes": { "not_found": { "patterns": ["*NotFound"] } }
}"#;
    let rest = [("ecs/service.json", SERVICE), (PATH, OPERATION)];
    let with = [("rpc.json", rpc), rest[0], rest[1]];
    let removed = between(&with, &rest);
    assert_eq!(lines(&removed), ["behavior file removed"]);
    let place = removed.changes[0].place.clone().unwrap();
    assert_eq!(
        (removed.changes[0].owner().as_str(), place.side, place.file.as_str()),
        ("rpc.json", Side::Old, "rpc.json")
    );
    assert!(!effect(&removed).is_empty());
    assert_eq!(lines(&between(&rest, &with)), ["behavior file added"]);

    // Names and features follow from the file, and are not reported as well.
    let words = SERVICE.replace(r#""words": {"#, r#""words": { "Things": "things_","#);
    let with = [("ecs/service.json", words.as_str()), (PATH, OPERATION)];
    let removed = between(&with, &[(PATH, OPERATION)]);
    assert_eq!(lines(&removed), ["breaking file removed"]);
    let place = removed.changes[0].place.clone().unwrap();
    assert_eq!((place.side, place.file.as_str()), (Side::Old, "ecs/service.json"));
    assert_eq!(removed.changes[0].owner(), "ecs service.json");
    assert!(!effect(&removed).is_empty());
    assert_eq!(lines(&between(&[(PATH, OPERATION)], &with)), ["additive file added"]);
    // Other changes are still reported.
    let changed = OPERATION.replace(ID, r#""Id", "type": "i32""#);
    assert_eq!(
        lines(&between(&with, &[(PATH, &changed)])),
        ["breaking file removed", "breaking request Id: type `string` → `i32`"]
    );
}
