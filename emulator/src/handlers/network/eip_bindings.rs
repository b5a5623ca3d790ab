//! Associating elastic IP addresses with instances and network interfaces.

use serde_json::{Value, json};

use super::{
    eips::{RESOURCE_TYPES, named, needs},
    network_rules::missing,
};
use crate::{
    call::Call,
    error::{EcsError, Result},
    handlers::Entry,
    resources::{Eip, EipStatus, Instance, Interface, InterfaceStatus, Status},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("vpc", "AssociateEipAddress", associate_eip_address),
    ("ecs", "AssociateEipAddress", associate_eip_address),
    ("vpc", "UnassociateEipAddress", unassociate_eip_address),
    ("ecs", "UnassociateEipAddress", unassociate_eip_address),
];

/// How an address is associated with a network interface.
const MODES: [&str; 3] = ["NAT", "MULTI_BINDED", "BINDED"];

fn associate_eip_address(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let eip = named(call)?.clone();
    let kind = kind(call)?;
    call.one_of("Mode", &MODES, 400, "IllegalParam.Mode")?;
    needs(call, &eip, &[EipStatus::Available])?;
    let id = args.string_or("InstanceId", "");
    let private_ip = match kind {
        "EcsInstance" => instance(call, &eip, id)?,
        "NetworkInterface" => interface(call, &eip, id)?,
        // The emulator has no other resources; a lenient one takes them unseen.
        _ if call.lenient => String::new(),
        _ => {
            let message = format!("The {kind} {id:?} does not exist: this emulator has none of this type.");
            return Err(missing(call, "InvalidInstanId.NotFound", message));
        }
    };
    let (now, step) = (call.now, call.step);
    if let Some(mut row) = call.state.eips.get_mut(&eip.id) {
        row.instance = Some(id.to_owned());
        kind.clone_into(&mut row.instance_type);
        row.private_ip = private_ip;
        args.string_or("Mode", "NAT").clone_into(&mut row.mode);
        row.status.pass(now, step, &[EipStatus::Associating, EipStatus::InUse]);
    }
    Ok(json!({}))
}

/// Returns the type of the resource that the call names.
fn kind<'c>(call: &Call<'c>) -> Result<&'c str> {
    call.one_of("InstanceType", &RESOURCE_TYPES, 400, "InvalidInstanceType.ValueNotSupported")?;
    Ok(call.args.string_or("InstanceType", "EcsInstance"))
}

/// Checks that an instance can have an address. Returns the private address that the elastic one belongs to: none, because it
/// belongs to the whole instance.
fn instance(call: &Call<'_>, eip: &Eip, id: &str) -> Result<String> {
    let Some(instance) = call.state.instances.get(id) else {
        return Err(missing(call, "InvalidInstanId.NotFound", format!("The instance {id:?} does not exist.")));
    };
    same_region(call, eip, &instance.region)?;
    check_status(call, instance)?;
    if let Some(ip) = &instance.internet.ip {
        let message = format!("The instance {id} has the public address {ip}; convert or release that first.");
        return Err(call.error("EIP_CAN_NOT_ASSOCIATE_WITH_PUBLIC_IP", 400, message));
    }
    if let Some(other) = call.state.eips.linked(id).next() {
        return Err(duplicate(call, id, other));
    }
    Ok(String::new())
}

/// Checks that an instance is running or stopped.
fn check_status(call: &Call<'_>, instance: &Instance) -> Result<()> {
    let status = instance.status(call.now);
    if [Status::Running, Status::Stopped].contains(&status) {
        return Ok(());
    }
    let message =
        format!("The instance {} is {}; the operation needs it Running or Stopped.", instance.id, status.as_str());
    Err(call.error("IncorrectInstanceStatus", 400, message))
}

fn same_region(call: &Call<'_>, eip: &Eip, region: &str) -> Result<()> {
    if eip.region == region {
        return Ok(());
    }
    let message = format!("The elastic IP address {} is in {}, the resource in {region}.", eip.id, eip.region);
    Err(call.error("InvalidParameter.Mismatch", 400, message))
}

fn duplicate(call: &Call<'_>, place: &str, other: &Eip) -> EcsError {
    let message = format!("{place} already has the elastic IP address {} ({}).", other.id, other.address);
    call.error("InvalidAssociation.Duplicated", 400, message)
}

