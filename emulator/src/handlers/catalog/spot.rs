//! Prices of spot instances.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::stock::has_size;
use crate::{
    call::Call,
    catalog::{InstanceType, Stock, market},
    clock,
    error::Result,
    handlers::Entry,
    ids,
};

pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeSpotAdvice", describe_spot_advice),
    ("ecs", "DescribeSpotPriceHistory", describe_spot_price_history),
];

/// Hours over which advice is averaged: 30 days, as in the service.
const ADVICE_HOURS: i64 = 720;

/// Distance of the hours whose prices make the average: five of them, because prices swing evenly and the list is long.
const ADVICE_STEP: usize = 149;

/// Number of prices per page of the price history.
const PRICES_PER_PAGE: usize = 20;

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
        .filter(|(place, _)| zone.is_none_or(|zone| zone == *place) && ty.family.spot)
        .map(|(_, name)| name)
        .filter(|name| call.stock(name, ty) != Stock::None)
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
                "SpotPrice": call.catalog.spot(call.market, zone, ty, hour),
                "OriginPrice": call.catalog.hourly(call.market, zone, ty),
                "Timestamp": clock::seconds(at),
            })
        })
        .collect();
    let next = offset + PRICES_PER_PAGE;
    Ok(json!({
        "Currency": call.catalog.currency(&region.id),
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

fn describe_spot_advice(call: &mut Call<'_>) -> Result<Value> {
    let call = &*call;
    let region = call.region()?;
    let zone = call.zone(region)?;
    check_sizes(call)?;
    let types: Vec<&InstanceType> = call.catalog.instance_types().iter().filter(|ty| wanted(call, ty)).collect();
    let zones = region.zones.iter().enumerate().filter(|(place, _)| zone.is_none_or(|zone| zone == *place));
    let zones = zones.filter_map(|(_, zone)| {
        let sold = types.iter().filter(|ty| call.stock(zone, ty) == Stock::Available);
        let resources: Vec<Value> = sold.map(|ty| advice(call, zone, ty)).collect();
        let resources = (!resources.is_empty()).then_some(resources)?;
        Some(json!({ "ZoneId": zone, "AvailableSpotResources": { "AvailableSpotResource": resources } }))
    });
    let zones: Vec<Value> = zones.collect();
    Ok(json!({ "RegionId": region.id, "AvailableSpotZones": { "AvailableSpotZone": zones } }))
}

fn check_sizes(call: &Call<'_>) -> Result<()> {
    for name in ["Cores", "MinCores"] {
        if call.args.int(name).is_some_and(|cores| cores <= 0) {
            return Err(call.error("InvalidParam.Cores", 403, format!("{name} must be at least 1.")));
        }
    }
    for name in ["Memory", "MinMemory"] {
        if call.args.number(name).is_some_and(|memory| memory <= 0.0) {
            return Err(call.error("InvalidParam.Memory", 403, format!("{name} must be more than 0 GiB.")));
        }
    }
    let sized = ["Cores", "Memory", "MinCores", "MinMemory"].iter().any(|name| call.args.get(name).is_some());
    if sized && call.args.get("InstanceTypes").is_some() {
        let message = "Specify either InstanceTypes, or the number of vCPUs and the amount of memory.";
        return Err(call.error("InvalidParam.TypeAndCpuMem.Conflict", 403, message));
    }
    Ok(())
}

fn wanted(call: &Call<'_>, ty: &InstanceType) -> bool {
    let args = call.args;
    let (gpus, gpu) = ty.gpu();
    ty.family.spot
        && has_size(ty, args.int("Cores"), args.number("Memory"))
        && args.int("MinCores").is_none_or(|least| i64::from(ty.cpu) >= least)
        && args.number("MinMemory").is_none_or(|least| ty.memory >= least)
        && args.int("GpuAmount").is_none_or(|amount| i64::from(gpus) == amount)
        && call.matches("GpuSpec", gpu)
        && call.matches("InstanceFamilyLevel", &ty.family.level)
        && call.matches("InstanceTypeFamily", &ty.family.name)
        && call.listed("InstanceTypes", &ty.id)
}

/// Returns the average price and the interruption rate of a type in a zone over the last 30 days.
fn advice(call: &Call<'_>, zone: &str, ty: &InstanceType) -> Value {
    let now = call.now.unix_timestamp() / 3600;
    let hours = (now - ADVICE_HOURS..now).step_by(ADVICE_STEP);
    let count = hours.clone().count() as f64;
    let average = hours.map(|hour| market::spot_share(zone, &ty.id, hour)).sum::<f64>() / count;
    // Made up: most types are rarely interrupted.
    let rate = (ids::hash(&format!("rate {} {zone}", ty.id)) % 60) as f64 / 10.0;
    let range = match rate {
        rate if rate < 3.0 => "0-3%",
        rate if rate < 5.0 => "3-5%",
        _ => "5-10%",
    };
    json!({
        "InstanceType": ty.id,
        "AverageSpotDiscount": (average * 100.0).round() as i64,
        "InterruptionRate": rate,
        "InterruptRateDesc": range,
    })
}
