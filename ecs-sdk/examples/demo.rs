//! The life of an instance, step by step: checked, created, found, looked at, stopped, made larger, started, stopped and
//! released. `cargo xtask demo` runs this on a local ECS.
//!
//! ```text
//! cargo run -p ecs-sdk --example demo
//! cargo run -p ecs-sdk --example demo -- --yes    # on your account; costs a few minutes of a small instance
//! ```
//!
//! Needs no account. On one, it checks the order and lists instances, and does the rest only with `--yes`. Ends with an
//! exit code other than 0 when a step fails, after it has released what it created.

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use anyhow::{Context, ensure};
use ecs_sdk::{
    Client,
    operation::{describe_instances::Instance, run_instances::RunInstances},
    types::Tag,
};
use futures_util::TryStreamExt;
use tokio::time::Instant;

mod support;

const SMALL: &str = support::INSTANCE_TYPE;
const LARGE: &str = "ecs.g6.xlarge";
const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    let order = client
        .run_instances()
        .image_family(support::IMAGE_FAMILY)
        .instance_type(SMALL)
        .instance_name("ecs-sdk-demo")
        .internet_max_bandwidth_out(1)
        .tags([tag()]);
    let mut steps = Steps::new();

    steps
        .step("Check the order without executing it", async {
            order.clone().check().await?;
            Ok(((), format!("one {SMALL} could be created")))
        })
        .await?;
    if !setup.may("creating an instance") {
        steps
            .step("List instances", async {
                let page = client.describe_instances().send().await?;
                Ok(((), format!("{} on the first page", page.instances.len())))
            })
            .await?;
        return Ok(());
    }

    let mut id = None;
    let end = life(client, order, &mut steps, &mut id).await;
    if let (Err(_), Some(id)) = (&end, &id) {
        // What costs money is not left behind; the first failure is what is told.
        match client.delete_instance().instance_id(id).force(true).send().await {
            Ok(_) => println!("  {id} was released."),
            Err(error) => println!("  {id} may still be there: {error}"),
        }
    }
    let instance = end?;
    let seconds = steps.started.elapsed().as_secs_f32();
    println!("\nThe instance {} has lived its life:", instance.instance_id);
    println!(
        "  created as {SMALL} in {}, with the public address {},",
        instance.zone_id,
        instance.public_ip_address.join(", ")
    );
    println!("  found in the list, stopped, changed to {LARGE}, started again, stopped and released.");
    println!("All {} steps went as expected, in {seconds:.1} s. Nothing is left behind.", steps.done);
    Ok(())
}

/// Everything from creation to release. Notes the ID as soon as there is something to release.
async fn life(
    client: &Client,
    order: RunInstances,
    steps: &mut Steps,
    created: &mut Option<String>,
) -> anyhow::Result<Instance> {
    let id = steps
        .step("Create an instance", async {
            let out = order.send().await?;
            let id = out.instance_id_sets.into_iter().next().context("the service told no ID")?;
            Ok((id.clone(), id))
        })
        .await?;
    let id = &*created.insert(id);

    steps
        .step("Wait until it runs", async {
            client.wait_until_instance_running().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
            Ok(((), "Running".to_owned()))
        })
        .await?;

    steps
        .step("List instances with its tag", async {
            let found: Vec<Instance> = client.describe_instances().tags([tag()]).items().try_collect().await?;
            ensure!(found.iter().any(|instance| instance.instance_id == *id), "{id} is not in the list");
            Ok(((), format!("{} found", found.len())))
        })
        .await?;

    let first = steps
        .step("Describe it", async {
            let instance = describe(client, id).await?;
            ensure!(instance.instance_type == SMALL, "it is of the type {}", instance.instance_type);
            let size = size(&instance);
            Ok((instance, size))
        })
        .await?;

    steps.step("Stop it", stop(client, id)).await?;

    steps
        .step("Make it larger", async {
            client.modify_instance_spec().instance_id(id).instance_type(LARGE).send().await?;
            let instance = describe(client, id).await?;
            ensure!(instance.instance_type == LARGE, "it is still of the type {}", instance.instance_type);
            Ok(((), size(&instance)))
        })
        .await?;

    steps
        .step("Start it again", async {
            client.start_instance().instance_id(id).send().await?;
            client.wait_until_instance_running().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
            Ok(((), "Running".to_owned()))
        })
        .await?;

    steps.step("Stop it for good", stop(client, id)).await?;

    steps
        .step("Release it", async {
            client.delete_instance().instance_id(id).send().await?;
            client.wait_until_instance_deleted().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
            Ok(((), "gone".to_owned()))
        })
        .await?;
    Ok(first)
}

async fn stop(client: &Client, id: &str) -> anyhow::Result<((), String)> {
    client.stop_instance().instance_id(id).send().await?;
    client.wait_until_instance_stopped().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
    Ok(((), "Stopped".to_owned()))
}

async fn describe(client: &Client, id: &str) -> anyhow::Result<Instance> {
    let instance = client.describe_instances().instance_ids([id]).items().try_next().await?;
    instance.with_context(|| format!("{id} is gone"))
}

fn tag() -> Tag {
    Tag::new().key("made-by").value("ecs-sdk-demo")
}

fn size(instance: &Instance) -> String {
    let (cpus, mebibytes) = (instance.cpu.unwrap_or_default(), instance.memory.unwrap_or_default());
    format!("{}: {cpus} vCPUs, {} GiB", instance.instance_type, mebibytes / 1024)
}

/// Prints steps while they are made.
struct Steps {
    started: Instant,
    done: usize,
}

impl Steps {
    fn new() -> Self {
        Self { started: Instant::now(), done: 0 }
    }

    /// Makes a step, which answers with a value and what to print of it.
    async fn step<T>(
        &mut self,
        what: &str,
        work: impl Future<Output = anyhow::Result<(T, String)>>,
    ) -> anyhow::Result<T> {
        let mut out = std::io::stdout();
        let live = out.is_terminal();
        if live {
            write!(out, "  … {what}")?;
            out.flush()?;
        }
        let started = Instant::now();
        let result = work.await;
        let seconds = started.elapsed().as_secs_f32();
        let back = if live { "\r" } else { "" };
        match result {
            Ok((value, outcome)) => {
                writeln!(out, "{back}  ✓ {what:38} {seconds:5.1} s   {outcome}")?;
                self.done += 1;
                Ok(value)
            }
            Err(error) => {
                writeln!(out, "{back}  ✗ {what:38} {seconds:5.1} s")?;
                Err(error.context(format!("the step {what:?} failed")))
            }
        }
    }
}
