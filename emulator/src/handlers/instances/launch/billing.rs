//! How new instances are billed: by subscription, as spot instances, until when.

use time::{Duration, OffsetDateTime};

use crate::{
    call::Call,
    catalog::InstanceType,
    clock::{self, Period},
    error::Result,
    resources::{Renewal, Spot},
};

/// Returns the period of a subscription; `None` for pay-as-you-go.
pub(super) fn subscription(call: &Call<'_>) -> Result<Option<Period>> {
    let charge_type = call.args.string_or("InstanceChargeType", "PostPaid");
    call.one_of("InstanceChargeType", &["PrePaid", "PostPaid"], 400, "Invalid.InstanceChargeType")?;
    if charge_type == "PrePaid" {
        return subscription_period(call).map(Some);
    }
    if call.args.boolean("AutoPay") == Some(false) {
        let message = "AutoPay can be false for subscriptions only.";
        return Err(call.error("InvalidAutoPay.PostPaidUnsupported", 400, message));
    }
    Ok(None)
}

/// Reads the period of a subscription.
pub(in crate::handlers) fn subscription_period(call: &Call<'_>) -> Result<Period> {
    let unit = call.args.string_or("PeriodUnit", "Month");
    let period = call.args.count("Period").and_then(|number| Period::new(number, unit));
    let allowed = match period {
        Some(Period::Weeks(number)) => (1..=4).contains(&number),
        Some(Period::Months(number)) => matches!(number, 1..=9 | 12 | 24 | 36 | 48 | 60),
        None => false,
    };
    let message = "A subscription takes a Period of 1 to 4 weeks, 1 to 9 months, or 12, 24, 36, 48 or 60 months.";
    period.filter(|_| allowed).ok_or_else(|| call.error("InvalidPeriod", 400, message))
}

/// Returns the renewal settings of a subscription.
pub(super) fn renewal(call: &Call<'_>) -> Result<Renewal> {
    let unit = call.args.string_or("PeriodUnit", "Month").to_owned();
    if !call.args.flag("AutoRenew") {
        return Ok(Renewal { status: "Normal".to_owned(), duration: 0, unit });
    }
    let duration = call.args.count("AutoRenewPeriod").unwrap_or(1);
    let allowed: &[u32] = if unit == "Week" { &[1, 2, 3] } else { &[1, 2, 3, 6, 12, 24, 36, 48, 60] };
    if !allowed.contains(&duration) {
        let message = format!("AutoRenewPeriod cannot be {duration} with PeriodUnit {unit}.");
        return Err(call.error("InvalidAutoRenewPeriod.ValueNotSupported", 400, message));
    }
    Ok(Renewal { status: "AutoRenewal".to_owned(), duration, unit })
}

/// Reads the options of spot instances.
pub(super) fn spot(call: &Call<'_>, ty: &InstanceType, zone: &str, subscription: bool) -> Result<Spot> {
    call.one_of("SpotStrategy", &["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"], 400, "InvalidSpotStrategy")?;
    call.one_of("SpotInterruptionBehavior", &["Terminate", "Stop"], 400, "InvalidSpotInterruptionBehavior")?;
    let strategy = call.args.string_or("SpotStrategy", "NoSpot");
    let limit = call.args.number("SpotPriceLimit");
    let behavior = call.args.string_or("SpotInterruptionBehavior", "Terminate");
    let duration = call.args.int("SpotDuration").unwrap_or(1);
    if strategy != "NoSpot" {
        if subscription {
            return Err(call.error("InvalidSpotPrepaid", 400, "A spot instance is always pay-as-you-go."));
        }
        if !ty.family.spot {
            return Err(call.error("SpotNotSupported", 400, format!("{} does not support spot instances.", ty.id)));
        }
        if !(0..=6).contains(&duration) {
            let message = format!("SpotDuration cannot be {duration}; it is 0 or 1 hour.");
            return Err(call.error("InvalidSpotDuration", 400, message));
        }
    }
    if strategy == "SpotWithPriceLimit" {
        let price = call.spot_price(zone, ty);
        match limit {
            None => return Err(call.error("InvalidSpotPriceLimit", 400, "SpotWithPriceLimit needs a SpotPriceLimit.")),
            Some(limit) if limit < price => {
                let message = format!("The limit {limit} is below the market price in {zone}, {price}.");
                return Err(call.error("InvalidSpotPriceLimit.LowerThanPublicPrice", 400, message));
            }
            Some(_) => {}
        }
    }
    Ok(Spot {
        strategy: strategy.to_owned(),
        limit: limit.filter(|_| strategy == "SpotWithPriceLimit"),
        duration: if strategy == "NoSpot" { 0 } else { u32::try_from(duration).unwrap_or(1) },
        behavior: behavior.to_owned(),
        interrupted: None,
    })
}

/// Reads the time of an automatic release, which a subscription cannot have.
pub(super) fn auto_release(call: &Call<'_>, subscription: bool) -> Result<Option<OffsetDateTime>> {
    let Some(text) = call.args.string("AutoReleaseTime") else { return Ok(None) };
    if subscription {
        let message = "AutoReleaseTime cannot be set for a subscription instance.";
        return Err(call.error("InvalidAutoReleaseTime.Malformed", 400, message));
    }
    auto_release_time(call, text).map(Some)
}

/// Reads a release time, which must be 30 minutes to three years ahead; seconds are dropped.
pub(in crate::handlers) fn auto_release_time(call: &Call<'_>, text: &str) -> Result<OffsetDateTime> {
    let time = clock::parse_seconds(text).map(|time| time - Duration::seconds(i64::from(time.second())));
    let start_of_minute = call.now - Duration::seconds(i64::from(call.now.second()));
    let (earliest, latest) = (start_of_minute + Duration::minutes(30), Period::Months(36).after(call.now));
    let earliest = earliest - Duration::nanoseconds(i64::from(call.now.nanosecond()));
    time.filter(|time| (earliest..=latest).contains(time)).ok_or_else(|| {
        let message =
            format!("AutoReleaseTime {text:?} is not a time in the format yyyy-MM-ddTHH:mm:ssZ from 30 minutes to three years ahead.");
        call.error("InvalidAutoReleaseTime.Malformed", 400, message)
    })
}
