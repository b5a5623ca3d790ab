//! The calls of a task, and the instances that it expects to exist.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use ecs_sdk::{Client, Error, Result};

use crate::stats::Stats;

const IMAGE: &str = "aliyun_3_x64_20G_alibase_20250117.vhd";
const INSTANCE_TYPE: &str = "ecs.g6.large";

/// Secrets of the calls that create instances: a password, user data, and the password percent-encoded. Errors must not
/// contain them.
pub(crate) const SECRETS: [&str; 3] = ["N0t+a&Real=Pw", "c2VjcmV0IHVzZXIgZGF0YQ==", "N0t%2Ba%26Real%3DPw"];

/// Maximum number of instances of a task, so that responses stay small.
const MAX_INSTANCES: usize = 6;

/// How long a released instance may still be returned.
const RELEASE_GRACE: Duration = Duration::from_secs(10);

/// The expected instances, by name.
pub(crate) type Ledger = BTreeMap<String, Expected>;

/// The expected state of a name.
#[derive(Debug, Clone)]
pub(crate) enum Expected {
    /// Exactly one instance, which has this ID.
    Exists {
        /// ID of the instance.
        id: String,
        /// Whether the instance is running or starting, as far as the task knows.
        is_running: bool,
    },
    /// One instance or none: the call that created or released it failed and may have been executed.
    Unknown,
    /// No instance, because it was released at this time.
    Released(Instant),
}

impl Expected {
    /// Returns how the instances of a name differ from the expected ones.
    pub(crate) fn differs(&self, name: &str, ids: &[String]) -> Option<String> {
        match self {
            _ if ids.len() > 1 => Some(format!("{name} exists {} times: {ids:?}", ids.len())),
            Expected::Exists { id, .. } if ids.is_empty() => Some(format!("{name} ({id}) is lost")),
            Expected::Exists { id, .. } if *id != ids[0] => Some(format!("{name} is {} instead of {id}", ids[0])),
            Expected::Released(since) if since.elapsed() > RELEASE_GRACE && !ids.is_empty() => {
                Some(format!("{name} ({}) exists although it was released", ids[0]))
            }
            _ => None,
        }
    }
}

/// Describes instances whose call failed with an error that states that it was not executed.
pub(crate) fn not_reported(name: &str, ids: &[String]) -> String {
    format!("{name} exists although its call failed as not executed: {ids:?}")
}

/// A task with its own instances.
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

    /// Makes calls until `deadline`. Returns the instances that should exist then.
    pub(crate) async fn run(mut self, deadline: Instant) -> Ledger {
        while Instant::now() < deadline {
            match self.below(100) {
                0..25 => self.create().await,
                25..55 => self.verify().await,
                55..75 => self.start_or_stop().await,
                75..90 => self.release().await,
                _ => {
                    let call = self.client.describe_regions().send();
                    // `call` counts the result. Nothing else depends on it.
                    let _ = self.call("DescribeRegions", call).await;
                }
            }
        }
        self.ledger
    }

    /// Returns a random number less than `end`.
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

    /// Returns a random existing instance: its name, its ID, and whether it is running.
    fn random_instance(&mut self) -> Option<(String, String, bool)> {
        let existing = |(name, expected): (&String, &Expected)| match expected {
            Expected::Exists { id, is_running } => Some((name.clone(), id.clone(), *is_running)),
            _ => None,
        };
        let all: Vec<_> = self.ledger.iter().filter_map(existing).collect();
        let place = self.below(all.len().max(1) as u64) as usize;
        all.into_iter().nth(place)
    }

    async fn create(&mut self) {
        if self.ledger.values().filter(|expected| matches!(expected, Expected::Exists { .. })).count() >= MAX_INSTANCES
        {
            return self.release().await;
        }
        self.created += 1;
        let name = format!("soak-{}-{}", self.number, self.created);
        let is_running = self.below(4) != 0;
        let [password, user_data, _] = SECRETS;
        let result = if !is_running {
            let call = self.client.create_instance().image_id(IMAGE).instance_type(INSTANCE_TYPE).instance_name(&*name);
            let call = call.password(password).user_data_base64(user_data);
            self.call("CreateInstance", call.send()).await.map(|done| vec![done.instance_id])
        } else {
            let call = self.client.run_instances().image_id(IMAGE).instance_type(INSTANCE_TYPE).instance_name(&*name);
            let call = call.password(password).user_data_base64(user_data);
            self.call("RunInstances", call.send()).await.map(|done| done.instance_id_sets)
        };
        match result {
            Ok(ids) => {
                if let [id] = &ids[..] {
                    self.ledger.insert(name, Expected::Exists { id: id.clone(), is_running });
                } else {
                    self.stats.violation(format!("{name} was created as {ids:?}"));
                }
            }
            Err(error) if error.is_maybe_executed() => {
                self.ledger.insert(name, Expected::Unknown);
            }
            // The call was not executed. If the instance exists, `verify` reports it.
            Err(_) => {}
        }
    }

    /// Compares all instances of the task with the expected ones.
    async fn verify(&mut self) {
        let pattern = format!("soak-{}-*", self.number);
        let pages = self.client.describe_instances().instance_name(pattern).page_size(100).items();
        let Ok(all) = self.call("DescribeInstances", pages.try_collect::<Vec<_>>()).await else { return };
        let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for instance in &all {
            found.entry(&instance.instance_name).or_default().push(instance.instance_id.clone());
        }
        for (name, expected) in &self.ledger {
            let ids = found.remove(name.as_str()).unwrap_or_default();
            if let Some(difference) = expected.differs(name, &ids) {
                self.stats.violation(difference);
            }
        }
        for (name, ids) in found {
            self.stats.violation(not_reported(name, &ids));
        }
        self.ledger
            .retain(|_, expected| !matches!(expected, Expected::Released(since) if since.elapsed() > RELEASE_GRACE));
    }

    /// Starts an instance, or stops it.
    async fn start_or_stop(&mut self) {
        let Some((name, id, is_running)) = self.random_instance() else { return };
        let done = if is_running {
            let call = self.client.stop_instance().instance_id(&*id).send();
            self.call("StopInstance", call).await.is_ok()
        } else {
            let call = self.client.start_instance().instance_id(&*id).send();
            self.call("StartInstance", call).await.is_ok()
        };
        // A failed call may have been executed. Then the next call is rejected, which does no harm.
        self.ledger.insert(name, Expected::Exists { id, is_running: is_running != done });
    }

    async fn release(&mut self) {
        let Some((name, id, _)) = self.random_instance() else { return };
        let call = self.client.delete_instance().instance_id(id).force(true).send();
        let result: Result<_, Error> = self.call("DeleteInstance", call).await;
        match result {
            Ok(_) => {
                self.ledger.insert(name, Expected::Released(Instant::now()));
            }
            Err(error) if error.is_maybe_executed() => {
                self.ledger.insert(name, Expected::Unknown);
            }
            Err(_) => {}
        }
    }
}
