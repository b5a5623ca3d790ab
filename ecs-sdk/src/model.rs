//! What generated models are to the runtime: tables of members that one decoder and one encoder walk.
//!
//! [`Slot`] is a member to write, [`Value`] a member to read; both name the same kinds. No code is instantiated per
//! model but its two tables.

use std::collections::BTreeMap;

/// A request, an answer, or a struct inside one.
#[doc(hidden)]
pub trait Model: Send + Sync {
    /// The member of a wire name, to write.
    fn slot(&mut self, _name: &str) -> Option<Slot<'_>> {
        None
    }

    /// Every member with its wire name, to read.
    fn visit<'a>(&'a self, _each: &mut dyn FnMut(&'static str, Value<'a>)) {}

    /// Members that a request must carry.
    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    /// Members that are never printed.
    fn secret(&self) -> &'static [&'static str] {
        &[]
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $([$item:ty])? ($ty:ty),)*) => {
        /// A member to write.
        #[doc(hidden)]
        #[allow(missing_debug_implementations)]
        pub enum Slot<'a> {
            $($(#[$doc])* $kind($($item,)? &'a mut $ty),)*
        }

        /// A member to read.
        #[doc(hidden)]
        #[allow(missing_debug_implementations)]
        #[derive(Clone, Copy)]
        pub enum Value<'a> {
            $($(#[$doc])* $kind($($item,)? &'a $ty),)*
        }
    };
}

/// Wire name of the one member of a wrapper.
type Item = &'static str;
type Texts = BTreeMap<String, String>;

kinds! {
    /// Text of an answer; empty stands for none.
    Text(String),
    /// Text of a request.
    OptionText(Option<String>),
    /// Number or boolean.
    Scalar(dyn Scalar + 'a),
    /// Open enum.
    Enum(dyn Choice + 'a),
    /// Struct of an answer.
    Model(dyn Model + 'a),
    /// Struct of a request.
    OptionModel(dyn Holder + 'a),
    /// Struct of a request that travels as JSON text.
    JsonModel(dyn Holder + 'a),
    /// Map of texts.
    Map(Texts),
    /// Map of texts that travels as JSON text.
    JsonMap(Texts),
    /// List: repeated parameters in a request, a JSON array in an answer.
    List(dyn List + 'a),
    /// List inside an object with one member.
    Wrapped[Item](dyn List + 'a),
    /// List that travels as JSON text; absent and empty differ.
    JsonList(dyn OptionList + 'a),
    /// List that travels joined by commas.
    CommaList(dyn List + 'a),
}

/// A number or boolean as it stands in JSON.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// Integer.
    Int(i64),
    /// Number of single precision.
    F32(f32),
    /// Number of double precision.
    F64(f64),
}

/// A number's or boolean's place.
#[doc(hidden)]
pub trait Scalar: Send + Sync {
    /// Takes a value.
    ///
    /// # Errors
    ///
    /// Says what was expected when the value does not fit.
    fn set(&mut self, literal: Literal) -> Result<(), &'static str>;
    /// Takes a value written as text.
    ///
    /// # Errors
    ///
    /// Says what was expected when the text is no such value.
    fn set_text(&mut self, text: &str) -> Result<(), &'static str>;
    /// The value, if there is one.
    fn get(&self) -> Option<Literal>;
}

/// A number or boolean type.
trait Primitive: Copy + Send + Sync + 'static {
    const EXPECTED: &'static str;
    const ZERO: Self;
    fn from_literal(literal: Literal) -> Option<Self>;
    fn from_text(text: &str) -> Option<Self>;
    fn literal(self) -> Literal;
}

impl Primitive for bool {
    const EXPECTED: &'static str = "true or false";
    const ZERO: Self = false;

    fn from_literal(literal: Literal) -> Option<Self> {
        match literal {
            Literal::Bool(value) => Some(value),
            Literal::Int(0) => Some(false),
            Literal::Int(1) => Some(true),
            _ => None,
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "1" => Some(true),
            "0" => Some(false),
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    fn literal(self) -> Literal {
        Literal::Bool(self)
    }
}

impl Primitive for i64 {
    const EXPECTED: &'static str = "a 64-bit integer";
    const ZERO: Self = 0;

    fn from_literal(literal: Literal) -> Option<Self> {
        // 2^63 and above are no i64; the cast of what is left is exact.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        match literal {
            Literal::Int(value) => Some(value),
            Literal::F64(value) if value.fract() == 0.0 && (-LIMIT..LIMIT).contains(&value) => Some(value as i64),
            _ => None,
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().or_else(|| Self::from_literal(Literal::F64(text.parse().ok()?)))
    }

    fn literal(self) -> Literal {
        Literal::Int(self)
    }
}

impl Primitive for i32 {
    const EXPECTED: &'static str = "a 32-bit integer";
    const ZERO: Self = 0;

    fn from_literal(literal: Literal) -> Option<Self> {
        i64::from_literal(literal)?.try_into().ok()
    }

    fn from_text(text: &str) -> Option<Self> {
        i64::from_text(text)?.try_into().ok()
    }

    fn literal(self) -> Literal {
        Literal::Int(self.into())
    }
}

impl Primitive for f64 {
    const EXPECTED: &'static str = "a number";
    const ZERO: Self = 0.0;

    fn from_literal(literal: Literal) -> Option<Self> {
        match literal {
            Literal::Bool(_) => None,
            Literal::Int(value) => Some(value as f64),
            Literal::F32(value) => Some(value.into()),
            Literal::F64(value) => Some(value),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|value: &f64| value.is_finite())
    }

    fn literal(self) -> Literal {
        Literal::F64(self)
    }
}

impl Primitive for f32 {
    const EXPECTED: &'static str = "a number";
    const ZERO: Self = 0.0;

    fn from_literal(literal: Literal) -> Option<Self> {
        f64::from_literal(literal).map(|value| value as f32).filter(|value| value.is_finite())
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|value: &f32| value.is_finite())
    }

    fn literal(self) -> Literal {
        Literal::F32(self)
    }
}

impl<P: Primitive> Scalar for Option<P> {
    fn set(&mut self, literal: Literal) -> Result<(), &'static str> {
        *self = Some(P::from_literal(literal).ok_or(P::EXPECTED)?);
        Ok(())
    }

    fn set_text(&mut self, text: &str) -> Result<(), &'static str> {
        *self = match text.trim() {
            "" => None,
            text => Some(P::from_text(text).ok_or(P::EXPECTED)?),
        };
        Ok(())
    }

    fn get(&self) -> Option<Literal> {
        self.map(P::literal)
    }
}

/// Numbers and booleans in lists.
macro_rules! elements {
    ($($ty:ty),*) => {$(
        impl Scalar for $ty {
            fn set(&mut self, literal: Literal) -> Result<(), &'static str> {
                *self = <$ty>::from_literal(literal).ok_or(<$ty>::EXPECTED)?;
                Ok(())
            }

            fn set_text(&mut self, text: &str) -> Result<(), &'static str> {
                *self = match text.trim() {
                    "" => <$ty>::ZERO,
                    text => <$ty>::from_text(text).ok_or(<$ty>::EXPECTED)?,
                };
                Ok(())
            }

            fn get(&self) -> Option<Literal> {
                Some(self.literal())
            }
        }

        impl Element for $ty {
            fn empty() -> Self {
                Self::ZERO
            }

            fn slot(&mut self) -> Slot<'_> {
                Slot::Scalar(self)
            }

            fn value(&self) -> Value<'_> {
                Value::Scalar(self)
            }
        }
    )*};
}

elements!(bool, i32, i64, f32, f64);

/// An open enum's place.
#[doc(hidden)]
pub trait Choice: Send + Sync {
    /// Takes a wire value.
    fn set(&mut self, text: &str);
    /// The wire value, if there is one.
    fn get(&self) -> Option<&str>;
}

/// A struct that may be absent.
#[doc(hidden)]
pub trait Holder: Send + Sync {
    /// The struct, created when absent.
    fn fill(&mut self) -> &mut dyn Model;
    /// The struct, if there.
    fn get(&self) -> Option<&dyn Model>;
}

/// A list.
#[doc(hidden)]
pub trait List: Send + Sync {
    /// Appends an empty element, to write.
    fn push(&mut self) -> Slot<'_>;
    /// Number of elements.
    fn len(&self) -> usize;
    /// An element, to read.
    fn at(&self, index: usize) -> Value<'_>;
    /// Removes all elements.
    fn clear(&mut self);
}

/// A list that may be absent.
#[doc(hidden)]
pub trait OptionList: Send + Sync {
    /// The list, created when absent.
    fn fill(&mut self) -> &mut dyn List;
    /// The list, if there.
    fn get(&self) -> Option<&dyn List>;
}

/// An element of a list.
#[doc(hidden)]
pub trait Element: Send + Sync {
    /// An element with nothing in it.
    fn empty() -> Self;
    /// The element, to write.
    fn slot(&mut self) -> Slot<'_>;
    /// The element, to read.
    fn value(&self) -> Value<'_>;
}

impl<M: Model + Default> Holder for Option<M> {
    fn fill(&mut self) -> &mut dyn Model {
        self.get_or_insert_default()
    }

    fn get(&self) -> Option<&dyn Model> {
        self.as_ref().map(|model| model as &dyn Model)
    }
}

impl<E: Element> List for Vec<E> {
    fn push(&mut self) -> Slot<'_> {
        self.push(E::empty());
        self.last_mut().expect("an element was just pushed").slot()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> Value<'_> {
        self[index].value()
    }

    fn clear(&mut self) {
        self.clear();
    }
}

impl<E: Element> OptionList for Option<Vec<E>> {
    fn fill(&mut self) -> &mut dyn List {
        self.get_or_insert_default()
    }

    fn get(&self) -> Option<&dyn List> {
        self.as_ref().map(|list| list as &dyn List)
    }
}

impl<M: Model + Default> Element for M {
    fn empty() -> Self {
        Self::default()
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Model(self)
    }

    fn value(&self) -> Value<'_> {
        Value::Model(self)
    }
}

impl Element for String {
    fn empty() -> Self {
        Self::new()
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Text(self)
    }

    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

/// An enum of texts that keeps values it does not know. The generator writes the table, [`enums!`] the rest.
#[doc(hidden)]
pub trait OpenEnum: Open + Clone + PartialEq + Send + Sync + 'static {
    /// Wire values and their variants.
    const KNOWN: &'static [(&'static str, Self)];
}

