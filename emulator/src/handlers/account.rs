//! Operations on all kinds of resources: tags, resource groups, tasks, events and identities.

mod events;
mod resource_groups;
mod sts;
pub(super) mod tags;
mod tasks;

use super::Entry;

/// The handlers of the family, by file.
pub(super) const HANDLERS: &[&[Entry]] =
    &[events::HANDLERS, resource_groups::HANDLERS, sts::HANDLERS, tags::HANDLERS, tasks::HANDLERS];
