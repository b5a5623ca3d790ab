//! Lists the regions that an account can use, and the instances in one of them. The smallest useful program.
//!
//! ```text
//! cargo run -p ecs-sdk --example list_regions_and_instances
//! cargo run -p ecs-sdk --example list_regions_and_instances -- eu-central-1    # instances in another region
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator with a few instances. With credentials, it
//! lists the instances of your account in the given region, or in `ALIBABA_CLOUD_REGION_ID`.

use ecs_sdk::types::AcceptLanguage;

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = match setup.arguments.first() {
        Some(region) => setup.ecs.with_region(region),
        None => setup.ecs.clone(),
    };
    if setup.is_local() {
        setup.launch(|request| request.amount(3).instance_name("web-[1,1]")).await?;
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
    println!("  {count} in total");
    Ok(())
}
