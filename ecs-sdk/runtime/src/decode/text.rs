//! Strings where any other value is expected.

use std::fmt;

use serde::de::{DeserializeSeed, Error};

use super::{Context, Place, Seed, Target};
use crate::model::{self, List, Slot, Style};

/// Sets a member from text.
pub(crate) fn set_text(slot: Slot<'_>, text: &str) -> Result<(), serde_json::Error> {
    put_text(slot, Style::Plain, text, "")
}

/// Puts a text into a slot, whatever its kind.
pub(super) fn put_text<E: Error>(slot: Slot<'_>, style: Style, text: &str, name: &str) -> Result<(), E> {
    match slot {
        Slot::Text(target) => text.clone_into(target),
        Slot::OptionText(target) => *target = Some(text.to_owned()),
        Slot::Typed(target) => target.set(text),
        Slot::Scalar(target) => target
            .set_text(text)
            .map_err(|expected| E::custom(format_args!("expected {expected}, found {}", Quoted(text))))?,
        Slot::List(list) => return put_list(list, style, text, name),
        Slot::OptionList(list) if text.starts_with('[') => {
            // Not `from_str`: the whole decoder would be compiled for it, too.
            let mut json = serde_json::Deserializer::from_slice(text.as_bytes());
            let context = Context::default();
            let seed = Seed { place: Place::Known(Target::Elements(list.fill(), name)), context: &context };
            return seed.deserialize(&mut json).and_then(|()| json.end()).map_err(E::custom);
        }
        Slot::OptionList(list) => return put_list(list.fill(), style, text, name),
        Slot::Model(_) | Slot::OptionModel(_) | Slot::Map(_) if text.is_empty() => {}
        Slot::Model(model) => {
            let put = model::slot(model, name, |inner| match inner {
                Slot::Model(_) => None,
                inner => Some(put_text(inner, Style::Plain, text, "")),
            });
            let Some(done) = put.flatten() else {
                return Err(E::custom(format_args!("expected an object, found {}", Quoted(text))));
            };
            done?;
        }
        Slot::OptionModel(_) | Slot::Map(_) | Slot::Meta(_) => {
            return Err(E::custom(format_args!("expected an object, found {}", Quoted(text))));
        }
    }
    Ok(())
}

/// A text in an error: quoted, and not all of it when it is long.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 60;
        match self.0.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "\"{}…\"", &self.0[..end]),
            None => write!(f, "\"{}\"", self.0),
        }
    }
}

/// Puts a text where a list is expected: nothing for `""`, the parts between commas, else one element.
pub(super) fn put_list<E: Error>(list: &mut dyn List, style: Style, text: &str, name: &str) -> Result<(), E> {
    list.clear();
    match style {
        _ if text.is_empty() => Ok(()),
        Style::Comma => {
            let mut parts = text.split(',').filter(|part| !part.is_empty());
            parts.try_for_each(|part| put_text(list.push(), Style::Plain, part, ""))
        }
        Style::Wrapped(item) => put_text(list.push(), Style::Plain, text, item),
        Style::Plain | Style::Json | Style::Time(_) => put_text(list.push(), Style::Plain, text, name),
    }
}
