//! Removes facts from a member whose type or limits follow the API, if they no longer fit it.

use serde::Serialize;
use serde_json::{Number, Value};

use super::schema_facts::convert;
use super::shape::Direction;
use crate::spec::{Field, Type, time_form};
use crate::validate::{fits_scalar, is_undecided_batch, violated_limit};

/// Removes or converts the facts that do not fit the field, whose type is `ty` unless it is a scalar. Facts that `imported`
/// states are overridden, so that another import does not add them again. Returns a line about each change.
pub(super) fn fit(field: &mut Field, imported: &Field, ty: Option<&Type>, direction: Direction) -> Vec<String> {
    let mut fit = Fit { imported, lines: Vec::new(), overridden: Vec::new() };
    let name = field.ty.name().to_owned();
    let is_scalar = ty.is_none();
    let is_string = is_scalar && name == "string";
    let no_string = format!("the type is {name}");
    if !is_string {
        fit.remove("pattern", &mut field.pattern, &no_string);
        fit.remove("min_length", &mut field.min_length, &no_string);
        fit.remove("max_length", &mut field.max_length, &no_string);
        fit.remove("plain", &mut field.plain, &no_string);
    }
    if !is_string || field.ty.is_list() {
        let why = if field.ty.is_list() { "the member is a list" } else { &no_string };
        fit.remove("encoded_by", &mut field.encoded_by, why);
        fit.remove("max_bytes", &mut field.max_bytes, why);
        fit.unset("base64", &mut field.base64, why);
    }
    if !(is_scalar && matches!(name.as_str(), "i32" | "i64" | "f32" | "f64" | "string")) {
        fit.remove("min", &mut field.min, &no_string);
        fit.remove("max", &mut field.max, &no_string);
    }
    if name != "time" {
        fit.remove("time", &mut field.time, &no_string);
    }
    if !field.ty.is_list() {
        fit.remove("min_items", &mut field.min_items, "the member is not a list");
        fit.remove("max_items", &mut field.max_items, "the member is not a list");
    }
    fit.limits(field);
    let is_batch = field.ty.is_list() && name == "string" && field.max_items.is_some() && field.undivided.is_none();
    if field.batch && !is_batch {
        fit.unset("batch", &mut field.batch, "the member is not a limited list of strings");
    }
    let could_be_batch = is_undecided_batch(&Field { undivided: None, ..field.clone() });
    if field.undivided.is_some() && !could_be_batch {
        fit.remove("undivided", &mut field.undivided, "the member is not a limited list of IDs");
    }
    let unlimited = Field { values: Vec::new(), ..field.clone() };
    let is_allowed = |value: &Value| {
        is_scalar && name != "map" && fits_scalar(&name, value) && violated_limit(&unlimited, value).is_none()
    };
    let (kept, lost) = std::mem::take(&mut field.values).into_iter().partition(is_allowed);
    field.values = kept;
    for value in lost {
        fit.lines.push(format!("value {value} removed: it does not fit the type and the limits"));
    }
    let default = fit.value("default", field, field.default.clone(), ty);
    field.default = default;
    let example = fit.value("example", field, field.example.clone(), ty);
    field.example = example;
    if direction == Direction::Request && field.required {
        fit.remove("default", &mut field.default, "the member is required");
    }
    for fact in fit.overridden {
        let reason = "The API states it, but it contradicts the type, the limits or the use of the member.";
        field.decided.entry(fact).or_insert_with(|| reason.into());
    }
    fit.lines
}

struct Fit<'f> {
    imported: &'f Field,
    lines: Vec<String>,
    /// Removed facts that the API states.
    overridden: Vec<String>,
}

impl Fit<'_> {
    fn remove<T: Serialize>(&mut self, fact: &str, value: &mut Option<T>, why: &str) {
        let Some(value) = value.take() else { return };
        let value = serde_json::to_value(value).unwrap_or_default();
        self.lines.push(format!("{fact} {value} removed: {why}"));
        let stated = serde_json::to_value(self.imported).unwrap_or_default();
        if stated.get(fact).is_some_and(|stated| !stated.is_null()) && super::facts::DECIDABLE.contains(&fact) {
            self.overridden.push(fact.to_owned());
        }
    }

    fn unset(&mut self, fact: &str, flag: &mut bool, why: &str) {
        if std::mem::take(flag) {
            self.lines.push(format!("{fact} removed: {why}"));
        }
    }

    /// Removes the limit that the API does not state, of two that contradict each other.
    fn limits(&mut self, field: &mut Field) {
        let float = |limit: &Option<Number>| limit.as_ref().and_then(Number::as_f64);
        let imported = self.imported;
        if let (Some(min), Some(max)) = (float(&field.min), float(&field.max))
            && min > max
        {
            match imported.min.is_some() {
                true => self.remove("max", &mut field.max, "it is less than `min`"),
                false => self.remove("min", &mut field.min, "it is greater than `max`"),
            }
        }
        for (least, most, states_least, min, max) in [
            ("min_length", "max_length", imported.min_length.is_some(), &mut field.min_length, &mut field.max_length),
            ("min_items", "max_items", imported.min_items.is_some(), &mut field.min_items, &mut field.max_items),
        ] {
            if min.zip(*max).is_some_and(|(min, max)| min > max) {
                match states_least {
                    true => self.remove(most, max, &format!("it is less than `{least}`")),
                    false => self.remove(least, min, &format!("it is greater than `{most}`")),
                }
            }
        }
    }

    /// The value of a default or an example, converted to the type of the field. It is removed if it does not fit.
    fn value(&mut self, fact: &str, field: &Field, value: Option<Value>, ty: Option<&Type>) -> Option<Value> {
        let value = value?;
        if is_value(field, &value, ty) {
            return Some(value);
        }
        let converted = Some(&value).filter(|value| ty.is_none() && !value.is_array() && !field.ty.is_list());
        let converted = converted.and_then(|value| convert(value, field.ty.name()));
        if let Some(converted) = converted.filter(|converted| is_value(field, converted, ty)) {
            self.lines.push(format!("{fact} {value} → {converted}"));
            return Some(converted);
        }
        self.remove(fact, &mut Some(value), "it does not fit the type and the limits");
        None
    }
}

/// Whether a default or an example is a value of the field.
fn is_value(field: &Field, value: &Value, ty: Option<&Type>) -> bool {
    let elements = match value {
        Value::Array(elements) if field.ty.is_list() => elements.as_slice(),
        value => std::slice::from_ref(value),
    };
    let is_above = field.max_items.is_some_and(|max| elements.len() > max as usize);
    let is_below = value.is_array() && field.min_items.is_some_and(|min| elements.len() < min as usize);
    let form = field.time.as_deref().filter(|_| field.ty.name() == "time");
    let is_one = |value: &Value| match ty {
        Some(Type { values: Some(values), .. }) => value.as_str().is_some_and(|text| values.contains_key(text)),
        Some(Type { fields: Some(fields), .. }) => {
            value.as_object().is_some_and(|map| map.keys().all(|key| fields.iter().any(|field| field.name == *key)))
        }
        _ => {
            fits_scalar(field.ty.name(), value)
                && violated_limit(field, value).is_none()
                && (form.is_none() || value.as_str().and_then(time_form) == form)
        }
    };
    !(field.ty.is_list() && (is_above || is_below)) && elements.iter().all(is_one)
}
