//! A parser of the JSON of one document, for the decoders of this crate.
//!
//! It parses what responses consist of itself: objects, lists, strings without escapes, and integers. Everything else it
//! passes, piece by piece, to `serde_json`, which is also where errors come from.

use std::{cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor, value::BorrowedStrDeserializer},
    forward_to_deserialize_any,
};
use serde_json::Error;

use super::numbers;

/// Maximum nesting depth of lists and objects, which is that of `serde_json`.
const MAX_DEPTH: u8 = 127;
/// Maximum number of digits for which every integer fits an `i64`.
const MAX_DIGITS: usize = 18;

/// A document, and the position in it.
pub struct Parser<'de> {
    text: &'de str,
    at: usize,
    depth: u8,
    /// The name that the next member probably has.
    expected: Option<&'de Cell<&'static str>>,
}

impl<'de> Parser<'de> {
    /// Begins a document.
    pub fn new(text: &'de str) -> Self {
        Self { text, at: 0, depth: 0, expected: None }
    }

    /// Begins a document whose next name is probably the content of the cell. To compare the two is faster than to search for
    /// the end of the name.
    pub fn expecting(text: &'de str, next: &'de Cell<&'static str>) -> Self {
        Self { expected: Some(next), ..Self::new(text) }
    }

    /// Returns an error if anything but white space follows.
    pub fn end(&mut self) -> Result<(), Error> {
        if self.peek().is_none() { Ok(()) } else { Err(self.malformed()) }
    }

    /// The next byte that is not white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                next => return next.copied(),
            }
        }
    }

    /// Parses the byte `expected`, after white space.
    #[inline]
    fn expect(&mut self, expected: u8) -> Result<(), Error> {
        if self.peek() != Some(expected) {
            return Err(self.malformed());
        }
        self.at += 1;
        Ok(())
    }

    /// Parses a comma, unless the first element or the end of a list or an object follows. Returns the byte that follows.
    #[inline]
    fn next(&mut self, is_first: &mut bool, end: u8) -> Result<Option<u8>, Error> {
        let next = self.peek();
        if next == Some(end) {
            return Ok(None);
        }
        if std::mem::take(is_first) {
            return Ok(next);
        }
        if next != Some(b',') {
            return Err(self.malformed());
        }
        self.at += 1;
        match self.peek() {
            next if next == Some(end) => Err(self.malformed()),
            next => Ok(next),
        }
    }

    /// The error of the document at this position.
    #[cold]
    fn malformed(&self) -> Error {
        // Skipping values is less strict, and accepts any depth.
        let skipped = serde_json::from_str::<IgnoredAny>(self.text).err();
        let error = match skipped {
            Some(error) if error.is_eof() => Some(error),
            other => {
                let mut whole = serde_json::Deserializer::from_str(self.text);
                Checked.deserialize(&mut whole).and_then(|()| whole.end()).err().or(other)
            }
        };
        error.unwrap_or_else(|| Error::custom(format_args!("malformed JSON at byte {}", self.at)))
    }

    /// Parses a string from its opening quote.
    #[inline]
    fn string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let start = self.at + 1;
        let end = end_of_plain(self.text.as_bytes(), start);
        if self.text.as_bytes().get(end) == Some(&b'"')
            && let Some(text) = self.text.get(start..end)
        {
            self.at = end + 1;
            return visitor.visit_borrowed_str(text);
        }
        visitor.visit_string(self.escaped(end)?)
    }

    /// Parses a string whose first escape is at `end`.
    #[cold]
    fn escaped(&mut self, mut end: usize) -> Result<String, Error> {
        loop {
            match self.text.as_bytes().get(end) {
                // The escaped character is part of the string.
                Some(b'\\') => end = end_of_plain(self.text.as_bytes(), end + 2),
                Some(b'"') => return self.delegate(end + 1),
                _ => return Err(self.malformed()),
            }
        }
    }

    /// Parses the expected name if it is the next one.
    #[inline]
    fn expected_name(&mut self) -> Option<&'static str> {
        let name = self.expected?.get();
        let rest = self.text.as_bytes().get(self.at + 1..)?;
        if rest.get(name.len()) != Some(&b'"') || !rest.starts_with(name.as_bytes()) {
            return None;
        }
        self.at += name.len() + 2;
        Some(name)
    }

    /// Parses a value that ends at `end` with `serde_json`.
    fn delegate<T: serde::de::DeserializeOwned>(&mut self, end: usize) -> Result<T, Error> {
        let value = self.text.get(self.at..end).ok_or_else(|| self.malformed())?;
        let value = serde_json::from_str(value).map_err(|error| match self.malformed() {
            whole if whole.is_data() => error,
            whole => whole,
        })?;
        self.at = end;
        Ok(value)
    }

    /// Parses `word`, which is `true`, `false` or `null`.
    #[inline]
    fn word(&mut self, word: &[u8]) -> Result<(), Error> {
        if !self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.malformed());
        }
        self.at += word.len();
        Ok(())
    }

    #[inline]
    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let bytes = self.text.as_bytes();
        let is_negative = bytes.get(self.at) == Some(&b'-');
        let start = self.at + usize::from(is_negative);
        let (mut end, mut value) = (start, 0_i64);
        while let Some(digit @ b'0'..=b'9') = bytes.get(end)
            && end - start < MAX_DIGITS
        {
            value = value * 10 + i64::from(digit - b'0');
            end += 1;
        }
        let is_integer = end > start && !matches!(bytes.get(end), Some(b'0'..=b'9' | b'.' | b'e' | b'E'));
        // `serde_json` decides about `-0`, which is a float, and about leading zeros, which are invalid.
        if is_integer && (bytes.get(start) != Some(&b'0') || end - start == 1 && !is_negative) {
            self.at = end;
            return visitor.visit_i64(if is_negative { -value } else { value });
        }
        self.other_number(visitor)
    }

    fn other_number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let rest = self.text.as_bytes().iter().skip(self.at);
        let length = rest.take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)).count();
        let start = self.at;
        // Not `serde_json::Number`, which accepts more with some features of `serde_json`.
        let float = self.delegate(start + length)?;
        numbers::visit(&self.text[start..self.at], float, visitor)
    }

    /// Enters a list or an object.
    #[inline]
    fn enter(&mut self) -> Result<(), Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::custom("recursion limit exceeded"));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }
}

