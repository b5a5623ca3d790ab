//! Rules of disks: the sizes and the performance of their categories, as documented, and checks that several operations share.

use std::ops::RangeInclusive;

use crate::{
    call::Call,
    error::{EcsError, Result},
    handlers::images::transfers,
    resources::{Disk, DiskStatus, Instance, Status},
};

/// Categories of disks, the fastest one first.
const BY_SPEED: &[&str] = &["cloud_essd", "cloud_auto", "cloud_ssd", "cloud_essd_entry", "cloud_efficiency", "cloud"];

/// Largest IOPS of an ESSD AutoPL disk before those that are provisioned, and of the provisioned ones.
const MAX_AUTO_IOPS: i64 = 50_000;

/// Returns the sizes in GiB that a disk can have.
pub(super) fn sizes(call: &Call<'_>, disk: &Disk) -> RangeInclusive<i64> {
    let level = Some(disk.performance.as_str()).filter(|level| !level.is_empty());
    let range = call.catalog.disk_category(&disk.category).map(|known| known.range(level, disk.kind == "system"));
    range.map_or(1..=i64::MAX, |range| i64::from(*range.start())..=i64::from(*range.end()))
}

/// Returns the categories of disks that can be created. Local disks come with their instance.
pub(super) fn categories<'c>(call: &Call<'c>) -> Vec<&'c str> {
    let all = call.catalog.disk_categories().iter().map(|category| category.id.as_str());
    all.filter(|category| *category != "ephemeral_ssd").collect()
}

/// Checks the performance level that the call names for a category, and returns it or the default; empty without levels.
pub(super) fn level<'c>(call: &Call<'c>, category: &str, default: &'c str) -> Result<&'c str> {
    let levels = call.catalog.disk_categories().iter().flat_map(|known| &known.performance_levels);
    let levels: Vec<&str> = levels.map(|level| level.id.as_str()).collect();
    call.one_of("PerformanceLevel", &levels, 400, "InvalidPerformanceLevel.Malformed")?;
    let has_levels = call.catalog.disk_category(category).is_some_and(|known| !known.performance_levels.is_empty());
    Ok(if has_levels { call.args.string_or("PerformanceLevel", default) } else { "" })
}

/// Returns the IOPS of a category and a size, before those that are provisioned.
pub(super) fn baseline_iops(category: &str, level: &str, size: i64) -> i64 {
    let (base, per_gib, max) = match (category, level) {
        ("cloud_essd", "PL0") => (1_800, 12, 10_000),
        ("cloud_essd", "PL2") => (1_800, 50, 100_000),
        ("cloud_essd", "PL3") => (1_800, 50, 1_000_000),
        ("cloud_auto" | "cloud_regional_disk_auto", _) => {
            return (1_800 + 50 * size).clamp(3_000, MAX_AUTO_IOPS);
        }
        ("cloud_essd", _) => (1_800, 50, 50_000),
        ("elastic_ephemeral_disk_standard", _) => (0, 100, 820_000),
        ("elastic_ephemeral_disk_premium", _) => (0, 300, 1_000_000),
        ("cloud_essd_entry", _) => (1_800, 8, 6_000),
        ("cloud_efficiency", _) => (1_800, 8, 5_000),
        ("cloud_ssd", _) => (1_800, 30, 25_000),
        // Basic disks have several hundred IOPS.
        _ => (500, 0, 500),
    };
    (base + per_gib * size).min(max)
}

/// Returns the throughput of a category and a size in MB/s.
pub(super) fn throughput(category: &str, level: &str, size: i64) -> i64 {
    // In hundredths, because the documented steps are fractions of 1 MB/s.
    let (base, per_gib, max) = match (category, level) {
        ("cloud_essd", "PL0") => (10_000, 25, 180),
        ("cloud_essd", "PL2") => (12_000, 50, 750),
        ("cloud_essd", "PL3") => (12_000, 50, 4_000),
        ("cloud_essd" | "cloud_auto" | "cloud_regional_disk_auto", _) => (12_000, 50, 350),
        ("elastic_ephemeral_disk_standard", _) => (0, 80, 4_096),
        ("elastic_ephemeral_disk_premium", _) => (0, 160, 4_096),
        ("cloud_essd_entry", _) => (10_000, 15, 150),
        ("cloud_efficiency", _) => (10_000, 15, 140),
        ("cloud_ssd", _) => (12_000, 50, 300),
        _ => (3_000, 0, 30),
    };
    ((base + per_gib * size) / 100).min(max)
}

/// Returns the highest number of IOPS that can be provisioned for an ESSD AutoPL disk.
pub(super) fn max_provisioned_iops(size: i64) -> i64 {
    if size < 4 { 0 } else { (1_000 * size - baseline_iops("cloud_auto", "", size)).clamp(0, MAX_AUTO_IOPS) }
}

/// Returns the place of a category among all of them; the fastest one has the lowest.
pub(super) fn rank(category: &str) -> usize {
    BY_SPEED.iter().position(|known| *known == category).unwrap_or(BY_SPEED.len())
}

/// Whether a category is one of temporary disks, which have no snapshots.
pub(super) fn is_ephemeral(category: &str) -> bool {
    category.starts_with("elastic_ephemeral_disk_") || category.starts_with("local_") || category == "ephemeral_ssd"
}

