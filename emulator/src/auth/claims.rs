//! What a request claims about itself, and the encodings that both signature versions share.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes as both signature versions do.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a request claims about itself, in either signature version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    /// Key pair.
    pub(crate) key_id: String,
    /// Token of temporary credentials.
    pub(crate) token: Option<String>,
    /// When it was signed.
    pub(crate) timestamp: String,
    /// What makes it unique.
    pub(crate) nonce: String,
    /// The signature.
    pub(crate) signature: String,
}
