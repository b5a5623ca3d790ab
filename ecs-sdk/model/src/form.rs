//! The parameters of a request in one buffer, and percent-encoding.

use std::fmt::{self, Write as _};

use serde::Serialize;

/// Parameters in the order in which they were added. All keys and values share one buffer.
#[derive(Clone, Default)]
pub struct Form {
    text: String,
    parameters: Vec<Parameter>,
    /// Whether parameters that are added are secret.
    secret: bool,
    /// The members of the request, and the secret ones among them; empty for an untyped call.
    members: (&'static [&'static str], &'static [&'static str]),
}

/// Number of parameters for which a form has space at first, and the bytes of their names and values. More than nine of ten
/// requests have fewer.
const USUAL_PARAMETERS: usize = 16;
const USUAL_BYTES: usize = 512;

/// Where a parameter is in the buffer.
#[derive(Clone, Copy)]
struct Parameter {
    key_end: usize,
    value_end: usize,
    origin: Origin,
}

/// Where the value of a parameter comes from, which decides whether errors may show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A member of the request that is not secret, or the SDK itself.
    Member,
    /// A secret member of the request.
    SecretMember,
    /// Set by name, in an untyped call, an option of the call or an interceptor, and not a member of the request.
    Unknown,
}

impl Form {
    /// Number of parameters.
    pub fn count(&self) -> usize {
        self.parameters.len()
    }

    /// Creates a form with space for the parameters of most requests.
    pub fn with_capacity() -> Self {
        Self {
            text: String::with_capacity(USUAL_BYTES),
            parameters: Vec::with_capacity(USUAL_PARAMETERS),
            ..Self::default()
        }
    }

    /// Adds a parameter.
    pub fn push(&mut self, key: &str, value: &str) {
        self.add(key, |text| text.push_str(value));
    }

    /// Adds a parameter whose value is printed with `Display`.
    pub fn push_display(&mut self, key: &str, value: &dyn fmt::Display) {
        self.add(key, |text| write!(text, "{value}").expect("writing to a string succeeds"));
    }

    fn add(&mut self, key: &str, value: impl FnOnce(&mut String)) {
        self.text.push_str(key);
        let key_end = self.text.len();
        value(&mut self.text);
        let origin = if self.secret { Origin::SecretMember } else { Origin::Member };
        self.parameters.push(Parameter { key_end, value_end: self.text.len(), origin });
    }

    /// Adds a parameter whose value is compact JSON.
    pub fn push_json(&mut self, key: &str, value: &impl Serialize) {
        let json = serde_json::to_string(value).expect("all keys of models are strings");
        self.push(key, &json);
    }

    /// Sets the names of the request's members, and of the secret ones among them.
    pub fn set_members(&mut self, members: &'static [&'static str], secret: &'static [&'static str]) {
        self.members = (members, secret);
    }

    /// Whether parameters that are added are secret.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Sets whether parameters that are added are secret, and returns whether they were.
    pub fn set_secret(&mut self, secret: bool) -> bool {
        std::mem::replace(&mut self.secret, secret)
    }

    /// Sets a parameter by its name, replacing all that have the same key.
    pub fn set(&mut self, key: &str, value: &str) {
        if self.get(key).is_some() {
            let mut kept = Self { members: self.members, ..Self::default() };
            for (other, value, origin) in self.origins().filter(|(other, ..)| *other != key) {
                kept.push_from(other, value, origin);
            }
            *self = kept;
        }
        self.push_from(key, value, self.origin(key));
    }

    /// Where the value of a parameter comes from that is set by its name. The names of elements end in their number;
    /// whether members of structs are secret is unknown here.
    fn origin(&self, key: &str) -> Origin {
        let (members, secret_members) = self.members;
        let (name, element) = key.split_once('.').unwrap_or((key, ""));
        if secret_members.contains(&name) {
            Origin::SecretMember
        } else if members.contains(&name) && element.bytes().all(|byte| byte.is_ascii_digit())
            // Every service has it, and many messages name the region.
            || key.eq_ignore_ascii_case("RegionId")
        {
            Origin::Member
        } else {
            Origin::Unknown
        }
    }

    fn push_from(&mut self, key: &str, value: &str, origin: Origin) {
        self.push(key, value);
        if let Some(last) = self.parameters.last_mut() {
            last.origin = origin;
        }
    }

    /// The value of a parameter.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(other, _)| *other == key).map(|(_, value)| value)
    }

    /// All parameters.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.origins().map(|(key, value, _)| (key, value))
    }

    /// All parameters, and where they come from.
    pub fn origins(&self) -> Origins<'_> {
        Origins { text: &self.text, start: 0, rest: self.parameters.iter() }
    }
}

/// All parameters of a form, and where they come from.
pub struct Origins<'f> {
    text: &'f str,
    start: usize,
    rest: std::slice::Iter<'f, Parameter>,
}

impl<'f> Iterator for Origins<'f> {
    type Item = (&'f str, &'f str, Origin);

    fn next(&mut self) -> Option<Self::Item> {
        let Parameter { key_end, value_end, origin } = *self.rest.next()?;
        let start = std::mem::replace(&mut self.start, value_end);
        Some((&self.text[start..key_end], &self.text[key_end..value_end], origin))
    }
}

/// Appends a string with percent-encoding by RFC 3986: only letters, digits and `-_.~` are not encoded.
pub fn percent_encode(value: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let bytes = value.as_bytes();
    let mut start = 0;
    while let Some(rest) = bytes.get(start..) {
        let plain = rest.iter().position(|byte| !UNRESERVED[usize::from(*byte)]).unwrap_or(rest.len());
        if plain > 0 {
            out.push_str(&value[start..start + plain]);
        }
        let Some(byte) = rest.get(plain) else { return };
        out.extend(['%', HEX[usize::from(byte >> 4)].into(), HEX[usize::from(byte & 15)].into()]);
        start += plain + 1;
    }
}

/// Whether a byte remains as it is.
static UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        byte += 1;
    }
    table
};

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
    fn parameters_that_are_set_by_name_are_unknown_unless_they_are_members() {
        let mut form = Form::default();
        form.set_members(&["InstanceId", "SecurityGroupIds", "Password", "Disk"], &["Password"]);
        form.push("InstanceId", "i-1");
        for name in ["InstanceId", "SecurityGroupIds.1", "regionId", "Password", "Password.x", "Disk.1.Name", "New"] {
            form.set(name, "v");
        }
        let origins: Vec<(&str, Origin)> = form.origins().map(|(key, _, origin)| (key, origin)).collect();
        assert_eq!(
            origins,
            [
                ("InstanceId", Origin::Member),
                ("SecurityGroupIds.1", Origin::Member),
                ("regionId", Origin::Member),
                ("Password", Origin::SecretMember),
                ("Password.x", Origin::SecretMember),
                ("Disk.1.Name", Origin::Unknown),
                ("New", Origin::Unknown),
            ]
        );
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
