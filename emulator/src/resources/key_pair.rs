//! SSH key pairs. Only the public key is kept.

use serde::{Deserialize, Serialize};

use super::row;
use crate::{clock::Time, ssh, state::Tags};

/// An SSH key pair.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeKeyPairs")]
pub(crate) struct KeyPair {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) fingerprint: String,
    /// Public key in the format of OpenSSH.
    pub(crate) public_key: String,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
}

impl KeyPair {
    /// Fills in what a file leaves out: the fingerprint.
    pub(crate) fn fill_in(&mut self) {
        if self.fingerprint.is_empty() {
            self.fingerprint = ssh::fingerprint(&self.public_key).unwrap_or_default();
        }
    }

    /// Returns the link by which the key pair with a name is found, and the instances that have it.
    pub(crate) fn link(region: &str, name: &str) -> String {
        format!("key-pair {region} {name}")
    }
}

row!(KeyPair, |pair, link| {
    link(&pair.region);
    link(&KeyPair::link(&pair.region, &pair.name));
});
