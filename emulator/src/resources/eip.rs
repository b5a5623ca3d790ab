//! Elastic IP addresses.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{row, states};
use crate::{
    clock::Time,
    state::{Tags, Timeline},
};

states! {
    /// State of an elastic IP address.
    EipStatus {
        Available = "Available",
        Associating = "Associating",
        InUse = "InUse",
        Unassociating = "Unassociating",
        Releasing = "Releasing",
    }
}

/// An elastic IP address.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeEipAddresses")]
pub(crate) struct Eip {
    pub(crate) sequence: u64,
    /// Allocation ID.
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// Bandwidth in Mbit/s.
    pub(crate) bandwidth: i64,
    /// `PayByTraffic` or `PayByBandwidth`.
    pub(crate) internet_charge_type: String,
    pub(crate) isp: String,
    /// The instance or network interface that it is associated with.
    pub(crate) instance: Option<String>,
    /// `EcsInstance`, `NetworkInterface`, ….
    pub(crate) instance_type: String,
    /// Private address of a network interface that it belongs to.
    pub(crate) private_ip: String,
    /// `NAT`, `MULTI_BINDED` or `BINDED`.
    pub(crate) mode: String,
    pub(crate) resource_group: String,
    pub(crate) deletion_protection: bool,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    pub(crate) status: Timeline<EipStatus>,
    /// End of a subscription; none for pay-as-you-go.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) expires: Option<OffsetDateTime>,
    /// Time at which a pending disassociation or release is done.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) ends: Option<OffsetDateTime>,
}

/// Bandwidth of an elastic IP address for which none is given, in Mbit/s.
const USUAL_BANDWIDTH: i64 = 5;

impl Eip {
    /// Fills in what a file leaves out.
    pub(crate) fn fill_in(&mut self) {
        if self.bandwidth == 0 {
            self.bandwidth = USUAL_BANDWIDTH;
        }
        if let Some(instance) = &self.instance {
            let kind = if instance.starts_with("eni-") { "NetworkInterface" } else { "EcsInstance" };
            fill(&mut self.instance_type, kind);
            if self.status.last().is_some_and(|(_, status)| status == EipStatus::Available) && self.ends.is_none() {
                self.status = Timeline::of(EipStatus::InUse);
            }
        }
        fill(&mut self.internet_charge_type, "PayByBandwidth");
        fill(&mut self.isp, "BGP");
    }

    /// Ends its association.
    pub(crate) fn free(&mut self) {
        self.instance = None;
        self.instance_type.clear();
        self.private_ip.clear();
        self.mode.clear();
        self.ends = None;
        self.status = Timeline::of(EipStatus::Available);
    }
}

fn fill(member: &mut String, usual: &str) {
    if member.is_empty() {
        usual.clone_into(member);
    }
}

row!(Eip, |eip, link| {
    link(&eip.region);
    link(&eip.address);
    eip.instance.iter().for_each(|instance| link(instance));
}, due: |eip: &Eip| eip.ends);
