//! Lists possible changes to an instance: the instance types that it can be changed to, and the system disks that it
//! can have with one of them.
//!
//! ```text
//! cargo run -p ecs-sdk --example resources_modification
//! cargo run -p ecs-sdk --example resources_modification -- i-… ecs.g6.xlarge    # an instance of your account
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator with an instance. On your account, it needs the
//! ID of an instance. The instance type of the second part is `ecs.g6.xlarge` by default.

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
        None if setup.is_local() => setup.launch(|request| request).await?.pop(),
        argument => argument,
    };
    let id = id.context("missing argument: pass the ID of an instance, such as `-- i-…`")?;

    // Migration across zones would allow more instance types, but can change IP addresses and device names.
    let request = setup
        .ecs
        .describe_resources_modification()
        .resource_id(&id)
        .operation_type(OperationType::Upgrade)
        .migrate_across_zone(false);

    println!("1. Instance types that {id} can be changed to");
    print_available(request.clone().destination_resource(DestinationResource::InstanceType)).await?;

    let instance_type = arguments.next().unwrap_or_else(|| "ecs.g6.xlarge".to_owned());
    println!("\n2. System disks that it can have as {instance_type}");
    print_available(request.destination_resource(DestinationResource::SystemDisk).instance_type(instance_type)).await?;
    Ok(())
}

async fn print_available(request: DescribeResourcesModification) -> ecs_sdk::Result<()> {
    for zone in request.send().await?.available_zones {
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