/// The catch-all of an open enum.
#[doc(hidden)]
pub trait Open: Sized {
    /// A value that is not known.
    fn unrecognized(text: String) -> Self;
    /// The text of a value that is not known.
    fn as_unrecognized(&self) -> Option<&str>;
}

impl<E: OpenEnum> Choice for Option<E> {
    fn set(&mut self, text: &str) {
        *self = (!text.is_empty()).then(|| parse(text));
    }

    fn get(&self) -> Option<&str> {
        self.as_ref().map(name)
    }
}

/// The variant of a wire value.
pub(crate) fn parse<E: OpenEnum>(text: &str) -> E {
    let known = E::KNOWN.iter().find(|(wire, _)| *wire == text);
    known.map_or_else(|| E::unrecognized(text.to_owned()), |(_, value)| value.clone())
}

/// The wire value of a variant.
pub(crate) fn name<E: OpenEnum>(value: &E) -> &str {
    value.as_unrecognized().unwrap_or_else(|| {
        let known = E::KNOWN.iter().find(|(_, known)| known == value);
        known.map_or("", |(wire, _)| wire)
    })
}

/// What every open enum has: conversions from and to text, `Display`, `Debug` and serde as text.
macro_rules! enums {
    ($($name:ident),* $(,)?) => {$(
        impl $name {
            /// The value as the service writes it.
            #[inline]
            pub fn as_str(&self) -> &str {
                $crate::model::name(self)
            }

            /// Whether the value is `text`, whatever the letter case; the service is not always consistent.
            #[inline]
            pub fn is(&self, text: &str) -> bool {
                self.as_str().eq_ignore_ascii_case(text)
            }

            /// All values that this version knows.
            #[inline]
            pub fn known() -> impl Iterator<Item = Self> {
                <Self as $crate::model::OpenEnum>::KNOWN.iter().map(|(_, value)| value.clone())
            }
        }

        impl $crate::model::Open for $name {
            #[inline]
            fn unrecognized(text: String) -> Self {
                Self::Unrecognized(text)
            }

            #[inline]
            fn as_unrecognized(&self) -> Option<&str> {
                match self {
                    Self::Unrecognized(text) => Some(text),
                    _ => None,
                }
            }
        }

        impl $crate::model::Choice for $name {
            #[inline]
            fn set(&mut self, text: &str) {
                *self = $crate::model::parse(text);
            }

            #[inline]
            fn get(&self) -> Option<&str> {
                Some(self.as_str())
            }
        }

        impl $crate::model::Element for $name {
            #[inline]
            fn empty() -> Self {
                Self::Unrecognized(String::new())
            }

            #[inline]
            fn slot(&mut self) -> $crate::model::Slot<'_> {
                $crate::model::Slot::Enum(self)
            }

            #[inline]
            fn value(&self) -> $crate::model::Value<'_> {
                $crate::model::Value::Enum(self)
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                $crate::model::parse(text)
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                $crate::model::parse(&text)
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            #[inline]
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Ok($crate::model::parse(&text))
            }
        }
    )*};
}

