//! Finds the zones of a region in which instance types of a size are in stock, with their hourly prices as
//! pay-as-you-go and as spot instances, the cheapest first.
//!
//! ```text
//! cargo run -p ecs-sdk --example stock_finder             # 2 vCPUs and 8 GiB
//! cargo run -p ecs-sdk --example stock_finder -- 8 32
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator with a catalog of instance types.

use std::collections::BTreeMap;

use anyhow::Context as _;
use ecs_sdk::{
    Client,
    operation::describe_price::SystemDisk,
    types::{
        DestinationResource, DiskCategory, InstanceChargeType, IoOptimized, NetworkType, PriceUnit, ResourceStatus,
    },
};
use futures_util::{StreamExt, TryStreamExt, stream};

mod support;

/// Number of concurrent price queries. Higher numbers are faster but increase the risk of throttling.
const CONCURRENT: usize = 4;

/// An offer of an instance type.
struct Offer {
    kind: String,
    zones: Vec<String>,
    /// Price of an hour with a system disk of 40 GiB.
    price: f64,
    /// The lowest current price of a spot instance, and its zone. It does not include the disk.
    spot: Option<(f64, String)>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let number = |index: usize, default: i32| {
        setup.arguments.get(index).map_or(Ok(default), |text| text.parse()).context("expected vCPUs and GiB as numbers")
    };
    let (cores, memory) = (number(0, 2)?, number(1, 8)?);

    let stock = stock(&setup.ecs, cores, memory).await?;
    println!("{} instance types with {cores} vCPUs and {memory} GiB are in stock.", stock.len());
    let mut offers: Vec<Offer> = stream::iter(stock)
        .map(|(kind, zones)| offer(&setup.ecs, kind, zones))
        .buffer_unordered(CONCURRENT)
        // An instance type without a price cannot be bought at the moment.
        .try_filter_map(|offer| std::future::ready(Ok(offer)))
        .try_collect()
        .await?;
    offers.sort_by(|a, b| a.price.total_cmp(&b.price));
    println!("{:24} {:>8} {:>24}   zones", "instance type", "an hour", "as a spot instance");
    for Offer { kind, zones, price, spot } in offers.iter().take(10) {
        let spot = spot.as_ref().map_or_else(String::new, |(price, zone)| format!("{price:.3} ({zone})"));
        println!("{kind:24} {price:8.3} {spot:>24}   {}", zones.join(" "));
    }
    Ok(())
}

/// The instance types of a size, with the zones in which they are in stock.
async fn stock(client: &Client, cores: i32, memory: i32) -> ecs_sdk::Result<BTreeMap<String, Vec<String>>> {
    let zones = client
        .describe_available_resource()
        .destination_resource(DestinationResource::InstanceType)
        .instance_charge_type(InstanceChargeType::PostPaid)
        .io_optimized(IoOptimized::Optimized)
        .network_category(NetworkType::Vpc)
        .system_disk_category(DiskCategory::CloudEssd)
        .cores(cores)
        .memory(memory as f32)
        .send()
        .await?
        .available_zones;
    let mut stock: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for zone in zones {
        let resources = zone.available_resources.into_iter().flat_map(|resource| resource.supported_resources);
        for kind in resources.filter(|kind| kind.status == Some(ResourceStatus::Available)) {
            stock.entry(kind.value).or_default().push(zone.zone_id.clone());
        }
    }
    Ok(stock)
}

/// The prices of an instance type, or `None` if it has none.
async fn offer(client: &Client, kind: String, zones: Vec<String>) -> ecs_sdk::Result<Option<Offer>> {
    let disk = SystemDisk::new().category(DiskCategory::CloudEssd).size(40);
    let price = client.describe_price().instance_type(&kind).price_unit(PriceUnit::Hour).system_disk(disk).send().await;
    let price = match price {
        Ok(response) => response.price_info.price.trade_price,
        Err(error) if error.is_out_of_stock() || error.code() == Some("PriceNotFound") => None,
        Err(error) => return Err(error),
    };
    let Some(price) = price else { return Ok(None) };
    Ok(Some(Offer { spot: spot(client, &kind, &zones).await?, kind, zones, price }))
}

/// The lowest current price of a spot instance, and its zone.
async fn spot(client: &Client, kind: &str, zones: &[String]) -> ecs_sdk::Result<Option<(f64, String)>> {
    let mut latest = BTreeMap::new();
    let mut history = client.describe_spot_price_history().instance_type(kind).network_type(NetworkType::Vpc).items();
    // Each zone has prices of its own; later ones replace earlier ones.
    while let Some(point) = history.try_next().await? {
        if let Some(price) = point.spot_price.filter(|_| zones.contains(&point.zone_id)) {
            latest.insert(point.zone_id, price);
        }
    }
    Ok(latest.into_iter().map(|(zone, price)| (price, zone)).min_by(|(a, _), (b, _)| a.total_cmp(b)))
}
