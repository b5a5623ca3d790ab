//! Snapshot-consistent groups, chains of snapshots, and the storage that snapshots use.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    disk_rules::find,
    snapshots::{bytes, can_be_captured, check_unused, retention_of_access},
};
use crate::{
    call::{Call, key_value_tags},
    clock,
    error::Result,
    handlers::{Entry, references},
    paging,
    resources::{Disk, Snapshot, SnapshotGroup, SnapshotStatus},
    rules,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "CreateSnapshotGroup", create_snapshot_group),
    ("ecs", "DeleteSnapshotGroup", delete_snapshot_group),
    ("ecs", "DescribeSnapshotGroups", describe_snapshot_groups),
    ("ecs", "DescribeSnapshotLinks", describe_snapshot_links),
    ("ecs", "DescribeSnapshotsUsage", describe_snapshots_usage),
    ("ecs", "ModifySnapshotGroup", modify_snapshot_group),
];

/// Highest number of disks of a group.
const MAX_DISKS: usize = 16;

/// Largest total size of the disks of a group in GiB: 256 TiB.
const MAX_SIZE: i64 = 256 * 1_024;

fn create_snapshot_group(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.check_string("Name", "InvalidParameter.Name", rules::name)?;
    call.check_string("Description", "InvalidParameter.Description", rules::description)?;
    let access = retention_of_access(call)?;
    let disks = disks(call)?;
    for disk in &disks {
        can_be_captured(call, disk)?;
    }
    let owner = disks.first().and_then(|disk| disk.instance.clone());
    let owner = owner.filter(|owner| disks.iter().all(|disk| disk.is_attached_to(owner)));
    let group = SnapshotGroup {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("ssg", &region.code),
        region: region.id.clone(),
        name: args.string_or("Name", "").to_owned(),
        description: args.string_or("Description", "").to_owned(),
        instance: owner,
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags: call.new_tags()?,
        created: call.now.into(),
    };
    for disk in disks {
        let mut snapshot = call.state.snapshot_of(&disk, call.now, call.step);
        snapshot.group = Some(group.id.clone());
        snapshot.resource_group.clone_from(&group.resource_group);
        snapshot.instant_access = args.flag("InstantAccess");
        snapshot.instant_access_days = access;
        call.state.snapshots.insert(snapshot);
    }
    let response = json!({ "SnapshotGroupId": group.id });
    call.state.snapshot_groups.insert(group);
    Ok(response)
}

/// Returns the disks that the call names: those of an instance, or some disks of a zone.
fn disks(call: &Call<'_>) -> Result<Vec<Disk>> {
    let args = call.args;
    let (wanted, excluded) = (args.strings("DiskId"), args.strings("ExcludeDiskId"));
    if wanted.is_some() && excluded.is_some() {
        let message = "Specify either DiskId or ExcludeDiskId, not both.";
        return Err(call.error("InvalidParam.ExcludeDiskIdsAndDiskIds.Conflict", 400, message));
    }
    let disks = match args.string("InstanceId") {
        Some(instance) => of_instance(call, instance, wanted.as_deref(), &excluded.unwrap_or_default())?,
        None => {
            let ids = wanted
                .ok_or_else(|| call.error("MissingParamter.InstanceId", 400, "Specify InstanceId, DiskId or both."))?;
            ids.into_iter().map(|id| find(call, id).cloned()).collect::<Result<Vec<_>>>()?
        }
    };
    if disks.is_empty() {
        return Err(call.error("InvalidInstance.NoDisk", 403, "The request names no disk of the instance."));
    }
    if disks.iter().any(|disk| disk.zone != disks[0].zone) {
        return Err(call.error("InvalidDiskIds.NotInSameZone", 400, "The disks of a group are in one zone."));
    }
    if let Some(disk) = disks.iter().find(|disk| disk.multi_attach) {
        let message = format!("The disk {} can be attached to several instances.", disk.id);
        return Err(call.error("InvalidOperation.MultiAttachDisk", 403, message));
    }
    if disks.len() > MAX_DISKS {
        let message = format!("A group has at most {MAX_DISKS} disks; the request names {}.", disks.len());
        return Err(call.error("NumberExceed.TooManyDisks", 403, message));
    }
    if disks.iter().map(|disk| disk.size).sum::<i64>() > MAX_SIZE {
        return Err(call.error("CapacityExceed.TooManyDisks", 403, "The disks of a group have at most 256 TiB."));
    }
    Ok(disks)
}

