//! Signature ACS3-HMAC-SHA256: over the query, chosen headers and the hash of the body.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::v1;

/// Name of the algorithm.
pub(crate) const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// A request to sign.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Vec<(&'a str, &'a str)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: &'a [u8],
}

/// What signing gave.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) canonical_request: String,
    pub(crate) string_to_sign: String,
    pub(crate) signature: String,
    pub(crate) authorization: String,
}

/// Whether a header is part of the signature.
pub(crate) fn is_signed(name: &str) -> bool {
    name == "host" || name == "content-type" || name.starts_with("x-acs-")
}

/// Signs a request over the headers for which `signed` holds.
pub(crate) fn sign(mut request: Request<'_>, key_id: &str, secret: &str, signed: impl Fn(&str) -> bool) -> Signed {
    let query = v1::canonicalize(&mut request.query);
    let mut headers: Vec<_> = request.headers.iter().filter(|(name, _)| signed(name)).collect();
    headers.sort_unstable();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut canonical_request = format!("{}\n{}\n{query}\n", request.method, request.path);
    for (name, value) in headers {
        canonical_request.extend([name, ":", value.trim(), "\n"]);
    }
    canonical_request.extend(["\n", &names, "\n", &hash(request.body)]);
    let string_to_sign = format!("{ALGORITHM}\n{}", hash(canonical_request.as_bytes()));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(string_to_sign.as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    let authorization = format!("{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}");
    Signed { canonical_request, string_to_sign, signature, authorization }
}

/// SHA-256 of bytes in hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string succeeds");
        text
    })
}
