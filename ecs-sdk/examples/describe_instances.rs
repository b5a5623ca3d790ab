//! Finds instances by their attributes, and shows whether subscriptions are renewed automatically:
//!
//! * filters: billing method, network, status, tags, a name pattern, and the creation time,
//! * the difference between no list of IDs and an empty one,
//! * whether the caller is authorized to list instances,
//! * the state of automatic renewal.
//!
//! ```text
//! cargo run -p ecs-sdk --example describe_instances
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator with a few instances. With credentials and
//! `ALIBABA_CLOUD_REGION_ID`, it finds the instances of your account.

use ecs_sdk::{
    Client,
    operation::describe_instances::Instance,
    types::{Filter, InstanceChargeType, InstanceStatus, InternetChargeType, NetworkType},
};

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    if setup.is_local() {
        prepare(&setup).await?;
    }

    // An empty list can mean that there are no instances, or that the caller is not authorized. A dry run finds out.
    client.describe_instances().check().await?;
    println!("The caller is authorized to list instances.");

    // Instances must match all filters.
    let found: Vec<Instance> = client
        .describe_instances()
        .instance_network_type(NetworkType::Vpc)
        .instance_charge_type(InstanceChargeType::PostPaid)
        .internet_charge_type(InternetChargeType::PayByTraffic)
        .status(InstanceStatus::Running)
        .items()
        .try_collect()
        .await?;
    println!("\nRunning pay-as-you-go instances in a VPC, billed by traffic: {}", found.len());
    for instance in &found {
        let addresses = instance.public_ip_address.join(", ");
        println!("  {}  {}  {}", instance.instance_id, instance.image_id, addresses);
    }

    let tagged = client.describe_instances().tags([("team", "web")]);
    println!("\nWith the tag team=web: {}", names(tagged.items().try_collect().await?));
    let named = client.describe_instances().instance_name("web-*");
    println!("With a name that matches web-*: {}", names(named.items().try_collect().await?));
    let recent = client
        .describe_instances()
        .filters([Filter::new().key("CreationStartTime").value(support::days_from_now(-1)?)]);
    println!("Created since yesterday: {}", names(recent.items().try_collect().await?));

    // Only the first page, with two instances per page.
    let page = client.describe_instances().max_results(2).send().await?;
    println!("\nThe first page: {}", names(page.instances));
    println!("There are more pages: {}", !page.next_token.is_empty());
    // An empty list of IDs matches no instances. Without a list, all instances match.
    let none = client.describe_instances().instance_ids([] as [&str; 0]).send().await?;
    println!("With an empty list of IDs: {}", names(none.instances));

    auto_renewal(client).await
}

/// Prints whether each subscription is renewed when it expires.
async fn auto_renewal(client: &Client) -> anyhow::Result<()> {
    let subscriptions = client.describe_instances().instance_charge_type(InstanceChargeType::PrePaid);
    let subscriptions: Vec<Instance> = subscriptions.items().try_collect().await?;
    println!("\nSubscriptions: {}", subscriptions.len());
    // A request can have up to 100 IDs.
    for chunk in subscriptions.chunks(100) {
        let ids = chunk.iter().map(|instance| instance.instance_id.as_str());
        let mut attributes = client.describe_instance_auto_renew_attribute().instance_id(ids).items();
        while let Some(attribute) = attributes.try_next().await? {
            let id = &attribute.instance_id;
            let instance = chunk.iter().find(|instance| instance.instance_id == *id);
            let expiry = support::shown(instance.and_then(|instance| instance.expired_time.as_ref()));
            if attribute.auto_renew_enabled == Some(true) {
                let length = attribute.duration.unwrap_or_default();
                println!("  {id} is renewed at {expiry} for {length} {}", support::shown(attribute.period_unit));
            } else {
                println!("  {id} expires at {expiry} ({})", support::shown(attribute.renewal_status));
            }
        }
    }
    Ok(())
}

fn names(instances: Vec<Instance>) -> String {
    let names: Vec<String> = instances.into_iter().map(|instance| instance.instance_name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

/// Creates some instances in the emulator.
async fn prepare(setup: &support::Setup) -> ecs_sdk::Result<()> {
    let tags = [("team", "web")];
    setup
        .launch(|request| request.amount(2).instance_name("web-[1,1]").internet_max_bandwidth_out(5).tags(tags))
        .await?;
    let subscription = |name: &str, renewed: bool| {
        let name = name.to_owned();
        setup.launch(move |request| {
            let request = request.instance_name(name).instance_charge_type(InstanceChargeType::PrePaid).period(1);
            if renewed { request.auto_renew(true).auto_renew_period(3) } else { request }
        })
    };
    subscription("database", true).await?;
    subscription("build", false).await?;
    Ok(())
}
