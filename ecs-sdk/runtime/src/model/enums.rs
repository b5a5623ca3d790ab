//! Open enums: values that this version knows, and a variant that keeps the others.

use std::{
    borrow::Cow,
    hash::{Hash, Hasher},
    mem::discriminant,
};

use serde::{Deserialize as _, Deserializer, Serializer};

/// An enum of texts that keeps values it does not know. The generator writes the table, [`enums!`] the rest.
#[doc(hidden)]
pub trait OpenEnum: Open + Clone + for<'t> From<&'t str> + Send + Sync + 'static {
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

/// The variant of a wire value.
pub fn parse<E: OpenEnum>(text: &str) -> E {
    let known = E::KNOWN.iter().find(|(wire, _)| *wire == text);
    known.map_or_else(|| E::unrecognized(text.to_owned()), |(_, value)| value.clone())
}

/// The wire value of a variant.
pub fn name<E: OpenEnum>(value: &E) -> &str {
    value.as_unrecognized().unwrap_or_else(|| {
        let known = E::KNOWN.iter().find(|(_, known)| discriminant(known) == discriminant(value));
        known.map_or("", |(wire, _)| wire)
    })
}

/// Whether two values are the same; the body of every enum's `PartialEq`. Derived, it would take more memory to compile.
pub fn same<E: OpenEnum>(one: &E, other: &E) -> bool {
    discriminant(one) == discriminant(other) && one.as_unrecognized() == other.as_unrecognized()
}

/// The body of every enum's `Hash`, in keeping with [`same`].
pub fn hash<E: OpenEnum, H: Hasher>(value: &E, state: &mut H) {
    discriminant(value).hash(state);
    value.as_unrecognized().hash(state);
}

/// All values that this version knows.
pub fn known<E: OpenEnum>() -> impl Iterator<Item = E> {
    E::KNOWN.iter().map(|(_, value)| value.clone())
}

/// The body of every enum's `Serialize`.
pub fn serialize<E: OpenEnum, S: Serializer>(value: &E, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name(value))
}

/// The body of every enum's `Deserialize`.
pub fn deserialize<'de, E: OpenEnum, D: Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    let text = <Cow<'de, str>>::deserialize(deserializer)?;
    Ok(parse(&text))
}

/// What every open enum has: equality, conversions from and to text, `Display`, `Debug` and serde as text.
#[doc(hidden)]
#[macro_export]
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
                $crate::model::known()
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

        impl $crate::model::Element for $name {
            type Kind = $crate::model::Enum;
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::model::same(self, other)
            }
        }

        impl Eq for $name {}

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                $crate::model::hash(self, state);
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
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::model::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::model::deserialize(deserializer)
            }
        }
    )*};
}

pub use crate::enums;
