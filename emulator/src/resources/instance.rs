//! Instances and their life cycle. The state of an instance is computed from recorded times; nothing runs in the
//! background.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use super::{KeyPair, row, states};
use crate::{
    clock::{Period, Time},
    state::{Tags, Timeline},
};

/// Time between the notice of an interruption and the release of the spot instance.
pub(crate) const INTERRUPTION_NOTICE: Duration = Duration::minutes(5);

/// Time for which an expired subscription instance is kept.
pub(crate) const EXPIRED_RETENTION: Duration = Duration::days(15);

states! {
    /// State of an instance.
    Status { Running = "Running", Pending = "Pending", Starting = "Starting", Stopping = "Stopping", Stopped = "Stopped" }
}

/// Renewal settings of a subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Renewal {
    /// `AutoRenewal`, `Normal` or `NotRenewal`.
    pub(crate) status: String,
    /// Number of units per renewal; 0 if automatic renewal is off.
    pub(crate) duration: u32,
    /// Unit of the duration: `Week`, `Month` or `Year`.
    pub(crate) unit: String,
}

/// Purchase options of a spot instance.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Spot {
    /// `NoSpot`, `SpotWithPriceLimit` or `SpotAsPriceGo`.
    pub(crate) strategy: String,
    /// Highest price per hour.
    pub(crate) limit: Option<f64>,
    /// Protection period in hours.
    pub(crate) duration: u32,
    /// `Terminate` or `Stop`.
    pub(crate) behavior: String,
    /// Time of its interruption, once one is scheduled.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) interrupted: Option<OffsetDateTime>,
}

/// Public network of an instance.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Internet {
    /// Address.
    pub(crate) ip: Option<String>,
    /// `PayByTraffic` or `PayByBandwidth`.
    pub(crate) charge_type: String,
    /// Inbound bandwidth in Mbit/s.
    pub(crate) incoming: i64,
    /// Outbound bandwidth in Mbit/s; 0 without a public network.
    pub(crate) outgoing: i64,
}

/// Options of the metadata service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Metadata {
    /// `enabled` or `disabled`.
    pub(crate) endpoint: String,
    /// `optional` or `required`.
    pub(crate) tokens: String,
    /// Hop limit.
    pub(crate) hops: i64,
    /// Whether it serves the tags of the instance.
    pub(crate) tags: bool,
}

/// What happens to an instance when its host is maintained.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Maintenance {
    /// `Stop`, `AutoRecover` or `AutoRedeploy`; empty for the default.
    pub(crate) action: String,
    /// Start and end of the daily window.
    pub(crate) window: Option<(String, String)>,
    /// Whether a notification is sent before.
    pub(crate) notify: bool,
}

/// Reserved capacity that an instance starts from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PrivatePool {
    /// `Open` or `Target`.
    pub(crate) criteria: String,
    /// ID of the pool; empty unless it is the target.
    pub(crate) id: String,
}

impl PrivatePool {
    /// Returns the settings for these criteria; nothing for `None`, which is the default.
    pub(crate) fn new(criteria: &str, id: &str) -> Option<Box<Self>> {
        let used = !matches!(criteria, "" | "None");
        used.then(|| Box::new(Self { criteria: criteria.to_owned(), id: id.to_owned() }))
    }
}

/// An instance.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeInstances")]
pub(crate) struct Instance {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) host_name: String,
    pub(crate) region: String,
    pub(crate) zone: String,
    pub(crate) image: String,
    pub(crate) instance_type: String,
    pub(crate) prepaid: bool,
    pub(crate) vpc: String,
    pub(crate) vswitch: String,
    pub(crate) groups: Vec<String>,
    pub(crate) private_ip: String,
    pub(crate) interface: String,
    pub(crate) mac: String,
    pub(crate) serial: String,
    pub(crate) internet: Internet,
    pub(crate) spot: Spot,
    pub(crate) metadata: Metadata,
    pub(crate) tags: Tags,
    pub(crate) resource_group: String,
    pub(crate) key_pair: String,
    pub(crate) role: String,
    pub(crate) user_data: String,
    pub(crate) credit: String,
    pub(crate) deletion_protection: bool,
    /// Whether it can hibernate.
    pub(crate) hibernation: bool,
    /// Options that responses show as requests give them, such as `CpuOptions`, by name.
    pub(crate) options: Option<Box<Map<String, Value>>>,
    pub(crate) maintenance: Option<Box<Maintenance>>,
    pub(crate) private_pool: Option<Box<PrivatePool>>,
    pub(crate) stopped_mode: String,
    pub(crate) created: Time,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) started: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) auto_release: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) expires: Option<OffsetDateTime>,
    pub(crate) renewal: Renewal,
    pub(crate) locks: Vec<String>,
    pub(crate) status: Timeline<Status>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<OffsetDateTime>,
}

