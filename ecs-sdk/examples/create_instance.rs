//! Creates instances with `CreateInstance`, which creates a single, stopped instance without a public IP address. The
//! example then starts it and allocates an address. It creates a pay-as-you-go instance and a subscription for one
//! month.
//!
//! ```text
//! cargo run -p ecs-sdk --example create_instance
//! cargo run -p ecs-sdk --example create_instance -- --yes                  # the pay-as-you-go instance on your account
//! cargo run -p ecs-sdk --example create_instance -- --yes subscription     # both; a subscription cannot be released early
//! ```
//!
//! Without credentials, this example runs on an emulator. On your account, it needs a VPC with a vSwitch, and only
//! makes dry runs unless you pass `--yes`.

use std::time::Duration;

use anyhow::Context;
use ecs_sdk::{
    Client,
    operation::{create_instance::SystemDisk, describe_instances::Instance},
    types::{DiskCategory, InstanceChargeType, InternetChargeType, IoOptimized, PeriodUnit},
};

mod support;

/// Timeout of waiters: much longer than instances usually take to start or stop.
const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;

    let zones: Vec<_> = client
        .describe_available_resource()
        .destination_resource("InstanceType") // setters of enums also accept strings
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
    let request = client
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
    let pay_as_you_go = request.clone().instance_charge_type(InstanceChargeType::PostPaid);
    let subscription =
        request.instance_charge_type(InstanceChargeType::PrePaid).period(1).period_unit(PeriodUnit::Month);

    println!("A pay-as-you-go instance");
    pay_as_you_go.clone().check().await?;
    println!("  the dry run succeeded");
    if setup.may("create it") {
        let created = pay_as_you_go.send().await?;
        println!("  created {}, {} per hour", created.instance_id, created.trade_price.unwrap_or_default());
        let result = start(client, &created.instance_id).await;
        setup.release(&[created.instance_id]).await?;
        println!("  its expiry time was {}, which means never", support::shown(result?.expired_time));
    }

    println!("\nA subscription for one month");
    subscription.clone().check().await?;
    println!("  the dry run succeeded");
    let wanted = setup.is_local() || setup.arguments.iter().any(|argument| argument == "subscription");
    if wanted && setup.may("purchase it") {
        let created = subscription.send().await?;
        println!("  created {}, {} for the month", created.instance_id, created.trade_price.unwrap_or_default());
        let instance = start(client, &created.instance_id).await?;
        println!("  it is paid until {} and cannot be released before", support::shown(instance.expired_time));
    } else if !wanted {
        println!("  Skipped on your account. To purchase it, pass the argument `subscription`.");
    }
    Ok(())
}

/// Starts a new instance and gives it a public IP address.
async fn start(client: &Client, id: &str) -> anyhow::Result<Instance> {
    client.wait_until_instance_stopped().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
    println!("  stopped");
    client.start_instance().instance_id(id).send().await?;
    client.wait_until_instance_running().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
    println!("  running");
    let address = client.allocate_public_ip_address().instance_id(id).send().await?;
    println!("  public IP address {}", address.ip_address);
    let instance = client.describe_instances().instance_ids([id]).items().try_next().await?;
    instance.with_context(|| format!("{id} does not exist"))
}
