//! Lists all instances of an account, in all regions concurrently. Eight regions are queried at a time, with all pages
//! of each. If a region fails, the others are still shown.
//!
//! ```text
//! cargo run -p ecs-sdk --example inventory
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator with instances in some regions. With
//! credentials, it shows the instances of your account.

use std::collections::BTreeMap;

use ecs_sdk::{Client, operation::describe_instances::Instance, types::InstanceStatus};
use futures_util::{StreamExt, TryStreamExt, stream};

mod support;

/// Number of regions to query concurrently. Higher numbers are faster but increase the risk of throttling.
const CONCURRENT_REGIONS: usize = 8;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    if setup.is_local() {
        for (region, amount) in [("cn-hangzhou", 120), ("eu-central-1", 2), ("us-west-1", 1)] {
            let client = setup.ecs.with_region(region);
            // A call creates at most 100 instances.
            for first in (0..amount).step_by(100) {
                support::launch(&client, |request| request.amount(i32::min(100, amount - first))).await?;
            }
        }
    }

    let started = tokio::time::Instant::now();
    let regions = setup.ecs.describe_regions().send().await?.regions;
    println!("Querying {} regions, {CONCURRENT_REGIONS} at a time …", regions.len());
    // Clients for other regions share the connection pool of the first client.
    let clients = regions.into_iter().map(|region| (setup.ecs.with_region(&region.region_id), region.region_id));
    let mut results: Vec<(String, ecs_sdk::Result<Vec<Instance>>)> = stream::iter(clients)
        .map(|(client, region)| async move { (region, instances(&client).await) })
        .buffer_unordered(CONCURRENT_REGIONS)
        .collect()
        .await;
    results.sort_by(|(a, _), (b, _)| a.cmp(b));

    let (mut count, mut failed) = (0, 0);
    for (region, result) in &results {
        match result {
            Ok(instances) if instances.is_empty() => {}
            Ok(instances) => {
                println!("\n{region} (instances: {})", instances.len());
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
    let (succeeded, seconds) = (results.len() - failed, started.elapsed().as_secs_f32());
    println!("\nFound {count} instances in {succeeded} regions in {seconds:.1} s. {failed} regions failed.");
    Ok(())
}

async fn instances(client: &Client) -> ecs_sdk::Result<Vec<Instance>> {
    client.describe_instances().items().try_collect().await
}

/// The number of instances by instance type and status.
fn summary(instances: &[Instance]) -> BTreeMap<(&str, &str), usize> {
    let mut numbers = BTreeMap::new();
    for instance in instances {
        let status = instance.status.as_ref().map_or("", InstanceStatus::as_str);
        *numbers.entry((instance.instance_type.as_str(), status)).or_default() += 1;
    }
    numbers
}
