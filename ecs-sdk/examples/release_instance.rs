//! Releases pay-as-you-go instances: automatically at a given time, which can be canceled; after stopping them; after
//! stopping them forcibly; and forcibly while they are running.
//!
//! ```text
//! cargo run -p ecs-sdk --example release_instance
//! cargo run -p ecs-sdk --example release_instance -- --yes    # creates the instances on your account
//! ```
//!
//! Without credentials, this example runs on an emulator. It releases only instances that it created, so on your
//! account it does nothing without `--yes`.

use std::time::Duration;

use anyhow::{Context, bail};
use ecs_sdk::{Client, codes};

mod support;

const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    if !setup.may("create and release three instances") {
        return Ok(());
    }
    // If this program fails, the service releases the instances after an hour.
    let in_an_hour = support::seconds_from_now(3600)?;
    let ids = setup.launch(|request| request.amount(3).auto_release_time(in_an_hour)).await?;
    let [first, second, third] = ids.as_slice() else { bail!("expected three new instances, got {}", ids.len()) };
    println!("Created {}.", ids.join(", "));

    println!("\nAutomatic release of {first}");
    let time = support::seconds_from_now(2 * 3600)?;
    client.modify_instance_auto_release_time().instance_id(first).auto_release_time(time).send().await?;
    println!("  scheduled for {}", auto_release_time(client, first).await?);
    // Without a time, the automatic release is canceled.
    client.modify_instance_auto_release_time().instance_id(first).send().await?;
    println!("  canceled; release time: {}", auto_release_time(client, first).await?);

    println!("\nRelease of {first} after stopping it");
    match client.delete_instance().instance_id(first).send().await {
        Ok(_) => println!("  unexpectedly released while it was running"),
        Err(error) if error.code() == Some(codes::INCORRECT_INSTANCE_STATUS) => {
            println!("  not possible while it is running: {}", error.message());
        }
        Err(error) => return Err(error.into()),
    }
    client.stop_instance().instance_id(first).send().await?;
    client.wait_until_instance_stopped().instance_ids([first]).wait(WAIT_TIMEOUT).await?;
    println!("  stopped");
    client.delete_instance().instance_id(first).send().await?;
    gone(client, first).await?;

    println!("\nRelease of {second} after stopping it forcibly");
    // Like a power failure: data that has not been written to disk is lost.
    client.stop_instance().instance_id(second).force_stop(true).send().await?;
    client.wait_until_instance_stopped().instance_ids([second]).wait(WAIT_TIMEOUT).await?;
    println!("  stopped");
    client.delete_instance().instance_id(second).send().await?;
    gone(client, second).await?;

    println!("\nForced release of {third} while it is running");
    client.delete_instance().instance_id(third).force(true).send().await?;
    gone(client, third).await
}

async fn auto_release_time(client: &Client, id: &str) -> anyhow::Result<String> {
    let instance = client.describe_instances().instance_ids([id]).items().try_next().await?;
    let time = instance.with_context(|| format!("{id} does not exist"))?.auto_release_time;
    Ok(time.map_or_else(|| "none".to_owned(), |time| time.to_string()))
}

async fn gone(client: &Client, id: &str) -> anyhow::Result<()> {
    client.wait_until_instance_deleted().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
    println!("  released");
    Ok(())
}
