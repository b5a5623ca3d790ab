//! The claims of a request (access key, timestamp, nonce, signature), and the encodings that both signature versions share.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes a string as both signature versions require.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).collect()
}

/// Percent-encodes names and values, and joins them to `a=1&b=2`.
pub(super) fn encode_pairs(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend(utf8_percent_encode(name, RESERVED));
        text.push('=');
        text.extend(utf8_percent_encode(value, RESERVED));
    }
    text
}

/// Returns bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The claims of a request, in either signature version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    /// Access key ID.
    pub(crate) key_id: String,
    /// Security token of temporary credentials.
    pub(crate) token: Option<String>,
    /// Time of the signature.
    pub(crate) timestamp: String,
    /// Nonce, which makes the request unique.
    pub(crate) nonce: String,
    /// The signature.
    pub(crate) signature: String,
}
