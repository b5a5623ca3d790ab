//! DescribeRecommendInstanceType.

use serde_json::{Value, json};

use super::stock::has_size;
use crate::{
    call::Call,
    catalog::{InstanceType, Region, Stock},
    error::Result,
    handlers::Entry,
};

pub(super) const HANDLERS: &[Entry] = &[("ecs", "DescribeRecommendInstanceType", describe_recommend_instance_type)];

fn describe_recommend_instance_type(call: &mut Call<'_>) -> Result<Value> {
    let call = &*call;
    let region = call.region()?;
    check_values(call)?;
    let zones = zones(call, region)?;
    let wanted = Wanted::read(call)?;
    let mut found: Vec<(&InstanceType, Vec<&str>)> = Vec::new();
    let mut sold_out = false;
    for ty in call.catalog.instance_types().iter().filter(|ty| wanted.matches(call, ty)) {
        let stock = |zone: &&str| call.stock(zone, ty) == Stock::Available;
        let own: Vec<&str> = zones.iter().copied().filter(stock).collect();
        sold_out |= own.is_empty();
        if !own.is_empty() {
            found.push((ty, own));
        }
    }
    if found.is_empty() {
        let (code, reason) = match sold_out {
            true => ("RecommendEmpty.InstanceTypeSoldOut", "All instance types that match are sold out."),
            false => ("RecommendEmpty.InstanceTypeNotMatched", "No instance type matches the request."),
        };
        return Err(call.error(code, 400, reason));
    }
    found.retain(|(ty, zones)| affordable(call, ty, zones));
    if found.is_empty() {
        let message = "No instance type that matches costs at most MaxPrice.";
        return Err(call.error("RecommendEmpty.PriceNotSatisfied", 400, message));
    }
    rank(call, &mut found);
    let found = (1..).zip(&found).map(|(priority, (ty, zones))| write(call, region, priority, ty, zones));
    Ok(json!({ "Data": { "RecommendInstanceType": found.collect::<Vec<_>>() } }))
}

fn check_values(call: &Call<'_>) -> Result<()> {
    call.one_of("NetworkType", &["vpc", "classic"], 400, "InvalidNetworkType.ValueNotSupported")?;
    call.one_of("InstanceChargeType", &["PrePaid", "PostPaid"], 400, "InvalidInstanceChargeType.NotFound")?;
    let strategies = ["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"];
    call.one_of("SpotStrategy", &strategies, 400, "InvalidSpotStrategy.ValueNotSupported")?;
    let levels = ["EntryLevel", "EnterpriseLevel", "CreditEntryLevel"];
    call.one_of("InstanceFamilyLevel", &levels, 400, "InvalidInstanceFamilyLevel.NotSupported")?;
    call.one_of("IoOptimized", &["optimized", "none"], 400, "InvalidIoOptimized.NotFound")?;
    let strategies = ["InventoryFirst", "PriceFirst", "NewProductFirst"];
    call.one_of("PriorityStrategy", &strategies, 400, "InvalidPriorityStrategy.ValueNotSupported")?;
    call.one_of("Scene", &["CREATE", "UPGRADE"], 400, "InvalidScene.ValueNotSupported")?;
    let disk = call.args.string("SystemDiskCategory");
    if let Some(disk) = disk.filter(|disk| call.catalog.disk_category(disk).is_none()) {
        return Err(call.error(
            "InvalidDiskCategory.NotFound",
            400,
            format!("There are no disks of category {disk:?}."),
        ));
    }
    if call.args.number("MaxPrice").is_some_and(|price| price <= 0.0) {
        return Err(call.error("InvalidMaxPrice.NotSupported", 400, "MaxPrice must be more than 0."));
    }
    Ok(())
}

/// Returns the zones to recommend types from.
fn zones<'c>(call: &Call<'_>, region: &'c Region) -> Result<Vec<&'c str>> {
    let all = region.zones.iter().map(String::as_str);
    let Some(zone) = call.args.string("ZoneId") else { return Ok(all.collect()) };
    if !region.has_zone(zone) {
        let message = format!("The region {} has no zone {zone:?}.", region.id);
        return Err(call.error("InvalidZoneId.ValueNotSupported", 400, message));
    }
    let include = call.args.string("ZoneMatchMode") == Some("Include");
    Ok(all.filter(|own| include || *own == zone).collect())
}

/// The type, or the size, for which types are recommended.
struct Wanted<'c> {
    instead_of: Option<&'c InstanceType>,
    cores: Option<i64>,
    memory: Option<f64>,
}

