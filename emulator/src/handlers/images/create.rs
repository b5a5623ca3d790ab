//! CreateImage.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{image_rules, queries};
use crate::{
    args::Args,
    call::{self, Call},
    catalog::Region,
    error::{EcsError, Result},
    handlers::{Entry, references},
    resources::{Disk, Image, ImageDisk, ImageStatus, Instance, Snapshot, SnapshotStatus, Status},
    state::Timeline,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("ecs", "CreateImage", create_image)];

/// Device of the system disk of an image.
const SYSTEM_DEVICE: &str = "/dev/xvda";

/// Sizes of a disk without a snapshot, in GiB.
const EMPTY_DISK_SIZES: std::ops::RangeInclusive<i64> = 20..=32_768;

fn create_image(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    image_rules::check_new(call, region, args.string_or("ImageName", ""))?;
    image_rules::check_family(call)?;
    image_rules::check_value(call, "Architecture", "InvalidArchitecture.Malformed")?;
    image_rules::check_value(call, "Platform", "InvalidPlatform.Malformed")?;
    image_rules::check_value(call, "BootMode", "InvalidBootMode.NotSupport")?;
    let mappings = args.structs("DiskDeviceMapping");
    let id = call.state.ids.resource("m", &region.code);
    let (mut image, disks) = match (args.string("InstanceId"), args.string("SnapshotId")) {
        (Some(instance), _) => of_instance(call, region, instance, &id)?,
        (None, _) if !mappings.is_empty() => of_mappings(call, region, &mappings)?,
        (None, Some(snapshot)) => of_snapshot(call, region, snapshot)?,
        (None, None) => {
            let message = "Name the source of the image with InstanceId, SnapshotId or DiskDeviceMapping.";
            return Err(call.error("MissingParameter", 400, message));
        }
    };
    let text = |name: &str| args.string_or(name, "").to_owned();
    if let Some(mode) = args.string("BootMode") {
        mode.clone_into(&mut image.boot_mode);
    }
    if image.architecture == "arm64" && image.boot_mode == "BIOS" {
        return Err(call.error("InvalidBootMode.NotSupport", 400, "An image for arm64 boots with UEFI only."));
    }
    if let Some(mode) = args.string("Features.ImdsSupport") {
        mode.clone_into(&mut image.imds);
    }
    let image = Image {
        sequence: call.state.next_sequence(),
        id: id.clone(),
        region: region.id.clone(),
        name: text("ImageName"),
        description: text("Description"),
        family: text("ImageFamily"),
        version: text("ImageVersion"),
        size: disks.first().map_or(image.size, |disk| disk.size),
        disks,
        secure_boot: text("SecureBootOptions.SecureBootSupport"),
        checked: args.string("DetectionStrategy").is_some(),
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags: call.new_tags()?,
        created: call.now.into(),
        status: Timeline::starting(call.now, call.step, &[ImageStatus::Creating, ImageStatus::Available]),
        ..image
    };
    call.state.images.insert(image);
    Ok(json!({ "ImageId": id }))
}

/// An image of an instance. Snapshots of its disks are created.
fn of_instance(call: &mut Call<'_>, region: &Region, id: &str, image: &str) -> Result<(Image, Vec<ImageDisk>)> {
    let instance = call.state.instances.get(id).filter(|instance| instance.region == region.id);
    let instance = instance.ok_or_else(|| call::not_found(id))?;
    check_instance(call, instance)?;
    let source = queries::find(call, &region.id, &instance.image).map(Cow::into_owned);
    let source = source.unwrap_or_else(|| image_rules::unknown_system(call));
    let mut disks: Vec<Disk> = call.state.disks.linked(id).cloned().collect();
    disks.sort_by_key(|disk| (disk.kind != "system", disk.sequence));
    if disks.first().is_none_or(|disk| disk.kind != "system") {
        let message = format!("The instance {id} has no system disk.");
        return Err(call.error("InvalidInstance.NotFoundSystemDisk", 400, message));
    }
    let mut parts = Vec::new();
    for (disk, letter) in disks.iter().zip('a'..='z') {
        if call.state.is_snapshot_in_progress(&disk.id, call.now) {
            let message = format!("A snapshot of the disk {} is being created; wait until it is done.", disk.id);
            return Err(call.error("IncorrectDiskStatus.CreatingSnapshot", 403, message));
        }
        let mut snapshot = call.state.snapshot_of(disk, call.now, call.step);
        snapshot.name = format!("Created_for_{image}");
        parts.push(ImageDisk {
            device: format!("/dev/xvd{letter}"),
            kind: disk.kind.clone(),
            size: disk.size,
            snapshot: snapshot.id.clone(),
            encrypted: disk.encrypted,
            ..ImageDisk::default()
        });
        call.state.snapshots.insert(snapshot);
    }
    Ok((image_rules::system_of(source), parts))
}

