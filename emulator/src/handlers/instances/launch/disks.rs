//! The disks of new instances.

use serde_json::{Map, Value};

use super::image::LaunchImage;
use crate::{
    args::Args,
    call::Call,
    catalog::{DiskCategory, InstanceType, PerformanceLevel, Region},
    error::{EcsError, Result},
    handlers::references,
    resources::ImageDisk,
    rules,
};

/// Size of a system disk for which neither the request nor the image says more, in GiB.
const DEFAULT_SYSTEM_DISK_SIZE: i64 = 40;

/// A disk to create.
#[derive(Debug, Clone)]
pub(in crate::handlers) struct DiskOrder {
    /// Options of the request.
    pub(in crate::handlers) options: Args,
    /// Category.
    pub(in crate::handlers) category: String,
    /// Performance level; empty if the category has none.
    pub(in crate::handlers) level: String,
    /// Size in GiB.
    pub(in crate::handlers) size: i64,
    /// Snapshot that it is created from; empty if there is none.
    pub(in crate::handlers) snapshot: String,
}

/// Words for one of the two kinds of disks.
struct Kind {
    name: &'static str,
    category: &'static str,
    size: &'static str,
}

const SYSTEM: Kind = Kind {
    name: "system disk",
    category: "InvalidSystemDiskCategory.ValueNotSupported",
    size: "InvalidSystemDiskSize.ValueNotSupported",
};

const DATA: Kind = Kind {
    name: "data disk",
    category: "InvalidDataDiskCategory.ValueNotSupported",
    size: "InvalidDataDiskSize.ValueNotSupported",
};

/// Reads the system disk.
pub(super) fn system(call: &Call<'_>, image: &LaunchImage, ty: &InstanceType) -> Result<DiskOrder> {
    let options = call.args.get("SystemDisk").and_then(Value::as_object).cloned().unwrap_or_default();
    let options = Args::new(options);
    let (category, level) = category(call, &options, ty, &SYSTEM)?;
    // A number in CreateInstance, a string in RunInstances.
    let size = match options.string("Size") {
        Some(text) => text.parse().map_err(|_| EcsError::invalid("SystemDisk.Size", "it is not a whole number"))?,
        None => options.int("Size").unwrap_or(image.size.max(DEFAULT_SYSTEM_DISK_SIZE)),
    };
    if size < image.size {
        let message = format!("The image needs a system disk of {} GiB; the request specifies {size} GiB.", image.size);
        return Err(call.error("InvalidSystemDiskSize.LessThanImageSize", 404, message));
    }
    let known = call.catalog.disk_category(&category);
    let of_level = level_of(known, &level).map(|level| level.system);
    let range = known.and_then(|known| known.system).map(|own| of_level.unwrap_or(own));
    check_size(call, range, size, (&category, &level), &SYSTEM)?;
    check_options(call, &options, &category)?;
    let snapshot = image.disks.first().map(|disk| disk.snapshot.clone()).unwrap_or_default();
    Ok(DiskOrder { options, category, level, size, snapshot })
}

/// Reads the data disks: those of the request and those of the image. A disk of the request with the device of one of the image
/// sets the options of that one.
pub(super) fn data(call: &Call<'_>, region: &Region, image: &LaunchImage, ty: &InstanceType) -> Result<Vec<DiskOrder>> {
    let mut disks = call.args.structs("DataDisk");
    for part in image.disks.iter().skip(1) {
        if !disks.iter().any(|disk| is_device(disk, part)) {
            let device = ("Device".to_owned(), Value::from(part.device.as_str()));
            disks.push(Args::new(Map::from_iter([device])));
        }
    }
    if disks.len() > ty.data_disks as usize {
        let message = format!("An instance of {} can have at most {} data disks.", ty.id, ty.data_disks);
        return Err(call.error("InstanceDiskNumber.LimitExceed", 400, message));
    }
    let devices: Vec<&str> = disks.iter().filter_map(|disk| disk.string("Device")).collect();
    for (place, device) in devices.iter().enumerate() {
        if !["/dev/xvd", "/dev/vd"].iter().any(|start| device.starts_with(start)) {
            let message = format!("{device:?} is not the device of a data disk, such as /dev/xvdb.");
            return Err(call.error("InvalidDataDevice.Malformed", 400, message));
        }
        if devices[..place].iter().any(|other| same_device(other, device)) {
            return Err(call.error("InvalidDevice.InUse", 403, format!("The device {device} is named twice.")));
        }
    }
    let part_of = |options: &Args| image.disks.iter().skip(1).find(|part| is_device(options, part));
    let read = |options: Args| {
        let part = part_of(&options);
        data_disk(call, region, options, part, ty)
    };
    disks.into_iter().map(read).collect()
}

/// Whether a disk of the request has the device of a disk of the image.
fn is_device(disk: &Args, part: &ImageDisk) -> bool {
    disk.string("Device").is_some_and(|own| same_device(own, &part.device))
}