/// Returns disks of an instance.
fn of_instance(call: &Call<'_>, id: &str, wanted: Option<&[&str]>, excluded: &[&str]) -> Result<Vec<Disk>> {
    call.instance()?;
    for named in wanted.unwrap_or_default().iter().chain(excluded) {
        if !find(call, named)?.is_attached_to(id) {
            let message = format!("The disk {named} is not attached to the instance {id}.");
            return Err(call.error("DiskId.ValueNotSupported", 403, message));
        }
    }
    let listed = |disk: &&Disk| wanted.is_none_or(|wanted| wanted.contains(&disk.id.as_str()));
    let kept = |disk: &&Disk| !excluded.contains(&disk.id.as_str());
    Ok(call.state.disks.linked(id).filter(listed).filter(kept).cloned().collect())
}

/// Returns a copy of the group that the call names.
fn group(call: &Call<'_>) -> Result<SnapshotGroup> {
    let region = call.region()?;
    let id = call.args.string_or("SnapshotGroupId", "");
    let group = call.state.snapshot_groups.get(id).filter(|group| group.region == region.id);
    group.cloned().ok_or_else(|| {
        let message = format!("The snapshot-consistent group {id:?} does not exist in {}.", region.id);
        call.error("InvalidSnapshotGroup.NotFound", 404, message)
    })
}

fn delete_snapshot_group(call: &mut Call<'_>) -> Result<Value> {
    let group = group(call)?;
    let snapshots = call.state.snapshots.linked_ids(&group.id);
    for id in &snapshots {
        check_unused(call, id, false)?;
    }
    let mut results = Vec::new();
    for id in snapshots {
        call.state.snapshots.remove(&id);
        let items = json!([{ "Name": "SnapshotId", "Value": id }]);
        results.push(json!({ "OperationStatus": "Success", "RelatedItemSet": { "RelatedItem": items } }));
    }
    call.state.snapshot_groups.remove(&group.id);
    Ok(json!({ "OperationProgressSet": { "OperationProgress": results } }))
}

fn modify_snapshot_group(call: &mut Call<'_>) -> Result<Value> {
    let mut group = group(call)?;
    call.check_string("Name", "InvalidParameter.Name", rules::name)?;
    call.check_string("Description", "InvalidParameter.Description", rules::description)?;
    if let Some(name) = call.args.string("Name") {
        name.clone_into(&mut group.name);
    }
    if let Some(description) = call.args.string("Description") {
        description.clone_into(&mut group.description);
    }
    call.state.snapshot_groups.insert(group);
    Ok(json!({}))
}

