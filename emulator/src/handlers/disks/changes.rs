//! Changes of disks: size, attributes, category and performance, billing method.

use serde_json::{Value, json};

use super::{
    create::{check_bursting, check_provisioned_iops},
    disk_rules::{
        add_task, categories, find, instance_of, is_ephemeral, level, named, needs, needs_instance,
        needs_no_snapshot_in_progress, needs_support, rank, sizes,
    },
};
use crate::{
    call::Call,
    error::{EcsError, Result},
    handlers::Entry,
    resources::{Disk, DiskStatus, Instance, Status},
    rules,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "ModifyDiskAttribute", modify_disk_attribute),
    ("ecs", "ModifyDiskChargeType", modify_disk_charge_type),
    ("ecs", "ModifyDiskSpec", modify_disk_spec),
    ("ecs", "ResizeDisk", resize_disk),
];

/// States of a disk that can be changed.
const SETTLED: &[DiskStatus] = &[DiskStatus::Available, DiskStatus::InUse];

fn resize_disk(call: &mut Call<'_>) -> Result<Value> {
    let mut disk = named(call)?;
    call.one_of("Type", &["offline", "online"], 400, "InvalidParam.Type")?;
    let size = call.args.int("NewSize").unwrap_or(0);
    needs(call, &disk, SETTLED)?;
    if disk.kind == "system" && disk.instance.is_none() {
        let message = format!("The disk {} is a system disk that is detached; attach it first.", disk.id);
        return Err(call.error("InvalidDisk.DetachedSystemDisk", 400, message));
    }
    needs_no_snapshot_in_progress(call, &disk, "DiskCreatingSnapshot")?;
    if call.args.string("Type") == Some("online") {
        check_online(call, &disk)?;
    } else if let Some(instance) = instance_of(call, &disk) {
        needs_instance(call, instance, &[Status::Running, Status::Stopped])?;
    }
    if size <= disk.size {
        let message = format!("The disk {} has {} GiB; NewSize must be more than that.", disk.id, disk.size);
        return Err(call.error("InvalidDiskSize.TooSmall", 403, message));
    }
    let limits = sizes(call, &disk);
    if !limits.contains(&size) {
        let kind = if disk.kind == "system" { "InvalidSystemDiskSize" } else { "InvalidDataDiskSize" };
        let message =
            format!("A {} disk of the category {} can have up to {} GiB.", disk.kind, disk.category, limits.end());
        return Err(call.error(&format!("{kind}.ValueNotSupported"), 400, message));
    }
    disk.size = size;
    let prepaid = disk.prepaid;
    call.state.disks.insert(disk);
    Ok(if prepaid { json!({ "OrderId": call.state.next_order() }) } else { json!({}) })
}

/// Checks that the size of a disk can be changed while its instance runs.
fn check_online(call: &Call<'_>, disk: &Disk) -> Result<()> {
    if disk.category == "cloud" {
        let message = "The size of a basic disk is changed with the Type offline.";
        return Err(call.error("InvalidDiskCategory.NotSupported", 403, message));
    }
    if disk.multi_attach {
        let message = "The size of a disk for several instances is changed with the Type offline.";
        return Err(call.error("InvalidOperation.MultiAttachDiskNotSupportResizeOnline", 403, message));
    }
    let Some(instance) = instance_of(call, disk) else { return Ok(()) };
    if instance.status(call.now) == Status::Stopped {
        let message = format!("The instance {} is Stopped; use the Type offline.", instance.id);
        return Err(call.error("InvalidInstanceStatus.NotRunning", 403, message));
    }
    needs_instance(call, instance, &[Status::Running])
}

