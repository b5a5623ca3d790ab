//! Keeps subscriptions from ending: finds those that end in the next two weeks, renews them for a month, turns automatic
//! renewal on, looks whether it is on, and turns it off.
//!
//! ```text
//! cargo run -p ecs-sdk --example renew_instances
//! cargo run -p ecs-sdk --example renew_instances -- --yes i-… i-…    # renews these of your account
//! ```
//!
//! Needs no account; the local ECS gets three subscriptions. On an account it only shows what ends soon, unless `--yes`
//! and IDs are given. Renewal is paid at once.

use ecs_sdk::{
    Client,
    operation::describe_instances::Instance,
    types::{Filter, InstanceChargeType, PeriodUnit},
};
use futures_util::TryStreamExt;

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    if setup.is_local() {
        for (name, number, unit) in
            [("week", 1, PeriodUnit::Week), ("month", 1, PeriodUnit::Month), ("year", 12, PeriodUnit::Month)]
        {
            let subscription = InstanceChargeType::PrePaid;
            let name = format!("for-a-{name}");
            setup
                .launch(|order| {
                    order.instance_charge_type(subscription).period(number).period_unit(unit).instance_name(name)
                })
                .await?;
        }
    }

    println!("Subscriptions that end in the next two weeks:");
    let ending = ending(client).await?;
    for instance in &ending {
        let end = support::shown(instance.expired_time.as_ref());
        println!("  {} {} ends at {end}", instance.instance_id, instance.instance_name);
    }
    let mut ids: Vec<&str> = ending.iter().map(|instance| instance.instance_id.as_str()).collect();
    if !setup.is_local() {
        // On an account nothing is renewed but what was named.
        ids.retain(|id| setup.arguments.iter().any(|argument| argument == id));
    }
    if ids.is_empty() {
        println!("There is none to renew.");
        return Ok(());
    }
    if !setup.may("renewing them") {
        return Ok(());
    }

    println!("\nRenewed for a month:");
    for id in &ids {
        // A client token is filled in by itself, so that no attempt that is repeated pays twice.
        let order = client.renew_instance().instance_id(*id).period(1).period_unit(PeriodUnit::Month).send().await?;
        println!("  {id} by order {}", order.order_id);
    }
    let renewed: Vec<Instance> =
        client.describe_instances().instance_ids(ids.iter().copied()).items().try_collect().await?;
    for instance in &renewed {
        println!("  {} now ends at {}", instance.instance_id, support::shown(instance.expired_time.as_ref()));
    }

    println!("\nAutomatic renewal:");
    let set = client.modify_instance_auto_renew_attribute().instance_id(ids.iter().copied());
    set.clone().auto_renew(true).duration(1).period_unit(PeriodUnit::Month).send().await?;
    check(client, &ids).await?;
    set.auto_renew(false).send().await?;
    check(client, &ids).await
}

/// The instances whose subscription ends in the next two weeks.
async fn ending(client: &Client) -> anyhow::Result<Vec<Instance>> {
    let window = [
        Filter::new().key("ExpiredStartTime").value(support::days_from_now(0)?),
        Filter::new().key("ExpiredEndTime").value(support::days_from_now(14)?),
    ];
    let found = client.describe_instances().instance_charge_type(InstanceChargeType::PrePaid).filters(window);
    Ok(found.items().try_collect().await?)
}

async fn check(client: &Client, ids: &[&str]) -> anyhow::Result<()> {
    let mut attributes = client.describe_instance_auto_renew_attribute().instance_id(ids.iter().copied()).items();
    while let Some(attribute) = attributes.try_next().await? {
        let (id, duration) = (attribute.instance_id, attribute.duration.unwrap_or_default());
        match attribute.auto_renew_enabled {
            Some(true) => println!("  {id}: on, for {duration} {} each time", support::shown(attribute.period_unit)),
            _ => println!("  {id}: off"),
        }
    }
    Ok(())
}
