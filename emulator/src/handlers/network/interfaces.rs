//! Elastic network interfaces.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{
    interface_addresses,
    interface_rules::{interface, needs},
    membership, security_groups, vswitches,
};
use crate::{
    call::{Call, incorrect_status, tag_list},
    clock,
    error::{EcsError, Result},
    handlers::{Entry, references, stand_ins},
    paging,
    resources::{Interface, InterfaceStatus, Status, VSwitch},
    rules,
    state::{Timeline, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "AttachNetworkInterface", attach_network_interface),
    ("ecs", "CreateNetworkInterface", create_network_interface),
    ("ecs", "DeleteNetworkInterface", delete_network_interface),
    ("ecs", "DescribeNetworkInterfaceAttribute", describe_network_interface_attribute),
    ("ecs", "DescribeNetworkInterfaces", describe_network_interfaces),
    ("ecs", "DetachNetworkInterface", detach_network_interface),
    ("ecs", "ModifyNetworkInterfaceAttribute", modify_network_interface_attribute),
];

fn vswitch<'c>(call: &'c Call<'_>) -> Result<&'c VSwitch> {
    let id = call.args.string_or("VSwitchId", "");
    let region = call.region()?;
    let found = call.state.vswitches.get(id).filter(|vswitch| vswitch.region == region.id).ok_or_else(|| {
        let message = format!("The vSwitch {id:?} does not exist in {}.", region.id);
        call.error("InvalidVSwitchId.NotFound", 404, message)
    })?;
    vswitches::check_available(call, found)?;
    Ok(found)
}

/// Checks the description of an interface.
fn check_description(call: &Call<'_>) -> Result<()> {
    call.check_string("Description", "InvalidParameter", rules::description)
}