/// Checks that a network interface can have an address. Returns the private address that the elastic one belongs to.
fn interface(call: &Call<'_>, eip: &Eip, id: &str) -> Result<String> {
    let Some(interface) = call.state.interfaces.get(id) else {
        return Err(missing(call, "InvalidInstanId.NotFound", format!("The network interface {id:?} does not exist.")));
    };
    same_region(call, eip, &interface.region)?;
    if interface.primary {
        let message =
            format!("{id} is the primary interface of an instance; name the instance, with InstanceType EcsInstance.");
        return Err(call.error("InvalidParameter.EniInstanceId", 400, message));
    }
    let status = interface.status.at(call.now);
    if ![InterfaceStatus::Available, InterfaceStatus::InUse].contains(&status) {
        let message =
            format!("The network interface {id} is {}; the operation needs it Available or InUse.", status.as_str());
        return Err(call.error("InvalidStatus.EniStatusNotSupport", 400, message));
    }
    let private_ip = call.args.string_or("PrivateIpAddress", &interface.private_ip).to_owned();
    if private_ip != interface.private_ip && !interface.secondary_ips.contains(&private_ip) {
        let message = format!("The network interface {id} does not have the private address {private_ip:?}.");
        let is_own = |code: &str| code == "OperationFailed.PrivateIpAddressNotExist";
        return Err(call.documented(is_own, (400, "InvalidParameter"), message));
    }
    check_mode(call, interface)?;
    let mut others = call.state.eips.linked(id);
    match others.find(|other| other.private_ip == private_ip) {
        Some(other) => Err(duplicate(call, &private_ip, other)),
        None => Ok(private_ip),
    }
}

/// Checks that the address can be associated with a network interface in the mode that the call names.
fn check_mode(call: &Call<'_>, interface: &Interface) -> Result<()> {
    let mode = call.args.string_or("Mode", "NAT");
    let id = &interface.id;
    if mode == "BINDED" && interface.instance.is_some() {
        let message = format!("The network interface {id} is attached to an instance; detach it for the mode BINDED.");
        return Err(call.error("Eni.Attached", 400, message));
    }
    if mode == "BINDED" && !interface.secondary_ips.is_empty() {
        let message =
            format!("The network interface {id} has secondary addresses, which the mode BINDED does not allow.");
        return Err(call.error("Eni.HasSubIp", 400, message));
    }
    match call.state.eips.linked(id).next() {
        Some(other) if other.mode != mode => {
            let message = format!("The network interface {id} has an elastic IP address in the mode {}.", other.mode);
            Err(call.error("Mode.Conflict", 400, message))
        }
        _ => Ok(()),
    }
}

fn unassociate_eip_address(call: &mut Call<'_>) -> Result<Value> {
    let eip = named(call)?.clone();
    kind(call)?;
    needs(call, &eip, &[EipStatus::InUse])?;
    let owner = eip.instance.as_deref().unwrap_or_default();
    let private_ip = call.args.string("PrivateIpAddress").filter(|_| !eip.private_ip.is_empty());
    let kind = call.args.string("InstanceType").filter(|_| call.args.string("InstanceId").is_some());
    if call.args.string("InstanceId").is_some_and(|id| id != owner)
        || kind.is_some_and(|kind| kind != eip.instance_type)
        || private_ip.is_some_and(|address| address != eip.private_ip)
    {
        let message = format!(
            "The elastic IP address {} belongs to the {} {owner}, not to what the request names.",
            eip.id, eip.instance_type
        );
        let is_own = |code: &str| code == "InvalidBindInstance.NotFound";
        return Err(match call.operation.documented(is_own) {
            Some(own) => EcsError::new(own.http, &own.code, message),
            None => call.error("InvalidInstanceId.NotFound", 400, message),
        });
    }
    if let Some(instance) = call.state.instances.get(owner) {
        check_status(call, instance)?;
    }
    let (now, step) = (call.now, call.step);
    if let Some(mut row) = call.state.eips.get_mut(&eip.id) {
        row.status.pass(now, step, &[EipStatus::Unassociating, EipStatus::Available]);
        row.ends = Some(now + step);
    }
    Ok(json!({}))
}
