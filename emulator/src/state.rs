//! The resources of an account.

mod commands;
mod launch;
mod network_events;
mod networks;
pub(crate) mod quotas;
mod saved;
mod snapshots;
mod table;
mod tagged;
mod timeline;
mod tokens;
mod transitions;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Deref, DerefMut},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use time::OffsetDateTime;

use quotas::Quota;
pub(crate) use table::{Row, RowMut, Table, Tags};
pub(crate) use tagged::Tagged;
pub(crate) use timeline::Timeline;
pub(crate) use tokens::{ClientTokens, Earlier};
pub(crate) use transitions::TransitionChange;

use crate::{
    clock,
    ids::{self, Ids},
    resources::{
        Command, Disk, DiskEncryption, Eip, FileDelivery, Image, Instance, Interface, InterfaceStatus, Invocation,
        KeyPair, LaunchTemplate, SecurityGroup, Snapshot, SnapshotGroup, SnapshotPolicy, SystemEvent, Task, VSwitch,
        Vpc,
    },
};

/// The account of keys that name none.
pub(crate) const ACCOUNT: &str = "1000000000000001";

/// The default resource group of an account.
pub(crate) const RESOURCE_GROUP: &str = "rg-acfmemulator0default";

/// Place in the order of creation after which those of new resources start.
const FIRST_SEQUENCE: u64 = 100;

/// Defines the tables of an account.
macro_rules! tables {
    ($($table:ident: $row:ty,)*) => {
        /// All resources of an account, by table.
        #[derive(Debug, Clone)]
        #[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the tables are named for their rows")]
        pub(crate) struct State {
            /// ID of the account.
            pub(crate) account: String,
            /// Generator of IDs.
            pub(crate) ids: Ids,
            /// Responses to calls that carried a `ClientToken`.
            pub(crate) tokens: ClientTokens,
            /// Quotas that differ from the usual ones, by name.
            pub(crate) quotas: BTreeMap<String, u64>,
            /// RAM roles that instances can have, besides those of the catalog.
            pub(crate) ram_roles: BTreeSet<String>,
            /// Resource groups.
            pub(crate) resource_groups: BTreeSet<String>,
            /// Regions that have their default network.
            regions: BTreeSet<String>,
            counts: Counts,
            /// The generators as the present transaction found them.
            before: (Ids, Counts),
            $(pub(crate) $table: Table<$row>,)*
        }

        impl State {
            /// Creates an account without resources. Regions get their default networks when they are first used.
            pub(crate) fn new(account: &str, seed: u64) -> Self {
                let ids = if account == ACCOUNT { Ids::new(seed) } else { Ids::new(seed ^ ids::hash(account)) };
                let counts = Counts { sequence: FIRST_SEQUENCE, ..Counts::default() };
                State {
                    account: account.to_owned(),
                    tokens: ClientTokens::default(),
                    quotas: BTreeMap::new(),
                    ram_roles: BTreeSet::new(),
                    resource_groups: BTreeSet::from([RESOURCE_GROUP.to_owned()]),
                    regions: BTreeSet::new(),
                    before: (ids.clone(), counts.clone()),
                    ids,
                    counts,
                    $($table: Table::default(),)*
                }
            }

            /// Checks that the regions of all resources exist.
            ///
            /// # Errors
            ///
            /// Returns a message about the first resource in a region that does not exist.
            pub(crate) fn check_regions(&self, exists: impl Fn(&str) -> bool) -> Result<(), String> {
                $(if let Some(row) = self.$table.values().find(|row| !exists(row.region())) {
                    let (table, id, region) = (stringify!($table), row.id(), row.region());
                    return Err(format!("resources.{table}: the region {region:?} of {id} is not in the catalog"));
                })*
                Ok(())
            }

            fn begin(&mut self) {
                self.before = (self.ids.clone(), self.counts.clone());
                $(self.$table.begin();)*
            }

            fn rollback(&mut self) {
                (self.ids, self.counts) = self.before.clone();
                $(self.$table.rollback();)*
            }
        }

        /// The rows of all tables, in the form in which they are saved.
        #[derive(Debug, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Rows {
            $(#[serde(skip_serializing_if = "Vec::is_empty")] $table: Vec<$row>,)*
        }

        impl Rows {
            fn of(state: &State) -> Self {
                Rows { $($table: state.$table.values().cloned().collect(),)* }
            }

            /// Puts the rows into tables. Rows without a place in the order of creation, or with that of
            /// another row, come last.
            ///
            /// # Errors
            ///
            /// Returns a message about the first row without an ID of its own.
            fn fill(self, state: &mut State) -> Result<(), String> {
                let known = [$(self.$table.iter().map(|row| row.sequence).max(),)*];
                state.counts.sequence = known.into_iter().flatten().fold(state.counts.sequence, u64::max);
                $(for mut row in self.$table {
                    saved::check_id(stringify!($table), row.id(), &state.$table)?;
                    if row.sequence == 0 || state.$table.at(row.sequence).is_some() {
                        row.sequence = state.next_sequence();
                    }
                    state.$table.insert(row);
                })*
                Ok(())
            }
        }
    };
}

