//! Availability of resources by zone.

use serde_json::{Value, json};

use super::queries::disk_categories;
use crate::{
    call::Call,
    catalog::{InstanceType, Region, Stock},
    error::Result,
    handlers::Entry,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("ecs", "DescribeAvailableResource", describe_available_resource)];

const DESTINATIONS: &[&str] = &["Zone", "IoOptimized", "InstanceType", "Network", "ddh", "SystemDisk", "DataDisk"];

fn describe_available_resource(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let zone = call.zone(region)?;
    let args = call.args;
    check_values(call)?;
    check_size(call)?;
    let destination = args.string_or("DestinationResource", "");
    if destination == "SystemDisk"
        && args.string("InstanceType").is_none()
        && args.string_or("ResourceType", "instance") == "instance"
    {
        let message = "Specify the InstanceType whose system disks are listed.";
        return Err(call.error("Invalid.Param", 400, message));
    }
    if let Some(host) = args.string("DedicatedHostId") {
        let message = format!("The dedicated host {host:?} does not exist.");
        return Err(call.error("InvalidDedicatedHostId.NotFound", 403, message));
    }
    let types = types(call);
    let zones = region.zones.iter().enumerate().filter(|(place, _)| zone.is_none_or(|zone| zone == *place));
    let zones: Vec<Value> = zones
        .filter_map(|(_, name)| {
            let resources = resources(call, &types, destination, name);
            (!resources.is_empty()).then(|| zone_response(region, name, destination, &resources))
        })
        .collect();
    Ok(json!({ "AvailableZones": { "AvailableZone": zones } }))
}

fn check_values(call: &Call<'_>) -> Result<()> {
    call.one_of("DestinationResource", DESTINATIONS, 404, "Invalid.DestinationResource")?;
    call.one_of("InstanceChargeType", &["PrePaid", "PostPaid"], 400, "Invalid.InstanceChargeType")?;
    call.one_of("IoOptimized", &["none", "optimized"], 404, "Invalid.IoOptimized")?;
    let strategies = ["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"];
    call.one_of("SpotStrategy", &strategies, 404, "Invalid.SpotStrategy")?;
    let kinds = ["instance", "disk", "reservedinstance", "ddh"];
    call.one_of("ResourceType", &kinds, 404, "Invalid.ResourceType")?;
    call.one_of("Scope", &["Region", "Zone"], 403, "InvalidParameter.Scope")?;
    let network = call.args.string("NetworkCategory").unwrap_or("vpc");
    if !network.eq_ignore_ascii_case("vpc") && !network.eq_ignore_ascii_case("classic") {
        return Err(call.error("Invalid.NetworkCategory", 404, format!("NetworkCategory cannot be {network:?}.")));
    }
    Ok(())
}

/// Checks `Cores` and `Memory`: they must be positive, and those of the `InstanceType` if there is one.
fn check_size(call: &Call<'_>) -> Result<()> {
    let (cores, memory) = (call.args.int("Cores"), call.args.number("Memory"));
    if cores.is_some_and(|cores| cores <= 0) {
        return Err(call.error("InvalidParam.Cores", 403, "Cores must be at least 1."));
    }
    if memory.is_some_and(|memory| memory <= 0.0) {
        return Err(call.error("InvalidParam.Memory", 403, "Memory must be more than 0 GiB."));
    }
    let ty = call.args.string("InstanceType").and_then(|id| call.catalog.instance_type(id));
    match ty.filter(|ty| !has_size(ty, cores, memory)) {
        None => Ok(()),
        Some(ty) => {
            let message = format!(
                "{} has {} vCPUs and {} GiB of memory; specify these Cores and Memory, or leave them out.",
                ty.id, ty.cpu, ty.memory
            );
            Err(call.error("InvalidParam.TypeAndCpuMem.Conflict", 403, message))
        }
    }
}

/// Whether a type has a number of vCPUs and an amount of memory, where they are given.
pub(super) fn has_size(ty: &InstanceType, cores: Option<i64>, memory: Option<f64>) -> bool {
    cores.is_none_or(|cores| cores == i64::from(ty.cpu))
        && memory.is_none_or(|memory| (memory - ty.memory).abs() < f64::EPSILON)
}

