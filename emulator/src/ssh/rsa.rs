//! RSA keys of 2048 bits from a list of primes.
//!
//! To look for primes takes seconds in a debug build, so each key is the product of two primes of `data/primes.txt`. The keys
//! are as valid as any, but not secret: anyone can read the list.

use std::{fmt::Write as _, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use num_bigint::BigUint;

use super::{NewKey, public_key};

/// Public exponent, as of nearly all RSA keys.
const EXPONENT: u32 = 65_537;

/// Primes of 1024 bits.
static PRIMES: LazyLock<Vec<BigUint>> = LazyLock::new(|| {
    let lines = include_str!("../../data/primes.txt").lines();
    // A unit test checks that all lines are numbers.
    lines.filter_map(|line| BigUint::parse_bytes(line.as_bytes(), 16)).collect()
});

/// Returns the key with a number. There are 2016 different ones.
pub(crate) fn new_key(number: u64) -> NewKey {
    let count = PRIMES.len() as u64;
    // The second prime lies 1 to 32 places after the first one; the last distance takes each pair once.
    let (first, distance) = (number % count, number / count % (count / 2) + 1);
    let (p, q) = (&PRIMES[first as usize], &PRIMES[((first + distance) % count) as usize]);
    key(p.max(q), p.min(q))
}

fn key(p: &BigUint, q: &BigUint) -> NewKey {
    let modulus = p * q;
    let exponent = BigUint::from(EXPONENT);
    let (less_p, less_q) = (p - 1u32, q - 1u32);
    // The inverses exist: p and q are different primes, and the exponent divides neither p - 1 nor q - 1.
    let inverse = |number: &BigUint, of: &BigUint| number.modinv(of).unwrap_or_default();
    let secret = inverse(&exponent, &(&less_p * &less_q));
    let (secret_p, secret_q, coefficient) = (&secret % &less_p, &secret % &less_q, inverse(q, p));
    let numbers =
        [&BigUint::ZERO, &modulus, &exponent, &secret, p, q, &secret_p, &secret_q, &coefficient].map(|number| {
            let bytes = signed(number);
            element(0x02, &bytes)
        });
    NewKey {
        private: pem(&element(0x30, &numbers.concat())),
        public: public_key("ssh-rsa", &[&signed(&exponent), &signed(&modulus)]),
    }
}

/// Returns the bytes of a number. A first byte of zero keeps it from being negative.
fn signed(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    bytes
}

/// Writes an element of DER: its tag, its length and its bytes.
fn element(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len().to_be_bytes();
    let length = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let mut element = vec![tag];
    match length {
        [] => element.push(0),
        [short @ ..0x80] => element.push(*short),
        long => {
            // At most eight bytes.
            element.push(0x80 | long.len() as u8);
            element.extend(long);
        }
    }
    element.extend(bytes);
    element
}

fn pem(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut pem = "-----BEGIN RSA PRIVATE KEY-----\n".to_owned();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        // Writing to a string cannot fail.
        let _ = writeln!(pem, "{line}");
        rest = after;
    }
    pem + "-----END RSA PRIVATE KEY-----\n"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_primes_make_keys_of_2048_bits() {
        assert_eq!(PRIMES.len(), 64);
        let two = BigUint::from(2u32);
        for prime in PRIMES.iter() {
            assert_eq!((prime * prime).bits(), 2048, "{prime:x}");
            assert_ne!(prime % EXPONENT, BigUint::from(1u32), "{prime:x}");
        }
        // Fermat's test of one of them: the others come from the same tool, and the test is slow.
        assert_eq!(two.modpow(&(&PRIMES[0] - 1u32), &PRIMES[0]), BigUint::from(1u32));
    }

    #[test]
    fn what_the_public_key_encrypts_the_private_key_decrypts() {
        let (p, q) = (&PRIMES[1], &PRIMES[0]);
        let phi = (p - 1u32) * (q - 1u32);
        let secret = BigUint::from(EXPONENT).modinv(&phi).unwrap();
        let message = BigUint::from(42u32);
        let modulus = p * q;
        let sent = message.modpow(&BigUint::from(EXPONENT), &modulus);
        assert_eq!(sent.modpow(&secret, &modulus), message);
    }

    #[test]
    fn keys_differ() {
        let keys: BTreeSet<String> = (0..200).map(|number| new_key(number).public).collect();
        assert_eq!(keys.len(), 200);
    }
}
