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
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
}

row!(SecurityGroup, |group, link| {
    link(&group.region);
    link(&group.vpc);
});
