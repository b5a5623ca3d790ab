//! Commands of Cloud Assistant.

use serde::{Deserialize, Serialize};

use super::row;
use crate::{clock::Time, state::Tags};

/// A stored command.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeCommands")]
pub(crate) struct Command {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// `RunShellScript`, `RunPowerShellScript` or `RunBatScript`.
    pub(crate) kind: String,
    /// The script, as Base64: it may hold any bytes.
    pub(crate) content: String,
    /// Whether the script has custom parameters.
    pub(crate) parameterized: bool,
    pub(crate) launcher: String,
    /// Timeout in seconds.
    pub(crate) timeout: i64,
    pub(crate) working_dir: String,
    pub(crate) resource_group: String,
    /// Number of its runs.
    pub(crate) runs: i64,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
}

row!(Command, |command, link| {
    link(&command.region);
});
