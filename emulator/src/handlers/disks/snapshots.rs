//! Snapshots of disks: creating, copying, changing, deleting and listing them.

use serde_json::{Value, json};
use time::Duration;

use super::disk_rules::{add_task, is_ephemeral, named, needs, needs_instance, needs_no_snapshot_in_progress};
use crate::{
    call::{Call, tag_list},
    clock,
    error::{EcsError, Result},
    filters::Times,
    handlers::{Entry, references},
    paging,
    resources::{Disk, DiskStatus, Snapshot, SnapshotStatus, Status},
    rules,
    state::{Timeline, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "CopySnapshot", copy_snapshot),
    ("ecs", "CreateSnapshot", create_snapshot),
    ("ecs", "DeleteSnapshot", delete_snapshot),
    ("ecs", "DescribeSnapshots", describe_snapshots),
    ("ecs", "ModifySnapshotAttribute", modify_snapshot_attribute),
    ("ecs", "ModifySnapshotCategory", modify_snapshot_category),
];

/// Longest retention of a snapshot in days.
const MAX_RETENTION_DAYS: i64 = 65_536;

fn create_snapshot(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let disk = named(call)?;
    call.check_string("Description", "InvalidDescription.Malformed", rules::description)?;
    let category = args.string("Category").map(str::to_ascii_lowercase);
    if category.is_some_and(|category| !["standard", "flash"].contains(&category.as_str())) {
        return Err(call.error("InvalidSnapshotCategory.Malformed", 403, "Category can be standard or flash."));
    }
    let retention = retention(call, "RetentionDays", "InvalidRetentionDays.Malformed")?;
    let access = retention_of_access(call)?;
    can_be_captured(call, &disk)?;
    let mut snapshot = call.state.snapshot_of(&disk, call.now, call.step);
    args.string_or("SnapshotName", "").clone_into(&mut snapshot.name);
    args.string_or("Description", "").clone_into(&mut snapshot.description);
    if let Some(group) = args.string("ResourceGroupId") {
        references::resource_group(call, group)?;
        group.clone_into(&mut snapshot.resource_group);
    }
    snapshot.instant_access = args.flag("InstantAccess");
    snapshot.instant_access_days = access.or(retention).filter(|_| snapshot.instant_access);
    snapshot.tags = call.new_tags()?;
    snapshot.keep(retention);
    let response = json!({ "SnapshotId": snapshot.id });
    call.state.snapshots.insert(snapshot);
    Ok(response)
}

/// Returns the number of days for which a snapshot is kept.
fn retention(call: &Call<'_>, name: &str, code: &str) -> Result<Option<i64>> {
    let days = call.args.int(name);
    if days.is_some_and(|days| !(1..=MAX_RETENTION_DAYS).contains(&days)) {
        return Err(call.error(code, 400, format!("{name} can be 1 to {MAX_RETENTION_DAYS}.")));
    }
    Ok(days)
}

/// Returns the number of days of instant access.
pub(super) fn retention_of_access(call: &Call<'_>) -> Result<Option<i64>> {
    let wanted = call.args.flag("InstantAccess");
    let days = retention(call, "InstantAccessRetentionDays", "InvalidInstantAccessRetentionDays.Malformed")?;
    Ok(days.filter(|_| wanted))
}

/// Checks that a snapshot of a disk can be created now.
pub(super) fn can_be_captured(call: &Call<'_>, disk: &Disk) -> Result<()> {
    let id = &disk.id;
    if is_ephemeral(&disk.category) {
        let message = format!("The disk {id} is of the category {}, which has no snapshots.", disk.category);
        return Err(call.error("DiskCategory.OperationNotSupported", 400, message));
    }
    needs(call, disk, &[DiskStatus::InUse, DiskStatus::Available])?;
    if disk.attached.is_none() && disk.attachments().is_empty() {
        let message = format!("The disk {id} was never attached to an instance; attach it once first.");
        return Err(call.error("IncorrectDiskStatus.NeverAttached", 403, message));
    }
    for mount in disk.attachments() {
        if let Some(instance) = call.state.instances.get(&mount.instance) {
            needs_instance(call, instance, &[Status::Running, Status::Stopped, Status::Stopping, Status::Starting])?;
        }
    }
    needs_no_snapshot_in_progress(call, disk, "IncorrectDiskStatus.CreatingSnapshot")?;
    let most = call.state.quota(&quotas::SNAPSHOTS_PER_DISK);
    if call.state.snapshots.linked(id).filter(|row| !row.automatic && row.source.is_none()).count() as u64 >= most {
        let message = format!("The disk {id} has {most} snapshots, which is its quota; delete some.");
        return Err(call.error("QuotaExceed.Snapshot", 403, message));
    }
    Ok(())
}

