//! Creates several instances. The example finds an image, a zone in which the instance type is available, a vSwitch and
//! a security group. After a dry run, it creates:
//!
//! * two instances with tags and a data disk,
//! * two instances with public IP addresses,
//! * one instance that is released automatically after an hour.
//!
//! Then it waits until they are running, shows them, and releases them.
//!
//! ```text
//! cargo run -p ecs-sdk --example run_instances
//! cargo run -p ecs-sdk --example run_instances -- --yes    # creates the instances on your account
//! ```
//!
//! Without credentials, this example runs on an emulator. On your account, it needs a VPC with a vSwitch, and stops
//! after the dry run unless you pass `--yes`.

use std::time::Duration;

use anyhow::Context;
use ecs_sdk::{
    Client,
    operation::run_instances::{DataDisk, RunInstances},
    types::{DestinationResource, DiskCategory, InstanceChargeType, InternetChargeType, IoOptimized, ResourceStatus},
};

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;

    let image = newest_image(client, support::IMAGE_FAMILY).await?;
    let zones = zones_with(client, support::INSTANCE_TYPE).await?;
    let network = setup.network(&zones).await?;
    println!("Image           {image}");
    println!("Instance type   {}, available in {} zones", support::INSTANCE_TYPE, zones.len());
    println!("vSwitch         {} in {}", network.vswitch_id, network.zone_id);
    println!("Security group  {}", network.security_group_id);

    // The parameters of all instances. Requests can be cloned before they are sent.
    let request = client
        .run_instances()
        .image_id(image)
        .instance_type(support::INSTANCE_TYPE)
        .vswitch_id(network.vswitch_id)
        .security_group_id(network.security_group_id)
        .instance_charge_type(InstanceChargeType::PostPaid);

    // A dry run finds invalid parameters, missing permissions and lack of stock. It supports only one instance, so the
    // amount is set later.
    request.clone().check().await?;
    println!("\nDry run: the request would succeed.");
    match request.clone().instance_type("ecs.none.large").check().await {
        Ok(()) => println!("Dry run with an instance type that does not exist: unexpectedly succeeded"),
        Err(error) => println!("Dry run with an instance type that does not exist:\n  {error}"),
    }
    if !setup.may("create five instances") {
        return Ok(());
    }

    let mut ids = Vec::new();
    let result = create(client, request, &mut ids).await;
    setup.release(&ids).await?;
    result
}

/// Creates the instances and waits until they are running. Adds the ID of each instance to `ids`, even if a later call
/// fails.
async fn create(client: &Client, request: RunInstances, ids: &mut Vec<String>) -> anyhow::Result<()> {
    // The names are numbered: web-001 and web-002. With `min_amount`, the call fails unless both can be created. The
    // SDK generates a client token, so a retry does not create additional instances.
    let web = request
        .clone()
        .amount(2)
        .min_amount(2)
        .instance_name("web-[1,3]")
        .description("Created by an example of ecs-sdk")
        .tags([("team", "web"), ("stage", "test")])
        .data_disks([DataDisk::new().category(DiskCategory::CloudEssd).size(100).delete_with_instance(true)])
        .send()
        .await?;
    println!("\nCreated {} for {} per hour.", web.instance_id_sets.join(" and "), web.trade_price.unwrap_or_default());
    ids.extend(web.instance_id_sets);

    // Instances with outbound bandwidth get a public IP address.
    let public = request
        .clone()
        .amount(2)
        .instance_name("public-[1,3]")
        .internet_max_bandwidth_out(1)
        .internet_charge_type(InternetChargeType::PayByTraffic)
        .send()
        .await?;
    println!("Created {} with public IP addresses.", public.instance_id_sets.join(" and "));
    ids.extend(public.instance_id_sets);

    // The service releases the instance at this time, which must be at least 30 minutes from now. Seconds are ignored.
    let release = support::seconds_from_now(3600)?;
    let temporary = request.instance_name("for-an-hour").auto_release_time(release.as_str()).send().await?;
    println!("Created {}, which will be released at {release}.", temporary.instance_id_sets.join(" and "));
    ids.extend(temporary.instance_id_sets);

    client.wait_until_instance_running().instance_ids(&*ids).wait(Duration::from_secs(300)).await?;
    println!("\nAll {} instances are running:", ids.len());
    show(client, ids).await
}

/// Returns the ID of the newest image of a family.
async fn newest_image(client: &Client, family: &str) -> anyhow::Result<String> {
    let images: Vec<_> = client.describe_images().image_family(family).items().try_collect().await?;
    let newest = images.into_iter().max_by(|a, b| a.creation_time.cmp(&b.creation_time));
    Ok(newest.with_context(|| format!("the image family {family} is empty"))?.image_id)
}

/// Returns the zones of the region in which an instance type is available.
async fn zones_with(client: &Client, instance_type: &str) -> anyhow::Result<Vec<String>> {
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
