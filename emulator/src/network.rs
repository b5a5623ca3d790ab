//! The network of a region: a default VPC, its vSwitches and security groups.

use std::{collections::BTreeSet, net::Ipv4Addr};

use indexmap::IndexMap;
use time::OffsetDateTime;

use crate::{catalog::regions, ids::Ids};

/// Offset of the first assignable address of a vSwitch; the addresses below belong to the service.
const FIRST_HOST_OFFSET: u32 = 10;

/// CIDR block of every VPC.
pub(crate) const VPC_CIDR: &str = "172.16.0.0/12";

/// Number of addresses of a vSwitch, a `/20`.
const ADDRESSES_PER_VSWITCH: u32 = 1 << 12;

/// The network of a region.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    /// The default VPC.
    pub(crate) vpc: String,
    /// Route table of the VPC.
    pub(crate) route_table: String,
    /// vSwitches by ID.
    pub(crate) vswitches: IndexMap<String, VSwitch>,
    /// Security groups by ID; the default one comes first.
    pub(crate) groups: IndexMap<String, SecurityGroup>,
}

/// A vSwitch.
#[derive(Debug, Clone)]
pub(crate) struct VSwitch {
    /// Place in the order of creation.
    pub(crate) sequence: u64,
    /// ID.
    pub(crate) id: String,
    /// Zone.
    pub(crate) zone: String,
    /// Name.
    pub(crate) name: String,
    /// Time of creation.
    pub(crate) created: OffsetDateTime,
    base: u32,
    used: BTreeSet<u32>,
}

/// A security group.
#[derive(Debug, Clone)]
pub(crate) struct SecurityGroup {
    /// Place in the order of creation.
    pub(crate) sequence: u64,
    /// ID.
    pub(crate) id: String,
    /// Name.
    pub(crate) name: String,
    /// Description.
    pub(crate) description: String,
    /// `normal` or `enterprise`.
    pub(crate) kind: String,
    /// VPC that it belongs to.
    pub(crate) vpc: String,
    /// Resource group.
    pub(crate) resource_group: String,
    /// Tags.
    pub(crate) tags: Vec<(String, String)>,
    /// Time of creation.
    pub(crate) created: OffsetDateTime,
}

impl Network {
    /// Creates the initial network of a region: vSwitches in its first two zones, and one security group.
    pub(crate) fn new(region: &regions::Region, created: OffsetDateTime) -> Self {
        let mut ids = Ids::of(&region.id);
        let vpc = ids.resource("vpc", &region.code);
        let route_table = ids.resource("vtb", &region.code);
        let group = SecurityGroup {
            sequence: 0,
            id: ids.resource("sg", &region.code),
            name: "default".to_owned(),
            description: "Default security group of the region.".to_owned(),
            kind: "normal".to_owned(),
            vpc: vpc.clone(),
            resource_group: String::new(),
            tags: Vec::new(),
            created,
        };
        let mut network = Network {
            vpc,
            route_table,
            vswitches: IndexMap::new(),
            groups: IndexMap::from([(group.id.clone(), group)]),
        };
        for zone in region.zones.iter().take(2) {
            network.default_vswitch(region, zone, created);
        }
        network
    }

    /// Returns the vSwitch that calls use if they name none. It is created if the zone has no vSwitch, as in the service.
    pub(crate) fn default_vswitch(&mut self, region: &regions::Region, zone: &str, now: OffsetDateTime) -> String {
        if let Some(vswitch) = self.vswitches.values().find(|vswitch| vswitch.zone == zone) {
            return vswitch.id.clone();
        }
        let place = self.vswitches.len();
        let vswitch = VSwitch {
            sequence: place as u64,
            id: Ids::of(zone).resource("vsw", &region.code),
            zone: zone.to_owned(),
            name: format!("default-{}", zone.trim_start_matches(&region.id).trim_start_matches('-')),
            created: now,
            base: u32::from(Ipv4Addr::new(172, 16, 0, 0))
                + ADDRESSES_PER_VSWITCH * u32::try_from(place).unwrap_or_default(),
            used: BTreeSet::new(),
        };
        let id = vswitch.id.clone();
        self.vswitches.insert(id.clone(), vswitch);
        id
    }
}

impl VSwitch {
    /// Returns its CIDR block.
    pub(crate) fn cidr(&self) -> String {
        format!("{}/20", Ipv4Addr::from(self.base))
    }

    /// Returns the address of its gateway, the third from the end.
    pub(crate) fn gateway(&self) -> String {
        Ipv4Addr::from(self.base + ADDRESSES_PER_VSWITCH - 3).to_string()
    }

    /// Returns the number of free addresses.
    pub(crate) fn available(&self) -> u32 {
        ADDRESSES_PER_VSWITCH - 4 - u32::try_from(self.used.len()).unwrap_or(ADDRESSES_PER_VSWITCH)
    }

    /// Whether an address belongs to it.
    pub(crate) fn contains(&self, address: Ipv4Addr) -> bool {
        (self.base + 1..self.base + ADDRESSES_PER_VSWITCH - 3).contains(&u32::from(address))
    }

    /// Whether an address is taken.
    pub(crate) fn is_used(&self, address: Ipv4Addr) -> bool {
        self.used.contains(&u32::from(address))
    }

    /// Assigns an address: the given one, or the first free one.
    pub(crate) fn take(&mut self, wanted: Option<Ipv4Addr>) -> Option<Ipv4Addr> {
        let mut free = (self.base + FIRST_HOST_OFFSET..self.base + ADDRESSES_PER_VSWITCH - 4)
            .filter(|host| !self.used.contains(host));
        let host = wanted.map(u32::from).or_else(|| free.next())?;
        self.used.insert(host);
        Some(Ipv4Addr::from(host))
    }

    /// Releases an address.
    pub(crate) fn release(&mut self, address: &str) {
        if let Ok(address) = address.parse::<Ipv4Addr>() {
            self.used.remove(&u32::from(address));
        }
    }
}
