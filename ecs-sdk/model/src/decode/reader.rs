//! Reads JSON values into the slots of models.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    context::{Context, Quoted, Step},
    copied::Copied,
    order::Order,
    place::{Place, Target},
};
use crate::{
    content::Encoding,
    json::{Key, Parser},
    model::{List, Literal, Model, Slot, Style, Value, read as read_of, slot as slot_of, table, write},
};

/// Reads a value into a model.
pub(super) fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
    model: &mut dyn Model,
    context: &Context<'_>,
) -> Result<(), D::Error> {
    Seed { place: Place::Known(Target::Slot(Slot::Model(model), Style::Plain, "")), context }.deserialize(deserializer)
}

struct Seed<'a, 'c> {
    place: Place<'a>,
    context: &'c Context<'c>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Seed<'_, '_> {
    fn literal<E: serde::de::Error>(self, literal: Literal, text: &dyn fmt::Display) -> Result<(), E> {
        let target = match self.place {
            Place::Member(member, table, name) => match member.slot() {
                Slot::Scalar(scalar) => {
                    return scalar.set(literal).or_else(|expected| self.context.unreadable(scalar, expected, text));
                }
                slot => Target::member(slot, table, name),
            },
            Place::Known(target) => target,
        };
        let (slot, style, name) = match target {
            Target::Slot(slot, style, name) => (slot, style, name),
            Target::Elements(list, name) => (self.context.push(list)?, Style::Plain, name),
        };
        match slot {
            Slot::Scalar(scalar) => {
                scalar.set(literal).or_else(|expected| self.context.unreadable(scalar, expected, text))
            }
            slot => put_text(slot, style, &text.to_string(), name, self.context),
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.literal(Literal::Bool(value), &value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.literal(Literal::Int(value), &value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        let literal = i64::try_from(value).map_or(Literal::F64(value as f64), Literal::Int);
        self.literal(literal, &value)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        // `Debug` keeps the fraction of 1.0 and uses exponents for large numbers.
        self.literal(Literal::F64(value), &format_args!("{value:?}"))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let target = match self.place {
            // Most values are strings of responses.
            Place::Member(member, table, name) => match member.slot() {
                Slot::Text(target) => return put_string(target, text, self.context),
                slot => Target::member(slot, table, name),
            },
            Place::Known(target) => target,
        };
        match target {
            Target::Slot(slot, style, name) => put_text(slot, style, text, name, self.context),
            Target::Elements(list, name) => put_list(list, Style::Plain, text, name, self.context),
        }
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<(), E> {
        match self.place.target() {
            Target::Slot(Slot::Text(target), ..) => {
                self.context.budget.take_text(text.len())?;
                *target = text;
                Ok(())
            }
            target => Seed { place: Place::Known(target), context: self.context }.visit_str(&text),
        }
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        match self.place {
            // An element of a list cannot be absent, and 0 or `false` would be invented.
            Place::Known(Target::Slot(Slot::Scalar(scalar), ..)) => {
                scalar.set_text("").map_err(|expected| E::custom(format_args!("expected {expected}, found null")))
            }
            _ => Ok(()),
        }
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let context = self.context;
        match self.place.target_of_nested() {
            Target::Slot(slot, style, _) => match (slot, style) {
                (Slot::Model(model), _) => read_model(map, model, context),
                (Slot::OptionModel(holder), _) => read_model(map, holder.fill(), context),
                (Slot::Map(strings), _) => read_strings(map, strings, context),
                (Slot::Text(text), Style::Json) => any_json(text, context).visit_map(map),
                (Slot::List(list), Style::Wrapped(item)) => read_wrapper(map, item, list, context),
                // A single object where a list is expected.
                (Slot::List(list), _) => read_single(map, list, context),
                (Slot::OptionList(list), _) => read_single(map, list.fill(), context),
                (Slot::Text(_) | Slot::OptionText(_) | Slot::Typed(_), _) => {
                    Err(A::Error::custom("expected a string, found an object"))
                }
                (Slot::Scalar(_), _) => Err(A::Error::custom("expected a number or boolean, found an object")),
                (Slot::Meta(_), _) => Err(A::Error::custom("the metadata of a response cannot be read")),
            },
            Target::Elements(list, _) => read_single(map, list, context),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        let context = self.context;
        match self.place.target_of_nested() {
            Target::Elements(list, name) => read_list(seq, list, name, context),
            Target::Slot(slot, style, name) => match slot {
                Slot::List(list) => {
                    // A list without its wrapper.
                    let name = if let Style::Wrapped(item) = style { item } else { name };
                    read_list(seq, list, name, context)
                }
                Slot::OptionList(list) => read_list(seq, list.fill(), name, context),
                Slot::Text(text) if matches!(style, Style::Json) => any_json(text, context).visit_seq(seq),
                Slot::Text(_) | Slot::OptionText(_) | Slot::Typed(_) => {
                    Err(A::Error::custom("expected a string, found a list"))
                }
                Slot::Scalar(_) => Err(A::Error::custom("expected a number or boolean, found a list")),
                _ => Err(A::Error::custom("expected an object, found a list")),
            },
        }
    }
}

/// Stores an object or a list as the text of its JSON.
fn any_json<'a>(text: &'a mut String, context: &'a Context<'_>) -> Copied<'a> {
    text.clear();
    Copied { json: text, budget: &context.budget }
}

fn read_model<'de, A: MapAccess<'de>>(map: A, model: &mut dyn Model, context: &Context<'_>) -> Result<(), A::Error> {
    read_members(None, map, model, context)
}

/// Reads the members of a model. `first` is the first name if it has already been read.
fn read_members<'de, A: MapAccess<'de>>(
    first: Option<Cow<'de, str>>,
    mut map: A,
    model: &mut dyn Model,
    context: &Context<'_>,
) -> Result<(), A::Error> {
    let table = table(model);
    write(model, |members| {
        let mut order = context.orders.take(table);
        let next_name = |map: &mut A, order: &Order| {
            context.expected.set(order.expected());
            map.next_key_seed(Key)
        };
        let mut next = if first.is_some() { first } else { next_name(&mut map, &order)? };
        while let Some(name) = next {
            if let Some(position) = order.position(&name) {
                context.known.set(true);
                let place = Place::Member(members[position], table, &name);
                context.within(&Step::Name(&name), || map.next_value_seed(Seed { place, context }))?;
            } else {
                map.next_value::<IgnoredAny>()?;
                context.skipped(&name);
            }
            next = next_name(&mut map, &order)?;
        }
        context.orders.put(order);
        if context.encoding != Encoding::default()
            && let Some(Slot::Meta(place)) = members.last_mut().map(|last| last.slot())
        {
            place.copy_from(&context.encoding);
        }
        Ok(())
    })
}

fn read_wrapper<'de, A: MapAccess<'de>>(
    mut map: A,
    item: &'static str,
    list: &mut dyn List,
    context: &Context<'_>,
) -> Result<(), A::Error> {
    list.clear();
    let mut is_first = true;
    // The first member, if it has another name.
    let mut renamed: Option<(Cow<'de, str>, String)> = None;
    while let Some(name) = map.next_key_seed(Key)? {
        if let Some((name, _)) = renamed.take() {
            context.skipped(&name);
        }
        let was_first = std::mem::take(&mut is_first);
        if name == item {
            let place = Place::Known(Target::Elements(&mut *list, item));
            context.within(&Step::Name(&name), || map.next_value_seed(Seed { place, context }))?;
            continue;
        }
        if list.count() == 0 {
            // The only element, without its wrapper.
            if let Slot::Model(model) = context.push(list)?
                && table(model).position(&name).is_some()
            {
                return read_members(Some(name), map, model, context);
            }
            list.clear();
        }
        if was_first {
            let mut json = String::new();
            map.next_value_seed(Copied { json: &mut json, budget: &context.budget })?;
            renamed = Some((name, json));
        } else {
            map.next_value::<IgnoredAny>()?;
            context.skipped(&name);
        }
    }
    if let Some((name, json)) = renamed {
        read_renamed(&name, &json, item, list, context);
    }
    Ok(())
}

/// Reads the only member of a wrapper that has another name than expected. Older versions of the service wrap some lists
/// in other names. The list remains empty if this is not a list, or has other elements.
fn read_renamed(name: &str, json: &str, item: &str, list: &mut dyn List, context: &Context<'_>) {
    if !json.starts_with(['[', '{']) {
        return context.skipped(name);
    }
    let before = context.count_unread();
    let place = Place::Known(Target::Elements(&mut *list, item));
    let result = context.within(&Step::Name(name), || Seed { place, context }.deserialize(&mut Parser::new(json)));
    context.failed.borrow_mut().clear();
    let is_known = |element: Value<'_>| match element {
        // A struct without any known member is another one.
        Value::Model(model) => read_of(model, |_, members| {
            members.iter().any(|member| !matches!(member.value(), Value::None | Value::Meta(_)))
        }),
        _ => true,
    };
    if result.is_err() || !(0..list.count()).all(|index| is_known(list.at(index))) {
        list.clear();
        if let Some(unread) = context.unread {
            unread.borrow_mut().truncate(before);
        }
        context.skipped(name);
    }
}

fn read_list<'de, A: SeqAccess<'de>>(
    mut seq: A,
    list: &mut dyn List,
    name: &str,
    context: &Context<'_>,
) -> Result<(), A::Error> {
    list.clear();
    let mut index = 0;
    loop {
        // The seed creates the element, so that no extra one remains at the end of the list.
        let more = context
            .within(&Step::Index(index), || seq.next_element_seed(ElementSeed { list: &mut *list, name, context }))?;
        if more.is_none() {
            return Ok(());
        }
        index += 1;
    }
}

struct ElementSeed<'a, 'c> {
    list: &'a mut dyn List,
    name: &'a str,
    context: &'c Context<'c>,
}

impl<'de> DeserializeSeed<'de> for ElementSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let slot = self.context.push(self.list)?;
        let place = Place::Known(Target::Slot(slot, Style::Plain, self.name));
        Seed { place, context: self.context }.deserialize(deserializer)
    }
}

fn read_single<'de, A: MapAccess<'de>>(map: A, list: &mut dyn List, context: &Context<'_>) -> Result<(), A::Error> {
    list.clear();
    let slot = context.push(list)?;
    Seed { place: Place::Known(Target::Slot(slot, Style::Plain, "")), context }.visit_map(map)
}

fn read_strings<'de, A: MapAccess<'de>>(
    mut map: A,
    strings: &mut std::collections::BTreeMap<String, String>,
    context: &Context<'_>,
) -> Result<(), A::Error> {
    strings.clear();
    while let Some(name) = map.next_key_seed(Key)? {
        context.budget.take_entry(strings.len(), &name)?;
        let name = name.into_owned();
        let mut text = String::new();
        context.within(&Step::Name(&name), || {
            map.next_value_seed(Seed {
                place: Place::Known(Target::Slot(Slot::Text(&mut text), Style::Json, "")),
                context,
            })
        })?;
        strings.insert(name, text);
    }
    Ok(())
}

/// Stores a string in a string of a response.
#[inline]
fn put_string<E: serde::de::Error>(target: &mut String, text: &str, context: &Context<'_>) -> Result<(), E> {
    context.budget.take_text(text.len())?;
    // Usually both are empty, or the target is.
    if !(text.is_empty() && target.is_empty()) {
        *target = text.to_owned();
    }
    Ok(())
}

/// Stores a string in a slot of any kind.
pub(super) fn put_text<E: serde::de::Error>(
    slot: Slot<'_>,
    style: Style,
    text: &str,
    name: &str,
    context: &Context<'_>,
) -> Result<(), E> {
    if matches!(slot, Slot::OptionText(_) | Slot::Typed(_)) {
        context.budget.take_text(text.len())?;
    }
    match slot {
        Slot::Text(target) => return put_string(target, text, context),
        Slot::OptionText(target) => *target = Some(text.to_owned()),
        // In responses, `""` means absent. In requests, an empty string differs from an absent one.
        Slot::Typed(target) if text.is_empty() && context.is_response => target.clear(),
        Slot::Typed(target) => target.set(text),
        Slot::Scalar(target) => {
            target.set_text(text).or_else(|expected| context.unreadable(target, expected, &Quoted(text, context)))?;
        }
        Slot::List(list) => return put_list(list, style, text, name, context),
        Slot::OptionList(list) if text.starts_with('[') => {
            let mut json = Parser::new(text);
            let context = Context::of_request(text.len());
            let seed = Seed { place: Place::Known(Target::Elements(list.fill(), name)), context: &context };
            return seed.deserialize(&mut json).and_then(|()| json.end()).map_err(E::custom);
        }
        Slot::OptionList(list) => return put_list(list.fill(), style, text, name, context),
        Slot::Model(_) | Slot::OptionModel(_) | Slot::Map(_) if text.is_empty() => {}
        Slot::Model(model) => {
            let put = slot_of(model, name, |inner| match inner {
                Slot::Model(_) => None,
                inner => Some(put_text(inner, Style::Plain, text, "", context)),
            });
            let Some(done) = put.flatten() else {
                return Err(E::custom(format_args!("expected an object, found {}", Quoted(text, context))));
            };
            done?;
        }
        Slot::OptionModel(_) | Slot::Map(_) | Slot::Meta(_) => {
            return Err(E::custom(format_args!("expected an object, found {}", Quoted(text, context))));
        }
    }
    Ok(())
}

/// Stores a string where a list is expected: no elements if it is empty, the parts between commas if the list is
/// separated by commas, and a single element otherwise.
fn put_list<E: serde::de::Error>(
    list: &mut dyn List,
    style: Style,
    text: &str,
    name: &str,
    context: &Context<'_>,
) -> Result<(), E> {
    list.clear();
    match style {
        _ if text.is_empty() => Ok(()),
        Style::Comma => {
            let mut parts = text.split(',').filter(|part| !part.is_empty());
            parts.try_for_each(|part| put_text(context.push(list)?, Style::Plain, part, "", context))
        }
        Style::Wrapped(item) => put_text(context.push(list)?, Style::Plain, text, item, context),
        Style::Plain | Style::Json | Style::Time(_) => put_text(context.push(list)?, Style::Plain, text, name, context),
    }
}
