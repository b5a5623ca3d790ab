//! AttachDisk and DetachDisk.

use serde_json::{Value, json};

use super::disk_rules::{devices, free_device, named, needs, needs_instance, needs_support};
use crate::{
    call::Call,
    error::Result,
    handlers::Entry,
    resources::{Disk, DiskStatus, Instance, Mount, Status},
    state::quotas,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("ecs", "AttachDisk", attach_disk), ("ecs", "DetachDisk", detach_disk)];

/// Highest number of instances of a disk that can be attached to several.
const MAX_INSTANCES: usize = 16;

fn attach_disk(call: &mut Call<'_>) -> Result<Value> {
    let mut disk = named(call)?;
    let instance = call.instance()?.clone();
    check_disk(call, &disk, &instance)?;
    let system = call.args.flag("Bootable");
    if system {
        check_system_disk(call, &disk, &instance)?;
    }
    let states: &[Status] = if system { &[Status::Stopped] } else { &[Status::Running, Status::Stopped] };
    needs_instance(call, &instance, states)?;
    if !system {
        check_room(call, &instance, "InstanceDiskLimitExceeded")?;
    }
    needs_support(call, &instance, &disk.category)?;
    let device = device(call, &instance, system)?;
    (if system { "system" } else { "data" }).clone_into(&mut disk.kind);
    disk.delete_with_instance = call.args.flag("DeleteWithInstance");
    if disk.multi_attach {
        disk.mounts.push(Mount { instance: instance.id, device, attached: call.now.into() });
    } else {
        disk.instance = Some(instance.id);
        disk.device = device;
    }
    disk.origin = None;
    disk.attached = Some(call.now);
    disk.detached = None;
    disk.status.pass(call.now, call.step, &[DiskStatus::Attaching, DiskStatus::InUse]);
    call.state.disks.insert(disk);
    Ok(json!({}))
}

/// Checks that the disk is free and where the instance is.
fn check_disk(call: &Call<'_>, disk: &Disk, instance: &Instance) -> Result<()> {
    let id = &disk.id;
    if disk.region != instance.region || !(disk.zone.is_empty() || disk.zone == instance.zone) {
        let message = format!("The disk {id} is in {}, the instance {} in {}.", disk.zone, instance.id, instance.zone);
        return Err(call.error("ResourcesNotInSameZone", 403, message));
    }
    if call.args.flag("Force") && disk.category != "cloud_regional_disk_auto" {
        let message = format!("Force cannot be set for a disk of the category {}.", disk.category);
        return Err(call.error("InvalidParameterForce.DiskCategoryNotSupported", 400, message));
    }
    if disk.multi_attach && call.args.boolean("DeleteWithInstance").is_some() {
        let message = "DeleteWithInstance cannot be set for a disk for several instances.";
        return Err(call.error("InvalidParameter.DeleteWithInstance", 403, message));
    }
    if !disk.multi_attach {
        return needs(call, disk, &[DiskStatus::Available]);
    }
    needs(call, disk, &[DiskStatus::Available, DiskStatus::InUse])?;
    if disk.is_attached_to(&instance.id) {
        let message = format!("The disk {id} is already attached to {}.", instance.id);
        return Err(call.error("InvalidDisk.InUse", 404, message));
    }
    if disk.mounts.len() >= MAX_INSTANCES {
        let message = format!("The disk {id} is already attached to {MAX_INSTANCES} instances.");
        return Err(call.error("DiskAttachedNumberExceeded", 403, message));
    }
    Ok(())
}

/// Checks that an instance can start from the disk: it has none yet, and was detached from this instance.
fn check_system_disk(call: &Call<'_>, disk: &Disk, instance: &Instance) -> Result<()> {
    if disk.multi_attach {
        let message = "A disk for several instances cannot be a system disk.";
        return Err(call.error("InvalidOperation.CanNotAttachMultiAttachDiskAsSystemDisk", 403, message));
    }
    let Some(origin) = &disk.origin else {
        let message = format!("The disk {} was never a system disk; attach it without Bootable.", disk.id);
        return Err(call.error("InvalidDisk.DiskNotBootable", 400, message));
    };
    if *origin != instance.id {
        let message = format!("The disk {} was the system disk of {origin}, and can be that of no other.", disk.id);
        return Err(call.error("InvalidInstance.NotOriginInstance", 400, message));
    }
    if call.state.disks.linked(&instance.id).any(|other| other.kind == "system") {
        let message = format!("The instance {} has a system disk; detach it first.", instance.id);
        return Err(call.error("DiskId.ValueNotSupported", 403, message));
    }
    Ok(())
}

