//! Constant data: regions and their zones, instance types, public images and prices.

mod data;
pub(crate) mod images;
pub(crate) mod prices;
pub(crate) mod regions;
pub(crate) mod types;
