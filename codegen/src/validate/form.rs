//! The form of an example's request, encoded as the SDK does.

use serde_json::{Map, Value};

use crate::spec::{Field, Type};

/// Encodes requests from their JSON in wire names.
pub(super) struct Encoder<'e, 't> {
    /// Finds a type.
    pub(super) resolve: &'e dyn Fn(&str) -> Option<&'t Type>,
}

impl<'t> Encoder<'_, 't> {
    /// The percent-encoded form of a request, without the common parameters.
    pub(super) fn encode(&self, fields: &'t [Field], request: &Value) -> String {
        let mut pairs = Vec::new();
        self.members(fields, request, "", &mut pairs);
        let encoded = pairs.iter().map(|(key, value)| format!("{}={}", percent_encode(key), percent_encode(value)));
        encoded.collect::<Vec<_>>().join("&")
    }

    fn fields(&self, field: &Field) -> Option<&'t [Field]> {
        (self.resolve)(field.ty.name())?.fields.as_deref()
    }

    fn members(&self, fields: &'t [Field], object: &Value, prefix: &str, pairs: &mut Vec<(String, String)>) {
        for field in fields.iter().filter(|field| field.skip.is_none()) {
            let Some(value) = object.get(&field.name).filter(|value| !value.is_null()) else { continue };
            let key = if prefix.is_empty() { field.name.clone() } else { format!("{prefix}.{}", field.name) };
            if !(field.required && value.as_str() == Some("")) {
                self.member(field, value, &key, pairs);
            }
        }
    }

    fn member(&self, field: &Field, value: &Value, key: &str, pairs: &mut Vec<(String, String)>) {
        let elements = match value {
            Value::Array(list) => list.as_slice(),
            value => std::slice::from_ref(value),
        };
        match field.wire.as_deref() {
            Some("json") => pairs.push((key.to_owned(), self.json(field, value).to_string())),
            Some("comma") if elements.is_empty() => {}
            Some("comma") => {
                let strings: Vec<String> = elements.iter().map(|value| scalar(field, value)).collect();
                pairs.push((key.to_owned(), strings.join(",")));
            }
            _ if field.ty.is_list() => {
                for (index, element) in elements.iter().enumerate() {
                    self.element(field, element, &format!("{key}.{}", index + 1), pairs);
                }
            }
            _ => self.element(field, value, key, pairs),
        }
    }

    fn element(&self, field: &Field, value: &Value, key: &str, pairs: &mut Vec<(String, String)>) {
        match (self.fields(field), value) {
            (Some(fields), value) => self.members(fields, value, key, pairs),
            (None, Value::Object(map)) => {
                let mut names: Vec<&String> = map.keys().collect();
                names.sort();
                pairs.extend(names.into_iter().map(|name| (format!("{key}.{name}"), scalar(field, &map[name]))));
            }
            (None, value) => pairs.push((key.to_owned(), scalar(field, value))),
        }
    }

    /// A value as JSON, with the members of structs in their order.
    fn json(&self, field: &Field, value: &Value) -> Value {
        let one = |value: &Value| match (self.fields(field), value) {
            (Some(fields), Value::Object(object)) => {
                let given = fields.iter().filter(|field| field.skip.is_none());
                let given = given.filter_map(|field| {
                    let value = object.get(&field.name).filter(|value| !value.is_null())?;
                    Some((field.name.clone(), self.json(field, value)))
                });
                Value::Object(given.collect())
            }
            (None, Value::Object(map)) => {
                let mut entries: Vec<_> = map.clone().into_iter().collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(entries.into_iter().collect::<Map<_, _>>())
            }
            (_, value) => typed(field, value),
        };
        match value {
            Value::Array(list) => Value::Array(list.iter().map(one).collect()),
            value if field.ty.is_list() => Value::Array(vec![one(value)]),
            value => one(value),
        }
    }
}

/// A scalar with the type of its field: a number that is written as a string becomes a number.
fn typed(field: &Field, value: &Value) -> Value {
    let Some(text) = value.as_str() else {
        return match (field.ty.name(), value.as_f64()) {
            ("f32" | "f64", Some(number)) => Value::from(number),
            ("string", _) => Value::from(scalar(field, value)),
            _ => value.clone(),
        };
    };
    let parsed = match field.ty.name() {
        "bool" | "i32" | "i64" => serde_json::from_str(text).ok(),
        "f32" | "f64" => text.parse::<f64>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| value.clone())
}

/// A scalar as the value of a parameter.
fn scalar(field: &Field, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if matches!(field.ty.name(), "f32" | "f64") => {
            number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string())
        }
        value => value.to_string(),
    }
}

/// Encodes all bytes but letters, digits and `-_.~`.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
