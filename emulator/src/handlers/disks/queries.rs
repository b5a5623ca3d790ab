//! DescribeDisks and DescribeDisksFullStatus.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::disk_rules::{baseline_iops, instance_of, throughput};
use crate::{
    call::{Call, list, tag_list},
    clock,
    error::Result,
    filters::Times,
    handlers::Entry,
    paging,
    resources::{Disk, DiskStatus, Mount},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] =
    &[("ecs", "DescribeDisks", describe_disks), ("ecs", "DescribeDisksFullStatus", describe_disks_full_status)];

/// States of a disk, with their codes in DescribeDisksFullStatus.
const STATES: &[(DiskStatus, i64)] = &[
    (DiskStatus::InUse, 0),
    (DiskStatus::Available, 1),
    (DiskStatus::Attaching, 2),
    (DiskStatus::Detaching, 3),
    (DiskStatus::Creating, 4),
    (DiskStatus::ReIniting, 5),
];

fn describe_disks(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.zone(region)?;
    call.one_of("DiskType", &["all", "system", "data"], 400, "InvalidDiskType.ValueNotSupported")?;
    call.one_of("Status", &states(), 400, "InvalidStatus.ValueNotSupported")?;
    call.one_of("DiskChargeType", &["PrePaid", "PostPaid"], 404, "InvalidDiskChargeType.NotFound")?;
    call.one_of("LockReason", &["financial", "security"], 404, "InvalidLockReason.NotFound")?;
    let times = Times::read(call, &[])?;
    // `all` is the same as no filter.
    let any = |name: &str, value: &str| {
        args.string(name).is_some_and(|wanted| wanted.eq_ignore_ascii_case("all")) || call.matches(name, value)
    };
    let flag = |name: &str, value: bool| args.boolean(name).is_none_or(|wanted| wanted == value);
    let found = call.find(&call.state.disks, &region.id, (&["DiskIds"], LINKS), |disk| {
        call.listed("DiskIds", &disk.id)
            && args.string("InstanceId").is_none_or(|wanted| disk.is_attached_to(wanted))
            && call.matches("ZoneId", &disk.zone)
            && any("DiskType", &disk.kind)
            && any("Category", &disk.category)
            && any("Status", disk.status.at(call.now).as_str())
            && call.matches("PerformanceLevel", &disk.performance)
            && call.matches("DiskChargeType", if disk.prepaid { "PrePaid" } else { "PostPaid" })
            && call.matches_pattern("DiskName", &disk.name)
            && call.matches("SnapshotId", &disk.snapshot)
            && call.matches("KMSKeyId", &disk.key)
            && call.matches("MultiAttach", multi_attach(disk))
            && call.matches("ResourceGroupId", &disk.resource_group)
            && flag("Encrypted", disk.encrypted)
            && flag("DeleteWithInstance", disk.delete_with_instance)
            && flag("Portable", disk.is_portable())
            && flag("DeleteAutoSnapshot", disk.delete_auto_snapshot)
            && flag("EnableAutoSnapshot", disk.enable_auto_snapshot)
            && flag("EnableAutomatedSnapshotPolicy", !disk.policies.is_empty())
            && flag("EnableShared", disk.multi_attach)
            && args.string("AutoSnapshotPolicyId").is_none_or(|id| disk.policies.iter().any(|policy| policy == id))
            && args.string("LockReason").is_none_or(|reason| locks(call, disk).contains(&reason))
            && call.tags_match(&disk.tags)
            && times.hold(*disk.created, disk.expires)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Disks", "Disk", |disk| write(call, disk)))
}

/// Parameters by whose values disks are looked up.
const LINKS: &[&str] = &["InstanceId", "SnapshotId", "AutoSnapshotPolicyId"];

/// Returns the values of the filter by state.
fn states() -> Vec<&'static str> {
    STATES.iter().map(|(status, _)| status.as_str()).chain(["All"]).collect()
}

fn multi_attach(disk: &Disk) -> &'static str {
    if disk.multi_attach { "Enabled" } else { "Disabled" }
}

/// Returns the reasons for which a disk is locked: those of its instance.
fn locks<'c>(call: &'c Call<'_>, disk: &Disk) -> Vec<&'c str> {
    let locks = instance_of(call, disk).map(|instance| instance.locks.as_slice()).unwrap_or_default();
    locks.iter().map(String::as_str).filter(|lock| ["financial", "security"].contains(lock)).collect()
}

