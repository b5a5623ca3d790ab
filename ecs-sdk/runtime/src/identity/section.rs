//! Keys and values of files and responses. Any value may be a secret.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};

use super::secret::Secret;
use crate::json::Numbers;

/// The keys and values of a section or a JSON object. The last value of a key counts.
///
/// A list rather than a map: few keys are looked up, and a map would add several kilobytes to a program.
#[derive(Debug, Default)]
pub(crate) struct Section(Vec<(String, Secret)>);

impl Section {
    /// The value of a key, if present.
    pub(crate) fn get(&self, key: &str) -> Option<&Secret> {
        self.0.iter().rev().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    /// All keys and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The value of a key; empty if the key is absent.
    pub(crate) fn secret(&self, key: &str) -> Secret {
        self.get(key).cloned().unwrap_or_default()
    }

    /// The value of a key without surrounding white space, if present and not blank.
    pub(crate) fn non_blank(&self, key: &str) -> Option<String> {
        self.get(key).filter(|value| !value.is_empty()).map(|value| value.as_str().trim().to_owned())
    }

    /// Adds a value, which replaces any earlier value of the same key.
    pub(crate) fn set(&mut self, key: String, value: Secret) {
        self.0.push((key, value));
    }
}

/// The members to read from a JSON object. Other members, and members that are `null`, are skipped. Numbers and Booleans
/// are converted to strings, because other tools write and read either. As in the CLI, names are matched in any case, and
/// the last value of a member that occurs more than once is used.
///
/// Each struct with a derived `Deserialize` would add 20 KB to a program.
#[derive(Clone, Copy)]
pub(crate) struct Object(&'static [&'static str]);

impl Object {
    pub(crate) const fn of(members: &'static [&'static str]) -> Self {
        Self(members)
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
            let Some(known) = self.0.iter().find(|known| known.eq_ignore_ascii_case(&name)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Some(value) = map.next_value_seed(Scalar)? {
                section.set((*known).to_owned(), value);
            }
        }
        Ok(section)
    }
}

/// Reads a string, number or Boolean as a string; `None` for `null`.
struct Scalar;

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = Option<Secret>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Numbers(deserializer).deserialize_any(self)
    }
}

impl Visitor<'_> for Scalar {
    type Value = Option<Secret>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number or a Boolean")
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Some(Secret::new(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(Secret::new(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(Secret::new(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Secret::new(value.to_string())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Secret::new(value.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_booleans_are_read_as_strings() {
        let text = r#"{"a": 3600, "B": -1, "c": 1.5, "d": true, "e": null, "f": "x", "other": {"a": [1e400]}}"#;
        let object = Object::of(&["a", "b", "c", "d", "e", "f"]);
        let section = object.deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap();
        let values: Vec<(&str, &str)> = section.iter().map(|(key, value)| (key, value.as_str())).collect();
        assert_eq!(values, [("a", "3600"), ("b", "-1"), ("c", "1.5"), ("d", "true"), ("f", "x")]);
    }
}
