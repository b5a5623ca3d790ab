//! DescribeRegions, DescribeZones, DescribeInstanceTypes, DescribeInstanceTypeFamilies and DescribeDedicatedHostTypes.

use serde_json::{Value, json};

use super::instance_types::{self, Filters};
use crate::{
    call::Call,
    catalog::{InstanceType, Region, Stock},
    error::Result,
    handlers::Entry,
    paging,
};

pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeDedicatedHostTypes", describe_dedicated_host_types),
    ("ecs", "DescribeInstanceTypeFamilies", describe_instance_type_families),
    ("ecs", "DescribeInstanceTypes", describe_instance_types),
    ("ecs", "DescribeRegions", describe_regions),
    ("ecs", "DescribeZones", describe_zones),
];

const LANGUAGES: [&str; 7] = ["zh-CN", "zh-TW", "en-US", "ja", "fr", "de", "ko"];

/// Whether names must be in Chinese.
fn in_chinese(call: &Call<'_>) -> Result<bool> {
    call.one_of("AcceptLanguage", &LANGUAGES, 404, "InvalidAcceptLanguage.NotFound")?;
    Ok(call.args.string_or("AcceptLanguage", "zh-CN").starts_with("zh"))
}

fn describe_regions(call: &mut Call<'_>) -> Result<Value> {
    let chinese = in_chinese(call)?;
    let charge_types = ["PrePaid", "PostPaid", "SpotWithPriceLimit", "SpotAsPriceGo"];
    call.one_of("InstanceChargeType", &charge_types, 403, "Invalid.InstanceChargeType")?;
    let kinds = ["instance", "disk", "reservedinstance", "scu"];
    call.one_of("ResourceType", &kinds, 404, "InvalidResourceType.NotFound")?;
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

fn describe_zones(call: &mut Call<'_>) -> Result<Value> {
    let chinese = in_chinese(call)?;
    let region = call.region()?;
    call.one_of("InstanceChargeType", &["PrePaid", "PostPaid"], 404, "InvalidInstanceChargeType.NotFound")?;
    let strategies = ["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"];
    call.one_of("SpotStrategy", &strategies, 400, "InvalidSpotStrategy")?;
    let spot = call.args.string_or("SpotStrategy", "NoSpot") != "NoSpot";
    if spot && call.args.string("InstanceChargeType") == Some("PrePaid") {
        let message = "SpotStrategy needs the InstanceChargeType PostPaid; a spot instance is never a subscription.";
        return Err(call.error("InvalidSpotStrategy", 400, message));
    }
    let zones = region.zones.iter().map(|zone| write_zone(call, region, zone, (chinese, spot)));
    Ok(json!({ "Zones": { "Zone": zones.collect::<Vec<_>>() } }))
}

/// Returns a zone with what can be bought in it.
fn write_zone(call: &Call<'_>, region: &Region, zone: &str, (chinese, spot): (bool, bool)) -> Value {
    let types: Vec<&InstanceType> = (call.catalog.instance_types().iter())
        .filter(|ty| (!spot || ty.family.spot) && call.stock(zone, ty) == Stock::Available)
        .collect();
    let categories = disk_categories(&types);
    let system: Vec<&str> = (categories.iter().copied())
        .filter(|id| call.catalog.disk_category(id).is_some_and(|category| category.system.is_some()))
        .collect();
    let hosts: Vec<_> = (call.catalog.host_types().iter())
        .filter(|host| types.iter().any(|ty| host.families.contains(&ty.family.name)))
        .collect();
    let verbose = call.args.boolean("Verbose").unwrap_or(true);
    let (chinese_name, english_name) = region.zone_names(zone);
    let mut creation = vec!["VSwitch"];
    if !types.is_empty() {
        creation.extend(["IoOptimized", "Instance", "Disk"]);
    }
    if !hosts.is_empty() {
        creation.push("DedicatedHost");
    }
    let details = json!({
        "IoOptimized": true,
        "NetworkTypes": { "supportedNetworkCategory": ["vpc"] },
        "SystemDiskCategories": { "supportedSystemDiskCategory": system },
        "DataDiskCategories": { "supportedDataDiskCategory": categories },
        "InstanceGenerations": {
            "supportedInstanceGeneration": distinct(types.iter().map(|ty| ty.family.generation.as_str())),
        },
        "InstanceTypeFamilies": {
            "supportedInstanceTypeFamily": distinct(types.iter().map(|ty| ty.family.name.as_str())),
        },
        "InstanceTypes": { "supportedInstanceType": ids(&types) },
    });
    json!({
        "ZoneId": zone,
        "LocalName": if chinese { chinese_name } else { english_name },
        "ZoneType": "AvailabilityZone",
        "AvailableResourceCreation": { "ResourceTypes": creation },
        "AvailableDiskCategories": { "DiskCategories": categories },
        "AvailableInstanceTypes": { "InstanceTypes": if verbose { ids(&types) } else { Vec::new() } },
        "AvailableVolumeCategories": { "VolumeCategories": [] },
        "AvailableDedicatedHostTypes": {
            "DedicatedHostType": hosts.iter().map(|host| &host.id).collect::<Vec<_>>(),
        },
        "DedicatedHostGenerations": {
            "DedicatedHostGeneration": distinct(hosts.iter().map(|host| host.generation.as_str())),
        },
        "AvailableResources": { "ResourcesInfo": if verbose && !types.is_empty() { vec![details] } else { Vec::new() } },
    })
}

fn ids<'t>(types: &[&'t InstanceType]) -> Vec<&'t str> {
    types.iter().map(|ty| ty.id.as_str()).collect()
}

