//! DescribeDisks.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Entry;
use crate::{
    call::{Call, tag_list},
    clock,
    error::Result,
    filters::Times,
    paging,
    resources::Disk,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("ecs", "DescribeDisks", describe_disks)];

fn describe_disks(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.zone(region)?;
    call.one_of("DiskType", &["all", "system", "data"], 400, "InvalidDiskType.ValueNotSupported")?;
    let states = ["In_use", "Available", "Attaching", "Detaching", "Creating", "ReIniting", "All"];
    call.one_of("Status", &states, 400, "InvalidStatus.ValueNotSupported")?;
    call.one_of("DiskChargeType", &["PrePaid", "PostPaid"], 404, "InvalidDiskChargeType.NotFound")?;
    call.one_of("LockReason", &["financial", "security"], 404, "InvalidLockReason.NotFound")?;
    let times = Times::read(call, &[])?;
    // `all` is the same as no filter.
    let any = |name: &str, value: &str| {
        args.string(name).is_some_and(|wanted| wanted.eq_ignore_ascii_case("all")) || call.matches(name, value)
    };
    let found = call.find(&call.state.disks, &region.id, (&["DiskIds"], &["InstanceId"]), |disk| {
        call.listed("DiskIds", &disk.id)
            && call.matches("InstanceId", disk.instance.as_deref().unwrap_or_default())
            && call.matches("ZoneId", &disk.zone)
            && any("DiskType", &disk.kind)
            && any("Category", &disk.category)
            && any("Status", disk.status.at(call.now).as_str())
            && call.matches("PerformanceLevel", &disk.performance)
            && call.matches("DiskChargeType", if disk.prepaid { "PrePaid" } else { "PostPaid" })
            && call.matches_pattern("DiskName", &disk.name)
            && call.matches("SnapshotId", &disk.snapshot)
            && call.matches("KMSKeyId", &disk.key)
            && call.matches("MultiAttach", "Disabled")
            && call.matches("ResourceGroupId", &disk.resource_group)
            && args.boolean("Encrypted").is_none_or(|wanted| wanted == disk.encrypted)
            && args.boolean("DeleteWithInstance").is_none_or(|wanted| wanted == disk.delete_with_instance)
            && args.boolean("Portable").is_none_or(|wanted| wanted == portable(disk))
            && ["DeleteAutoSnapshot", "EnableAutoSnapshot", "EnableAutomatedSnapshotPolicy", "EnableShared"]
                .into_iter()
                .all(|name| !args.flag(name))
            && args.string("LockReason").is_none()
            && args.string("AutoSnapshotPolicyId").is_none()
            && call.tags_match(&disk.tags)
            && times.hold(*disk.created, disk.expires)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Disks", "Disk", |disk| write(call, disk)))
}

/// Whether a disk can be detached from its instance and attached to another one.
fn portable(disk: &Disk) -> bool {
    disk.kind == "data"
}

fn write(call: &Call<'_>, disk: &Disk) -> Value {
    let time = |at: Option<OffsetDateTime>| at.map(clock::seconds).unwrap_or_default();
    let attached = time(disk.attached);
    let attachments: Vec<Value> = disk
        .instance
        .iter()
        .map(|id| json!({ "InstanceId": id, "Device": disk.device, "AttachedTime": attached }))
        .collect();
    let operations = (1800 + disk.size * 30).min(25_000);
    json!({
        "DiskId": disk.id,
        "DiskName": disk.name,
        "Description": disk.description,
        "RegionId": disk.region,
        "ZoneId": disk.zone,
        "Type": disk.kind,
        "Category": disk.category,
        "PerformanceLevel": disk.performance,
        "Size": disk.size,
        "IOPS": operations,
        "IOPSRead": operations,
        "IOPSWrite": operations,
        "Status": disk.status.at(call.now).as_str(),
        "ImageId": disk.image,
        "InstanceId": disk.instance.as_deref().unwrap_or_default(),
        "Device": if disk.instance.is_some() { disk.device.as_str() } else { "" },
        "Attachments": { "Attachment": attachments },
        "MountInstances": { "MountInstance": attachments },
        "MountInstanceNum": attachments.len(),
        "CreationTime": clock::seconds(*disk.created),
        "AttachedTime": if disk.instance.is_some() { attached } else { String::new() },
        "DetachedTime": time(disk.detached),
        "DiskChargeType": if disk.prepaid { "PrePaid" } else { "PostPaid" },
        "ExpiredTime": disk.expires.map_or("2999-09-08T16:00Z".to_owned(), clock::minutes),
        "DeleteWithInstance": disk.delete_with_instance,
        "DeleteAutoSnapshot": false,
        "EnableAutoSnapshot": false,
        "EnableAutomatedSnapshotPolicy": false,
        "AutoSnapshotPolicyId": "",
        "Encrypted": disk.encrypted,
        "KMSKeyId": disk.key,
        "Portable": portable(disk),
        "MultiAttach": "Disabled",
        "ProductCode": "",
        "ResourceGroupId": disk.resource_group,
        "SerialNumber": disk.serial,
        "SourceSnapshotId": disk.snapshot,
        "StorageClusterId": "",
        "StorageSetId": "",
        "OperationLocks": { "OperationLock": [] },
        "Tags": tag_list(&disk.tags),
    })
}
