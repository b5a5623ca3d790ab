//! Disks.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{row, states};
use crate::{
    clock::Time,
    state::{Tags, Timeline},
};

states! {
    /// State of a disk.
    DiskStatus { Available = "Available", InUse = "In_use", Creating = "Creating", Attaching = "Attaching", Detaching = "Detaching", ReIniting = "ReIniting" }
}

/// A disk.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeDisks")]
pub(crate) struct Disk {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) region: String,
    pub(crate) zone: String,
    /// `system` or `data`.
    pub(crate) kind: String,
    pub(crate) category: String,
    pub(crate) performance: String,
    pub(crate) size: i64,
    pub(crate) image: String,
    pub(crate) instance: Option<String>,
    pub(crate) device: String,
    pub(crate) delete_with_instance: bool,
    pub(crate) delete_auto_snapshot: bool,
    pub(crate) enable_auto_snapshot: bool,
    pub(crate) encrypted: bool,
    pub(crate) key: String,
    pub(crate) snapshot: String,
    pub(crate) prepaid: bool,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) expires: Option<OffsetDateTime>,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) attached: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) detached: Option<OffsetDateTime>,
    pub(crate) serial: String,
    pub(crate) status: Timeline<DiskStatus>,
}

row!(Disk, |disk, link| {
    link(&disk.region);
    disk.instance.iter().for_each(|instance| link(instance));
});
