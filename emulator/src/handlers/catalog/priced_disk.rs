//! Disks whose price is asked for.

use crate::{
    args::Args,
    call::Call,
    catalog::{DiskCategory, InstanceType},
    error::{EcsError, Result},
    resources::{Disk, Instance},
};

/// Size in GiB of a system disk of which only the category is known, as in images of Linux.
const SYSTEM_DISK: u32 = 20;

/// A disk with what its price depends on.
pub(super) struct PricedDisk<'c> {
    category: &'c DiskCategory,
    level: Option<String>,
    size: u32,
    iops: i64,
    /// The part that is paid for already.
    before: Option<(&'c DiskCategory, Option<String>, u32)>,
}

impl<'c> PricedDisk<'c> {
    /// Returns the price per hour.
    pub(super) fn hourly(&self, call: &Call<'_>, region: &str) -> f64 {
        let catalog = call.catalog;
        let own = catalog.disk_hourly(region, self.category, self.level.as_deref(), self.size);
        let iops = catalog.iops_hourly(region, self.category, self.iops).unwrap_or_default();
        let before = self.before.as_ref();
        let before =
            before.map(|(category, level, size)| catalog.disk_hourly(region, category, level.as_deref(), *size));
        own + iops - before.unwrap_or_default()
    }

    /// Reads the system disk of an instance to price.
    pub(super) fn system(call: &Call<'c>, ty: &InstanceType, image: Option<u32>) -> Result<Self> {
        let args = call.args;
        let (id, level) = match args.string("SystemDisk.Category") {
            Some(id) => (id, "PL1"),
            None if ty.family.supports_disk("cloud_efficiency") => ("cloud_efficiency", "PL1"),
            None => (ty.family.disks.first().map_or("", String::as_str), "PL0"),
        };
        let category = call.catalog.disk_category(id).filter(|category| category.system.is_some());
        let Some(category) = category.filter(|category| ty.family.supports_disk(&category.id)) else {
            let message = format!("{} has no system disks of category {id:?}.", ty.id);
            return Err(call.error("InvalidSystemDiskCategory.ValueNotSupported", 400, message));
        };
        let level = level_of(call, category, args.string("SystemDisk.PerformanceLevel").unwrap_or(level))?;
        let least = image.unwrap_or(SYSTEM_DISK).max(SYSTEM_DISK);
        let size = args.count("SystemDisk.Size").unwrap_or(least);
        let range = category.range(level.as_deref(), true);
        if !range.contains(&size) {
            let message = format!("A system disk of {id} has {} to {} GiB, not {size}.", range.start(), range.end());
            return Err(call.error("InvalidSystemDiskSize.ValueNotSupported", 400, message));
        }
        if image.is_some_and(|image| size < image) {
            let message = format!("The image needs a system disk of at least {} GiB.", image.unwrap_or_default());
            return Err(call.error("InvalidSystemDiskSize.LessThanImageSize", 400, message));
        }
        Ok(PricedDisk { category, level, size, iops: 0, before: None })
    }

    /// Reads a data disk to price. `ty` is the type of its instance.
    pub(super) fn data(call: &Call<'c>, disk: &Args, ty: Option<&InstanceType>) -> Result<Self> {
        let preferred = ty.and_then(|ty| ty.family.disks.first()).map_or("cloud_efficiency", String::as_str);
        let id = disk.string_or("Category", preferred);
        let supported = ty.is_none_or(|ty| ty.family.supports_disk(id) || id.starts_with("elastic_ephemeral"));
        let Some(category) = call.catalog.disk_category(id).filter(|_| supported) else {
            let message = match ty {
                Some(ty) => format!("{} has no data disks of category {id:?}.", ty.id),
                None => format!("There are no disks of category {id:?}."),
            };
            return Err(call.error("InvalidDataDiskCategory.ValueNotSupported", 400, message));
        };
        let level = level_of(call, category, disk.string_or("PerformanceLevel", "PL1"))?;
        let range = category.range(level.as_deref(), false);
        let size = disk.count("Size").unwrap_or(*range.start());
        if !range.contains(&size) {
            let message = format!("A disk of {id} has {} to {} GiB, not {size}.", range.start(), range.end());
            return Err(call.error("InvalidDataDiskSize.ValueNotSupported", 400, message));
        }
        Ok(PricedDisk { category, level, size, iops: disk.int("ProvisionedIops").unwrap_or(0), before: None })
    }

