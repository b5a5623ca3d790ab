//! Masking of secrets in strings that another program wrote: messages, bodies and headers of whoever responded.

use std::collections::HashSet;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use zeroize::Zeroizing;

/// Shown instead of a secret.
pub(crate) const MASK: &str = "***";

/// Shorter values are not masked, because words of a message may contain them by chance.
const MIN_LENGTH: usize = 6;

/// The same for secrets of credentials. Real ones are longer, but those of fakes and gateways may not be.
const MIN_CREDENTIAL_LENGTH: usize = 4;

/// A part of a secret with this length is masked too, because programs shorten what they print. No word that errors
/// commonly contain is as long, except some names.
const WINDOW: usize = 12;

/// Longer values, such as user data, are not searched for in other encodings: their parts would take megabytes.
const MAX_ENCODED_LENGTH: usize = 4096;

/// Length of the longest entity of HTML that is undone, `&#x10ffff;`.
const MAX_ENTITY_LENGTH: usize = 10;

/// Number of times that escapes are undone: for a form in a query, in JSON, in HTML.
const MAX_ESCAPES: usize = 4;

/// A value that must not be shown, in the form in which values are compared: see [`folded`].
type Value = Zeroizing<Vec<u8>>;

/// The values that must not be shown.
#[derive(Default)]
pub(crate) struct Secrets {
    secrets: Vec<Value>,
    /// Values that may be secret or not.
    unknown: Vec<Value>,
}

impl Secrets {
    /// Adds a secret of credentials.
    pub(crate) fn add_credential(&mut self, secret: &str) {
        put(&mut self.secrets, secret, MIN_CREDENTIAL_LENGTH);
    }

    /// Adds a secret, and those that it contains if it is JSON, a list separated by commas, or Base64 of text.
    pub(crate) fn add(&mut self, secret: &str) {
        put_all(&mut self.secrets, secret);
    }

    /// Adds a secret that is percent-encoded.
    pub(crate) fn add_encoded(&mut self, secret: &str) {
        let plain = Plain::of(secret.as_bytes());
        let plain = plain.unescaped().unwrap_or(plain);
        put_all(&mut self.secrets, &String::from_utf8_lossy(&plain.text));
    }

    /// Adds a value that may be secret or not. It is masked like a secret, except within the words of an error code.
    pub(crate) fn add_unknown(&mut self, value: &str) {
        put_all(&mut self.unknown, value);
    }

    /// Prepares the values for searching.
    pub(crate) fn finder(&self) -> Finder<'_> {
        Finder::of(self.secrets.iter().chain(&self.unknown))
    }

    /// Returns an error code without secrets; `None` if it has none.
    ///
    /// Callers compare codes. So a value that need not be secret, such as `Instance` or `NotFound`, is masked only if it is
    /// the whole code, or a word of the code that has more than letters, and not in `InvalidInstanceId.NotFound`.
    pub(crate) fn masked_code(&self, code: &str) -> Option<String> {
        let folded: Vec<u8> = code.bytes().map(folded).collect();
        let is_word = |value: &Value| {
            if value.iter().all(u8::is_ascii_alphabetic) {
                return folded == **value;
            }
            let ends_word = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
            folded.windows(value.len()).enumerate().any(|(at, part)| {
                part == &value[..] && ends_word(folded[..at].last()) && ends_word(folded.get(at + value.len()))
            })
        };
        if self.unknown.iter().any(is_word) {
            return Some(MASK.to_owned());
        }
        Finder::of(self.secrets.iter()).masked(code)
    }
}

fn put(values: &mut Vec<Value>, value: &str, min_length: usize) {
    let value = value.trim();
    if value.len() < min_length {
        return;
    }
    values.push(Zeroizing::new(value.bytes().map(folded).collect()));
    if value.len() <= MAX_ENCODED_LENGTH {
        put_encodings(values, value.as_bytes());
    }
}

