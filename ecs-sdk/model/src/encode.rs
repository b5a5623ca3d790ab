//! Encodes models: requests as forms, all models as JSON, and `Debug` output without secrets.

use std::{
    any::TypeId,
    borrow::Cow,
    fmt::{self, Write as _},
};

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use crate::{
    form::Form,
    model::{
        List, Literal, Member, Model, Reader, Slot, Style, Table, TooLarge, Value, Writer, any_present, read, table,
    },
    timestamp::Timestamp,
};

/// The parameters because of which a request cannot be sent.
#[derive(Debug, Default)]
pub struct FormErrors {
    /// The names of missing required parameters.
    pub missing: Vec<String>,
    /// The name of the first element that contains a comma, in a list whose elements are separated by commas. The
    /// service would read it as two elements.
    pub comma: Option<String>,
    /// The name of the first member that is larger than the service accepts.
    pub too_large: Option<(String, TooLarge)>,
}

/// Encodes the members of a request as form parameters, and collects errors.
pub fn form(model: &dyn Model, form: &mut Form, errors: &mut FormErrors) {
    let mut key = String::with_capacity(64);
    let table = table(model);
    form.set_members(table.names, table.secret);
    put_model(model, &mut key, form, errors);
}

fn put_model(model: &dyn Model, key: &mut String, form: &mut Form, errors: &mut FormErrors) {
    read(model, |table, members| {
        for (position, (name, member)) in table.names.iter().zip(members).enumerate() {
            let value = member.value();
            let is_missing = !table.required.is_empty() && table.required.contains(name) && !is_given(value);
            // Most members of most requests are absent.
            if !is_missing && matches!(value, Value::None | Value::Meta(_)) {
                continue;
            }
            let length = key.len();
            if length > 0 {
                key.push('.');
            }
            key.push_str(name);
            if errors.too_large.is_none() && !table.sizes.is_empty() {
                errors.too_large = TooLarge::check(table, members, position).map(|too_large| (key.clone(), too_large));
            }
            if is_missing {
                errors.missing.push(key.clone());
            } else {
                let is_secret = !table.secret.is_empty() && table.secret.contains(name);
                let outer = form.set_secret(is_secret || form.is_secret());
                put(value, table.style(name), key, form, errors);
                form.set_secret(outer);
            }
            key.truncate(length);
        }
    });
}

/// Whether a required member has a value. An empty string is not a value, nor is a struct or list that contains only
/// empty strings. An empty JSON list is a value, because it differs from an absent one.
fn is_given(value: Value<'_>) -> bool {
    match value {
        Value::None | Value::Meta(_) => false,
        Value::Text(text) => !text.is_empty(),
        Value::Enum(value) => !value.as_str().is_empty(),
        Value::Time(time) => !time.as_str().is_empty(),
        Value::Literal(_) => true,
        Value::Map(map) => !map.is_empty(),
        Value::Model(model) | Value::Group(model) => {
            read(model, |_, members| members.iter().any(|member| is_given(member.value())))
        }
        Value::List(list) => list.count() == 0 || elements(list).any(is_given),
    }
}

fn put(value: Value<'_>, style: Style, key: &mut String, form: &mut Form, errors: &mut FormErrors) {
    match (value, style) {
        (Value::None | Value::Meta(_), _) => {}
        (Value::Text(text), _) => form.push(key, text),
        (Value::Enum(value), _) => form.push(key, value.as_str()),
        (Value::Time(time), style) => form.push(key, &formatted(time, style)),
        (Value::Literal(literal), _) => form.push_display(key, &Plain(literal)),
        (value, Style::Json) => {
            let outer = form.set_secret(false);
            form.set_secret(outer || has_secret(value));
            form.push_json(key, &Json(value, Style::Plain));
            form.set_secret(outer);
        }
        (Value::Model(model) | Value::Group(model), _) => put_model(model, key, form, errors),
        (Value::Map(strings), _) => {
            let length = key.len();
            for (name, text) in strings {
                key.push('.');
                key.push_str(name);
                form.push(key, text);
                key.truncate(length);
            }
        }
        (Value::List(list), Style::Comma) => {
            let strings: Vec<String> = elements(list).map(plain).collect();
            if let Some(index) = strings.iter().position(|text| text.contains(',')) {
                errors.comma.get_or_insert_with(|| format!("{key}.{}", index + 1));
            }
            form.push(key, &strings.join(","));
        }
        (Value::List(list), _) => {
            for (index, element) in elements(list).enumerate() {
                let length = key.len();
                write!(key, ".{}", index + 1).expect("writing to a string succeeds");
                put(element, style.of_elements(), key, form, errors);
                key.truncate(length);
            }
        }
    }
}

/// Whether a struct, or one inside it, has secret members.
fn has_secret(value: Value<'_>) -> bool {
    match value {
        Value::Model(model) => read(model, |table, members| {
            !table.secret.is_empty() || members.iter().any(|member| has_secret(member.value()))
        }),
        Value::List(list) => elements(list).any(has_secret),
        _ => false,
    }
}

fn elements(list: &dyn List) -> impl Iterator<Item = Value<'_>> {
    (0..list.count()).map(|index| list.at(index))
}

