//! Works with preemptible instances, which cost a fraction of the full price and can be taken back by the service:
//!
//! 1. asks where a type is sold so,
//! 2. reads the price history, across all offsets,
//! 3. creates an instance with a limit of its price,
//! 4. watches three places that tell when it is taken back: its locks, the system events of CloudMonitor, and the
//!    metadata server inside of it.
//!
//! ```text
//! cargo run -p ecs-sdk --example spot_instance
//! cargo run -p ecs-sdk --example spot_instance -- --yes    # creates the instance on your account
//! ```
//!
//! Needs no account; the local ECS takes the instance back when told to. On an account, it stops before step 3 unless
//! `--yes` is given, watches for a quarter of a minute and releases the instance.

use std::time::Duration;

use anyhow::Context;
use ecs_sdk::{
    Client,
    operation::{create_instance::SystemDisk, describe_spot_price_history::SpotPrice},
    types::{
        DestinationResource, DiskCategory, InstanceChargeType, IoOptimized, LockReason, NetworkType, ResourceStatus,
        SpotStrategy,
    },
};
use futures_util::TryStreamExt;

mod support;

const INSTANCE_TYPE: &str = "ecs.g5.large";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;

    println!("1. Zones with {INSTANCE_TYPE} in stock as preemptible instance");
    let zones = zones(client).await?;
    println!("   {}", zones.join(" "));
    let network = setup.network(&zones).await?;

    println!("\n2. Its price in {} during the last three days", network.zone_id);
    let price = highest_price(client, &network.zone_id).await?;

    println!("\n3. An instance for at most a tenth more than that");
    if !setup.may("creating a preemptible instance") {
        return Ok(());
    }
    let limit = ((price * 1.1 * 1000.0).round() / 1000.0) as f32; // three decimals are allowed
    let id = create(client, &network, limit).await?;
    let end = watch(&setup, &id).await;
    setup.release(&[id]).await?;
    end
}

/// Starts an instance and looks whether it is taken back.
async fn watch(setup: &support::Setup, id: &str) -> anyhow::Result<()> {
    let client = &setup.ecs;
    client.wait_until_instance_stopped().instance_ids([id]).wait(Duration::from_secs(300)).await?;
    client.start_instance().instance_id(id).send().await?;
    client.wait_until_instance_running().instance_ids([id]).wait(Duration::from_secs(300)).await?;
    println!("   it runs");

    println!("\n4. Is it taken back?");
    let rounds = if let Some(emulator) = setup.emulator() {
        emulator.set_metadata_instance(id);
        20
    } else {
        3
    };
    // Every few minutes is enough in earnest: there is a warning five minutes ahead.
    let mut pause =
        tokio::time::interval(if setup.is_local() { Duration::from_millis(250) } else { Duration::from_secs(5) });
    for round in 1..=rounds {
        pause.tick().await;
        if is_locked(client, id).await? {
            break;
        }
        if round == 2
            && let Some(emulator) = setup.emulator()
        {
            println!("   (the local ECS is told to take it back)");
            emulator.recycle(id);
        }
    }
    system_events(&setup.cms, id).await?;
    // Only a program that runs on the instance can ask its metadata server, and the answer is about that instance.
    match setup.metadata()?.spot_termination_time().await {
        Ok(Some(time)) => println!("   metadata server: ends at {time}"),
        Ok(None) => println!("   metadata server: no end in sight"),
        Err(error) => println!("   metadata server: can't be asked from here ({error})"),
    }
    Ok(())
}

async fn zones(client: &Client) -> anyhow::Result<Vec<String>> {
    let stock = client
        .describe_available_resource()
        .destination_resource(DestinationResource::InstanceType)
        .instance_charge_type(InstanceChargeType::PostPaid) // as all preemptible instances are
        .spot_strategy(SpotStrategy::SpotAsPriceGo)
        .instance_type(INSTANCE_TYPE)
        .io_optimized(IoOptimized::Optimized)
        .system_disk_category(DiskCategory::CloudEssd)
        .network_category(NetworkType::Vpc)
        .send()
        .await?;
    let available = stock.available_zones.into_iter().filter(|zone| zone.status == Some(ResourceStatus::Available));
    Ok(available.map(|zone| zone.zone_id).collect())
}