/// Checks that the instance can have another data disk.
pub(super) fn check_room(call: &Call<'_>, instance: &Instance, code: &str) -> Result<()> {
    let ty = call.catalog.instance_type(&instance.instance_type);
    let usual = ty.map_or(u64::MAX, |ty| u64::from(ty.data_disks));
    let most = call.state.own_quota(&quotas::DATA_DISKS_PER_INSTANCE).unwrap_or(usual);
    let count = call.state.disks.linked(&instance.id).filter(|disk| disk.kind == "data").count() as u64;
    if count >= most {
        let message = format!("The instance {} has {count} data disks; it can have {most}.", instance.id);
        return Err(call.error(code, 403, message));
    }
    Ok(())
}

/// Returns the device name of the new attachment: the one that the call names, or the first free one.
fn device(call: &Call<'_>, instance: &Instance, system: bool) -> Result<String> {
    let Some(device) = call.args.string("Device") else { return Ok(free_device(call, &instance.id, system)) };
    let letters = ["/dev/xvd", "/dev/vd"].iter().find_map(|prefix| device.strip_prefix(prefix)).unwrap_or_default();
    if !(1..=2).contains(&letters.len()) || !letters.bytes().all(|letter| letter.is_ascii_lowercase()) {
        let message = format!("The device {device:?} is not valid; it can be /dev/xvdb to /dev/xvdz.");
        return Err(call.error("InvalidDevice.Malformed", 400, message));
    }
    let device = format!("/dev/xvd{letters}");
    let used = call.state.disks.linked(&instance.id).any(|disk| devices(disk, &instance.id).contains(&device));
    if used {
        let message = format!("The instance {} has another disk at {device}.", instance.id);
        return Err(call.error("InvalidDevice.InUse", 403, message));
    }
    Ok(device)
}

fn detach_disk(call: &mut Call<'_>) -> Result<Value> {
    let mut disk = named(call)?;
    let instance = call.instance()?.clone();
    if disk.attachments().is_empty() {
        let message = format!("The disk {} is not attached to any instance.", disk.id);
        return Err(call.error("InvalidDisk.AlreadyDetached", 404, message));
    }
    if !disk.is_attached_to(&instance.id) {
        let message = format!("The disk {} is attached to another instance than {}.", disk.id, instance.id);
        return Err(call.error("DependencyViolation", 403, message));
    }
    needs(call, &disk, &[DiskStatus::InUse])?;
    if disk.prepaid && disk.kind == "data" {
        let message = format!("The disk {} belongs to the subscription of {}.", disk.id, instance.id);
        return Err(call.error("DiskNotPortable", 403, message));
    }
    let system = disk.kind == "system";
    let states: &[Status] = if system { &[Status::Stopped] } else { &[Status::Running, Status::Stopped] };
    needs_instance(call, &instance, states)?;
    let delete = call.args.boolean("DeleteWithInstance");
    if disk.multi_attach && delete.is_some() {
        let message = "DeleteWithInstance cannot be set for a disk for several instances.";
        return Err(call.error("DeleteWithInstance.Conflict", 403, message));
    }
    disk.delete_with_instance = delete.unwrap_or(system);
    if disk.multi_attach {
        disk.detach(&instance.id, call.now);
        let last = if disk.mounts.is_empty() { DiskStatus::Available } else { DiskStatus::InUse };
        disk.status.pass(call.now, call.step, &[DiskStatus::Detaching, last]);
    } else {
        // The disk is detached when it reaches the last state.
        disk.status.pass(call.now, call.step, &[DiskStatus::Detaching, DiskStatus::Available]);
    }
    call.state.disks.insert(disk);
    Ok(json!({}))
}
