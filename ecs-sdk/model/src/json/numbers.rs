//! Numbers, independent of the features of `serde_json`. Any crate of a program can enable `arbitrary_precision`, with which
//! `serde_json` passes a number to visitors as a map whose only key is reserved.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::BorrowedStrDeserializer},
    forward_to_deserialize_any,
};

/// The reserved key. Its value is the number as a string.
const KEY: &str = "$serde_json::private::Number";

/// Passes a number to a visitor. `float` is the number at `f64` precision.
pub(super) fn visit<'de, V: Visitor<'de>, E: Error>(text: &str, float: f64, visitor: V) -> Result<V::Value, E> {
    match (text.parse(), text.parse()) {
        // `-0` is a float.
        (Ok(value), _) if value != 0 || text == "0" => visitor.visit_i64(value),
        (_, Ok(value)) => visitor.visit_u64(value),
        _ => visitor.visit_f64(float),
    }
}

/// A deserializer, and all that it creates, which pass numbers to visitors as numbers.
pub struct Numbers<T>(pub T);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Numbers<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(Numbers(visitor))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Numbers<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Numbers(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Numbers<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Numbers(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

/// A key, borrowed from the input if possible.
pub struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(text.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.to_owned().into())
    }
}

/// A map whose first key has been read.
struct Members<'de, A> {
    first: Option<Cow<'de, str>>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        match self.first.take() {
            Some(Cow::Borrowed(first)) => seed.deserialize(BorrowedStrDeserializer::new(first)).map(Some),
            Some(Cow::Owned(first)) => seed.deserialize(first.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.rest.next_value_seed(Numbers(seed))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Numbers<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<V::Value, E> {
        self.0.visit_bool(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<V::Value, E> {
        self.0.visit_i64(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<V::Value, E> {
        self.0.visit_u64(value)
    }

    // Without the feature, `serde_json` passes larger integers as floats.
    fn visit_i128<E: Error>(self, value: i128) -> Result<V::Value, E> {
        self.0.visit_f64(value as f64)
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<V::Value, E> {
        self.0.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        self.0.visit_f64(value)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        self.0.visit_str(text)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        self.0.visit_borrowed_str(text)
    }

    fn visit_string<E: Error>(self, text: String) -> Result<V::Value, E> {
        self.0.visit_string(text)
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Numbers(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        let first = map.next_key_seed(Key)?;
        if first.as_deref() != Some(KEY) {
            return self.0.visit_map(Members { first, rest: map });
        }
        let text: String = map.next_value()?;
        match text.parse::<f64>() {
            Ok(float) if float.is_finite() => visit(&text, float, self.0),
            _ => Err(A::Error::custom("number out of range")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Reads any value as the text of what its visitor receives.
    struct Seen;

    impl<'de> DeserializeSeed<'de> for Seen {
        type Value = String;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
            deserializer.deserialize_any(self)
        }
    }

    impl<'de> Visitor<'de> for Seen {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }

        fn visit_i64<E>(self, value: i64) -> Result<String, E> {
            Ok(format!("{value}"))
        }

        fn visit_u64<E>(self, value: u64) -> Result<String, E> {
            Ok(format!("{value}"))
        }

        fn visit_f64<E>(self, value: f64) -> Result<String, E> {
            Ok(format!("{value:?}"))
        }

        fn visit_str<E>(self, value: &str) -> Result<String, E> {
            Ok(format!("{value:?}"))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<String, A::Error> {
            let mut text = String::from("[");
            while let Some(element) = seq.next_element_seed(Self)? {
                text = text + &element + " ";
            }
            Ok(text + "]")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
            let mut text = String::from("{");
            while let Some((name, value)) = map.next_entry_seed(Self, Self)? {
                text = text + &name + " " + &value + " ";
            }
            Ok(text + "}")
        }
    }

    /// Numbers, and what a visitor receives for them. With the feature `arbitrary_precision`, `serde_json` passes some as maps.
    const NUMBERS: [(&str, &str); 12] = [
        ("0", "0"),
        ("-0", "-0.0"),
        ("-1", "-1"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e19"),
        ("-9223372036854775809", "-9.223372036854776e18"),
        ("100000000000000000000000000000000000000000", "1e41"),
        ("1.0", "1.0"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("1e-400", "0.0"),
    ];

    #[test]
    fn numbers_are_the_same_with_and_without_the_feature() {
        for (text, expected) in NUMBERS {
            for (document, expected) in [
                (text.to_owned(), expected.to_owned()),
                (format!("[{text}, \"{text}\"]"), format!("[{expected} \"{text}\" ]")),
                (
                    format!("{{\"a\": {{}}, \"b\": {{\"c\": {text}}}}}"),
                    format!("{{\"a\" {{}} \"b\" {{\"c\" {expected} }} }}"),
                ),
            ] {
                let seen = Numbers(Seen).deserialize(&mut serde_json::Deserializer::from_str(&document)).unwrap();
                assert_eq!(seen, expected, "{document}");
                // A `Value` does not tell `-0` from 0 with the feature.
                if text == "-0" {
                    continue;
                }
                let value: Value = serde_json::from_str(&document).unwrap();
                assert_eq!(Numbers(Seen).deserialize(value).unwrap(), expected, "{document}");
            }
            // As with the feature, in a crate that is compiled without it.
            let map = json!({ KEY: text });
            assert_eq!(Numbers(Seen).deserialize(map).unwrap(), expected, "{text}");
        }
        for invalid in ["1e400", "x", "", "NaN", "inf"] {
            let error = Numbers(Seen).deserialize(json!({ KEY: invalid })).unwrap_err();
            assert_eq!(error.to_string(), "number out of range", "{invalid}");
        }
        let error = Numbers(Seen).deserialize(&mut serde_json::Deserializer::from_str("[1e400]")).unwrap_err();
        assert!(error.to_string().starts_with("number out of range"), "{error}");
    }
}
