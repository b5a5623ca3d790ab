//! Changes the instance type of an instance: stops it, changes it, and starts it again. Pay-as-you-go instances and
//! subscriptions have an operation each; which one it takes is told by the instance itself.
//!
//! ```text
//! cargo run -p ecs-sdk --example modify_instance_spec
//! cargo run -p ecs-sdk --example modify_instance_spec -- --yes i-… ecs.g6.xlarge    # an instance of your account
//! ```
//!
//! Needs no account; the local ECS gets one instance of each kind. On an account it needs an ID and a type, and only
//! shows what it would do unless `--yes` is given: a larger type costs more, and the instance is stopped for a while.

use std::time::Duration;

use anyhow::{Context, bail};
use ecs_sdk::{
    Client,
    operation::describe_instances::Instance,
    types::{InstanceChargeType, InstanceStatus, OperatorType},
};
use futures_util::TryStreamExt;

mod support;

const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let changes = match setup.arguments.as_slice() {
        [] if setup.is_local() => prepare(&setup).await?,
        [id, instance_type] => vec![(id.clone(), instance_type.clone())],
        _ => bail!("name an instance and its new type: -- --yes i-… ecs.g6.xlarge"),
    };
    for (id, instance_type) in changes {
        let instance = find(&setup.ecs, &id).await?;
        let charge_type = instance.instance_charge_type.as_ref().map_or("", |charge_type| charge_type.as_str());
        println!("{id} ({charge_type}): {} -> {instance_type}", instance.instance_type);
        if setup.may("changing its type") {
            resize(&setup.ecs, &instance, &instance_type).await?;
        }
        println!();
    }
    Ok(())
}

async fn resize(client: &Client, instance: &Instance, instance_type: &str) -> anyhow::Result<()> {
    let id = &instance.instance_id;
    let was_running = instance.status == Some(InstanceStatus::Running);
    if was_running {
        client.stop_instance().instance_id(id).send().await?;
        client.wait_until_instance_stopped().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
        println!("  stopped");
    }
    if instance.instance_charge_type == Some(InstanceChargeType::PrePaid) {
        // The difference for the rest of the subscription is paid at once, or refunded.
        let order = client
            .modify_prepay_instance_spec()
            .instance_id(id)
            .instance_type(instance_type)
            .operator_type(OperatorType::Upgrade)
            .send()
            .await?;
        println!("  changed by order {}", order.order_id);
    } else {
        client.modify_instance_spec().instance_id(id).instance_type(instance_type).send().await?;
        println!("  changed");
    }
    if was_running {
        client.start_instance().instance_id(id).send().await?;
        client.wait_until_instance_running().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
        println!("  started");
    }
    let now = find(client, id).await?;
    let (cpus, gibibytes) = (now.cpu.unwrap_or_default(), now.memory.unwrap_or_default() / 1024);
    let status = support::shown(now.status);
    println!("  it is {status} as {} with {cpus} vCPUs and {gibibytes} GiB", now.instance_type);
    Ok(())
}

async fn find(client: &Client, id: &str) -> anyhow::Result<Instance> {
    let instance = client.describe_instances().instance_ids([id]).items().try_next().await?;
    instance.with_context(|| format!("there is no instance {id} in this region"))
}

/// Gives the local ECS an instance of each kind.
async fn prepare(setup: &support::Setup) -> anyhow::Result<Vec<(String, String)>> {
    let by_the_hour = setup.launch(|order| order).await?;
    let subscription = setup.launch(|order| order.instance_charge_type(InstanceChargeType::PrePaid).period(1)).await?;
    let ids = by_the_hour.into_iter().chain(subscription);
    Ok(ids.map(|id| (id, "ecs.g6.2xlarge".to_owned())).collect())
}
