//! Implements the members of models for every field type.

use std::any::Any;

use super::{
    contract::{CopyFrom, Holder, List, Member, Model, OptionList, Slot, StringMap, TypedSlot, TypedString, Value},
    enums::{self, OpenEnum},
};
use crate::timestamp::Timestamp;

/// A type that can be the element of a list or an optional field.
#[doc(hidden)]
pub trait Element: Send + Sync + Sized {
    /// How values of this type are read and written. There is one kind for all structs, one for all enums, and so on.
    type Kind: Kind<Self>;
}

/// Reads and writes elements of a kind.
#[doc(hidden)]
pub trait Kind<T> {
    /// Creates an empty element.
    fn empty() -> T;
    /// Returns the value of an element.
    fn value(element: &T) -> Value<'_>;
    /// Returns the slot of an element.
    fn slot(element: &mut T) -> Slot<'_>;
    /// Returns the slot of an optional element.
    fn option_slot(element: &mut Option<T>) -> Slot<'_>;
}

impl Member for String {
    fn stored(&self) -> Value<'_> {
        if self.is_empty() { Value::None } else { Value::Text(self) }
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Text(self)
    }
}

impl Member for StringMap {
    fn stored(&self) -> Value<'_> {
        if self.is_empty() { Value::None } else { Value::Map(self) }
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Map(self)
    }
}

impl<T: Element> Member for Option<T> {
    fn stored(&self) -> Value<'_> {
        self.as_ref().map_or(Value::None, T::Kind::value)
    }

    fn slot(&mut self) -> Slot<'_> {
        T::Kind::option_slot(self)
    }
}

impl<T: Element> Member for Vec<T> {
    fn stored(&self) -> Value<'_> {
        if self.is_empty() { Value::None } else { Value::List(self) }
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::List(self)
    }
}

impl<M: Model> Member for M {
    fn stored(&self) -> Value<'_> {
        Value::Group(self)
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Model(self)
    }
}

/// Strings as elements.
#[doc(hidden)]
#[derive(Debug)]
pub struct Text;

impl Element for String {
    type Kind = Text;
}

impl Kind<String> for Text {
    fn empty() -> String {
        String::new()
    }

    fn value(element: &String) -> Value<'_> {
        Value::Text(element)
    }

    fn slot(element: &mut String) -> Slot<'_> {
        Slot::Text(element)
    }

    fn option_slot(element: &mut Option<String>) -> Slot<'_> {
        Slot::OptionText(element)
    }
}

/// Maps as elements.
#[doc(hidden)]
#[derive(Debug)]
pub struct Map;

impl Element for StringMap {
    type Kind = Map;
}

impl Kind<StringMap> for Map {
    fn empty() -> StringMap {
        StringMap::new()
    }

    fn value(element: &StringMap) -> Value<'_> {
        Value::Map(element)
    }

    fn slot(element: &mut StringMap) -> Slot<'_> {
        Slot::Map(element)
    }

    fn option_slot(element: &mut Option<StringMap>) -> Slot<'_> {
        Slot::Map(element.get_or_insert_default())
    }
}

/// Structs as elements.
#[doc(hidden)]
#[derive(Debug)]
pub struct Struct;

impl<M: Model + Default> Element for M {
    type Kind = Struct;
}

impl<M: Model + Default> Kind<M> for Struct {
    fn empty() -> M {
        M::default()
    }

    fn value(element: &M) -> Value<'_> {
        Value::Model(element)
    }

    fn slot(element: &mut M) -> Slot<'_> {
        Slot::Model(element)
    }

    fn option_slot(element: &mut Option<M>) -> Slot<'_> {
        Slot::OptionModel(element)
    }
}

impl<M: Model + Default> Holder for Option<M> {
    fn fill(&mut self) -> &mut dyn Model {
        self.get_or_insert_default()
    }
}

/// Open enums as elements. The macro [`enums!`](super::enums) makes a type an element.
#[doc(hidden)]
#[derive(Debug)]
pub struct Enum;

