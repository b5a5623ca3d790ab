//! The parameters of a request in one buffer, and percent-encoding.

use std::fmt::{self, Write as _};

use serde::Serialize;

/// Parameters in the order in which they were added. All keys and values share one buffer.
#[derive(Clone, Default)]
pub struct Form {
    text: String,
    /// End of the key and end of the value of each parameter.
    ends: Vec<(usize, usize)>,
}

impl Form {
    /// Number of parameters.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Adds a parameter.
    pub fn push(&mut self, key: &str, value: &str) {
        self.text.push_str(key);
        let middle = self.text.len();
        self.text.push_str(value);
        self.ends.push((middle, self.text.len()));
    }

    /// Adds a parameter whose value is printed with `Display`.
    pub fn push_display(&mut self, key: &str, value: &dyn fmt::Display) {
        self.text.push_str(key);
        let middle = self.text.len();
        write!(self.text, "{value}").expect("writing to a string succeeds");
        self.ends.push((middle, self.text.len()));
    }

    /// Adds a parameter whose value is compact JSON.
    pub fn push_json(&mut self, key: &str, value: &impl Serialize) {
        let json = serde_json::to_string(value).expect("all keys of models are strings");
        self.push(key, &json);
    }

    /// Sets a parameter, replacing all that have the same key.
    pub fn set(&mut self, key: &str, value: &str) {
        if self.get(key).is_some() {
            let kept: Vec<(String, String)> = self
                .iter()
                .filter(|(other, _)| *other != key)
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect();
            *self = Self::default();
            kept.iter().for_each(|(key, value)| self.push(key, value));
        }
        self.push(key, value);
    }

    /// The value of a parameter.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(other, _)| *other == key).map(|(_, value)| value)
    }

    /// All parameters.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        starts.zip(&self.ends).map(|(start, (middle, end))| (&self.text[start..*middle], &self.text[*middle..*end]))
    }
}

/// Appends a string with percent-encoding by RFC 3986: only letters, digits and `-_.~` are not encoded.
pub fn percent_encode(value: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut plain = 0;
    for (index, byte) in value.bytes().enumerate() {
        if !is_unreserved(byte) {
            if plain < index {
                out.push_str(&value[plain..index]);
            }
            out.push('%');
            out.push(HEX[usize::from(byte >> 4)].into());
            out.push(HEX[usize::from(byte & 15)].into());
            plain = index + 1;
        }
    }
    out.push_str(&value[plain..]);
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_unreserved_characters_are_encoded() {
        let mut out = String::new();
        percent_encode("aZ9-_.~ *+%&=/\u{661f}\n", &mut out);
        assert_eq!(out, "aZ9-_.~%20%2A%2B%25%26%3D%2F%E6%98%9F%0A");
    }

    #[test]
    fn set_replaces_earlier_values() {
        let mut form = Form::default();
        form.push("A", "1");
        form.push("B", "2");
        form.set("A", "3");
        assert_eq!(form.iter().collect::<Vec<_>>(), [("B", "2"), ("A", "3")]);
        assert_eq!(form.get("A"), Some("3"));
        assert_eq!(form.count(), 2);
    }
}