// Everything that the macros below define is `#[inline]`: nothing of it is compiled into the library, but only what a
// program uses into that program. This halves the library's build.

/// The table of a struct's members, from which all comes that a struct needs: `Model`, `Clone`, `PartialEq`, `Debug` without secrets,
/// serde in wire form, and setters where callers build it. A row is `field: Kind(Type) = "WireName"`, with a kind of [`Slot`].
macro_rules! members {
    ($name:ident; $($rest:tt)*) => {
        $crate::model::members!(@model $name; $($rest)*);
    };
    ($name:ident, set by $owner:ident through $inner:ident; $($rest:tt)*) => {
        $crate::model::members!(@model $name; $($rest)*);
        $crate::model::members!(@setters $owner, ($inner); $($rest)*);
    };
    ($name:ident, set by $owner:ident; $($rest:tt)*) => {
        $crate::model::members!(@model $name; $($rest)*);
        $crate::model::members!(@setters $owner, (); $($rest)*);

        impl $owner {
            /// Starts with nothing set.
            #[inline]
            pub fn new() -> Self {
                Self::default()
            }
        }
    };
    (@model $name:ident;) => {
        impl $crate::model::Model for $name {}
        $crate::model::members!(@traits $name);
    };
    (@model $name:ident;
        $([required: $($required:literal),+],)?
        $([secret: $($secret:literal),+],)?
        $($field:ident: $kind:ident($($item:literal,)? $ty:ident) = $wire:literal,)+
    ) => {
        impl $crate::model::Model for $name {
            #[inline]
            fn slot(&mut self, name: &str) -> Option<$crate::model::Slot<'_>> {
                let slot = match name {
                    $($wire => $crate::model::Slot::$kind($($item,)? &mut self.$field),)+
                    _ => return None,
                };
                Some(slot)
            }

            #[inline]
            fn visit<'a>(&'a self, each: &mut dyn FnMut(&'static str, $crate::model::Value<'a>)) {
                $(each($wire, $crate::model::Value::$kind($($item,)? &self.$field));)+
            }

            $(#[inline]
            fn required(&self) -> &'static [&'static str] {
                &[$($required),+]
            })?

            $(#[inline]
            fn secret(&self) -> &'static [&'static str] {
                &[$($secret),+]
            })?
        }

        $crate::model::members!(@traits $name);
    };
    (@traits $name:ident) => {
        impl Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                $crate::encode::cloned(self)
            }
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::encode::equal(self, other)
            }
        }

        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::encode::debug(self, stringify!($name), f)
            }
        }

        impl serde::Serialize for $name {
            #[inline]
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                $crate::encode::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                $crate::decode::read(deserializer)
            }
        }
    };
    (@setters $owner:ident, $inner:tt;) => {};
    (@setters $owner:ident, $inner:tt;
        $([required: $($required:literal),+],)?
        $([secret: $($secret:literal),+],)?
        $($field:ident: $kind:ident($($item:literal,)? $ty:ident) = $wire:literal,)+
    ) => {
        impl $owner {
            $($crate::model::setter!($inner $field $kind $ty);)+
        }
    };
}

