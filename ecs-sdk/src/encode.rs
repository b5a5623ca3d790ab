//! Models → wire: the form of a request, JSON, and `Debug` without secrets.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use crate::{
    form::Form,
    model::{List, Literal, Model, Slot, Value},
};

/// Encodes a request's members as form parameters, and collects what is required and not there.
pub(crate) fn form(model: &dyn Model, form: &mut Form, missing: &mut Vec<String>) {
    let mut key = String::new();
    put_model(model, &mut key, form, missing);
}

fn put_model(model: &dyn Model, key: &mut String, form: &mut Form, missing: &mut Vec<String>) {
    let required = model.required();
    let mut there = 0_u64;
    model.visit(&mut |name, value| {
        let length = key.len();
        if length > 0 {
            key.push('.');
        }
        key.push_str(name);
        let before = form.len();
        put(value, key, form, missing);
        if form.len() > before
            && let Some(position) = required.iter().position(|required| *required == name)
        {
            there |= 1 << position;
        }
        key.truncate(length);
    });
    for (position, name) in required.iter().enumerate() {
        if there & (1 << position) == 0 {
            missing.push(if key.is_empty() { (*name).to_owned() } else { format!("{key}.{name}") });
        }
    }
}

fn put(value: Value<'_>, key: &mut String, form: &mut Form, missing: &mut Vec<String>) {
    match value {
        Value::Text(text) => form.push(key, text),
        Value::OptionText(Some(text)) => form.push(key, text),
        Value::OptionText(None) => {}
        Value::Scalar(scalar) => {
            if let Some(literal) = scalar.get() {
                form.push_display(key, &Plain(literal));
            }
        }
        Value::Enum(choice) => {
            if let Some(text) = choice.get() {
                form.push(key, text);
            }
        }
        Value::Model(model) => put_model(model, key, form, missing),
        Value::OptionModel(holder) => {
            if let Some(model) = holder.get() {
                put_model(model, key, form, missing);
            }
        }
        Value::Map(texts) => {
            for (name, text) in texts {
                form.push(&format!("{key}.{name}"), text);
            }
        }
        Value::List(list) | Value::Wrapped(_, list) => {
            for index in 0..list.len() {
                let length = key.len();
                key.push('.');
                key.push_str(&(index + 1).to_string());
                put(list.at(index), key, form, missing);
                key.truncate(length);
            }
        }
        Value::CommaList(list) => {
            if list.len() > 0 {
                let texts: Vec<String> = (0..list.len()).map(|index| plain(list.at(index))).collect();
                form.push(key, &texts.join(","));
            }
        }
        Value::JsonModel(holder) => {
            if holder.get().is_some() {
                form.push_json(key, &Json(value));
            }
        }
        Value::JsonList(list) => {
            if list.get().is_some() {
                form.push_json(key, &Json(value));
            }
        }
        Value::JsonMap(texts) => {
            if !texts.is_empty() {
                form.push_json(key, &Json(value));
            }
        }
    }
}

/// A single value as text.
pub(crate) fn plain(value: Value<'_>) -> String {
    match value {
        Value::Text(text) | Value::OptionText(Some(text)) => text.clone(),
        Value::Scalar(scalar) => scalar.get().map(|literal| Plain(literal).to_string()).unwrap_or_default(),
        Value::Enum(choice) => choice.get().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

/// A single value as text, if it is there.
pub(crate) fn present(value: Value<'_>) -> Option<String> {
    is_there(value).then(|| plain(value))
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

/// Whether a member has something to say; empty texts and lists of answers have not.
fn is_there(value: Value<'_>) -> bool {
    match value {
        Value::Text(text) => !text.is_empty(),
        Value::OptionText(text) => text.is_some(),
        Value::Scalar(scalar) => scalar.get().is_some(),
        Value::Enum(choice) => choice.get().is_some(),
        Value::Model(model) => {
            let mut there = false;
            model.visit(&mut |_, value| there |= is_there(value));
            there
        }
        Value::OptionModel(holder) | Value::JsonModel(holder) => holder.get().is_some(),
        Value::Map(texts) | Value::JsonMap(texts) => !texts.is_empty(),
        Value::List(list) | Value::CommaList(list) | Value::Wrapped(_, list) => list.len() > 0,
        Value::JsonList(list) => list.get().is_some(),
    }
}

/// Serializes a model in wire form; the body of every model's `Serialize`.
pub(crate) fn serialize<S: Serializer>(model: &dyn Model, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    let mut result = Ok(());
    model.visit(&mut |name, value| {
        if result.is_ok() && is_there(value) {
            result = map.serialize_entry(name, &Json(value));
        }
    });
    result?;
    map.end()
}

/// A value as JSON.
struct Json<'a>(Value<'a>);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(text) | Value::OptionText(Some(text)) => serializer.serialize_str(text),
            Value::OptionText(None) => serializer.serialize_none(),
            Value::Scalar(scalar) => match scalar.get() {
                None => serializer.serialize_none(),
                Some(Literal::Bool(value)) => serializer.serialize_bool(value),
                Some(Literal::Int(value)) => serializer.serialize_i64(value),
                Some(Literal::F32(value)) => serializer.serialize_f32(value),
                Some(Literal::F64(value)) => serializer.serialize_f64(value),
            },
            Value::Enum(choice) => choice.get().serialize(serializer),
            Value::Model(model) => serialize(model, serializer),
            Value::OptionModel(holder) | Value::JsonModel(holder) => match holder.get() {
                Some(model) => serialize(model, serializer),
                None => serializer.serialize_none(),
            },
            Value::Map(texts) | Value::JsonMap(texts) => texts.serialize(serializer),
            Value::List(list) | Value::CommaList(list) => serialize_list(list, serializer),
            Value::JsonList(list) => match list.get() {
                Some(list) => serialize_list(list, serializer),
                None => serializer.serialize_none(),
            },
            Value::Wrapped(item, list) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(item, &Elements(list))?;
                map.end()
            }
        }
    }
}

