//! vSwitches and their addresses.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{VpcStatus, row};
use crate::{
    clock::Time,
    state::{Tags, Timeline},
};

/// Offset of the first address that is assigned by itself; those below are left for requests that name one.
const FIRST_HOST_OFFSET: u32 = 10;

/// Addresses at the end of a vSwitch that the service keeps, with the broadcast address.
const RESERVED_AT_END: u32 = 4;

/// A vSwitch.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeVSwitches")]
pub(crate) struct VSwitch {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) zone: String,
    pub(crate) vpc: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// IPv4 CIDR block, such as `172.16.0.0/20`.
    pub(crate) cidr: String,
    pub(crate) ipv6_cidr: String,
    /// Whether it is the default vSwitch of its zone.
    pub(crate) default: bool,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    pub(crate) status: Timeline<VpcStatus>,
    /// Time at which a pending deletion is done.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<OffsetDateTime>,
    /// Number of addresses in use.
    #[serde(skip)]
    pub(crate) used: u32,
    /// Offset at which the search for a free address starts: those from [`FIRST_HOST_OFFSET`] to it are in use.
    #[serde(skip)]
    pub(crate) next: u32,
}

impl VSwitch {
    /// Returns its first address and the number of its addresses.
    pub(crate) fn range(&self) -> (u32, u32) {
        let (base, length) = self.cidr.split_once('/').unwrap_or((&self.cidr, "32"));
        let length: u32 = length.parse().unwrap_or(32);
        let base = base.parse::<Ipv4Addr>().map_or(0, u32::from);
        (base, 1_u32.checked_shl(32 - length.min(32)).unwrap_or(u32::MAX))
    }

    /// Returns the address of its gateway, the third from the end.
    pub(crate) fn gateway(&self) -> String {
        let (base, count) = self.range();
        Ipv4Addr::from(base.saturating_add(count.saturating_sub(3))).to_string()
    }

    /// Returns its network mask.
    pub(crate) fn netmask(&self) -> String {
        Ipv4Addr::from(!(self.range().1.wrapping_sub(1))).to_string()
    }

    /// Returns the number of free addresses.
    pub(crate) fn available(&self) -> u32 {
        self.range().1.saturating_sub(RESERVED_AT_END).saturating_sub(self.used)
    }

    /// Whether an address belongs to it and can be assigned.
    pub(crate) fn contains(&self, address: Ipv4Addr) -> bool {
        let (base, count) = self.range();
        (base.saturating_add(1)..base.saturating_add(count.saturating_sub(3))).contains(&u32::from(address))
    }

    /// Returns the addresses that are assigned to requests that name none, from the first one that may be free.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = Ipv4Addr> + use<> {
        let (base, count) = self.range();
        // A small vSwitch has no addresses to leave.
        let first = if count > 4 * FIRST_HOST_OFFSET { FIRST_HOST_OFFSET } else { 1 };
        // The last three are reserved. Those below the first one come last.
        let offsets = (self.next.max(first)..count.saturating_sub(3)).chain(1..first);
        offsets.map(move |offset| Ipv4Addr::from(base + offset))
    }
}

row!(VSwitch, |vswitch, link| {
    link(&vswitch.region);
    link(&vswitch.vpc);
    link(&vswitch.zone);
}, due: |vswitch: &VSwitch| vswitch.deleted);
