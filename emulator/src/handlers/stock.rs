//! Availability of resources by zone.

use serde_json::{Value, json};

use super::{Entry, catalog::disk_categories};
use crate::{
    call::Call,
    catalog::{InstanceType, Region, Stock},
    error::Result,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("ecs", "DescribeAvailableResource", describe_available_resource)];

const DESTINATIONS: &[&str] = &["Zone", "IoOptimized", "InstanceType", "Network", "ddh", "SystemDisk", "DataDisk"];

fn describe_available_resource(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let zone = call.zone(region)?;
    let args = call.args;
    check_values(call)?;
    let destination = args.string_or("DestinationResource", "");
    if destination == "SystemDisk"
        && args.string("InstanceType").is_none()
        && args.string_or("ResourceType", "instance") == "instance"
    {
        let message = "Specify the InstanceType whose system disks are listed.";
        return Err(call.error("Invalid.Param", 400, message));
    }
    let zones = region.zones.iter().enumerate().filter(|(place, _)| zone.is_none_or(|zone| zone == *place));
    let zones: Vec<Value> = zones
        .filter_map(|(_, name)| {
            let resources = resources(call, destination, name);
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
    let network = call.args.string("NetworkCategory").unwrap_or("vpc");
    if !network.eq_ignore_ascii_case("vpc") && !network.eq_ignore_ascii_case("classic") {
        return Err(call.error("Invalid.NetworkCategory", 404, format!("NetworkCategory cannot be {network:?}.")));
    }
    Ok(())
}

/// Returns the resources of a zone that match the request.
fn resources(call: &Call<'_>, destination: &str, zone: &str) -> Vec<Value> {
    let args = call.args;
    let classic = args.string("NetworkCategory").is_some_and(|network| network.eq_ignore_ascii_case("classic"));
    // The emulator sells only I/O optimized instances in VPCs.
    if args.string("IoOptimized") == Some("none") || classic || destination == "ddh" {
        return Vec::new();
    }
    let types: Vec<&InstanceType> = (call.catalog.instance_types().iter())
        .filter(|ty| wanted(call, ty) && call.stock(zone, ty) != Stock::None)
        .collect();
    if types.is_empty() {
        return Vec::new();
    }
    match destination {
        "Zone" => vec![resource(zone, Stock::Available)],
        "IoOptimized" => vec![resource("optimized", Stock::Available)],
        "Network" => vec![resource("vpc", Stock::Available)],
        "InstanceType" => types.iter().map(|ty| resource(&ty.id, call.stock(zone, ty))).collect(),
        disk => {
            let (name, least, most) =
                if disk == "SystemDisk" { ("SystemDiskCategory", 20, 2048) } else { ("DataDiskCategory", 20, 65_536) };
            let categories = disk_categories(&types).into_iter().filter(|category| call.matches(name, category));
            categories.map(|category| disk_resource(category, least, most)).collect()
        }
    }
}

fn wanted(call: &Call<'_>, ty: &InstanceType) -> bool {
    let args = call.args;
    let spot = args.string_or("SpotStrategy", "NoSpot") != "NoSpot";
    call.matches("InstanceType", &ty.id)
        && args.int("Cores").is_none_or(|cores| cores == i64::from(ty.cpu))
        && args.number("Memory").is_none_or(|memory| (memory - ty.memory).abs() < f64::EPSILON)
        && (!spot || ty.family.spot)
        && args.string("SystemDiskCategory").is_none_or(|category| ty.family.supports_disk(category))
        && args.string("DataDiskCategory").is_none_or(|category| ty.family.supports_disk(category))
}

/// Returns a resource with its availability.
pub(super) fn resource(value: &str, stock: Stock) -> Value {
    let (status, category) =
        if stock == Stock::Available { ("Available", "WithStock") } else { ("SoldOut", "WithoutStock") };
    json!({ "Value": value, "Status": status, "StatusCategory": category })
}

/// Returns a disk category with its size limits.
pub(super) fn disk_resource(category: &str, least: u32, most: u32) -> Value {
    let mut resource = resource(category, Stock::Available);
    resource["Min"] = least.into();
    resource["Max"] = most.into();
    resource["Unit"] = "GiB".into();
    resource
}

/// Returns a zone with its resources.
pub(super) fn zone_response(region: &Region, zone: &str, kind: &str, resources: &[Value]) -> Value {
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
