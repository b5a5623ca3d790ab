//! Creates several instances at once: looks up an image, a zone that sells the instance type, a vSwitch and a security
//! group; has the order checked without executing it; then creates
//!
//! * two instances with tags and a data disk,
//! * two with a public IP address each,
//! * one that is released by itself in an hour,
//!
//! waits until they run, shows them, and releases them.
//!
//! ```text
//! cargo run -p ecs-sdk --example run_instances
//! cargo run -p ecs-sdk --example run_instances -- --yes    # creates them on your account
//! ```
//!
//! Needs no account. On one, it stops after the check unless `--yes` is given, and needs a VPC with a vSwitch.

use std::time::Duration;

use anyhow::Context;
use ecs_sdk::{
    Client,
    operation::run_instances::{DataDisk, RunInstances},
    types::{
        DestinationResource, DiskCategory, InstanceChargeType, InternetChargeType, IoOptimized, ResourceStatus, Tag,
    },
};
use futures_util::TryStreamExt;

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;

    let image = newest_image(client, support::IMAGE_FAMILY).await?;
    let zones = zones_that_sell(client, support::INSTANCE_TYPE).await?;
    let network = setup.network(&zones).await?;
    println!("Image           {image}");
    println!("Instance type   {}, sold in {} zones", support::INSTANCE_TYPE, zones.len());
    println!("vSwitch         {} in {}", network.vswitch_id, network.zone_id);
    println!("Security group  {}", network.security_group_id);

    // What all orders have in common. A request can be cloned as long as it was not sent.
    let order = client
        .run_instances()
        .image_id(image)
        .instance_type(support::INSTANCE_TYPE)
        .vswitch_id(network.vswitch_id)
        .security_group_id(network.security_group_id)
        .instance_charge_type(InstanceChargeType::PostPaid);

    // A dry run finds mistakes, missing permissions and missing stock. It is for one instance, so it comes before the
    // amount is set.
    order.clone().check().await?;
    println!("\nDry run: the order would succeed.");
    match order.clone().instance_type("ecs.none.large").check().await {
        Ok(()) => println!("Dry run of a type that does not exist: it would succeed?"),
        Err(error) => println!("Dry run of a type that does not exist:\n  {error}"),
    }
    if !setup.may("creating five instances") {
        return Ok(());
    }

    let mut ids = Vec::new();
    let end = create(client, order, &mut ids).await;
    setup.release(&ids).await?;
    end
}

/// Creates the instances and waits until they run; notes the ID of each.
async fn create(client: &Client, order: RunInstances, ids: &mut Vec<String>) -> anyhow::Result<()> {
    // Names are counted: web-001, web-002. Fewer than two are no success here. A client token is filled in by itself,
    // so an attempt that is repeated creates nothing twice.
    let web = order
        .clone()
        .amount(2)
        .min_amount(2)
        .instance_name("web-[1,3]")
        .description("Created by an example of ecs-sdk")
        .tags([Tag::new().key("team").value("web"), Tag::new().key("stage").value("test")])
        .data_disks([DataDisk::new().category(DiskCategory::CloudEssd).size(100).delete_with_instance(true)])
        .send()
        .await?;
    println!("\nCreated {} for {} an hour.", web.instance_id_sets.join(" and "), web.trade_price.unwrap_or_default());
    ids.extend(web.instance_id_sets);

    // Outgoing bandwidth brings a public IP address with it.
    let public = order
        .clone()
        .amount(2)
        .instance_name("public-[1,3]")
        .internet_max_bandwidth_out(1)
        .internet_charge_type(InternetChargeType::PayByTraffic)
        .send()
        .await?;
    println!("Created {} with public addresses.", public.instance_id_sets.join(" and "));
    ids.extend(public.instance_id_sets);

    // The service releases it at that time, at the earliest half an hour from now. Seconds do not count.
    let release = support::seconds_from_now(3600)?;
    let short = order.instance_name("for-an-hour").auto_release_time(release.as_str()).send().await?;
    println!("Created {}, to be released at {release}.", short.instance_id_sets.join(" and "));
    ids.extend(short.instance_id_sets);

    client.wait_until_instance_running().instance_ids(&*ids).wait(Duration::from_secs(300)).await?;
    println!("\nAll {} are running:", ids.len());
    show(client, ids).await
}

/// ID of the newest image of a family.
async fn newest_image(client: &Client, family: &str) -> anyhow::Result<String> {
    let images: Vec<_> = client.describe_images().image_family(family).items().try_collect().await?;
    let newest = images.into_iter().max_by(|a, b| a.creation_time.cmp(&b.creation_time));
    Ok(newest.with_context(|| format!("the image family {family} is empty"))?.image_id)
}

/// The zones of the region that have an instance type in stock.
async fn zones_that_sell(client: &Client, instance_type: &str) -> anyhow::Result<Vec<String>> {
    let stock = client
        .describe_available_resource()
        .destination_resource(DestinationResource::InstanceType)
        .io_optimized(IoOptimized::Optimized)
        .instance_charge_type(InstanceChargeType::PostPaid)
        .instance_type(instance_type)
        .send()
        .await?;
    let zones = stock.available_zones.into_iter();
    Ok(zones.filter(|zone| zone.status == Some(ResourceStatus::Available)).map(|zone| zone.zone_id).collect())
}

async fn show(client: &Client, ids: &[String]) -> anyhow::Result<()> {
    let mut instances = client.describe_instances().instance_ids(ids).items();
    while let Some(instance) = instances.try_next().await? {
        let disks: Vec<_> = client.describe_disks().instance_id(&instance.instance_id).items().try_collect().await?;
        let sizes: Vec<String> = disks.iter().filter_map(|disk| disk.size).map(|size| format!("{size} GiB")).collect();
        let tags: Vec<String> = instance.tags.iter().map(|tag| format!("{}={}", tag.tag_key, tag.tag_value)).collect();
        println!("  {} {}", instance.instance_id, instance.instance_name);
        println!("      private {}", instance.vpc_attributes.private_ip_address.join(", "));
        println!("      disks   {}", sizes.join(" + "));
        for (name, value) in [
            ("public ", instance.public_ip_address.join(", ")),
            ("tags   ", tags.join(", ")),
            ("release", support::shown(instance.auto_release_time)),
        ] {
            if !value.is_empty() {
                println!("      {name} {value}");
            }
        }
    }
    Ok(())
}