/// Returns values without repetitions, in order of their first appearance.
pub(super) fn distinct<'t>(values: impl IntoIterator<Item = &'t str>) -> Vec<&'t str> {
    let mut found = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// Returns the disk categories that any of the types supports.
pub(super) fn disk_categories<'t>(types: &[&'t InstanceType]) -> Vec<&'t str> {
    distinct(types.iter().flat_map(|ty| ty.family.disks.iter().map(String::as_str)))
}

fn describe_instance_type_families(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let families = call.catalog.families().iter();
    let families = families
        .filter(|family| region.zones.iter().any(|zone| family.is_sold_in(zone)))
        .filter(|family| call.matches("Generation", &family.generation))
        .map(|family| json!({ "InstanceTypeFamilyId": family.name, "Generation": family.generation }));
    Ok(json!({ "InstanceTypeFamilies": { "InstanceTypeFamily": families.collect::<Vec<_>>() } }))
}

fn describe_dedicated_host_types(call: &mut Call<'_>) -> Result<Value> {
    call.region()?;
    let family = call.args.string("SupportedInstanceTypeFamily");
    let hosts = (call.catalog.host_types().iter())
        .filter(|host| call.matches("DedicatedHostType", &host.id))
        .filter(|host| family.is_none_or(|family| host.families.iter().any(|own| own == family)))
        .map(|host| {
            let types = call.catalog.instance_types().iter().filter(|ty| host.families.contains(&ty.family.name));
            json!({
                "DedicatedHostType": host.id,
                "Sockets": host.sockets,
                "Cores": host.cores,
                "TotalVcpus": host.vcpus,
                "TotalVgpus": 0,
                "PhysicalGpus": 0,
                "MemorySize": host.memory,
                "SupportCpuOverCommitRatio": false,
                "SupportedInstanceTypeFamilies": { "SupportedInstanceTypeFamily": host.families },
                "SupportedInstanceTypesList": {
                    "SupportedInstanceTypesList": types.map(|ty| &ty.id).collect::<Vec<_>>(),
                },
            })
        });
    Ok(json!({ "DedicatedHostTypes": { "DedicatedHostType": hosts.collect::<Vec<_>>() } }))
}

fn describe_instance_types(call: &mut Call<'_>) -> Result<Value> {
    let filters = Filters::read(call.args);
    let found = call.catalog.instance_types().iter().filter(|ty| filters.pass(ty));
    let page = paging::page(call, paging::in_order(found))?;
    let attributes = call.args.strings("AdditionalAttributes").unwrap_or_default();
    Ok(page.response(call, "InstanceTypes", "InstanceType", |(_, ty)| instance_types::write(ty, &attributes)))
}
