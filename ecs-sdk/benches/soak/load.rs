//! What a task does, and what it expects to be there.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use ecs_sdk::{Client, Error, Result};
use futures_util::TryStreamExt;

use crate::stats::Stats;

const IMAGE: &str = "aliyun_3_x64_20G_alibase_20250117.vhd";
const TYPE: &str = "ecs.g6.large";

/// Instances that a task keeps at most.
const KEPT: usize = 6;

/// How long a released instance may still be seen.
const GRACE: Duration = Duration::from_secs(10);

/// What there should be, by name.
pub(crate) type Ledger = BTreeMap<String, Expected>;

/// What there should be of a name.
#[derive(Debug, Clone)]
pub(crate) enum Expected {
    /// The instance of this ID, and no other.
    There {
        /// ID of the instance.
        id: String,
        /// Whether it runs, or is about to; as far as the task knows.
        runs: bool,
    },
    /// One or none: the call that created or released it failed, and may have been executed.
    Unsure,
    /// None, since it was released then.
    Gone(Instant),
}

impl Expected {
    /// How the instances of a name differ from what is expected.
    pub(crate) fn differs(&self, name: &str, ids: &[String]) -> Option<String> {
        match self {
            _ if ids.len() > 1 => Some(format!("{name} is there {} times: {ids:?}", ids.len())),
            Expected::There { id, .. } if ids.is_empty() => Some(format!("{name} ({id}) is lost")),
            Expected::There { id, .. } if *id != ids[0] => Some(format!("{name} is {}, and should be {id}", ids[0])),
            Expected::Gone(since) if since.elapsed() > GRACE && !ids.is_empty() => {
                Some(format!("{name} ({}) is there, and was released", ids[0]))
            }
            _ => None,
        }
    }
}

/// Instances that no call owns up to.
pub(crate) fn uncalled(name: &str, ids: &[String]) -> String {
    format!("{name} is there, and its call failed as not executed: {ids:?}")
}

/// A task with instances of its own.
pub(crate) struct Task {
    number: usize,
    random: u64,
    created: u64,
    client: Client,
    stats: Arc<Stats>,
    ledger: Ledger,
}

impl Task {
    pub(crate) fn new(number: usize, seed: u64, client: Client, stats: Arc<Stats>) -> Self {
        let random = seed.wrapping_mul(0x9e37_79b9).wrapping_add(number as u64);
        Self { number, random, created: 0, client, stats, ledger: Ledger::default() }
    }

    /// Makes calls until the end; gives what should be there then.
    pub(crate) async fn run(mut self, end: Instant) -> Ledger {
        while Instant::now() < end {
            match self.below(100) {
                0..25 => self.create().await,
                25..55 => self.look().await,
                55..75 => self.switch().await,
                75..90 => self.release().await,
                _ => {
                    let call = self.client.describe_regions().send();
                    // The outcome is counted, and there is nothing else to do about it.
                    let _ = self.call("DescribeRegions", call).await;
                }
            }
        }
        self.ledger
    }

    /// A random number.
    fn below(&mut self, end: u64) -> u64 {
        // SplitMix64.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ self.random >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }

    /// Makes a call and counts it.
    async fn call<T>(&self, operation: &'static str, call: impl Future<Output = Result<T>>) -> Result<T> {
        let start = Instant::now();
        let result = call.await;
        self.stats.call(operation, start.elapsed(), &result);
        result
    }

    /// One of the instances that are there: name, ID, and whether it runs.
    fn any(&mut self) -> Option<(String, String, bool)> {
        let there = |(name, expected): (&String, &Expected)| match expected {
            Expected::There { id, runs } => Some((name.clone(), id.clone(), *runs)),
            _ => None,
        };
        let all: Vec<_> = self.ledger.iter().filter_map(there).collect();
        let place = self.below(all.len().max(1) as u64) as usize;
        all.into_iter().nth(place)
    }

    async fn create(&mut self) {
        if self.ledger.values().filter(|expected| matches!(expected, Expected::There { .. })).count() >= KEPT {
            return self.release().await;
        }
        self.created += 1;
        let name = format!("soak-{}-{}", self.number, self.created);
        let runs = self.below(4) != 0;
        let result = if !runs {
            let call = self.client.create_instance().image_id(IMAGE).instance_type(TYPE).instance_name(&*name);
            self.call("CreateInstance", call.send()).await.map(|done| vec![done.instance_id])
        } else {
            let call = self.client.run_instances().image_id(IMAGE).instance_type(TYPE).instance_name(&*name);
            self.call("RunInstances", call.send()).await.map(|done| done.instance_id_sets)
        };
        match result {
            Ok(ids) => {
                if let [id] = &ids[..] {
                    self.ledger.insert(name, Expected::There { id: id.clone(), runs });
                } else {
                    self.stats.violation(format!("{name} was created as {ids:?}"));
                }
            }
            Err(error) if error.is_maybe_executed() => {
                self.ledger.insert(name, Expected::Unsure);
            }
            // It was not executed: should it turn up, the error was wrong.
            Err(_) => {}
        }
    }

    /// Looks at all instances of the task.
    async fn look(&mut self) {
        let pattern = format!("soak-{}-*", self.number);
        let pages = self.client.describe_instances().instance_name(pattern).page_size(100).items();
        let Ok(all) = self.call("DescribeInstances", pages.try_collect::<Vec<_>>()).await else { return };
        let mut there: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for instance in &all {
            there.entry(&instance.instance_name).or_default().push(instance.instance_id.clone());
        }
        for (name, expected) in &self.ledger {
            let ids = there.remove(name.as_str()).unwrap_or_default();
            if let Some(what) = expected.differs(name, &ids) {
                self.stats.violation(what);
            }
        }
        for (name, ids) in there {
            self.stats.violation(uncalled(name, &ids));
        }
        self.ledger.retain(|_, expected| !matches!(expected, Expected::Gone(since) if since.elapsed() > GRACE));
    }

    /// Starts an instance, or stops it.
    async fn switch(&mut self) {
        let Some((name, id, runs)) = self.any() else { return };
        let done = if runs {
            let call = self.client.stop_instance().instance_id(&*id).send();
            self.call("StopInstance", call).await.is_ok()
        } else {
            let call = self.client.start_instance().instance_id(&*id).send();
            self.call("StartInstance", call).await.is_ok()
        };
        // When it failed, it may have been done all the same, and the next time is refused. That does no harm.
        self.ledger.insert(name, Expected::There { id, runs: runs != done });
    }

    async fn release(&mut self) {
        let Some((name, id, _)) = self.any() else { return };
        let call = self.client.delete_instance().instance_id(id).force(true).send();
        let result: Result<_, Error> = self.call("DeleteInstance", call).await;
        match result {
            Ok(_) => {
                self.ledger.insert(name, Expected::Gone(Instant::now()));
            }
            Err(error) if error.is_maybe_executed() => {
                self.ledger.insert(name, Expected::Unsure);
            }
            Err(_) => {}
        }
    }
}