/// Returns a scalar value as a string. Empty if the value is absent or not a scalar.
pub fn plain(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_owned(),
        Value::Enum(value) => value.as_str().to_owned(),
        Value::Time(time) => time.as_str().to_owned(),
        Value::Literal(literal) => Plain(literal).to_string(),
        _ => String::new(),
    }
}

/// Returns a time in the format of its parameter.
fn formatted(time: &Timestamp, style: Style) -> Cow<'_, str> {
    match style {
        Style::Time(form) => time.in_form(form),
        _ => time.as_str().into(),
    }
}

struct Plain(Literal);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Literal::Bool(value) => value.fmt(f),
            Literal::Int(value) => value.fmt(f),
            Literal::F32(value) => value.fmt(f),
            Literal::F64(value) => value.fmt(f),
        }
    }
}

/// Serializes a model in wire format. Implements `Serialize` for every model.
pub fn serialize<S: Serializer>(model: &dyn Model, serializer: S) -> Result<S::Ok, S::Error> {
    read(model, |table, members| Members(table, members).serialize(serializer))
}

/// The members of a model as JSON. Nothing has to read them from the model again.
struct Members<'a, 'm>(&'static Table, &'a [&'m dyn Member]);

impl Serialize for Members<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(table, members) = *self;
        let mut map = serializer.serialize_map(None)?;
        let mut styles = table.styles;
        for (name, member) in table.names.iter().zip(members) {
            match member.stored() {
                Value::None => {}
                // Most members. Passing them on by their types is faster than as values of any kind.
                Value::Text(text) => map.serialize_entry(name, text)?,
                Value::Enum(value) => map.serialize_entry(name, value.as_str())?,
                Value::Literal(Literal::Bool(value)) => map.serialize_entry(name, &value)?,
                Value::Literal(Literal::Int(value)) => map.serialize_entry(name, &value)?,
                value => serialize_other(&mut map, name, value, &mut styles)?,
            }
        }
        map.end()
    }
}

/// Serializes a member of a less frequent kind. `styles` are those of this member and of the following ones. A function of its
/// own, so that the loop over members takes fewer instructions.
#[inline(never)]
fn serialize_other<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    value: Value<'_>,
    styles: &mut &'static [(&'static str, Style)],
) -> Result<(), M::Error> {
    match value {
        Value::Group(model) => {
            read(
                model,
                |table, members| {
                    if any_present(members) { map.serialize_entry(name, &Members(table, members)) } else { Ok(()) }
                },
            )
        }
        // The style matters only for lists and times, and looking it up takes time.
        Value::List(list) => map.serialize_entry(name, &Wrapped(list, Table::next_style(styles, name))),
        Value::Time(time) => map.serialize_entry(name, &*formatted(time, Table::next_style(styles, name))),
        value => map.serialize_entry(name, &Json(value, Style::Plain)),
    }
}

/// A list as JSON, in its wrapper if it has one.
struct Wrapped<'a>(&'a dyn List, Style);

impl Serialize for Wrapped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(list, style) = *self;
        match style {
            Style::Wrapped(item) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(item, &Elements(list, Style::Plain))?;
                map.end()
            }
            style => Elements(list, style).serialize(serializer),
        }
    }
}

/// The elements of a list as JSON.
struct Elements<'a>(&'a dyn List, Style);

impl Serialize for Elements<'_> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(list, style) = *self;
        let count = list.count();
        let mut seq = serializer.serialize_seq(Some(count))?;
        for index in 0..count {
            match list.at(index) {
                Value::Text(text) => seq.serialize_element(text)?,
                Value::Model(model) => {
                    read(model, |table, members| seq.serialize_element(&Members(table, members)))?;
                }
                element => seq.serialize_element(&Json(element, style.of_elements()))?,
            }
        }
        seq.end()
    }
}

/// A value as JSON. Only the styles of wrapped lists and of times matter.
struct Json<'a>(Value<'a>, Style);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::None | Value::Meta(_) => serializer.serialize_none(),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Enum(value) => serializer.serialize_str(value.as_str()),
            Value::Time(time) => serializer.serialize_str(&formatted(time, self.1)),
            Value::Literal(Literal::Bool(value)) => serializer.serialize_bool(value),
            Value::Literal(Literal::Int(value)) => serializer.serialize_i64(value),
            Value::Literal(Literal::F32(value)) => serializer.serialize_f32(value),
            Value::Literal(Literal::F64(value)) => serializer.serialize_f64(value),
            Value::Model(model) | Value::Group(model) => serialize(model, serializer),
            Value::Map(strings) => strings.serialize(serializer),
            Value::List(list) => Wrapped(list, self.1).serialize(serializer),
        }
    }
}

/// Returns a copy of a model. Implements `Clone` for every model.
pub fn cloned<M: Model + Default>(from: &M) -> M {
    let mut to = M::default();
    copy(from, &mut to);
    to
}

/// Copies the members of a model into an empty model of the same type.
///
/// A derived `Clone` would be compiled for each model, and would be the largest of all derived implementations.
pub fn copy(from: &dyn Model, to: &mut dyn Model) {
    from.read(&mut CopyTo(to));
}

