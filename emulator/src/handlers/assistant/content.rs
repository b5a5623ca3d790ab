//! Scripts and files in requests and responses: plain text or Base64.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{call::Call, error::Result};

/// Reads bytes that are plain text or Base64, as the parameter `encoding` says, or else the default. Returns an error with the
/// code `malformed`, or with `large` if they have more than `limit` bytes as Base64.
pub(super) fn read(
    call: &Call<'_>,
    name: &str,
    (encoding, default): (&str, &str),
    (malformed, large): (&str, &str),
    limit: usize,
) -> Result<Vec<u8>> {
    let text = call.args.string_or(name, "");
    // Unknown encodings are treated as the default.
    let encoding = call.args.string(encoding).filter(|encoding| matches!(*encoding, "Base64" | "PlainText"));
    let bytes = if encoding.unwrap_or(default) == "Base64" {
        let error = |_| call.error(malformed, 400, format!("The value of {name} is not Base64."));
        STANDARD.decode(text.trim()).map_err(error)?
    } else {
        text.as_bytes().to_vec()
    };
    check_size(call, bytes.len(), name, large, limit)?;
    Ok(bytes)
}

/// Rejects content that has more than `limit` bytes as Base64.
pub(super) fn check_size(call: &Call<'_>, bytes: usize, name: &str, code: &str, limit: usize) -> Result<()> {
    let encoded = bytes.div_ceil(3) * 4;
    if encoded <= limit {
        return Ok(());
    }
    let message = format!("The value of {name} has {encoded} bytes as Base64; at most {limit} are allowed.");
    Err(call.error(code, 403, message))
}

/// Returns content that is kept as Base64 in the encoding that the call asks for.
pub(super) fn write(call: &Call<'_>, base64: &str) -> String {
    if call.args.string("ContentEncoding") != Some("PlainText") {
        return base64.to_owned();
    }
    let bytes = STANDARD.decode(base64).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
