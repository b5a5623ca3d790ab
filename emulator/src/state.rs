//! The resources of the emulated account.

use std::collections::{BTreeMap, HashMap, VecDeque};

use indexmap::IndexMap;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::{
    catalog::regions::{Region, Regions},
    clock,
    ids::Ids,
    instance::Instance,
    network::{Network, SecurityGroup},
};

/// The account that everything belongs to.
pub(crate) const ACCOUNT: &str = "1000000000000001";

/// Time for which the response to a `ClientToken` is remembered.
const CLIENT_TOKEN_LIFETIME: Duration = Duration::hours(24);

/// All resources of the account. Dry runs use a copy.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// Generator of IDs.
    pub(crate) ids: Ids,
    /// Instances by ID.
    pub(crate) instances: IndexMap<String, Instance>,
    /// Disks by ID.
    pub(crate) disks: IndexMap<String, Disk>,
    /// System events, oldest first.
    pub(crate) events: Vec<SystemEvent>,
    regions: &'static Regions,
    networks: HashMap<String, Network>,
    started: OffsetDateTime,
    sequence: u64,
    public_ips: u32,
    orders: u64,
    responses: HashMap<(String, String), Remembered>,
    /// Their keys, oldest first, so that old ones can be dropped.
    by_age: VecDeque<(OffsetDateTime, (String, String))>,
}

/// A disk.
#[derive(Debug, Clone)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeDisks")]
pub(crate) struct Disk {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) region: String,
    pub(crate) zone: String,
    pub(crate) kind: &'static str,
    pub(crate) category: String,
    pub(crate) performance: String,
    pub(crate) size: i64,
    pub(crate) image: String,
    pub(crate) instance: Option<String>,
    pub(crate) device: String,
    pub(crate) delete_with_instance: bool,
    pub(crate) encrypted: bool,
    pub(crate) key: String,
    pub(crate) snapshot: String,
    pub(crate) prepaid: bool,
    pub(crate) expires: Option<OffsetDateTime>,
    pub(crate) resource_group: String,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) created: OffsetDateTime,
    pub(crate) attached: OffsetDateTime,
    pub(crate) detached: Option<OffsetDateTime>,
    pub(crate) serial: String,
}

/// An event of CloudMonitor.
#[derive(Debug, Clone)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are those of DescribeSystemEventAttribute"
)]
pub(crate) struct SystemEvent {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) level: String,
    pub(crate) region: String,
    pub(crate) resource: String,
    pub(crate) instance_name: String,
    pub(crate) content: String,
    pub(crate) time: OffsetDateTime,
}

/// The response to a call that carried a `ClientToken`.
#[derive(Debug, Clone)]
struct Remembered {
    parameters: BTreeMap<String, String>,
    response: Value,
    /// Time until which the service works on the call.
    at_work_until: OffsetDateTime,
}

/// The earlier request with the `ClientToken` of a request.
pub(crate) enum Earlier {
    /// There is none.
    None,
    /// It has this response.
    Response(Value),
    /// The service is still working on it.
    InProgress,
    /// It had other parameters.
    OtherParameters,
}

impl State {
    /// Creates an account with only the default networks.
    pub(crate) fn new(regions: &'static Regions, seed: u64, started: OffsetDateTime) -> Self {
        State {
            ids: Ids::new(seed),
            instances: IndexMap::new(),
            disks: IndexMap::new(),
            events: Vec::new(),
            regions,
            networks: HashMap::new(),
            started,
            sequence: 100,
            public_ips: 0,
            orders: 0,
            responses: HashMap::new(),
            by_age: VecDeque::new(),
        }
    }

