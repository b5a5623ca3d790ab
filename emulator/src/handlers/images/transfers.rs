//! Images that are copied, imported and exported.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{image_rules, queries};
use crate::{
    args::Args,
    call::Call,
    catalog::Region,
    error::Result,
    handlers::{Entry, references},
    resources::{Image, ImageDisk, ImageStatus, Snapshot, SnapshotStatus, Task, TaskStatus},
    state::Timeline,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "CancelCopyImage", cancel_copy_image),
    ("ecs", "CopyImage", copy_image),
    ("ecs", "ExportImage", export_image),
    ("ecs", "ImportImage", import_image),
];

/// Number of copies that run at a time in a region; others wait.
const MAX_RUNNING_COPIES: usize = 5;

/// Size of the system disk of an imported image that specifies none, in GiB.
const IMPORTED_SIZE: i64 = 40;

/// RAM roles with which the service reads and writes OSS buckets, unless the call names another one.
const IMPORT_ROLE: &str = "AliyunECSImageImportDefaultRole";
const EXPORT_ROLE: &str = "AliyunECSImageExportDefaultRole";

fn copy_image(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    let id = args.string_or("ImageId", "");
    let shared = queries::shared(call, &region.id, id).cloned();
    // The documentation speaks of custom images only, but programs copy public images too.
    let public = call.catalog.image(id).map(|image| Image::public(image, &region.id));
    let source = match shared.clone().or(public) {
        Some(image) => image,
        None => image_rules::available(call, (400, "IncorrectImageStatus"))?.clone(),
    };
    if source.community {
        let message = format!("{id} is a community image, which cannot be copied.");
        return Err(call.error("OperationDenied.CommunityImage", 400, message));
    }
    let target = match args.string("DestinationRegionId") {
        None => region,
        Some(target) => call.catalog.region(target).ok_or_else(|| {
            let message = format!("The region {target:?} does not exist; DescribeRegions lists the regions.");
            call.error("DestinationRegion.NotFound", 400, message)
        })?,
    };
    if shared.is_some() && target.id != region.id {
        let message = format!("{id} is an image of another account, which can be copied only within its region.");
        return Err(call.error("OperationDenied.SameRegionOnly", 403, message));
    }
    image_rules::check_new(call, target, args.string_or("DestinationImageName", ""))?;
    let encrypted = encrypted(call)?;
    let text = |name: &str| args.string_or(name, "").to_owned();
    let status = copy_status(call, target);
    let mut disks = source.disks.clone();
    for disk in disks.iter_mut().filter(|disk| !disk.snapshot.is_empty()) {
        disk.encrypted |= encrypted;
        disk.snapshot = copy_snapshot(call, target, disk, &status);
    }
    let copy = Image {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("m", &target.code),
        region: target.id.clone(),
        name: text("DestinationImageName"),
        description: text("DestinationDescription"),
        version: source.version.clone(),
        disks,
        secure_boot: source.secure_boot.clone(),
        key: text("KMSKeyId"),
        source: Some(source.id.clone()),
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags: call.new_tags()?,
        created: call.now.into(),
        status,
        ..image_rules::system_of(source)
    };
    let id = copy.id.clone();
    call.state.images.insert(copy);
    Ok(json!({ "ImageId": id }))
}

/// Whether the copy is encrypted, checked.
fn encrypted(call: &Call<'_>) -> Result<bool> {
    let args = call.args;
    let encrypted = args.flag("Encrypted");
    if !encrypted && args.string("KMSKeyId").is_some() {
        let message = "KMSKeyId needs Encrypted to be true.";
        return Err(call.error("InvalidEncrypted.NotMatchKmsKeyId", 400, message));
    }
    if !encrypted && args.string("EncryptAlgorithm").is_some() {
        let message = "EncryptAlgorithm needs Encrypted to be true.";
        return Err(call.error("InvalidEncrypted.NotMatchEncryptAlgorithm", 400, message));
    }
    call.one_of("EncryptAlgorithm", &["aes-256", "AES256", "sm4-128"], 400, "InvalidEncryptAlgorithm")?;
    Ok(encrypted)
}

/// Returns the states of a new copy. It waits while others run.
fn copy_status(call: &Call<'_>, target: &Region) -> Timeline<ImageStatus> {
    let (now, step) = (call.now, call.step);
    let copies = call.state.images.linked(&target.id).filter(|image| image.source.is_some());
    let mut ends: Vec<OffsetDateTime> =
        copies.filter_map(|copy| copy.status.last()).map(|(end, _)| end).filter(|end| *end > now).collect();
    ends.sort();
    match ends.len().checked_sub(MAX_RUNNING_COPIES) {
        None => Timeline::starting(now, step, &[ImageStatus::Creating, ImageStatus::Available]),
        Some(place) => {
            let mut status = Timeline::starting(now, step, &[ImageStatus::Waiting]);
            status.pass(ends[place], step, &[ImageStatus::Creating, ImageStatus::Available]);
            status
        }
    }
}

