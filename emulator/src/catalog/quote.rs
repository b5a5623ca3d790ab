//! Prices of orders: of their parts, over a term, with the discount that applies.

use serde_json::{Value, json};

use super::{Catalog, market::HOURS_PER_MONTH};

/// The time that is paid for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Term {
    /// Pay-as-you-go, for a number of hours.
    Hours(f64),
    /// A subscription for a number of months.
    Months(f64),
}

/// Discount on subscriptions of a year or more, as a rule that prices show.
const YEARLY: (u64, &str, f64) = (587, "15% off subscriptions of one year or more", 0.15);

/// A part of an order.
#[derive(Debug)]
struct Part {
    resource: &'static str,
    original: f64,
    discount: f64,
}

/// The price of an order, made of its parts.
#[derive(Debug)]
pub(crate) struct Quote {
    term: Term,
    subscription_factor: f64,
    parts: Vec<Part>,
}

impl Catalog {
    /// Starts the price of an order.
    pub(crate) fn quote(&self, term: Term) -> Quote {
        Quote { term, subscription_factor: self.prices.subscription_factor, parts: Vec::new() }
    }
}

impl Quote {
    /// Adds a part with its pay-as-you-go price per hour.
    pub(crate) fn add(&mut self, resource: &'static str, hourly: f64) {
        let original = match self.term {
            Term::Hours(hours) => hourly * hours,
            Term::Months(months) => hourly * HOURS_PER_MONTH * months * self.subscription_factor,
        };
        let discount = if self.is_yearly() { original * YEARLY.2 } else { 0.0 };
        self.parts.push(Part { resource, original, discount });
    }

    /// Adds a spot instance with its market price per hour.
    pub(crate) fn add_spot(&mut self, resource: &'static str, hourly: f64, market: f64) {
        self.parts.push(Part { resource, original: hourly, discount: hourly - market });
    }

    fn is_yearly(&self) -> bool {
        matches!(self.term, Term::Months(months) if months >= 12.0)
    }

    /// Returns the price to pay for a number of such orders.
    pub(crate) fn trade_price(&self, amount: u32) -> f64 {
        self.round(self.parts.iter().map(|part| part.original - part.discount).sum::<f64>() * f64::from(amount))
    }

    /// Rounds to the smallest unit that is billed: a cent for subscriptions, less for an hour.
    fn round(&self, price: f64) -> f64 {
        let units = if matches!(self.term, Term::Months(_)) { 100.0 } else { 100_000.0 };
        (price * units).round() / units
    }

    /// Returns the member `PriceInfo` of a response for a number of such orders.
    pub(crate) fn response(&self, currency: &str, amount: u32, details: bool) -> Value {
        let rules: Vec<Value> =
            self.is_yearly().then(|| json!({ "RuleId": YEARLY.0, "Description": YEARLY.1 })).into_iter().collect();
        let price = |original: f64, discount: f64| {
            let (original, discount) = (original * f64::from(amount), discount * f64::from(amount));
            let (original, trade) = (self.round(original), self.round(original - discount));
            json!({
                "OriginalPrice": original,
                "DiscountPrice": self.round(original - trade),
                "TradePrice": trade,
            })
        };
        let sum = |of: fn(&Part) -> f64| self.parts.iter().map(of).sum::<f64>();
        let mut total = price(sum(|part| part.original), sum(|part| part.discount));
        total["Currency"] = currency.into();
        if details {
            let parts = self.parts.iter().map(|part| {
                let mut detail = price(part.original, part.discount);
                detail["Resource"] = part.resource.into();
                detail["SubRules"] = json!({ "Rule": rules });
                detail
            });
            total["DetailInfos"] = json!({ "DetailInfo": parts.collect::<Vec<_>>() });
        }
        json!({ "Price": total, "Rules": { "Rule": rules } })
    }
}
