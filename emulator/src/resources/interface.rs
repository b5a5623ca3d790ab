//! Elastic network interfaces. The primary interface of each instance is one of them.

use std::net::Ipv6Addr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{row, states};
use crate::{
    clock::Time,
    state::{Tags, Timeline},
};

states! {
    /// State of a network interface.
    InterfaceStatus {
        Available = "Available",
        InUse = "InUse",
        Creating = "Creating",
        Attaching = "Attaching",
        Detaching = "Detaching",
        Deleting = "Deleting",
        Linking = "Linking",
        Unlinking = "Unlinking",
    }
}

/// An elastic network interface.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are those of DescribeNetworkInterfaces"
)]
pub(crate) struct Interface {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) zone: String,
    pub(crate) vpc: String,
    pub(crate) vswitch: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// Whether it is the primary interface of its instance.
    pub(crate) primary: bool,
    pub(crate) instance: Option<String>,
    pub(crate) mac: String,
    /// Primary private address.
    pub(crate) private_ip: String,
    /// Other private addresses.
    pub(crate) secondary_ips: Vec<String>,
    pub(crate) ipv6: Vec<Ipv6Addr>,
    pub(crate) groups: Vec<String>,
    pub(crate) delete_on_release: bool,
    pub(crate) source_dest_check: bool,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    pub(crate) status: Timeline<InterfaceStatus>,
    /// Time at which a pending deletion is done.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<OffsetDateTime>,
}

impl Interface {
    /// Returns the link by which the interface with an address is found.
    pub(crate) fn address_link(vswitch: &str, address: &str) -> String {
        format!("{vswitch}/{address}")
    }
}

row!(Interface, |interface, link| {
    link(&interface.region);
    link(&interface.vswitch);
    interface.instance.iter().for_each(|instance| link(instance));
    interface.groups.iter().for_each(|group| link(group));
    for address in std::iter::once(&interface.private_ip).chain(&interface.secondary_ips) {
        link(&Interface::address_link(&interface.vswitch, address));
    }
    interface.ipv6.iter().for_each(|address| link(&address.to_string()));
}, due: |interface: &Interface| interface.deleted);
