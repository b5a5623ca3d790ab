//! Open enums: a variant for each value known to this version, and a variant that contains any other value.

use std::{borrow::Cow, mem::discriminant};

use serde::{Deserialize as _, Deserializer, Serializer};

/// An enum of strings that preserves unknown values. The generator writes the table, and [`enums!`] implements the
/// rest.
#[doc(hidden)]
pub trait OpenEnum: Open + Clone + for<'t> From<&'t str> + Send + Sync + 'static {
    /// The wire values of all known variants.
    const KNOWN: &'static [(&'static str, Self)];
}

/// The catch-all variant of an open enum.
#[doc(hidden)]
pub trait Open: Sized {
    /// Creates an unknown value.
    fn unrecognized(text: String) -> Self;
    /// Returns the string of an unknown value.
    fn as_unrecognized(&self) -> Option<&str>;
}

/// Returns the variant of a wire value.
pub fn parse<E: OpenEnum>(text: &str) -> E {
    let known = E::KNOWN.iter().find(|(wire, _)| *wire == text);
    known.map_or_else(|| E::unrecognized(text.to_owned()), |(_, value)| value.clone())
}

/// Returns the wire value of a variant.
pub fn name<E: OpenEnum>(value: &E) -> &str {
    value.as_unrecognized().unwrap_or_else(|| {
        let known = E::KNOWN.iter().find(|(_, known)| discriminant(known) == discriminant(value));
        known.map_or("", |(wire, _)| wire)
    })
}

/// Returns all values known to this version.
pub fn known<E: OpenEnum>() -> impl Iterator<Item = E> {
    E::KNOWN.iter().map(|(_, value)| value.clone())
}

/// Implements `Serialize` for every open enum.
pub fn serialize<E: OpenEnum, S: Serializer>(value: &E, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name(value))
}

/// Implements `Deserialize` for every open enum.
pub fn deserialize<'de, E: OpenEnum, D: Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    let text = <Cow<'de, str>>::deserialize(deserializer)?;
    Ok(parse(&text))
}

/// Implements for open enums: equality, order, conversions from and to strings, `Display`, `Debug`, and serde as a
/// string.
#[doc(hidden)]
#[macro_export]
macro_rules! enums {
    ($($name:ident),* $(,)?) => {$(
        impl $name {
            /// Returns the value in the spelling of the service.
            #[inline]
            pub fn as_str(&self) -> &str {
                $crate::model::name(self)
            }

            /// Returns whether the value equals `text` regardless of letter case.
            ///
            /// The service does not always use the same letter case. `==` is case-sensitive.
            #[inline]
            pub fn is(&self, text: &str) -> bool {
                self.as_str().eq_ignore_ascii_case(text)
            }

            /// Returns all values known to this version.
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

        // Equality, order and hash are those of the wire value, whether or not it is known to this version.

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl PartialEq<String> for $name {
            #[inline]
            fn eq(&self, other: &String) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<$name> for str {
            #[inline]
            fn eq(&self, other: &$name) -> bool {
                self == other.as_str()
            }
        }

        impl PartialEq<$name> for &str {
            #[inline]
            fn eq(&self, other: &$name) -> bool {
                *self == other.as_str()
            }
        }

        impl PartialEq<$name> for String {
            #[inline]
            fn eq(&self, other: &$name) -> bool {
                self == other.as_str()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            #[inline]
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl std::hash::Hash for $name {
            #[inline]
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                Ok($crate::model::parse(text))
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                $crate::model::parse(text)
            }
        }

        impl From<&String> for $name {
            #[inline]
            fn from(text: &String) -> Self {
                $crate::model::parse(text)
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                $crate::model::parse(&text)
            }
        }

        impl From<$name> for String {
            #[inline]
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
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

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::model::serialize(self, serializer)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::model::deserialize(deserializer)
            }
        }
    )*};
    ($($unknown:tt)*) => {
        $crate::generated_format!($($unknown)*);
    };
}

pub use crate::enums;
