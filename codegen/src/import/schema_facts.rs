//! Reads the facts of a schema: limits, defaults, values and formats of times.

use serde_json::{Number, Value};

use super::api::Schema;
use super::member::Shape;
use crate::spec::{Field, TIME_FORMS, is_time_name, time_form};
use crate::validate::{is_invisible, visible};

/// Copies the facts of a schema that the field does not have yet.
pub(super) fn copy_facts(field: &mut Field, schema: &Schema) {
    let count = |value: &Option<Value>| value.as_ref().and_then(to_count);
    let is_number = matches!(schema.kind(), "integer" | "number");
    if is_number {
        field.min = field.min.take().or_else(|| bound(schema, &schema.minimum, &schema.exclusive_minimum, 1));
        field.max = field.max.take().or_else(|| bound(schema, &schema.maximum, &schema.exclusive_maximum, -1));
    }
    field.min_items = field.min_items.or(count(&schema.min_items));
    field.max_items = field.max_items.or(count(&schema.max_items).filter(|items| *items > 0));
    field.min_length = field.min_length.or(count(&schema.min_length).filter(|length| *length > 0));
    field.max_length = field.max_length.or(count(&schema.max_length).filter(|length| *length > 0));
    field.pattern = field.pattern.take().or_else(|| schema.pattern.clone().filter(|pattern| !pattern.is_empty()));
    field.time = field.time.take().or_else(|| time_pattern(schema));
    field.base64 |= schema.base64 && schema.values.is_empty();
    field.deprecated |= schema.deprecated;
    field.replaced_by = field.replaced_by.take().or_else(|| schema.replaced_by.clone());
    field.visibility = field.visibility.or(schema.visibility);
}

/// A limit of a number. The limits of specs are inclusive, so an exclusive limit of integers is moved `inward` by one, and
/// that of fractions is the limit itself. Exclusive limits are published as a number, or as a flag beside the inclusive one.
fn bound(schema: &Schema, inclusive: &Option<Value>, exclusive: &Option<Value>, inward: i64) -> Option<Number> {
    let flag = |value: &Value| value.as_bool().or_else(|| value.as_str()?.parse().ok());
    let (value, is_exclusive) = match exclusive {
        Some(value) if flag(value).is_some() => (inclusive.as_ref(), flag(value) == Some(true)),
        Some(value) if number(value).is_some() => (Some(value), true),
        _ => (inclusive.as_ref(), false),
    };
    let limit = limit(schema, value)?;
    match limit.as_i64() {
        Some(limit) if is_exclusive && schema.kind() == "integer" => limit.checked_add(inward).map(Number::from),
        _ => Some(limit),
    }
}

fn limit(schema: &Schema, value: Option<&Value>) -> Option<Number> {
    number(value?).filter(|number| schema.kind() != "integer" || !number.is_f64())
}

/// Whether a fact of an integer does not fit into 32 bits.
pub(super) fn exceeds_i32(schema: &Schema) -> bool {
    let facts = [&schema.minimum, &schema.maximum, &schema.default].into_iter().flatten().chain(&schema.values);
    let exceeds = |number: Number| number.as_i64().is_none_or(|number| i32::try_from(number).is_err());
    schema.kind() == "integer" && facts.filter_map(number).any(|number| !number.is_f64() && exceeds(number))
}

fn to_count(value: &Value) -> Option<u32> {
    number(value)?.as_u64().and_then(|count| u32::try_from(count).ok())
}

/// A published number, also one in a string. Whole numbers have no fraction, as in specs.
pub(super) fn number(value: &Value) -> Option<Number> {
    let number = match value {
        Value::Number(number) => number.clone(),
        Value::String(text) => {
            let text = text.trim();
            text.parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.parse().ok()?))?
        }
        _ => return None,
    };
    let float = number.as_f64().filter(|_| number.is_f64());
    // Integers beyond 2^53 are never written as floats.
    let whole = float.filter(|float| float.fract() == 0.0 && float.abs() < 9e15);
    Some(whole.map_or(number, |whole| Number::from(whole as i64)))
}

/// Whether a published default or limit is more than an empty one.
pub(super) fn states_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A listed value as a string, or why it is left out. `others` are the values before it.
pub(super) fn listed(value: &Value, others: &[String]) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        other => return Err(format!("value {other} is left out: it is not a string, a number or a Boolean")),
    };
    if text.is_empty() {
        return Err("the empty value is left out".to_owned());
    }
    if text.contains(is_invisible) {
        return Err(format!("value `{}` contains an invisible character", visible(&text)));
    }
    match others.iter().find(|other| **other != text && other.eq_ignore_ascii_case(&text)) {
        Some(other) => Err(in_other_case(&text, other)),
        None => Ok(text),
    }
}