/// Returns the disk with an ID, in the region that the call names if it names one.
pub(super) fn find<'c>(call: &'c Call<'_>, id: &str) -> Result<&'c Disk> {
    let region = ["RegionId", "regionId"].into_iter().find_map(|name| call.args.string(name));
    let disk = call.state.disks.get(id).filter(|disk| region.is_none_or(|region| region == disk.region));
    disk.ok_or_else(|| {
        let message = format!("The disk {id:?} does not exist; DescribeDisks lists the disks.");
        call.error("InvalidDiskId.NotFound", 404, message)
    })
}

/// Returns a copy of the disk that the call names.
pub(super) fn named(call: &Call<'_>) -> Result<Disk> {
    find(call, call.args.string_or("DiskId", "")).cloned()
}

/// Rejects a disk that is not in one of the states.
pub(super) fn needs(call: &Call<'_>, disk: &Disk, states: &[DiskStatus]) -> Result<()> {
    let (disk, status) = (format!("disk {}", disk.id), disk.status.at(call.now));
    call.needs(&disk, status, states, (403, "IncorrectDiskStatus"))
}

/// Rejects a disk of which a snapshot is being created.
pub(super) fn needs_no_snapshot_in_progress(call: &Call<'_>, disk: &Disk, code: &str) -> Result<()> {
    if call.state.is_snapshot_in_progress(&disk.id, call.now) {
        let message = format!("A snapshot of the disk {} is being created; wait until it is accomplished.", disk.id);
        return Err(call.error(code, 403, message));
    }
    Ok(())
}

/// Rejects an instance that is locked or not in one of the states.
pub(super) fn needs_instance(call: &Call<'_>, instance: &Instance, states: &[Status]) -> Result<()> {
    if instance.is_locked("security") {
        let message = format!("The instance {} is locked for security reasons.", instance.id);
        return Err(EcsError::new(403, "InstanceLockedForSecurity", message));
    }
    if instance.expired(call.now) {
        let message = format!("The subscription of {} has expired; renew it first.", instance.id);
        return Err(EcsError::new(403, "InstanceExpiredOrInArrears", message));
    }
    let (instance, status) = (format!("instance {}", instance.id), instance.status(call.now));
    call.needs(&instance, status, states, (403, "IncorrectInstanceStatus"))
}

/// Returns the instance that a disk is attached to, if there is one.
pub(super) fn instance_of<'c>(call: &'c Call<'_>, disk: &Disk) -> Option<&'c Instance> {
    disk.attachments().first().and_then(|mount| call.state.instances.get(&mount.instance))
}

/// Rejects a category that the type of an instance does not support.
pub(super) fn needs_support(call: &Call<'_>, instance: &Instance, category: &str) -> Result<()> {
    let ty = call.catalog.instance_type(&instance.instance_type);
    // Basic disks, the default of CreateDisk, are not sold with current families, but nothing keeps them from working here.
    let general = category == "cloud" || category == "cloud_regional_disk_auto" || is_ephemeral(category);
    if ty.is_some_and(|ty| !general && !ty.family.supports_disk(category)) {
        let message = format!("{} does not support disks of the category {category}.", instance.instance_type);
        return Err(call.error("InvalidInstanceType.NotSupportDiskCategory", 403, message));
    }
    Ok(())
}

/// Adds the task of the call, which changes a resource. Returns its ID.
pub(super) fn add_task(call: &mut Call<'_>, region: &str, resource: &str) -> String {
    match call.catalog.region(region) {
        Some(region) => transfers::add_task(call, region, resource, Vec::new()),
        None => String::new(),
    }
}

/// Returns the first free device name of an instance.
pub(super) fn free_device(call: &Call<'_>, instance: &str, system: bool) -> String {
    let used: Vec<String> = call.state.disks.linked(instance).flat_map(|disk| devices(disk, instance)).collect();
    let letters = if system { 'a'..='z' } else { 'b'..='z' };
    let one = letters.map(|letter| format!("/dev/xvd{letter}"));
    let two = ('a'..='z').flat_map(|first| ('a'..='z').map(move |second| format!("/dev/xvd{first}{second}")));
    one.chain(two).find(|device| !used.contains(device)).unwrap_or_default()
}

/// Returns the device names of a disk on an instance.
pub(super) fn devices(disk: &Disk, instance: &str) -> Vec<String> {
    let mounts = disk.attachments().into_iter().filter(|mount| mount.instance == instance);
    mounts.map(|mount| mount.device).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn performance_follows_category_level_and_size() {
        let cases = [
            (("cloud_essd", "PL0", 40), 2_280, 110),
            (("cloud_essd", "PL1", 200), 11_800, 220),
            (("cloud_essd", "PL1", 2_000), 50_000, 350),
            (("cloud_essd", "PL2", 461), 24_850, 350),
            (("cloud_essd", "PL3", 20_000), 1_000_000, 4_000),
            (("cloud_auto", "", 3), 3_000, 121),
            (("cloud_ssd", "", 100), 4_800, 170),
            (("cloud_efficiency", "", 100), 2_600, 115),
            (("cloud_essd_entry", "", 1_000), 6_000, 150),
            (("cloud", "", 100), 500, 30),
        ];
        for ((category, level, size), iops, speed) in cases {
            assert_eq!(baseline_iops(category, level, size), iops, "{category} {level} {size}");
            assert_eq!(throughput(category, level, size), speed, "{category} {level} {size}");
        }
        assert_eq!([3, 4, 40, 1_000].map(max_provisioned_iops), [0, 1_000, 36_200, 50_000]);
    }
}
