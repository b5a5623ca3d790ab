//! Availability of resources by zone, and the price history of spot instances.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::Entry;
use crate::{
    call::Call,
    catalog::{
        prices,
        regions::Region,
        types::{InstanceType, Stock},
    },
    clock,
    error::Result,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeAvailableResource", describe_available_resource),
    ("ecs", "DescribeSpotPriceHistory", describe_spot_price_history),
];

/// Number of prices per page of the price history.
const PRICES_PER_PAGE: usize = 20;

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
        .filter_map(|(place, name)| {
            let resources = resources(call, destination, place, name);
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
fn resources(call: &Call<'_>, destination: &str, place: usize, zone: &str) -> Vec<Value> {
    let args = call.args;
    let classic = args.string("NetworkCategory").is_some_and(|network| network.eq_ignore_ascii_case("classic"));
    // The emulator sells only I/O optimized instances in VPCs.
    if args.string("IoOptimized") == Some("none") || classic || destination == "ddh" {
        return Vec::new();
    }
    let types: Vec<&InstanceType> =
        call.catalog.instance_types().iter().filter(|ty| wanted(call, ty) && ty.stock(place) != Stock::None).collect();
    if types.is_empty() {
        return Vec::new();
    }
    match destination {
        "Zone" => vec![resource(zone, Stock::Available)],
        "IoOptimized" => vec![resource("optimized", Stock::Available)],
        "Network" => vec![resource("vpc", Stock::Available)],
        "InstanceType" => types.iter().map(|ty| resource(ty.id, ty.stock(place))).collect(),
        disk => {
            let (name, least, most) =
                if disk == "SystemDisk" { ("SystemDiskCategory", 20, 2048) } else { ("DataDiskCategory", 20, 65_536) };
            let mut categories: Vec<&str> = Vec::new();
            for category in types.iter().flat_map(|ty| ty.family.disks) {
                if !categories.contains(category) && call.matches(name, category) {
                    categories.push(category);
                }
            }
            categories.into_iter().map(|category| disk_resource(category, least, most)).collect()
        }
    }
}

fn wanted(call: &Call<'_>, ty: &InstanceType) -> bool {
    let args = call.args;
    let spot = args.string_or("SpotStrategy", "NoSpot") != "NoSpot";
    call.matches("InstanceType", ty.id)
        && args.int("Cores").is_none_or(|cores| cores == i64::from(ty.cpu))
        && args.number("Memory").is_none_or(|memory| (memory - ty.memory).abs() < f64::EPSILON)
        && (!spot || ty.family.spot)
        && args.string("SystemDiskCategory").is_none_or(|category| ty.family.disks.contains(&category))
        && args.string("DataDiskCategory").is_none_or(|category| ty.family.disks.contains(&category))
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

fn describe_spot_price_history(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let zone = call.zone(region)?;
    let args = call.args;
    let id = args.string_or("InstanceType", "");
    let Some(ty) = call.catalog.instance_type(id) else {
        let message = format!("The instance type {id:?} does not exist.");
        return Err(call.error("InvalidInstanceType.ValueNotSupported", 400, message));
    };
    call.one_of("NetworkType", &["vpc", "classic"], 400, "InvalidParams.NetworkType")?;
    call.one_of("OSType", &["linux", "windows"], 400, "InvalidParams.OSType")?;
    call.one_of("IoOptimized", &["optimized", "none"], 400, "InvalidParams.IoOptimized")?;
    let end = time(call, "EndTime", "InvalidParams.EndTime")?.unwrap_or(call.now).min(call.now);
    let start = time(call, "StartTime", "InvalidParams.StartTime")?.unwrap_or(end - Duration::hours(3));
    if start > end || end - start > Duration::days(30) {
        let message = "StartTime must be before EndTime, by at most 30 days.";
        return Err(call.error("InvalidParams.StartTime", 400, message));
    }
    let Ok(offset) = usize::try_from(args.int("Offset").unwrap_or(0)) else {
        return Err(call.error("InvalidParams.Offset", 400, "Offset cannot be less than 0."));
    };
    let hours = (start.unix_timestamp() + 3599) / 3600..=end.unix_timestamp() / 3600;
    let zones: Vec<&String> = (region.zones.iter().enumerate())
        .filter(|(place, _)| {
            zone.is_none_or(|zone| zone == *place) && ty.stock(*place) != Stock::None && ty.family.spot
        })
        .map(|(_, name)| name)
        .collect();
    let total = hours.clone().count() * zones.len();
    let points = hours.flat_map(|hour| zones.iter().map(move |zone| (hour, zone)));
    let prices: Vec<Value> = points
        .skip(offset)
        .take(PRICES_PER_PAGE)
        .map(|(hour, zone)| {
            let at = OffsetDateTime::from_unix_timestamp(hour * 3600).unwrap_or(start);
            json!({
                "InstanceType": ty.id,
                "ZoneId": zone,
                "IoOptimized": "optimized",
                "NetworkType": args.string_or("NetworkType", "vpc"),
                "SpotPrice": prices::spot(ty, zone, hour),
                "OriginPrice": ty.hourly,
                "Timestamp": clock::seconds(at),
            })
        })
        .collect();
    let next = offset + PRICES_PER_PAGE;
    Ok(json!({
        "Currency": prices::currency(&region.id),
        "NextOffset": if next < total { next } else { 0 },
        "SpotPrices": { "SpotPriceType": prices },
    }))
}

fn time(call: &Call<'_>, name: &str, code: &str) -> Result<Option<OffsetDateTime>> {
    let Some(text) = call.args.string(name) else { return Ok(None) };
    clock::parse_seconds(text).map(Some).ok_or_else(|| {
        let message = format!("{name} {text:?} is not a time in the format yyyy-MM-ddTHH:mm:ssZ.");
        call.error(code, 400, message)
    })
}
