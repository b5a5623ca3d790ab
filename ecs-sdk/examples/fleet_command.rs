//! Runs a shell command on a fleet through Cloud Assistant and gathers its output: all running instances, or those with
//! a tag.
//!
//! ```text
//! cargo run -p ecs-sdk --example fleet_command -- 'uptime' --yes
//! cargo run -p ecs-sdk --example fleet_command -- 'df -h /' team=web --yes
//! ```
//!
//! Without credentials, it runs on an emulator with three instances. The emulator executes nothing but `echo`.

use std::{collections::BTreeMap, time::Duration};

use anyhow::bail;
use ecs_sdk::{
    Client,
    operation::{describe_instances::DescribeInstances, describe_invocations::InvokeInstance},
    types::{CommandType, InstanceStatus, Tag},
};

mod support;

/// Instances on which a command runs longer are given up.
const TIMEOUT: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    let (script, tag) = match setup.arguments.as_slice() {
        [script] => (script.as_str(), None),
        [script, tag] => (script.as_str(), tag.split_once('=')),
        [] if setup.is_local() => ("echo hello", None),
        _ => bail!("expected a shell command, and optionally a tag as `key=value`"),
    };
    if setup.is_local() {
        setup.launch(|request| request.amount(3)).await?;
    }
    let ids = fleet(client, tag).await?;
    if ids.is_empty() {
        bail!("no instance is running");
    }
    println!("`{script}` on {} instances", ids.len());
    if !setup.may("run commands") {
        return Ok(());
    }
    let results = run(client, script, &ids).await?;

    // Instances with the same result are shown together.
    let mut groups: BTreeMap<(Option<i64>, String), Vec<&str>> = BTreeMap::new();
    for result in &results {
        let output = match result.error_info.as_str() {
            "" => result.output_decoded()?.text().into_owned(),
            error => format!("{}: {error}", support::shown(result.error_code.as_ref())),
        };
        groups.entry((result.exit_code, output)).or_default().push(&result.instance_id);
    }
    for ((exit_code, output), ids) in &groups {
        println!("\n{} instances, exit code {}: {}", ids.len(), support::shown(*exit_code), ids.join(" "));
        output.lines().for_each(|line| println!("  {line}"));
    }
    match results.iter().filter(|result| result.exit_code != Some(0)).count() {
        0 => Ok(()),
        failed => bail!("the command failed on {failed} of {} instances", results.len()),
    }
}

/// The running instances, optionally only those with a tag.
async fn fleet(client: &Client, tag: Option<(&str, &str)>) -> ecs_sdk::Result<Vec<String>> {
    let tags = tag.map(|(key, value)| [Tag::new().key(key).value(value)]);
    let mut instances =
        client.describe_instances().status(InstanceStatus::Running).maybe(tags, DescribeInstances::tags).items();
    let mut ids = Vec::new();
    while let Some(instance) = instances.try_next().await? {
        ids.push(instance.instance_id);
    }
    Ok(ids)
}

/// Runs a command, and returns the result of each instance.
async fn run(client: &Client, script: &str, ids: &[String]) -> ecs_sdk::Result<Vec<InvokeInstance>> {
    let request = client
        .run_command()
        .r#type(CommandType::RunShellScript)
        .command_content(script)
        .timeout(TIMEOUT.as_secs() as i64)
        .instance_ids(ids);
    // A call takes a limited number of instances. Each batch is a command of its own.
    let started = request.in_batches().send().await.into_result()?;
    let invocations = started.into_iter().map(|response| response.invoke_id);
    let finished = client
        .wait_until_invocation_finished()
        .invoke_ids(invocations)
        .on_progress(|progress| eprintln!("{progress}"))
        .wait(TIMEOUT + Duration::from_secs(60))
        .await?;
    Ok(finished.into_iter().flat_map(|invocation| invocation.invoke_instances).collect())
}
