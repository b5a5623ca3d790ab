//! Watches all spot instances of a region and reports that the service is about to reclaim one, so that its work can be
//! moved in the five minutes that are left.
//!
//! ```text
//! cargo run -p ecs-sdk --example spot_watcher
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator, which reclaims one of three instances. On your
//! account, it watches until you stop it with Ctrl-C.

use std::{collections::BTreeSet, time::Duration};

use ecs_sdk::{
    Client,
    operation::describe_instances::Instance,
    types::{LockReason, SpotStrategy},
};
use tokio::time::MissedTickBehavior;

mod support;

/// A reclaim is announced five minutes ahead, so this leaves at least four for moving the work.
const INTERVAL: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let mut fleet = Vec::new();
    if setup.emulator().is_some() {
        fleet = setup.launch(|request| request.spot_strategy(SpotStrategy::SpotAsPriceGo).amount(3)).await?;
    }

    let mut timer =
        tokio::time::interval(if setup.emulator().is_some() { Duration::from_millis(100) } else { INTERVAL });
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut announced = BTreeSet::new();
    loop {
        timer.tick().await;
        match reclaimed(&setup.ecs).await {
            Ok(instances) => {
                // Instances that were released meanwhile are forgotten.
                announced.retain(|id| instances.iter().any(|instance| instance.instance_id == *id));
                for instance in instances {
                    if announced.insert(instance.instance_id.clone()) {
                        reclaim(&instance);
                    }
                }
            }
            // A watcher must outlive an hour of trouble. The SDK has already retried.
            Err(error) => eprintln!("not checked: {error}"),
        }
        if let Some(emulator) = setup.emulator() {
            if !announced.is_empty() {
                break;
            }
            println!("3 spot instances, none is reclaimed (the emulator now reclaims one)");
            emulator.recycle(&fleet[1]);
        }
    }
    setup.release(&fleet).await?;
    Ok(())
}

/// The spot instances that the service is about to reclaim. They have the lock `Recycling`.
async fn reclaimed(client: &Client) -> ecs_sdk::Result<Vec<Instance>> {
    let mut found = Vec::new();
    let mut instances = client.describe_instances().items();
    while let Some(instance) = instances.try_next().await? {
        let is_recycling = |reason: &LockReason| *reason == LockReason::Recycling;
        if instance.operation_locks.iter().filter_map(|lock| lock.lock_reason.as_ref()).any(is_recycling) {
            found.push(instance);
        }
    }
    Ok(found)
}

/// Reacts to the end of an instance. Your program would take it out of its load balancer and drain it.
fn reclaim(instance: &Instance) {
    let address = instance.vpc_attributes.private_ip_address.first().map_or("no address", String::as_str);
    println!(
        "{} ({}, {}, {address}) is about to be reclaimed",
        instance.instance_id, instance.instance_type, instance.zone_id
    );
}
