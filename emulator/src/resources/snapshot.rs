//! Snapshots of disks.

use serde::{Deserialize, Serialize};

use super::{row, states};
use crate::{
    clock::Time,
    state::{Tags, Timeline},
};

states! {
    /// State of a snapshot.
    SnapshotStatus { Accomplished = "accomplished", Progressing = "progressing", Failed = "failed" }
}

/// A snapshot of a disk.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeSnapshots")]
pub(crate) struct Snapshot {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// Disk that it was taken of; it may be gone.
    pub(crate) disk: String,
    /// `system` or `data`.
    pub(crate) disk_kind: String,
    pub(crate) disk_category: String,
    /// Size of the disk in GiB.
    pub(crate) size: i64,
    pub(crate) encrypted: bool,
    pub(crate) key: String,
    pub(crate) retention_days: Option<i64>,
    pub(crate) instant_access: bool,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    pub(crate) status: Timeline<SnapshotStatus>,
}

row!(Snapshot, |snapshot, link| {
    link(&snapshot.region);
    link(&snapshot.disk);
});
