//! Finds out what an instance can be changed to, before it is changed. Two scenes: the instance types that it could
//! have, and the categories of system disk that go with one of them.
//!
//! ```text
//! cargo run -p ecs-sdk --example resources_modification
//! cargo run -p ecs-sdk --example resources_modification -- i-… ecs.g6.xlarge    # an instance of your account
//! ```
//!
//! Only reads. Needs nothing; the local ECS gets an instance to ask about. On an account it needs the ID of an instance;
//! the type of the second scene is `ecs.g6.xlarge` unless another one is given.

use anyhow::Context;
use ecs_sdk::{
    operation::describe_resources_modification::DescribeResourcesModification,
    types::{DestinationResource, OperationType, ResourceStatus},
};

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let mut arguments = setup.arguments.iter().cloned();
    let id = match arguments.next() {
        None if setup.is_local() => setup.launch(|order| order).await?.pop(),
        argument => argument,
    };
    let id = id.context("name an instance: -- i-…")?;

    // To change across series would bring more choice, but can change addresses and device names.
    let question = setup
        .ecs
        .describe_resources_modification()
        .resource_id(&id)
        .operation_type(OperationType::Upgrade)
        .migrate_across_zone(false);

    println!("1. Instance types that {id} could have");
    print_available(question.clone().destination_resource(DestinationResource::InstanceType)).await?;

    let instance_type = arguments.next().unwrap_or_else(|| "ecs.g6.xlarge".to_owned());
    println!("\n2. System disks that it could have as {instance_type}");
    print_available(question.destination_resource(DestinationResource::SystemDisk).instance_type(instance_type))
        .await?;
    Ok(())
}

async fn print_available(question: DescribeResourcesModification) -> ecs_sdk::Result<()> {
    for zone in question.send().await?.available_zones {
        println!("  in {}", zone.zone_id);
        for resource in zone.available_resources.into_iter().flat_map(|resource| resource.supported_resources) {
            if resource.status == Some(ResourceStatus::Available) {
                match (resource.min, resource.max) {
                    (Some(min), Some(max)) => println!("    {}, {min} to {max} {}", resource.value, resource.unit),
                    _ => println!("    {}", resource.value),
                }
            }
        }
    }
    Ok(())
}