/// Describes a value that is left out, because an enum has it in another letter case.
pub(super) fn in_other_case(value: &str, other: &str) -> String {
    format!("value `{value}` is left out: it differs from `{other}` in letter case only")
}

/// The default, converted to the type of the field if possible.
pub(super) fn default(value: &Value, shape: &Shape, wire: Option<&str>) -> Option<Value> {
    let builtin = match shape {
        Shape::Builtin("map") | Shape::Struct(_) => return None,
        Shape::Builtin(builtin) => builtin,
        Shape::Enum(_) => "string",
    };
    let elements = match (wire, value) {
        (None, _) => return convert(value, builtin),
        (Some(_), Value::Array(elements)) => elements.clone(),
        (Some(wire), Value::String(text)) if wire == "json" || text.trim_start().starts_with('[') => {
            serde_json::from_str::<Vec<Value>>(text).ok()?
        }
        (Some("comma"), Value::String(text)) => text.split(',').map(Value::from).collect(),
        (Some(_), value) => vec![value.clone()],
    };
    let converted: Vec<Value> = elements.iter().filter_map(|element| convert(element, builtin)).collect();
    (!converted.is_empty()).then_some(Value::Array(converted))
}

pub(super) fn convert(value: &Value, builtin: &str) -> Option<Value> {
    match builtin {
        "bool" => match value {
            Value::Bool(_) => Some(value.clone()),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok().map(Value::Bool),
            _ => None,
        },
        "i32" => number(value)?.as_i64().filter(|n| i32::try_from(*n).is_ok()).map(Value::from),
        "i64" => number(value)?.as_i64().map(Value::from),
        "f32" | "f64" => number(value).map(Value::Number),
        _ => match value {
            Value::String(text) if text.is_empty() => None,
            Value::String(_) => Some(value.clone()),
            Value::Bool(_) | Value::Number(_) => Some(Value::String(value.to_string())),
            _ => None,
        },
    }
}

/// Whether a string is a point in time. Its documented form decides, or else its name. An example that is not a time rules
/// it out.
pub(super) fn is_time(name: &str, schema: &Schema) -> bool {
    let example = example(schema);
    let by_name = || is_time_name(name) && (example.is_empty() || time_form(&example).is_some());
    time_pattern(schema).is_some() || schema.time_pattern.is_none() && by_name()
}

/// The form of a time: that of the example, since examples come from real responses, or else the documented one if it has
/// a date and hours as `HH` or `hh`. Published files also state forms for members that are not times; their examples do
/// not start with a digit.
fn time_pattern(schema: &Schema) -> Option<String> {
    let pattern = schema.time_pattern.as_ref()?;
    let example = example(schema);
    if !example.is_empty() && !example.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let pattern = pattern.replace("YYYY-MM-DD", "yyyy-MM-dd").replace("Thh", "THH");
    let form = time_form(&example).or_else(|| TIME_FORMS.into_iter().find(|form| *form == pattern));
    form.map(str::to_owned)
}

/// The published example as a string; empty if there is none.
pub(super) fn example(schema: &Schema) -> String {
    match &schema.example {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// The form of the published example of a time.
pub(super) fn form_of_example(schema: &Schema) -> Option<String> {
    time_form(&example(schema)).map(str::to_owned)
}

/// Whether the value is listed, regardless of letter case.
pub(super) fn contains_ignoring_case(values: &[String], text: &str) -> bool {
    values.iter().any(|value| value.eq_ignore_ascii_case(text))
}

/// Limits that [`copy_facts`] cannot read.
pub(super) fn unreadable(schema: &Schema) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, limit) in [("minimum", &schema.minimum), ("maximum", &schema.maximum)] {
        let Some(limit) = limit.as_ref().filter(|limit| states_something(limit)) else { continue };
        match schema.kind() {
            "integer" | "number" if number(limit).is_some() => {}
            "integer" | "number" => lines.push(format!("`{name}` {limit} is not a number")),
            kind => lines.push(format!("`{name}` {limit} of a member of the type `{kind}`")),
        }
    }
    for (name, count) in [
        ("minItems", &schema.min_items),
        ("maxItems", &schema.max_items),
        ("minLength", &schema.min_length),
        ("maxLength", &schema.max_length),
    ] {
        let Some(count) = count.as_ref().filter(|count| states_something(count)) else { continue };
        match to_count(count) {
            Some(0) if name.starts_with("max") => lines.push(format!("`{name}` {count} allows no value")),
            Some(_) => {}
            None => lines.push(format!("`{name}` {count} is not a count")),
        }
    }
    lines
}