fn write(call: &Call<'_>, disk: &Disk) -> Value {
    let time = |at: Option<OffsetDateTime>| at.map(clock::seconds).unwrap_or_default();
    let mounts: Vec<Value> = disk.attachments().iter().map(write_mount).collect();
    let iops = baseline_iops(&disk.category, &disk.performance, disk.size) + disk.provisioned_iops;
    let speed = throughput(&disk.category, &disk.performance, disk.size);
    let locks: Vec<Value> = locks(call, disk).iter().map(|lock| json!({ "LockReason": lock })).collect();
    let mut members = vec![
        ("DiskId", disk.id.as_str().into()),
        ("DiskName", disk.name.as_str().into()),
        ("Description", disk.description.as_str().into()),
        ("RegionId", disk.region.as_str().into()),
        ("ZoneId", disk.zone.as_str().into()),
        ("Type", disk.kind.as_str().into()),
        ("Category", disk.category.as_str().into()),
        ("PerformanceLevel", disk.performance.as_str().into()),
        ("Size", disk.size.into()),
        ("BurstingEnabled", disk.bursting.into()),
        ("Status", disk.status.at(call.now).as_str().into()),
        ("ImageId", disk.image.as_str().into()),
        ("InstanceId", disk.instance.as_deref().unwrap_or_default().into()),
        ("Device", disk.device.as_str().into()),
        ("Attachments", list("Attachment", mounts.as_slice())),
        ("MountInstances", list("MountInstance", mounts.as_slice())),
        ("MountInstanceNum", mounts.len().into()),
        ("CreationTime", clock::seconds(*disk.created).into()),
        ("AttachedTime", time(disk.attached.filter(|_| !mounts.is_empty())).into()),
        ("DetachedTime", time(disk.detached).into()),
        ("DiskChargeType", if disk.prepaid { "PrePaid" } else { "PostPaid" }.into()),
        ("ExpiredTime", disk.expires.map_or("2999-09-08T16:00Z".to_owned(), clock::minutes).into()),
        ("DeleteWithInstance", disk.delete_with_instance.into()),
        ("DeleteAutoSnapshot", disk.delete_auto_snapshot.into()),
        ("EnableAutoSnapshot", disk.enable_auto_snapshot.into()),
        ("EnableAutomatedSnapshotPolicy", (!disk.policies.is_empty()).into()),
        ("AutoSnapshotPolicyId", disk.policies.join(",").into()),
        ("Encrypted", disk.encrypted.into()),
        ("KMSKeyId", disk.key.as_str().into()),
        ("Portable", disk.is_portable().into()),
        ("MultiAttach", multi_attach(disk).into()),
        ("ProductCode", "".into()),
        ("ResourceGroupId", disk.resource_group.as_str().into()),
        ("SerialNumber", disk.serial.as_str().into()),
        ("SourceSnapshotId", disk.snapshot.as_str().into()),
        ("StorageClusterId", "".into()),
        ("StorageSetId", "".into()),
        ("OperationLocks", list("OperationLock", locks)),
        ("Tags", tag_list(&disk.tags)),
    ];
    members.extend(["IOPS", "IOPSRead", "IOPSWrite"].map(|name| (name, iops.into())));
    members.extend(["Throughput", "ThroughputRead", "ThroughputWrite"].map(|name| (name, speed.into())));
    if disk.category == "cloud_auto" {
        members.push(("ProvisionedIops", disk.provisioned_iops.into()));
    }
    members.into_iter().collect()
}

fn write_mount(mount: &Mount) -> Value {
    let attached = clock::seconds(*mount.attached);
    json!({ "InstanceId": mount.instance, "Device": mount.device, "AttachedTime": attached })
}

fn describe_disks_full_status(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.one_of("Status", &states(), 403, "InvalidParameter")?;
    let healths = ["Impaired", "Warning", "Initializing", "InsufficientData", "NotApplicable"];
    call.one_of("HealthStatus", &healths, 403, "InvalidParameter")?;
    // No disk has an event.
    let events =
        args.string("EventType").is_some() || args.list("EventId").is_some() || args.get("EventTime").is_some();
    let found = call.find(&call.state.disks, &region.id, (&["DiskId"], &[]), |disk| {
        !events
            && call.listed("DiskId", &disk.id)
            && args.string("Status").is_none_or(|wanted| wanted == "All" || wanted == disk.status.at(call.now).as_str())
            && call.matches("HealthStatus", health(call, disk).0)
            && call.matches("ResourceGroupId", &disk.resource_group)
            && call.tags_match(&disk.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "DiskFullStatusSet", "DiskFullStatusType", |disk| {
        let status = disk.status.at(call.now);
        let code = STATES.iter().find(|(known, _)| *known == status).map(|(_, code)| *code);
        let (health, health_code) = health(call, disk);
        json!({
            "DiskId": disk.id,
            "InstanceId": disk.instance.as_deref().unwrap_or_default(),
            "Device": disk.device,
            "Status": { "Code": code, "Name": status.as_str() },
            "HealthStatus": { "Code": health_code, "Name": health },
            "DiskEventSet": { "DiskEventType": [] },
        })
    }))
}

/// Returns the health of a disk, with its code.
fn health(call: &Call<'_>, disk: &Disk) -> (&'static str, i64) {
    match disk.status.at(call.now) {
        DiskStatus::InUse | DiskStatus::Detaching => ("Ok", 0),
        DiskStatus::Creating | DiskStatus::Attaching | DiskStatus::ReIniting => ("Initializing", 32),
        // The health of a disk is known only where it is attached.
        DiskStatus::Available => ("InsufficientData", 16),
    }
}
