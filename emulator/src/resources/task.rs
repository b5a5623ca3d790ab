//! Asynchronous tasks, such as the import of an image.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{row, states};
use crate::{
    clock::Time,
    state::{Tags, Timeline},
};

states! {
    /// State of a task.
    TaskStatus { Finished = "Finished", Processing = "Processing", Failed = "Failed" }
}

/// An asynchronous task.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeTasks")]
pub(crate) struct Task {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    /// Operation that started it.
    pub(crate) action: String,
    /// Resource that it works on.
    pub(crate) resource: String,
    /// Names and values that its result refers to, such as an OSS object.
    pub(crate) related: Vec<(String, String)>,
    /// Reason for which it failed.
    pub(crate) reason: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    pub(crate) status: Timeline<TaskStatus>,
}

impl Task {
    /// Returns the time at which it ended; `None` while it is at work.
    pub(crate) fn ended(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.status.last().filter(|(at, _)| *at <= now).map(|(at, _)| at.max(*self.created))
    }

    /// Whether CancelTask can cancel it.
    pub(crate) fn is_cancelable(&self) -> bool {
        matches!(self.action.as_str(), "ImportImage" | "ExportImage")
    }
}

row!(Task, |task, link| {
    link(&task.region);
    link(&task.resource);
});
