//! Any content of a spec file produces source or mistakes with positions, and never a panic.
//!
//! The cases are the same in every run. `PROPTEST_CASES=100000 PROPTEST_RNG_SEED=7 cargo test -p ecs-codegen --test
//! robustness` tries more cases.

use std::path::Path;

use ecs_codegen::{Source, load};
use proptest::{collection::vec, prelude::*, sample::Index, test_runner::RngSeed};
use serde_json::{Value, json};

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let seed = if default.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { default.rng_seed };
    ProptestConfig { rng_seed: seed, failure_persistence: None, ..default }
}

/// Specs with every kind of member.
fn specs() -> Vec<Source> {
    load::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/specs")).unwrap()
}

/// Reads specs as `cargo xtask codegen` does. Each mistake must have a position and a remedy.
fn read(sources: Vec<Source>) {
    if let Err(mistakes) = ecs_codegen::generate(sources) {
        let shown = mistakes.to_string();
        assert_eq!(
            shown.lines().filter(|line| line.trim_start().starts_with("┌─ specs/")).count(),
            mistakes.list().len()
        );
        for mistake in mistakes.list() {
            assert!(!mistake.message.is_empty() && !mistake.help.is_empty(), "{mistake:?}");
        }
    }
}

/// The specs with the contents of one file replaced.
fn with(file: usize, text: impl FnOnce(&str) -> String) -> Vec<Source> {
    let mut sources = specs();
    let count = sources.len();
    let source = &mut sources[file % count];
    source.text = text(&source.text);
    sources
}

/// An arbitrary value, often with words that occur in spec files.
fn value() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 22] = [
        "",
        "string",
        "i32",
        "f64",
        "bool",
        "map",
        "repeat",
        "json",
        "comma",
        "list",
        "wrapped:Item",
        "wrapped:",
        "Tag",
        "Self",
        "token",
        "NextToken",
        "Filter.1",
        "RequestId",
        "crate",
        "1",
        "A\u{0}\u{fc}",
        "Names are given here.",
    ];
    const KEYS: [&str; 16] = [
        "name",
        "type",
        "wire",
        "doc",
        "fields",
        "enum",
        "request",
        "response",
        "types",
        "pagination",
        "waiters",
        "style",
        "required",
        "examples",
        "operation",
        "Any",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(&WORDS[..]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = || prop_oneof![4 => proptest::sample::select(&KEYS[..]).prop_map(str::to_owned), 1 => any::<String>()];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key(), inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// The number of values in a value, including itself.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum::<usize>(),
        _ => 0,
    }
}

/// Replaces the nth value in a value. 0 is the value itself.
fn replace(value: &mut Value, mut nth: usize, by: Value) {
    if nth == 0 {
        *value = by;
        return;
    }
    nth -= 1;
    let inner: Vec<&mut Value> = match value {
        Value::Array(list) => list.iter_mut().collect(),
        Value::Object(map) => map.values_mut().collect(),
        _ => return,
    };
    for inner in inner {
        let size = count(inner);
        if nth < size {
            return replace(inner, nth, by);
        }
        nth -= size;
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn replaced_values_do_not_cause_panics(file in any::<Index>(), places in vec((any::<Index>(), value()), 1..3)) {
        read(with(file.index(1000), |text| {
            let mut spec: Value = serde_json::from_str(text).unwrap();
            for (place, by) in places {
                let place = place.index(count(&spec));
                replace(&mut spec, place, by);
            }
            serde_json::to_string_pretty(&spec).unwrap()
        }));
    }

    #[test]
    fn corrupted_files_do_not_cause_panics(file in any::<Index>(), from in any::<Index>(), length in 0..40usize, by in "[\\[\\]{}\",:0-9a-z\\\\ü\n]{0,6}") {
        read(with(file.index(1000), |text| {
            let mut characters: Vec<char> = text.chars().collect();
            let from = from.index(characters.len());
            let to = (from + length).min(characters.len());
            characters.splice(from..to, by.chars());
            characters.into_iter().collect()
        }));
    }

    #[test]
    fn arbitrary_content_does_not_cause_panics(value in value(), text in any::<String>(), name in "[a-zA-Z./]{0,12}") {
        for path in ["ecs/service.json", "ecs/types.json", "ecs/glossary.json", "ecs/names/Clone.json", &name] {
            for text in [value.to_string(), text.clone()] {
                read(vec![Source { path: path.to_owned(), text }]);
            }
        }
    }
}

#[test]
fn deep_nesting_is_invalid_json() {
    const DEPTH: usize = 100_000;
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"doc\": [", "]}")] {
        for text in [open.repeat(DEPTH), format!("{}1{}", open.repeat(DEPTH), close.repeat(DEPTH))] {
            for path in ["ecs/service.json", "ecs/types.json", "ecs/glossary.json", "ecs/names/Clone.json"] {
                let source = Source { path: path.to_owned(), text: text.clone() };
                let mistakes = load::from_files(vec![source]).unwrap_err();
                assert_eq!(mistakes.list().len(), 1);
                assert_eq!(mistakes.list()[0].message, "invalid JSON: the values are nested more than 127 levels deep");
            }
        }
    }
}

#[test]
fn nesting_up_to_the_limit_is_read() {
    let list = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let types = json!({"A": {"doc": "One of them."}}).to_string();
    let text = types.replace("\"One of them.\"", &list(120));
    read(vec![Source { path: "ecs/types.json".to_owned(), text }]);
}

#[test]
fn large_files_have_a_limited_number_of_mistakes() {
    for text in [
        format!("[{}]", vec!["null"; 100_000].join(",")),
        json!({"operation": "A", "response": vec![json!({}); 2_000]}).to_string(),
        json!({"operation": "A", "doc": "x".repeat(1_000_000)}).to_string(),
    ] {
        let path = "ecs/names/Clone.json".to_owned();
        let mistakes = load::from_files(vec![Source { path, text }]).unwrap_err();
        assert!(mistakes.list().len() <= 200, "{}", mistakes.list().len());
    }
}
