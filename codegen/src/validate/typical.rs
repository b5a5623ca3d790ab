//! Rules about the typical request of an operation, which its documented example sends.

use serde_json::Value;

use super::{
    Checker,
    values::{fits, violated_limit},
};
use crate::{
    rules,
    spec::{self, Field, Operation},
    suggest::{list, remedy},
};

impl<'a> Checker<'a> {
    /// Checks the values of the typical request, and the waiter that comes after it.
    pub(super) fn typical(&mut self, operation: &'a Operation) {
        let file = operation.path.as_str();
        let fields = operation.request.as_slice();
        for (name, value) in &operation.typical {
            self.member(operation, fields, &format!("typical.{name}"), name, value);
        }
        let set = |field: &&Field| field.example.is_some() || operation.typical.contains_key(&field.name);
        let missing = lacking(fields, |field| set(field) || field.name == "RegionId");
        if !operation.typical.is_empty() && !missing.is_empty() {
            let message = format!("the typical request does not set the required {}", list(&missing));
            self.mistake(
                &rules::TYPICAL,
                file,
                "typical",
                message,
                "add a value here, or an `example` to the parameter",
            );
        }
        if let Some(then) = &operation.then {
            self.then(operation, then);
        }
    }

    /// Checks that the waiter exists, and that its IDs are known after the operation.
    fn then(&mut self, operation: &'a Operation, then: &String) {
        let file = operation.path.as_str();
        let waiters: Vec<_> = self.tree.operations.iter().flat_map(|operation| &operation.waiters).collect();
        let Some(waiter) = waiters.iter().find(|waiter| waiter.name == *then) else {
            let known: Vec<&String> = waiters.iter().map(|waiter| &waiter.name).collect();
            let help = remedy(then, &known, "name a waiter of this service");
            self.mistake(&rules::TYPICAL, file, "then", format!("unknown waiter `{then}`"), help);
            return;
        };
        let id = waiter.id_name();
        let is_string = |field: &&Field| field.ty.name() == "string" && field.skip.is_none();
        let received = || operation.response.iter().filter(is_string).any(|field| field.name.starts_with(id));
        let sent = || operation.request.iter().filter(is_string).any(|field| field.name == id);
        if !received() && !sent() {
            let message =
                format!("the waiter `{then}` needs `{id}`, which is neither in the response nor in the request");
            self.mistake(&rules::TYPICAL, file, "then", message, "name another waiter, or remove `then`");
        }
    }

    fn member(&mut self, operation: &'a Operation, fields: &'a [Field], at: &str, name: &str, value: &Value) {
        let file = operation.path.as_str();
        let Some(field) = fields.iter().find(|field| field.name == name && field.skip.is_none()) else {
            let known: Vec<&String> = fields.iter().map(|field| &field.name).collect();
            let help = remedy(name, &known, "add the parameter, or remove it here");
            self.mistake(
                &rules::TYPICAL,
                file,
                &format!("{at}#"),
                format!("the typical request sets the unknown field `{name}`"),
                help,
            );
            return;
        };
        if let Some(content) = fields.iter().find(|other| other.encoded_by.as_deref() == Some(name)) {
            let message = format!("the typical request sets `{name}`, which has no setter");
            let help = format!("remove it; the setters of `{}` set it", content.name);
            self.mistake(&rules::TYPICAL, file, &format!("{at}#"), message, help);
            return;
        }
        let elements = match (field.ty.is_list(), value) {
            (true, Value::Array(elements)) if !elements.is_empty() => elements.as_slice(),
            (true, _) => {
                let message = format!("the typical value of `{name}` must be a list with at least one element");
                self.mistake(&rules::TYPICAL, file, at, message, "write it as [ … ]");
                return;
            }
            (false, value) => std::slice::from_ref(value),
        };
        let count = elements.len();
        if field.max_items.is_some_and(|max| count > max as usize)
            || field.min_items.is_some_and(|min| count < min as usize)
        {
            let message = format!("the typical value of `{name}` has {count} elements");
            self.mistake(&rules::TYPICAL, file, at, message, "use `min_items` to `max_items` elements");
        }
        let ty = field.ty.name();
        for value in elements {
            let definition = self.resolve(ty, Some(operation));
            if let (Some(members), Value::Object(map)) = (definition.and_then(|ty| ty.fields.as_deref()), value) {
                for (name, value) in map {
                    self.member(operation, members, at, name, value);
                }
                let missing = lacking(members, |field| map.contains_key(&field.name));
                if !missing.is_empty() {
                    let message = format!("the typical value of `{name}` does not set the required {}", list(&missing));
                    self.mistake(&rules::TYPICAL, file, at, message, "add a value here");
                }
                continue;
            }
            let text = value.as_str();
            let problem = match definition.map(|ty| (&ty.fields, &ty.values)) {
                Some((Some(_), _)) => Some(format!("write it as an object with the members of `{ty}`")),
                Some((None, Some(values))) if !text.is_some_and(|text| values.contains_key(text)) => {
                    Some(format!("use {}", list(values.keys())))
                }
                Some(_) => None,
                None if ty == "map" && !fits(ty, value) => Some("write it as an object with strings".to_owned()),
                None if !fits(ty, value) => Some(format!("write a value of type `{ty}`")),
                None if ty == "time" && text.and_then(spec::time_form) != field.time.as_deref() => {
                    Some(format!("write it as {}", field.time.as_deref().unwrap_or("its `time` states")))
                }
                None => violated_limit(field, value),
            };
            if let Some(help) = problem {
                self.mistake(&rules::TYPICAL, file, at, format!("invalid typical value of `{name}`"), help);
            }
        }
    }
}

/// The required fields that are not set.
fn lacking(fields: &[Field], is_set: impl Fn(&&Field) -> bool) -> Vec<&String> {
    let required = fields.iter().filter(|field| field.required && field.skip.is_none());
    required.filter(|field| !is_set(field)).map(|field| &field.name).collect()
}
