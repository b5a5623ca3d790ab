//! Operations on offers: regions, instance types, stock and prices.

mod instance_types;
mod priced_disk;
mod prices;
mod queries;
mod recommend;
mod spot;
pub(super) mod stock;

use super::Entry;

/// The handlers of the family, by file.
pub(super) const HANDLERS: &[&[Entry]] =
    &[prices::HANDLERS, queries::HANDLERS, recommend::HANDLERS, spot::HANDLERS, stock::HANDLERS];
