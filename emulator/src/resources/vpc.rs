//! VPCs.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{row, states};
use crate::{
    clock::Time,
    state::{Tags, Timeline},
};

states! {
    /// State of a VPC or a vSwitch.
    VpcStatus { Available = "Available", Pending = "Pending", Deleting = "Deleting" }
}

/// A VPC.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeVpcs")]
pub(crate) struct Vpc {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// IPv4 CIDR block, such as `172.16.0.0/12`.
    pub(crate) cidr: String,
    pub(crate) ipv6_cidr: String,
    pub(crate) secondary_cidrs: Vec<String>,
    /// Blocks that are declared as private.
    pub(crate) user_cidrs: Vec<String>,
    pub(crate) dns_hostname: bool,
    /// Whether it is the default VPC of its region.
    pub(crate) default: bool,
    /// Its router.
    pub(crate) router: String,
    /// Its system route table.
    pub(crate) route_table: String,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    pub(crate) status: Timeline<VpcStatus>,
    /// Time at which a pending deletion is done.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<OffsetDateTime>,
}

row!(Vpc, |vpc, link| {
    link(&vpc.region);
}, due: |vpc: &Vpc| vpc.deleted);