/// Returns a copy of the snapshot that the call names.
fn snapshot(call: &Call<'_>) -> Result<Snapshot> {
    let id = call.args.string_or("SnapshotId", "");
    let region = call.args.string("RegionId");
    let snapshot = call.state.snapshots.get(id).filter(|row| region.is_none_or(|region| region == row.region));
    snapshot.cloned().ok_or_else(|| {
        let message = format!("The snapshot {id:?} does not exist; DescribeSnapshots lists the snapshots.");
        call.error("InvalidSnapshotId.NotFound", 404, message)
    })
}

fn copy_snapshot(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let source = snapshot(call)?;
    let to = args.string_or("DestinationRegionId", "");
    let Some(region) = call.catalog.region(to) else {
        return Err(call.error("InvalidRegionId.NotExists", 403, format!("The region {to:?} does not exist.")));
    };
    if region.id == source.region {
        let message = format!("The snapshot {} is in {to}; copy it to another region.", source.id);
        return Err(call.error("InvalidOperation.NotSupportCopyInSameRegion", 403, message));
    }
    call.check_string("DestinationSnapshotName", "InvalidSnapshotName.Malformed", rules::snapshot_name)?;
    call.check_string("DestinationSnapshotDescription", "InvalidDescription.Malformed", rules::description)?;
    let retention = retention(call, "RetentionDays", "InvalidRetentionDays.Malformed")?;
    if source.status.at(call.now) != SnapshotStatus::Accomplished {
        let message = format!("The snapshot {} is still being created; wait until it is accomplished.", source.id);
        return Err(call.error("InvalidSnapshotId.NotReady", 403, message));
    }
    if source.archived {
        let message = format!("The snapshot {} is archived and cannot be copied.", source.id);
        return Err(call.error("InvalidSnapshotCategory.NotSupportCrossRegionCopy", 403, message));
    }
    let key = args.string("KMSKeyId");
    if key.is_some() && !args.flag("Encrypted") {
        return Err(call.error("InvalidEncrypted.NotMatchKmsKeyId", 403, "KMSKeyId needs Encrypted to be true."));
    }
    let encrypted = args.flag("Encrypted") || source.encrypted;
    let key = key.map_or_else(|| call.state.default_disk_key(&region.id), str::to_owned);
    let mut copy = Snapshot {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("s", &region.code),
        region: region.id.clone(),
        name: args.string_or("DestinationSnapshotName", "").to_owned(),
        description: args.string_or("DestinationSnapshotDescription", "").to_owned(),
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags: call.new_tags()?,
        automatic: false,
        encrypted,
        key: if encrypted { key } else { String::new() },
        source: Some((source.region.clone(), source.id.clone())),
        group: None,
        instant_access: false,
        instant_access_days: None,
        created: call.now.into(),
        modified: None,
        status: Timeline::starting(call.now, call.step, &[SnapshotStatus::Progressing, SnapshotStatus::Accomplished]),
        ..source
    };
    copy.keep(retention);
    let response = json!({ "SnapshotId": copy.id });
    call.state.snapshots.insert(copy);
    Ok(response)
}

fn delete_snapshot(call: &mut Call<'_>) -> Result<Value> {
    let snapshot = snapshot(call)?;
    check_unused(call, &snapshot.id, call.args.flag("Force"))?;
    call.state.snapshots.remove(&snapshot.id);
    Ok(json!({}))
}

/// Rejects a snapshot that images or, unless `force` is set, disks were created from.
pub(super) fn check_unused(call: &Call<'_>, id: &str, force: bool) -> Result<()> {
    if call.state.images.count(id) > 0 {
        let message = format!("An image was created from the snapshot {id}; delete the image first.");
        return Err(call.error("SnapshotCreatedImage", 403, message));
    }
    if !force && call.state.disks.count(id) > 0 {
        let message = format!("A disk was created from the snapshot {id}; set Force, or delete the disk first.");
        return Err(call.error("SnapshotCreatedDisk", 403, message));
    }
    Ok(())
}