/// One setter, by the kind of the member. Flat and without computed docs: it is expanded thousands of times.
macro_rules! setter {
    (($($inner:ident)?) $field:ident Scalar f32) => {
        /// Sets the field of this name.
        #[inline]
        pub fn $field(mut self, value: f32) -> Self {
            $crate::model::put(&mut self$(.$inner)?.$field, value);
            self
        }
    };
    (($($inner:ident)?) $field:ident List $ty:ident) => {
        /// Sets the field of this name.
        #[inline]
        pub fn $field(mut self, values: impl IntoIterator<Item = impl Into<$ty>>) -> Self {
            $crate::model::put_list(&mut self$(.$inner)?.$field, values);
            self
        }
    };
    (($($inner:ident)?) $field:ident CommaList $ty:ident) => {
        /// Sets the field of this name.
        #[inline]
        pub fn $field(mut self, values: impl IntoIterator<Item = impl Into<$ty>>) -> Self {
            $crate::model::put_list(&mut self$(.$inner)?.$field, values);
            self
        }
    };
    (($($inner:ident)?) $field:ident JsonList $ty:ident) => {
        /// Sets the field of this name.
        #[inline]
        pub fn $field(mut self, values: impl IntoIterator<Item = impl Into<$ty>>) -> Self {
            $crate::model::put_list(self$(.$inner)?.$field.insert(Vec::new()), values);
            self
        }
    };
    (($($inner:ident)?) $field:ident Map $ty:ident) => {
        /// Sets the field of this name.
        #[inline]
        pub fn $field(mut self, values: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
            $crate::model::put_map(&mut self$(.$inner)?.$field, values);
            self
        }
    };
    (($($inner:ident)?) $field:ident JsonMap $ty:ident) => {
        /// Sets the field of this name.
        #[inline]
        pub fn $field(mut self, values: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
            $crate::model::put_map(&mut self$(.$inner)?.$field, values);
            self
        }
    };
    (($($inner:ident)?) $field:ident $kind:ident $ty:ident) => {
        /// Sets the field of this name.
        #[inline]
        pub fn $field(mut self, value: impl Into<$ty>) -> Self {
            $crate::model::put(&mut self$(.$inner)?.$field, value);
            self
        }
    };
}

// What setters do, outside of them: thousands of setters have one call each.

pub(crate) fn put<T>(field: &mut Option<T>, value: impl Into<T>) {
    *field = Some(value.into());
}

#[allow(dead_code, reason = "not every family has lists in requests")]
pub(crate) fn put_list<T>(field: &mut Vec<T>, values: impl IntoIterator<Item = impl Into<T>>) {
    *field = values.into_iter().map(Into::into).collect();
}

#[allow(dead_code, reason = "not every family has maps")]
pub(crate) fn put_map(
    field: &mut BTreeMap<String, String>,
    values: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
) {
    *field = values.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
}

pub(crate) use {enums, members, setter};