impl Instance {
    /// Returns its state.
    pub(crate) fn status(&self, now: OffsetDateTime) -> Status {
        self.status.at(now)
    }

    /// Schedules a sequence of states, one step each; the last one is kept.
    pub(crate) fn pass(&mut self, from: OffsetDateTime, step: Duration, states: &[Status]) {
        self.status.pass(from, step, states);
        if let Some((at, Status::Running)) = self.status.last() {
            self.started = Some(at);
        }
    }

    /// Whether its subscription has expired.
    pub(crate) fn expired(&self, now: OffsetDateTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Whether it is a spot instance.
    pub(crate) fn is_spot(&self) -> bool {
        !matches!(self.spot.strategy.as_str(), "" | "NoSpot")
    }

    /// Whether it is locked for a reason.
    pub(crate) fn is_locked(&self, reason: &str) -> bool {
        self.locks.iter().any(|lock| lock == reason)
    }

    /// Returns the link by which the instances with a name are found.
    pub(crate) fn name_link(name: &str) -> String {
        format!("name {name}")
    }

    /// Returns the link by which the instances with a RAM role are found.
    pub(crate) fn role_link(role: &str) -> String {
        format!("role {role}")
    }

    /// Returns the link by which the instances with a tag are found.
    pub(crate) fn tag_link(key: &str, value: &str) -> String {
        format!("tag {key}={value}")
    }

    /// Returns the time of its next event: a renewal, the end of a subscription, an interruption or its release.
    fn next_event(&self) -> Option<OffsetDateTime> {
        let expires = self.expires.filter(|_| !self.is_locked("financial"));
        [expires, self.spot.interrupted, self.released()].into_iter().flatten().min()
    }

    /// Returns the time of its release.
    fn released(&self) -> Option<OffsetDateTime> {
        let forgotten = self.expires.and_then(|expires| expires.checked_add(EXPIRED_RETENTION));
        let forgotten = forgotten.filter(|_| self.is_locked("financial"));
        [self.deleted, self.auto_release, forgotten].into_iter().flatten().min()
    }

    /// Applies due events: renewals, the end of a subscription, an interruption. Returns the time of its release if it was
    /// released.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        while let Some(expires) = self.expires.filter(|expires| *expires <= now) {
            let next = Period::new(self.renewal.duration, &self.renewal.unit).map(|period| period.after(expires));
            match next.filter(|next| self.renewal.status == "AutoRenewal" && *next > expires) {
                Some(next) => self.expires = Some(next),
                None => {
                    self.expire(expires);
                    break;
                }
            }
        }
        if let Some(at) = self.spot.interrupted.filter(|at| *at <= now) {
            self.spot.interrupted = None;
            if self.spot.behavior == "Stop" {
                self.pass(at, Duration::ZERO, &[Status::Stopped]);
                "StopCharging".clone_into(&mut self.stopped_mode);
            } else {
                self.deleted = Some(at);
            }
        }
        self.released().filter(|at| *at <= now)
    }

    fn expire(&mut self, at: OffsetDateTime) {
        if !self.is_locked("financial") {
            self.locks.push("financial".to_owned());
            self.pass(at, Duration::ZERO, &[Status::Stopped]);
        }
    }

    /// Renews its subscription from the later of its end and now.
    pub(crate) fn renew(&mut self, period: Period, now: OffsetDateTime) {
        let from = self.expires.map_or(now, |expires| expires.max(now));
        self.expires = Some(period.after(from));
        self.locks.retain(|lock| lock != "financial");
    }

    /// Schedules the interruption of a spot instance.
    pub(crate) fn interrupt(&mut self, now: OffsetDateTime) {
        self.spot.interrupted = Some(now + INTERRUPTION_NOTICE);
        if !self.is_locked("Recycling") {
            self.locks.push("Recycling".to_owned());
        }
    }
}

row!(Instance, |instance, link| {
    for id in [&instance.region, &instance.zone, &instance.vpc, &instance.vswitch, &instance.image] {
        link(id);
    }
    instance.groups.iter().for_each(|group| link(group));
    link(&instance.private_ip);
    instance.internet.ip.iter().for_each(|address| link(address));
    if !instance.key_pair.is_empty() {
        link(&KeyPair::link(&instance.region, &instance.key_pair));
    }
    // Names that are IDs need no look-up of their own.
    if instance.name != instance.id {
        link(&Instance::name_link(&instance.name));
    }
    if !instance.role.is_empty() {
        link(&Instance::role_link(&instance.role));
    }
    for (key, value) in &instance.tags {
        link(&Instance::tag_link(key, value));
    }
}, due: Instance::next_event);
