//! Starting, stopping, rebooting and releasing instances: one, or many in a call.

use serde_json::{Value, json};

use super::launch::auto_release_time;
use crate::{
    call::{Call, incorrect_status, not_found},
    catalog::Stock,
    error::{EcsError, Result},
    handlers::Entry,
    resources::{Instance, Status},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DeleteInstance", delete_instance),
    ("ecs", "DeleteInstances", delete_instances),
    ("ecs", "ModifyInstanceAutoReleaseTime", modify_instance_auto_release_time),
    ("ecs", "RebootInstance", reboot_instance),
    ("ecs", "RebootInstances", reboot_instances),
    ("ecs", "StartInstance", start_instance),
    ("ecs", "StartInstances", start_instances),
    ("ecs", "StopInstance", stop_instance),
    ("ecs", "StopInstances", stop_instances),
];

/// Highest number of instances of a call that names many.
const MAX_INSTANCES: usize = 100;

/// A change of the instance with an ID. It changes nothing if it fails.
type Change = fn(&mut Call<'_>, &str) -> Result<()>;

fn start_instance(call: &mut Call<'_>) -> Result<Value> {
    one(call, start)
}

fn start_instances(call: &mut Call<'_>) -> Result<Value> {
    many(call, start)
}

fn stop_instance(call: &mut Call<'_>) -> Result<Value> {
    one(call, stop)
}

fn stop_instances(call: &mut Call<'_>) -> Result<Value> {
    many(call, stop)
}

fn reboot_instance(call: &mut Call<'_>) -> Result<Value> {
    one(call, reboot)
}

fn reboot_instances(call: &mut Call<'_>) -> Result<Value> {
    many(call, reboot)
}

/// Changes the instance that the call names.
fn one(call: &mut Call<'_>, change: Change) -> Result<Value> {
    let id = call.instance()?.id.clone();
    change(call, &id)?;
    Ok(json!({}))
}

/// Changes the instances that the call names: all of them or none, or, with `SuccessFirst`, those that can be changed.
fn many(call: &mut Call<'_>, change: Change) -> Result<Value> {
    let region = &call.region()?.id;
    call.one_of("BatchOptimization", &["AllTogether", "SuccessFirst"], 400, "InvalidParameter")?;
    let each = call.args.string_or("BatchOptimization", "AllTogether") == "SuccessFirst";
    let mut results = Vec::new();
    for id in named_instances(call)? {
        let known = call.state.instances.get(&id).filter(|instance| instance.region == *region);
        let before = known.map(|instance| instance.status(call.now));
        let outcome = before.map_or_else(|| Err(not_found(&id)), |_| change(call, &id));
        if !each {
            outcome.as_ref().map_err(Clone::clone)?;
        }
        let (code, message) = match &outcome {
            Ok(()) => ("200", "success"),
            Err(error) => (error.code.as_str(), error.message.as_str()),
        };
        let mut result = json!({ "InstanceId": id, "Code": code, "Message": message });
        if let (Some(before), Some(instance)) = (before, call.state.instances.get(&id)) {
            result["PreviousStatus"] = before.as_str().into();
            result["CurrentStatus"] = instance.status(call.now).as_str().into();
        }
        results.push(result);
    }
    Ok(json!({ "InstanceResponses": { "InstanceResponse": results } }))
}

/// Returns the IDs in `InstanceId.N`, each once.
fn named_instances(call: &Call<'_>) -> Result<Vec<String>> {
    let mut ids: Vec<String> = Vec::new();
    for id in call.args.strings("InstanceId").unwrap_or_default() {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    if ids.len() > MAX_INSTANCES {
        let message = format!("The call names {} instances; at most {MAX_INSTANCES} are possible.", ids.len());
        return Err(call.error("InvalidParameter.TooManyInstanceIds", 403, message));
    }
    Ok(ids)
}

/// Returns the instance with an ID, unless it is locked for security reasons.
fn unlocked<'c>(call: &'c Call<'_>, id: &str) -> Result<&'c Instance> {
    let instance = call.state.instances.get(id).ok_or_else(|| not_found(id))?;
    if instance.is_locked("security") {
        let message = format!("The instance {id} is locked for security reasons.");
        return Err(EcsError::new(403, "InstanceLockedForSecurity", message));
    }
    Ok(instance)
}

fn start(call: &mut Call<'_>, id: &str) -> Result<()> {
    let (now, step) = (call.now, call.step);
    let instance = unlocked(call, id)?;
    if instance.expired(now) {
        let message = format!("The subscription of {id} has expired; renew it first.");
        return Err(EcsError::new(403, "InstanceExpired", message));
    }
    needs(instance, instance.status(now), &[Status::Stopped])?;
    if !call.state.disks.linked(id).any(|disk| disk.kind == "system") {
        let message = format!("The instance {id} has no system disk; attach one first.");
        return Err(call.error("InvalidInstance.NotFoundSystemDisk", 400, message));
    }
    can_run(call, instance)?;
    if let Some(mut instance) = call.state.instances.get_mut(id) {
        instance.pass(now, step, &[Status::Starting, Status::Running]);
        if instance.spot.interrupted.is_none() {
            instance.locks.retain(|lock| lock != "Recycling");
        }
    }
    call.state.start_commands(id, now);
    Ok(())
}

/// Rejects an instance that gave its capacity back when there is none, and a spot instance whose limit is below the market price.
fn can_run(call: &Call<'_>, instance: &Instance) -> Result<()> {
    let Some(ty) = call.instance_type(&instance.instance_type) else { return Ok(()) };
    let (id, zone) = (&instance.id, &instance.zone);
    if instance.stopped_mode == "StopCharging" && call.stock(zone, &ty) != Stock::Available && !call.lenient {
        let message = format!("{} is sold out in {zone}; {id} gave its capacity back when it was stopped.", ty.id);
        return Err(call.error("OperationDenied.NoStock", 403, message));
    }
    let price = call.spot_price(zone, &ty);
    match instance.spot.limit {
        Some(limit) if instance.is_spot() && limit < price => {
            let message = format!("The limit {limit} of {id} is below the market price in {zone}, {price}.");
            Err(call.error("OperationDenied.SpotPriceLowerThanPublicPrice", 403, message))
        }
        _ => Ok(()),
    }
}

fn stop(call: &mut Call<'_>, id: &str) -> Result<()> {
    let (now, step) = (call.now, call.step);
    call.one_of("StoppedMode", &["StopCharging", "KeepCharging"], 400, "InvalidParameter")?;
    let instance = unlocked(call, id)?;
    needs(instance, instance.status(now), &[Status::Running])?;
    let hibernate = call.args.flag("Hibernate");
    if hibernate && !instance.hibernation {
        let message =
            format!("The instance {id} cannot hibernate; create instances with HibernationOptions.Configured for it.");
        return Err(call.error("HibernationConfigured.NotEnabled", 403, message));
    }
    // A subscription is charged whether or not the instance runs.
    let economical = call.args.string("StoppedMode") == Some("StopCharging") && !instance.prepaid;
    if let Some(mut instance) = call.state.instances.get_mut(id) {
        instance.pass(now, step, &[Status::Stopping, Status::Stopped]);
        instance.stopped_mode = if economical || hibernate { "StopCharging" } else { "KeepCharging" }.to_owned();
    }
    Ok(())
}

fn reboot(call: &mut Call<'_>, id: &str) -> Result<()> {
    let (now, step) = (call.now, call.step);
    let instance = unlocked(call, id)?;
    needs(instance, instance.status(now), &[Status::Running])?;
    if let Some(mut instance) = call.state.instances.get_mut(id) {
        instance.pass(now, step, &[Status::Stopping, Status::Starting, Status::Running]);
    }
    call.state.start_commands(id, now);
    Ok(())
}

/// Rejects an instance that is not in one of the states.
pub(super) fn needs(instance: &Instance, status: Status, states: &[Status]) -> Result<()> {
    if states.contains(&status) {
        return Ok(());
    }
    let states: Vec<&str> = states.iter().map(|status| status.as_str()).collect();
    Err(incorrect_status(&instance.id, status.as_str(), &states.join(" or ")))
}

fn delete_instance(call: &mut Call<'_>) -> Result<Value> {
    one(call, delete)
}

/// Releases all of the instances, or none of them.
fn delete_instances(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let ids = named_instances(call)?;
    for id in &ids {
        match call.state.instances.get(id) {
            None => return Err(not_found(id)),
            Some(instance) if instance.region != region.id => {
                let message = format!("The instance {id} is in {}, not in {}.", instance.region, region.id);
                return Err(call.error("InvalidParameter.CrossRegionNotSupport", 400, message));
            }
            Some(_) => {}
        }
    }
    ids.iter().try_for_each(|id| delete(call, id))?;
    Ok(json!({}))
}

fn delete(call: &mut Call<'_>, id: &str) -> Result<()> {
    let (now, step) = (call.now, call.step);
    let instance = unlocked(call, id)?;
    deletable(call, instance)?;
    if instance.status(now) == Status::Stopped {
        call.state.release(id, now);
    } else if let Some(mut instance) = call.state.instances.get_mut(id) {
        instance.pass(now, step, &[Status::Stopping]);
        instance.deleted = Some(now + step);
    }
    Ok(())
}

fn deletable(call: &Call<'_>, instance: &Instance) -> Result<()> {
    let id = &instance.id;
    if instance.deletion_protection {
        let message =
            format!("The instance {id} is protected from deletion; ModifyInstanceAttribute ends the protection.");
        return Err(EcsError::new(403, "InvalidOperation.DeletionProtection", message));
    }
    if instance.prepaid && !(instance.expired(call.now) && call.args.flag("TerminateSubscription")) {
        let message = if instance.expired(call.now) {
            format!("The subscription of {id} has expired; TerminateSubscription releases it.")
        } else {
            format!("The subscription of {id} has not expired.")
        };
        return Err(EcsError::new(403, "ChargeTypeViolation", message));
    }
    match instance.status(call.now) {
        Status::Pending => {
            let message = format!("The instance {id} is still being created.");
            Err(EcsError::new(403, "IncorrectInstanceStatus.Initializing", message))
        }
        Status::Stopped => Ok(()),
        _ if call.args.flag("Force") => Ok(()),
        status => Err(incorrect_status(id, status.as_str(), "Stopped, or Force")),
    }
}

fn modify_instance_auto_release_time(call: &mut Call<'_>) -> Result<Value> {
    let time = match call.args.string("AutoReleaseTime") {
        Some(text) => Some(auto_release_time(call, text)?),
        None => None,
    };
    let not_found_error = call.documented(
        |code| code == "NoSuchResource" || code == "InvalidInstanceId.NotFound",
        (404, "NoSuchResource"),
        format!("The instance {:?} does not exist.", call.args.string_or("InstanceId", "")),
    );
    let mut instance = call.instance_mut().map_err(|_| not_found_error)?;
    if instance.prepaid {
        let message = format!("AutoReleaseTime cannot be set for {}, which is a subscription instance.", instance.id);
        return Err(EcsError::new(403, "ChargeTypeViolation", message));
    }
    instance.auto_release = time;
    Ok(json!({}))
}
