//! Finds instances by what they are, and tells what happens at the end of those that are subscriptions:
//!
//! * filters: billing, network, state, tags, a pattern of the name, a time of creation,
//! * what no ID, and what an empty list of IDs means,
//! * whether the caller may list instances at all,
//! * the state of automatic renewal.
//!
//! ```text
//! cargo run -p ecs-sdk --example describe_instances
//! ```
//!
//! Only reads. Needs nothing; the local ECS gets some instances to find. With credentials and
//! `ALIBABA_CLOUD_REGION_ID` it looks through your account.

use ecs_sdk::{
    Client,
    operation::describe_instances::Instance,
    types::{Filter, InstanceChargeType, InstanceStatus, InternetChargeType, NetworkType, Tag},
};
use futures_util::TryStreamExt;

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    if setup.is_local() {
        prepare(&setup).await?;
    }

    // A dry run tells whether an empty list means that there is nothing, or that nothing may be seen.
    client.describe_instances().check().await?;
    println!("The caller may list instances.");

    // All conditions have to be met.
    let found: Vec<Instance> = client
        .describe_instances()
        .instance_network_type(NetworkType::Vpc)
        .instance_charge_type(InstanceChargeType::PostPaid)
        .internet_charge_type(InternetChargeType::PayByTraffic)
        .status(InstanceStatus::Running)
        .items()
        .try_collect()
        .await?;
    println!("\nRunning in a VPC, pay-as-you-go, paid by traffic: {}", found.len());
    for instance in &found {
        let addresses = instance.public_ip_address.join(", ");
        println!("  {}  {}  {}", instance.instance_id, instance.image_id, addresses);
    }

    let tagged = client.describe_instances().tags([Tag::new().key("team").value("web")]);
    println!("\nWith the tag team=web: {}", names(tagged.items().try_collect().await?));
    let named = client.describe_instances().instance_name("web-*");
    println!("With a name like web-*: {}", names(named.items().try_collect().await?));
    let young = client
        .describe_instances()
        .filters([Filter::new().key("CreationStartTime").value(support::days_from_now(-1)?)]);
    println!("Created since yesterday: {}", names(young.items().try_collect().await?));

    // The first page only, of two instances each.
    let page = client.describe_instances().max_results(2).send().await?;
    println!("\nThe first page: {}", names(page.instances));
    println!("There are more: {}", !page.next_token.is_empty());
    // An empty list of IDs matches nothing, no list matches all.
    let none = client.describe_instances().instance_ids([] as [&str; 0]).send().await?;
    println!("Of an empty list of IDs: {}", names(none.instances));

    auto_renewal(client).await
}

/// Tells what happens when subscriptions end.
async fn auto_renewal(client: &Client) -> anyhow::Result<()> {
    let subscriptions = client.describe_instances().instance_charge_type(InstanceChargeType::PrePaid);
    let subscriptions: Vec<Instance> = subscriptions.items().try_collect().await?;
    println!("\nSubscriptions: {}", subscriptions.len());
    // One call takes up to 100 IDs.
    for some in subscriptions.chunks(100) {
        let ids = some.iter().map(|instance| instance.instance_id.as_str());
        let mut attributes = client.describe_instance_auto_renew_attribute().instance_id(ids).items();
        while let Some(attribute) = attributes.try_next().await? {
            let id = &attribute.instance_id;
            let instance = some.iter().find(|instance| instance.instance_id == *id);
            let expiry = support::shown(instance.and_then(|instance| instance.expired_time.as_ref()));
            if attribute.auto_renew_enabled == Some(true) {
                let length = attribute.duration.unwrap_or_default();
                println!("  {id} is renewed at {expiry}, for {length} {}", support::shown(attribute.period_unit));
            } else {
                println!("  {id} ends at {expiry} ({})", support::shown(attribute.renewal_status));
            }
        }
    }
    Ok(())
}

fn names(instances: Vec<Instance>) -> String {
    let names: Vec<String> = instances.into_iter().map(|instance| instance.instance_name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

/// Gives the local ECS some instances.
async fn prepare(setup: &support::Setup) -> ecs_sdk::Result<()> {
    let tags = [Tag::new().key("team").value("web")];
    setup.launch(|order| order.amount(2).instance_name("web-[1,1]").internet_max_bandwidth_out(5).tags(tags)).await?;
    let subscription = |name: &str, renewed: bool| {
        let name = name.to_owned();
        setup.launch(move |order| {
            let order = order.instance_name(name).instance_charge_type(InstanceChargeType::PrePaid).period(1);
            if renewed { order.auto_renew(true).auto_renew_period(3) } else { order }
        })
    };
    subscription("database", true).await?;
    subscription("build", false).await?;
    Ok(())
}
