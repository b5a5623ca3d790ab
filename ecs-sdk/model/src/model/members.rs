//! Structs: one macro that implements all of a table.

// All that the macros define is generic or `#[inline]`: it is compiled not into the library but into programs, which
// compile only the parts that they use. This halves the library's build.

/// Implements what every struct of the API has, from the table of its members: `Model`, `Clone`, `PartialEq`, `Debug`
/// without secrets, and serde in wire form. A row is `field = "WireName"`, with `as` a [`Style`](super::Style) where the
/// member has an encoding of its own.
///
/// The head names the struct: `Name` alone; `Name, with setters` for a struct inside requests, which adds `new` and `maybe`;
/// `Name, with meta` for a response; `Name, with encoding` for a struct in a response whose content is encoded as the request
/// asked, which a private field `encoding` states; and `NameRequest, sent by Name` for a request, where `Name<C>` has the members and a
/// private field `call: C`, and `NameRequest` is `Name<()>`. `[default: derived]` means that the struct derives `Default`; a
/// struct that contains another one has no [constant](super::Empty) for it.
#[doc(hidden)]
#[macro_export]
macro_rules! members {
    ($name:ident; $($rest:tt)*) => {
        $crate::model::members!(@model [] [$name] $name; $($rest)*);
        $crate::model::members!(@default $name; $($rest)*);
        $crate::model::members!(@plain $name read_response);
    };
    ($name:ident, with setters; $($rest:tt)*) => {
        $crate::model::members!(@model [] [$name] $name; $($rest)*);
        $crate::model::members!(@default $name; $($rest)*);
        $crate::model::members!(@plain $name read_request);
        $crate::model::members!(@new $name);

        impl $name {
            /// Sets a field only if `value` is `Some`: passes the value to `setter`, for example
            /// `.maybe(args.zone, DescribeInstances::zone_id)`. With `None`, nothing changes.
            #[inline]
            pub fn maybe<T>(self, value: Option<T>, setter: fn(Self, T) -> Self) -> Self {
                $crate::model::maybe(self, value, setter)
            }
        }
    };
    ($name:ident, with meta; $($rest:tt)*) => {
        $crate::model::members!(@model [] [$name] $name, meta; $($rest)*);
        $crate::model::members!(@default $name, meta; $($rest)*);
        $crate::model::members!(@plain $name read_response);
    };
    ($name:ident, with encoding; $($rest:tt)*) => {
        $crate::model::members!(@model [] [$name] $name, encoding; $($rest)*);
        $crate::model::members!(@default $name, encoding; $($rest)*);
        $crate::model::members!(@plain $name read_response);
    };
    ($request:ident, sent by $name:ident; $($rest:tt)*) => {
        $crate::model::members!(@model [<C: Send + Sync>] [$name<C>] $request; $($rest)*);
        $crate::model::members!(@new $request);
        $crate::model::members!(@call $name; $($rest)*);

        impl Default for $request {
            #[inline]
            fn default() -> Self {
                Self::from_call(())
            }
        }

        impl<C: Clone + Send + Sync> Clone for $name<C> {
            #[inline]
            fn clone(&self) -> Self {
                let mut to = Self::from_call(self.call.clone());
                $crate::encode::copy(self, &mut to);
                to
            }
        }

        impl<C: 'static + Send + Sync> std::fmt::Debug for $name<C> {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::encode::debug_request::<C>(self, stringify!($name), f)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $request {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                $crate::decode::read_request(deserializer)
            }
        }
    };
    (@model [$($generics:tt)*] [$($ty:tt)*] $name:ident $(, $meta:ident)?;
        $([default: $default:ident],)?
        $([required: $($required:literal),+],)?
        $([secret: $($secret:literal),+],)?
        $([sizes: $($size:ident($($limit:literal),+)),+],)?
        $($field:ident = $wire:literal $(as $style:ident $(($item:literal))?)?,)*
    ) => {
        impl $($generics)* $crate::model::Model for $($ty)* {
            // A model can have all parts of a table.
            #[allow(clippy::needless_update)]
            #[inline]
            fn read(&self, reader: &mut dyn $crate::model::Reader) {
                reader.members(
                    &$crate::model::Table {
                        name: stringify!($name),
                        names: &[$($wire),*],
                        fields: stringify!($($field)*),
                        styles: &[$($(($wire, $crate::model::Style::$style $(($item))?),)?)*],
                        $(required: &[$($required),+],)?
                        $(secret: &[$($secret),+],)?
                        $(sizes: &[$($crate::model::Size::$size($($limit),+)),+],)?
                        ..$crate::model::Table::EMPTY
                    },
                    &[$(&self.$field,)* $(&self.$meta)?],
                );
            }

            #[inline]
            fn write(&mut self, writer: &mut dyn $crate::model::Writer) {
                writer.members(&mut [$(&mut self.$field,)* $(&mut self.$meta)?]);
            }
        }

        impl $($generics)* PartialEq for $($ty)* {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::encode::equal(self, other)
            }
        }

        impl $($generics)* $crate::serde::Serialize for $($ty)* {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                $crate::encode::serialize(self, serializer)
            }
        }
    };
    (@default $name:ident $(, $meta:ident)?; [default: derived], $($rest:tt)*) => {};
    (@default $name:ident $(, $meta:ident)?;
        $([required: $($required:literal),+],)?
        $([secret: $($secret:literal),+],)?
        $([sizes: $($size:ident($($limit:literal),+)),+],)?
        $($field:ident = $wire:literal $(as $style:ident $(($item:literal))?)?,)*
    ) => {
        impl Default for $name {
            #[inline]
            fn default() -> Self {
                Self { $($field: $crate::model::Empty::EMPTY,)* $($meta: $crate::model::Empty::EMPTY)? }
            }
        }
    };
    (@plain $name:ident $read:ident) => {
        impl Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                $crate::encode::cloned(self)
            }
        }

        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::encode::debug(self, f)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                $crate::decode::$read(deserializer)
            }
        }
    };
    (@new $data:ident) => {
        impl $data {
            /// Creates a value with nothing set.
            #[inline]
            pub fn new() -> Self {
                Self::default()
            }
        }
    };
    (@call $name:ident;
        $([required: $($required:literal),+],)?
        $([secret: $($secret:literal),+],)?
        $([sizes: $($size:ident($($limit:literal),+)),+],)?
        $($field:ident = $wire:literal $(as $style:ident $(($item:literal))?)?,)*
    ) => {
        impl<C> $name<C> {
            /// Sets a field only if `value` is `Some`: passes the value to `setter`, for example
            /// `.maybe(args.zone, DescribeInstances::zone_id)`. With `None`, nothing changes.
            #[inline]
            pub fn maybe<T>(self, value: Option<T>, setter: fn(Self, T) -> Self) -> Self {
                $crate::model::maybe(self, value, setter)
            }

            #[inline]
            fn from_call(call: C) -> Self {
                Self { $($field: $crate::model::Empty::EMPTY,)* call }
            }

            fn replace_call<D>(self, call: D) -> ($name<D>, C) {
                ($name { $($field: self.$field,)* call }, self.call)
            }
        }
    };
    ($($unknown:tt)*) => {
        $crate::generated_format!($($unknown)*);
    };
}

pub fn maybe<S, T>(to: S, value: Option<T>, setter: fn(S, T) -> S) -> S {
    match value {
        Some(value) => setter(to, value),
        None => to,
    }
}

pub use crate::members;
