//! Generated identifiers. They depend on the seed alone, so that every run generates the same ones.

use serde::{Deserialize, Serialize};

/// A generator of identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Ids {
    state: u64,
}

const LOWER_CASE: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Ids {
    /// Creates a generator with a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Ids { state: seed }
    }

    /// Creates a generator whose seed is derived from a string, such as the ID of a region.
    pub(crate) fn of(text: &str) -> Self {
        Ids { state: hash(text) }
    }

    /// Returns the next random number (SplitMix64).
    pub(crate) fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    fn pick(&mut self, letters: &[u8], length: usize) -> String {
        let count = letters.len() as u64;
        (0..length).map(|_| char::from(letters[(self.number() % count) as usize])).collect()
    }

    /// Returns digits and lower-case letters, for the IDs of resources.
    pub(crate) fn suffix(&mut self, length: usize) -> String {
        self.pick(LOWER_CASE, length)
    }

    /// Returns digits and letters, for secrets.
    pub(crate) fn letters(&mut self, length: usize) -> String {
        self.pick(ALPHANUMERIC, length)
    }

    /// Returns the ID of a resource: prefix, region code and suffix.
    pub(crate) fn resource(&mut self, prefix: &str, region: &str) -> String {
        format!("{prefix}-{region}{}", self.suffix(17))
    }

    /// Returns a UUID in capital letters, for request IDs.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.number(), self.number());
        format!(
            "{:08X}-{:04X}-4{:03X}-{:04X}-{:012X}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        )
    }
}

fn mix(state: u64) -> u64 {
    let state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ state >> 31
}

/// Hashes a string (FNV-1a, mixed).
pub(crate) fn hash(text: &str) -> u64 {
    let folded =
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    mix(folded)
}
