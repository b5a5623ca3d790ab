//! Prices of spot instances.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::Entry;
use crate::{call::Call, catalog::Stock, clock, error::Result};

pub(super) const HANDLERS: &[Entry] = &[("ecs", "DescribeSpotPriceHistory", describe_spot_price_history)];

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