impl<E: OpenEnum> Kind<E> for Enum {
    fn empty() -> E {
        E::unrecognized(String::new())
    }

    fn value(element: &E) -> Value<'_> {
        Value::Enum(element)
    }

    fn slot(element: &mut E) -> Slot<'_> {
        Slot::Typed(element)
    }

    fn option_slot(element: &mut Option<E>) -> Slot<'_> {
        Slot::Typed(element)
    }
}

impl<E: OpenEnum> TypedString for E {
    fn as_str(&self) -> &str {
        enums::name(self)
    }
}

impl<E: OpenEnum> TypedSlot for E {
    fn set(&mut self, text: &str) {
        *self = enums::parse(text);
    }

    fn clear(&mut self) {
        self.set("");
    }
}

impl<E: OpenEnum> CopyFrom for E {
    fn copy_from(&mut self, from: &dyn Any) {
        if let Some(from) = from.downcast_ref() {
            self.clone_from(from);
        }
    }
}

/// Times as elements.
#[doc(hidden)]
#[derive(Debug)]
pub struct Time;

impl Element for Timestamp {
    type Kind = Time;
}

impl Kind<Timestamp> for Time {
    fn empty() -> Timestamp {
        Timestamp::default()
    }

    fn value(element: &Timestamp) -> Value<'_> {
        Value::Time(element)
    }

    fn slot(element: &mut Timestamp) -> Slot<'_> {
        Slot::Typed(element)
    }

    fn option_slot(element: &mut Option<Timestamp>) -> Slot<'_> {
        Slot::Typed(element)
    }
}

impl TypedSlot for Timestamp {
    fn set(&mut self, text: &str) {
        *self = text.into();
    }

    fn clear(&mut self) {
        self.set("");
    }
}

impl CopyFrom for Timestamp {
    fn copy_from(&mut self, from: &dyn Any) {
        if let Some(from) = from.downcast_ref() {
            self.clone_from(from);
        }
    }
}

impl<T: TypedSlot + for<'a> From<&'a str> + Clone + 'static> TypedSlot for Option<T> {
    fn set(&mut self, text: &str) {
        *self = Some(text.into());
    }

    fn clear(&mut self) {
        *self = None;
    }
}

impl<T: TypedSlot + Clone + 'static> CopyFrom for Option<T> {
    fn copy_from(&mut self, from: &dyn Any) {
        *self = from.downcast_ref().cloned();
    }
}

/// Lists that may be absent.
#[doc(hidden)]
#[derive(Debug)]
pub struct Listed;

impl<T: Element> Element for Vec<T> {
    type Kind = Listed;
}

impl<T: Element> Kind<Vec<T>> for Listed {
    fn empty() -> Vec<T> {
        Vec::new()
    }

    fn value(element: &Vec<T>) -> Value<'_> {
        Value::List(element)
    }

    fn slot(element: &mut Vec<T>) -> Slot<'_> {
        Slot::List(element)
    }

    fn option_slot(element: &mut Option<Vec<T>>) -> Slot<'_> {
        Slot::OptionList(element)
    }
}

impl<T: Element> List for Vec<T> {
    fn push(&mut self) -> Slot<'_> {
        self.push(T::Kind::empty());
        T::Kind::slot(self.last_mut().expect("an element was just pushed"))
    }

    fn reserve(&mut self, count: usize) {
        // Usually it is empty, and a new allocation takes fewer instructions than growing.
        if self.capacity() == 0 {
            *self = Self::with_capacity(count);
        } else {
            self.reserve_exact(count);
        }
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> Value<'_> {
        T::Kind::value(&self[index])
    }

    fn clear(&mut self) {
        self.clear();
    }
}

impl<T: Element> OptionList for Option<Vec<T>> {
    fn fill(&mut self) -> &mut dyn List {
        self.get_or_insert_default()
    }
}