/// Prints the price history and answers with its highest price.
async fn highest_price(client: &Client, zone: &str) -> anyhow::Result<f64> {
    // The service hands the history out in parts; `items` asks for one after the other.
    let history: Vec<SpotPrice> = client
        .describe_spot_price_history()
        .instance_type(INSTANCE_TYPE)
        .network_type(NetworkType::Vpc)
        .zone_id(zone)
        .start_time(support::seconds_from_now(-3 * 24 * 3600)?) // 30 days at most
        .items()
        .try_collect()
        .await?;
    let prices: Vec<f64> = history.iter().filter_map(|point| point.spot_price).collect();
    let highest = prices.iter().copied().reduce(f64::max).context("there is no price in the history")?;
    let lowest = prices.iter().copied().fold(highest, f64::min);
    let full = history.iter().rev().find_map(|point| point.origin_price).unwrap_or_default();
    println!("   {} prices from {lowest} to {highest}; the full price is {full}. The latest:", history.len());
    for point in history.iter().rev().take(3) {
        println!("   {}  {}", support::shown(point.timestamp.as_ref()), point.spot_price.unwrap_or_default());
    }
    Ok(highest)
}

async fn create(client: &Client, network: &support::Network, limit: f32) -> anyhow::Result<String> {
    let image = client.describe_images().image_family(support::IMAGE_FAMILY).items().try_next().await?;
    let created = client
        .create_instance()
        .zone_id(&network.zone_id)
        .vswitch_id(&network.vswitch_id)
        .security_group_id(&network.security_group_id)
        .image_id(image.context("the image family is empty")?.image_id)
        .instance_type(INSTANCE_TYPE)
        .instance_name("ecs-sdk-example")
        .system_disk(SystemDisk::new().category(DiskCategory::CloudEssd).size(40))
        .instance_charge_type(InstanceChargeType::PostPaid)
        .spot_strategy(SpotStrategy::SpotWithPriceLimit)
        .spot_price_limit(limit)
        .send()
        .await?;
    let id = created.instance_id;
    println!("   {id} is created; it costs {} an hour, {limit} at most", created.trade_price.unwrap_or_default());
    Ok(id)
}

/// Looks at the locks of an instance; `Recycling` says that it is about to be taken back.
async fn is_locked(client: &Client, id: &str) -> anyhow::Result<bool> {
    let Some(instance) = client.describe_instances().instance_ids([id]).items().try_next().await? else {
        println!("   DescribeInstances: {id} is gone");
        return Ok(true);
    };
    let reasons: Vec<&LockReason> =
        instance.operation_locks.iter().filter_map(|lock| lock.lock_reason.as_ref()).collect();
    println!("   DescribeInstances: {}, locks {reasons:?}", support::shown(instance.status.as_ref()));
    Ok(reasons.contains(&&LockReason::Recycling))
}

async fn system_events(client: &ecs_sdk::cms::Client, id: &str) -> anyhow::Result<()> {
    let mut events = client
        .describe_system_event_attribute()
        .product("ECS")
        .name("Instance:PreemptibleInstanceInterruption")
        .search_keywords(id)
        .items();
    let mut count = 0;
    while let Some(event) = events.try_next().await? {
        println!(
            "   CloudMonitor: {} ({}): {}",
            event.name,
            event.level.map_or_else(String::new, |level| level.to_string()),
            event.content
        );
        count += 1;
    }
    if count == 0 {
        println!("   CloudMonitor: no event tells that it is");
    }
    Ok(())
}