fn modify_disk_attribute(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let ids = match (args.string("DiskId"), args.strings("DiskIds")) {
        (Some(_), Some(_)) => {
            let message = "Specify either DiskId or DiskIds, not both.";
            return Err(call.error("ParameterConflict.DiskIdAndDiskIds", 400, message));
        }
        (Some(id), None) => vec![id],
        (None, Some(ids)) if !ids.is_empty() => ids,
        _ => return Err(call.error("MissingParameter.DiskIdOrDiskIds", 400, "Specify DiskId or DiskIds.")),
    };
    let attributes = [
        "BurstingEnabled",
        "DeleteAutoSnapshot",
        "DeleteWithInstance",
        "Description",
        "DiskName",
        "EnableAutoSnapshot",
    ];
    if attributes.iter().all(|name| args.get(name).is_none()) {
        let message = format!("Specify what to change: {}.", attributes.join(", "));
        return Err(call.error("NoAttributeToModify", 400, message));
    }
    call.check_string("Description", "InvalidDescription.Malformed", rules::description)?;
    for id in ids {
        let disk = changed(call, find(call, id)?.clone())?;
        call.state.disks.insert(disk);
    }
    Ok(json!({}))
}

/// Returns a disk with the new attributes.
fn changed(call: &Call<'_>, mut disk: Disk) -> Result<Disk> {
    let args = call.args;
    if let Some(delete) = args.boolean("DeleteWithInstance") {
        if disk.multi_attach || (!delete && is_ephemeral(&disk.category)) {
            let message = format!("DeleteWithInstance of the disk {} cannot be changed.", disk.id);
            return Err(call.error("DeleteWithInstance.Conflict", 403, message));
        }
        disk.delete_with_instance = delete;
    }
    if let Some(bursting) = args.boolean("BurstingEnabled") {
        if bursting {
            check_bursting(call, &disk)?;
        }
        disk.bursting = bursting;
    }
    disk.delete_auto_snapshot = args.boolean("DeleteAutoSnapshot").unwrap_or(disk.delete_auto_snapshot);
    disk.enable_auto_snapshot = args.boolean("EnableAutoSnapshot").unwrap_or(disk.enable_auto_snapshot);
    if let Some(name) = args.string("DiskName") {
        name.clone_into(&mut disk.name);
    }
    if let Some(description) = args.string("Description") {
        description.clone_into(&mut disk.description);
    }
    Ok(disk)
}

fn modify_disk_spec(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let before = named(call)?;
    call.one_of("DiskCategory", &categories(call), 400, "InvalidDiskCategory.ValueNotSupported")?;
    if args.get("PerformanceControlOptions").is_some() {
        let message = format!("The disk {} is not in a dedicated block storage cluster.", before.id);
        return Err(call.error("InvalidPerformanceParameter.DiskNotInDedicatedStorageCluster", 403, message));
    }
    needs(call, &before, SETTLED)?;
    needs_no_snapshot_in_progress(call, &before, "DiskCreatingSnapshot")?;
    if before.multi_attach {
        let message = format!("The disk {} can be attached to several instances and cannot be changed.", before.id);
        return Err(call.error("InvalidOperation.MultiAttachDisk", 403, message));
    }
    let after = respecified(call, &before)?;
    if let Some(instance) = instance_of(call, &before) {
        if instance.expired(call.now) {
            let message = format!("The subscription of {} has expired; renew it first.", instance.id);
            return Err(EcsError::new(403, "InstanceExpiredOrInArrears", message));
        }
        needs_support(call, instance, &after.category)?;
    }
    let mut response = json!({ "TaskId": add_task(call, &after.region, &after.id) });
    if after.prepaid {
        response["OrderId"] = call.state.next_order().into();
    }
    call.state.disks.insert(after);
    Ok(response)
}

