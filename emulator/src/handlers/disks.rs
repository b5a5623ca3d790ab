//! Operations on disks and snapshots.

mod attachments;
mod changes;
pub(super) mod create;
mod disk_rules;
mod encryption;
mod queries;
mod resets;
mod snapshot_groups;
mod snapshot_policies;
mod snapshots;

use super::Entry;

/// The handlers of the family, by file.
pub(super) const HANDLERS: &[&[Entry]] = &[
    attachments::HANDLERS,
    changes::HANDLERS,
    create::HANDLERS,
    encryption::HANDLERS,
    queries::HANDLERS,
    resets::HANDLERS,
    snapshot_groups::HANDLERS,
    snapshot_policies::HANDLERS,
    snapshots::HANDLERS,
];
