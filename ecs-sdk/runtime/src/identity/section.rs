//! Keys and values of files and responses. Any value may be a secret.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor},
};

use super::secret::Secret;

/// The keys and values of a section or a JSON object.
#[derive(Debug, Default)]
pub(crate) struct Section(pub(crate) Vec<(String, Secret)>);

impl Section {
    /// The value of a key, if present.
    pub(crate) fn get(&self, key: &str) -> Option<&Secret> {
        self.0.iter().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    /// The value of a key; empty if the key is absent.
    pub(crate) fn secret(&self, key: &str) -> Secret {
        self.get(key).cloned().unwrap_or_default()
    }

    /// The value of a key, if present and not blank.
    pub(crate) fn non_blank(&self, key: &str) -> Option<String> {
        self.get(key).filter(|value| !value.is_empty()).map(|value| value.as_str().to_owned())
    }

    /// Sets a value, replacing any earlier value of the same key.
    pub(crate) fn set(&mut self, key: String, value: Secret) {
        self.0.retain(|(other, _)| *other != key);
        self.0.push((key, value));
    }
}

/// The members to read from a JSON object. Other members, and members that are `null`, are skipped.
///
/// Each struct with a derived `Deserialize` would add 20 KB to a program.
#[derive(Clone, Copy)]
pub(crate) struct Object {
    pub(crate) strings: &'static [&'static str],
    pub(crate) numbers: &'static [&'static str],
    pub(crate) flags: &'static [&'static str],
}

impl Object {
    /// Reads strings only.
    pub(crate) const fn of(strings: &'static [&'static str]) -> Self {
        Self { strings, numbers: &[], flags: &[] }
    }
}

impl<'de> DeserializeSeed<'de> for Object {
    type Value = Section;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Section, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object {
    type Value = Section;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Section, A::Error> {
        let mut section = Section::default();
        while let Some(name) = map.next_key::<String>()? {
            let is_in = |names: &[&str]| names.contains(&name.as_str());
            let value = if is_in(self.strings) {
                map.next_value::<Option<String>>()?
            } else if is_in(self.numbers) {
                map.next_value::<Option<u64>>()?.map(|number| number.to_string())
            } else if is_in(self.flags) {
                map.next_value::<Option<bool>>()?.map(|flag| flag.to_string())
            } else {
                map.next_value::<IgnoredAny>()?;
                None
            };
            if let Some(value) = value {
                if section.get(&name).is_some() {
                    return Err(A::Error::custom("duplicate member"));
                }
                section.set(name, Secret::new(value));
            }
        }
        Ok(section)
    }
}
