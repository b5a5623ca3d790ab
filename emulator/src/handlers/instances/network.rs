//! Public addresses and bandwidth of instances, and their place in a VPC.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{launch::default_incoming, lifecycle::needs};
use crate::{
    call::Call,
    error::{EcsError, Result},
    handlers::{Entry, network::membership},
    resources::{Eip, EipStatus, Instance, Status},
    state::Timeline,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "AllocatePublicIpAddress", allocate_public_ip_address),
    ("ecs", "ConvertNatPublicIpToEip", convert_nat_public_ip_to_eip),
    ("ecs", "ModifyInstanceNetworkSpec", modify_instance_network_spec),
    ("ecs", "ModifyInstanceVpcAttribute", modify_instance_vpc_attribute),
];

fn allocate_public_ip_address(call: &mut Call<'_>) -> Result<Value> {
    let wanted = call.args.string("IpAddress").map(str::to_owned);
    let instance = call.instance()?;
    let id = instance.id.clone();
    needs(instance, instance.status(call.now), &[Status::Running, Status::Stopped])?;
    if instance.internet.outgoing == 0 {
        let message = format!("The instance {id} has no outgoing bandwidth; set InternetMaxBandwidthOut first.");
        return Err(EcsError::new(400, "AllocateIpInvalidInstanceBandwidth", message));
    }
    if let Some(ip) = &instance.internet.ip {
        let message = format!("The instance {id} already has the public address {ip}.");
        return Err(EcsError::new(403, "AllocatedAlready", message));
    }
    let ip = match wanted {
        Some(ip) if ip.parse::<Ipv4Addr>().is_err() => {
            return Err(call.error("InvalidIpAddress.Malformed", 400, format!("{ip:?} is not an IPv4 address.")));
        }
        Some(ip) if call.state.is_public_ip_used(&ip) => {
            return Err(EcsError::new(403, "IpInUse", format!("The address {ip} is already in use.")));
        }
        Some(ip) => ip,
        None => call.state.next_public_ip(),
    };
    call.instance_mut()?.internet.ip = Some(ip.clone());
    Ok(json!({ "IpAddress": ip }))
}

fn modify_instance_network_spec(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let billing = ["PayByTraffic", "PayByBandwidth"];
    call.one_of("NetworkChargeType", &billing, 400, "InvalidInternetChargeType.ValueNotSupported")?;
    let instance = call.instance()?;
    let (id, prepaid) = (instance.id.clone(), instance.prepaid);
    needs(instance, instance.status(call.now), &[Status::Running, Status::Stopped])?;
    if call.state.eips.count(&id) > 0 {
        let message = format!("The instance {id} has an elastic IP address; change the bandwidth of that.");
        return Err(call.error("BandwidthUpgradeDenied.EipBoundInstance", 400, message));
    }
    let outgoing = args.int("InternetMaxBandwidthOut").unwrap_or(instance.internet.outgoing);
    let charge_type = args.string_or("NetworkChargeType", &instance.internet.charge_type).to_owned();
    if outgoing > 100 && !(prepaid && charge_type == "PayByBandwidth") {
        let message = format!(
            "InternetMaxBandwidthOut cannot be {outgoing}; only subscriptions that pay by bandwidth can have more than 100."
        );
        return Err(call.error("InvalidInternetMaxBandwidthOut.ValueNotSupported", 400, message));
    }
    let allocate = args.flag("AllocatePublicIp") && instance.internet.ip.is_none();
    if args.flag("AllocatePublicIp") && outgoing == 0 {
        let message = "AllocatePublicIp needs an InternetMaxBandwidthOut above 0.";
        return Err(call.error("InvalidParam.AllocatePublicIp", 400, message));
    }
    let incoming = args.int("InternetMaxBandwidthIn");
    let ip = if allocate { Some(call.state.next_public_ip()) } else { None };
    let mut instance = call.instance_mut()?;
    instance.internet.incoming = incoming.unwrap_or_else(|| default_incoming(outgoing));
    instance.internet.outgoing = outgoing;
    instance.internet.charge_type = charge_type;
    if ip.is_some() {
        instance.internet.ip = ip;
    }
    drop(instance);
    Ok(if prepaid { json!({ "OrderId": call.state.next_order() }) } else { json!({}) })
}

fn convert_nat_public_ip_to_eip(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let instance = call.instance()?.clone();
    needs(&instance, instance.status(call.now), &[Status::Running, Status::Stopped])?;
    let Some(address) = instance.internet.ip else {
        let message = format!("The instance {} has no public address to convert.", instance.id);
        return Err(call.error("InvalidInstance.IpAddressMissing", 404, message));
    };
    call.instance_mut()?.internet.ip = None;
    let eip = Eip {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("eip", &region.code),
        region: instance.region,
        address,
        bandwidth: instance.internet.outgoing,
        internet_charge_type: instance.internet.charge_type,
        isp: "BGP".to_owned(),
        instance: Some(instance.id),
        instance_type: "EcsInstance".to_owned(),
        private_ip: instance.private_ip,
        resource_group: instance.resource_group,
        created: call.now.into(),
        status: Timeline::of(EipStatus::InUse),
        ..Eip::default()
    };
    call.state.eips.insert(eip);
    Ok(json!({}))
}

