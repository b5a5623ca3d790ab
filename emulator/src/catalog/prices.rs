//! Made-up prices with the structure of the service's.

use super::types::InstanceType;
use crate::ids;

/// Rounds to a thousandth, the smallest unit that is billed.
pub(crate) fn round(price: f64) -> f64 {
    (price * 1000.0).round() / 1000.0
}

/// Returns the price of a subscription: 60 % of the hourly prices.
pub(crate) fn subscription(ty: &InstanceType, months: f64) -> f64 {
    (ty.hourly * 24.0 * 30.0 * months * 0.6 * 100.0).round() / 100.0
}

/// Returns the hourly market price of a spot instance in a zone: 15 to 35 % of the full price, new every hour.
pub(crate) fn spot(ty: &InstanceType, zone: &str, hour: i64) -> f64 {
    let swing = ids::hash(&format!("{} {zone} {hour}", ty.id)) % 200;
    round(ty.hourly * (0.15 + swing as f64 / 1000.0))
}

/// Returns the currency of a region.
pub(crate) fn currency(region: &str) -> &'static str {
    if region.starts_with("cn-") { "CNY" } else { "USD" }
}