/// Returns the instance types that match the request.
fn types<'c>(call: &Call<'c>) -> Vec<&'c InstanceType> {
    let args = call.args;
    let classic = args.string("NetworkCategory").is_some_and(|network| network.eq_ignore_ascii_case("classic"));
    // The emulator sells only I/O optimized instances in VPCs.
    if args.string("IoOptimized") == Some("none") || classic {
        return Vec::new();
    }
    match args.string("InstanceType") {
        Some(id) => call.catalog.instance_type(id).filter(|ty| wanted(call, ty)).into_iter().collect(),
        None => call.catalog.instance_types().iter().filter(|ty| wanted(call, ty)).collect(),
    }
}

/// Returns the resources of a zone for instances of some types.
fn resources(call: &Call<'_>, types: &[&InstanceType], destination: &str, zone: &str) -> Vec<Value> {
    let types: Vec<(&InstanceType, Stock)> =
        (types.iter()).map(|ty| (*ty, call.stock(zone, ty))).filter(|(_, stock)| *stock != Stock::None).collect();
    if types.is_empty() {
        return Vec::new();
    }
    let any = types.iter().any(|(_, stock)| *stock == Stock::Available);
    let stock = if any { Stock::Available } else { Stock::SoldOut };
    match destination {
        "Zone" => vec![resource(zone, stock)],
        "IoOptimized" => vec![resource("optimized", stock)],
        "Network" => vec![resource("vpc", stock)],
        "InstanceType" => types.iter().map(|(ty, stock)| resource(&ty.id, *stock)).collect(),
        "ddh" => {
            let sold = |family: &String| types.iter().any(|(ty, _)| ty.family.name == *family);
            let hosts = call.catalog.host_types().iter().filter(|host| host.families.iter().any(sold));
            hosts.map(|host| resource(&host.id, stock)).collect()
        }
        disk => disks(call, &types, disk == "SystemDisk"),
    }
}

/// Returns the disk categories that types support, with the sizes of their disks.
fn disks(call: &Call<'_>, types: &[(&InstanceType, Stock)], system: bool) -> Vec<Value> {
    let name = if system { "SystemDiskCategory" } else { "DataDiskCategory" };
    let types: Vec<&InstanceType> = types.iter().map(|(ty, _)| *ty).collect();
    let categories = disk_categories(&types).into_iter().filter(|id| category_matches(call, name, id));
    let categories = categories.filter_map(|id| call.catalog.disk_category(id));
    categories
        .filter(|category| !system || category.system.is_some())
        .map(|category| {
            let range = category.range(None, system);
            disk_resource(&category.id, *range.start(), *range.end())
        })
        .collect()
}

/// Whether a disk category is the one that the call filters by; `all` stands for any.
fn category_matches(call: &Call<'_>, name: &str, id: &str) -> bool {
    call.matches(name, id) || call.args.string(name) == Some("all")
}

fn wanted(call: &Call<'_>, ty: &InstanceType) -> bool {
    let args = call.args;
    let spot = args.string_or("SpotStrategy", "NoSpot") != "NoSpot" && call.matches("InstanceChargeType", "PostPaid");
    let disks = |name: &str| ty.family.disks.iter().any(|id| category_matches(call, name, id));
    has_size(ty, args.int("Cores"), args.number("Memory"))
        && (!spot || ty.family.spot)
        && disks("SystemDiskCategory")
        && disks("DataDiskCategory")
}

/// Returns a resource with its availability.
pub(in crate::handlers) fn resource(value: &str, stock: Stock) -> Value {
    let (status, category) =
        if stock == Stock::Available { ("Available", "WithStock") } else { ("SoldOut", "WithoutStock") };
    json!({ "Value": value, "Status": status, "StatusCategory": category })
}

/// Returns a disk category with its size limits.
pub(in crate::handlers) fn disk_resource(category: &str, least: u32, most: u32) -> Value {
    let mut resource = resource(category, Stock::Available);
    resource["Min"] = least.into();
    resource["Max"] = most.into();
    resource["Unit"] = "GiB".into();
    resource
}

/// Returns a zone with its resources.
pub(in crate::handlers) fn zone_response(region: &Region, zone: &str, kind: &str, resources: &[Value]) -> Value {
    let available = resources.iter().any(|resource| resource["Status"] == "Available");
    let (status, category) = if available { ("Available", "WithStock") } else { ("SoldOut", "WithoutStock") };
    json!({
        "RegionId": region.id,
        "ZoneId": zone,
        "Status": status,
        "StatusCategory": category,
        "AvailableResources": {
            "AvailableResource": [{ "Type": kind, "SupportedResources": { "SupportedResource": resources } }],
        },
    })
}
