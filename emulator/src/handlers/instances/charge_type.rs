//! The billing method of instances.

use serde_json::{Value, json};

use super::{launch::subscription_period, lifecycle::needs};
use crate::{
    call::{Call, not_found},
    catalog::market::HOURS_PER_MONTH,
    error::Result,
    handlers::Entry,
    resources::{Instance, Renewal, Status},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "ModifyInstanceChargeType", modify_instance_charge_type),
    ("ecs", "ReActivateInstances", reactivate_instances),
];

fn modify_instance_charge_type(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.one_of("InstanceChargeType", &["PrePaid", "PostPaid"], 400, "InvalidInstanceChargeType.ValueNotSupported")?;
    let ids = args.strings("InstanceIds").unwrap_or_default();
    if ids.is_empty() {
        let message = "InstanceIds must be a JSON list of instance IDs.";
        return Err(call.error("InvalidParameter.InstanceIds", 400, message));
    }
    let prepaid = args.string_or("InstanceChargeType", "PrePaid") == "PrePaid";
    let period = if prepaid { Some(subscription_period(call)?) } else { None };
    let mut fees = Vec::new();
    for id in ids {
        let instance = call.state.instances.get(id).filter(|instance| instance.region == region.id);
        let Some(instance) = instance else { return Err(not_found(id)) };
        needs(instance, instance.status(call.now), &[Status::Running, Status::Stopped])?;
        if instance.prepaid == prepaid {
            let kind = if prepaid { "a subscription" } else { "pay-as-you-go" };
            let message = format!("The instance {id} is {kind} already.");
            return Err(call.error("InvalidInstanceChargeType.ValueNotSupported", 400, message));
        }
        if instance.is_spot() {
            let message = format!("The instance {id} is a spot instance, which cannot become a subscription.");
            return Err(call.error("InvalidSpotStrategy", 400, message));
        }
        if instance.auto_release.is_some() {
            let message = format!("The instance {id} has an AutoReleaseTime; cancel it first.");
            return Err(call.error("ReleaseTimeHaveBeenSet", 400, message));
        }
        fees.push(json!({
            "InstanceId": id,
            "Currency": call.catalog.currency(&region.id),
            "Fee": format!("{:.2}", refund(call, instance)),
        }));
        let expires = period.map(|period| period.after(call.now));
        if let Some(mut instance) = call.state.instances.get_mut(id) {
            instance.prepaid = prepaid;
            instance.expires = expires;
            let unit = args.string_or("PeriodUnit", "Month").to_owned();
            instance.renewal = Renewal { status: "Normal".to_owned(), duration: 0, unit };
        }
        for disk in call.state.disks.linked_ids(id) {
            if let Some(mut disk) = call.state.disks.get_mut(&disk)
                && (disk.kind == "system" || args.flag("IncludeDataDisks") || !prepaid)
            {
                disk.prepaid = prepaid;
                disk.expires = expires;
            }
        }
    }
    let mut response = json!({ "OrderId": call.state.next_order() });
    if args.flag("IsDetailFee") && !prepaid {
        response["FeeOfInstances"] = json!({ "FeeOfInstance": fees });
    }
    Ok(response)
}

/// Returns what is paid back for the rest of a subscription.
fn refund(call: &Call<'_>, instance: &Instance) -> f64 {
    let rest = instance.expires.map_or(0.0, |expires| (expires - call.now).as_seconds_f64()).max(0.0);
    let months = rest / (HOURS_PER_MONTH * 3600.0);
    call.instance_type(&instance.instance_type).map_or(0.0, |ty| {
        let hourly = call.catalog.hourly(call.market, &instance.zone, &ty);
        call.catalog.subscription(hourly, months)
    })
}

fn reactivate_instances(call: &mut Call<'_>) -> Result<Value> {
    let (now, step) = (call.now, call.step);
    let instance = call.instance()?;
    let id = &instance.id;
    if instance.prepaid {
        let message = format!("The instance {id} is a subscription; renew it with RenewInstance.");
        return Err(call.error("InvalidPayType.NotSupport", 404, message));
    }
    needs(instance, instance.status(now), &[Status::Stopped])?;
    if !instance.is_locked("financial") {
        let message = format!("The instance {id} has no overdue payment; start it with StartInstance.");
        return Err(call.error("ReopenInstance.InstanceStatusNotValid", 400, message));
    }
    let mut instance = call.instance_mut()?;
    instance.locks.retain(|lock| lock != "financial");
    instance.pass(now, step, &[Status::Starting, Status::Running]);
    Ok(json!({}))
}
