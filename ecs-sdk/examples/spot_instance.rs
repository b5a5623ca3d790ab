//! Uses spot instances, which cost a fraction of the full price and can be reclaimed by the service:
//!
//! 1. finds the zones in which an instance type is available as a spot instance,
//! 2. reads the price history, with all its pages,
//! 3. creates an instance with a price limit,
//! 4. checks the three places that announce a reclaim: the locks of the instance, the system events of CloudMonitor,
//!    and the metadata service of the instance.
//!
//! ```text
//! cargo run -p ecs-sdk --example spot_instance
//! cargo run -p ecs-sdk --example spot_instance -- --yes    # creates the instance on your account
//! ```
//!
//! Without credentials, this example runs on an emulator, which reclaims the instance. On your account, it stops before
//! step 3 unless you pass `--yes`. Then it watches the instance for 15 seconds and releases it.

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

mod support;

const INSTANCE_TYPE: &str = "ecs.g5.large";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;

    println!("1. Zones in which {INSTANCE_TYPE} is available as a spot instance");
    let zones = zones(client).await?;
    println!("   {}", zones.join(" "));
    let network = setup.network(&zones).await?;

    println!("\n2. Prices in {} during the last three days", network.zone_id);
    let price = highest_price(client, &network.zone_id).await?;

    println!("\n3. An instance with a limit of 10% above the highest price");
    if !setup.may("create a spot instance") {
        return Ok(());
    }
    let limit = ((price * 1.1 * 1000.0).round() / 1000.0) as f32; // the service accepts up to three decimal places
    let id = create(client, &network, limit).await?;
    let result = watch(&setup, &id).await;
    setup.release(&[id]).await?;
    result
}

/// Starts an instance and watches whether it is reclaimed.
async fn watch(setup: &support::Setup, id: &str) -> anyhow::Result<()> {
    let client = &setup.ecs;
    client.wait_until_instance_stopped().instance_ids([id]).wait(Duration::from_secs(300)).await?;
    client.start_instance().instance_id(id).send().await?;
    client.wait_until_instance_running().instance_ids([id]).wait(Duration::from_secs(300)).await?;
    println!("   running");

    println!("\n4. Announcements of a reclaim");
    let rounds = if let Some(emulator) = setup.emulator() {
        emulator.set_metadata_instance(id);
        20
    } else {
        3
    };
    // In production, once a minute is enough, because a reclaim is announced five minutes ahead.
    let mut interval =
        tokio::time::interval(if setup.is_local() { Duration::from_millis(250) } else { Duration::from_secs(5) });
    for round in 1..=rounds {
        interval.tick().await;
        if is_locked(client, id).await? {
            break;
        }
        if round == 2
            && let Some(emulator) = setup.emulator()
        {
            println!("   (the emulator now reclaims the instance)");
            emulator.recycle(id);
        }
    }
    system_events(&setup.cms, id).await?;
    // The metadata service is only reachable from the instance itself.
    match setup.metadata()?.spot_termination_time().await {
        Ok(Some(time)) => println!("   metadata service: will be reclaimed at {time}"),
        Ok(None) => println!("   metadata service: no reclaim is announced"),
        Err(error) => println!("   metadata service: not reachable from here ({error})"),
    }
    Ok(())
}

async fn zones(client: &Client) -> anyhow::Result<Vec<String>> {
    let stock = client
        .describe_available_resource()
        .destination_resource(DestinationResource::InstanceType)
        .instance_charge_type(InstanceChargeType::PostPaid) // spot instances are pay-as-you-go instances
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

/// Prints the price history and returns the highest price.
async fn highest_price(client: &Client, zone: &str) -> anyhow::Result<f64> {
    // `items` requests all pages of the history.
    let history: Vec<SpotPrice> = client
        .describe_spot_price_history()
        .instance_type(INSTANCE_TYPE)
        .network_type(NetworkType::Vpc)
        .zone_id(zone)
        .start_time(support::seconds_from_now(-3 * 24 * 3600)?) // at most 30 days ago
        .items()
        .try_collect()
        .await?;
    let prices: Vec<f64> = history.iter().filter_map(|point| point.spot_price).collect();
    let highest = prices.iter().copied().reduce(f64::max).context("the price history is empty")?;
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
    println!("   created {id} for {} per hour, with a limit of {limit}", created.trade_price.unwrap_or_default());
    Ok(id)
}

/// Prints the locks of an instance, and returns whether it is being reclaimed, which the lock `Recycling` announces.
async fn is_locked(client: &Client, id: &str) -> anyhow::Result<bool> {
    let Some(instance) = client.describe_instances().instance_ids([id]).items().try_next().await? else {
        println!("   DescribeInstances: {id} does not exist any longer");
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
        println!("   CloudMonitor: no event");
    }
    Ok(())
}
