//! Lists every instance of an account, in all regions at once: eight regions at a time are asked, each for all its
//! pages, and what a region can't answer does not keep the others from being shown.
//!
//! ```text
//! cargo run -p ecs-sdk --example inventory
//! ```
//!
//! Only reads. Needs nothing; the local ECS gets instances in some regions. With credentials it shows your account.

use std::collections::BTreeMap;

use ecs_sdk::{Client, operation::describe_instances::Instance, types::InstanceStatus};
use futures_util::{StreamExt, TryStreamExt, stream};

mod support;

/// Regions that are asked at the same time.
const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    if setup.is_local() {
        for (region, amount) in [("cn-hangzhou", 120), ("eu-central-1", 2), ("us-west-1", 1)] {
            let client = setup.ecs.with_region(region);
            // A call creates 100 at most, and a page holds no more either.
            for first in (0..amount).step_by(100) {
                support::launch(&client, |order| order.amount(i32::min(100, amount - first))).await?;
            }
        }
    }

    let started = tokio::time::Instant::now();
    let regions = setup.ecs.describe_regions().send().await?.regions;
    println!("Asking {} regions, {AT_ONCE} at a time …", regions.len());
    // Clients of other regions share the connections of the first.
    let clients = regions.into_iter().map(|region| (setup.ecs.with_region(&region.region_id), region.region_id));
    let mut answers: Vec<(String, ecs_sdk::Result<Vec<Instance>>)> = stream::iter(clients)
        .map(|(client, region)| async move { (region, instances(&client).await) })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    answers.sort_by(|(a, _), (b, _)| a.cmp(b));

    let (mut count, mut failed) = (0, 0);
    for (region, answer) in &answers {
        match answer {
            Ok(instances) if instances.is_empty() => {}
            Ok(instances) => {
                println!("\n{region}: {} instances", instances.len());
                summary(instances)
                    .iter()
                    .for_each(|((kind, status), number)| println!("  {number:4} {kind:16} {status}"));
                count += instances.len();
            }
            Err(error) => {
                println!("\n{region}: {error}");
                failed += 1;
            }
        }
    }
    let (answered, seconds) = (answers.len() - failed, started.elapsed().as_secs_f32());
    println!("\n{count} instances in {answered} regions, found in {seconds:.1} s; {failed} regions did not answer.");
    Ok(())
}

async fn instances(client: &Client) -> ecs_sdk::Result<Vec<Instance>> {
    client.describe_instances().items().try_collect().await
}

/// How many instances there are of each type in each state.
fn summary(instances: &[Instance]) -> BTreeMap<(&str, &str), usize> {
    let mut numbers = BTreeMap::new();
    for instance in instances {
        let status = instance.status.as_ref().map_or("", InstanceStatus::as_str);
        *numbers.entry((instance.instance_type.as_str(), status)).or_default() += 1;
    }
    numbers
}
