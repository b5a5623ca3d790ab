//! Rules about examples: the request is encoded as the form, and the response is decoded without loss.

use serde_json::{Map, Value};

use super::{Checker, form::Encoder};
use crate::{
    rules,
    spec::{Example, Field, Operation},
    suggest::remedy,
};

impl<'a> Checker<'a> {
    /// Checks the examples of an operation.
    pub(super) fn examples(&mut self, operation: &'a Operation) {
        for (index, example) in operation.examples.iter().enumerate() {
            let at = format!("examples.{index}");
            let before = self.found.len();
            self.example_request(operation, &format!("{at}.request"), example);
            // The form of a request with mistakes would only repeat them.
            if self.found.len() == before && !self.tree.gaps.types {
                self.example_form(operation, &format!("{at}.form"), example);
            }
            if let Some(response) = &example.response {
                self.example_response(operation, &format!("{at}.response"), response);
            }
        }
    }

    fn example_request(&mut self, operation: &'a Operation, at: &str, example: &Example) {
        let Some(request) = example.request.as_object() else {
            let message = "the request of the example is not an object".to_owned();
            self.mistake(&rules::EXAMPLE, &operation.path, at, message, "write it as { \"Name\": value }");
            return;
        };
        self.example_members(operation, at, &operation.request, request, "a parameter of");
    }

    fn example_form(&mut self, operation: &'a Operation, at: &str, example: &Example) {
        let resolve = |name: &str| self.resolve(name, Some(operation));
        let encoded = Encoder { resolve: &resolve }.encode(&operation.request, &example.request);
        if encoded == example.form {
            return;
        }
        let difference =
            encoded.split('&').zip(example.form.split('&')).find(|(encoded, form)| encoded != form && !form.is_empty());
        let message = match difference {
            Some((encoded, form)) => {
                format!("the request of the example is encoded with `{encoded}`, not with `{form}`")
            }
            None if encoded.len() > example.form.len() => {
                let rest = encoded[example.form.len()..].trim_start_matches('&');
                format!("the form of the example lacks `{rest}`")
            }
            None => {
                let rest = example.form[encoded.len()..].trim_start_matches('&');
                format!("the form of the example has `{rest}`, which the request does not")
            }
        };
        let help = format!("correct the request or the types, or write \"form\": {}", Value::from(encoded));
        self.mistake(&rules::EXAMPLE, &operation.path, at, message, help);
    }

    fn example_response(&mut self, operation: &'a Operation, at: &str, response: &Value) {
        let Some(response) = response.as_object() else {
            let message = "the response of the example is not an object".to_owned();
            self.mistake(&rules::EXAMPLE, &operation.path, at, message, "write the body of a response");
            return;
        };
        let known = operation.response.iter().any(|field| field.name == "RequestId");
        let mut response = response.clone();
        if !known {
            response.shift_remove("RequestId");
        }
        self.example_members(operation, at, &operation.response, &response, "a field of the response of");
    }

    /// Checks that an object has only known members, with values of their types.
    fn example_members(
        &mut self,
        operation: &'a Operation,
        at: &str,
        fields: &'a [Field],
        object: &Map<String, Value>,
        what: &str,
    ) {
        for (name, value) in object {
            let at = format!("{at}.{name}");
            match fields.iter().find(|field| field.name == *name) {
                Some(Field { skip: None, .. }) if value.is_null() || value.as_str() == Some("") => {}
                Some(field) if field.skip.is_none() => self.example_field(operation, &at, field, value),
                Some(_) => {
                    let message = format!("the example sets `{name}`, which the SDK leaves out");
                    self.mistake(
                        &rules::EXAMPLE,
                        &operation.path,
                        &format!("{at}#"),
                        message,
                        "remove it here, or `skip` there",
                    );
                }
                None => {
                    let known: Vec<&String> = fields.iter().map(|field| &field.name).collect();
                    let message = format!("the example sets `{name}`, which is not {what} {}", operation.operation);
                    let help = remedy(name, &known, "add it to the spec, or remove it here");
                    self.mistake(&rules::EXAMPLE, &operation.path, &format!("{at}#"), message, help);
                }
            }
        }
    }

    fn example_field(&mut self, operation: &'a Operation, at: &str, field: &'a Field, value: &Value) {
        if !field.ty.is_list() {
            return self.example_value(operation, at, field, value);
        }
        // Lists may come without their wrapper, in one with another name, or as their only element.
        let (at, list) = match (field.wire.as_deref().and_then(|wire| wire.strip_prefix("wrapped:")), value) {
            (Some(item), Value::Object(map))
                if map.len() == 1 && (map.contains_key(item) || map.values().all(Value::is_array)) =>
            {
                let (name, inner) = map.iter().next().unwrap_or((&field.name, value));
                (format!("{at}.{name}"), inner)
            }
            (Some(_), Value::Object(map)) if map.is_empty() => return,
            _ => (at.to_owned(), value),
        };
        match list {
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate().filter(|(_, element)| !element.is_null()) {
                    self.example_value(operation, &format!("{at}.{index}"), field, element);
                }
            }
            element if element.is_null() || element.as_str() == Some("") => {}
            element => self.example_value(operation, &at, field, element),
        }
    }

    fn example_value(&mut self, operation: &'a Operation, at: &str, field: &'a Field, value: &Value) {
        let ty = field.ty.name();
        let members = self.members_of(operation, field);
        if !members.is_empty() {
            match value {
                Value::Object(object) => {
                    return self.example_members(operation, at, members, object, &format!("a member of `{ty}` in"));
                }
                Value::String(_) if members.iter().any(|member| member.ty.name() == "string") => return,
                _ => {}
            }
        } else if is_readable(ty, value) {
            return;
        }
        let message = format!("the example sets `{}` to {}, which is not of type `{ty}`", field.name, shortened(value));
        let help = "correct the value, or the type of the field";
        self.mistake(&rules::EXAMPLE, &operation.path, at, message, help);
    }
}

/// Whether the SDK reads a value of a response as a scalar without loss.
fn is_readable(ty: &str, value: &Value) -> bool {
    let text = value.as_str().map(str::trim);
    match (ty, value) {
        ("map", Value::Object(_)) => true,
        ("map", _) | (_, Value::Array(_) | Value::Object(_)) => false,
        ("bool", _) => {
            value.is_boolean() || text.is_some_and(|text| ["true", "false"].contains(&&*text.to_lowercase()))
        }
        ("i32" | "i64", _) => {
            let number = value.as_i64().or_else(|| text?.parse().ok());
            number.is_some_and(|number| ty == "i64" || i32::try_from(number).is_ok())
        }
        ("f32" | "f64", _) => value.is_number() || text.is_some_and(|text| text.parse::<f64>().is_ok()),
        ("time", _) => value.is_string() || value.is_number(),
        _ => true,
    }
}

/// A value as it is shown in messages.
fn shortened(value: &Value) -> String {
    const SHOWN: usize = 40;
    let text = value.to_string();
    if text.chars().count() <= SHOWN {
        return format!("`{text}`");
    }
    format!("`{}…`", text.chars().take(SHOWN).collect::<String>())
}
