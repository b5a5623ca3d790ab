//! Disks that get other contents: their initial ones, those of a snapshot, or those of another image.

use serde_json::{Value, json};

use super::disk_rules::{
    find, instance_of, is_ephemeral, named, needs, needs_instance, needs_no_snapshot_in_progress, sizes,
};
use crate::{
    call::Call,
    error::Result,
    handlers::{
        Entry, images,
        instances::launch::{LaunchImage, image_by_id, read_image},
        references,
    },
    resources::{Disk, DiskStatus, Instance, SnapshotStatus, Status},
    rules,
    state::Timeline,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "ReInitDisk", re_init_disk),
    ("ecs", "ReplaceSystemDisk", replace_system_disk),
    ("ecs", "ResetDisk", reset_disk),
    ("ecs", "ResetDisks", reset_disks),
];

fn re_init_disk(call: &mut Call<'_>) -> Result<Value> {
    let mut disk = named(call)?;
    needs_own_data(call, &disk)?;
    let Some(mut instance) = instance_of(call, &disk).cloned() else {
        let message = format!("The disk {} is not attached to an instance.", disk.id);
        return Err(call.error("IncorrectDiskStatus", 403, message));
    };
    needs(call, &disk, &[DiskStatus::InUse])?;
    needs_instance(call, &instance, &[Status::Stopped])?;
    if instance.started.is_none() {
        let message = format!("The instance {} was never started; start it once first.", instance.id);
        return Err(call.error("IncorrectInstanceStatus", 403, message));
    }
    needs_no_snapshot_in_progress(call, &disk, "DiskCreatingSnapshot")?;
    if disk.kind == "system" {
        let image = images::find(call, &disk.region, &disk.image);
        if image.is_none() && !call.lenient {
            return Err(images::not_found(call, &disk.image));
        }
        log_in(call, &mut instance, image.is_some_and(|image| image.is_windows()))?;
    } else if !disk.snapshot.is_empty() && !call.state.snapshots.contains(&disk.snapshot) {
        let message = format!("The snapshot {} that {} was created from is gone.", disk.snapshot, disk.id);
        return Err(call.error("InvalidSourceSnapshot", 403, message));
    }
    disk.status.pass(call.now, call.step, &[DiskStatus::ReIniting, DiskStatus::InUse]);
    if call.args.flag("AutoStartInstance") {
        instance.pass(call.now, call.step, &[Status::Starting, Status::Running]);
    }
    call.state.disks.insert(disk);
    call.state.instances.insert(instance);
    Ok(json!({}))
}

/// Rejects disks that cannot be reset: those for several instances and temporary ones.
fn needs_own_data(call: &Call<'_>, disk: &Disk) -> Result<()> {
    if disk.multi_attach {
        let message = format!("The disk {} can be attached to several instances and cannot be reset.", disk.id);
        return Err(call.error("InvalidOperation.MultiAttachDisk", 403, message));
    }
    if is_ephemeral(&disk.category) {
        let message = format!("A disk of the category {} cannot be reset.", disk.category);
        return Err(call.error("DiskCategory.OperationNotSupported", 400, message));
    }
    Ok(())
}

/// Sets the key pair that the call names for logging in, and checks its password.
fn log_in(call: &Call<'_>, instance: &mut Instance, windows: bool) -> Result<()> {
    let password = |text: &str| rules::password(text, windows);
    call.check_string("Password", "InvalidPassword.Malformed", password)?;
    let Some(pair) = call.args.string("KeyPairName") else { return Ok(()) };
    if windows {
        let message = "Key pairs are for Linux; set Password for Windows.";
        return Err(call.error("DependencyViolation.WindowsInstance", 403, message));
    }
    references::key_pair(call, &instance.region, pair)?;
    pair.clone_into(&mut instance.key_pair);
    Ok(())
}

fn reset_disk(call: &mut Call<'_>) -> Result<Value> {
    let snapshot = call.args.string_or("SnapshotId", "");
    roll_back(call, call.args.string_or("DiskId", ""), snapshot)?;
    Ok(json!({}))
}

fn reset_disks(call: &mut Call<'_>) -> Result<Value> {
    call.region()?;
    let mut results = Vec::new();
    for disk in call.args.structs("Disk") {
        let (id, snapshot) = (disk.string_or("DiskId", ""), disk.string_or("SnapshotId", ""));
        roll_back(call, id, snapshot)?;
        let items = json!([{ "Name": "DiskId", "Value": id }, { "Name": "SnapshotId", "Value": snapshot }]);
        results.push(json!({ "OperationStatus": "Success", "RelatedItemSet": { "RelatedItem": items } }));
    }
    Ok(json!({ "OperationProgressSet": { "OperationProgress": results } }))
}

