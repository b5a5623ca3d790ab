//! Stock and prices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Catalog, DiskCategory, HostType, InstanceType, Stock};
use crate::{ids, matching};

/// Hours of a month that is billed.
pub(crate) const HOURS_PER_MONTH: f64 = 720.0;

/// Number of rules of each kind that can be set: more than a test needs, and quick to search.
const MAX_RULES: usize = 1000;

/// Largest factor of a price.
const MAX_FACTOR: f64 = 1_000_000.0;

/// Stock of instance types in zones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StockRule {
    /// ID of the zone, or a pattern with `*`.
    #[serde(default = "any")]
    pub(crate) zone: String,
    /// Instance type, or a pattern with `*`.
    #[serde(default = "any")]
    pub(crate) instance_type: String,
    /// The stock.
    pub(crate) stock: Stock,
}

/// Prices of instance types in zones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceRule {
    /// ID of the zone, or a pattern with `*`.
    #[serde(default = "any")]
    pub(crate) zone: String,
    /// Instance type, or a pattern with `*`.
    #[serde(default = "any")]
    pub(crate) instance_type: String,
    /// Factor by which the prices of the catalog are multiplied.
    pub(crate) factor: f64,
}

fn any() -> String {
    "*".to_owned()
}

/// Stock and prices that were changed while the emulator runs. They override those of the catalog.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Market {
    /// The last rule that matches decides.
    pub(crate) stock: Vec<StockRule>,
    /// The last rule that matches decides.
    pub(crate) prices: Vec<PriceRule>,
}

impl Market {
    /// Changes the stock of the types and zones that a rule matches.
    pub(crate) fn set_stock(&mut self, rule: StockRule) {
        self.stock.retain(|old| (&old.zone, &old.instance_type) != (&rule.zone, &rule.instance_type));
        self.stock.push(rule);
    }

    /// Changes the prices of the types and zones that a rule matches.
    pub(crate) fn set_price(&mut self, rule: PriceRule) {
        self.prices.retain(|old| (&old.zone, &old.instance_type) != (&rule.zone, &rule.instance_type));
        self.prices.push(rule);
    }

    /// Checks that prices can be computed, and that the rules do not fill the memory.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.stock.len().max(self.prices.len()) > MAX_RULES {
            return Err(format!("stock, prices: at most {MAX_RULES} rules are possible"));
        }
        match self.prices.iter().position(|rule| !(0.0..=MAX_FACTOR).contains(&rule.factor)) {
            Some(place) => Err(format!("prices[{place}].factor: expected a number from 0 to {MAX_FACTOR}")),
            None => Ok(()),
        }
    }

    /// Returns the factor of the price of an instance type in a zone.
    fn factor(&self, zone: &str, ty: &str) -> f64 {
        let rule = self.prices.iter().rev().find(|rule| matches(&rule.zone, zone) && matches(&rule.instance_type, ty));
        rule.map_or(1.0, |rule| rule.factor)
    }
}

fn matches(pattern: &str, value: &str) -> bool {
    pattern == "*" || matching::wildcard(pattern, value)
}

/// Returns the stock that the last matching rule gives.
fn stock_of(rules: &[StockRule], zone: &str, ty: &str) -> Option<Stock> {
    let rule = rules.iter().rev().find(|rule| matches(&rule.zone, zone) && matches(&rule.instance_type, ty));
    rule.map(|rule| rule.stock)
}

/// Prices other than those of instance types, disks and hosts.
#[derive(Debug, Default)]
pub(super) struct Prices {
    pub(super) regions: Vec<(String, String, f64)>,
    pub(super) subscription_factor: f64,
    pub(super) bandwidth: f64,
}

/// Rounds to a thousandth, the smallest unit that is billed.
pub(crate) fn round(price: f64) -> f64 {
    (price * 1000.0).round() / 1000.0
}

/// Prices are made up. They have the structure of the service's and the right order of magnitude.
impl Catalog {
    /// Returns the stock of an instance type in a zone.
    pub(crate) fn stock(&self, market: &Market, zone: &str, ty: &InstanceType) -> Stock {
        stock_of(&market.stock, zone, &ty.id).unwrap_or_else(|| match stock_of(&self.stock, zone, &ty.id) {
            Some(stock) => stock,
            None if ty.family.is_sold_in(zone) => Stock::Available,
            None => Stock::None,
        })
    }

    /// Returns the currency of a region.
    pub(crate) fn currency(&self, region: &str) -> &str {
        self.region_prices(region).map_or("CNY", |(_, currency, _)| currency)
    }

    fn region_prices(&self, region: &str) -> Option<&(String, String, f64)> {
        self.prices.regions.iter().find(|(pattern, ..)| matches(pattern, region))
    }

    /// Returns the price of something in a region whose price in yuan is given.
    fn local(&self, region: &str, yuan: f64) -> f64 {
        yuan * self.region_prices(region).map_or(1.0, |(_, _, factor)| *factor)
    }

    /// Returns the pay-as-you-go price of an instance type per hour. `place` is a zone or a region.
    pub(crate) fn hourly(&self, market: &Market, place: &str, ty: &InstanceType) -> f64 {
        round(self.local(place, ty.hourly * market.factor(place, &ty.id)))
    }

    /// Returns the hourly market price of a spot instance in a zone: 15 to 35 % of the full price, new every hour.
    pub(crate) fn spot(&self, market: &Market, zone: &str, ty: &InstanceType, hour: i64) -> f64 {
        round(self.hourly(market, zone, ty) * spot_share(zone, &ty.id, hour))
    }

    /// Returns the price of a subscription over a number of months, from the price per hour.
    pub(crate) fn subscription(&self, hourly: f64, months: f64) -> f64 {
        (hourly * HOURS_PER_MONTH * months * self.prices.subscription_factor * 100.0).round() / 100.0
    }

    /// Returns the price of a disk per hour.
    pub(crate) fn disk_hourly(&self, region: &str, disk: &DiskCategory, level: Option<&str>, gib: u32) -> f64 {
        let level = disk.performance_levels.iter().find(|known| Some(known.id.as_str()) == level);
        let per_gib = level.map_or(disk.hourly_per_gib, |level| level.hourly_per_gib);
        self.local(region, per_gib * f64::from(gib))
    }

    /// Returns the price per hour of provisioned IOPS; `None` if the category has none.
    pub(crate) fn iops_hourly(&self, region: &str, disk: &DiskCategory, iops: i64) -> Option<f64> {
        disk.hourly_per_iops.map(|price| self.local(region, price * iops as f64))
    }

    /// Returns the price of public bandwidth per hour.
    pub(crate) fn bandwidth_hourly(&self, region: &str, mbps: u32) -> f64 {
        self.local(region, self.prices.bandwidth * f64::from(mbps))
    }

    /// Returns the price of a dedicated host per hour.
    pub(crate) fn host_hourly(&self, region: &str, host: &HostType) -> f64 {
        self.local(region, host.hourly)
    }
}

/// Returns the share of the full price that a spot instance costs in an hour.
pub(crate) fn spot_share(zone: &str, ty: &str, hour: i64) -> f64 {
    0.15 + (ids::hash(&format!("{ty} {zone} {hour}")) % 200) as f64 / 1000.0
}