fn serialize_list<S: Serializer>(list: &dyn List, serializer: S) -> Result<S::Ok, S::Error> {
    let mut seq = serializer.serialize_seq(Some(list.len()))?;
    for index in 0..list.len() {
        seq.serialize_element(&Json(list.at(index)))?;
    }
    seq.end()
}

struct Elements<'a>(&'a dyn List);

impl Serialize for Elements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_list(self.0, serializer)
    }
}

/// A copy of a model; the body of every model's `Clone`.
pub(crate) fn cloned<M: Model + Default>(from: &M) -> M {
    let mut to = M::default();
    copy(from, &mut to);
    to
}

/// Copies the members of a model into an empty one of the same type.
///
/// Derived, it would be compiled once a model, and it is the largest of all that could be.
pub(crate) fn copy(from: &dyn Model, to: &mut dyn Model) {
    from.visit(&mut |name, value| {
        if is_there(value)
            && let Some(slot) = to.slot(name)
        {
            copy_value(value, slot);
        }
    });
}

fn copy_value(value: Value<'_>, slot: Slot<'_>) {
    let lists =
        |from: &dyn List, to: &mut dyn List| (0..from.len()).for_each(|index| copy_value(from.at(index), to.push()));
    match (value, slot) {
        (Value::Text(from), Slot::Text(to)) => to.clone_from(from),
        (Value::OptionText(from), Slot::OptionText(to)) => to.clone_from(from),
        (Value::Scalar(from), Slot::Scalar(to)) => {
            // A value fits where it came from.
            let _ = from.get().map(|literal| to.set(literal));
        }
        (Value::Enum(from), Slot::Enum(to)) => to.set(from.get().unwrap_or_default()),
        (Value::Model(from), Slot::Model(to)) => copy(from, to),
        (Value::OptionModel(from) | Value::JsonModel(from), Slot::OptionModel(to) | Slot::JsonModel(to)) => {
            if let Some(from) = from.get() {
                copy(from, to.fill());
            }
        }
        (Value::Map(from) | Value::JsonMap(from), Slot::Map(to) | Slot::JsonMap(to)) => to.clone_from(from),
        (
            Value::List(from) | Value::CommaList(from) | Value::Wrapped(_, from),
            Slot::List(to) | Slot::CommaList(to) | Slot::Wrapped(_, to),
        ) => lists(from, to),
        (Value::JsonList(from), Slot::JsonList(to)) => {
            if let Some(from) = from.get() {
                lists(from, to.fill());
            }
        }
        _ => {}
    }
}

/// Whether two models of one type have equal members; the body of every model's `PartialEq`.
///
/// Derived, this would be compiled once a model.
pub(crate) fn equal(one: &dyn Model, other: &dyn Model) -> bool {
    let (one, other) = (values(one), values(other));
    one.len() == other.len() && one.into_iter().zip(other).all(|(one, other)| equal_values(one, other))
}

fn values(model: &dyn Model) -> Vec<Value<'_>> {
    let mut values = Vec::new();
    model.visit(&mut |_, value| values.push(value));
    values
}

