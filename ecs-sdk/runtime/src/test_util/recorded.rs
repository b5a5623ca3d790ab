//! The calls of a recording, as they are in its file.
//!
//! Their JSON is read and written here, because derived code would make a procedural macro a dependency of every program whose
//! tests use recordings.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, Visitor},
    ser::SerializeMap as _,
};
use serde_json::Value;

/// The content of a file.
pub(super) struct File {
    pub(super) calls: Vec<Entry>,
}

/// A request, and the response or failure.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) operation: String,
    pub(super) version: String,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) status: Option<u16>,
    pub(super) headers: BTreeMap<String, String>,
    /// The body, if it is JSON.
    pub(super) response: Option<Value>,
    /// The body, if it is not.
    pub(super) text: Option<String>,
    pub(super) failure: Option<Failure>,
}

/// A failure of the connection.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// Whether the service may have received the request.
    pub(super) sent: bool,
    pub(super) timeout: bool,
    pub(super) message: String,
}

/// Implements [`Deserialize`] for a struct whose members are the fields of the same names: first those that must be given,
/// then those that have a default. Unknown members and those that are given twice are errors.
macro_rules! read {
    ($type:ident, $what:literal, [$($required:ident),*], [$($optional:ident),*]) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const NAMES: &[&str] = &[$(stringify!($required),)* $(stringify!($optional),)*];

                struct Members;

                impl<'de> Visitor<'de> for Members {
                    type Value = $type;

                    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                        formatter.write_str($what)
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<$type, A::Error> {
                        $(let mut $required = None;)*
                        $(let mut $optional = None;)*
                        while let Some(name) = members.next_key::<String>()? {
                            let is_repeated = match name.as_str() {
                                $(stringify!($required) => $required.replace(members.next_value()?).is_some(),)*
                                $(stringify!($optional) => $optional.replace(members.next_value()?).is_some(),)*
                                _ => return Err(A::Error::unknown_field(&name, NAMES)),
                            };
                            if is_repeated {
                                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
                            }
                        }
                        Ok($type {
                            $($required: $required.ok_or_else(|| A::Error::missing_field(stringify!($required)))?,)*
                            $($optional: $optional.unwrap_or_default(),)*
                        })
                    }
                }

                deserializer.deserialize_struct(stringify!($type), NAMES, Members)
            }
        }
    };
}

read!(File, "a recording", [calls], []);
read!(Entry, "a call", [operation], [version, parameters, status, headers, response, text, failure]);
read!(Failure, "a failure of the connection", [sent], [timeout, message]);

impl Serialize for File {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("calls", &self.calls)?;
        members.end()
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("operation", &self.operation)?;
        if !self.version.is_empty() {
            members.serialize_entry("version", &self.version)?;
        }
        members.serialize_entry("parameters", &self.parameters)?;
        if let Some(status) = &self.status {
            members.serialize_entry("status", status)?;
        }
        if !self.headers.is_empty() {
            members.serialize_entry("headers", &self.headers)?;
        }
        if let Some(response) = &self.response {
            members.serialize_entry("response", response)?;
        }
        if let Some(text) = &self.text {
            members.serialize_entry("text", text)?;
        }
        if let Some(failure) = &self.failure {
            members.serialize_entry("failure", failure)?;
        }
        members.end()
    }
}

impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("sent", &self.sent)?;
        members.serialize_entry("timeout", &self.timeout)?;
        members.serialize_entry("message", &self.message)?;
        members.end()
    }
}
