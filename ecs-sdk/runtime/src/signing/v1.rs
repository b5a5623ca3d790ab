//! Signature version 1.0: HMAC-SHA1 of all parameters.

use std::collections::BinaryHeap;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::form::percent_encode;

/// Sorts, encodes and joins the parameters. The result is both the query that is signed and the body that is sent.
pub(crate) fn canonicalize(parameters: Vec<(&str, &str)>) -> String {
    let parameters = sorted(parameters);
    let size: usize = parameters.iter().map(|(key, value)| key.len() + value.len() + 2).sum();
    let mut canonical = String::with_capacity(size + size / 2 + 64);
    for (key, value) in parameters {
        if !canonical.is_empty() {
            canonical.push('&');
        }
        percent_encode(key, &mut canonical);
        canonical.push('=');
        percent_encode(value, &mut canonical);
    }
    canonical
}

/// Sorts pairs. Uses a heap because `sort` would add 20 KB of machine code for this type.
pub(super) fn sorted<'a>(pairs: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    BinaryHeap::from(pairs).into_sorted_vec()
}

/// Returns the string to sign.
pub(crate) fn string_to_sign(method: &str, canonical: &str) -> String {
    let mut text = String::with_capacity(method.len() + 5 + canonical.len() * 5 / 4 + 32);
    text.push_str(method);
    text.push_str("&%2F&");
    percent_encode(canonical, &mut text);
    text
}

/// Signs a string.
pub(crate) fn sign(secret: &str, text: &str) -> String {
    let mut key = zeroize::Zeroizing::new(Vec::with_capacity(secret.len() + 1));
    key.extend_from_slice(secret.as_bytes());
    key.push(b'&');
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("HMAC accepts keys of any length");
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}
