//! Changes the instance type of an instance: stops the instance, changes it, and starts it again. There is one
//! operation for pay-as-you-go instances and another for subscriptions; the example chooses by the instance's billing
//! method.
//!
//! ```text
//! cargo run -p ecs-sdk --example modify_instance_spec
//! cargo run -p ecs-sdk --example modify_instance_spec -- --yes i-… ecs.g6.xlarge    # an instance of your account
//! ```
//!
//! Without credentials, this example runs on an emulator with an instance of each kind. On your account, it needs an
//! instance ID and an instance type, and only shows what it would do unless you pass `--yes`: a larger instance type
//! costs more, and the instance is stopped for some time.

use std::time::Duration;

use anyhow::{Context, bail};
use ecs_sdk::{
    Client,
    operation::describe_instances::Instance,
    types::{InstanceChargeType, InstanceStatus, OperatorType},
};

mod support;

const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let changes = match setup.arguments.as_slice() {
        [] if setup.is_local() => prepare(&setup).await?,
        [id, instance_type] => vec![(id.clone(), instance_type.clone())],
        _ => bail!("missing arguments: pass an instance ID and its new type, such as `-- --yes i-… ecs.g6.xlarge`"),
    };
    for (id, instance_type) in changes {
        let instance = find(&setup.ecs, &id).await?;
        let charge_type = instance.instance_charge_type.as_ref().map_or("", |charge_type| charge_type.as_str());
        println!("{id} ({charge_type}): {} -> {instance_type}", instance.instance_type);
        if setup.may("change its instance type") {
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
        // The price difference for the rest of the subscription is paid or refunded immediately.
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
    println!("  {status}: {} with {cpus} vCPUs and {gibibytes} GiB", now.instance_type);
    Ok(())
}

async fn find(client: &Client, id: &str) -> anyhow::Result<Instance> {
    let instance = client.describe_instances().instance_ids([id]).items().try_next().await?;
    instance.with_context(|| format!("there is no instance {id} in this region"))
}

/// Creates an instance of each kind in the emulator.
async fn prepare(setup: &support::Setup) -> anyhow::Result<Vec<(String, String)>> {
    let pay_as_you_go = setup.launch(|request| request).await?;
    let subscription =
        setup.launch(|request| request.instance_charge_type(InstanceChargeType::PrePaid).period(1)).await?;
    let ids = pay_as_you_go.into_iter().chain(subscription);
    Ok(ids.map(|id| (id, "ecs.g6.2xlarge".to_owned())).collect())
}
