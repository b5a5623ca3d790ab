//! The lifecycle of an instance, step by step: dry run, create, list, describe, stop, change the instance type, start,
//! stop and release. `cargo xtask demo` runs this example on an emulator.
//!
//! ```text
//! cargo run -p ecs-sdk --example demo
//! cargo run -p ecs-sdk --example demo -- --yes    # on your account; costs as much as a small instance for a few minutes
//! ```
//!
//! Without credentials, this example runs on an emulator. On your account, it only makes a dry run and lists instances
//! unless you pass `--yes`. If a step fails, the example releases the instance and exits with a code other than 0.

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
use tokio::time::Instant;

mod support;

const SMALL: &str = support::INSTANCE_TYPE;
const LARGE: &str = "ecs.g6.xlarge";
const WAIT_TIMEOUT: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    let request = client
        .run_instances()
        .image_family(support::IMAGE_FAMILY)
        .instance_type(SMALL)
        .instance_name("ecs-sdk-demo")
        .internet_max_bandwidth_out(1)
        .tags([tag()]);
    let mut steps = Steps::new();

    steps
        .step("Dry run", async {
            request.clone().check().await?;
            Ok(((), format!("{SMALL} can be created")))
        })
        .await?;
    if !setup.may("create an instance") {
        steps
            .step("List instances", async {
                let page = client.describe_instances().send().await?;
                Ok(((), format!("{} on the first page", page.instances.len())))
            })
            .await?;
        return Ok(());
    }

    let mut id = None;
    let result = lifecycle(client, request, &mut steps, &mut id).await;
    if let (Err(_), Some(id)) = (&result, &id) {
        // Release the instance, because it costs money. The error of the failed step is reported below.
        match client.delete_instance().instance_id(id).force(true).send().await {
            Ok(_) => println!("  Released {id}."),
            Err(error) => println!("  {id} may still exist: {error}"),
        }
    }
    let instance = result?;
    let seconds = steps.started.elapsed().as_secs_f32();
    println!("\nThe instance {} was", instance.instance_id);
    println!(
        "  created as {SMALL} in {} with the public IP address {},",
        instance.zone_id,
        instance.public_ip_address.join(", ")
    );
    println!("  listed, stopped, changed to {LARGE}, started, stopped and released.");
    println!("All {} steps succeeded in {seconds:.1} s.", steps.done);
    Ok(())
}

/// Runs all steps from creation to release. Stores the ID as soon as the instance exists, so that the caller can
/// release it.
async fn lifecycle(
    client: &Client,
    request: RunInstances,
    steps: &mut Steps,
    created: &mut Option<String>,
) -> anyhow::Result<Instance> {
    let id = steps
        .step("Create an instance", async {
            let out = request.send().await?;
            let id = out.instance_id_sets.into_iter().next().context("the response has no instance ID")?;
            Ok((id.clone(), id))
        })
        .await?;
    let id = &*created.insert(id);

    steps
        .step("Wait until it is running", async {
            client.wait_until_instance_running().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
            Ok(((), "Running".to_owned()))
        })
        .await?;

    steps
        .step("List instances by tag", async {
            let found: Vec<Instance> = client.describe_instances().tags([tag()]).items().try_collect().await?;
            ensure!(found.iter().any(|instance| instance.instance_id == *id), "{id} is not listed");
            Ok(((), format!("{} found", found.len())))
        })
        .await?;

    let first = steps
        .step("Describe it", async {
            let instance = describe(client, id).await?;
            ensure!(instance.instance_type == SMALL, "expected {SMALL}, found {}", instance.instance_type);
            let size = size(&instance);
            Ok((instance, size))
        })
        .await?;

    steps.step("Stop it", stop(client, id)).await?;

    steps
        .step("Change its instance type", async {
            client.modify_instance_spec().instance_id(id).instance_type(LARGE).send().await?;
            let instance = describe(client, id).await?;
            ensure!(instance.instance_type == LARGE, "expected {LARGE}, found {}", instance.instance_type);
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

    steps.step("Stop it again", stop(client, id)).await?;

    steps
        .step("Release it", async {
            client.delete_instance().instance_id(id).send().await?;
            client.wait_until_instance_deleted().instance_ids([id]).wait(WAIT_TIMEOUT).await?;
            Ok(((), "deleted".to_owned()))
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
    instance.with_context(|| format!("{id} does not exist"))
}

fn tag() -> Tag {
    Tag::new().key("made-by").value("ecs-sdk-demo")
}

fn size(instance: &Instance) -> String {
    let (cpus, mebibytes) = (instance.cpu.unwrap_or_default(), instance.memory.unwrap_or_default());
    format!("{}: {cpus} vCPUs, {} GiB", instance.instance_type, mebibytes / 1024)
}

/// Runs steps and prints their progress.
struct Steps {
    started: Instant,
    /// Number of steps that succeeded.
    done: usize,
}

impl Steps {
    fn new() -> Self {
        Self { started: Instant::now(), done: 0 }
    }

    /// Runs a step. `work` returns a value and its description, which is printed.
    async fn step<T>(
        &mut self,
        name: &str,
        work: impl Future<Output = anyhow::Result<(T, String)>>,
    ) -> anyhow::Result<T> {
        let mut out = std::io::stdout();
        let live = out.is_terminal();
        if live {
            write!(out, "  … {name}")?;
            out.flush()?;
        }
        let started = Instant::now();
        let result = work.await;
        let seconds = started.elapsed().as_secs_f32();
        let back = if live { "\r" } else { "" };
        match result {
            Ok((value, outcome)) => {
                writeln!(out, "{back}  ✓ {name:38} {seconds:5.1} s   {outcome}")?;
                self.done += 1;
                Ok(value)
            }
            Err(error) => {
                writeln!(out, "{back}  ✗ {name:38} {seconds:5.1} s")?;
                Err(error.context(format!("the step {name:?} failed")))
            }
        }
    }
}