    /// Returns all regions.
    pub(crate) fn regions(&self) -> &'static [Region] {
        self.regions.all()
    }

    /// Returns a region by ID.
    pub(crate) fn region(&self, id: &str) -> Option<&'static Region> {
        self.regions.find(id)
    }

    /// Returns the network of a region.
    pub(crate) fn network(&mut self, region: &Region) -> &mut Network {
        let started = self.started;
        self.networks.entry(region.id.clone()).or_insert_with(|| Network::new(region, started))
    }

    /// The network of a region that has something in it.
    pub(crate) fn known_network(&self, region: &str) -> Option<&Network> {
        self.networks.get(region)
    }

    /// Returns the security groups of a region.
    pub(crate) fn groups(&self, region: &Region) -> impl Iterator<Item = &SecurityGroup> {
        self.networks.get(&region.id).into_iter().flat_map(|network| network.groups.values())
    }

    /// Returns the next sequence number in the order of creation.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Returns the ID of a new order.
    pub(crate) fn next_order(&mut self) -> String {
        self.orders += 1;
        format!("{}", 220_000_000_000 + self.orders)
    }

    /// Returns a new public address: first from the range reserved for documentation, then from that for benchmarks.
    pub(crate) fn next_public_ip(&mut self) -> String {
        self.public_ips += 1;
        match self.public_ips {
            number @ 1..=254 => format!("203.0.113.{number}"),
            number => format!("198.{}.{}.{}", 18 + (number >> 16 & 1), number >> 8 & 255, number & 255),
        }
    }

    /// Applies all events that are due.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) {
        let released: Vec<(String, OffsetDateTime)> = self
            .instances
            .values_mut()
            .filter_map(|instance| instance.settle(now).map(|at| (instance.id.clone(), at)))
            .collect();
        for (id, at) in released {
            self.release(&id, at);
        }
        while self.by_age.front().is_some_and(|(at, _)| *at + CLIENT_TOKEN_LIFETIME <= now) {
            if let Some((_, key)) = self.by_age.pop_front() {
                self.responses.remove(&key);
            }
        }
    }

    /// Removes an instance and the resources that belong to it.
    pub(crate) fn release(&mut self, id: &str, at: OffsetDateTime) {
        let Some(instance) = self.instances.shift_remove(id) else { return };
        if let Some(vswitch) =
            self.networks.get_mut(&instance.region).and_then(|network| network.vswitches.get_mut(&instance.vswitch))
        {
            vswitch.release(&instance.private_ip);
        }
        self.disks.retain(|_, disk| disk.instance.as_deref() != Some(id) || !disk.delete_with_instance);
        for disk in self.disks.values_mut().filter(|disk| disk.instance.as_deref() == Some(id)) {
            disk.instance = None;
            disk.detached = Some(at);
        }
    }

    /// Interrupts a spot instance: it is locked, an event is recorded, and it is released or stopped five minutes later.
    pub(crate) fn recycle(&mut self, id: &str, now: OffsetDateTime) -> bool {
        let Some(instance) = self.instances.get_mut(id).filter(|instance| instance.is_spot()) else { return false };
        instance.interrupt(now);
        let action = if instance.spot.behavior == "Stop" { "stop" } else { "delete" };
        let (region, id, name) = (instance.region.clone(), instance.id.clone(), instance.name.clone());
        let event = SystemEvent {
            sequence: self.next_sequence(),
            id: self.ids.uuid().to_lowercase(),
            name: "Instance:PreemptibleInstanceInterruption".to_owned(),
            status: "Normal".to_owned(),
            level: "WARN".to_owned(),
            resource: format!("acs:ecs:{region}:{ACCOUNT}:instance/{id}"),
            region,
            instance_name: name,
            content:
                json!({ "action": action, "instanceId": id, "instanceName": id, "eventTime": clock::seconds(now) })
                    .to_string(),
            time: now,
        };
        self.events.push(event);
        true
    }

    /// Looks for an earlier request with this token.
    pub(crate) fn remembered(
        &self,
        operation: &str,
        token: &str,
        parameters: &BTreeMap<String, String>,
        now: OffsetDateTime,
    ) -> Earlier {
        match self.responses.get(&(operation.to_owned(), token.to_owned())) {
            None => Earlier::None,
            Some(remembered) if remembered.parameters != *parameters => Earlier::OtherParameters,
            Some(remembered) if remembered.at_work_until > now => Earlier::InProgress,
            Some(remembered) => Earlier::Response(remembered.response.clone()),
        }
    }

    /// Remembers the response to a request with a token.
    pub(crate) fn remember(
        &mut self,
        operation: &str,
        token: &str,
        parameters: BTreeMap<String, String>,
        response: Value,
        at: OffsetDateTime,
    ) {
        let key = (operation.to_owned(), token.to_owned());
        self.by_age.push_back((at, key.clone()));
        self.responses.insert(key, Remembered { parameters, response, at_work_until: at });
    }

    /// Puts off the end of the request with this token.
    pub(crate) fn process(&mut self, operation: &str, token: &str, until: OffsetDateTime) {
        if let Some(remembered) = self.responses.get_mut(&(operation.to_owned(), token.to_owned())) {
            remembered.at_work_until = until;
        }
    }
}