tables! {
    vpcs: Vpc,
    vswitches: VSwitch,
    security_groups: SecurityGroup,
    key_pairs: KeyPair,
    images: Image,
    launch_templates: LaunchTemplate,
    instances: Instance,
    interfaces: Interface,
    disks: Disk,
    disk_encryption: DiskEncryption,
    snapshots: Snapshot,
    snapshot_groups: SnapshotGroup,
    snapshot_policies: SnapshotPolicy,
    eips: Eip,
    events: SystemEvent,
    tasks: Task,
    commands: Command,
    invocations: Invocation,
    file_deliveries: FileDelivery,
}

/// Numbers of what was created so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Counts {
    sequence: u64,
    public_ips: u32,
    orders: u64,
}

/// A change of an account that is undone when this is dropped, unless it is [`commit`](Transaction::commit)ted.
pub(crate) struct Transaction<'s> {
    state: &'s mut State,
    committed: bool,
}

impl Transaction<'_> {
    /// Keeps the changes.
    pub(crate) fn commit(mut self) {
        self.committed = true;
    }
}

impl Deref for Transaction<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        self.state
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.state
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.committed {
            self.state.rollback();
        }
    }
}

impl State {
    /// Starts a change.
    pub(crate) fn transaction(&mut self) -> Transaction<'_> {
        self.begin();
        Transaction { state: self, committed: false }
    }

    /// Returns the next sequence number in the order of creation.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        self.counts.sequence += 1;
        self.counts.sequence
    }

    /// Returns the ID of a new order.
    pub(crate) fn next_order(&mut self) -> String {
        self.counts.orders += 1;
        format!("{}", 220_000_000_000 + self.counts.orders)
    }

    /// Returns a new public address: first from the range reserved for documentation, then from that for benchmarks.
    pub(crate) fn next_public_ip(&mut self) -> String {
        loop {
            self.counts.public_ips = self.counts.public_ips.wrapping_add(1);
            let address = match self.counts.public_ips {
                number @ 1..=254 => format!("203.0.113.{number}"),
                number => format!("198.{}.{}.{}", 18 + (number >> 16 & 1), number >> 8 & 255, number & 255),
            };
            if !self.is_public_ip_used(&address) {
                return address;
            }
        }
    }

    /// Whether an instance or an elastic IP address has a public address.
    pub(crate) fn is_public_ip_used(&self, address: &str) -> bool {
        self.instances.count(address) + self.eips.count(address) > 0
    }

    /// Returns a quota: the usual one, unless the account has another.
    pub(crate) fn quota(&self, quota: &Quota) -> u64 {
        self.own_quota(quota).or(quota.usual).unwrap_or(u64::MAX)
    }

    /// Returns a quota if the account has another than the usual one.
    pub(crate) fn own_quota(&self, quota: &Quota) -> Option<u64> {
        self.quotas.get(quota.name).copied()
    }

    /// Applies all events that are due.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) {
        while let Some((id, _)) = self.instances.first_due(now) {
            let released = self.instances.get_mut(&id).and_then(|mut instance| instance.settle(now));
            if let Some(at) = released {
                self.release(&id, at);
            }
        }
        while let Some((id, _)) = self.interfaces.first_due(now) {
            self.remove_interface(&id);
        }
        self.settle_network(now);
        self.settle_disks(now);
        self.settle_commands(now);
        self.tokens.forget(now);
    }

    /// Removes an instance and the resources that belong to it, and detaches the others.
    pub(crate) fn release(&mut self, id: &str, at: OffsetDateTime) {
        if self.instances.remove(id).is_none() {
            return;
        }
        for disk in self.disks.linked_ids(id) {
            if self.disks.get(&disk).is_some_and(|disk| disk.delete_with_instance) {
                self.remove_disk(&disk);
            } else if let Some(mut disk) = self.disks.get_mut(&disk) {
                disk.detach(id, at);
            }
        }
        for interface in self.interfaces.linked_ids(id) {
            if self.interfaces.get(&interface).is_some_and(|known| known.primary || known.delete_on_release) {
                self.remove_interface(&interface);
            } else if let Some(mut interface) = self.interfaces.get_mut(&interface) {
                interface.instance = None;
                interface.status = Timeline::of(InterfaceStatus::Available);
            }
        }
        self.free_eips(id);
        self.end_commands(id, at);
    }

    /// Interrupts a spot instance: it is locked, an event is recorded, and it is released or stopped five minutes later.
    pub(crate) fn recycle(&mut self, id: &str, now: OffsetDateTime) -> bool {
        let Some(mut instance) = self.instances.get_mut(id).filter(|instance| instance.is_spot()) else { return false };
        instance.interrupt(now);
        let action = if instance.spot.behavior == "Stop" { "stop" } else { "delete" };
        let (region, id, name) = (instance.region.clone(), instance.id.clone(), instance.name.clone());
        drop(instance);
        let content =
            json!({ "action": action, "instanceId": id, "instanceName": id, "eventTime": clock::seconds(now) });
        let event = SystemEvent {
            sequence: self.next_sequence(),
            id: self.ids.uuid().to_lowercase(),
            name: "Instance:PreemptibleInstanceInterruption".to_owned(),
            status: "Normal".to_owned(),
            level: "WARN".to_owned(),
            resource: format!("acs:ecs:{region}:{}:instance/{id}", self.account),
            region,
            instance_name: name,
            content: content.to_string(),
            time: now.into(),
            tags: Tags::new(),
        };
        self.events.insert(event);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_panics_leaves_no_trace() {
        let mut state = State::new(ACCOUNT, 1);
        state.disks.insert(Disk { sequence: 1, id: "d-1".to_owned(), size: 40, ..Disk::default() });
        let call = std::panic::AssertUnwindSafe(|| {
            let mut change = state.transaction();
            change.disks.insert(Disk { sequence: 2, id: "d-2".to_owned(), ..Disk::default() });
            let mut disk = change.disks.get_mut("d-1").unwrap();
            disk.size = 80;
            panic!("a defect of a handler");
        });
        std::panic::catch_unwind(call).unwrap_err();
        assert_eq!((state.disks.len(), state.disks.get("d-1").unwrap().size), (1, 40));
    }

    #[test]
    fn a_change_that_is_not_committed_leaves_no_trace() {
        let mut state = State::new(ACCOUNT, 1);
        let mut change = state.transaction();
        let (sequence, id) = (change.next_sequence(), change.ids.resource("d", "bp1"));
        change.disks.insert(Disk { sequence, id: id.clone(), ..Disk::default() });
        drop(change);
        assert_eq!((state.disks.len(), state.next_sequence()), (0, FIRST_SEQUENCE + 1));
        let mut change = state.transaction();
        assert_eq!(change.ids.resource("d", "bp1"), id);
        change.disks.insert(Disk { sequence, id: id.clone(), ..Disk::default() });
        change.commit();
        assert!(state.disks.contains(&id));
    }
}