fn equal_values(one: Value<'_>, other: Value<'_>) -> bool {
    let lists = |one: &dyn List, other: &dyn List| {
        one.len() == other.len() && (0..one.len()).all(|index| equal_values(one.at(index), other.at(index)))
    };
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::OptionText(one), Value::OptionText(other)) => one == other,
        (Value::Scalar(one), Value::Scalar(other)) => one.get() == other.get(),
        (Value::Enum(one), Value::Enum(other)) => one.get() == other.get(),
        (Value::Model(one), Value::Model(other)) => equal(one, other),
        (Value::OptionModel(one) | Value::JsonModel(one), Value::OptionModel(other) | Value::JsonModel(other)) => {
            match (one.get(), other.get()) {
                (Some(one), Some(other)) => equal(one, other),
                (one, other) => one.is_none() && other.is_none(),
            }
        }
        (Value::Map(one) | Value::JsonMap(one), Value::Map(other) | Value::JsonMap(other)) => one == other,
        (
            Value::List(one) | Value::CommaList(one) | Value::Wrapped(_, one),
            Value::List(other) | Value::CommaList(other) | Value::Wrapped(_, other),
        ) => lists(one, other),
        (Value::JsonList(one), Value::JsonList(other)) => match (one.get(), other.get()) {
            (Some(one), Some(other)) => lists(one, other),
            (one, other) => one.is_none() && other.is_none(),
        },
        _ => false,
    }
}

/// Prints a model under its name: members that are there, secrets as `***`.
pub(crate) fn debug(model: &dyn Model, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let secret = model.secret();
    let mut out = f.debug_struct(name);
    model.visit(&mut |name, value| {
        if is_there(value) {
            if secret.contains(&name) {
                out.field(name, &format_args!("***"));
            } else {
                out.field(name, &Shown(value));
            }
        }
    });
    out.finish()
}

struct Shown<'a>(Value<'a>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Text(text) | Value::OptionText(Some(text)) => fmt::Debug::fmt(text, f),
            Value::OptionText(None) => Ok(()),
            Value::Scalar(scalar) => scalar.get().map_or(Ok(()), |literal| fmt::Display::fmt(&Plain(literal), f)),
            Value::Enum(choice) => f.write_str(choice.get().unwrap_or_default()),
            Value::Model(model) => debug(model, "", f),
            Value::OptionModel(holder) | Value::JsonModel(holder) => {
                holder.get().map_or(Ok(()), |model| debug(model, "", f))
            }
            Value::Map(texts) | Value::JsonMap(texts) => fmt::Debug::fmt(texts, f),
            Value::List(list) | Value::CommaList(list) | Value::Wrapped(_, list) => debug_list(list, f),
            Value::JsonList(list) => list.get().map_or(Ok(()), |list| debug_list(list, f)),
        }
    }
}

fn debug_list(list: &dyn List, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_list().entries((0..list.len()).map(|index| Shown(list.at(index)))).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::members;

    /// A struct with a required member, in itself, in a list and as JSON.
    #[derive(Default)]
    struct Node {
        name: Option<String>,
        secret: Option<String>,
        inner: Vec<Node>,
        json: Option<Leaf>,
    }

    #[derive(Default)]
    struct Leaf {
        ratio: Option<f32>,
    }

    members! {
        Node;
        [required: "Name"],
        [secret: "Secret"],
        name: OptionText(String) = "Name",
        secret: OptionText(String) = "Secret",
        inner: List(Node) = "Inner",
        json: JsonModel(Leaf) = "Json",
    }

    members! {
        Leaf;
        ratio: Scalar(f32) = "Ratio",
    }

    fn node(name: &str) -> Node {
        Node { name: Some(name.to_owned()), ..Node::default() }
    }

    #[test]
    fn required_members_are_missed_where_they_belong() {
        let inner = Node { inner: vec![node("c"), Node::default()], ..Node::default() };
        let root = Node { inner: vec![node("a"), inner], ..Node::default() };
        let (mut form, mut missing) = (Form::default(), Vec::new());
        super::form(&root, &mut form, &mut missing);
        missing.sort();
        assert_eq!(missing, ["Inner.2.Inner.2.Name", "Inner.2.Name", "Name"]);
        assert_eq!(form.iter().collect::<Vec<_>>(), [("Inner.1.Name", "a"), ("Inner.2.Inner.1.Name", "c")]);
    }

    #[test]
    fn numbers_are_written_as_they_are() {
        let root = Node { json: Some(Leaf { ratio: Some(0.1) }), ..node("a") };
        let mut form = Form::default();
        super::form(&root, &mut form, &mut Vec::new());
        assert_eq!(form.get("Json"), Some(r#"{"Ratio":0.1}"#));
    }

    #[test]
    fn secrets_are_not_printed_however_deep() {
        let secret = Node { secret: Some("s3cret".to_owned()), ..node("a") };
        let shown = format!("{:?}", Node { inner: vec![secret], ..node("b") });
        assert_eq!(shown, "Node { Name: \"b\", Inner: [ { Name: \"a\", Secret: *** }] }");
    }
}