/// Reads members and copies them into a model.
struct CopyTo<'m>(&'m mut dyn Model);

impl Reader for CopyTo<'_> {
    fn members(&mut self, _: &'static Table, members: &[&dyn Member]) {
        self.0.write(&mut CopyOf(members));
    }
}

/// Writes copies of members.
struct CopyOf<'m>(&'m [&'m dyn Member]);

impl Writer for CopyOf<'_> {
    fn members(&mut self, members: &mut [&mut dyn Member]) {
        for (from, to) in self.0.iter().zip(members) {
            copy_value(from.stored(), || to.slot());
        }
    }
}

/// Copies a value into the slot that `slot` returns, which is not called if the value is absent. A value always fits a slot of
/// its own type.
#[inline]
fn copy_value<'s>(value: Value<'_>, slot: impl FnOnce() -> Slot<'s>) {
    match value {
        Value::None => {}
        Value::Text(from) => match slot() {
            Slot::Text(to) => *to = from.to_owned(),
            Slot::OptionText(to) => *to = Some(from.to_owned()),
            _ => {}
        },
        Value::Literal(from) => {
            if let Slot::Scalar(to) = slot() {
                let _ = to.set(from);
            }
        }
        Value::Model(from) | Value::Group(from) => match slot() {
            Slot::Model(to) => copy(from, to),
            Slot::OptionModel(to) => copy(from, to.fill()),
            _ => {}
        },
        Value::List(from) => match slot() {
            Slot::List(to) => copy_list(from, to),
            Slot::OptionList(to) => copy_list(from, to.fill()),
            _ => {}
        },
        value => match (value, slot()) {
            (Value::Enum(from), Slot::Typed(to)) => to.copy_from(from),
            (Value::Time(from), Slot::Typed(to)) => to.copy_from(from),
            (Value::Map(from), Slot::Map(to)) => to.clone_from(from),
            (Value::Meta(from), Slot::Meta(to)) => to.copy_from(from),
            _ => {}
        },
    }
}

fn copy_list(from: &dyn List, to: &mut dyn List) {
    to.reserve(from.count());
    for element in elements(from) {
        let slot = to.push();
        copy_value(element, || slot);
    }
}

/// Whether two models of the same type have equal members. Implements `PartialEq` for every model.
///
/// A derived `PartialEq` would be compiled for each model.
pub fn equal(one: &dyn Model, other: &dyn Model) -> bool {
    read(one, |table, one| {
        read(other, |_, other| {
            one.iter().zip(other).take(table.names.len()).all(|(one, other)| equal_values(one.value(), other.value()))
        })
    })
}

fn equal_values(one: Value<'_>, other: Value<'_>) -> bool {
    match (one, other) {
        (Value::None, Value::None) => true,
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Enum(one), Value::Enum(other)) => one.as_str() == other.as_str(),
        (Value::Time(one), Value::Time(other)) => one == other,
        (Value::Literal(one), Value::Literal(other)) => one == other,
        (Value::Model(one), Value::Model(other)) => equal(one, other),
        (Value::Map(one), Value::Map(other)) => one == other,
        (Value::List(one), Value::List(other)) => {
            one.count() == other.count()
                && elements(one).zip(elements(other)).all(|(one, other)| equal_values(one, other))
        }
        _ => false,
    }
}

/// Formats a model like a derived `Debug`, except that absent members are omitted and secrets are shown as `***`.
pub fn debug(model: &dyn Model, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    debug_as(model, table(model).name, f)
}

/// Formats a request, under the name of the fluent request if it has a call attached.
pub fn debug_request<C: 'static>(model: &dyn Model, fluent: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_data = TypeId::of::<C>() == TypeId::of::<()>();
    debug_as(model, if is_data { table(model).name } else { fluent }, f)
}

fn debug_as(model: &dyn Model, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    read(model, |table, members| {
        let mut out = f.debug_struct(name);
        for ((wire, field), member) in table.names.iter().zip(table.fields.split_whitespace()).zip(members) {
            let value = member.value();
            if matches!(value, Value::None) {
                continue;
            }
            let field = field.strip_prefix("r#").unwrap_or(field);
            if table.secret.contains(wire) {
                out.field(field, &format_args!("***"));
            } else {
                out.field(field, &Debugged(value));
            }
        }
        out.finish()
    })
}

struct Debugged<'a>(Value<'a>);

impl fmt::Debug for Debugged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::None | Value::Meta(_) => Ok(()),
            Value::Text(text) => fmt::Debug::fmt(text, f),
            Value::Enum(value) => fmt::Debug::fmt(value.as_str(), f),
            Value::Time(time) => fmt::Debug::fmt(time, f),
            Value::Literal(literal) => fmt::Display::fmt(&Plain(literal), f),
            Value::Model(model) | Value::Group(model) => debug(model, f),
            Value::Map(strings) => fmt::Debug::fmt(strings, f),
            Value::List(list) => f.debug_list().entries(elements(list).map(Debugged)).finish(),
        }
    }
}

#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "the macros define public methods, and the models of tests are private")]
mod tests;
