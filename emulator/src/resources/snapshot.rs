//! Snapshots of disks.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

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
    /// Whether an automatic snapshot policy created it.
    pub(crate) automatic: bool,
    /// Whether it is in archive storage.
    pub(crate) archived: bool,
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
    pub(crate) instant_access_days: Option<i64>,
    /// Region and ID of the snapshot that it is a copy of.
    pub(crate) source: Option<(String, String)>,
    /// Snapshot-consistent group that it belongs to.
    pub(crate) group: Option<String>,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) modified: Option<OffsetDateTime>,
    /// Time of its automatic release.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) expires: Option<OffsetDateTime>,
    pub(crate) status: Timeline<SnapshotStatus>,
}

impl Snapshot {
    /// Sets the number of days after its creation for which it is kept; without one, it is kept until it is deleted.
    pub(crate) fn keep(&mut self, days: Option<i64>) {
        self.retention_days = days;
        self.expires = days.and_then(|days| self.created.checked_add(Duration::days(days)));
    }

    /// Returns its category.
    pub(crate) fn category(&self) -> &'static str {
        if self.archived { "archive" } else { "standard" }
    }

    /// Returns the ID of its chain, to which all snapshots of a disk belong.
    pub(crate) fn chain(&self) -> String {
        self.disk.replacen("d-", "sl-", 1)
    }
}

row!(Snapshot, |snapshot, link| {
    link(&snapshot.region);
    link(&snapshot.disk);
    snapshot.group.iter().for_each(|group| link(group));
}, due: |snapshot: &Snapshot| snapshot.expires);

/// A group of snapshots that were taken of several disks at the same time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are those of DescribeSnapshotGroups"
)]
pub(crate) struct SnapshotGroup {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// Instance of the disks, if all of them belonged to one.
    pub(crate) instance: Option<String>,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
}

row!(SnapshotGroup, |group, link| {
    link(&group.region);
    group.instance.iter().for_each(|instance| link(instance));
});