    /// Returns the hourly price of the provisioned IOPS of a disk.
    pub(super) fn iops_hourly(call: &Call<'c>, disk: &Args, region: &str) -> Result<f64> {
        let id = disk.string_or("Category", "");
        let iops = disk.int("ProvisionedIops").unwrap_or(0).clamp(0, i64::from(i32::MAX));
        let category = call.catalog.disk_category(id);
        category.and_then(|category| call.catalog.iops_hourly(region, category, iops)).ok_or_else(|| {
            let message = format!("Disks of category {id:?} have no provisioned IOPS; those of cloud_auto have.");
            call.error("InvalidDataDiskCategory.ValueNotSupported", 400, message)
        })
    }

    /// Reads a data disk to add to an instance, or to change.
    pub(super) fn change(
        call: &'c Call<'_>,
        instance: &Instance,
        ty: Option<&InstanceType>,
        disk: &Args,
    ) -> Result<Self> {
        let Some(id) = disk.string("DiskId") else {
            if disk.string("Category").is_none() {
                let message = "Specify the Category of the data disk to add.";
                return Err(call.error("InvalidDiskCategory.Missing", 400, message));
            }
            return Self::data(call, disk, ty);
        };
        let Some(row) = call.state.disks.get(id).filter(|row| row.instance.as_deref() == Some(&instance.id)) else {
            let message = format!("The instance {} has no disk {id:?}.", instance.id);
            return Err(EcsError::new(404, "InvalidDiskId.NotFound", message));
        };
        let old = Self::existing(call, row);
        let Some(old) = old else {
            let message = format!("Disks of category {:?} have no price.", row.category);
            return Err(call.error("PriceNotFound", 400, message));
        };
        let size = disk.count("Size").unwrap_or(old.size);
        if size < old.size {
            let message = format!("The disk {id} has {} GiB; it cannot shrink to {size}.", old.size);
            return Err(call.error("InvalidDiskSize.TooSmall", 400, message));
        }
        let level = match disk.string("PerformanceLevel") {
            Some(level) => level_of(call, old.category, level)?,
            None => old.level.clone(),
        };
        if !old.category.range(level.as_deref(), false).contains(&size) {
            let message = format!("The disk {id} of {size} GiB is too small for its performance level.");
            return Err(call.error("OperationDenied.PerformanceLevelNotMatch", 400, message));
        }
        Ok(PricedDisk { size, level, before: Some((old.category, old.level.clone(), old.size)), ..old })
    }

    /// Returns a disk that exists; `None` if its category has no price.
    pub(super) fn existing(call: &'c Call<'_>, disk: &Disk) -> Option<Self> {
        let category = call.catalog.disk_category(&disk.category)?;
        let size = u32::try_from(disk.size).unwrap_or_default();
        let level = Some(disk.performance.clone()).filter(|level| !level.is_empty());
        Some(PricedDisk { category, level, size, iops: 0, before: None })
    }
}

/// Returns the performance level of a disk; `None` if its category has none.
fn level_of(call: &Call<'_>, category: &DiskCategory, level: &str) -> Result<Option<String>> {
    if category.performance_levels.is_empty() {
        return Ok(None);
    }
    if category.performance_levels.iter().any(|known| known.id == level) {
        return Ok(Some(level.to_owned()));
    }
    let message = format!("PerformanceLevel cannot be {level:?}; it can be PL0, PL1, PL2 or PL3.");
    Err(call.error("InvalidPerformanceLevel.Malformed", 400, message))
}
