//! Disks and their snapshots: what happens to them with the time.

use time::{Duration, OffsetDateTime, UtcOffset};

use super::{State, Timeline};
use crate::{
    clock::seconds,
    ids::Ids,
    resources::{Disk, DiskStatus, Instance, Snapshot, SnapshotPolicy, SnapshotStatus},
};

/// Number of automatic snapshots of a disk that are kept: the published quota. The oldest one makes room for a new one.
const MAX_AUTOMATIC_SNAPSHOTS: usize = 1_000;

/// Longest time for which a policy makes up for snapshots when the clock jumps: a jump of years ends soon, and every hour of the
/// schedule, which is one of a week, is in it.
const MAX_MISSED: Duration = Duration::days(7);

impl State {
    /// Applies the events of disks and snapshots that are due.
    pub(super) fn settle_disks(&mut self, now: OffsetDateTime) {
        while let Some((id, at)) = self.disks.first_due(now) {
            if let Some(mut disk) = self.disks.get_mut(&id) {
                let instance = disk.instance.clone().unwrap_or_default();
                disk.detach(&instance, at);
            }
        }
        while let Some((id, at)) = self.snapshot_policies.first_due(now) {
            self.run_policy(&id, at, now);
        }
        while let Some((id, _)) = self.snapshots.first_due(now) {
            self.expire_snapshot(&id);
        }
    }

    /// Sets the state of disks that are attached according to a state file.
    pub(super) fn fill_in_disks(&mut self) {
        let attached = |disk: &&Disk| disk.instance.is_some() || !disk.mounts.is_empty();
        let attached: Vec<String> = self.disks.values().filter(attached).map(|disk| disk.id.clone()).collect();
        for id in attached {
            if let Some(mut disk) = self.disks.get_mut(&id).filter(|disk| disk.status == Timeline::default()) {
                disk.status = Timeline::of(DiskStatus::InUse);
            }
        }
        for id in self.instances.values().map(|instance| instance.id.clone()).collect::<Vec<_>>() {
            self.fill_in_system_disk(&id);
        }
    }

    /// Creates a system disk for an instance without disks, unless its system disk was detached.
    fn fill_in_system_disk(&mut self, instance: &str) {
        let detached = || self.disks.values().any(|disk| disk.origin.as_deref() == Some(instance));
        let Some(owner) = self.instances.get(instance).filter(|_| self.disks.count(instance) == 0 && !detached())
        else {
            return;
        };
        let mut disk = Disk {
            region: owner.region.clone(),
            zone: owner.zone.clone(),
            kind: "system".to_owned(),
            category: "cloud_essd".to_owned(),
            performance: "PL1".to_owned(),
            size: 40,
            image: owner.image.clone(),
            instance: Some(owner.id.clone()),
            device: "/dev/xvda".to_owned(),
            delete_with_instance: true,
            created: owner.created,
            status: Timeline::of(DiskStatus::InUse),
            ..Disk::default()
        };
        disk.sequence = self.next_sequence();
        disk.id = format!("d-{}", self.ids.suffix(20));
        self.disks.insert(disk);
    }

    /// Removes a disk, and its automatic snapshots if they must be deleted with it.
    pub(crate) fn remove_disk(&mut self, id: &str) {
        let Some(disk) = self.disks.remove(id) else { return };
        let automatic =
            |snapshot: &&Snapshot| snapshot.automatic && snapshot.source.is_none() && disk.delete_auto_snapshot;
        let snapshots: Vec<String> = self.snapshots.linked(id).filter(automatic).map(|row| row.id.clone()).collect();
        for snapshot in snapshots.iter().filter(|snapshot| self.images.count(snapshot) == 0) {
            self.snapshots.remove(snapshot);
        }
    }

    /// Whether a snapshot of a disk is being created.
    pub(crate) fn is_snapshot_in_progress(&self, disk: &str, now: OffsetDateTime) -> bool {
        // Snapshots are created one after the other, so that it is one of the last ones.
        self.snapshots
            .linked(disk)
            .rev()
            .any(|snapshot| snapshot.source.is_none() && snapshot.status.at(now) == SnapshotStatus::Progressing)
    }

    /// Returns a snapshot of a disk that starts to be created now, with a new ID.
    pub(crate) fn snapshot_of(&mut self, disk: &Disk, now: OffsetDateTime, step: Duration) -> Snapshot {
        Snapshot {
            sequence: self.next_sequence(),
            id: format!("s-{}", self.ids.suffix(20)),
            region: disk.region.clone(),
            disk: disk.id.clone(),
            disk_kind: disk.kind.clone(),
            disk_category: disk.category.clone(),
            size: disk.size,
            encrypted: disk.encrypted,
            key: disk.key.clone(),
            created: now.into(),
            status: Timeline::starting(now, step, &[SnapshotStatus::Progressing, SnapshotStatus::Accomplished]),
            ..Snapshot::default()
        }
    }