/// The position of the first quote, backslash or control character from `at`, or the end.
#[inline]
fn end_of_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // A borrow marks a byte that equals zero after the exclusive or, and possibly bytes after it.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    while let Some((word, _)) = bytes.get(at..).and_then(<[u8]>::split_first_chunk) {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let special = zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5C)) | control;
        if special & HIGH != 0 {
            return at + (special & HIGH).trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | ..0x20)) {
        at += 1;
    }
    at
}

impl<'de> Deserializer<'de> for &mut Parser<'de> {
    type Error = Error;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'"') => self.string(visitor),
            Some(b'{') => {
                self.enter()?;
                let value = visitor.visit_map(Elements { parser: &mut *self, is_first: true })?;
                self.depth -= 1;
                self.expect(b'}').map(|()| value)
            }
            Some(b'[') => {
                self.enter()?;
                let value = visitor.visit_seq(Elements { parser: &mut *self, is_first: true })?;
                self.depth -= 1;
                self.expect(b']').map(|()| value)
            }
            Some(b'-' | b'0'..=b'9') => self.number(visitor),
            Some(b't') => self.word(b"true").and_then(|()| visitor.visit_bool(true)),
            Some(b'f') => self.word(b"false").and_then(|()| visitor.visit_bool(false)),
            Some(b'n') => self.word(b"null").and_then(|()| visitor.visit_unit()),
            _ => Err(self.malformed()),
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'"') => self.string(visitor),
            _ => Err(self.malformed()),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    /// Skips a value, however deeply nested.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => self.at += values.byte_offset(),
            _ => return Err(self.malformed()),
        }
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct enum identifier
    }
}

/// Reads any value, and ignores it.
struct Checked;

impl<'de> DeserializeSeed<'de> for Checked {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry_seed(Self, Self)?.is_some() {}
        Ok(())
    }
}

/// The rest of a list or an object.
struct Elements<'p, 'de> {
    parser: &'p mut Parser<'de>,
    is_first: bool,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        match self.parser.next(&mut self.is_first, b']')? {
            Some(_) => seed.deserialize(&mut *self.parser).map(Some),
            None => Ok(None),
        }
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        match self.parser.next(&mut self.is_first, b'}')? {
            Some(b'"') => match self.parser.expected_name() {
                Some(name) => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
                None => seed.deserialize(&mut *self.parser).map(Some),
            },
            Some(_) => Err(self.parser.malformed()),
            None => Ok(None),
        }
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        self.parser.expect(b':')?;
        seed.deserialize(&mut *self.parser)
    }
}