/// Rolls a disk back to one of its snapshots.
fn roll_back(call: &mut Call<'_>, id: &str, snapshot: &str) -> Result<()> {
    let mut disk = find(call, id)?.clone();
    needs_own_data(call, &disk)?;
    let Some(known) = call.state.snapshots.get(snapshot).filter(|known| known.region == disk.region) else {
        let message = format!("The snapshot {snapshot:?} does not exist in {}.", disk.region);
        return Err(call.error("InvalidSnapshotId.NotFound", 404, message));
    };
    if known.disk != disk.id {
        let message = format!("The snapshot {snapshot} is not one of the disk {id}.");
        return Err(call.error("InvalidParameter.Mismatch", 403, message));
    }
    if known.status.at(call.now) != SnapshotStatus::Accomplished {
        let message = format!("The snapshot {snapshot} is still being created; wait until it is accomplished.");
        return Err(call.error("InvalidSnapshotId.NotReady", 403, message));
    }
    let status = disk.status.at(call.now);
    needs(call, &disk, &[DiskStatus::InUse, DiskStatus::Available])?;
    if let Some(instance) = instance_of(call, &disk) {
        needs_instance(call, instance, &[Status::Stopped])?;
    }
    needs_no_snapshot_in_progress(call, &disk, "IncorrectDiskStatus.HasUnfinishedSnapshot")?;
    disk.status.pass(call.now, call.step, &[DiskStatus::ReIniting, status]);
    call.state.disks.insert(disk);
    Ok(())
}

fn replace_system_disk(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let mut instance = call.instance()?.clone();
    let image = image(call, &instance)?;
    needs_instance(call, &instance, &[Status::Stopped])?;
    let old = call.state.disks.linked(&instance.id).find(|disk| disk.kind == "system").cloned();
    let Some(old) = old else {
        let message = format!("The instance {} has no system disk; attach its own one first.", instance.id);
        return Err(call.error("InvalidInstance.NotFoundSystemDisk", 400, message));
    };
    needs(call, &old, &[DiskStatus::InUse])?;
    needs_no_snapshot_in_progress(call, &old, "DiskCreatingSnapshot")?;
    if args.flag("PasswordInherit") && args.string("Password").is_some() {
        let message = "Specify either Password or PasswordInherit, not both.";
        return Err(call.error("InvalidPasswordParam.Mismatch", 400, message));
    }
    log_in(call, &mut instance, image.windows)?;
    instance.image.clone_from(&image.id);
    let disk = replacement(call, &old, image)?;
    let response = json!({ "DiskId": disk.id });
    call.state.remove_disk(&old.id);
    call.state.disks.insert(disk);
    call.state.instances.insert(instance);
    Ok(response)
}

/// Returns the image that the call names, or else that of the instance. It must run on the instance.
fn image(call: &Call<'_>, instance: &Instance) -> Result<LaunchImage> {
    let image = match call.catalog.region(&instance.region) {
        Some(region) if call.args.string("ImageId").is_none() => image_by_id(call, region, &instance.image)?,
        Some(region) => read_image(call, region)?,
        None => return Err(images::not_found(call, call.args.string_or("ImageId", ""))),
    };
    let ty = call.catalog.instance_type(&instance.instance_type);
    if ty.is_some_and(|ty| !ty.runs(&image.architecture)) && !call.lenient {
        let message = format!("The image {} does not run on {}.", image.id, instance.instance_type);
        return Err(call.error("ImageNotSupportInstanceType", 403, message));
    }
    Ok(image)
}

/// Returns the new system disk of an instance.
fn replacement(call: &mut Call<'_>, old: &Disk, image: LaunchImage) -> Result<Disk> {
    let limits = sizes(call, old);
    let size = call.args.int("SystemDisk.Size").unwrap_or_else(|| old.size.max(image.size));
    if size < image.size {
        let message = format!("The image {} needs a system disk of {} GiB.", image.id, image.size);
        return Err(call.error("InvalidSystemDiskSize.LessThanImageSize", 404, message));
    }
    if size < *limits.start() {
        let message = format!("A system disk of the category {} has at least {} GiB.", old.category, limits.start());
        return Err(call.error("InvalidSystemDiskSize.LessThanMinSize", 404, message));
    }
    if size > *limits.end() {
        let message = format!("A system disk of the category {} has at most {} GiB.", old.category, limits.end());
        return Err(call.error("InvalidSystemDiskSize.MoreThanMaxSize", 404, message));
    }
    let key = call.args.string("KMSKeyId");
    let encrypted = call.args.flag("Encrypted");
    if key.is_some() && !encrypted {
        return Err(call.error("InvalidEncrypted.NotMatchKmsKeyId", 403, "KMSKeyId needs Encrypted to be true."));
    }
    let encrypted = encrypted || call.state.encrypts_disks(&old.region);
    let key = key.map_or_else(|| call.state.default_disk_key(&old.region), str::to_owned);
    let region = call.catalog.region(&old.region);
    let id = call.state.ids.resource("d", region.map(|region| region.code.as_str()).unwrap_or_default());
    Ok(Disk {
        sequence: call.state.next_sequence(),
        serial: id.trim_start_matches("d-").to_owned(),
        id,
        image: image.id,
        snapshot: image.disks.first().map(|disk| disk.snapshot.clone()).unwrap_or_default(),
        size,
        encrypted,
        key: if encrypted { key } else { String::new() },
        policies: Vec::new(),
        created: call.now.into(),
        attached: Some(call.now),
        status: Timeline::starting(call.now, call.step, &[DiskStatus::Creating, DiskStatus::InUse]),
        ..old.clone()
    })
}
