//! Ends the life of pay-as-you-go instances: at a time that is set, and can be cancelled; after a stop; after a forced
//! stop; and while they run, by force.
//!
//! ```text
//! cargo run -p ecs-sdk --example release_instance
//! cargo run -p ecs-sdk --example release_instance -- --yes    # with instances that it creates on your account
//! ```
//!
//! Needs no account. It releases nothing but what it created itself, so on an account it does nothing without `--yes`.

use std::time::Duration;

use anyhow::{Context, bail};
use ecs_sdk::{Client, codes};
use futures_util::TryStreamExt;

mod support;

const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    if !setup.may("creating three instances and releasing them") {
        return Ok(());
    }
    // Should this program fail half-way, the service releases them in an hour.
    let in_an_hour = support::seconds_from_now(3600)?;
    let ids = setup.launch(|order| order.amount(3).auto_release_time(in_an_hour)).await?;
    let [first, second, third] = ids.as_slice() else { bail!("three instances were to be created, not {}", ids.len()) };
    println!("Created {}.", ids.join(", "));

    println!("\nAutomatic release of {first}");
    let time = support::seconds_from_now(2 * 3600)?;
    client.modify_instance_auto_release_time().instance_id(first).auto_release_time(time).send().await?;
    println!("  set to {}", auto_release_time(client, first).await?);
    // No time takes it off again.
    client.modify_instance_auto_release_time().instance_id(first).send().await?;
    println!("  cancelled, it is {:?}", auto_release_time(client, first).await?);

    println!("\nRelease of {first} after a stop");
    match client.delete_instance().instance_id(first).send().await {
        Ok(_) => println!("  it could be released while it was running?"),
        Err(error) if error.code() == Some(codes::INCORRECT_INSTANCE_STATUS) => {
            println!("  too early: {}", error.message());
        }
        Err(error) => return Err(error.into()),
    }
    client.stop_instance().instance_id(first).send().await?;
    client.wait_until_instance_stopped().instance_ids([first]).wait(WAIT_TIMEOUT).await?;
    println!("  stopped");
    client.delete_instance().instance_id(first).send().await?;
    gone(client, first).await?;

    println!("\nRelease of {second} after a forced stop");
    // As if its power was cut: what it has not written to disk is lost.
    client.stop_instance().instance_id(second).force_stop(true).send().await?;
    client.wait_until_instance_stopped().instance_ids([second]).wait(WAIT_TIMEOUT).await?;
    println!("  stopped");
    client.delete_instance().instance_id(second).send().await?;
    gone(client, second).await?;

    println!("\nRelease of {third} while it runs");
    client.delete_instance().instance_id(third).force(true).send().await?;
    gone(client, third).await
}

async fn auto_release_time(client: &Client, id: &str) -> anyhow::Result<String> {
    let instance = client.describe_instances().instance_ids([id]).items().try_next().await?;
    Ok(support::shown(instance.with_context(|| format!("{id} is gone"))?.auto_release_time))
}

async fn gone(client: &Client, id: &str) -> anyhow::Result<()> {
    client.wait_until_instance_deleted().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
    println!("  released");
    Ok(())
}
