//! Whether a default, an example or a typical value is a value of its field.

use fancy_regex::Regex;
use serde_json::Value;

use crate::spec::{self, Field};

/// Whether it is a value of a scalar type.
pub(crate) fn fits(ty: &str, value: &Value) -> bool {
    match ty {
        "string" => value.is_string(),
        "time" => value.as_str().and_then(spec::time_form).is_some(),
        "bool" => value.is_boolean(),
        "i32" => value.as_i64().is_some_and(|value| i32::try_from(value).is_ok()),
        "i64" => value.is_i64(),
        "f32" => value.as_f64().is_some_and(|value| value.abs() <= f64::from(f32::MAX)),
        "f64" => value.is_number(),
        "map" => value.as_object().is_some_and(|map| !map.is_empty() && map.values().all(Value::is_string)),
        _ => true,
    }
}

/// The limit that a scalar violates, if any, as a remedy.
pub(crate) fn violated_limit(field: &Field, value: &Value) -> Option<String> {
    let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    let limit = |limit: &Option<serde_json::Number>| limit.as_ref().and_then(serde_json::Number::as_f64);
    let length = value.as_str().map(|text| text.chars().count());
    let above =
        |value: Option<usize>, max: Option<u32>| value.zip(max).is_some_and(|(value, max)| value > max as usize);
    let below =
        |value: Option<usize>, min: Option<u32>| value.zip(min).is_some_and(|(value, min)| value < min as usize);
    if !field.values.is_empty() && !field.values.contains(value) {
        Some("use one of its `values`".to_owned())
    } else if limit(&field.min).zip(number).is_some_and(|(min, number)| number < min)
        || limit(&field.max).zip(number).is_some_and(|(max, number)| number > max)
    {
        Some("use a value between `min` and `max`".to_owned())
    } else if above(length, field.max_length) || below(length, field.min_length) {
        Some("use a value with `min_length` to `max_length` characters".to_owned())
    } else {
        let pattern = field.pattern.as_deref().and_then(|pattern| Regex::new(pattern).ok());
        let differs =
            pattern.zip(value.as_str()).is_some_and(|(pattern, text)| matches!(pattern.is_match(text), Ok(false)));
        differs.then(|| "use a value that matches `pattern`".to_owned())
    }
}
