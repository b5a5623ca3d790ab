//! Tests of every operation, with samples in which every member has a value: requests are encoded and responses are
//! decoded completely, even if the service deviates from the documented types.

mod forms;
mod mutated;

use serde::Serialize;
use serde_json::{Map, Value, json};

use ecs_sdk_runtime::{
    Operation, decode, encode,
    form::Form,
    model::{self, Model},
};

/// An operation with erased types.
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

/// Serializes a model as JSON.
struct Serialized<'a>(&'a dyn Model);

impl Serialize for Serialized<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        encode::serialize(self.0, serializer)
    }
}

fn to_json(model: &dyn Model) -> Value {
    serde_json::to_value(Serialized(model)).unwrap()
}

/// Decodes a value, and asserts that every member is read.
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

/// Returns the value with all numbers and booleans as strings.
fn as_strings(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => json!(value.to_string()),
        Value::Array(values) => values.iter().map(as_strings).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), as_strings(value))).collect(),
        value => value.clone(),
    }
}

/// Returns the value with all members `null`.
fn as_nulls(value: &Value) -> Value {
    let members: Map<String, Value> =
        value.as_object().into_iter().flatten().map(|(name, _)| (name.clone(), Value::Null)).collect();
    Value::Object(members)
}

#[test]
fn responses_are_decoded_completely() {
    for entry in entries() {
        let what = format!("{} {}", entry.service, entry.operation);
        let full = sample(&entry, "response");
        assert_eq!(to_json(&*read(entry.response, &full, &what)), full, "{what}");
        assert_eq!(to_json(&*read(entry.response, &as_strings(&full), &what)), full, "{what}: numbers as strings");
        for empty in [json!({}), as_nulls(&full)] {
            assert_eq!(to_json(&*read(entry.response, &empty, &what)), json!({}), "{what}: {empty}");
        }
    }
}

#[test]
fn requests_are_encoded_and_decoded_completely() {
    for entry in entries() {
        let what = format!("{} {}", entry.service, entry.operation);
        let full = sample(&entry, "request");
        let request = read(entry.request, &full, &what);
        assert_eq!(to_json(&*request), full, "{what}");
        let (mut form, mut errors) = (Form::default(), encode::FormErrors::default());
        encode::form(&*request, &mut form, &mut errors);
        assert_eq!(errors.missing, [""; 0], "{what}");
        for name in full.as_object().into_iter().flatten().map(|(name, _)| name) {
            let is_sent =
                |key: &str| key == name || key.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
            assert!(form.iter().any(|(key, _)| is_sent(key)), "{what}: {name} is not sent");
        }
        // If nothing is set, all required members are reported as missing.
        let (mut form, mut errors) = (Form::default(), encode::FormErrors::default());
        encode::form(&*(entry.request)(), &mut form, &mut errors);
        assert_eq!(errors.missing, model::table(&*(entry.request)()).required, "{what}");
    }
}

/// Returns the value with all integers and fractions replaced.
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

/// A value above 2³¹ must not make a response undecodable, and prices must be exact.
#[test]
fn responses_hold_large_integers_and_exact_fractions() {
    for entry in entries() {
        let what = format!("{} {}", entry.service, entry.operation);
        let full = with_numbers(&sample(&entry, "response"), 5_000_000_000, 168_306.57);
        assert_eq!(to_json(&*read(entry.response, &full, &what)), full, "{what}");
        assert_eq!(to_json(&*read(entry.response, &as_strings(&full), &what)), full, "{what}: numbers as strings");
    }
}

/// Returns the value with all numbers and booleans that are members of a struct replaced.
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

/// One invalid number or boolean must not make the rest of the response undecodable.
#[test]
fn unreadable_numbers_and_booleans_of_responses_are_absent() {
    for entry in entries() {
        let full = sample(&entry, "response");
        let expected = to_json(&*read(entry.response, &with_scalars(&full, &Value::Null), entry.operation));
        for invalid in ["n/a", "-", "1,024", "50%", "2026-11-28"] {
            let what = format!("{} {} with {invalid}", entry.service, entry.operation);
            let text = with_scalars(&full, &json!(invalid)).to_string();
            let mut model = (entry.response)();
            decode::from_slice(text.as_bytes(), &mut *model).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(to_json(&*model), expected, "{what}");
        }
    }
}
