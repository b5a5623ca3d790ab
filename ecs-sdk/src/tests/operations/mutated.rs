//! Answers of all operations with anything in any place: read or refused, never a panic.

use proptest::{collection::vec, prelude::*, sample::Index, test_runner::RngSeed};
use serde_json::{Value, json};

use super::{Entry, Written, entries, sample};
use ecs_sdk_runtime::decode;

/// The same cases in every run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` look further.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let seed = if default.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { default.rng_seed };
    ProptestConfig { cases: default.cases * 8, rng_seed: seed, failure_persistence: None, ..default }
}

fn value() -> impl Strategy<Value = Value> {
    const TEXTS: [&str; 9] = ["", "true", "-1", "1e400", "[", "[\"a\", null]", "{}", "\u{fc},,", "99999999999"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(&TEXTS[..]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// What happens to a place of an answer.
#[derive(Debug, Clone)]
enum Change {
    Replace(Value),
    Wrap(String),
    List,
    Unwrap,
    Text,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        value().prop_map(Change::Replace),
        any::<String>().prop_map(Change::Wrap),
        Just(Change::List),
        Just(Change::Unwrap),
        Just(Change::Text),
    ]
}

impl Change {
    fn apply(self, place: &mut Value) {
        let before = place.take();
        *place = match self {
            Self::Replace(value) => value,
            Self::Wrap(name) => json!({name: before}),
            Self::List => json!([before, null, before]),
            Self::Unwrap => match before {
                Value::Array(mut list) if !list.is_empty() => list.remove(0),
                Value::Object(map) if !map.is_empty() => map.into_iter().next().map_or(Value::Null, |(_, value)| value),
                other => other,
            },
            Self::Text => json!(before.to_string()),
        };
    }
}

/// The nth value in a value, itself first; counts down to it.
fn nth<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(list) => list.iter_mut().find_map(|value| nth(value, left)),
        Value::Object(map) => map.values_mut().find_map(|value| nth(value, left)),
        _ => None,
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum::<usize>(),
        _ => 0,
    }
}

/// Reads a text. What is read is written as read, and printed; what is refused is told in short.
fn read(entry: &Entry, text: &[u8]) {
    let mut model = (entry.response)();
    match decode::from_slice(text, &mut *model) {
        Ok(()) => {
            let text = serde_json::to_string(&Written(&*model)).unwrap();
            let mut again = (entry.response)();
            decode::from_slice(text.as_bytes(), &mut *again).unwrap_or_else(|error| panic!("{text}: {error}"));
            // As text, not as `Value`: that widens numbers of single precision.
            assert_eq!(serde_json::to_string(&Written(&*again)).unwrap(), text);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn anything_in_any_place(which in any::<Index>(), changes in vec((any::<Index>(), change()), 1..4)) {
        let entries = entries();
        prop_assume!(!entries.is_empty());
        let entry = which.get(&entries);
        let mut answer = sample(entry, "response");
        for (place, change) in changes {
            let mut left = place.index(count(&answer));
            change.apply(nth(&mut answer, &mut left).unwrap());
        }
        read(entry, answer.to_string().as_bytes());
    }

    #[test]
    fn broken_text(which in any::<Index>(), from in any::<Index>(), length in 0..30usize, by in vec(any::<u8>(), 0..6)) {
        let entries = entries();
        prop_assume!(!entries.is_empty());
        let entry = which.get(&entries);
        let mut text = sample(entry, "response").to_string().into_bytes();
        let from = from.index(text.len());
        let to = (from + length).min(text.len());
        text.splice(from..to, by);
        read(entry, &text);
    }
}
