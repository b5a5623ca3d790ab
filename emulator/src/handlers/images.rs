//! DescribeImages.

use serde_json::{Value, json};

use super::Entry;
use crate::{call::Call, catalog::Image, clock, error::Result, filters::Times, paging};

pub(super) const HANDLERS: &[Entry] = &[("ecs", "DescribeImages", describe_images)];

fn describe_images(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    let owners = ["system", "self", "others", "marketplace"];
    call.one_of("ImageOwnerAlias", &owners, 400, "InvalidImageOwnerAlias.ValueNotSupported")?;
    call.one_of("Architecture", &["i386", "x86_64", "arm64"], 404, "InvalidArchitecture")?;
    call.one_of("OSType", &["windows", "linux"], 404, "InvalidOSType")?;
    call.one_of("Usage", &["instance", "none"], 404, "InvalidUsage")?;
    let keys =
        ["NetworkType", "CpuOnlineUpgrade", "CpuOnlineDowngrade", "MemoryOnlineUpgrade", "MemoryOnlineDowngrade"];
    let times = Times::read(call, &keys)?;
    let architecture = match args.string("InstanceType") {
        None => None,
        Some(id) => match call.catalog.instance_type(id) {
            Some(ty) => Some(ty.image_architecture()),
            None => {
                let message = format!("The instance type {id:?} does not exist.");
                return Err(call.error("InvalidInstanceType.ValueNotSupported", 400, message));
            }
        },
    };
    // The parameter can hold several IDs, separated by commas.
    let ids: Option<Vec<&str>> = args.string("ImageId").map(|ids| ids.split(',').map(str::trim).collect());
    let states = args.strings("Status").unwrap_or_else(|| vec!["Available"]);
    let used = |image: &Image| call.state.instances.count(&image.id) > 0;
    let wanted = |image: &Image| {
        ids.as_ref().is_none_or(|ids| ids.contains(&image.id.as_str()))
            && call.matches("ImageOwnerAlias", "system")
            && call.matches_pattern("ImageName", &image.id)
            && call.matches("ImageFamily", &image.family)
            && call.matches("Architecture", &image.architecture)
            && call.matches("OSType", image.os_type())
            && call.matches("Usage", if used(image) { "instance" } else { "none" })
            && architecture.is_none_or(|architecture| architecture == image.architecture)
            && (states.contains(&"Available") || states.contains(&"ALL"))
            && clock::parse_seconds(&image.created).is_none_or(|created| times.hold(created, None))
            && args.boolean("IsSupportCloudinit").is_none_or(|wanted| wanted == image.cloud_init)
            && args.boolean("IsSupportIoOptimized").is_none_or(|wanted| wanted)
            && args.boolean("Usable").is_none_or(|wanted| wanted)
            && !args.flag("IsPublic")
            && args.string("SnapshotId").is_none()
            && args.string("ResourceGroupId").is_none()
            && call.tags_match(&[])
    };
    let found: Vec<(u64, &Image)> = (1..).zip(call.catalog.images()).filter(|(_, image)| wanted(image)).collect();
    let page = paging::page(call, found)?;
    let mut response = page.response(call, "Images", "Image", |(_, image)| write_image(image, used(image)));
    response["RegionId"] = region.id.as_str().into();
    Ok(response)
}

fn write_image(image: &Image, used: bool) -> Value {
    json!({
        "ImageId": image.id,
        "ImageName": image.id,
        "ImageFamily": image.family,
        "ImageOwnerAlias": "system",
        "ImageVersion": "",
        "Description": "",
        "OSName": image.system_zh,
        "OSNameEn": image.system,
        "OSType": image.os_type(),
        "Platform": image.platform,
        "Architecture": image.architecture,
        "BootMode": image.boot_mode(),
        "Size": image.size,
        "Status": "Available",
        "Progress": "100%",
        "Usage": if used { "instance" } else { "none" },
        "CreationTime": image.created,
        "IsPublic": true,
        "IsCopied": false,
        "IsSelfShared": "",
        "IsSubscribed": false,
        "IsSupportCloudinit": image.cloud_init,
        "IsSupportIoOptimized": true,
        "LoginAsNonRootSupported": image.platform == "Ubuntu",
        "ProductCode": "",
        "ResourceGroupId": "",
        "DiskDeviceMappings": { "DiskDeviceMapping": [] },
        "Features": { "NvmeSupport": "supported", "ImdsSupport": "v2" },
        "Tags": { "Tag": [] },
    })
}