/// Copies the snapshot of a disk of an image. Returns the ID of the copy.
fn copy_snapshot(call: &mut Call<'_>, target: &Region, disk: &ImageDisk, image: &Timeline<ImageStatus>) -> String {
    let shared = || call.others.iter().find_map(|other| other.snapshots.get(&disk.snapshot));
    let source = call.state.snapshots.get(&disk.snapshot).or_else(shared).cloned();
    let source_id = source.as_ref().map(|source| (source.region.clone(), source.id.clone()));
    let source = source.unwrap_or_default();
    let mut status = Timeline::starting(call.now, call.step, &[SnapshotStatus::Progressing]);
    if let Some((end, _)) = image.last() {
        status.pass(end, call.step, &[SnapshotStatus::Accomplished]);
    }
    let copy = Snapshot {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("s", &target.code),
        region: target.id.clone(),
        disk: source.disk,
        disk_kind: disk.kind.clone(),
        disk_category: source.disk_category,
        size: disk.size,
        encrypted: disk.encrypted,
        key: call.args.string_or("KMSKeyId", "").to_owned(),
        source: source_id,
        created: call.now.into(),
        status,
        ..Snapshot::default()
    };
    let id = copy.id.clone();
    call.state.snapshots.insert(copy);
    id
}

fn cancel_copy_image(call: &mut Call<'_>) -> Result<Value> {
    let image = image_rules::own(call)?;
    let status = image.status.at(call.now);
    if image.source.is_none() {
        let message = format!("The image {} is no copy; only a copy can be canceled.", image.id);
        return Err(call.error("ImageCreatedNotFromCopy", 400, message));
    }
    if !matches!(status, ImageStatus::Creating | ImageStatus::Waiting) {
        let message = format!("The copy {} is complete; delete it with DeleteImage.", image.id);
        return Err(call.error("IncorrectImageStatus", 400, message));
    }
    let (id, snapshots) = (image.id.clone(), image.snapshots());
    for (snapshot, _) in snapshots {
        call.state.snapshots.remove(&snapshot);
    }
    call.state.images.remove(&id);
    Ok(json!({}))
}

fn import_image(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    image_rules::check_new(call, region, args.string_or("ImageName", ""))?;
    for (name, code) in [
        ("Architecture", "InvalidArchitecture.Malformed"),
        ("Platform", "InvalidPlatform.Malformed"),
        ("BootMode", "InvalidBootMode.Malformed"),
        ("LicenseType", "InvalidLicenseType.NotSupported"),
    ] {
        image_rules::check_value(call, name, code)?;
    }
    call.one_of("OSType", &["linux", "windows"], 400, "InvalidOSType.Malformed")?;
    call.one_of("DetectionStrategy", &["Standard"], 400, "InvalidParameter.DetectionStrategy")?;
    check_role(call, IMPORT_ROLE)?;
    let disks = imported_disks(call)?;
    let mut image = image_rules::unknown_system(call);
    if let Some(mode) = args.string("BootMode") {
        mode.clone_into(&mut image.boot_mode);
    }
    if image.architecture == "arm64" && image.boot_mode == "BIOS" {
        return Err(call.error("InvalidBootMode.NotSupport", 400, "An image for arm64 boots with UEFI only."));
    }
    let text = |name: &str| args.string_or(name, "").to_owned();
    let image = Image {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("m", &region.code),
        region: region.id.clone(),
        name: text("ImageName"),
        description: text("Description"),
        size: disks.first().map_or(IMPORTED_SIZE, |disk| disk.size),
        disks,
        license: args.string_or("LicenseType", "Auto").to_owned(),
        checked: args.string("DetectionStrategy").is_some(),
        imported: true,
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags: call.new_tags()?,
        created: call.now.into(),
        status: Timeline::starting(call.now, call.step, &[ImageStatus::Creating, ImageStatus::Available]),
        ..image
    };
    let id = image.id.clone();
    call.state.images.insert(image);
    let task = add_task(call, region, &id, Vec::new());
    Ok(json!({ "ImageId": id, "RegionId": region.id, "TaskId": task }))
}

/// Checks that the account has the RAM role that the call names, or else the usual one.
fn check_role(call: &Call<'_>, usual: &str) -> Result<()> {
    let role = call.args.string_or("RoleName", usual);
    if call.lenient || call.catalog.ram_role(role).is_some() {
        return Ok(());
    }
    let message = format!("The account has no RAM role {role:?}; add it to the catalog of the emulator.");
    Err(call.error("NoSetRoletoECSServiceAcount", 403, message))
}

