//! Every operation, on samples in which every member has a value: requests encode and answers decode with nothing
//! lost, whatever the service makes of the types.

mod mutated;

use serde::Serialize;
use serde_json::{Map, Value, json};

use ecs_sdk_runtime::{
    Operation, decode, encode,
    form::Form,
    model::{self, Model},
};

/// An operation, without its types.
struct Entry {
    service: &'static str,
    operation: &'static str,
    request: fn() -> Box<dyn Model>,
    response: fn() -> Box<dyn Model>,
}

fn entry<R: Operation>(service: &'static str, operation: &'static str) -> Entry {
    assert_eq!((R::META.service.name, R::META.name), (service, operation));
    Entry { service, operation, request: || Box::new(R::default()), response: || Box::new(R::Response::default()) }
}

macro_rules! operations {
    (all; $($(#[$gate:meta])* $service:ident $wire:literal $module:ident::$request:ident,)*) => {
        fn entries() -> Vec<Entry> {
            vec![$(
                $(#[$gate])*
                entry::<crate::generated::$service::operation::$module::$request>(stringify!($service), $wire),
            )*]
        }
    };
}

include!("../generated/operations.rs");

/// A model as JSON.
struct Written<'a>(&'a dyn Model);

impl Serialize for Written<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        encode::serialize(self.0, serializer)
    }
}

fn written(model: &dyn Model) -> Value {
    serde_json::to_value(Written(model)).unwrap()
}

/// Reads a value, and checks that no member stays unread.
fn read(empty: fn() -> Box<dyn Model>, value: &Value, what: &str) -> Box<dyn Model> {
    let mut model = empty();
    let unread = decode::unread(value.to_string().as_bytes(), &mut *model);
    assert_eq!(unread.unwrap_or_else(|error| panic!("{what}: {error}")), [""; 0], "{what}");
    model
}

fn sample(entry: &Entry, part: &str) -> Value {
    let all: &'static Value = {
        static ALL: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
        ALL.get_or_init(|| serde_json::from_str(include_str!("../generated/samples.json")).unwrap())
    };
    all[entry.service][entry.operation][part].clone()
}

/// The value with every number and boolean as text.
fn as_texts(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => json!(value.to_string()),
        Value::Array(values) => values.iter().map(as_texts).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), as_texts(value))).collect(),
        value => value.clone(),
    }
}

/// The value with every member null.
fn as_nulls(value: &Value) -> Value {
    let members: Map<String, Value> =
        value.as_object().into_iter().flatten().map(|(name, _)| (name.clone(), Value::Null)).collect();
    Value::Object(members)
}

#[test]
fn answers_decode_with_nothing_lost() {
    for entry in entries() {
        let what = format!("{} {}", entry.service, entry.operation);
        let full = sample(&entry, "response");
        assert_eq!(written(&*read(entry.response, &full, &what)), full, "{what}");
        assert_eq!(written(&*read(entry.response, &as_texts(&full), &what)), full, "{what}: numbers as text");
        for empty in [json!({}), as_nulls(&full)] {
            assert_eq!(written(&*read(entry.response, &empty, &what)), json!({}), "{what}: {empty}");
        }
    }
}

#[test]
fn requests_encode_and_decode_with_nothing_lost() {
    for entry in entries() {
        let what = format!("{} {}", entry.service, entry.operation);
        let full = sample(&entry, "request");
        let request = read(entry.request, &full, &what);
        assert_eq!(written(&*request), full, "{what}");
        let (mut form, mut errors) = (Form::default(), encode::FormErrors::default());
        encode::form(&*request, &mut form, &mut errors);
        assert_eq!(errors.missing, [""; 0], "{what}");
        for name in full.as_object().into_iter().flatten().map(|(name, _)| name) {
            let there =
                |key: &str| key == name || key.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
            assert!(form.iter().any(|(key, _)| there(key)), "{what}: {name} is not sent");
        }
        // What is required is told when nothing is set.
        let (mut form, mut errors) = (Form::default(), encode::FormErrors::default());
        encode::form(&*(entry.request)(), &mut form, &mut errors);
        assert_eq!(errors.missing, model::table(&*(entry.request)()).required, "{what}");
    }
}

/// The value with every integer and every fraction replaced.
fn with_numbers(value: &Value, integer: i64, fraction: f64) -> Value {
    let inside = |value: &Value| with_numbers(value, integer, fraction);
    match value {
        Value::Number(number) if number.is_f64() => json!(fraction),
        Value::Number(_) => json!(integer),
        Value::Array(values) => values.iter().map(inside).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), inside(value))).collect(),
        value => value.clone(),
    }
}

/// One value above 2³¹ must not fail a response, and money must not lose its cents.
#[test]
fn responses_hold_large_integers_and_exact_fractions() {
    for entry in entries() {
        let what = format!("{} {}", entry.service, entry.operation);
        let full = with_numbers(&sample(&entry, "response"), 5_000_000_000, 168_306.57);
        assert_eq!(written(&*read(entry.response, &full, &what)), full, "{what}");
        assert_eq!(written(&*read(entry.response, &as_texts(&full), &what)), full, "{what}: numbers as text");
    }
}

/// The value with every number and boolean that is a member of a struct replaced.
fn with_scalars(value: &Value, other: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(|value| with_scalars(value, other)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let is_scalar = matches!(value, Value::Number(_) | Value::Bool(_));
                (name.clone(), if is_scalar { other.clone() } else { with_scalars(value, other) })
            })
            .collect(),
        value => value.clone(),
    }
}

/// One odd number or boolean must not cost a caller the rest of the response.
#[test]
fn unreadable_numbers_and_booleans_of_responses_are_absent() {
    for entry in entries() {
        let full = sample(&entry, "response");
        let expected = written(&*read(entry.response, &with_scalars(&full, &Value::Null), entry.operation));
        for odd in ["n/a", "-", "1,024", "50%", "2026-11-28"] {
            let what = format!("{} {} with {odd}", entry.service, entry.operation);
            let text = with_scalars(&full, &json!(odd)).to_string();
            let mut model = (entry.response)();
            decode::from_slice(text.as_bytes(), &mut *model).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(written(&*model), expected, "{what}");
        }
    }
}
