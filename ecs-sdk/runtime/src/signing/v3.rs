//! Signature version 3, ACS3-HMAC-SHA256: HMAC-SHA256 of the query, some headers and the hash of the body.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::v1::sorted;

/// The name of the algorithm.
pub(crate) const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// A request to sign.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// Sorted and encoded by [`v1::canonicalize`](super::v1::canonicalize).
    pub(crate) query: &'a str,
    /// Names in lower case.
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: &'a [u8],
}

/// Whether signatures include a header.
pub(crate) fn is_signed(name: &str) -> bool {
    name == "host" || name == "content-type" || name.starts_with("x-acs-")
}

/// Returns the canonical request, which is hashed, and the names of its signed headers.
pub(crate) fn canonicalize(request: &Request<'_>, signed: impl Fn(&str) -> bool) -> (String, String) {
    let headers = sorted(request.headers.iter().copied().filter(|(name, _)| signed(name)).collect());
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut canonical = format!("{}\n{}\n{}\n", request.method, request.path, request.query);
    for (name, value) in headers {
        canonical.extend([name, ":", value.trim(), "\n"]);
    }
    canonical.extend(["\n", &names, "\n", &hash(request.body)]);
    (canonical, names)
}

/// Returns the string to sign.
pub(crate) fn string_to_sign(canonical: &str) -> String {
    format!("{ALGORITHM}\n{}", hash(canonical.as_bytes()))
}

/// Signs a string.
pub(crate) fn sign(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC accepts keys of any length");
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// Returns the value of the `Authorization` header.
pub(crate) fn authorization(key_id: &str, names: &str, signature: &str) -> String {
    format!("{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}")
}

/// Returns the SHA-256 hash of `bytes` as hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string succeeds");
        text
    })
}
