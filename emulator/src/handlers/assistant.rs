//! Operations of Cloud Assistant: commands, their runs on instances, and files that are sent to instances.

mod agents;
mod commands;
mod content;
mod files;
mod parameters;
mod results;
mod runs;
mod schedule;
mod script;
mod targets;

use super::Entry;

/// The handlers of the family, by file.
pub(super) const HANDLERS: &[&[Entry]] =
    &[agents::HANDLERS, commands::HANDLERS, files::HANDLERS, results::HANDLERS, runs::HANDLERS];
