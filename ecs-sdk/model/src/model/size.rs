//! Limits on the size of strings, which are checked before a request is sent.

use std::fmt;

use super::contract::{Member, Size, Table, Value};

/// A member whose value is larger than the service accepts. Displays a sentence that does not contain the value.
#[doc(hidden)]
#[derive(Debug)]
pub struct TooLarge {
    size: usize,
    max: usize,
    is_content: bool,
}

impl TooLarge {
    /// Checks the member at a position of a table.
    pub fn check(table: &Table, members: &[&dyn Member], position: usize) -> Option<Self> {
        let name = table.names.get(position)?;
        let is_of_member =
            |size: &&Size| matches!(size, Size::Text(of, _) | Size::Base64(of, _) | Size::Stated(of, ..) if of == name);
        let limit = table.sizes.iter().find(is_of_member)?;
        let Value::Text(text) = members.get(position)?.value() else { return None };
        let (max, is_content, is_base64) = match *limit {
            Size::Text(_, max) => (max, false, false),
            Size::Base64(_, max) => (max, true, true),
            Size::Stated(_, max, by, default) => {
                let member = table.position(by).and_then(|position| members.get(position));
                let is_base64 = match member.map(|member| member.value()) {
                    Some(Value::Enum(stated)) => is_base64(stated.as_str(), default),
                    _ => default,
                };
                (max, true, is_base64)
            }
        };
        let size = if is_base64 { decoded_length(text) } else { text.len() };
        (size > max).then_some(Self { size, max, is_content })
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, max, is_content } = self;
        if !is_content {
            return write!(f, "is too large: {size} bytes; the limit is {max} bytes");
        }
        let encoded = max.div_ceil(3) * 4;
        write!(
            f,
            "is too large: {size} bytes before Base64 encoding; the limit is {max} bytes, which are {encoded} in Base64; \
             shorten it, or let it download the rest"
        )
    }
}

/// Whether the name of an encoding means Base64. The service treats a name that it does not know as the default.
pub fn is_base64(name: &str, default: bool) -> bool {
    if default { !name.eq_ignore_ascii_case("PlainText") } else { name.eq_ignore_ascii_case("Base64") }
}

/// Returns the number of bytes that a string in Base64 contains.
fn decoded_length(text: &str) -> usize {
    text.bytes().filter(|byte| *byte != b'=' && !byte.is_ascii_whitespace()).count() * 3 / 4
}
