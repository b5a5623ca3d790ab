//! What files and answers hold: keys with values that may be secret.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor},
};

use super::secret::Secret;

/// Keys and values, of a section or of a JSON object.
#[derive(Debug, Default)]
pub(super) struct Section(pub(super) Vec<(String, Secret)>);

impl Section {
    /// The value of a key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<&Secret> {
        self.0.iter().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    /// The value of a key; empty if it is not there.
    pub(super) fn secret(&self, key: &str) -> Secret {
        self.get(key).cloned().unwrap_or_default()
    }

    /// The value of a key, if it is there and not blank.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.get(key).filter(|value| !value.is_empty()).map(|value| value.as_str().to_owned())
    }

    /// Sets a value, in place of another of the same key.
    pub(super) fn set(&mut self, key: String, value: Secret) {
        self.0.retain(|(other, _)| *other != key);
        self.0.push((key, value));
    }
}

/// Members of a JSON object that are read; others are skipped, and `null` is as if not there.
///
/// Derived, the reading of each struct would be 20 KB of a program.
#[derive(Clone, Copy)]
pub(super) struct Object {
    pub(super) texts: &'static [&'static str],
    pub(super) numbers: &'static [&'static str],
    pub(super) flags: &'static [&'static str],
}

impl Object {
    /// An object of texts.
    pub(super) const fn of(texts: &'static [&'static str]) -> Self {
        Self { texts, numbers: &[], flags: &[] }
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
            let value = if is_in(self.texts) {
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
                    return Err(A::Error::custom("a member occurs twice"));
                }
                section.set(name, Secret::new(value));
            }
        }
        Ok(section)
    }
}
