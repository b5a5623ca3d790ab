//! Runs of commands, and deliveries of files, by Cloud Assistant.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::{Command, Targets, row};
use crate::{clock::Time, state::Tags};

/// A run of a command on instances.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeInvocations")]
pub(crate) struct Invocation {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    /// The command as it is run. It may be changed or deleted meanwhile.
    pub(crate) command: Command,
    /// Values of the custom parameters.
    pub(crate) parameters: Map<String, Value>,
    /// `Once`, `Period`, `NextRebootOnly` or `EveryReboot`.
    pub(crate) repeat: String,
    /// Schedule of a run with the repeat mode `Period`.
    pub(crate) frequency: String,
    pub(crate) username: String,
    pub(crate) container: String,
    pub(crate) container_name: String,
    pub(crate) termination: String,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    /// State on each instance.
    #[serde(rename = "targets")]
    pub(crate) status: Targets,
}

impl Invocation {
    /// Whether it runs more than once, or later.
    pub(crate) fn is_scheduled(&self) -> bool {
        !matches!(self.repeat.as_str(), "" | "Once")
    }

    /// Whether it runs when its instances start.
    pub(crate) fn waits_for_start(&self) -> bool {
        matches!(self.repeat.as_str(), "NextRebootOnly" | "EveryReboot")
    }

    fn next_check(&self) -> Option<OffsetDateTime> {
        self.status.next_check()
    }
}

row!(Invocation, |invocation, link| {
    link(&invocation.region);
    link(&invocation.command.id);
    invocation.status.iter().for_each(|target| link(&target.instance));
}, due: Invocation::next_check);

/// A delivery of a file to instances.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are those of DescribeSendFileResults"
)]
pub(crate) struct FileDelivery {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    /// Name of the file.
    pub(crate) name: String,
    pub(crate) directory: String,
    pub(crate) description: String,
    /// Content as it was sent, in the encoding of `content_type`.
    pub(crate) content: String,
    pub(crate) content_type: String,
    pub(crate) owner: String,
    pub(crate) group: String,
    pub(crate) mode: String,
    pub(crate) overwrite: bool,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    /// State on each instance.
    #[serde(rename = "targets")]
    pub(crate) status: Targets,
}

impl FileDelivery {
    fn next_check(&self) -> Option<OffsetDateTime> {
        self.status.next_check()
    }
}

row!(FileDelivery, |delivery, link| {
    link(&delivery.region);
    delivery.status.iter().for_each(|target| link(&target.instance));
}, due: FileDelivery::next_check);
