//! The form in which an account is saved: JSON that people can read and write.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Counts, Rows, State, Table, quotas};
use crate::{
    clock::Time,
    ids::Ids,
    resources::{Interface, InterfaceStatus},
    state::Timeline,
};

/// A saved account. Everything but the resources may be left out.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Saved {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    quotas: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    ram_roles: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_groups: Option<BTreeSet<String>>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    regions: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Ids>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Counts>,
    resources: Rows,
}

impl State {
    /// Returns the account in the form in which it is saved.
    pub(crate) fn save(&self) -> serde_json::Value {
        let saved = Saved {
            quotas: self.quotas.clone(),
            ram_roles: self.ram_roles.clone(),
            resource_groups: Some(self.resource_groups.clone()),
            regions: self.regions.clone(),
            ids: Some(self.ids.clone()),
            counts: Some(self.counts.clone()),
            resources: Rows::of(self),
        };
        serde_json::to_value(saved).unwrap_or_default()
    }

    /// Reads a saved account. Values that people may omit are filled in: places in the order of creation, times of creation, the
    /// primary network interfaces of instances.
    ///
    /// # Errors
    ///
    /// Returns a message that names the place of the first mistake.
    pub(crate) fn load(
        account: &str,
        seed: u64,
        saved: &serde_json::Value,
        now: OffsetDateTime,
    ) -> Result<Self, String> {
        let saved: Saved = serde_path_to_error::deserialize(saved).map_err(|error| {
            let (path, error) = (error.path().to_string(), error.into_inner());
            format!("{path}: {error}")
        })?;
        let mut state = State::new(account, seed);
        if let Some(counts) = saved.counts {
            state.counts = counts;
        }
        if let Some(ids) = saved.ids {
            state.ids = ids;
        }
        state.counts.sequence = state.counts.sequence.max(super::FIRST_SEQUENCE);
        quotas::check(saved.quotas.keys()).map_err(|error| format!("quotas: {error}"))?;
        state.quotas = saved.quotas;
        state.ram_roles = saved.ram_roles;
        state.resource_groups = saved.resource_groups.unwrap_or(state.resource_groups);
        state.regions = saved.regions;
        saved.resources.fill(&mut state)?;
        state.complete(now)?;
        Ok(state)
    }

    /// Checks the references between loaded resources, and fills in omitted values.
    fn complete(&mut self, now: OffsetDateTime) -> Result<(), String> {
        self.fill_in_times(now);
        self.check_references()?;
        self.fill_in_network();
        self.fill_in_disks();
        self.fill_in_launch();
        for id in self.instances.values().map(|instance| instance.id.clone()).collect::<Vec<_>>() {
            self.fill_in_interface(&id)?;
        }
        // The numbers of used addresses are not saved.
        for interface in self.interfaces.values().cloned().collect::<Vec<_>>() {
            self.add_interface(interface);
        }
        Ok(())
    }

    fn fill_in_times(&mut self, now: OffsetDateTime) {
        macro_rules! fill {
            ($($table:ident),*) => {
                $(for id in self.$table.values().filter(|row| row.created == Time::default()).map(|row| row.id.clone()).collect::<Vec<_>>() {
                    if let Some(mut row) = self.$table.get_mut(&id) {
                        row.created = now.into();
                    }
                })*
            };
        }
        fill!(
            vpcs,
            vswitches,
            security_groups,
            key_pairs,
            images,
            launch_templates,
            instances,
            interfaces,
            disks,
            disk_encryption,
            snapshots,
            snapshot_groups,
            snapshot_policies,
            eips,
            tasks,
            commands,
            invocations,
            file_deliveries
        );
    }

    fn check_references(&self) -> Result<(), String> {
        for vswitch in self.vswitches.values() {
            refers("vswitches", &vswitch.id, "vpc", &vswitch.vpc, &self.vpcs)?;
        }
        for group in self.security_groups.values() {
            refers("security_groups", &group.id, "vpc", &group.vpc, &self.vpcs)?;
        }
        for instance in self.instances.values() {
            refers("instances", &instance.id, "vswitch", &instance.vswitch, &self.vswitches)?;
            for group in &instance.groups {
                refers("instances", &instance.id, "groups", group, &self.security_groups)?;
            }
        }
        for disk in self.disks.values() {
            if let Some(instance) = &disk.instance {
                refers("disks", &disk.id, "instance", instance, &self.instances)?;
            }
        }
        for interface in self.interfaces.values() {
            refers("interfaces", &interface.id, "vswitch", &interface.vswitch, &self.vswitches)?;
            if let Some(instance) = &interface.instance {
                refers("interfaces", &interface.id, "instance", instance, &self.instances)?;
            }
        }
        for eip in self.eips.values() {
            // Resources of other services are not in the file.
            let is_ours = ["", "EcsInstance", "NetworkInterface"].contains(&eip.instance_type.as_str());
            let instance = eip.instance.as_ref().filter(|instance| is_ours && !self.interfaces.contains(instance));
            if let Some(instance) = instance {
                refers("eips", &eip.id, "instance", instance, &self.instances)?;
            }
        }
        Ok(())
    }

