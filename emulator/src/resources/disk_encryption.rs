//! Default encryption of new disks.

use serde::{Deserialize, Serialize};

use super::row;
use crate::{clock::Time, state::Tags};

/// The default encryption of new disks in a region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are named for what they are")]
pub(crate) struct DiskEncryption {
    pub(crate) sequence: u64,
    /// The region again: it has one of them.
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) enabled: bool,
    /// Key of the account; empty for the key of the service.
    pub(crate) key: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
}

row!(DiskEncryption, |encryption, link| {
    link(&encryption.region);
});