/// Whether two names are those of one device: `/dev/vdb` and `/dev/xvdb` are.
fn same_device(one: &str, other: &str) -> bool {
    let letters = |device: &str| device.trim_start_matches("/dev/").trim_start_matches('x').to_owned();
    letters(one) == letters(other)
}

/// Reads a data disk. `part` is the disk of the image that it is created from, unless the request names another snapshot.
fn data_disk(
    call: &Call<'_>,
    region: &Region,
    options: Args,
    part: Option<&ImageDisk>,
    ty: &InstanceType,
) -> Result<DiskOrder> {
    let (category, level) = category(call, &options, ty, &DATA)?;
    let own = options.string("SnapshotId");
    let snapshot = own.or(part.map(|part| part.snapshot.as_str())).unwrap_or_default().to_owned();
    let source = own.map(|id| references::data_snapshot(call, &region.id, id)).transpose()?.flatten();
    let content = source.map(|source| source.size).or(part.filter(|_| own.is_none()).map(|part| part.size));
    let least = content.unwrap_or(20);
    let size = options.int("Size").unwrap_or(if content.is_some() || own.is_some() { least } else { 0 });
    if content.is_some_and(|content| size < content) {
        let message = format!("The snapshot {snapshot} needs a disk of {least} GiB; the request specifies {size} GiB.");
        return Err(call.error("InvalidDiskSize.TooSmall", 403, message));
    }
    let known = call.catalog.disk_category(&category);
    let of_level = level_of(known, &level).map(|level| level.data);
    check_size(call, of_level.or(known.map(|known| known.data)), size, (&category, &level), &DATA)?;
    check_options(call, &options, &category)?;
    Ok(DiskOrder { options, category, level, size, snapshot })
}

/// Returns category and performance level of a disk.
fn category(call: &Call<'_>, options: &Args, ty: &InstanceType, kind: &Kind) -> Result<(String, String)> {
    let category = options.string("Category").or(ty.family.disks.first().map(String::as_str)).unwrap_or_default();
    let Some(known) = call.catalog.disk_category(category) else {
        let message = format!("{category:?} is not the category of a {}.", kind.name);
        return Err(call.error(kind.category, 400, message));
    };
    if !ty.family.supports_disk(category) && !call.lenient {
        let message =
            format!("{} does not support {category} disks; it supports {}.", ty.id, ty.family.disks.join(", "));
        return Err(call.error(kind.category, 400, message));
    }
    let level = options.string("PerformanceLevel");
    if known.performance_levels.is_empty() {
        return Ok((category.to_owned(), String::new()));
    }
    let level = level.unwrap_or("PL1");
    if !known.performance_levels.iter().any(|known| known.id == level) {
        let levels: Vec<&str> = known.performance_levels.iter().map(|level| level.id.as_str()).collect();
        let message = format!("PerformanceLevel cannot be {level:?}; it can be {}.", levels.join(", "));
        return Err(call.error("InvalidPerformanceLevel.Malformed", 400, message));
    }
    Ok((category.to_owned(), level.to_owned()))
}

/// Returns a performance level of a category.
fn level_of<'c>(category: Option<&'c DiskCategory>, level: &str) -> Option<&'c PerformanceLevel> {
    category?.performance_levels.iter().find(|known| known.id == level)
}

fn check_size(
    call: &Call<'_>,
    range: Option<(u32, u32)>,
    size: i64,
    (category, level): (&str, &str),
    kind: &Kind,
) -> Result<()> {
    let Some((least, most)) = range else {
        return Err(call.error(kind.category, 400, format!("There is no {} of the category {category}.", kind.name)));
    };
    if (i64::from(least)..=i64::from(most)).contains(&size) {
        return Ok(());
    }
    let of = format!("{category} {level}");
    let message =
        format!("A {} of {} cannot have {size} GiB; it can have {least} to {most}.", kind.name, of.trim_end());
    Err(call.error(kind.size, 400, message))
}

fn check_options(call: &Call<'_>, options: &Args, category: &str) -> Result<()> {
    references::of_disk(call, options)?;
    let auto = category.ends_with("auto");
    if options.int("ProvisionedIops").is_some() && !auto {
        let message = format!("ProvisionedIops is for disks of cloud_auto, not of {category}.");
        return Err(call.error("ProvisionedIopsForDiskCategoryUnsupported", 400, message));
    }
    if options.flag("BurstingEnabled") && !auto {
        let message = format!("BurstingEnabled is for disks of cloud_auto, not of {category}.");
        return Err(call.error("BurstingEnabledForDiskCategoryUnsupported", 400, message));
    }
    match options.string("DiskName") {
        Some(name) => call.check("DiskName", "InvalidDiskName.Malformed", rules::name(name)),
        None => Ok(()),
    }
}
