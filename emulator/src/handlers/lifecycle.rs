//! Starting, stopping and releasing instances, and assigning public addresses.

use serde_json::{Value, json};

use super::Entry;
use super::launch::auto_release_time;
use crate::{
    call::{Call, incorrect_status, not_found},
    error::{EcsError, Result},
    resources::{Instance, Status},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "AllocatePublicIpAddress", allocate_public_ip_address),
    ("ecs", "DeleteInstance", delete_instance),
    ("ecs", "DeleteInstances", delete_instances),
    ("ecs", "ModifyInstanceAutoReleaseTime", modify_instance_auto_release_time),
    ("ecs", "StartInstance", start_instance),
    ("ecs", "StopInstance", stop_instance),
];

fn start_instance(call: &mut Call<'_>) -> Result<Value> {
    let (now, step) = (call.now, call.step);
    let mut instance = call.instance_mut()?;
    if instance.expired(now) {
        let message = format!("The subscription of {} has expired; renew it first.", instance.id);
        return Err(EcsError::new(403, "InstanceExpired", message));
    }
    needs(&instance, instance.status(now), &[Status::Stopped])?;
    instance.pass(now, step, &[Status::Starting, Status::Running]);
    if instance.spot.interrupted.is_none() {
        instance.locks.retain(|lock| lock != "Recycling");
    }
    Ok(json!({}))
}

fn stop_instance(call: &mut Call<'_>) -> Result<Value> {
    let (now, step) = (call.now, call.step);
    let mode = call.args.string_or("StoppedMode", "KeepCharging").to_owned();
    let mut instance = call.instance_mut()?;
    needs(&instance, instance.status(now), &[Status::Running])?;
    instance.pass(now, step, &[Status::Stopping, Status::Stopped]);
    // A subscription is charged whether or not the instance runs.
    instance.stopped_mode = if instance.prepaid { "KeepCharging".to_owned() } else { mode };
    Ok(json!({}))
}

/// Rejects an instance that is not in one of the states.
fn needs(instance: &Instance, status: Status, states: &[Status]) -> Result<()> {
    if states.contains(&status) {
        return Ok(());
    }
    let states: Vec<&str> = states.iter().map(|status| status.as_str()).collect();
    Err(incorrect_status(&instance.id, status.as_str(), &states.join(" or ")))
}

fn delete_instance(call: &mut Call<'_>) -> Result<Value> {
    let id = call.instance()?.id.clone();
    delete(call, &[id])
}

fn delete_instances(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let ids: Vec<String> = call.args.strings("InstanceId").unwrap_or_default().into_iter().map(str::to_owned).collect();
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
    delete(call, &ids)
}

/// Releases all of the instances, or none of them.
fn delete(call: &mut Call<'_>, ids: &[String]) -> Result<Value> {
    for instance in ids.iter().filter_map(|id| call.state.instances.get(id)) {
        deletable(call, instance)?;
    }
    let (now, step) = (call.now, call.step);
    for id in ids {
        let stopped = call.state.instances.get(id).is_some_and(|instance| instance.status(now) == Status::Stopped);
        if let Some(mut instance) = call.state.instances.get_mut(id).filter(|_| !stopped) {
            instance.pass(now, step, &[Status::Stopping]);
            instance.deleted = Some(now + step);
            continue;
        }
        call.state.release(id, now);
    }
    Ok(json!({}))
}

fn deletable(call: &Call<'_>, instance: &Instance) -> Result<()> {
    let id = &instance.id;
    if instance.deletion_protection {
        let message = format!("The instance {id} is protected from deletion.");
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

fn allocate_public_ip_address(call: &mut Call<'_>) -> Result<Value> {
    let now = call.now;
    let wanted = call.args.string("IpAddress").map(str::to_owned);
    let instance = call.instance()?;
    let id = instance.id.clone();
    needs(&instance, instance.status(now), &[Status::Running, Status::Stopped])?;
    if instance.internet.outgoing == 0 {
        let message = format!("The instance {id} has no outgoing bandwidth; set InternetMaxBandwidthOut first.");
        return Err(EcsError::new(400, "AllocateIpInvalidInstanceBandwidth", message));
    }
    if let Some(ip) = &instance.internet.ip {
        let message = format!("The instance {id} already has the public address {ip}.");
        return Err(EcsError::new(403, "AllocatedAlready", message));
    }
    let ip = match wanted {
        Some(ip) if call.state.is_public_ip_used(&ip) => {
            return Err(EcsError::new(403, "IpInUse", format!("The address {ip} is already in use.")));
        }
        Some(ip) => ip,
        None => call.state.next_public_ip(),
    };
    call.instance_mut()?.internet.ip = Some(ip.clone());
    Ok(json!({ "IpAddress": ip }))
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
