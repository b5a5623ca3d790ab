//! Lists the regions that an account can use, and the instances of one of them: the smallest program that does
//! something useful.
//!
//! ```text
//! cargo run -p ecs-sdk --example list_regions_and_instances
//! cargo run -p ecs-sdk --example list_regions_and_instances -- eu-central-1    # instances of another region
//! ```
//!
//! Only reads. Needs nothing; the local ECS gets some instances to list. With credentials it lists those of your
//! account, in `ALIBABA_CLOUD_REGION_ID` or the region given.

use ecs_sdk::types::AcceptLanguage;
use futures_util::TryStreamExt;

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = match setup.arguments.first() {
        Some(region) => setup.ecs.with_region(region),
        None => setup.ecs.clone(),
    };
    if setup.is_local() {
        setup.launch(|order| order.amount(3).instance_name("web-[1,1]")).await?;
    }

    let out = client.describe_regions().accept_language(AcceptLanguage::EnUs).send().await?;
    println!("{} regions:", out.regions.len());
    for region in &out.regions {
        println!("  {:22} {:40} {}", region.region_id, region.local_name, region.region_endpoint);
    }

    println!("\nInstances in {}:", client.config().region().unwrap_or_default());
    let mut instances = client.describe_instances().items();
    let mut count = 0;
    while let Some(instance) = instances.try_next().await? {
        println!("  {}  {:8} {}", instance.instance_id, support::shown(instance.status), instance.instance_name);
        count += 1;
    }
    println!("  {count} in all");
    Ok(())
}
