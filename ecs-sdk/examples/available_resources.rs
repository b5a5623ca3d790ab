//! Finds out which instance types are available, before an instance is created:
//!
//! 1. the instance types available as subscriptions in a region, by zone,
//! 2. those available as pay-as-you-go instances,
//! 3. those available as spot instances,
//! 4. the zones in which an instance type is available as a subscription,
//! 5. the instance types available as subscriptions in a VPC in one zone.
//!
//! ```text
//! cargo run -p ecs-sdk --example available_resources
//! cargo run -p ecs-sdk --example available_resources -- ecs.c7.large cn-hangzhou-h    # instance type of part 4, zone of part 5
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator. With credentials and
//! `ALIBABA_CLOUD_REGION_ID`, it shows what is available to your account.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use ecs_sdk::{
    operation::describe_available_resource::DescribeAvailableResource,
    types::{DestinationResource, InstanceChargeType, IoOptimized, NetworkType, ResourceStatus, SpotStrategy},
};

mod support;

/// Available values by zone.
type Stock = BTreeMap<String, BTreeSet<String>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    let region = client.config().region().context("the client has no region")?;
    let [wanted_type, wanted_zone] = [0, 1].map(|place| setup.arguments.get(place).map(String::as_str));
    // The requests for subscriptions, pay-as-you-go instances and spot instances, which the parts below extend.
    let subscription = client.describe_available_resource().instance_charge_type(InstanceChargeType::PrePaid);
    let pay_as_you_go = client.describe_available_resource().instance_charge_type(InstanceChargeType::PostPaid);
    let spot = pay_as_you_go.clone().spot_strategy(SpotStrategy::SpotWithPriceLimit);

    println!("1. Available as subscriptions in {region}:");
    let stock = instance_types(subscription.clone()).await?;
    print(&stock);

    println!("\n2. Available as pay-as-you-go instances in {region}:");
    print(&instance_types(pay_as_you_go).await?);

    println!("\n3. Available as spot instances in {region}:");
    print(&instance_types(spot).await?);

    let instance_type = wanted_type.unwrap_or("ecs.gn4.8xlarge");
    println!("\n4. Zones in which {instance_type} is available as a subscription:");
    let zones = instance_types(subscription.clone().instance_type(instance_type)).await?;
    if zones.is_empty() {
        println!("  none in {region}");
    }
    zones.keys().for_each(|zone| println!("  {zone}"));

    // The given zone, or the first one with available instance types.
    let zone =
        wanted_zone.or(stock.keys().next().map(String::as_str)).context("no zone has available instance types")?;
    println!("\n5. Available as subscriptions in a VPC in {zone}:");
    let stock = instance_types(subscription.zone_id(zone).network_category(NetworkType::Vpc)).await?;
    stock.values().flatten().for_each(|instance_type| println!("  {instance_type}"));
    Ok(())
}

/// Returns the available instance types that match a request, by zone. A request for instance types must specify
/// whether they are I/O optimized, so the available values are requested first.
async fn instance_types(request: DescribeAvailableResource) -> ecs_sdk::Result<Stock> {
    let kinds = available(request.clone().destination_resource(DestinationResource::IoOptimized)).await?;
    let kinds: BTreeSet<String> = kinds.into_values().flatten().collect();
    let mut stock = Stock::new();
    for kind in kinds {
        let types = request.clone().destination_resource(DestinationResource::InstanceType);
        for (zone, types) in available(types.io_optimized(IoOptimized::from(kind))).await? {
            stock.entry(zone).or_default().extend(types);
        }
    }
    Ok(stock)
}

/// Returns the available values that match a request, by zone.
async fn available(request: DescribeAvailableResource) -> ecs_sdk::Result<Stock> {
    let mut stock = Stock::new();
    for zone in request.send().await?.available_zones {
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
        println!("  none");
    }
    for (zone, types) in stock {
        let first: Vec<&str> = types.iter().take(5).map(String::as_str).collect();
        println!("  {zone}: {} instance types: {} …", types.len(), first.join(" "));
    }
}