fn modify_instance_vpc_attribute(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let instance = call.instance()?.clone();
    let status = instance.status(call.now);
    if status != Status::Stopped {
        let message =
            format!("The instance {} is {}; it can be moved when it is Stopped.", instance.id, status.as_str());
        return Err(EcsError::new(400, "IncorrectInstanceStatus", message));
    }
    let id = args.string_or("VSwitchId", "");
    let vswitch = call.state.vswitches.get(id).filter(|vswitch| vswitch.region == instance.region);
    let Some(vswitch) = vswitch else {
        let message = format!("The vSwitch {id:?} does not exist; DescribeVSwitches lists the vSwitches.");
        return Err(call.error("InvalidVSwitchId.NotFound", 404, message));
    };
    let (vswitch, vpc) = (vswitch.id.clone(), vswitch.vpc.clone());
    if call.state.vswitches.get(&vswitch).is_some_and(|vswitch| vswitch.zone != instance.zone) {
        let message = format!("The vSwitch {vswitch} is not in {}, the zone of the instance.", instance.zone);
        return Err(call.error("InvalidOperation.VswAndEcsAvailabilityZoneMismatch", 403, message));
    }
    let moves = args.string("VpcId").is_some_and(|wanted| wanted != instance.vpc);
    if args.string("VpcId").unwrap_or(&instance.vpc) != vpc {
        let message = format!("The vSwitch {vswitch} belongs to {vpc}; set VpcId to move the instance to that VPC.");
        return Err(call.error("InvalidVSwitch.NotBelongToVpc", 404, message));
    }
    let groups = new_groups(call, &instance, &vpc, moves)?;
    if moves {
        movable(call, &instance)?;
    }
    let address = new_address(call, &instance, &vswitch)?;
    move_interface(call, &instance, (&vpc, &vswitch), &address, groups);
    Ok(json!({}))
}

/// Returns the security groups of an instance after its move.
fn new_groups(call: &Call<'_>, instance: &Instance, vpc: &str, moves: bool) -> Result<Vec<String>> {
    let groups = call.args.strings("SecurityGroupId").unwrap_or_default();
    if !moves {
        return Ok(instance.groups.clone());
    }
    if groups.is_empty() {
        let message = "A change of the VPC needs security groups of that VPC in SecurityGroupId.N.";
        return Err(call.error("InvalidParameter.SecurityGroupId", 400, message));
    }
    membership::check(call, &instance.region, vpc, &groups)?;
    Ok(groups.into_iter().map(str::to_owned).collect())
}

/// Rejects an instance whose other interfaces or addresses keep it in its VPC.
fn movable(call: &Call<'_>, instance: &Instance) -> Result<()> {
    let id = &instance.id;
    if call.state.interfaces.linked(id).any(|interface| !interface.primary) {
        let message = format!("The instance {id} has secondary network interfaces; detach them first.");
        return Err(call.error("InvalidInstance.AttachedEni", 404, message));
    }
    let primary = call.state.interfaces.get(&instance.interface);
    if primary.is_some_and(|interface| !interface.secondary_ips.is_empty()) {
        let message = format!("The instance {id} has several private addresses; unassign them first.");
        return Err(call.error("PrimaryEniHasSubIp", 400, message));
    }
    if primary.is_some_and(|interface| !interface.ipv6.is_empty()) {
        let message = format!("The instance {id} has IPv6 addresses; unassign them first.");
        return Err(call.error("InvalidIp.Ipv6Assigned", 403, message));
    }
    Ok(())
}

/// Returns the private address of an instance in a vSwitch.
fn new_address(call: &Call<'_>, instance: &Instance, vswitch: &str) -> Result<String> {
    let Some(wanted) = call.args.string("PrivateIpAddress") else {
        if vswitch == instance.vswitch {
            return Ok(instance.private_ip.clone());
        }
        let free = call.state.free_addresses(vswitch, 1);
        return free.first().map(Ipv4Addr::to_string).ok_or_else(|| {
            let message = format!("The vSwitch {vswitch} has no free addresses.");
            call.error("InvalidParameter.NotEnoughIpInVSwitch", 404, message)
        });
    };
    let Ok(address) = wanted.parse::<Ipv4Addr>() else {
        let message = format!("{wanted:?} is not an IPv4 address.");
        return Err(call.error("InvalidPrivateIpAddress.Malformed", 400, message));
    };
    if !call.state.vswitches.get(vswitch).is_some_and(|row| row.contains(address)) {
        let message = format!("{address} is not in the vSwitch {vswitch}.");
        return Err(call.error("InvalidPrivateIpAddress.Mismatch", 400, message));
    }
    let own = vswitch == instance.vswitch && wanted == instance.private_ip;
    if !own && call.state.is_address_used(vswitch, address) {
        let message = format!("{address} is already in use.");
        return Err(call.error("InvalidPrivateIpAddress.Duplicated", 400, message));
    }
    Ok(address.to_string())
}

/// Moves the primary network interface of an instance, and with it the instance.
fn move_interface(
    call: &mut Call<'_>,
    instance: &Instance,
    (vpc, vswitch): (&str, &str),
    address: &str,
    groups: Vec<String>,
) {
    if let Some(mut interface) = call.state.interfaces.get(&instance.interface).cloned() {
        call.state.remove_interface(&instance.interface);
        vpc.clone_into(&mut interface.vpc);
        vswitch.clone_into(&mut interface.vswitch);
        address.clone_into(&mut interface.private_ip);
        interface.groups.clone_from(&groups);
        call.state.add_interface(interface);
    }
    if let Some(mut row) = call.state.instances.get_mut(&instance.id) {
        vpc.clone_into(&mut row.vpc);
        vswitch.clone_into(&mut row.vswitch);
        address.clone_into(&mut row.private_ip);
        row.groups = groups;
    }
}
