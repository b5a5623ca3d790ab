//! SSH keys: public keys in the format of OpenSSH, their fingerprints, and new RSA keys.

mod rsa;

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest as _, Md5};

pub(crate) use rsa::new_key;

/// Types of public keys: name, and the number of values in a key after it.
const TYPES: &[(&str, usize)] = &[
    ("ssh-rsa", 2),
    ("ssh-dss", 4),
    ("ssh-ed25519", 1),
    ("ecdsa-sha2-nistp256", 2),
    ("ecdsa-sha2-nistp384", 2),
    ("ecdsa-sha2-nistp521", 2),
];

/// Smallest RSA key in bytes: 1024 bits, as the service demands.
const MIN_RSA_BYTES: usize = 128;

/// A new private key.
pub(crate) struct NewKey {
    /// Private key in the PEM format of PKCS #1, which all SSH programs read.
    pub(crate) private: String,
    /// Public key in the format of OpenSSH.
    pub(crate) public: String,
}

/// Reads a public key in the format of OpenSSH and returns its fingerprint: the MD5 digest in hexadecimal digits.
///
/// # Errors
///
/// Returns the reason for which the key is invalid, as the end of a sentence about it.
pub(crate) fn fingerprint(text: &str) -> Result<String, &'static str> {
    let mut words = text.split_whitespace();
    let (Some(name), Some(body)) = (words.next(), words.next()) else {
        return Err("it must be a line of type and key, such as ssh-rsa AAAA…, as ssh-keygen writes it");
    };
    let Some((_, count)) = TYPES.iter().find(|(known, _)| *known == name) else {
        return Err("its type must be ssh-rsa, ssh-dss, ssh-ed25519 or an ecdsa-sha2-nistp type");
    };
    let damaged = "the part after its type is damaged; copy the whole line from the .pub file";
    let bytes = STANDARD.decode(body).map_err(|_| damaged)?;
    let values = values(&bytes).ok_or(damaged)?;
    if values.first() != Some(&name.as_bytes()) || values.len() != count + 1 {
        return Err(damaged);
    }
    if name == "ssh-rsa" && values.last().is_none_or(|modulus| modulus.len() < MIN_RSA_BYTES) {
        return Err("an RSA key must have at least 1024 bits");
    }
    Ok(digest(&bytes))
}

/// Returns the fingerprint of a public key that is known to be valid, or an empty string.
fn digest(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Splits a key into its values, each after its length in four bytes.
fn values(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        values.push(value);
        bytes = rest;
    }
    Some(values)
}

/// Joins values to a public key in the format of OpenSSH.
fn public_key(name: &str, values: &[&[u8]]) -> String {
    let mut bytes = Vec::new();
    for value in [name.as_bytes()].iter().chain(values) {
        bytes.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(*value);
    }
    format!("{name} {}", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with ssh-keygen, whose `-l -E md5` shows the fingerprint.
    const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL76DOtYuN/XXQ5+j1RfTWAMtleXw4Azo312tGPzKn9k";

    #[test]
    fn fingerprints_are_those_of_ssh_keygen() {
        assert_eq!(fingerprint(ED25519).as_deref(), Ok("cd474dea9a4198bb7fcac7e06067f160"));
        assert_eq!(fingerprint(&format!(" {ED25519} me@home\n")), fingerprint(ED25519));
    }

    #[test]
    fn other_strings_are_rejected() {
        let cut = &ED25519[..ED25519.len() - 8];
        let other = ED25519.replace("ssh-ed25519", "ssh-rsa");
        let short = public_key("ssh-rsa", &[&[1, 0, 1], &[1; 64]]);
        for text in ["", "ABC1234567", "ssh-rsa", "ssh-rsa AAAA", "pgp AAAA", cut, &other, &short] {
            assert!(fingerprint(text).is_err(), "{text}");
        }
    }
}
