//! Default networks, and the private addresses of network interfaces.

use std::net::Ipv4Addr;

use time::OffsetDateTime;

use super::State;
use crate::{
    catalog::Region,
    ids::Ids,
    resources::{Interface, SecurityGroup, VSwitch, Vpc},
};

/// CIDR block of default VPCs.
const DEFAULT_VPC: (Ipv4Addr, u32) = (Ipv4Addr::new(172, 16, 0, 0), 12);

/// Prefix length of default vSwitches.
const DEFAULT_VSWITCH_LENGTH: u32 = 20;

impl State {
    /// Creates the default network of a region when it is first used: a VPC, vSwitches in its first two zones, and a security
    /// group.
    pub(crate) fn open_region(&mut self, region: &Region, now: OffsetDateTime) {
        if self.regions.contains(&region.id) {
            return;
        }
        self.regions.insert(region.id.clone());
        let mut ids = Ids::of(&region.id);
        let vpc = Vpc {
            sequence: self.next_sequence(),
            id: ids.resource("vpc", &region.code),
            region: region.id.clone(),
            cidr: format!("{}/{}", DEFAULT_VPC.0, DEFAULT_VPC.1),
            default: true,
            route_table: ids.resource("vtb", &region.code),
            router: Ids::of(&region.code).resource("vrt", &region.code),
            created: now.into(),
            ..Vpc::default()
        };
        let group = SecurityGroup {
            sequence: self.next_sequence(),
            id: ids.resource("sg", &region.code),
            region: region.id.clone(),
            name: "default".to_owned(),
            description: "Default security group of the region.".to_owned(),
            kind: "normal".to_owned(),
            vpc: vpc.id.clone(),
            created: now.into(),
            ..SecurityGroup::default()
        };
        self.vpcs.insert(vpc);
        self.security_groups.insert(group);
        for zone in region.zones.iter().take(2) {
            self.default_vswitch(region, zone, 1, now);
        }
    }

    /// Returns the default VPC of a region; `None` if it was deleted.
    pub(crate) fn default_vpc(&self, region: &str) -> Option<&Vpc> {
        self.vpcs.linked(region).find(|vpc| vpc.default)
    }

    /// Returns the vSwitches of a zone that calls use if they name none.
    pub(crate) fn default_vswitches(&self, zone: &str) -> impl Iterator<Item = &VSwitch> {
        self.vswitches.linked(zone).filter(|vswitch| vswitch.default && vswitch.deleted.is_none())
    }

    /// Returns a default vSwitch of a zone with a number of free addresses. It is created if the zone has none, as in the service;
    /// `None` if the region has no default VPC.
    pub(crate) fn default_vswitch(
        &mut self,
        region: &Region,
        zone: &str,
        addresses: u32,
        now: OffsetDateTime,
    ) -> Option<String> {
        if let Some(vswitch) = self.default_vswitches(zone).find(|vswitch| vswitch.available() >= addresses) {
            return Some(vswitch.id.clone());
        }
        let vpc = self.default_vpc(&region.id)?.id.clone();
        let taken: Vec<(u32, u32)> = self.vswitches.linked(&vpc).map(VSwitch::range).collect();
        let size = 1 << (32 - DEFAULT_VSWITCH_LENGTH);
        let first = u32::from(DEFAULT_VPC.0);
        let last = first + (1 << (32 - DEFAULT_VPC.1)) - size;
        let free = |base: &u32| taken.iter().all(|(other, count)| other + count <= *base || base + size <= *other);
        let base = (first..=last).step_by(size as usize).find(free)?;
        let id = |suffix: &String| Ids::of(&format!("{zone}{suffix}")).resource("vsw", &region.code);
        let mut suffixes = (1_u32..).map(|number| if number == 1 { String::new() } else { format!("-{number}") });
        let suffix = suffixes.find(|suffix| !self.vswitches.contains(&id(suffix)))?;
        let vswitch = VSwitch {
            sequence: self.next_sequence(),
            id: id(&suffix),
            region: region.id.clone(),
            zone: zone.to_owned(),
            vpc,
            name: format!("default-{}{suffix}", zone.trim_start_matches(&region.id).trim_start_matches('-')),
            cidr: format!("{}/{DEFAULT_VSWITCH_LENGTH}", Ipv4Addr::from(base)),
            default: true,
            created: now.into(),
            ..VSwitch::default()
        };
        let id = vswitch.id.clone();
        self.vswitches.insert(vswitch);
        Some(id)
    }

    /// Whether a private address of a vSwitch is in use.
    pub(crate) fn is_address_used(&self, vswitch: &str, address: Ipv4Addr) -> bool {
        self.interfaces.count(&Interface::address_link(vswitch, &address.to_string())) > 0
    }

    /// Returns free private addresses of a vSwitch, as many as are asked for; fewer if there are no more.
    pub(crate) fn free_addresses(&self, vswitch: &str, count: usize) -> Vec<Ipv4Addr> {
        let Some(row) = self.vswitches.get(vswitch) else { return Vec::new() };
        row.hosts().filter(|address| !self.is_address_used(vswitch, *address)).take(count).collect()
    }

    /// Adds a network interface. Its addresses must be free.
    pub(crate) fn add_interface(&mut self, interface: Interface) {
        let addresses = private_addresses(&interface);
        let vswitch = interface.vswitch.clone();
        self.interfaces.insert(interface);
        self.count_addresses(&vswitch, &addresses, true);
    }

    /// Removes a network interface, and frees its addresses.
    pub(crate) fn remove_interface(&mut self, id: &str) {
        if let Some(interface) = self.interfaces.remove(id) {
            self.count_addresses(&interface.vswitch, &private_addresses(&interface), false);
            self.free_eips(id);
        }
    }

    /// Sets the secondary private addresses of a network interface. New ones must be free.
    pub(crate) fn set_secondary_addresses(&mut self, interface: &str, addresses: Vec<String>) {
        let Some(mut row) = self.interfaces.get_mut(interface) else { return };
        let before = private_addresses(&row);
        row.secondary_ips = addresses;
        let (vswitch, after) = (row.vswitch.clone(), private_addresses(&row));
        drop(row);
        self.count_addresses(&vswitch, &before, false);
        self.count_addresses(&vswitch, &after, true);
    }

    fn count_addresses(&mut self, vswitch: &str, addresses: &[Ipv4Addr], taken: bool) {
        let count = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        let mut next = self.vswitches.get(vswitch).map_or(0, |row| row.next);
        let base = self.vswitches.get(vswitch).map_or(0, |row| row.range().0);
        if taken {
            // Only an address that is next in turn moves the start of the search: all before it are in use then.
            let first = self.free_addresses(vswitch, 1);
            if let Some(first) = first.first() {
                next = u32::from(*first).saturating_sub(base);
            }
        } else if let Some(lowest) = addresses.iter().min() {
            next = next.min(u32::from(*lowest).saturating_sub(base));
        }
        if let Some(mut row) = self.vswitches.get_mut(vswitch) {
            row.used = if taken { row.used.saturating_add(count) } else { row.used.saturating_sub(count) };
            row.next = next;
        }
    }
}

fn private_addresses(interface: &Interface) -> Vec<Ipv4Addr> {
    let all = std::iter::once(&interface.private_ip).chain(&interface.secondary_ips);
    all.filter_map(|address| address.parse().ok()).collect()
}
