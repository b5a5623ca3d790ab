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

/// An attachment of a disk for several instances.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeDisks")]
pub(crate) struct Mount {
    pub(crate) instance: String,
    pub(crate) device: String,
    pub(crate) attached: Time,
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
    /// IOPS on top of the baseline of its category and size.
    pub(crate) provisioned_iops: i64,
    pub(crate) bursting: bool,
    pub(crate) size: i64,
    pub(crate) image: String,
    /// Instance that it is attached to. Disks for several instances have `mounts` instead.
    pub(crate) instance: Option<String>,
    pub(crate) device: String,
    /// Whether it can be attached to several instances.
    pub(crate) multi_attach: bool,
    /// Attachments of a disk for several instances.
    pub(crate) mounts: Vec<Mount>,
    /// Instance that it was the system disk of, once it is detached.
    pub(crate) origin: Option<String>,
    pub(crate) delete_with_instance: bool,
    pub(crate) delete_auto_snapshot: bool,
    pub(crate) enable_auto_snapshot: bool,
    pub(crate) encrypted: bool,
    pub(crate) key: String,
    /// Snapshot that it was created from; it may be gone.
    pub(crate) snapshot: String,
    /// Automatic snapshot policies that are applied to it.
    pub(crate) policies: Vec<String>,
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

impl Disk {
    /// Returns its attachments.
    pub(crate) fn attachments(&self) -> Vec<Mount> {
        let mounted = |instance: &String| Mount {
            instance: instance.clone(),
            device: self.device.clone(),
            attached: self.attached.unwrap_or(*self.created).into(),
        };
        self.instance.iter().map(mounted).chain(self.mounts.iter().cloned()).collect()
    }

    /// Whether it is attached to an instance.
    pub(crate) fn is_attached_to(&self, instance: &str) -> bool {
        self.instance.as_deref() == Some(instance) || self.mounts.iter().any(|mount| mount.instance == instance)
    }

    /// Ends its attachment to an instance. A subscription covers a disk only as long as it is attached.
    pub(crate) fn detach(&mut self, instance: &str, at: OffsetDateTime) {
        if self.instance.as_deref() == Some(instance) {
            self.origin = self.instance.take().filter(|_| self.kind == "system");
            self.device.clear();
        }
        self.mounts.retain(|mount| mount.instance != instance);
        self.prepaid = false;
        self.expires = None;
        self.detached = Some(at);
        if self.mounts.is_empty() {
            self.status = Timeline::of(DiskStatus::Available);
        }
    }

    /// Whether a disk of its own can be detached and attached to another instance.
    pub(crate) fn is_portable(&self) -> bool {
        self.kind == "data" && !self.prepaid
    }

    /// Returns the time at which its detachment ends.
    fn detaches(&self) -> Option<OffsetDateTime> {
        let (at, status) = self.status.last()?;
        (self.instance.is_some() && status == DiskStatus::Available).then_some(at)
    }
}

row!(Disk, |disk, link| {
    link(&disk.region);
    disk.instance.iter().for_each(|instance| link(instance));
    disk.mounts.iter().for_each(|mount| link(&mount.instance));
    disk.policies.iter().for_each(|policy| link(policy));
    if !disk.snapshot.is_empty() {
        link(&disk.snapshot);
    }
}, due: Disk::detaches);