/// Adds a value as it is in hexadecimal digits, and in Base64 of a string that contains it.
fn put_encodings(values: &mut Vec<Value>, value: &[u8]) {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]);
    values.push(Zeroizing::new(value.iter().flat_map(digits).collect()));
    // Three bytes become four characters, so there are three ways to encode a value within a string. Characters that
    // depend on the bytes before and after the value are left out.
    for (before, skipped) in [(0, 0), (1, 2), (2, 3)] {
        let text = Zeroizing::new([&[0; 2][..before], value].concat());
        let length = text.len() / 3 * 4 + [0, 1, 2][text.len() % 3];
        for alphabet in [BASE64_STANDARD, BASE64_URL_SAFE] {
            let encoded = Zeroizing::new(alphabet.encode(&*text));
            let part = &encoded.as_bytes()[skipped..length];
            if part.len() >= MIN_LENGTH {
                values.push(Zeroizing::new(part.iter().copied().map(folded).collect()));
            }
        }
    }
}

fn put_all(values: &mut Vec<Value>, value: &str) {
    put(values, value, MIN_LENGTH);
    if value.starts_with(['{', '[']) {
        if let Ok(json) = serde_json::from_str(value) {
            put_leaves(values, &json);
        }
    } else if value.contains(',') {
        value.split(',').for_each(|element| put(values, element, MIN_LENGTH));
    } else if let Some(text) = BASE64_STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
        put(values, &Zeroizing::new(text), MIN_LENGTH);
    }
}

fn put_leaves(values: &mut Vec<Value>, json: &serde_json::Value) {
    match json {
        serde_json::Value::String(text) => put(values, text, MIN_LENGTH),
        serde_json::Value::Number(number) => put(values, &number.to_string(), MIN_LENGTH),
        serde_json::Value::Array(elements) => elements.iter().for_each(|element| put_leaves(values, element)),
        serde_json::Value::Object(members) => members.values().for_each(|value| put_leaves(values, value)),
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
    }
}

/// Finds secrets in a time that is linear in the length of the text, regardless of the number of secrets.
pub(crate) struct Finder<'a> {
    /// All parts that are masked: short values, and the parts of longer ones.
    parts: HashSet<&'a [u8]>,
    /// The lengths of the parts.
    lengths: Vec<usize>,
    /// The shorter starts of values, which are masked where the text cuts them.
    starts: HashSet<&'a [u8]>,
}

impl<'a> Finder<'a> {
    fn of(values: impl Iterator<Item = &'a Value>) -> Self {
        let mut finder = Self { parts: HashSet::new(), lengths: Vec::new(), starts: HashSet::new() };
        for value in values {
            let length = value.len().min(WINDOW);
            finder.parts.extend(value.windows(length));
            finder.starts.extend((MIN_LENGTH..length).map(|length| &value[..length]));
            if !finder.lengths.contains(&length) {
                finder.lengths.push(length);
            }
        }
        finder
    }

    /// Returns the text with every secret masked; `None` if it has none. A secret is found if it is plain or has been
    /// escaped for URLs, JSON or HTML, if it is encoded in Base64 or hexadecimal digits, and if it is cut.
    pub(crate) fn masked(&self, text: &str) -> Option<String> {
        self.masked_bytes(text.as_bytes()).map(|masked| String::from_utf8_lossy(&masked).into_owned())
    }

    /// Like [`masked`](Self::masked), for bytes.
    pub(crate) fn masked_bytes(&self, text: &[u8]) -> Option<Vec<u8>> {
        if self.parts.is_empty() {
            return None;
        }
        let mut secret = vec![false; text.len()];
        let mut plain = Plain::of(text);
        for _ in 0..MAX_ESCAPES {
            self.mark(&plain, &mut secret);
            let Some(next) = plain.unescaped() else { break };
            plain = next;
        }
        if !secret.contains(&true) {
            return None;
        }
        let mut masked = Vec::with_capacity(text.len());
        for (index, byte) in text.iter().enumerate() {
            match secret[index] {
                false => masked.push(*byte),
                true if index == 0 || !secret[index - 1] => masked.extend_from_slice(MASK.as_bytes()),
                true => {}
            }
        }
        Some(masked)
    }

