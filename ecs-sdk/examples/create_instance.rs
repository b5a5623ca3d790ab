//! Creates instances one at a time: `CreateInstance` leaves them stopped and without public IP address, so that both
//! can be done when it suits. Two scenes: a pay-as-you-go instance, and a subscription of one month.
//!
//! ```text
//! cargo run -p ecs-sdk --example create_instance
//! cargo run -p ecs-sdk --example create_instance -- --yes                  # the first scene on your account
//! cargo run -p ecs-sdk --example create_instance -- --yes subscription     # both; a subscription can't be returned
//! ```
//!
//! Needs no account. On one, it makes dry runs only unless `--yes` is given, and needs a VPC with a vSwitch.

use std::time::Duration;

use anyhow::Context;
use ecs_sdk::{
    Client,
    operation::{create_instance::SystemDisk, describe_instances::Instance},
    types::{DiskCategory, InstanceChargeType, InternetChargeType, IoOptimized, PeriodUnit},
};
use futures_util::TryStreamExt;

mod support;

/// How long to wait for a change of state.
const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;

    let zones: Vec<_> = client
        .describe_available_resource()
        .destination_resource("InstanceType") // every enum takes the text of the service, too
        .io_optimized(IoOptimized::Optimized)
        .instance_type(support::INSTANCE_TYPE)
        .send()
        .await?
        .available_zones
        .into_iter()
        .map(|zone| zone.zone_id)
        .collect();
    let network = setup.network(&zones).await?;
    let images: Vec<_> = client.describe_images().image_family(support::IMAGE_FAMILY).items().try_collect().await?;
    let image = images.first().context("the image family is empty")?;
    let order = client
        .create_instance()
        .image_id(&image.image_id)
        .instance_type(support::INSTANCE_TYPE)
        .vswitch_id(network.vswitch_id)
        .security_group_id(network.security_group_id)
        .instance_name("ecs-sdk-example")
        .io_optimized(IoOptimized::Optimized)
        .system_disk(SystemDisk::new().category(DiskCategory::CloudEssd).size(40))
        .internet_charge_type(InternetChargeType::PayByTraffic)
        .internet_max_bandwidth_out(5);
    let by_the_hour = order.clone().instance_charge_type(InstanceChargeType::PostPaid);
    let subscription = order.instance_charge_type(InstanceChargeType::PrePaid).period(1).period_unit(PeriodUnit::Month);

    println!("A pay-as-you-go instance");
    by_the_hour.clone().check().await?;
    println!("  the dry run passed");
    if setup.may("creating it") {
        let created = by_the_hour.send().await?;
        println!("  {} is being created, {} an hour", created.instance_id, created.trade_price.unwrap_or_default());
        let end = start(client, &created.instance_id).await;
        setup.release(&[created.instance_id]).await?;
        println!("  its expiry time was {}, which stands for never", support::shown(end?.expired_time));
    }

    println!("\nA subscription of one month");
    subscription.clone().check().await?;
    println!("  the dry run passed");
    let wanted = setup.is_local() || setup.arguments.iter().any(|argument| argument == "subscription");
    if wanted && setup.may("buying it") {
        let created = subscription.send().await?;
        println!(
            "  {} is being created, {} for the month",
            created.instance_id,
            created.trade_price.unwrap_or_default()
        );
        let instance = start(client, &created.instance_id).await?;
        println!("  it is paid until {}, and can't be released before", support::shown(instance.expired_time));
    } else if !wanted {
        println!("  Left out on a real account unless the argument `subscription` is given.");
    }
    Ok(())
}

/// Starts a new instance and gives it a public IP address.
async fn start(client: &Client, id: &str) -> anyhow::Result<Instance> {
    client.wait_until_instance_stopped().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
    println!("  it is there, and stopped");
    client.start_instance().instance_id(id).send().await?;
    client.wait_until_instance_running().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
    println!("  it runs");
    let address = client.allocate_public_ip_address().instance_id(id).send().await?;
    println!("  it can be reached at {}", address.ip_address);
    let instance = client.describe_instances().instance_ids([id]).items().try_next().await?;
    instance.with_context(|| format!("{id} is gone"))
}
