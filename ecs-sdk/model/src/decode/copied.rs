//! A copy of a JSON value, to read it later.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};

use super::budget::Budget;

/// Appends a value to a string, as JSON.
pub(super) struct Copied<'a> {
    pub(super) json: &'a mut String,
    pub(super) budget: &'a Budget,
}

impl Copied<'_> {
    fn push<E: Error>(&mut self, text: &str) -> Result<(), E> {
        self.budget.take(text.len())?;
        self.json.push_str(text);
        Ok(())
    }

    fn push_string<E: Error>(&mut self, text: &str) -> Result<(), E> {
        self.push(&serde_json::to_string(text).map_err(E::custom)?)
    }

    fn next(&mut self) -> Copied<'_> {
        Copied { json: &mut *self.json, budget: self.budget }
    }
}

impl<'de> DeserializeSeed<'de> for Copied<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Copied<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.push("null")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_bool<E: Error>(mut self, value: bool) -> Result<(), E> {
        self.push(if value { "true" } else { "false" })
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<(), E> {
        self.push(&value.to_string())
    }

    fn visit_u64<E: Error>(mut self, value: u64) -> Result<(), E> {
        self.push(&value.to_string())
    }

    fn visit_f64<E: Error>(mut self, value: f64) -> Result<(), E> {
        // `Debug` keeps the fraction of 1.0 and uses exponents for large numbers.
        self.push(&format!("{value:?}"))
    }

    fn visit_str<E: Error>(mut self, value: &str) -> Result<(), E> {
        self.push_string(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.push("[")?;
        while seq.next_element_seed(self.next())?.is_some() {
            self.push(",")?;
        }
        self.close(']')
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.push("{")?;
        while let Some(name) = map.next_key::<String>()? {
            self.push_string(&name)?;
            self.push(":")?;
            map.next_value_seed(self.next())?;
            self.push(",")?;
        }
        self.close('}')
    }
}

impl Copied<'_> {
    /// Ends a list or an object.
    fn close<E: Error>(&mut self, end: char) -> Result<(), E> {
        if self.json.ends_with(',') {
            self.json.pop();
        }
        self.push(end.encode_utf8(&mut [0; 4]))
    }
}
