//! Reports of `spec diff`: keys that are not compared, and comments of many changes.

use ecs_codegen::diff::{Format, Report, Side, diff};
use serde_json::{Value, json};

const PATH: &str = "specs/ecs/things/StopThing.json";

/// An operation with an unknown key in line 3.
const OPERATION: &str = r#"{
  "operation": "StopThing", "family": "things", "doc": "Stops a thing.",
  "request": [{ "name": "Id", "type": "string", "color": "red" }]
}"#;

fn report(old: &[(&str, &str)], new: &[(&str, &str)]) -> Report {
    let tree = |files: &[(&str, &str)]| -> Vec<(String, String)> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    };
    Report::new(diff(&tree(old), &tree(new)).unwrap(), "main", None, None)
}

#[test]
fn unknown_keys_are_listed_with_file_and_line() {
    let changed = OPERATION.replace("red", "blue");
    let found = report(&[(PATH, OPERATION)], &[(PATH, &changed)]);
    let expected = format!("{PATH}:3: the unknown key `request.0.color` is not compared\nno changes\n");
    assert_eq!(found.render(Format::Text), expected);
    assert!(
        found.render(Format::Markdown).ends_with(&format!("not compared\n\n- `request.0.color` (`{PATH}:3`)\n")),
        "{}",
        found.render(Format::Markdown)
    );
    let written: Value = serde_json::from_str(&found.render(Format::Json)).unwrap();
    assert_eq!(written["unknown_keys"], json!([{ "side": "new", "file": PATH, "line": 3, "key": "request.0.color" }]));
    // The same text on both sides, and a key that is gone.
    assert_eq!(report(&[(PATH, OPERATION)], &[(PATH, OPERATION)]).render(Format::Text), expected);
    let gone = report(&[(PATH, OPERATION)], &[(PATH, &OPERATION.replace(r#", "color": "red""#, ""))]);
    assert_eq!(gone.unknown_keys[0].side, Side::Old);
    assert!(gone.render(Format::Text).starts_with(&format!("main:{PATH}:3: ")), "{}", gone.render(Format::Text));
    let known = OPERATION.replace("color", "example");
    assert_eq!(report(&[(PATH, &known)], &[(PATH, &known)]).unknown_keys, []);
}

#[test]
fn unknown_keys_of_all_files_are_found() {
    let files = [
        ("specs/rpc.json", r#"{ "parameters": {}, "extra": 1 }"#),
        ("specs/ecs/service.json", r#"{ "service": "ecs", "extra": 1 }"#),
        ("specs/ecs/types.json", r#"{ "Tag": { "doc": "A tag.", "fields": [], "extra": 1 } }"#),
        (PATH, OPERATION),
    ];
    let keys: Vec<String> = report(&files, &files).unknown_keys.into_iter().map(|one| one.key).collect();
    assert_eq!(keys, ["extra", "request.0.color", "Tag.extra", "extra"]);
}

#[test]
fn many_unknown_keys_are_counted() {
    let keys: Vec<String> = (0..25).map(|index| format!(r#""key{index}": 1"#)).collect();
    let text = OPERATION.replace(r#""color": "red""#, &keys.join(", "));
    let shown = report(&[(PATH, &text)], &[(PATH, &text)]).render(Format::Text);
    assert_eq!(shown.lines().count(), 12, "{shown}");
    assert!(
        shown.ends_with(
            "`request.0.key9` is not compared\n15 more unknown keys; `--format json` lists all\nno changes\n"
        ),
        "{shown}"
    );
}

/// A report with `removed` breaking changes and `added` additive ones, in several operations, the additive ones first.
fn many(removed: usize, added: usize) -> Report {
    let operation = |name: &str, fields: usize| {
        let fields = (0..fields).map(|index| format!(r#"{{ "name": "Member{index}", "type": "string" }}"#));
        let fields: Vec<String> = fields.collect();
        let text = format!(
            r#"{{ "operation": "{name}", "family": "things", "doc": "Stops things.", "request": [{}] }}"#,
            fields.join(", ")
        );
        (format!("specs/ecs/things/{name}.json"), text)
    };
    let [less, more, none] = [operation("StopThing", removed), operation("AddThing", added), operation("AddThing", 0)];
    let old = vec![less, none];
    let new = vec![operation("StopThing", 0), more];
    Report::new(diff(&old, &new).unwrap(), "main", Some("next"), None)
}

#[test]
fn a_comment_that_would_be_too_long_is_cut_with_breaking_changes_first() {
    let found = many(20, 900);
    let text = found.render(Format::Markdown);
    let length = text.chars().count();
    assert!((60_000..=65_536).contains(&length), "{length}");
    let items: Vec<&str> = text.lines().filter(|line| line.starts_with("- ")).collect();
    assert!(items[..20].iter().all(|line| line.starts_with("- **breaking**")), "{}", items[..20].join("\n"));
    assert!(items[20..].iter().all(|line| line.starts_with("- additive")));
    let left = 920 - items.len();
    let end = format!(
        "\n**{left} of 920 changes are left out ({left} additive), because comments are limited to 65536 characters; \
         `cargo xtask spec diff main next` lists all of them.**\n"
    );
    assert!(left > 0 && text.ends_with(&end), "{}", &text[text.len() - 300..]);
    // Only breaking ones are more than fit.
    let text = many(900, 20).render(Format::Markdown);
    assert!(text.chars().count() <= 65_536 && text.contains(" breaking, 20 additive), because"), "{text}");
}

#[test]
fn a_comment_that_fits_has_all_changes_by_place() {
    let text = many(20, 100).render(Format::Markdown);
    assert!(!text.contains("left out"), "{text}");
    let first = text.lines().find(|line| line.starts_with("- ")).unwrap();
    assert!(first.starts_with("- additive"), "{first}");
    // Other formats are never cut.
    let found = many(20, 900);
    assert_eq!(found.render(Format::Text).matches("\n  additive ").count(), 900);
}

#[test]
fn characters_that_nobody_can_see_are_escaped() {
    let changed = OPERATION.replace("Stops a thing.", "Stops\u{200b} a\u{202e} thing\u{feff}.");
    let found = report(&[(PATH, OPERATION)], &[(PATH, &changed)]);
    for format in [Format::Text, Format::Markdown] {
        let shown = found.render(format);
        assert!(shown.contains("u{200b}") && shown.contains("u{202e}") && shown.contains("u{feff}"), "{shown}");
        assert!(!shown.contains(['\u{200b}', '\u{202e}', '\u{feff}']), "{shown}");
    }
}
