//! Reports the instances of an account, in all regions concurrently, as a table or as CSV. If a region fails, the others
//! are still reported.
//!
//! ```text
//! cargo run -p ecs-sdk --example fleet_report
//! cargo run -p ecs-sdk --example fleet_report -- csv > fleet.csv
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator with instances in some regions. With
//! credentials, it reports the instances of your account.

use std::collections::BTreeMap;

use anyhow::bail;
use ecs_sdk::{Client, operation::describe_instances::Instance};
use futures_util::{StreamExt, stream};

mod support;

/// Number of regions to query concurrently. Higher numbers are faster but increase the risk of throttling.
const CONCURRENT_REGIONS: usize = 8;

const COLUMNS: [&str; 9] = ["region", "zone", "id", "name", "type", "vCPUs", "memory GiB", "status", "public address"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let csv = match setup.arguments.as_slice() {
        [] => false,
        [format] if format == "csv" => true,
        _ => bail!("expected no argument for a table, or `csv`"),
    };
    if setup.is_local() {
        for (region, amount) in [("cn-hangzhou", 120), ("eu-central-1", 2), ("us-west-1", 1)] {
            let client = setup.ecs.with_region(region);
            // A call creates at most 100 instances.
            for first in (0..amount).step_by(100) {
                support::launch(&client, |request| request.amount(i32::min(100, amount - first))).await?;
            }
        }
    }

    let regions = setup.ecs.describe_regions().send().await?.regions;
    let number = regions.len();
    // Clients for other regions share the connection pool of the first client.
    let clients = regions.into_iter().map(|region| (setup.ecs.with_region(&region.region_id), region.region_id));
    let mut results: Vec<(String, ecs_sdk::Result<Vec<Instance>>)> = stream::iter(clients)
        .map(|(client, region)| async move { (region, instances(&client).await) })
        .buffer_unordered(CONCURRENT_REGIONS)
        .collect()
        .await;
    results.sort_by(|(a, _), (b, _)| a.cmp(b));

    let mut fleet = Vec::new();
    let mut failed = 0;
    for (region, result) in results {
        match result {
            Ok(instances) => fleet.extend(instances),
            Err(error) => {
                // Not in the report itself, which another program may read.
                eprintln!("{region}: {error}");
                failed += 1;
            }
        }
    }
    if csv {
        print_csv(&fleet);
    } else {
        print_table(&fleet);
    }
    eprintln!("\n{} instances in {} regions; {failed} regions failed.", fleet.len(), number - failed);
    Ok(())
}

/// All instances in the region of a client.
async fn instances(client: &Client) -> ecs_sdk::Result<Vec<Instance>> {
    client.describe_instances().items().try_collect().await
}

/// The values of an instance in the order of [`COLUMNS`].
fn row(instance: &Instance) -> [String; 9] {
    let address = instance.public_ip_address.first().unwrap_or(&instance.eip_address.ip_address);
    [
        instance.region_id.clone(),
        instance.zone_id.clone(),
        instance.instance_id.clone(),
        instance.instance_name.clone(),
        instance.instance_type.clone(),
        support::shown(instance.cpu),
        // The service counts in MiB.
        support::shown(instance.memory.map(|memory| memory as f64 / 1024.0)),
        support::shown(instance.status.as_ref()),
        address.clone(),
    ]
}

fn print_csv(fleet: &[Instance]) {
    println!("{}", COLUMNS.join(","));
    for instance in fleet {
        println!("{}", row(instance).map(|value| quoted(&value)).join(","));
    }
}

/// Quotes a value of CSV if it contains a character with a meaning there.
fn quoted(value: &str) -> String {
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

/// Prints the first instances of each region, and the numbers of instances by region and type.
fn print_table(fleet: &[Instance]) {
    /// Enough to see what a region is used for.
    const SHOWN: usize = 3;

    let mut regions: BTreeMap<&str, Vec<&Instance>> = BTreeMap::new();
    for instance in fleet {
        regions.entry(&instance.region_id).or_default().push(instance);
    }
    println!("{:13} {:16} {:26} {:18} {:>5} {:>7} {:10}", "region", "zone", "id", "type", "vCPUs", "GiB", "status");
    for (region, instances) in &regions {
        for instance in instances.iter().take(SHOWN) {
            let [region, zone, id, _, kind, cpu, memory, status, _] = row(instance);
            println!("{region:13} {zone:16} {id:26} {kind:18} {cpu:>5} {memory:>7} {status:10}");
        }
        if let Some(more) = instances.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            println!("{region:13} … and {more} more");
        }
    }

    let mut numbers: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for instance in fleet {
        *numbers.entry((&instance.region_id, &instance.instance_type)).or_default() += 1;
    }
    println!();
    for ((region, kind), number) in numbers {
        println!("{number:5} × {kind} in {region}");
    }
}
