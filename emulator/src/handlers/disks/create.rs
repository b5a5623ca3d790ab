//! CreateDisk and DeleteDisk.

use serde_json::{Value, json};

use super::{
    attachments::check_room,
    disk_rules::{
        categories, free_device, is_ephemeral, level, max_provisioned_iops, named, needs,
        needs_no_snapshot_in_progress, needs_support, sizes,
    },
};
use crate::{
    args::Args,
    call::Call,
    catalog::Region,
    error::{EcsError, Result},
    handlers::{Entry, references},
    resources::{Disk, DiskStatus, Instance, Snapshot},
    rules,
    state::{Timeline, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("ecs", "CreateDisk", create_disk), ("ecs", "DeleteDisk", delete_disk)];

fn create_disk(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    call.check_string("Description", "InvalidDescription.Malformed", rules::description)?;
    references::of_disk(call, call.args)?;
    let instance = instance(call, region)?;
    let mut disk = specified(call)?;
    disk.zone = match &instance {
        Some(instance) => instance.zone.clone(),
        None => zone(call, region, &disk.category)?,
    };
    let quota = call.state.quota(&quotas::DISKS);
    if call.state.disks.count(&region.id) as u64 >= quota {
        let message = format!("The account has {quota} disks in {}, which is its quota; delete some.", region.id);
        return Err(call.error("QuotaExceed.PostPaidDisk", 403, message));
    }
    let attached = instance.is_some();
    if let Some(instance) = instance {
        check_room(call, &instance, "InstanceDiskCategoryLimitExceed")?;
        needs_support(call, &instance, &disk.category)?;
        attach_to_subscription(call, &mut disk, instance);
    } else {
        if let Some(group) = call.args.string("ResourceGroupId") {
            references::resource_group(call, group)?;
            group.clone_into(&mut disk.resource_group);
        }
        disk.tags = call.new_tags()?;
    }
    let last = if attached { DiskStatus::InUse } else { DiskStatus::Available };
    disk.status = Timeline::starting(call.now, call.step, &[DiskStatus::Creating, last]);
    disk.created = call.now.into();
    disk.region.clone_from(&region.id);
    disk.sequence = call.state.next_sequence();
    disk.id = call.state.ids.resource("d", &region.code);
    disk.id.trim_start_matches("d-").clone_into(&mut disk.serial);
    let mut response = json!({ "DiskId": disk.id });
    call.state.disks.insert(disk);
    if attached {
        response["OrderId"] = call.state.next_order().into();
    }
    Ok(response)
}

/// Returns the subscription instance that the disk is created for, if there is one.
fn instance(call: &Call<'_>, region: &Region) -> Result<Option<Instance>> {
    let Some(id) = call.args.string("InstanceId") else { return Ok(None) };
    if call.args.string("ZoneId").is_some() {
        let message = "Specify either ZoneId, for a pay-as-you-go disk, or InstanceId, for a disk of a subscription.";
        return Err(call.error("InvalidParam.ZoneIdAndInstanceId.Conflict", 403, message));
    }
    let instance = call.state.instances.get(id).filter(|instance| instance.region == region.id);
    let Some(instance) = instance else {
        return Err(call.error("InvalidInstanceId.NotFound", 404, format!("The instance {id:?} does not exist.")));
    };
    if !instance.prepaid {
        let message = format!("The instance {id} is not a subscription; specify ZoneId, and attach the disk later.");
        return Err(call.error("InvalidInstanceChargeType.ValueNotSupported", 403, message));
    }
    Ok(Some(instance.clone()))
}

fn zone(call: &Call<'_>, region: &Region, category: &str) -> Result<String> {
    match call.zone(region)?.and_then(|zone| region.zones.get(zone)) {
        Some(zone) => Ok(zone.clone()),
        // A regional disk is in all zones.
        None if category == "cloud_regional_disk_auto" => Ok(String::new()),
        None => Err(EcsError::missing("ZoneId")),
    }
}

fn attach_to_subscription(call: &Call<'_>, disk: &mut Disk, instance: Instance) {
    disk.device = free_device(call, &instance.id, false);
    disk.attached = Some(call.now);
    disk.prepaid = true;
    disk.expires = instance.expires;
    disk.resource_group = instance.resource_group;
    disk.tags = instance.tags;
    disk.instance = Some(instance.id);
    disk.delete_with_instance = true;
}

/// Returns a disk with the category, the size and the options that the call specifies.
fn specified(call: &Call<'_>) -> Result<Disk> {
    let args = call.args;
    let category = args.string_or("DiskCategory", "cloud");
    let categories = categories(call);
    if !categories.contains(&category) {
        let message = format!("DiskCategory cannot be {category:?}; it can be {}.", categories.join(", "));
        return Err(call.error("InvalidDataDiskCategory.ValueNotSupported", 400, message));
    }
    call.one_of("MultiAttach", &["Disabled", "Enabled"], 403, "InvalidParameter.MultiAttach")?;
    let snapshot = snapshot(call, category)?;
    let Some(size) = args.int("Size").or_else(|| snapshot.map(|snapshot| snapshot.size)) else {
        return Err(EcsError::missing("Size"));
    };
    let mut disk = Disk {
        name: args.string_or("DiskName", "").to_owned(),
        description: args.string_or("Description", "").to_owned(),
        kind: "data".to_owned(),
        category: category.to_owned(),
        performance: level(call, category, "PL1")?.to_owned(),
        size: size.max(snapshot.map_or(0, |snapshot| snapshot.size)),
        multi_attach: args.string("MultiAttach") == Some("Enabled"),
        bursting: args.flag("BurstingEnabled"),
        provisioned_iops: args.int("ProvisionedIops").unwrap_or(0),
        snapshot: args.string_or("SnapshotId", "").to_owned(),
        ..Disk::default()
    };
    check_size(call, &disk)?;
    check_options(call, &disk)?;
    encrypt(call, &mut disk, snapshot)?;
    Ok(disk)
}

fn check_size(call: &Call<'_>, disk: &Disk) -> Result<()> {
    let limits = sizes(call, disk);
    if limits.contains(&disk.size) {
        return Ok(());
    }
    let message = format!(
        "A disk of the category {} {} cannot have {} GiB; it can have {} to {}.",
        disk.category,
        disk.performance,
        disk.size,
        limits.start(),
        limits.end()
    );
    Err(call.error("InvalidDataDiskSize.ValueNotSupported", 400, message))
}

/// Returns the snapshot that the disk is created from, if there is one.
fn snapshot<'c>(call: &'c Call<'_>, category: &str) -> Result<Option<&'c Snapshot>> {
    let Some(id) = call.args.string("SnapshotId") else { return Ok(None) };
    let snapshot = references::data_snapshot(call, &call.region()?.id, id)?;
    if is_ephemeral(category) || snapshot.is_some_and(|snapshot| snapshot.archived) {
        let message = format!("A disk of the category {category} cannot be created from the snapshot {id}.");
        return Err(call.error("InvalidOperation.CreateFromSnapshotUnsupported", 403, message));
    }
    Ok(snapshot)
}

/// Checks the options that only some categories have.
fn check_options(call: &Call<'_>, disk: &Disk) -> Result<()> {
    let category = &disk.category;
    if disk.multi_attach && !["cloud_essd", "cloud_auto", "cloud_regional_disk_auto"].contains(&category.as_str()) {
        let message = format!("A disk of the category {category} cannot be attached to several instances.");
        return Err(call.error("InvalidParameter.DiskCategoryAndMultiAttachNotMatch", 403, message));
    }
    if disk.multi_attach && call.args.string("InstanceId").is_some() {
        let message = "A disk for several instances is pay-as-you-go; attach it with AttachDisk.";
        return Err(call.error("InvalidParameter.MultiAttachAndInstanceIdConflict", 403, message));
    }
    if disk.bursting {
        check_bursting(call, disk)?;
    }
    if disk.provisioned_iops > 0 {
        check_provisioned_iops(call, disk)?;
    }
    Ok(())
}

/// Rejects bursting for disks that do not have it.
pub(super) fn check_bursting(call: &Call<'_>, disk: &Disk) -> Result<()> {
    if disk.category != "cloud_auto" {
        let message = format!("A disk of the category {} has no bursting; cloud_auto has it.", disk.category);
        return Err(call.error("BurstingEnabledForDiskCategoryUnsupported", 400, message));
    }
    if disk.multi_attach {
        let message = "A disk for several instances has no bursting.";
        return Err(call.error("BurstingEnabledForMultiAttachDiskUnsupported", 400, message));
    }
    Ok(())
}

/// Rejects provisioned IOPS that the category or the size does not allow.
pub(super) fn check_provisioned_iops(call: &Call<'_>, disk: &Disk) -> Result<()> {
    if disk.category != "cloud_auto" {
        let message = format!("IOPS cannot be provisioned for a disk of the category {}.", disk.category);
        return Err(call.error("ProvisionedIopsForDiskCategoryUnsupported", 400, message));
    }
    let max = max_provisioned_iops(disk.size);
    if !(0..=max).contains(&disk.provisioned_iops) {
        let message = format!("ProvisionedIops of a disk of {} GiB can be 0 to {max}.", disk.size);
        return Err(call.error("InvalidProvisionedIops.LimitExceed", 400, message));
    }
    Ok(())
}

/// Encrypts a new disk if the call, its snapshot or the default of the region requires it.
fn encrypt(call: &Call<'_>, disk: &mut Disk, snapshot: Option<&Snapshot>) -> Result<()> {
    let region = call.region()?;
    let key = call.args.string("KMSKeyId");
    let source = snapshot.filter(|snapshot| snapshot.encrypted);
    // False is the default, and says no more than no value does.
    let encrypted = call.args.flag("Encrypted");
    if key.is_some() && !encrypted {
        let message = "KMSKeyId needs Encrypted to be true.";
        return Err(call.error("InvalidEncrypted.NotMatchKmsKeyId", 400, message));
    }
    if is_ephemeral(&disk.category) && encrypted && key.is_some() {
        let message = format!("A disk of the category {} cannot be encrypted with a key.", disk.category);
        return Err(call.error("InvalidParameter.EncryptedNotSupported", 400, message));
    }
    disk.encrypted = encrypted || source.is_some() || call.state.encrypts_disks(&region.id);
    if disk.encrypted {
        let inherited = source.map(|snapshot| snapshot.key.clone());
        let key = key.map(str::to_owned).or(inherited);
        disk.key = key.unwrap_or_else(|| call.state.default_disk_key(&region.id));
    }
    Ok(())
}

/// Sets the options of a disk of a new instance that only some categories have, its key and its automatic snapshot policy.
pub(in crate::handlers) fn take_options(call: &Call<'_>, disk: &mut Disk, options: &Args) {
    disk.provisioned_iops = options.int("ProvisionedIops").unwrap_or(0);
    disk.bursting = options.flag("BurstingEnabled");
    disk.policies = options.string("AutoSnapshotPolicyId").iter().map(|&id| id.to_owned()).collect();
    disk.enable_auto_snapshot = !disk.policies.is_empty();
    let source = call.state.snapshots.get(&disk.snapshot).filter(|snapshot| snapshot.encrypted);
    disk.encrypted |= source.is_some() || call.state.encrypts_disks(&disk.region);
    if disk.encrypted && disk.key.is_empty() {
        let inherited = source.map(|snapshot| snapshot.key.clone());
        disk.key = inherited.unwrap_or_else(|| call.state.default_disk_key(&disk.region));
    }
}

fn delete_disk(call: &mut Call<'_>) -> Result<Value> {
    let disk = named(call)?;
    if disk.status.at(call.now) == DiskStatus::Creating {
        let message = format!("The disk {} is still being created.", disk.id);
        return Err(call.error("IncorrectDiskStatus.Initializing", 403, message));
    }
    needs(call, &disk, &[DiskStatus::Available])?;
    if disk.prepaid {
        let message = format!("The disk {} belongs to a subscription, which has not expired.", disk.id);
        return Err(call.error("DiskNotPortable", 403, message));
    }
    needs_no_snapshot_in_progress(call, &disk, "DiskCreatingSnapshot")?;
    call.state.remove_disk(&disk.id);
    Ok(json!({}))
}
