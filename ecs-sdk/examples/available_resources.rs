//! Finds out what can be bought where, before an instance is created. Five scenes:
//!
//! 1. the instance types that a region sells as subscription, by zone,
//! 2. those that it sells pay-as-you-go,
//! 3. those that it sells as preemptible instances,
//! 4. the zones that sell one type as subscription,
//! 5. the types that one zone sells as subscription in a VPC.
//!
//! ```text
//! cargo run -p ecs-sdk --example available_resources
//! cargo run -p ecs-sdk --example available_resources -- ecs.c7.large cn-hangzhou-h    # type of scene 4, zone of scene 5
//! ```
//!
//! Only reads. Needs nothing; with credentials and `ALIBABA_CLOUD_REGION_ID` it shows what your account can buy.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use ecs_sdk::{
    operation::describe_available_resource::DescribeAvailableResource,
    types::{DestinationResource, InstanceChargeType, IoOptimized, NetworkType, ResourceStatus, SpotStrategy},
};

mod support;

/// What zones sell.
type Stock = BTreeMap<String, BTreeSet<String>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    let region = client.config().region().context("the client has no region")?;
    let [wanted_type, wanted_zone] = [0, 1].map(|place| setup.arguments.get(place).map(String::as_str));
    // Subscription, pay-as-you-go and preemptible: three ways to ask, each the start of a scene.
    let subscription = client.describe_available_resource().instance_charge_type(InstanceChargeType::PrePaid);
    let by_the_hour = client.describe_available_resource().instance_charge_type(InstanceChargeType::PostPaid);
    let preemptible = by_the_hour.clone().spot_strategy(SpotStrategy::SpotWithPriceLimit);

    println!("1. Sold as subscription in {region}:");
    let stock = instance_types(subscription.clone()).await?;
    print(&stock);

    println!("\n2. Sold pay-as-you-go in {region}:");
    print(&instance_types(by_the_hour).await?);

    println!("\n3. Sold as preemptible instances in {region}:");
    print(&instance_types(preemptible).await?);

    let instance_type = wanted_type.unwrap_or("ecs.gn4.8xlarge");
    println!("\n4. Zones that sell {instance_type} as subscription:");
    let zones = instance_types(subscription.clone().instance_type(instance_type)).await?;
    if zones.is_empty() {
        println!("  none in {region}");
    }
    zones.keys().for_each(|zone| println!("  {zone}"));

    // The zone that was asked for, else the first one that sells anything.
    let zone = wanted_zone.or(stock.keys().next().map(String::as_str)).context("no zone sells anything")?;
    println!("\n5. Sold as subscription in {zone}, in a VPC:");
    let stock = instance_types(subscription.zone_id(zone).network_category(NetworkType::Vpc)).await?;
    stock.values().flatten().for_each(|instance_type| println!("  {instance_type}"));
    Ok(())
}

/// The instance types in stock that match a query, by zone. Instance types are asked for with a kind of I/O, so the
/// kinds that are sold are asked for first.
async fn instance_types(query: DescribeAvailableResource) -> ecs_sdk::Result<Stock> {
    let kinds = in_stock(query.clone().destination_resource(DestinationResource::IoOptimized)).await?;
    let kinds: BTreeSet<String> = kinds.into_values().flatten().collect();
    let mut stock = Stock::new();
    for kind in kinds {
        let types = query.clone().destination_resource(DestinationResource::InstanceType);
        for (zone, types) in in_stock(types.io_optimized(IoOptimized::from(kind))).await? {
            stock.entry(zone).or_default().extend(types);
        }
    }
    Ok(stock)
}

/// What a query finds in stock, by zone.
async fn in_stock(query: DescribeAvailableResource) -> ecs_sdk::Result<Stock> {
    let mut stock = Stock::new();
    for zone in query.send().await?.available_zones {
        let resources = zone.available_resources.into_iter().flat_map(|resource| resource.supported_resources);
        let available = resources.filter(|resource| resource.status == Some(ResourceStatus::Available));
        let values: BTreeSet<String> = available.map(|resource| resource.value).collect();
        if !values.is_empty() {
            stock.insert(zone.zone_id, values);
        }
    }
    Ok(stock)
}

fn print(stock: &Stock) {
    if stock.is_empty() {
        println!("  nothing");
    }
    for (zone, types) in stock {
        let first: Vec<&str> = types.iter().take(5).map(String::as_str).collect();
        println!("  {zone}: {} types: {} …", types.len(), first.join(" "));
    }
}
