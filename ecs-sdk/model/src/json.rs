//! JSON as it arrives: whether it is complete, and strings and numbers that JSON does not allow.

mod closed;
mod numbers;
mod parser;

use memchr::{memchr, memchr2};
use serde::de::{Error as _, IgnoredAny};

use self::closed::{closes, is_closed_without_escapes};
pub use self::{
    numbers::{Key, Numbers},
    parser::Parser,
};

/// Maximum size of a document that is repaired, because a repair takes up to six times the size in memory. Pages of the
/// service have less than a tenth of it.
const MAX_REPAIRED_BYTES: usize = 16 << 20;

/// Reads JSON. If a string or a number is malformed, the document is repaired and read once more.
pub fn read(json: &[u8], read: &mut dyn FnMut(&str) -> Result<(), serde_json::Error>) -> Result<(), serde_json::Error> {
    let error = match std::str::from_utf8(json).map(&mut *read) {
        Ok(Err(error)) if error.is_syntax() => error,
        Ok(result) => return result,
        Err(error) => serde_json::Error::custom(error),
    };
    match repaired(json) {
        Some(text) => read(&text),
        None => Err(error),
    }
}

/// Whether a JSON object ends before its closing brace, although everything before is valid.
pub fn is_truncated(json: &[u8]) -> bool {
    // The scan settles it for nearly all responses, in a small part of the time that decoding takes.
    !is_closed(json) && (ends_early(json) || repaired(json).is_some_and(|text| ends_early(text.as_bytes())))
}

/// Whether the outermost object is closed.
fn is_closed(json: &[u8]) -> bool {
    if memchr(b'\\', json).is_some() { is_closed_with_escapes(json) } else { is_closed_without_escapes(json) }
}

fn is_closed_with_escapes(json: &[u8]) -> bool {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = json.get(at) {
        at += 1;
        if *byte == b'"' {
            let Some(end) = end_of_string(json, at) else { return false };
            at = end;
        } else if closes(*byte, &mut depth) {
            return true;
        }
    }
    false
}

/// Returns the position behind the closing quote of a string whose content begins at `at`.
fn end_of_string(json: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', json.get(at..)?)?;
        if json[at] == b'"' {
            return Some(at + 1);
        }
        // The escaped character is part of the string.
        at += 2;
    }
}

/// Whether a document is valid JSON of any kind.
pub fn is_valid(json: &[u8]) -> bool {
    serde_json::from_str::<IgnoredAny>(&String::from_utf8_lossy(json)).is_ok()
}

fn ends_early(json: &[u8]) -> bool {
    // Not `from_slice`, which would add another parser to the library.
    let text = String::from_utf8_lossy(json);
    let Err(error) = serde_json::from_str::<IgnoredAny>(&text) else { return false };
    let json = text.as_bytes();
    // A number that ends before its last digit, as in `-` and `1.`, is a syntax error to serde_json.
    let end = json.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len);
    error.is_eof()
        || error.is_syntax() && matches!(json, [.., b'-' | b'+' | b'.' | b'e' | b'E']) && error.column() == end
}

/// Replaces characters that a JSON string must not contain with U+FFFD: invalid UTF-8, control characters, lone
/// surrogates and unknown escapes. Numbers that no `f64` can represent, such as `1e400` and `NaN`, become strings.
/// Returns `None` if there is nothing to replace, or if the document is too large.
fn repaired(json: &[u8]) -> Option<String> {
    if json.len() > MAX_REPAIRED_BYTES {
        return None;
    }
    let text = String::from_utf8_lossy(json);
    let mut repair = Repair { rest: &text, out: String::with_capacity(text.len()) };
    while !repair.rest.is_empty() {
        repair.keep_until(|next| next == '"' || next == '-' || next.is_ascii_digit() || next == 'N' || next == 'I');
        if repair.rest.starts_with('"') {
            repair.keep(1);
            repair.string();
        } else {
            repair.number();
        }
    }
    (repair.out.as_bytes() != json).then_some(repair.out)
}

struct Repair<'t> {
    rest: &'t str,
    out: String,
}