fn modify_snapshot_attribute(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let mut snapshot = snapshot(call)?;
    if ["SnapshotName", "Description", "RetentionDays", "DisableInstantAccess"]
        .iter()
        .all(|name| args.get(name).is_none())
    {
        let message = "Specify what to change: SnapshotName, Description, RetentionDays or DisableInstantAccess.";
        return Err(call.error("NoAttributeToModify", 400, message));
    }
    call.check_string("Description", "InvalidDescription.Malformed", rules::description)?;
    if let Some(days) = retention(call, "RetentionDays", "InvalidRetentionDays.Malformed")? {
        if snapshot.retention_days.is_none_or(|present| days < present) {
            let message = match snapshot.retention_days {
                Some(present) => {
                    format!("The snapshot {} is kept for {present} days, which cannot decrease.", snapshot.id)
                }
                None => format!("The snapshot {} is kept until it is deleted.", snapshot.id),
            };
            return Err(call.error("InvalidOperation.DecreaseRetentionDaysUnsupported", 400, message));
        }
        snapshot.keep(Some(days));
    }
    if let Some(name) = args.string("SnapshotName") {
        name.clone_into(&mut snapshot.name);
    }
    if let Some(description) = args.string("Description") {
        description.clone_into(&mut snapshot.description);
    }
    if args.flag("DisableInstantAccess") {
        snapshot.instant_access = false;
        snapshot.instant_access_days = None;
    }
    snapshot.modified = Some(call.now);
    call.state.snapshots.insert(snapshot);
    Ok(json!({}))
}

fn modify_snapshot_category(call: &mut Call<'_>) -> Result<Value> {
    // Days that a snapshot is a standard one, and those that archive storage is charged for.
    const STANDARD_DAYS: i64 = 14;
    const ARCHIVE_DAYS: i64 = 60;
    let mut snapshot = snapshot(call)?;
    if !call.args.string("Category").is_some_and(|category| category.eq_ignore_ascii_case("archive")) {
        return Err(EcsError::invalid("Category", "only Archive is possible"));
    }
    let retention = call.args.int("RetentionDays");
    if retention.is_some_and(|days| days < STANDARD_DAYS + ARCHIVE_DAYS) {
        let reason = format!("it must be {} or more", STANDARD_DAYS + ARCHIVE_DAYS);
        return Err(EcsError::invalid("RetentionDays", reason));
    }
    if snapshot.archived || *snapshot.created + Duration::days(STANDARD_DAYS) > call.now {
        let message = format!("The snapshot {} is archived already or younger than {STANDARD_DAYS} days.", snapshot.id);
        return Err(call.error("OperationDenied", 403, message));
    }
    snapshot.archived = true;
    snapshot.keep(retention);
    snapshot.modified = Some(call.now);
    let region = snapshot.region.clone();
    let id = snapshot.id.clone();
    call.state.snapshots.insert(snapshot);
    Ok(json!({ "TaskId": add_task(call, &region, &id) }))
}

