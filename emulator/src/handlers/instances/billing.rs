//! Renewal of subscriptions.

use serde_json::{Value, json};

use crate::{
    call::Call,
    clock::Period,
    error::{EcsError, Result},
    handlers::Entry,
    paging,
    resources::Renewal,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeInstanceAutoRenewAttribute", describe_instance_auto_renew_attribute),
    ("ecs", "ModifyInstanceAutoRenewAttribute", modify_instance_auto_renew_attribute),
    ("ecs", "RenewInstance", renew_instance),
];

fn renew_instance(call: &mut Call<'_>) -> Result<Value> {
    let now = call.now;
    let unit = call.args.string_or("PeriodUnit", "Month");
    let Some(unit_of_one) = Period::new(1, unit) else {
        return Err(call.error("InvalidPeriodUnit.ValueNotSupported", 400, format!("PeriodUnit cannot be {unit:?}.")));
    };
    let expected_day = call.args.count("ExpectedRenewDay");
    let period = match (call.args.count("Period"), expected_day) {
        (Some(_), Some(_)) => {
            let message = "Specify either Period or ExpectedRenewDay, not both.";
            return Err(call.error("InvalidExpectedRenewDay.Conflict", 400, message));
        }
        (None, None) => return Err(call.error("MissingParamter", 400, "Specify Period or ExpectedRenewDay.")),
        (Some(number), None) => {
            let allowed = match unit_of_one {
                Period::Weeks(_) => (1..=4).contains(&number),
                Period::Months(_) => matches!(number, 1..=9 | 12 | 24 | 36 | 48 | 60),
            };
            match Period::new(number, unit).filter(|_| allowed) {
                Some(period) => period,
                None => {
                    return Err(call.error(
                        "InvalidPeriod",
                        400,
                        format!("Period cannot be {number} with PeriodUnit {unit}."),
                    ));
                }
            }
        }
        (None, Some(_)) => Period::Months(1),
    };
    let mut instance = call.instance_mut()?;
    if !instance.prepaid {
        return Err(no_subscription(&instance.id));
    }
    instance.renew(period, now);
    if let (Some(day), Some(expires)) = (expected_day, instance.expires) {
        instance.expires = u8::try_from(day).ok().and_then(|day| expires.replace_day(day).ok()).or(Some(expires));
    }
    let (id, expires) = (instance.id.clone(), instance.expires);
    drop(instance);
    for disk in call.state.disks.linked_ids(&id) {
        if let Some(mut disk) = call.state.disks.get_mut(&disk) {
            disk.expires = expires;
        }
    }
    Ok(json!({ "OrderId": call.state.next_order() }))
}

fn no_subscription(id: &str) -> EcsError {
    EcsError::new(403, "ChargeTypeViolation", format!("The instance {id} is not a subscription."))
}

/// Returns subscription instances of the region by ID, or the error that these operations document for other instances.
fn subscriptions(call: &Call<'_>, ids: &[&str]) -> Result<()> {
    let region = call.region()?;
    for id in ids {
        match call.state.instances.get(id).filter(|instance| instance.region == region.id) {
            None => {
                return Err(call.error(
                    "InvalidParameter.InvalidInstanceId",
                    403,
                    format!("The instance {id:?} does not exist."),
                ));
            }
            Some(instance) if !instance.prepaid => return Err(no_subscription(id)),
            Some(_) => {}
        }
    }
    Ok(())
}

fn modify_instance_auto_renew_attribute(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let ids = args.strings("InstanceId").unwrap_or_default();
    let states = ["AutoRenewal", "Normal", "NotRenewal"];
    call.one_of("RenewalStatus", &states, 403, "InvalidParameter.RenewalStatus")?;
    let default = if args.flag("AutoRenew") { "AutoRenewal" } else { "Normal" };
    let status = args.string_or("RenewalStatus", default).to_owned();
    let unit = args.string_or("PeriodUnit", "Month");
    let duration = args.count("Duration").unwrap_or(1);
    let (unit, allowed): (&str, &[u32]) = match unit.to_ascii_lowercase().as_str() {
        "week" => ("Week", &[1, 2, 3, 4]),
        "month" => ("Month", &[1, 2, 3, 6, 12, 24, 36, 48, 60]),
        "year" => ("Year", &[1, 2, 3, 4, 5]),
        _ => {
            return Err(call.error(
                "InvalidPeriodUnit.ValueNotSupported",
                403,
                format!("PeriodUnit cannot be {unit:?}."),
            ));
        }
    };
    if status == "AutoRenewal" && !allowed.contains(&duration) {
        return Err(call.error(
            "InvalidParameter.Duration",
            403,
            format!("Duration cannot be {duration} with PeriodUnit {unit}."),
        ));
    }
    subscriptions(call, &ids)?;
    let renewal = match status.as_str() {
        "AutoRenewal" => Renewal { status, duration, unit: unit.to_owned() },
        _ => Renewal { status, duration: 0, unit: unit.to_owned() },
    };
    for id in ids {
        if let Some(mut instance) = call.state.instances.get_mut(id) {
            instance.renewal = renewal.clone();
        }
    }
    Ok(json!({}))
}

fn describe_instance_auto_renew_attribute(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let states = ["AutoRenewal", "Normal", "NotRenewal"];
    call.one_of("RenewalStatus", &states, 403, "InvalidParameter.RenewalStatus")?;
    let ids = call.args.strings("InstanceId");
    if ids.is_none() && call.args.string("RenewalStatus").is_none() {
        let message = "Specify instances with InstanceId, or a state with RenewalStatus.";
        return Err(call.error("MissingParameter.InstanceId", 403, message));
    }
    subscriptions(call, &ids.unwrap_or_default())?;
    let found = call.find(&call.state.instances, &region.id, (&["InstanceId"], &[]), |instance| {
        instance.prepaid
            && call.listed("InstanceId", &instance.id)
            && call.matches("RenewalStatus", &instance.renewal.status)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "InstanceRenewAttributes", "InstanceRenewAttribute", |instance| {
        json!({
            "InstanceId": instance.id,
            "AutoRenewEnabled": instance.renewal.status == "AutoRenewal",
            "RenewalStatus": instance.renewal.status,
            "Duration": instance.renewal.duration,
            "PeriodUnit": instance.renewal.unit,
        })
    }))
}