impl Repair<'_> {
    /// Copies `length` bytes, or all if there are fewer.
    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.out.push_str(kept);
        self.rest = rest;
    }

    fn keep_until(&mut self, is_special: impl Fn(char) -> bool) {
        self.keep(self.rest.find(is_special).unwrap_or(self.rest.len()));
    }

    /// Replaces `length` bytes with a replacement character.
    fn replace(&mut self, length: usize) {
        self.out.push(char::REPLACEMENT_CHARACTER);
        self.rest = &self.rest[length..];
    }

    /// Copies a number, or one other character.
    fn number(&mut self) {
        let named = ["NaN", "Infinity", "-Infinity"].into_iter().find(|name| self.rest.starts_with(name));
        let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
        let digits = || self.rest.bytes().position(|byte| !is_part(byte)).unwrap_or(self.rest.len()).max(1);
        let length = named.map_or_else(digits, str::len);
        let is_infinite = |number: &str| number.parse().is_ok_and(|value: f64| value.is_infinite());
        let quote = if self.rest.get(..length).is_some_and(is_infinite) || named.is_some() { "\"" } else { "" };
        self.out.push_str(quote);
        self.keep(length);
        self.out.push_str(quote);
    }

    /// Copies a string from behind its opening quote to its closing quote.
    fn string(&mut self) {
        loop {
            self.keep_until(|next| next == '"' || next == '\\' || next < ' ');
            match self.rest.as_bytes().first() {
                Some(b'"') => return self.keep(1),
                Some(b'\\') => self.escape(),
                Some(_) => self.replace(1),
                None => return,
            }
        }
    }

    fn escape(&mut self) {
        let unit = |text: &str| {
            let digits =
                text.strip_prefix("\\u")?.get(..4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
            u16::from_str_radix(digits, 16).ok()
        };
        match self.rest.as_bytes() {
            [_, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.keep(2),
            _ => match unit(self.rest) {
                Some(0xD800..=0xDBFF) => match unit(&self.rest[6..]) {
                    Some(0xDC00..=0xDFFF) => self.keep(12),
                    None if is_cut(&self.rest[6..]) => self.keep(12),
                    _ => self.replace(6),
                },
                Some(0xDC00..=0xDFFF) => self.replace(6),
                Some(_) => self.keep(6),
                None if is_cut(self.rest) => self.keep(6),
                None => self.replace(1),
            },
        }
    }
}

/// Whether a document ends within an escape.
fn is_cut(escape: &str) -> bool {
    let digits = escape.get(2..).unwrap_or_default();
    b"\\u".starts_with(&escape.as_bytes()[..escape.len().min(2)])
        && digits.len() < 4
        && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"A":{"B":"}\"{[","C":[1.5e-3,-2,true,null,{"D":{}}]},
        "\u00fc":"\ud83d\ude00 x","E":"ü\\"}"#;

    #[test]
    fn a_document_is_truncated_at_every_byte_before_its_end() {
        let malformed = DOCUMENT.replace('x', "\u{1}");
        // Braces in strings, and no escapes.
        let plain = r#"{"A":{"B":"}}{","C":[1.5,{"{":"}"},null]},"ü":"[]}","D":{}}"#;
        for json in [DOCUMENT.as_bytes(), malformed.as_bytes(), plain.as_bytes()] {
            for end in 1..json.len() {
                assert!(is_truncated(&json[..end]), "{}", String::from_utf8_lossy(&json[..end]));
            }
            for rest in ["", " \n", "}", "{}", "x"] {
                assert!(!is_truncated(&[json, rest.as_bytes()].concat()), "{rest:?}");
            }
        }
    }

    #[test]
    fn strings_of_any_length_are_skipped() {
        for length in 0..40 {
            for at in 0..=length {
                for special in ["", "\\\"", "\\\\", "{", "]", "ü", "\u{2}"] {
                    let string = format!("{}{special}{}", "#".repeat(at), "!".repeat(length - at));
                    let json = format!("{{\"A\":[\"{string}\"]}}");
                    assert!(is_closed(json.as_bytes()), "{json}");
                    assert!((1..json.len()).all(|end| !is_closed(&json.as_bytes()[..end])), "{json}");
                }
            }
        }
    }

    #[test]
    fn a_document_with_another_error_is_not_truncated() {
        for json in ["{\"A\":x", "{\"A\":[1,,", "{\"A\":x,\"B\":-", "{A", "{\"A\":1]"] {
            assert!(!is_truncated(json.as_bytes()), "{json}");
        }
    }

    /// A document with these bytes in a string, after its repair.
    fn string(bytes: &[u8]) -> Option<String> {
        let text = repaired(&[b"{\"A\":\"", bytes, b"\"}"].concat())?;
        let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        Some(value["A"].as_str().unwrap().to_owned())
    }

    #[test]
    fn malformed_characters_become_replacement_characters() {
        for (bytes, text) in [
            (&b"a\xffb"[..], "a\u{fffd}b"),
            (b"gr\xf6\xdfe", "gr\u{fffd}\u{fffd}e"),
            (b"\xe4\xb8", "\u{fffd}"),
            (b"a\nb\tc\0", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            (b"\\ud83d", "\u{fffd}"),
            (b"\\ud83d x", "\u{fffd} x"),
            (b"\\ude00\\ud83d", "\u{fffd}\u{fffd}"),
            (b"\\ud83d\\u0041", "\u{fffd}A"),
            (b"\\ud83d\\ud83d\\ude00", "\u{fffd}\u{1f600}"),
            (b"\\ud83d\\n\\\"", "\u{fffd}\n\""),
            (b"\\x41 \\u12 \\u12g4", "\u{fffd}x41 \u{fffd}u12 \u{fffd}u12g4"),
            ("\\ü \\uü".as_bytes(), "\u{fffd}ü \u{fffd}uü"),
        ] {
            assert_eq!(string(bytes).as_deref(), Some(text), "{}", String::from_utf8_lossy(bytes));
        }
        for valid in ["", "1e400 NaN", "\\ud83d\\ude00", "\\u0000\\\\\\\"", "ü\u{7f}"] {
            assert_eq!(string(valid.as_bytes()), None, "{valid}");
        }
    }

    #[test]
    fn numbers_without_a_representation_become_strings() {
        let text = repaired(br#"{"A":[1e400, -1E+999,NaN],"B":-Infinity,"C":{"D":Infinity},"E":1e308}"#).unwrap();
        assert_eq!(text, r#"{"A":["1e400", "-1E+999","NaN"],"B":"-Infinity","C":{"D":"Infinity"},"E":1e308}"#);
        for unchanged in ["{\"A\":None}", "{\"A\":1e}", "{\"A\":Inf}", "{\"A\":--}", "{\"A\":true,}"] {
            assert_eq!(repaired(unchanged.as_bytes()), None, "{unchanged}");
        }
    }

    #[test]
    fn any_bytes_are_repaired_without_a_panic() {
        proptest::proptest!(|(bytes: Vec<u8>, text in "[\\\\u0-9aüd\"N-]{0,20}")| {
            repaired(&bytes);
            repaired(text.as_bytes());
            is_truncated(text.as_bytes());
        });
    }
}