fn check_instance(call: &Call<'_>, instance: &Instance) -> Result<()> {
    if instance.is_locked("security") {
        let message = format!("The instance {} is locked for security reasons.", instance.id);
        return Err(call.error("InstanceLockedForSecurity", 400, message));
    }
    match instance.status(call.now) {
        Status::Running | Status::Stopped => Ok(()),
        status => {
            let message =
                format!("The instance {} is {}; wait until it is Running or Stopped.", instance.id, status.as_str());
            Err(call.error("IncorrectInstanceStatus", 400, message))
        }
    }
}

/// An image of the snapshot of a system disk.
fn of_snapshot(call: &Call<'_>, region: &Region, id: &str) -> Result<(Image, Vec<ImageDisk>)> {
    let snapshot = snapshot(call, region, id)?;
    if snapshot.disk_kind != "system" {
        let message = format!(
            "{id} is a snapshot of a data disk; make it the system disk of the image with DiskDeviceMapping.N.DiskType."
        );
        return Err(call.error("OperationDenied", 403, message));
    }
    let disk = ImageDisk {
        device: SYSTEM_DEVICE.to_owned(),
        kind: "system".to_owned(),
        size: snapshot.size,
        snapshot: id.to_owned(),
        encrypted: snapshot.encrypted,
        ..ImageDisk::default()
    };
    Ok((system_of_snapshot(call, snapshot), vec![disk]))
}

/// Returns a snapshot that is complete.
fn snapshot<'c>(call: &'c Call<'_>, region: &Region, id: &str) -> Result<&'c Snapshot> {
    let snapshot = call.state.snapshots.get(id).filter(|snapshot| snapshot.region == region.id);
    let Some(snapshot) = snapshot else {
        let message = format!("The snapshot {id:?} does not exist in {}.", region.id);
        return Err(call.error("InvalidSnapshotId.NotFound", 404, message));
    };
    if snapshot.status.at(call.now) == SnapshotStatus::Accomplished {
        return Ok(snapshot);
    }
    let message = format!("The snapshot {id} is not complete; wait until its status is accomplished.");
    Err(call.error("InvalidSnapshotId.NotReady", 403, message))
}

/// Returns what is known of the system on a snapshot: that of the image that its disk was created from.
fn system_of_snapshot(call: &Call<'_>, snapshot: &Snapshot) -> Image {
    let disk = call.state.disks.get(&snapshot.disk).filter(|disk| disk.kind == "system");
    let source = disk.and_then(|disk| queries::find(call, &snapshot.region, &disk.image));
    match source {
        Some(image) => image_rules::system_of(image.into_owned()),
        None => image_rules::unknown_system(call),
    }
}

