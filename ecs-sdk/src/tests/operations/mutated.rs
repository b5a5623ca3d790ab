//! Property tests: randomly changed responses of all operations are decoded or rejected, and never cause a panic.

use proptest::{collection::vec, prelude::*, sample::Index, test_runner::RngSeed};
use serde_json::{Value, json};

use super::{Entry, Serialized, entries, sample};
use ecs_sdk_runtime::decode;

/// Every run has the same cases. Set `PROPTEST_CASES` and `PROPTEST_RNG_SEED` to try others.
pub(super) fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let seed = if default.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { default.rng_seed };
    ProptestConfig { cases: default.cases * 8, rng_seed: seed, failure_persistence: None, ..default }
}

fn value() -> impl Strategy<Value = Value> {
    const STRINGS: [&str; 9] = ["", "true", "-1", "1e400", "[", "[\"a\", null]", "{}", "\u{fc},,", "99999999999"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(&STRINGS[..]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// A change to a value inside a response.
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

/// Returns the nth value inside a value, in depth-first order starting at 0 with the value itself. `left` is decreased
/// to 0.
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

/// Decodes JSON. If that succeeds, serializing and decoding the result again must not change it.
fn read(entry: &Entry, text: &[u8]) {
    let mut model = (entry.response)();
    match decode::from_slice(text, &mut *model) {
        Ok(_) => {
            let text = serde_json::to_string(&Serialized(&*model)).unwrap();
            let mut again = (entry.response)();
            decode::from_slice(text.as_bytes(), &mut *again).unwrap_or_else(|error| panic!("{text}: {error}"));
            // Compares strings, because a `Value` would convert single-precision numbers to double precision.
            assert_eq!(serde_json::to_string(&Serialized(&*again)).unwrap(), text);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn survives_changed_responses(which in any::<Index>(), changes in vec((any::<Index>(), change()), 1..4)) {
        let entries = entries();
        prop_assume!(!entries.is_empty());
        let entry = which.get(&entries);
        let mut response = sample(entry, "response");
        for (place, change) in changes {
            let mut left = place.index(count(&response));
            change.apply(nth(&mut response, &mut left).unwrap());
        }
        read(entry, response.to_string().as_bytes());
    }

    #[test]
    fn survives_invalid_json(which in any::<Index>(), from in any::<Index>(), length in 0..30usize, by in vec(any::<u8>(), 0..6)) {
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
