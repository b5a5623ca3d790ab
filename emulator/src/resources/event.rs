//! Events that CloudMonitor reports.

use serde::{Deserialize, Serialize};

use super::row;
use crate::{clock::Time, state::Tags};

/// An event of CloudMonitor.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are those of DescribeSystemEventAttribute"
)]
pub(crate) struct SystemEvent {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) level: String,
    pub(crate) region: String,
    pub(crate) resource: String,
    pub(crate) instance_name: String,
    pub(crate) content: String,
    pub(crate) time: Time,
    /// Always empty: events have no tags.
    #[serde(skip)]
    pub(crate) tags: Tags,
}

row!(SystemEvent, |event, link| {
    link(&event.region);
});