/// Returns a disk with the new category and performance.
fn respecified(call: &Call<'_>, before: &Disk) -> Result<Disk> {
    let args = call.args;
    let mut disk = before.clone();
    let category = args.string_or("DiskCategory", &before.category);
    let iops = args.int("ProvisionedIops");
    if category != before.category {
        check_move(call, before, category)?;
        category.clone_into(&mut disk.category);
        disk.performance.clear();
        disk.provisioned_iops = 0;
        disk.bursting = false;
    }
    let own = if disk.performance.is_empty() { "PL1" } else { &before.performance };
    level(call, category, own)?.clone_into(&mut disk.performance);
    let levels = !disk.performance.is_empty();
    if !levels && args.string("PerformanceLevel").is_some() && args.string("DiskCategory").is_none() {
        let message = format!("The disk {} is of the category {category}, which has no levels.", disk.id);
        return Err(call.error("InvalidPerformanceLevelParam.Mismatch", 400, message));
    }
    if let Some(iops) = iops {
        disk.provisioned_iops = iops;
        check_provisioned_iops(call, &disk)?;
    }
    let unchanged = (&disk.category, &disk.performance, disk.provisioned_iops)
        == (&before.category, &before.performance, before.provisioned_iops);
    if unchanged {
        let message = format!("The disk {} has this category and performance already.", disk.id);
        return Err(call.error("NoChangeInDiskCategoryAndPerformanceLevel", 403, message));
    }
    let limits = sizes(call, &disk);
    if !limits.contains(&disk.size) {
        let message = format!(
            "The disk {} has {} GiB; {category} {} has {} to {}.",
            disk.id,
            disk.size,
            disk.performance,
            limits.start(),
            limits.end()
        );
        return Err(call.error("OperationDenied.PerformanceLevelNotMatch", 403, message));
    }
    Ok(disk)
}

/// Checks that disks of a category can become ones of another category.
fn check_move(call: &Call<'_>, disk: &Disk, category: &str) -> Result<()> {
    let fixed = |category: &str| is_ephemeral(category) || ["cloud", "cloud_regional_disk_auto"].contains(&category);
    let entry = disk.category == "cloud_essd_entry" && !["cloud_essd", "cloud_auto"].contains(&category);
    if fixed(&disk.category) || fixed(category) || entry {
        let message = format!("A disk of the category {} cannot become one of {category}.", disk.category);
        return Err(call.error("InvalidDiskCategory.NotSupported", 403, message));
    }
    if disk.prepaid && rank(category) > rank(&disk.category) {
        let message = format!("A subscription disk cannot be moved to {category}, which is slower.");
        return Err(call.error("Downgrade.NotSupported", 403, message));
    }
    Ok(())
}

fn modify_disk_charge_type(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    call.one_of("DiskChargeType", &["PrePaid", "PostPaid"], 400, "ChargeTypeViolation")?;
    let prepaid = call.args.string_or("DiskChargeType", "PrePaid") == "PrePaid";
    let id = call.args.string_or("InstanceId", "");
    let instance = call.state.instances.get(id).filter(|instance| instance.region == region.id).cloned();
    let Some(instance) = instance else {
        return Err(call.error("InvalidInstanceId.NotFound", 400, format!("The instance {id:?} does not exist.")));
    };
    if !instance.prepaid {
        let message = format!("The instance {id} is pay-as-you-go, and so are its disks.");
        return Err(call.error("ChargeTypeViolation", 400, message));
    }
    let ids = call.args.strings("DiskIds").unwrap_or_default();
    for id in ids {
        let mut disk = of_subscription(call, id, &instance)?;
        if disk.prepaid == prepaid {
            let message = format!("The disk {id} has this billing method already.");
            return Err(call.error("ChargeTypeViolation", 400, message));
        }
        disk.prepaid = prepaid;
        disk.expires = instance.expires.filter(|_| prepaid);
        call.state.disks.insert(disk);
    }
    Ok(json!({ "OrderId": call.state.next_order() }))
}

/// Returns a data disk whose billing method can change.
fn of_subscription(call: &Call<'_>, id: &str, instance: &Instance) -> Result<Disk> {
    let disk = call.state.disks.get(id).filter(|disk| disk.is_attached_to(&instance.id));
    let Some(disk) = disk else {
        let message = format!("No disk {id:?} is attached to the instance {}.", instance.id);
        return Err(call.error("InvalidDiskIds.NotFound", 404, message));
    };
    if disk.multi_attach {
        let message = format!("The disk {id} can be attached to several instances, and is always pay-as-you-go.");
        return Err(call.error("InvalidOperation.MultiAttachDisk", 403, message));
    }
    if disk.kind == "system" {
        let message = format!("The disk {id} is a system disk, which is billed as its instance.");
        return Err(call.error("InvalidDiskIds.NotPortable", 404, message));
    }
    Ok(disk.clone())
}