impl<'c> Wanted<'c> {
    fn read(call: &Call<'c>) -> Result<Self> {
        let (cores, memory) = (call.args.int("Cores"), call.args.number("Memory"));
        for family in call.args.strings("InstanceTypeFamily").unwrap_or_default() {
            if !call.catalog.families().iter().any(|known| known.name == family) {
                let message = format!("The instance family {family:?} does not exist.");
                return Err(call.error("InvalidInstanceTypeFamily.NotFound", 400, message));
            }
        }
        let Some(id) = call.args.string("InstanceType") else {
            if cores.is_none_or(|cores| cores <= 0) || memory.is_none_or(|memory| memory <= 0.0) {
                let message = "Specify InstanceType, or both Cores and Memory, as numbers above 0.";
                return Err(call.error("InvalidCoreAndMemory.ValueNotSupported", 400, message));
            }
            return Ok(Wanted { instead_of: None, cores, memory });
        };
        if cores.is_some() || memory.is_some() {
            let message = "Specify either InstanceType, or Cores and Memory.";
            return Err(call.error("InvalidParam.TypeAndCpuMem.Conflict", 400, message));
        }
        let Some(ty) = call.catalog.instance_type(id) else {
            let message = format!("The instance type {id:?} does not exist; DescribeInstanceTypes lists the types.");
            return Err(call.error("InvalidInstanceType.NotSupported", 400, message));
        };
        Ok(Wanted { instead_of: Some(ty), cores: Some(i64::from(ty.cpu)), memory: Some(ty.memory) })
    }

    fn matches(&self, call: &Call<'_>, ty: &InstanceType) -> bool {
        let spot = call.args.string_or("SpotStrategy", "NoSpot") != "NoSpot";
        let alike = self.instead_of.is_none_or(|old| {
            old.id != ty.id && old.family.architecture == ty.family.architecture && old.gpu().0 == ty.gpu().0
        });
        alike
            && has_size(ty, self.cores, self.memory)
            && call.listed("InstanceTypeFamily", &ty.family.name)
            && call.matches("InstanceFamilyLevel", &ty.family.level)
            && call.matches("IoOptimized", "optimized")
            && call.args.string("SystemDiskCategory").is_none_or(|disk| ty.family.supports_disk(disk))
            && (!spot || ty.family.spot)
    }
}

fn price(call: &Call<'_>, ty: &InstanceType, zone: &str) -> f64 {
    match call.args.string_or("SpotStrategy", "NoSpot") {
        "NoSpot" => call.catalog.hourly(call.market, zone, ty),
        _ => call.spot_price(zone, ty),
    }
}

fn affordable(call: &Call<'_>, ty: &InstanceType, zones: &[&str]) -> bool {
    let limit = call.args.number("MaxPrice");
    limit.is_none_or(|limit| zones.iter().any(|zone| price(call, ty, zone) <= limit))
}

/// Orders the types by what is to come first.
fn rank(call: &Call<'_>, found: &mut [(&InstanceType, Vec<&str>)]) {
    match call.args.string_or("PriorityStrategy", "InventoryFirst") {
        "PriceFirst" => {
            let per_cpu = |(ty, zones): &(&InstanceType, Vec<&str>)| {
                let prices = zones.iter().map(|zone| price(call, ty, zone));
                prices.fold(f64::INFINITY, f64::min) / f64::from(ty.cpu)
            };
            found.sort_by(|a, b| per_cpu(a).total_cmp(&per_cpu(b)));
        }
        "NewProductFirst" => found.sort_by(|(a, _), (b, _)| b.family.generation.cmp(&a.family.generation)),
        _ => found.sort_by_key(|(_, zones)| std::cmp::Reverse(zones.len())),
    }
}

fn write(call: &Call<'_>, region: &Region, priority: i64, ty: &InstanceType, zones: &[&str]) -> Value {
    let network = call.args.string_or("NetworkType", "vpc");
    let zone = |zone: &&str| json!({ "ZoneNo": zone, "NetworkTypes": { "NetworkType": [network] } });
    json!({
        "RegionId": region.id,
        "ZoneId": zones.first(),
        "Zones": { "zone": zones.iter().map(zone).collect::<Vec<_>>() },
        "CommodityCode": "ecs",
        "Scene": call.args.string_or("Scene", "CREATE"),
        "InstanceChargeType": call.args.string_or("InstanceChargeType", "PostPaid"),
        "SpotStrategy": call.args.string_or("SpotStrategy", "NoSpot"),
        "NetworkType": network,
        "Priority": priority,
        "InstanceType": {
            "InstanceType": ty.id,
            "InstanceTypeFamily": ty.family.name,
            "Generation": ty.family.generation,
            "Cores": ty.cpu,
            "Memory": ty.mebibytes(),
            "SupportIoOptimized": "optimized",
        },
    })
}
