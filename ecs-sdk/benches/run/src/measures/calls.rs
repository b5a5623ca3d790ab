//! Calls over HTTP to a server on this machine.

use std::{future::Future, time::Instant};

use anyhow::{Result, ensure};
use ecs_sdk::Client;
use futures_util::future::join_all;

use super::{Measure, Rival, Setup, Work};
use crate::{
    bodies::INSTANCES,
    hand,
    models::{DescribeInstancesResponse, DescribeRegionsResponse},
    sdk,
};

pub(super) const MEASURES: &[Measure] = &[
    measure("small", "small call, 1 task", 600, SMALL_1),
    measure("small-64", "small call, 64 tasks", 640, SMALL_64),
    measure("small-1024", "small call, 1,024 tasks", 2048, SMALL_1024),
    measure("large", "350 KB call, 1 task", 20, LARGE_1),
    measure("large-64", "350 KB call, 64 tasks", 64, LARGE_64),
    measure("large-1024", "350 KB call, 1,024 tasks", 1024, LARGE_1024),
];

const fn measure(name: &'static str, title: &'static str, times: usize, rivals: &'static [Rival]) -> Measure {
    Measure { name, title, times, rivals }
}

macro_rules! rivals {
    ($($name:ident: $tasks:literal, $($rival:literal $prepare:ident),*;)*) => {$(
        const $name: &[Rival] = &[$(Rival { name: $rival, prepare: |setup| $prepare(setup, $tasks) }),*];
    )*};
}

rivals! {
    SMALL_1: 1, "sdk" small_sdk, "hand" small_hand, "own transport" small_plain;
    SMALL_64: 64, "sdk" small_sdk, "hand" small_hand;
    SMALL_1024: 1024, "sdk" small_sdk, "hand" small_hand;
    LARGE_1: 1, "sdk" large_sdk, "hand" large_hand;
    LARGE_64: 64, "sdk" large_sdk, "hand" large_hand;
    LARGE_1024: 1024, "sdk" large_sdk, "hand" large_hand;
}

fn small_sdk(setup: &Setup, tasks: usize) -> Result<Work<'_>> {
    Ok(small(setup, tasks, sdk::client(&setup.url)?))
}

fn small_plain(setup: &Setup, tasks: usize) -> Result<Work<'_>> {
    Ok(small(setup, tasks, sdk::plain_client(&setup.url)?))
}

fn small(setup: &Setup, tasks: usize, client: Client) -> Work<'_> {
    calls(setup, tasks, move || {
        let call = client.describe_regions().send();
        async move { Ok(call.await?.regions.len()) }
    })
}

fn small_hand(setup: &Setup, tasks: usize) -> Result<Work<'_>> {
    let client = hand::Client::new(&setup.url)?;
    Ok(calls(setup, tasks, move || {
        let client = client.clone();
        async move {
            let response: DescribeRegionsResponse = client.call(&[("Action", "DescribeRegions")]).await?;
            Ok(response.regions.items.len())
        }
    }))
}

fn large_sdk(setup: &Setup, tasks: usize) -> Result<Work<'_>> {
    let client = sdk::client(&setup.url)?;
    Ok(calls(setup, tasks, move || {
        let call = client.describe_instances().max_results(100).send();
        async move {
            let response = call.await?;
            ensure!(response.instances.len() == INSTANCES);
            Ok(response.instances.len())
        }
    }))
}

fn large_hand(setup: &Setup, tasks: usize) -> Result<Work<'_>> {
    let client = hand::Client::new(&setup.url)?;
    Ok(calls(setup, tasks, move || {
        let client = client.clone();
        async move {
            let parameters = [("Action", "DescribeInstances"), ("RegionId", "cn-hangzhou"), ("MaxResults", "100")];
            let response: DescribeInstancesResponse = client.call(&parameters).await?;
            ensure!(response.instances.items.len() == INSTANCES);
            Ok(response.instances.items.len())
        }
    }))
}

/// Distributes calls over tasks, each of which makes one after another.
fn calls<'s, F>(setup: &'s Setup, tasks: usize, call: impl Fn() -> F + Clone + Send + 'static) -> Work<'s>
where
    F: Future<Output = Result<usize>> + Send,
{
    Work::new(Box::new(move |times, durations| {
        let work = |calls: usize| {
            let call = call.clone();
            async move {
                let mut durations = Vec::with_capacity(calls);
                for _ in 0..calls {
                    let start = Instant::now();
                    ensure!(call().await? > 0, "an empty response");
                    durations.push(start.elapsed());
                }
                Ok(durations)
            }
        };
        if tasks == 1 {
            durations.extend(setup.runtime.block_on(work(times))?);
            return Ok(());
        }
        let spawned = (0..tasks).map(|_| setup.runtime.spawn(work(times.div_ceil(tasks))));
        for result in setup.runtime.block_on(join_all(spawned)) {
            durations.extend(result??);
        }
        Ok(())
    }))
}