    /// Creates the primary network interface of an instance that has none.
    fn fill_in_interface(&mut self, id: &str) -> Result<(), String> {
        let Some(instance) = self.instances.get(id).filter(|instance| !self.interfaces.contains(&instance.interface))
        else {
            return Ok(());
        };
        let vswitch = instance.vswitch.clone();
        let address = match instance.private_ip.parse() {
            Ok(address) => Some(address),
            Err(_) => self.free_addresses(&vswitch, 1).first().copied(),
        };
        let address = address.ok_or_else(|| format!("instances: the vSwitch of {id} has no free address"))?;
        let sequence = self.next_sequence();
        let own = format!("eni-{}", self.ids.suffix(20));
        let Some(mut instance) = self.instances.get_mut(id) else { return Ok(()) };
        if instance.interface.is_empty() {
            instance.interface = own;
        }
        if instance.mac.is_empty() {
            instance.mac =
                format!("00:16:3e:{:02x}:{:02x}:{:02x}", sequence >> 16 & 255, sequence >> 8 & 255, sequence & 255);
        }
        instance.private_ip = address.to_string();
        let interface = Interface {
            sequence,
            id: instance.interface.clone(),
            region: instance.region.clone(),
            zone: instance.zone.clone(),
            vpc: instance.vpc.clone(),
            vswitch,
            primary: true,
            instance: Some(id.to_owned()),
            mac: instance.mac.clone(),
            private_ip: instance.private_ip.clone(),
            groups: instance.groups.clone(),
            created: instance.created,
            status: Timeline::of(InterfaceStatus::InUse),
            ..Interface::default()
        };
        drop(instance);
        self.interfaces.insert(interface);
        Ok(())
    }
}

/// Checks that a row has an ID that no earlier row of the file has.
pub(super) fn check_id<T: super::Row>(table: &str, id: &str, rows: &Table<T>) -> Result<(), String> {
    if id.is_empty() {
        return Err(format!("{table}: a resource has no `id`"));
    }
    if rows.contains(id) {
        return Err(format!("{table}: {id} is there twice; each resource needs an `id` of its own"));
    }
    Ok(())
}

/// Checks that a reference is to a row of a table.
fn refers<T: super::Row>(table: &str, id: &str, member: &str, reference: &str, rows: &Table<T>) -> Result<(), String> {
    if rows.contains(reference) {
        return Ok(());
    }
    Err(format!("{table}: the {member} {reference:?} of {id} is not in the file"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;
    use crate::{resources::EipStatus, state::ACCOUNT};

    #[test]
    fn a_file_written_by_hand_is_completed() {
        let file = json!({ "resources": {
            "vpcs": [{ "id": "vpc-1", "region": "cn-hangzhou", "cidr": "10.0.0.0/8" }],
            "vswitches": [{ "id": "vsw-1", "region": "cn-hangzhou", "vpc": "vpc-1", "zone": "cn-hangzhou-h", "cidr": "10.0.0.0/24" }],
            "instances": [{ "id": "i-1", "region": "cn-hangzhou", "vswitch": "vsw-1", "instance_type": "ecs.g7.large" }],
            "eips": [{ "id": "eip-1", "region": "cn-hangzhou", "instance": "i-1" }],
        }});
        let now = datetime!(2026-01-02 03:04:05 UTC);
        let state = State::load(ACCOUNT, 1, &file, now).unwrap();
        let instance = state.instances.get("i-1").unwrap();
        assert_eq!((instance.private_ip.as_str(), *instance.created), ("10.0.0.10", now));
        assert_eq!(state.vswitches.get("vsw-1").unwrap().used, 1);
        assert_eq!(state.disks.linked("i-1").map(|disk| disk.kind.as_str()).collect::<Vec<_>>(), ["system"]);
        assert_eq!(state.vpcs.get("vpc-1").unwrap().route_table, "vtb-1");
        let eip = state.eips.get("eip-1").unwrap();
        assert_eq!((eip.address.as_str(), eip.status.at(now)), ("203.0.113.1", EipStatus::InUse));
        let again = State::load(ACCOUNT, 1, &state.save(), now).unwrap();
        assert_eq!(again.save(), state.save());
    }

    #[test]
    fn a_copied_resource_needs_only_an_id_of_its_own() {
        let disk = |id: &str| json!({ "id": id, "region": "cn-hangzhou", "sequence": 107 });
        let file = json!({ "resources": { "disks": [disk("d-1"), disk("d-2")] } });
        let state = State::load(ACCOUNT, 1, &file, datetime!(2026-01-02 03:04:05 UTC)).unwrap();
        assert_eq!(state.disks.values().map(|disk| disk.id.as_str()).collect::<Vec<_>>(), ["d-1", "d-2"]);
    }

    #[test]
    fn mistakes_are_named() {
        let now = datetime!(2026-01-02 03:04:05 UTC);
        let load = |resources| State::load(ACCOUNT, 1, &json!({ "resources": resources }), now).unwrap_err();
        let error = load(json!({ "disks": [{ "id": "d-1", "sizes": 4 }] }));
        assert!(error.starts_with("resources.disks[0]"), "{error}");
        let error = load(json!({ "disks": [{ "id": "d-1", "instance": "i-1" }] }));
        assert_eq!(error, r#"disks: the instance "i-1" of d-1 is not in the file"#);
        let error = load(json!({ "disks": [{ "id": "d-1", "size": 20 }, { "id": "d-1", "size": 40 }] }));
        assert_eq!(error, "disks: d-1 is there twice; each resource needs an `id` of its own");
        assert_eq!(load(json!({ "disks": [{ "size": 20 }] })), "disks: a resource has no `id`");
    }
}
