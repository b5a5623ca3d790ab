//! Operations on images.

mod changes;
mod create;
mod image_rules;
mod queries;
pub(super) mod transfers;

pub(super) use queries::{find, is_usable, newest_of_family, not_found};

use super::Entry;

/// The handlers of the family, by file.
pub(super) const HANDLERS: &[&[Entry]] = &[changes::HANDLERS, create::HANDLERS, queries::HANDLERS, transfers::HANDLERS];