/// An image of several snapshots and empty disks.
fn of_mappings(call: &Call<'_>, region: &Region, mappings: &[Args]) -> Result<(Image, Vec<ImageDisk>)> {
    let mut disks: Vec<ImageDisk> = Vec::new();
    let mut system = None;
    for mapping in mappings {
        let snapshot = mapping.string("SnapshotId").map(|id| snapshot(call, region, id)).transpose()?;
        let kind = mapping.string_or("DiskType", snapshot.map_or("data", |snapshot| &snapshot.disk_kind));
        if !["system", "data"].contains(&kind) {
            let message = format!("DiskType cannot be {kind:?}; it can be system or data.");
            return Err(call.error("InvalidDiskType.ValueNotSupported", 400, message));
        }
        if kind == "system" {
            let Some(snapshot) = snapshot else {
                let message = "The system disk of an image needs a SnapshotId.";
                return Err(call.error("InvalidSystemSnapshot.Missing", 403, message));
            };
            if system.replace(snapshot).is_some() {
                return Err(call.error("OperationDenied", 400, "An image has one system disk."));
            }
        }
        let device = device(call, mapping, kind, &disks)?;
        disks.push(ImageDisk {
            device,
            kind: kind.to_owned(),
            size: size(call, mapping, snapshot)?,
            snapshot: mapping.string_or("SnapshotId", "").to_owned(),
            encrypted: snapshot.is_some_and(|snapshot| snapshot.encrypted),
            ..ImageDisk::default()
        });
    }
    let Some(system) = system else {
        let message = "One of the disks must be the system disk: a snapshot of one, or DiskType system.";
        return Err(call.error("OperationDenied", 400, message));
    };
    disks.sort_by(|one, other| (one.kind != "system", &one.device).cmp(&(other.kind != "system", &other.device)));
    let source =
        if system.disk_kind == "system" { system_of_snapshot(call, system) } else { image_rules::unknown_system(call) };
    Ok((source, disks))
}

/// Returns the device of a disk: that of the request, or the next free one.
fn device(call: &Call<'_>, mapping: &Args, kind: &str, others: &[ImageDisk]) -> Result<String> {
    // Both families of names are in use: /dev/vdb and /dev/xvdb are the same device.
    let letter = |device: &str| {
        let rest = device.strip_prefix("/dev/xvd").or_else(|| device.strip_prefix("/dev/vd"))?;
        let mut letters = rest.chars();
        letters.next().filter(|letter| letter.is_ascii_lowercase() && letters.next().is_none())
    };
    let taken = |wanted: char| others.iter().any(|disk| letter(&disk.device) == Some(wanted));
    let Some(wanted) = mapping.string("Device") else {
        let free = if kind == "system" { Some('a') } else { ('b'..='z').find(|letter| !taken(*letter)) };
        return free.map(|letter| format!("/dev/xvd{letter}")).ok_or_else(|| EcsError::missing("DiskDeviceMapping"));
    };
    match letter(wanted) {
        Some(letter) if (letter == 'a') != (kind == "system") => {
            let message = format!("{wanted} cannot be a {kind} disk; only the system disk is /dev/xvda.");
            Err(call.error("InvalidDevice.Malformed", 400, message))
        }
        Some(letter) if taken(letter) => {
            Err(call.error("InvalidDevice.InUse", 400, format!("Two disks of the image are {wanted}.")))
        }
        Some(_) => Ok(wanted.to_owned()),
        None => {
            let message = format!("{wanted:?} is not a device; the devices are /dev/xvda to /dev/xvdz.");
            Err(call.error("InvalidDevice.Malformed", 400, message))
        }
    }
}

/// Returns the size of a disk in GiB.
fn size(call: &Call<'_>, mapping: &Args, snapshot: Option<&Snapshot>) -> Result<i64> {
    let least = snapshot.map_or(*EMPTY_DISK_SIZES.start(), |snapshot| snapshot.size);
    let size = mapping.int("Size").unwrap_or(least);
    if (least..=*EMPTY_DISK_SIZES.end()).contains(&size) {
        return Ok(size);
    }
    let message =
        format!("A disk of the image cannot have {size} GiB; it must have {least} to {} GiB.", EMPTY_DISK_SIZES.end());
    Err(call.error("InvalidSize.ValueNotSupported", 400, message))
}