fn describe_snapshot_groups(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let states = call.args.strings("Status");
    let known = ["progressing", "accomplished", "failed"];
    if states.as_ref().is_some_and(|states| states.iter().any(|status| !known.contains(status))) {
        let message = format!("Status can be {}.", known.join(", "));
        return Err(call.error("InvalidStatus.ValueNotSupported", 403, message));
    }
    let found = call.find(&call.state.snapshot_groups, &region.id, (&["SnapshotGroupId"], &["InstanceId"]), |group| {
        call.listed("SnapshotGroupId", &group.id)
            && call.matches("InstanceId", group.instance.as_deref().unwrap_or_default())
            && call.matches_pattern("Name", &group.name)
            && call.matches("ResourceGroupId", &group.resource_group)
            && states.as_ref().is_none_or(|states| states.contains(&status(call, group)))
            && call.tags_match(&group.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "SnapshotGroups", "SnapshotGroup", |group| write(call, group)))
}

/// Returns the state of a group, which is that of its snapshots.
fn status(call: &Call<'_>, group: &SnapshotGroup) -> &'static str {
    let mut states = call.state.snapshots.linked(&group.id).map(|snapshot| snapshot.status.at(call.now));
    let open = states.find(|status| *status != SnapshotStatus::Accomplished);
    open.unwrap_or(SnapshotStatus::Accomplished).as_str()
}

fn write(call: &Call<'_>, group: &SnapshotGroup) -> Value {
    let write = |snapshot: &Snapshot| {
        let available = snapshot.status.at(call.now) == SnapshotStatus::Accomplished || snapshot.instant_access;
        let mut written = json!({
            "SnapshotId": snapshot.id,
            "SourceDiskId": snapshot.disk,
            "SourceDiskType": snapshot.disk_kind,
            "Progress": format!("{}%", snapshot.status.percent(call.now)),
            "Available": available,
            "InstantAccess": snapshot.instant_access,
            "Tags": key_value_tags(&snapshot.tags),
        });
        if let Some(days) = snapshot.instant_access_days {
            written["InstantAccessRetentionDays"] = days.into();
        }
        written
    };
    let snapshots: Vec<Value> = call.state.snapshots.linked(&group.id).map(write).collect();
    let mut written = json!({
        "SnapshotGroupId": group.id,
        "Name": group.name,
        "Description": group.description,
        "Status": status(call, group),
        "CreationTime": clock::seconds(*group.created),
        "ResourceGroupId": group.resource_group,
        "Snapshots": { "Snapshot": snapshots },
        "Tags": key_value_tags(&group.tags),
    });
    if let Some(instance) = &group.instance {
        written["InstanceId"] = instance.as_str().into();
    }
    written
}

fn describe_snapshots_usage(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let size: i64 = call.state.snapshots.linked(&region.id).map(bytes).sum();
    Ok(json!({ "SnapshotCount": call.state.snapshots.count(&region.id), "SnapshotSize": size }))
}

fn describe_snapshot_links(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    // Chains in order of their first snapshots.
    let mut places: BTreeMap<&str, u64> = BTreeMap::new();
    let mut chains: BTreeMap<u64, Vec<&Snapshot>> = BTreeMap::new();
    for snapshot in call.state.snapshots.linked(&region.id) {
        let place = *places.entry(&snapshot.disk).or_insert(snapshot.sequence);
        chains.entry(place).or_default().push(snapshot);
    }
    let wanted = |snapshots: &[&Snapshot]| {
        snapshots.first().is_some_and(|first| {
            let disk = call.state.disks.get(&first.disk);
            call.listed("DiskIds", &first.disk)
                && call.listed("SnapshotLinkIds", &first.chain())
                && (call.args.string("InstanceId"))
                    .is_none_or(|instance| disk.is_some_and(|disk| disk.is_attached_to(instance)))
        })
    };
    let list: Vec<(u64, Vec<&Snapshot>)> = chains.into_iter().filter(|(_, snapshots)| wanted(snapshots)).collect();
    let page = paging::page(call, list)?;
    Ok(page.response(call, "SnapshotLinks", "SnapshotLink", |(_, snapshots)| chain(call, &snapshots)))
}

/// Returns a chain of snapshots in the form of the response.
fn chain(call: &Call<'_>, snapshots: &[&Snapshot]) -> Value {
    let Some(last) = snapshots.last() else { return json!({}) };
    let disk = call.state.disks.get(&last.disk);
    let instance = disk.and_then(|disk| disk.instance.as_ref()).and_then(|id| call.state.instances.get(id));
    json!({
        "SnapshotLinkId": last.chain(),
        "RegionId": last.region,
        "Category": last.category(),
        "InstanceId": instance.map(|instance| instance.id.as_str()).unwrap_or_default(),
        "InstanceName": instance.map(|instance| instance.name.as_str()).unwrap_or_default(),
        "InstantAccess": snapshots.iter().any(|snapshot| snapshot.instant_access),
        "SourceDiskId": last.disk,
        "SourceDiskName": disk.map(|disk| disk.name.as_str()).unwrap_or_default(),
        "SourceDiskSize": disk.map_or(last.size, |disk| disk.size),
        "SourceDiskType": last.disk_kind,
        "TotalCount": snapshots.len(),
        "TotalSize": snapshots.iter().map(|snapshot| bytes(snapshot)).sum::<i64>(),
    })
}