fn describe_snapshots(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.one_of("Status", &["progressing", "accomplished", "failed", "all"], 404, "InvalidStatus.NotFound")?;
    call.one_of("SnapshotType", &["auto", "user", "timer", "all"], 404, "InvalidSnapshotType.NotFound")?;
    call.one_of("Usage", &["image", "disk", "image_disk", "none"], 404, "InvalidUsage")?;
    let kind = args.string("SourceDiskType").map(str::to_ascii_lowercase);
    if kind.as_deref().is_some_and(|kind| !["system", "data", "all"].contains(&kind)) {
        return Err(call.error("InvalidSourceDiskType", 404, "SourceDiskType can be system or data."));
    }
    let category = args.string("Category").map(str::to_ascii_lowercase);
    if category.as_deref().is_some_and(|category| !["standard", "flash", "archive"].contains(&category)) {
        let message = "Category can be standard, flash or archive.";
        return Err(call.error("InvalidSnapshotCategory.Malformed", 403, message));
    }
    let kind = kind.filter(|kind| kind != "all");
    let chains = chains(args.string("SnapshotLinkId"));
    let times = Times::read(call, &[])?;
    let any = |name: &str, value: &str| args.string(name).is_none_or(|wanted| wanted == "all" || wanted == value);
    let found = call.find(&call.state.snapshots, &region.id, (&["SnapshotIds"], &["DiskId"]), |snapshot| {
        call.listed("SnapshotIds", &snapshot.id)
            && call.matches("DiskId", &snapshot.disk)
            && args.string("InstanceId").is_none_or(|instance| {
                call.state.disks.get(&snapshot.disk).is_some_and(|disk| disk.is_attached_to(instance))
            })
            && chains.as_ref().is_none_or(|chains| chains.contains(&snapshot.chain()))
            && call.matches_pattern("SnapshotName", &snapshot.name)
            && any("Status", snapshot.status.at(call.now).as_str())
            && args
                .string("SnapshotType")
                .is_none_or(|wanted| wanted == "all" || (wanted != "user") == snapshot.automatic)
            && kind.as_ref().is_none_or(|kind| *kind == snapshot.disk_kind)
            && category.as_ref().is_none_or(|category| *category == snapshot.category())
            && call.matches("Usage", usage(call, snapshot))
            && (!args.flag("Encrypted") || snapshot.encrypted)
            && call.matches("KMSKeyId", &snapshot.key)
            && call.matches("ResourceGroupId", &snapshot.resource_group)
            && call.tags_match(&snapshot.tags)
            && times.hold(*snapshot.created, snapshot.expires)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Snapshots", "Snapshot", |snapshot| write(call, snapshot)))
}

/// Reads the ID of a chain or a JSON list of such IDs.
fn chains(text: Option<&str>) -> Option<Vec<String>> {
    text.map(|text| serde_json::from_str(text).unwrap_or_else(|_| vec![text.to_owned()]))
}

/// Returns what was created from a snapshot.
fn usage(call: &Call<'_>, snapshot: &Snapshot) -> &'static str {
    match (call.state.images.count(&snapshot.id) > 0, call.state.disks.count(&snapshot.id) > 0) {
        (true, true) => "image_disk",
        (true, false) => "image",
        (false, true) => "disk",
        (false, false) => "none",
    }
}

fn write(call: &Call<'_>, snapshot: &Snapshot) -> Value {
    let status = snapshot.status.at(call.now);
    let accomplished = status == SnapshotStatus::Accomplished;
    let remaining = snapshot.status.last().map_or(0, |(end, _)| (end - call.now).whole_seconds().max(0));
    let kind = if snapshot.automatic { "auto" } else { "user" };
    let mut written = json!({
        "SnapshotId": snapshot.id,
        "SnapshotName": snapshot.name,
        "Description": snapshot.description,
        "RegionId": snapshot.region,
        "SnapshotType": kind,
        "Category": snapshot.category(),
        "SnapshotLinkId": snapshot.chain(),
        "SnapshotSN": format!("64472-{}-{}", snapshot.sequence, snapshot.created.unix_timestamp()),
        "SourceDiskId": snapshot.disk,
        "SourceDiskType": snapshot.disk_kind,
        "SourceDiskSize": snapshot.size.to_string(),
        "SourceStorageType": "disk",
        "Status": status.as_str(),
        "Progress": format!("{}%", snapshot.status.percent(call.now)),
        "RemainTime": remaining,
        "Available": accomplished || snapshot.instant_access,
        "Usage": usage(call, snapshot),
        "Encrypted": snapshot.encrypted,
        "KMSKeyId": snapshot.key,
        "InstantAccess": snapshot.instant_access,
        "CreationTime": clock::seconds(*snapshot.created),
        "LastModifiedTime": clock::seconds(snapshot.modified.unwrap_or(*snapshot.created)),
        "ProductCode": "",
        "ResourceGroupId": snapshot.resource_group,
        "FullSnapshotSizeInBytes": bytes(snapshot),
        "Tags": tag_list(&snapshot.tags),
    });
    if let Some((region, id)) = &snapshot.source {
        written["SourceRegionId"] = region.as_str().into();
        written["SourceSnapshotId"] = id.as_str().into();
    }
    if let Some(days) = snapshot.retention_days {
        written["RetentionDays"] = days.into();
    }
    if let Some(days) = snapshot.instant_access_days {
        written["InstantAccessRetentionDays"] = days.into();
    }
    written
}

/// Returns the size of a snapshot in bytes: that of its disk, because disks have no contents here.
pub(super) fn bytes(snapshot: &Snapshot) -> i64 {
    snapshot.size << 30
}
