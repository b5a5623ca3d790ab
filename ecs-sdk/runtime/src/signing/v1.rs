//! Signature version 1.0: HMAC-SHA1 of all parameters.

use std::collections::BinaryHeap;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::form::percent_encode;

/// Number of pairs up to which they are sorted by insertion, whose time grows with the square.
const MAX_INSERTED: usize = 256;
/// Between the method and the parameters of the string to sign: the path `/`, percent-encoded.
const SEPARATOR: &str = "&%2F&";

/// The HMAC of a request.
pub(crate) type Signature = [u8; 20];

/// Sorts, encodes and joins the parameters. The result is both the query that is signed and the body that is sent. It has space
/// for the signature.
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

/// Sorts pairs. The members of a request and the elements of a list nearly are sorted, for which insertion is fast. `sort`
/// would add 20 KB of machine code for this type.
pub(super) fn sorted<'a>(mut pairs: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    if pairs.len() > MAX_INSERTED {
        return BinaryHeap::from(pairs).into_sorted_vec();
    }
    for end in 1..pairs.len() {
        let next = pairs[end];
        if next < pairs[end - 1] {
            let place = pairs[..end].partition_point(|pair| *pair <= next);
            pairs[place..=end].rotate_right(1);
        }
    }
    pairs
}

/// Signs canonical parameters. The string to sign is [`string_to_sign`], which is passed to the HMAC in pieces.
pub(crate) fn sign(secret: &str, method: &str, canonical: &str) -> Signature {
    /// Bytes that are encoded at a time, each of which becomes up to three.
    const PIECE: usize = 128;

    let mut mac = mac(secret);
    mac.update(method.as_bytes());
    mac.update(SEPARATOR.as_bytes());
    for piece in canonical.as_bytes().chunks(PIECE) {
        let mut encoded = [0; PIECE * 3];
        let mut length = 0;
        for byte in piece {
            // There are no other characters to encode in parameters that are encoded.
            let digits = match byte {
                b'%' => b"25",
                b'&' => b"26",
                b'=' => b"3D",
                byte => {
                    encoded[length] = *byte;
                    length += 1;
                    continue;
                }
            };
            encoded[length..length + 3].copy_from_slice(&[b'%', digits[0], digits[1]]);
            length += 3;
        }
        mac.update(&encoded[..length]);
    }
    mac.finalize().into_bytes().into()
}

/// An HMAC whose key is the secret and `&`.
fn mac(secret: &str) -> Hmac<Sha1> {
    /// Longer than the secrets of the service.
    const USUAL_LENGTH: usize = 64;

    let (mut short, mut long);
    let key: &mut [u8] = if secret.len() < USUAL_LENGTH {
        short = Zeroizing::new([0; USUAL_LENGTH]);
        &mut short[..=secret.len()]
    } else {
        long = Zeroizing::new(vec![0; secret.len() + 1]);
        &mut long
    };
    key[..secret.len()].copy_from_slice(secret.as_bytes());
    key[secret.len()] = b'&';
    Hmac::<Sha1>::new_from_slice(key).expect("HMAC accepts keys of any length")
}

/// Appends a signature to signed parameters.
pub(crate) fn append(canonical: &mut String, signature: Signature) {
    let mut encoded = [0; 28];
    let length = BASE64_STANDARD.encode_slice(signature, &mut encoded).expect("20 bytes are 28 in Base64");
    canonical.push_str("&Signature=");
    percent_encode(std::str::from_utf8(&encoded[..length]).expect("Base64 is ASCII"), canonical);
}

/// Returns the string to sign: the method, the path `/`, and the parameters, which are encoded once more.
#[cfg(test)]
pub(crate) fn string_to_sign(method: &str, canonical: &str) -> String {
    let mut text = format!("{method}{SEPARATOR}");
    percent_encode(canonical, &mut text);
    text
}