    fn mark(&self, plain: &Plain, secret: &mut [bool]) {
        let text: Vec<u8> = plain.text.iter().copied().map(folded).collect();
        for length in &self.lengths {
            for (at, part) in text.windows(*length).enumerate() {
                if self.parts.contains(part) {
                    secret[plain.starts[at]..plain.starts[at + length]].fill(true);
                }
            }
        }
        for (at, byte) in text.iter().map(Some).chain([None]).enumerate() {
            // The end of the text, of a string or of an element. A program may have cut what precedes it, and appended dots.
            if !matches!(byte, None | Some(b'"' | b'\'' | b'<')) {
                continue;
            }
            let is_dot = |byte: &u8| matches!(byte, b'.' | b' ') || "…".as_bytes().contains(byte);
            let end = text[..at].iter().rposition(|byte| !is_dot(byte)).map_or(0, |last| last + 1);
            let is_start = |start: &usize| self.starts.contains(&text[*start..end]);
            let shortest = end.saturating_sub(MIN_LENGTH);
            if let Some(start) = (end.saturating_sub(WINDOW)..=shortest).find(is_start) {
                secret[plain.starts[start]..plain.starts[end]].fill(true);
            }
        }
    }
}

/// Makes bytes equal that programs exchange for each other.
fn folded(byte: u8) -> u8 {
    match byte {
        b'+' | b'\t' | b'\r' | b'\n' => b' ',
        byte => byte.to_ascii_lowercase(),
    }
}

/// Text without escapes, and where each byte began in the original text. The last start is the end of the text.
struct Plain {
    text: Vec<u8>,
    starts: Vec<usize>,
}

impl Plain {
    fn of(text: &[u8]) -> Self {
        Self { text: text.to_vec(), starts: (0..=text.len()).collect() }
    }

    /// Undoes one level of escapes; `None` if there are none.
    fn unescaped(&self) -> Option<Self> {
        let mut plain =
            Self { text: Vec::with_capacity(self.text.len()), starts: Vec::with_capacity(self.starts.len()) };
        let mut at = 0;
        while at < self.text.len() {
            let length = unescape(&self.text[at..], &mut plain.text);
            plain.starts.resize(plain.text.len(), self.starts[at]);
            at += length;
        }
        plain.starts.extend(self.starts.last());
        (plain.text.len() < self.text.len()).then_some(plain)
    }
}

/// Appends the first character of `text` without its escape, and returns the length of the escape.
fn unescape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let read = |range: std::ops::Range<usize>, radix| {
        let digits = std::str::from_utf8(text.get(range)?).ok()?;
        u32::from_str_radix(digits, radix).ok()
    };
    let (code, length) = match *text {
        // UTF-16 has one beside each ASCII character.
        [0, ..] => return 1,
        [b'%' | b'\\', b'u', ..] => match (read(2..6, 16), read(8..12, 16), text.get(6..8)) {
            // A pair of surrogates is one character.
            (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF), Some([b'%' | b'\\', b'u'])) => {
                (Some(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), 12)
            }
            (code, ..) => (code, 6),
        },
        // A byte, which may be part of a character.
        [b'%', ..] => match read(1..3, 16).and_then(|code| u8::try_from(code).ok()) {
            Some(byte) => {
                out.push(byte);
                return 3;
            }
            None => (None, 1),
        },
        [b'\\', b'x', ..] => (read(2..4, 16), 4),
        [b'\\', b'n' | b'r' | b't', ..] => (Some(u32::from(b' ')), 2),
        [b'\\', escaped @ (b'\\' | b'"' | b'\'' | b'/'), ..] => (Some(u32::from(escaped)), 2),
        [b'&', ..] => match text.iter().take(MAX_ENTITY_LENGTH).position(|byte| *byte == b';') {
            Some(end) => {
                let code = match &text[1..end] {
                    b"amp" => Some(u32::from(b'&')),
                    b"lt" => Some(u32::from(b'<')),
                    b"gt" => Some(u32::from(b'>')),
                    b"quot" => Some(u32::from(b'"')),
                    b"apos" => Some(u32::from(b'\'')),
                    [b'#', b'x' | b'X', ..] => read(3..end, 16),
                    [b'#', ..] => read(2..end, 10),
                    _ => None,
                };
                (code, end + 1)
            }
            None => (None, 1),
        },
        _ => (None, 1),
    };
    match code.and_then(char::from_u32) {
        Some(character) => {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            length
        }
        None => {
            out.push(text[0]);
            1
        }
    }
}

#[cfg(test)]
mod tests;