fn create_network_interface(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let region = call.region()?;
    check_description(call)?;
    call.one_of("InstanceType", &["Primary", "Secondary", "Trunk"], 403, "InvalidOperation.InvalidEniType")?;
    stand_ins::network(call)?;
    let vswitch = vswitch(call)?.clone();
    let groups = match (args.string("SecurityGroupId"), args.strings("SecurityGroupIds")) {
        (Some(_), Some(_)) => {
            let message = "Specify either SecurityGroupId or SecurityGroupIds, not both.";
            return Err(call.error("InvalidSecurityGroupId.SingleIdAndMultiIdConflict", 400, message));
        }
        (Some(one), None) => vec![one],
        (None, Some(several)) => several,
        (None, None) => return Err(EcsError::missing("SecurityGroupId")),
    };
    membership::check(call, &region.id, &vswitch.vpc, &groups)?;
    if call.state.interfaces.count(&region.id) as u64 >= call.state.quota(&quotas::NETWORK_INTERFACES) {
        let message = format!("There are as many network interfaces in {} as the quota allows.", region.id);
        return Err(call.error("MaxEniCountExceeded", 403, message));
    }
    interface_addresses::refuse_prefixes(call)?;
    let primary = match args.string("PrimaryIpAddress") {
        Some(text) => interface_addresses::requested(call, &vswitch, &[text])?.remove(0),
        None => first_free(call, &vswitch)?,
    };
    let tags = call.new_tags()?;
    let mac = call.state.ids.number().to_be_bytes();
    let interface = Interface {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("eni", &region.code),
        region: region.id.clone(),
        zone: vswitch.zone.clone(),
        vpc: vswitch.vpc.clone(),
        vswitch: vswitch.id.clone(),
        name: args.string_or("NetworkInterfaceName", "").to_owned(),
        description: args.string_or("Description", "").to_owned(),
        mac: format!("00:16:3e:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2]),
        private_ip: primary.to_string(),
        groups: groups.into_iter().map(str::to_owned).collect(),
        delete_on_release: args.boolean("DeleteOnRelease").unwrap_or(true),
        source_dest_check: args.flag("SourceDestCheck"),
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags,
        created: call.now.into(),
        status: Timeline::starting(call.now, call.step, &[InterfaceStatus::Creating, InterfaceStatus::Available]),
        ..Interface::default()
    };
    let id = interface.id.clone();
    call.state.add_interface(interface);
    let names = ("PrivateIpAddress", "SecondaryPrivateIpAddressCount");
    let secondary = interface_addresses::take_ipv4(call, &vswitch, names)?;
    call.state.set_secondary_addresses(&id, secondary.iter().map(Ipv4Addr::to_string).collect());
    let ipv6 = interface_addresses::take_ipv6(call, &vswitch, 0)?;
    if let Some(mut row) = call.state.interfaces.get_mut(&id) {
        row.ipv6 = ipv6;
    }
    let members = call.state.interfaces.get(&id).map(|interface| write(call, interface)).unwrap_or_default();
    Ok(call.response(members))
}

fn first_free(call: &Call<'_>, vswitch: &VSwitch) -> Result<Ipv4Addr> {
    call.state.free_addresses(&vswitch.id, 1).first().copied().ok_or_else(|| {
        let message = format!("The vSwitch {} has no free addresses.", vswitch.id);
        call.error("InvalidVSwitchId.IpNotEnough", 403, message)
    })
}

fn attach_network_interface(call: &mut Call<'_>) -> Result<Value> {
    let interface = interface(call)?;
    let instance_id = call.args.string_or("InstanceId", "");
    let instance = call.state.instances.get(instance_id).filter(|instance| instance.region == interface.region);
    let Some(instance) = instance else {
        let message = format!("The instance {instance_id:?} does not exist in {}.", interface.region);
        return Err(call.error_of(&["InvalidEcsId.NotFound", "InvalidInstanceId.NotFound"], 404, message));
    };
    needs(call, interface, &[InterfaceStatus::Available])?;
    let status = instance.status(call.now);
    if !matches!(status, Status::Running | Status::Stopped) {
        let wrong = incorrect_status(&instance.id, status.as_str(), "Running or Stopped");
        return Err(call.error("InvalidOperation.InvalidEcsState", 400, wrong.message));
    }
    if interface.vpc != instance.vpc {
        let message = format!("{} is in {}, {} in {}.", interface.id, interface.vpc, instance.id, instance.vpc);
        return Err(call.error("InvalidOperation.VpcMismatch", 403, message));
    }
    if interface.zone != instance.zone {
        let message = format!("{} is in {}, {} in {}.", interface.id, interface.zone, instance.id, instance.zone);
        return Err(call.error("InvalidOperation.AvailabilityZoneMismatch", 403, message));
    }
    let most = call.catalog.instance_type(&instance.instance_type).map_or(2, |ty| ty.interfaces as usize);
    if call.state.interfaces.count(&instance.id) >= most {
        let message = format!("{} cannot have more than {most} network interfaces.", instance.instance_type);
        return Err(call.error("EniPerInstanceLimitExceeded", 403, message));
    }
    let (id, instance, now, step) = (interface.id.clone(), instance.id.clone(), call.now, call.step);
    if let Some(mut row) = call.state.interfaces.get_mut(&id) {
        row.instance = Some(instance);
        row.status.pass(now, step, &[InterfaceStatus::Attaching, InterfaceStatus::InUse]);
    }
    Ok(json!({}))
}

fn detach_network_interface(call: &mut Call<'_>) -> Result<Value> {
    let interface = interface(call)?;
    let instance = call.args.string_or("InstanceId", "");
    if !call.state.instances.contains(instance) {
        let message = format!("The instance {instance:?} does not exist.");
        return Err(call.error("InvalidEcsId.NotFound", 404, message));
    }
    if interface.instance.as_deref() != Some(instance) {
        let message = format!("The network interface {} is not attached to {instance}.", interface.id);
        return Err(call.error("InvalidParameter.EniNotBelongEcs", 403, message));
    }
    if interface.primary {
        let message = format!("{} is the primary network interface of {instance}.", interface.id);
        return Err(call.error("InvalidOperation.DetachPrimaryEniNotAllowed", 400, message));
    }
    needs(call, interface, &[InterfaceStatus::InUse])?;
    let (id, now, step) = (interface.id.clone(), call.now, call.step);
    if let Some(mut row) = call.state.interfaces.get_mut(&id) {
        row.instance = None;
        row.status.pass(now, step, &[InterfaceStatus::Detaching, InterfaceStatus::Available]);
    }
    Ok(json!({}))
}

fn delete_network_interface(call: &mut Call<'_>) -> Result<Value> {
    let interface = interface(call)?;
    needs(call, interface, &[InterfaceStatus::Available])?;
    if let Some(eip) = call.state.eips.linked(&interface.id).next() {
        let message = format!("The elastic IP address {} is associated with {}.", eip.id, interface.id);
        return Err(call.error("InvalidOperation.InvalidEniState", 400, message));
    }
    let (id, now, step) = (interface.id.clone(), call.now, call.step);
    if let Some(mut row) = call.state.interfaces.get_mut(&id) {
        row.status.pass(now, step, &[InterfaceStatus::Deleting]);
        row.deleted = Some(now + step);
    }
    Ok(json!({}))
}

fn modify_network_interface_attribute(call: &mut Call<'_>) -> Result<Value> {
    check_description(call)?;
    let args = call.args;
    let interface = interface(call)?;
    needs(call, interface, &[InterfaceStatus::Available, InterfaceStatus::InUse])?;
    let (id, region, vpc) = (interface.id.clone(), interface.region.clone(), interface.vpc.clone());
    if let Some(groups) = args.strings("SecurityGroupId").filter(|groups| !groups.is_empty()) {
        membership::check(call, &region, &vpc, &groups)?;
        security_groups::set_groups(call, &id, groups.into_iter().map(str::to_owned).collect());
    }
    if let Some(mut row) = call.state.interfaces.get_mut(&id) {
        if let Some(name) = args.string("NetworkInterfaceName") {
            name.clone_into(&mut row.name);
        }
        if let Some(description) = args.string("Description") {
            description.clone_into(&mut row.description);
        }
        if let Some(delete) = args.boolean("DeleteOnRelease") {
            row.delete_on_release = delete;
        }
        if let Some(check) = args.boolean("SourceDestCheck") {
            row.source_dest_check = check;
        }
    }
    Ok(json!({}))
}

fn describe_network_interfaces(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.one_of("Type", &["Primary", "Secondary", "Trunk"], 403, "InvalidOperation.InvalidEniType")?;
    let listed = |name: &str, values: &[&str]| {
        args.one_or_many(name).is_none_or(|wanted| wanted.iter().any(|wanted| values.contains(wanted)))
    };
    let links = &["InstanceId", "VSwitchId", "SecurityGroupId"];
    let found = call.find(&call.state.interfaces, &region.id, (&["NetworkInterfaceId"], links), |interface| {
        let addresses: Vec<&str> =
            std::iter::once(&interface.private_ip).chain(&interface.secondary_ips).map(String::as_str).collect();
        let has_ipv6 = |text: &&str| text.parse().is_ok_and(|address| interface.ipv6.contains(&address));
        call.matches("InstanceId", interface.instance.as_deref().unwrap_or_default())
            && call.matches("VSwitchId", &interface.vswitch)
            && call.matches("VpcId", &interface.vpc)
            && args.string("SecurityGroupId").is_none_or(|group| interface.groups.iter().any(|own| own == group))
            && listed("NetworkInterfaceId", &[&interface.id])
            && listed("PrivateIpAddress", &addresses)
            && args.one_or_many("Ipv6Address").is_none_or(|wanted| wanted.iter().any(has_ipv6))
            && call.matches("PrimaryIpAddress", &interface.private_ip)
            && call.matches_pattern("NetworkInterfaceName", &interface.name)
            && call.matches("Status", interface.status.at(call.now).as_str())
            && call.matches("Type", kind(interface))
            && call.matches("ResourceGroupId", &interface.resource_group)
            && args.boolean("ServiceManaged").is_none_or(|managed| !managed)
            && call.tags_match(&interface.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "NetworkInterfaceSets", "NetworkInterfaceSet", |interface| write(call, interface)))
}

fn describe_network_interface_attribute(call: &mut Call<'_>) -> Result<Value> {
    let interface = interface(call)?;
    Ok(call.response(write(call, interface)))
}

fn kind(interface: &Interface) -> &'static str {
    if interface.primary { "Primary" } else { "Secondary" }
}

fn write(call: &Call<'_>, interface: &Interface) -> Value {
    let public = public_address(call, interface);
    let associated = |address: Option<(String, String)>| {
        address.map_or_else(|| json!({}), |(id, address)| json!({ "AllocationId": id, "PublicIpAddress": address }))
    };
    let addresses: Vec<Value> = std::iter::once(&interface.private_ip)
        .chain(&interface.secondary_ips)
        .map(|address| {
            let primary = *address == interface.private_ip;
            let mut item = json!({ "PrivateIpAddress": address, "Primary": primary });
            if primary && public.is_some() {
                item["AssociatedPublicIp"] = associated(public.clone());
            }
            item
        })
        .collect();
    let ipv6: Vec<Value> = interface.ipv6.iter().map(|address| json!({ "Ipv6Address": address })).collect();
    let mut response = json!({
        "NetworkInterfaceId": interface.id,
        "NetworkInterfaceName": interface.name,
        "Description": interface.description,
        "Status": interface.status.at(call.now).as_str(),
        "Type": kind(interface),
        "InstanceId": interface.instance.as_deref().unwrap_or_default(),
        "ZoneId": interface.zone,
        "VpcId": interface.vpc,
        "VSwitchId": interface.vswitch,
        "MacAddress": interface.mac,
        "PrivateIpAddress": interface.private_ip,
        "PrivateIpSets": { "PrivateIpSet": addresses },
        "Ipv6Sets": { "Ipv6Set": ipv6 },
        "Ipv4PrefixSets": { "Ipv4PrefixSet": [] },
        "Ipv6PrefixSets": { "Ipv6PrefixSet": [] },
        "SecurityGroupIds": { "SecurityGroupId": interface.groups },
        "AssociatedPublicIp": associated(public),
        "CreationTime": clock::seconds(*interface.created),
        "DeleteOnRelease": interface.delete_on_release,
        "SourceDestCheck": interface.source_dest_check,
        "NetworkInterfaceTrafficMode": "Standard",
        "OwnerId": call.state.account,
        "ResourceGroupId": interface.resource_group,
        "ServiceManaged": false,
        "Tags": tag_list(&interface.tags),
    });
    if let Some(instance) = &interface.instance {
        let place = call.state.interfaces.linked(instance).position(|other| other.id == interface.id).unwrap_or(0);
        response["Attachment"] = json!({ "InstanceId": instance, "DeviceIndex": place, "NetworkCardIndex": 0 });
    }
    response
}

/// Returns the elastic IP address of an interface, or the public address of its instance, with the allocation ID if there is one.
fn public_address(call: &Call<'_>, interface: &Interface) -> Option<(String, String)> {
    let instance = interface.instance.as_deref().filter(|_| interface.primary);
    let of_instance = instance.and_then(|id| call.state.eips.linked(id).next());
    if let Some(eip) = call.state.eips.linked(&interface.id).next().or(of_instance) {
        return Some((eip.id.clone(), eip.address.clone()));
    }
    let address = instance.and_then(|id| call.state.instances.get(id)?.internet.ip.clone())?;
    Some((String::new(), address))
}
