//! What does not change: regions and their zones, instance types, public images, prices.

mod data;
pub(crate) mod images;
pub(crate) mod prices;
pub(crate) mod regions;
pub(crate) mod types;
