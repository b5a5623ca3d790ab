//! Members of models by the paths that specs name.

use crate::{
    decode::set_text,
    encode,
    model::{Model, Value, slot, value},
};

/// Returns a member as a string, by a dotted path of wire names, or `None` if it is absent.
pub(crate) fn get(model: &dyn Model, path: &str) -> Option<String> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let found = value(model, first, |value| match (rest, value) {
        (Some(rest), Value::Model(inner)) => get(inner, rest),
        (Some(_), _) | (None, Value::None) => None,
        (None, value) => Some(encode::plain(value)),
    });
    found.flatten()
}

/// Sets a member from a string.
pub(crate) fn set(model: &mut dyn Model, name: &str, text: &str) {
    // Specs name parameters that take strings and numbers, and both fit.
    let _ = slot(model, name, |slot| set_text(slot, text));
}