    /// Returns the key that encrypts disks of a region by default: that of the service, unless the account has set its own.
    pub(crate) fn default_disk_key(&self, region: &str) -> String {
        let own = self.disk_encryption.get(region).map(|row| row.key.clone()).filter(|key| !key.is_empty());
        own.unwrap_or_else(|| Ids::of(&format!("{} {region}", self.account)).uuid().to_lowercase())
    }

    /// Whether new disks of a region are encrypted by default.
    pub(crate) fn encrypts_disks(&self, region: &str) -> bool {
        self.disk_encryption.get(region).is_some_and(|row| row.enabled)
    }

    /// Creates the snapshots of a policy that are due.
    fn run_policy(&mut self, id: &str, at: OffsetDateTime, now: OffsetDateTime) {
        if let Some(mut policy) = self.snapshot_policies.get_mut(id) {
            let missed = now.checked_sub(MAX_MISSED).unwrap_or(at);
            policy.done = at.max(missed).into();
        }
        let Some(policy) = self.snapshot_policies.get(id).filter(|policy| *policy.done == at).cloned() else { return };
        let disks = self.covered_disks(&policy, at);
        let day = at.to_offset(UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC));
        let day: String = seconds(day).chars().filter(char::is_ascii_digit).take(8).collect();
        for disk in disks {
            let mut snapshot = self.snapshot_of(&disk, at, Duration::ZERO);
            snapshot.name = format!("auto2.0_{day}_{id}");
            snapshot.automatic = true;
            snapshot.resource_group = disk.resource_group.clone();
            snapshot.keep(Some(policy.retention_days).filter(|days| *days > 0));
            for region in &policy.copy_regions {
                self.copy_of_policy(&snapshot, &policy, region);
            }
            self.snapshots.insert(snapshot);
            self.drop_oldest_automatic(&disk.id);
        }
    }

    /// Returns the disks of which a policy creates snapshots: those that it is applied to, or those of instances with its tags.
    fn covered_disks(&self, policy: &SnapshotPolicy, at: OffsetDateTime) -> Vec<Disk> {
        let exists = |disk: &&Disk| *disk.created < at && disk.attached.is_some();
        if policy.association != "AssociatedWithInstanceTag" {
            let disks = self.disks.linked(&policy.id).filter(|disk| disk.enable_auto_snapshot);
            return disks.filter(exists).cloned().collect();
        }
        let tagged = |instance: &&Instance| policy.target_tags.iter().any(|tag| instance.tags.contains(tag));
        let instances = self.instances.linked(&policy.region).filter(tagged);
        instances.flat_map(|instance| self.disks.linked(&instance.id)).filter(exists).cloned().collect()
    }

    /// Copies a snapshot of a policy to another region.
    fn copy_of_policy(&mut self, snapshot: &Snapshot, policy: &SnapshotPolicy, region: &str) {
        let encrypted = snapshot.encrypted || policy.copy_encryption.encrypted;
        let own = Some(policy.copy_encryption.key.clone()).filter(|key| !key.is_empty());
        let key = own.unwrap_or_else(|| self.default_disk_key(region));
        let mut copy = Snapshot {
            sequence: self.next_sequence(),
            id: format!("s-{}", self.ids.suffix(20)),
            region: region.to_owned(),
            source: Some((snapshot.region.clone(), snapshot.id.clone())),
            encrypted,
            key: if encrypted { key } else { String::new() },
            ..snapshot.clone()
        };
        copy.keep(Some(policy.copied_retention_days).filter(|days| *days > 0));
        self.snapshots.insert(copy);
    }

    /// Makes room for an automatic snapshot of a disk.
    fn drop_oldest_automatic(&mut self, disk: &str) {
        let automatic = || self.snapshots.linked(disk).filter(|row| row.automatic && row.source.is_none());
        let oldest = automatic().nth(0).filter(|_| automatic().nth(MAX_AUTOMATIC_SNAPSHOTS).is_some());
        if let Some(oldest) = oldest.map(|row| row.id.clone()) {
            self.expire_snapshot(&oldest);
        }
    }

    /// Releases a snapshot whose time is over, unless an image needs it.
    fn expire_snapshot(&mut self, id: &str) {
        if self.images.count(id) == 0 {
            self.snapshots.remove(id);
        } else if let Some(mut snapshot) = self.snapshots.get_mut(id) {
            snapshot.expires = None;
        }
    }
}
