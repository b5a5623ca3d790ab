//! Creates a VPC with a vSwitch, a security group, and an instance with an elastic IP address, and removes all of it again, even
//! if a step fails.
//!
//! ```text
//! cargo run -p ecs-sdk --example network
//! cargo run -p ecs-sdk --example network -- --yes    # creates the resources on your account
//! ```
//!
//! Without credentials, this example runs on an emulator.

use std::{future::Future, time::Duration};

use anyhow::Context;
use ecs_sdk::{
    system::{System, TokioSystem},
    types::ResourceStatus,
    vpc::types::{TaggableResourceType, VSwitchStatus},
};

mod support;

const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

/// Time between two attempts to delete a resource that others still use.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// The resources that were created so far.
#[derive(Default)]
struct Created {
    vpc: Option<String>,
    vswitch: Option<String>,
    group: Option<String>,
    instances: Vec<String>,
    address: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    if !setup.may("create a network and an instance in it") {
        return Ok(());
    }
    let mut created = Created::default();
    let result = provision(&setup, &mut created).await;
    println!();
    tear_down(&setup, &created).await?;
    result
}

async fn provision(setup: &support::Setup, created: &mut Created) -> anyhow::Result<()> {
    let (ecs, vpc) = (&setup.ecs, &setup.vpc);
    let network = vpc.create_vpc().cidr_block("192.168.0.0/16").vpc_name("ecs-sdk-example").send().await?;
    let id = network.vpc_id.clone();
    created.vpc = Some(id.clone());
    vpc.wait_until_vpc_available().vpc_id([&id]).wait(WAIT_TIMEOUT).await?;
    let tags = vpc.tag_resources().resource_type(TaggableResourceType::Vpc).resource_ids([&id]);
    tags.tags([("team", "web")]).send().await?;
    println!("Created the VPC {id}.");

    let zone = zone(setup).await?;
    let request = vpc.create_vswitch().vpc_id(&id).zone_id(&zone).cidr_block("192.168.1.0/24");
    let vswitch = request.vswitch_name("ecs-sdk-example").send().await?.vswitch_id;
    created.vswitch = Some(vswitch.clone());
    wait_for(|| async {
        let attributes = vpc.describe_vswitch_attributes().vswitch_id(&vswitch).send().await?;
        Ok(attributes.status == Some(VSwitchStatus::Available))
    })
    .await?;
    println!("Created the vSwitch {vswitch} in {zone}.");

    let group = ecs.create_security_group().vpc_id(&id).security_group_name("ecs-sdk-example").send().await?;
    created.group = Some(group.security_group_id.clone());
    created.instances = setup
        .launch(|request| request.zone_id(&zone).vswitch_id(&vswitch).security_group_id(&group.security_group_id))
        .await?;
    let instance = created.instances.first().context("no instance was created")?;
    println!("Created the instance {instance}.");

    let request = vpc.allocate_eip_address().bandwidth("5").internet_charge_type("PayByTraffic");
    let address = request.name("ecs-sdk-example").send().await?;
    created.address = Some(address.allocation_id.clone());
    vpc.associate_eip_address().allocation_id(&address.allocation_id).instance_id(instance).send().await?;
    vpc.wait_until_eip_in_use().allocation_id([&address.allocation_id]).wait(WAIT_TIMEOUT).await?;
    println!("The instance has the address {}.", address.eip_address);
    Ok(())
}

/// Returns a zone that has the instance type of the example.
async fn zone(setup: &support::Setup) -> anyhow::Result<String> {
    let request = setup.ecs.describe_available_resource().destination_resource("InstanceType");
    let response = request.instance_type(support::INSTANCE_TYPE).send().await?;
    let zone = response.available_zones.into_iter().find(|zone| zone.status == Some(ResourceStatus::Available));
    Ok(zone.with_context(|| format!("no zone has {}", support::INSTANCE_TYPE))?.zone_id)
}

/// Removes everything from the inside to the outside.
async fn tear_down(setup: &support::Setup, created: &Created) -> anyhow::Result<()> {
    let (ecs, vpc) = (&setup.ecs, &setup.vpc);
    if let Some(address) = &created.address {
        let found = vpc.describe_eip_addresses().allocation_id([address]).items().try_next().await?;
        if found.is_some_and(|found| !found.instance_id.is_empty()) {
            vpc.unassociate_eip_address().allocation_id(address).send().await?;
            vpc.wait_until_eip_available().allocation_id([address]).wait(WAIT_TIMEOUT).await?;
        }
        vpc.release_eip_address().allocation_id(address).send().await?;
        vpc.wait_until_eip_released().allocation_id([address]).wait(WAIT_TIMEOUT).await?;
        println!("Released the address {address}.");
    }
    setup.release(&created.instances).await?;
    if !created.instances.is_empty() {
        ecs.wait_until_instance_deleted().instance_ids(&created.instances).wait(WAIT_TIMEOUT).await?;
    }
    if let Some(group) = &created.group {
        deleted(|| async { ecs.delete_security_group().security_group_id(group).send().await.map(drop) }).await?;
        println!("Deleted the security group {group}.");
    }
    if let Some(vswitch) = &created.vswitch {
        deleted(|| async { vpc.delete_vswitch().vswitch_id(vswitch).send().await.map(drop) }).await?;
        wait_for(|| async {
            let found = vpc.describe_vswitches().vswitch_id(vswitch).items().try_next().await?;
            Ok(found.is_none())
        })
        .await?;
        println!("Deleted the vSwitch {vswitch}.");
    }
    if let Some(id) = &created.vpc {
        deleted(|| async { vpc.delete_vpc().vpc_id(id).send().await.map(drop) }).await?;
        vpc.wait_until_vpc_deleted().vpc_id([id]).wait(WAIT_TIMEOUT).await?;
        println!("Deleted the VPC {id}.");
    }
    Ok(())
}

/// Repeats a deletion while other resources still use the resource, because their own deletion takes time.
async fn deleted<F: Future<Output = ecs_sdk::Result<()>>>(delete: impl Fn() -> F) -> anyhow::Result<()> {
    wait_for(|| async {
        match delete().await {
            Ok(()) => Ok(true),
            Err(error) if error.is_in_use() || error.is_incorrect_state() => Ok(false),
            Err(error) => Err(error),
        }
    })
    .await
}

/// Repeats a check until it returns true.
async fn wait_for<F: Future<Output = ecs_sdk::Result<bool>>>(check: impl Fn() -> F) -> anyhow::Result<()> {
    let poll = async {
        while !check().await? {
            TokioSystem::default().sleep(RETRY_DELAY).await;
        }
        Ok(())
    };
    tokio::time::timeout(WAIT_TIMEOUT, poll).await.context("timed out")?
}
