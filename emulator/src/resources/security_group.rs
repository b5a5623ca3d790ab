//! Security groups and their rules.

use serde::{Deserialize, Serialize};

use super::row;
use crate::{clock::Time, state::Tags};

/// A security group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are those of DescribeSecurityGroups"
)]
pub(crate) struct SecurityGroup {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// `normal` or `enterprise`.
    pub(crate) kind: String,
    pub(crate) vpc: String,
    /// Whether instances of the group cannot reach each other.
    pub(crate) isolated: bool,
    pub(crate) rules: Vec<SecurityRule>,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
}

/// A rule of a security group. The strings are those of the request, and empty if they were not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are those of DescribeSecurityGroupAttribute"
)]
pub(crate) struct SecurityRule {
    pub(crate) id: String,
    /// Whether it is for outgoing traffic.
    pub(crate) egress: bool,
    pub(crate) description: String,
    pub(crate) created: Time,
    pub(crate) traffic: Traffic,
}

/// The traffic that a rule is for, and what it does with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are the parameters of the same names"
)]
pub(crate) struct Traffic {
    pub(crate) protocol: String,
    pub(crate) port_range: String,
    pub(crate) source_port_range: String,
    pub(crate) source_cidr: String,
    pub(crate) ipv6_source_cidr: String,
    pub(crate) dest_cidr: String,
    pub(crate) ipv6_dest_cidr: String,
    /// The security group on the other side.
    pub(crate) group: String,
    /// `accept` or `drop`.
    pub(crate) policy: String,
    pub(crate) priority: i64,
    pub(crate) nic_type: String,
}

impl SecurityGroup {
    /// Returns the link by which the groups with a rule for a group are found.
    pub(crate) fn reference(group: &str) -> String {
        format!("rule {group}")
    }
}

row!(SecurityGroup, |group, link| {
    link(&group.region);
    link(&group.vpc);
    for rule in group.rules.iter().filter(|rule| !rule.traffic.group.is_empty()) {
        link(&SecurityGroup::reference(&rule.traffic.group));
    }
});
