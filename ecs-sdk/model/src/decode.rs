//! Decodes JSON into models. Lenient about types, strict about structure.
//!
//! There is one decoder for all models. It accepts:
//!
//! * numbers and booleans as strings, and strings as numbers or booleans,
//! * `""` and `null` for any value,
//! * a single object where a list is expected,
//! * a list, or its only element, without the wrapper,
//! * a list in a wrapper with another name,
//! * a string where a struct with a member of its own name is expected.
//!
//! In strings, characters that JSON does not allow become U+FFFD. Unknown members are skipped. Errors contain the path of the member that cannot be read.

mod budget;
mod context;
mod copied;
mod order;
mod place;
mod reader;
mod value;

use serde::{Deserializer, de::DeserializeSeed as _};

use self::{
    budget::Budget,
    context::Context,
    reader::{put_text, read},
    value::Any,
};
use crate::{
    content::Encoding,
    json,
    model::{Model, Slot, Style},
};

/// Decodes the JSON of a response. Returns whether it has any member of the model.
pub fn from_slice(json: &[u8], model: &mut dyn Model) -> Result<bool, serde_json::Error> {
    from_reply(json, Encoding::default(), model)
}

/// Decodes the JSON of a response to a request that asked for an encoding of content. Returns whether it has any member of
/// the model.
pub fn from_reply(json: &[u8], encoding: Encoding, model: &mut dyn Model) -> Result<bool, serde_json::Error> {
    let mut known = false;
    let context = || {
        let mut context = Context::of_response(json.len());
        context.encoding = encoding;
        context
    };
    decode(json, model, &context, &mut |context, model| {
        context.report(model);
        known = context.known.get();
    })?;
    Ok(known)
}

/// Decodes JSON and returns the paths of members that the model does not have or cannot read.
#[cfg(any(test, feature = "test-util"))]
pub fn unread(json: &[u8], model: &mut dyn Model) -> Result<Vec<String>, serde_json::Error> {
    let unread = std::cell::RefCell::new(Vec::new());
    let context = || {
        unread.borrow_mut().clear();
        let mut context = Context::of_response(json.len());
        context.unread = Some(&unread);
        context
    };
    decode(json, model, &context, &mut |_, _| {})?;
    Ok(unread.into_inner())
}

/// Decodes any JSON.
pub fn value(json: &[u8]) -> Result<serde_json::Value, serde_json::Error> {
    let mut value = serde_json::Value::Null;
    json::read(json, &mut |text| {
        let mut parser = json::Parser::new(text);
        value = Any(&Budget::for_length(text.len())).deserialize(&mut parser)?;
        parser.end()
    })?;
    Ok(value)
}

/// Decodes a document, which may be read twice. `done` receives the context of the last time.
fn decode<'c>(
    json: &[u8],
    model: &mut dyn Model,
    context: &dyn Fn() -> Context<'c>,
    done: &mut dyn FnMut(&Context<'c>, &dyn Model),
) -> Result<(), serde_json::Error> {
    let mut last = context();
    let result = json::read(json, &mut |text| {
        last = context();
        let mut parser = json::Parser::expecting(text, &last.expected);
        read(&mut parser, model, &last)?;
        parser.end()
    });
    result.map_err(|error| located(error, &last))?;
    done(&last, model);
    Ok(())
}

/// Decodes a response, or a struct in one. Implements their `Deserialize`.
pub fn read_response<'de, M: Model + Default, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    let mut model = M::default();
    let context = Context::of_response(0);
    read(json::Numbers(deserializer), &mut model, &context).map_err(|error| located(error, &context))?;
    context.report(&model);
    Ok(model)
}

/// Decodes a request, or a struct in one. Implements their `Deserialize`.
pub fn read_request<'de, M: Model + Default, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    let mut model = M::default();
    let context = Context::of_request(0);
    read(json::Numbers(deserializer), &mut model, &context).map_err(|error| located(error, &context))?;
    Ok(model)
}

/// Decodes the JSON of a request, or of a struct in one.
#[cfg(any(test, feature = "test-util"))]
pub fn request(json: &str, model: &mut dyn Model) -> Result<(), serde_json::Error> {
    let context = Context::of_request(json.len());
    let mut parser = json::Parser::new(json);
    read(&mut parser, model, &context).map_err(|error| located(error, &context))?;
    parser.end()
}

/// Adds the path of the value that could not be read.
fn located<E: serde::de::Error>(error: E, context: &Context<'_>) -> E {
    let failed = context.failed.borrow();
    if failed.is_empty() { error } else { E::custom(format_args!("{}: {error}", *failed)) }
}

/// Sets a member from a string.
pub fn set_text(slot: Slot<'_>, text: &str) -> Result<(), serde_json::Error> {
    put_text(slot, Style::Plain, text, "", &Context::of_request(text.len()))
}

#[cfg(test)]
mod tests;
