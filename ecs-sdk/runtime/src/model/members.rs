//! Structs: one macro that makes all of a table.

use super::Texts;

// What the macros define is generic or `#[inline]`: nothing of it is compiled into the library, but only what a program
// uses into that program. This halves the library's build.

/// The table of a struct's members, from which all comes that a struct needs: `Model`, `Clone`, `PartialEq`, `Debug`
/// without secrets, serde in wire form, and setters where callers build it. A row is `field: Kind(Type) = "WireName"`, with
/// the kind of setter and what it takes, and `as` a [`Style`](super::Style) where the member does not travel in the usual way.
#[doc(hidden)]
#[macro_export]
macro_rules! members {
    ($name:ident; $($rest:tt)*) => {
        $crate::model::members!(@model $name; $($rest)*);
    };
    ($name:ident, with $meta:ident; $($rest:tt)*) => {
        $crate::model::members!(@model $name, $meta; $($rest)*);

        impl $name {
            /// How the call went: request ID, status, headers, attempts, time.
            #[inline]
            pub fn meta(&self) -> &$crate::ResponseMeta {
                &self.meta
            }
        }
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
    (@model $name:ident $(, $meta:ident)?;
        $([required: $($required:literal),+],)?
        $([secret: $($secret:literal),+],)?
        $($field:ident: $kind:ident($ty:ident) = $wire:literal $(as $style:ident $(($item:literal))?)?,)*
    ) => {
        impl $crate::model::Model for $name {
            #[inline]
            fn read(&self, reader: &mut dyn $crate::model::Reader) {
                reader.members(
                    &$crate::model::Table {
                        names: &[$($wire),*],
                        styles: &[$($(($wire, $crate::model::Style::$style $(($item))?),)?)*],
                        required: &[$($($required),+)?],
                        secret: &[$($($secret),+)?],
                    },
                    &[$(&self.$field,)* $(&self.$meta)?],
                );
            }

            #[inline]
            fn write(&mut self, writer: &mut dyn $crate::model::Writer) {
                writer.members(&mut [$(&mut self.$field,)* $(&mut self.$meta)?]);
            }
        }

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
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                $crate::encode::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                $crate::decode::read(deserializer)
            }
        }
    };
    (@setters $owner:ident, $inner:tt;
        $([required: $($required:literal),+],)?
        $([secret: $($secret:literal),+],)?
        $($field:ident: $kind:ident($ty:ident) = $wire:literal $(as $style:ident $(($item:literal))?)?,)*
    ) => {
        impl $owner {
            $($crate::model::setter!($inner $field $kind $ty);)*
        }
    };
}

/// One setter, by the kind of the member. Flat and without computed docs: it is expanded thousands of times.
#[doc(hidden)]
#[macro_export]
macro_rules! setter {
    (($($inner:ident)?) $field:ident One f32) => {
        /// Sets the field of this name.
        #[inline]
        pub fn $field(mut self, value: f32) -> Self {
            $crate::model::put(&mut self$(.$inner)?.$field, value);
            self
        }
    };
    (($($inner:ident)?) $field:ident List $ty:ident) => {
        /// Sets the field of this name.
        pub fn $field(mut self, values: impl IntoIterator<Item = impl Into<$ty>>) -> Self {
            $crate::model::put_list(&mut self$(.$inner)?.$field, values);
            self
        }
    };
    (($($inner:ident)?) $field:ident OptionList $ty:ident) => {
        /// Sets the field of this name.
        pub fn $field(mut self, values: impl IntoIterator<Item = impl Into<$ty>>) -> Self {
            $crate::model::put_list(self$(.$inner)?.$field.insert(Vec::new()), values);
            self
        }
    };
    (($($inner:ident)?) $field:ident Map $ty:ident) => {
        /// Sets the field of this name.
        pub fn $field(mut self, values: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
            $crate::model::put_map(&mut self$(.$inner)?.$field, values);
            self
        }
    };
    (($($inner:ident)?) $field:ident One $ty:ident) => {
        /// Sets the field of this name.
        pub fn $field(mut self, value: impl Into<$ty>) -> Self {
            $crate::model::put(&mut self$(.$inner)?.$field, value);
            self
        }
    };
}

// What setters do, outside of them: thousands of setters have one call each.

pub fn put<T>(field: &mut Option<T>, value: impl Into<T>) {
    *field = Some(value.into());
}

#[allow(dead_code, reason = "not every family has lists in requests")]
pub fn put_list<T>(field: &mut Vec<T>, values: impl IntoIterator<Item = impl Into<T>>) {
    *field = values.into_iter().map(Into::into).collect();
}

#[allow(dead_code, reason = "not every family has maps")]
pub fn put_map(field: &mut Texts, values: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) {
    *field = values.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
}

pub use crate::{members, setter};