/// Reads the files that an image is imported from.
fn imported_disks(call: &Call<'_>) -> Result<Vec<ImageDisk>> {
    let mappings = call.args.structs("DiskDeviceMapping");
    if mappings.is_empty() {
        let message = "Name the image file with DiskDeviceMapping.1.OSSBucket and DiskDeviceMapping.1.OSSObject.";
        return Err(call.error("MissingParameter.DiskDeviceMapping", 403, message));
    }
    mappings.iter().zip('a'..='z').map(|(mapping, letter)| imported_disk(call, mapping, letter)).collect()
}

fn imported_disk(call: &Call<'_>, mapping: &Args, letter: char) -> Result<ImageDisk> {
    let (bucket, object) = (mapping.string_or("OSSBucket", ""), mapping.string_or("OSSObject", ""));
    if !is_bucket(bucket) {
        let message = format!("{bucket:?} is not the name of an OSS bucket.");
        return Err(call.error("InvalidOSSBucket.Malformed", 400, message));
    }
    if object.is_empty() {
        return Err(call.error("InvalidOSSObject.Malformed", 400, "Name the image file with OSSObject."));
    }
    let ending = object.rsplit('.').next().filter(|ending| FORMATS.contains(&ending.to_uppercase().as_str()));
    let format = mapping.string("Format").or(ending).unwrap_or("RAW").to_uppercase();
    if !FORMATS.contains(&format.as_str()) {
        let message = format!("Format cannot be {format:?}; it can be {}.", FORMATS.join(", "));
        return Err(call.error("InvalidImageFormat.Malformed", 400, message));
    }
    let system = letter == 'a';
    Ok(ImageDisk {
        device: mapping.string_or("Device", &format!("/dev/xvd{letter}")).to_owned(),
        kind: if system { "system" } else { "data" }.to_owned(),
        size: mapping.int("DiskImageSize").or_else(|| mapping.int("DiskImSize")).unwrap_or(IMPORTED_SIZE),
        format,
        bucket: bucket.to_owned(),
        object: object.to_owned(),
        ..ImageDisk::default()
    })
}

/// Formats of image files.
const FORMATS: &[&str] = &["RAW", "VHD", "QCOW2", "VMDK"];

/// Whether a string can be the name of an OSS bucket.
fn is_bucket(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn export_image(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    let id = args.string_or("ImageId", "");
    if call.catalog.image(id).is_some() || queries::shared(call, &region.id, id).is_some() {
        let message = "Only images of the account can be exported; create one of an instance first.";
        return Err(call.error("InvalidImageCategory.NotSupported", 403, message));
    }
    let image = image_rules::available(call, (400, "IncorrectImageStatus"))?.clone();
    image_rules::check_value(call, "ImageFormat", "InvalidImageFormat.Malformed")?;
    let (bucket, prefix) = (args.string_or("OSSBucket", ""), args.string_or("OSSPrefix", ""));
    if !is_bucket(bucket) {
        let message = format!("{bucket:?} is not the name of an OSS bucket.");
        return Err(call.error("InvalidOSSBucket.NotFound", 400, message));
    }
    if !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let message = format!("OSSPrefix cannot be {prefix:?}; it consists of letters and digits.");
        return Err(call.error("InvalidOSSPrefix.Malformed", 400, message));
    }
    if image.is_encrypted() || image.community {
        let message = format!("The image {} is encrypted or a community image, which cannot be exported.", image.id);
        return Err(call.error("ImageNotSupported", 403, message));
    }
    if is_exporting(call, &image.id) {
        let message = format!("The image {} is being exported; wait until its task is Finished.", image.id);
        return Err(call.error("ImageIsExporting", 403, message));
    }
    check_role(call, EXPORT_ROLE)?;
    let format = args.string_or("ImageFormat", "raw");
    let start = if prefix.is_empty() { String::new() } else { format!("{prefix}_") };
    let objects = image.disks.iter().map(|disk| {
        let device = disk.device.rsplit('/').next().unwrap_or_default();
        ("OSSObject".to_owned(), format!("{start}{}_{device}.{format}", image.id))
    });
    let task = add_task(call, region, &image.id, objects.collect());
    Ok(json!({ "RegionId": region.id, "TaskId": task }))
}

/// Whether a task exports an image.
pub(super) fn is_exporting(call: &Call<'_>, image: &str) -> bool {
    let mut tasks = call.state.tasks.linked(image);
    tasks.any(|task| task.action == "ExportImage" && task.status.at(call.now) == TaskStatus::Processing)
}

/// Adds the task of the call. Returns its ID.
pub(in crate::handlers) fn add_task(
    call: &mut Call<'_>,
    region: &Region,
    resource: &str,
    related: Vec<(String, String)>,
) -> String {
    let task = Task {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("t", &region.code),
        region: region.id.clone(),
        action: call.operation.key().1.to_owned(),
        resource: resource.to_owned(),
        related,
        created: call.now.into(),
        status: Timeline::starting(call.now, call.step, &[TaskStatus::Processing, TaskStatus::Finished]),
        ..Task::default()
    };
    let id = task.id.clone();
    call.state.tasks.insert(task);
    id
}
