//! DescribeRegions, DescribeImages and DescribeInstanceTypes.

use serde_json::{Value, json};

use super::Entry;
use crate::{
    call::Call,
    catalog::{images::Image, types::InstanceType},
    clock,
    error::Result,
    filters::Times,
    paging,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeImages", describe_images),
    ("ecs", "DescribeInstanceTypes", describe_instance_types),
    ("ecs", "DescribeRegions", describe_regions),
];

fn describe_regions(call: &mut Call<'_>) -> Result<Value> {
    let languages = ["zh-CN", "zh-TW", "en-US", "ja", "fr", "de", "ko"];
    call.one_of("AcceptLanguage", &languages, 404, "InvalidAcceptLanguage.NotFound")?;
    let charge_types = ["PrePaid", "PostPaid", "SpotWithPriceLimit", "SpotAsPriceGo"];
    call.one_of("InstanceChargeType", &charge_types, 403, "Invalid.InstanceChargeType")?;
    let kinds = ["instance", "disk", "reservedinstance", "scu"];
    call.one_of("ResourceType", &kinds, 404, "InvalidResourceType.NotFound")?;
    let chinese = call.args.string_or("AcceptLanguage", "zh-CN").starts_with("zh");
    let regions = call.catalog.regions().iter().map(|region| {
        json!({
            "RegionId": region.id,
            "RegionEndpoint": region.endpoint,
            "LocalName": if chinese { &region.names.0 } else { &region.names.1 },
            "Status": "available",
        })
    });
    Ok(json!({ "Regions": { "Region": regions.collect::<Vec<_>>() } }))
}

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
    let used = |image: &Image| call.state.instances.count(image.id) > 0;
    let wanted = |image: &Image| {
        ids.as_ref().is_none_or(|ids| ids.contains(&image.id))
            && call.matches("ImageOwnerAlias", "system")
            && call.matches_pattern("ImageName", image.id)
            && call.matches("ImageFamily", image.family)
            && call.matches("Architecture", image.architecture)
            && call.matches("OSType", image.os_type())
            && call.matches("Usage", if used(image) { "instance" } else { "none" })
            && architecture.is_none_or(|architecture| architecture == image.architecture)
            && (states.contains(&"Available") || states.contains(&"ALL"))
            && clock::parse_seconds(image.created).is_none_or(|created| times.hold(created, None))
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

fn describe_instance_types(call: &mut Call<'_>) -> Result<Value> {
    let found: Vec<(u64, &InstanceType)> =
        (1..).zip(call.catalog.instance_types()).filter(|(_, ty)| wanted_type(call, ty)).collect();
    let page = paging::page(call, found)?;
    Ok(page.response(call, "InstanceTypes", "InstanceType", |(_, ty)| write_type(ty)))
}

fn wanted_type(call: &Call<'_>, ty: &InstanceType) -> bool {
    let args = call.args;
    let (gpus, gpu) = ty.gpu.unwrap_or((0, ""));
    let local = ty.local.map(|(amount, size)| (f64::from(amount), f64::from(size))).unwrap_or_default();
    let credit = if ty.family.name == "ecs.t6" { (60.0, 24.0) } else { (0.0, 0.0) };
    let texts = [
        ("InstanceTypeFamily", ty.family.name),
        ("InstanceCategory", ty.family.category),
        ("InstanceFamilyLevel", ty.family.level),
        ("CpuArchitecture", ty.family.architecture),
        ("PhysicalProcessorModel", ty.family.processor),
        ("GPUSpec", gpu),
        ("NvmeSupport", "unsupported"),
        ("LocalStorageCategory", if ty.local.is_some() { "local_ssd_pro" } else { "" }),
    ];
    let lists = [
        ("InstanceTypes", ty.id),
        ("InstanceTypeFamilies", ty.family.name),
        ("InstanceCategories", ty.family.category),
        ("CpuArchitectures", ty.family.architecture),
        ("PhysicalProcessorModels", ty.family.processor),
        ("GpuSpecs", gpu),
        ("LocalStorageCategories", if ty.local.is_some() { "local_ssd_pro" } else { "" }),
    ];
    let numbers = [
        ("CpuCoreCount", f64::from(ty.cpu)),
        ("MemorySize", ty.memory),
        ("GPUAmount", f64::from(gpus)),
        ("CpuSpeedFrequency", ty.family.frequency.0),
        ("CpuTurboFrequency", ty.family.frequency.1),
        ("EniQuantity", f64::from(ty.interfaces)),
        ("EniPrivateIpAddressQuantity", 10.0),
        ("EniIpv6AddressQuantity", 1.0),
        ("EriQuantity", 0.0),
        ("DiskQuantity", 17.0),
        ("QueuePairNumber", 0.0),
        ("PrimaryEniQueueNumber", f64::from(ty.cpu.min(8))),
        ("SecondaryEniQueueNumber", f64::from(ty.cpu.min(8))),
        ("InstanceBandwidthRx", f64::from(ty.bandwidth) * 1024.0),
        ("InstanceBandwidthTx", f64::from(ty.bandwidth) * 1024.0),
        ("InstancePpsRx", f64::from(ty.packets)),
        ("InstancePpsTx", f64::from(ty.packets)),
        ("LocalStorageAmount", local.0),
        ("LocalStorageCapacity", local.1),
        ("InitialCredit", credit.0),
        ("BaselineCredit", credit.1),
    ];
    texts.into_iter().all(|(name, value)| call.matches(name, value))
        && lists.into_iter().all(|(name, value)| call.listed(name, value))
        && numbers.into_iter().all(|(name, value)| {
            args.number(&format!("Minimum{name}")).is_none_or(|least| value >= least)
                && args.number(&format!("Maximum{name}")).is_none_or(|most| value <= most)
        })
}

fn write_type(ty: &InstanceType) -> Value {
    let (gpus, gpu) = ty.gpu.unwrap_or((0, ""));
    let mut members = json!({
        "InstanceTypeId": ty.id,
        "InstanceTypeFamily": ty.family.name,
        "InstanceCategory": ty.family.category,
        "InstanceFamilyLevel": ty.family.level,
        "CpuArchitecture": ty.family.architecture,
        "PhysicalProcessorModel": ty.family.processor,
        "CpuCoreCount": ty.cpu,
        "CpuSpeedFrequency": ty.family.frequency.0,
        "CpuTurboFrequency": ty.family.frequency.1,
        "MemorySize": ty.memory,
        "GPUAmount": gpus,
        "GPUSpec": gpu,
        "GPUMemorySize": if gpu == "NVIDIA T4" { 16.0 } else if gpus > 0 { 12.0 } else { 0.0 },
        "EniQuantity": ty.interfaces,
        "EniTotalQuantity": ty.interfaces,
        "EniPrivateIpAddressQuantity": 10,
        "EniIpv6AddressQuantity": 1,
        "EniTrunkSupported": ty.cpu >= 4,
        "EriQuantity": 0,
        "PrimaryEniQueueNumber": ty.cpu.min(8),
        "SecondaryEniQueueNumber": ty.cpu.min(8),
        "MaximumQueueNumberPerEni": ty.cpu.min(8),
        "TotalEniQueueQuantity": ty.cpu.min(8) * ty.interfaces,
        "InstanceBandwidthRx": ty.bandwidth * 1024,
        "InstanceBandwidthTx": ty.bandwidth * 1024,
        "InstancePpsRx": ty.packets,
        "InstancePpsTx": ty.packets,
        "DiskQuantity": 17,
        "NetworkCardQuantity": 0,
        "NvmeSupport": "unsupported",
        "SupportedBootModes": {
            "SupportedBootMode": if ty.family.architecture == "ARM" { vec!["UEFI"] } else { vec!["BIOS", "UEFI"] },
        },
    });
    if let Some((amount, capacity)) = ty.local {
        members["LocalStorageAmount"] = amount.into();
        members["LocalStorageCapacity"] = capacity.into();
        members["LocalStorageCategory"] = "local_ssd_pro".into();
    }
    if ty.family.name == "ecs.t6" {
        members["InitialCredit"] = 60.into();
        members["BaselineCredit"] = 24.into();
    }
    members
}
