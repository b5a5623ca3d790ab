//! Renews subscriptions: finds those that expire in the next two weeks, renews them for a month, enables automatic
//! renewal, checks that it is enabled, and disables it.
//!
//! ```text
//! cargo run -p ecs-sdk --example renew_instances
//! cargo run -p ecs-sdk --example renew_instances -- --yes i-… i-…    # renews these instances of your account
//! ```
//!
//! Without credentials, this example runs on an emulator with three subscriptions. On your account, it only shows which
//! subscriptions expire soon, unless you pass `--yes` and instance IDs. Renewals are charged immediately.

use ecs_sdk::{
    Client,
    operation::describe_instances::Instance,
    types::{Filter, InstanceChargeType, PeriodUnit},
};

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
                .launch(|request| {
                    request.instance_charge_type(subscription).period(number).period_unit(unit).instance_name(name)
                })
                .await?;
        }
    }

    println!("Subscriptions that expire in the next two weeks:");
    let expiring = expiring(client).await?;
    for instance in &expiring {
        let expiry = support::shown(instance.expired_time.as_ref());
        println!("  {} {} expires at {expiry}", instance.instance_id, instance.instance_name);
    }
    let mut ids: Vec<&str> = expiring.iter().map(|instance| instance.instance_id.as_str()).collect();
    if !setup.is_local() {
        // On your account, only the given instances are renewed.
        ids.retain(|id| setup.arguments.iter().any(|argument| argument == id));
    }
    if ids.is_empty() {
        println!("No subscription to renew.");
        return Ok(());
    }
    if !setup.may("renew them") {
        return Ok(());
    }

    println!("\nRenewed for a month:");
    for id in &ids {
        // The SDK generates a client token, so a retry is not charged twice.
        let order = client.renew_instance().instance_id(*id).period(1).period_unit(PeriodUnit::Month).send().await?;
        println!("  {id}, order {}", order.order_id);
    }
    let renewed: Vec<Instance> =
        client.describe_instances().instance_ids(ids.iter().copied()).items().try_collect().await?;
    for instance in &renewed {
        println!("  {} now expires at {}", instance.instance_id, support::shown(instance.expired_time.as_ref()));
    }

    println!("\nAutomatic renewal:");
    let request = client.modify_instance_auto_renew_attribute().instance_id(ids.iter().copied());
    request.clone().auto_renew(true).duration(1).period_unit(PeriodUnit::Month).send().await?;
    print_auto_renewal(client, &ids).await?;
    request.auto_renew(false).send().await?;
    print_auto_renewal(client, &ids).await
}

/// Returns the instances whose subscription expires in the next two weeks.
async fn expiring(client: &Client) -> anyhow::Result<Vec<Instance>> {
    let window = [
        Filter::new().key("ExpiredStartTime").value(support::days_from_now(0)?),
        Filter::new().key("ExpiredEndTime").value(support::days_from_now(14)?),
    ];
    let found = client.describe_instances().instance_charge_type(InstanceChargeType::PrePaid).filters(window);
    Ok(found.items().try_collect().await?)
}

/// Prints whether automatic renewal is enabled.
async fn print_auto_renewal(client: &Client, ids: &[&str]) -> anyhow::Result<()> {
    let mut attributes = client.describe_instance_auto_renew_attribute().instance_id(ids.iter().copied()).items();
    while let Some(attribute) = attributes.try_next().await? {
        let (id, duration) = (attribute.instance_id, attribute.duration.unwrap_or_default());
        match attribute.auto_renew_enabled {
            Some(true) => println!("  {id}: enabled, renews for {duration} {}", support::shown(attribute.period_unit)),
            _ => println!("  {id}: disabled"),
        }
    }
    Ok(())
}
