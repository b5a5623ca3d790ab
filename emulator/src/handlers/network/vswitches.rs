//! vSwitches: the operations of VPC, and the older ones of ECS.

use serde_json::{Value, json};

use super::{
    network_rules::{element, in_region, is_older, missing, owner, region, text},
    vpcs,
};
use crate::{
    call::{Call, key_value_tags},
    catalog::Region,
    cidr::{self, Cidr},
    clock,
    error::{EcsError, Result},
    handlers::{Entry, stand_ins},
    paging,
    resources::{Interface, VSwitch, Vpc, VpcStatus},
    rules,
    state::{Timeline, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("vpc", "CreateVSwitch", create_vswitch),
    ("ecs", "CreateVSwitch", create_vswitch),
    ("vpc", "DescribeVSwitches", describe_vswitches),
    ("ecs", "DescribeVSwitches", describe_vswitches),
    ("vpc", "DescribeVSwitchAttributes", describe_vswitch_attributes),
    ("vpc", "ModifyVSwitchAttribute", modify_vswitch_attribute),
    ("ecs", "ModifyVSwitchAttribute", modify_vswitch_attribute),
    ("vpc", "DeleteVSwitch", delete_vswitch),
    ("ecs", "DeleteVSwitch", delete_vswitch),
];

/// Shortest and longest prefix of the block of a vSwitch.
const LENGTHS: std::ops::RangeInclusive<u32> = 16..=29;

fn create_vswitch(call: &mut Call<'_>) -> Result<Value> {
    if call.args.string("RegionId").is_some() {
        region(call)?;
    }
    stand_ins::network(call)?;
    let args = call.args;
    let id = args.string_or("VpcId", "");
    let vpc = in_region(call, call.state.vpcs.get(id)).ok_or_else(|| vpcs::not_found(call, id))?.clone();
    let place = call.catalog.region(&vpc.region).ok_or_else(|| vpcs::not_found(call, id))?;
    let zone = zone(call, place)?;
    let name = name(call)?;
    let description = args.string("Description").map(str::to_owned);
    let tags = call.new_tags()?;
    vpcs::check_available(call, &vpc)?;
    let cidr = block(call, &vpc)?;
    let ipv6 = args.count("Ipv6CidrBlock").map(|number| ipv6_block(call, &vpc, number)).transpose()?;
    let count = call.state.vswitches.count(&vpc.id) as u64;
    if count >= call.state.quota(&quotas::VSWITCHES) {
        let message = format!("The VPC {} has {count} vSwitches, which is the quota. Delete one first.", vpc.id);
        return Err(call.error("QuotaExceeded.VSwitch", 400, message));
    }
    let vswitch = VSwitch {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("vsw", &place.code),
        region: vpc.region,
        zone,
        vpc: vpc.id,
        name: name.unwrap_or_default(),
        description: description.unwrap_or_default(),
        cidr: cidr.to_string(),
        ipv6_cidr: ipv6.unwrap_or_default(),
        resource_group: vpc.resource_group,
        tags,
        created: call.now.into(),
        status: Timeline::starting(call.now, call.step, &[VpcStatus::Pending, VpcStatus::Available]),
        ..VSwitch::default()
    };
    let id = vswitch.id.clone();
    call.state.vswitches.insert(vswitch);
    Ok(json!({ "VSwitchId": id }))
}

fn name(call: &Call<'_>) -> Result<Option<String>> {
    let rule = if is_older(call) { rules::name } else { rules::vpc_name };
    text(call, "VSwitchName", rule, "InvalidVSwitchName.Malformed")
}

/// Returns the zone that the call names.
fn zone(call: &Call<'_>, region: &Region) -> Result<String> {
    let zone = call.args.string_or("ZoneId", "");
    match region.zones.iter().find(|known| *known == zone) {
        Some(zone) => Ok(zone.clone()),
        None => {
            let message = format!("The region {} has no zone {zone:?}; DescribeZones lists the zones.", region.id);
            Err(missing(call, "InvalidZoneId.NotFound", message))
        }
    }
}

/// Returns the block of a new vSwitch: that of the call, or else the first free one with the prefix that the call names.
fn block(call: &Call<'_>, vpc: &Vpc) -> Result<Cidr> {
    let own: Vec<Cidr> =
        std::iter::once(&vpc.cidr).chain(&vpc.secondary_cidrs).filter_map(|own| Cidr::parse(own)).collect();
    let taken: Vec<(&str, Cidr)> = (call.state.vswitches.linked(&vpc.id))
        .filter_map(|vswitch| Some((vswitch.id.as_str(), Cidr::parse(&vswitch.cidr)?)))
        .collect();
    let check_length = |length: u32| {
        if LENGTHS.contains(&length) {
            return Ok(());
        }
        let message = format!(
            "The prefix of the block has {length} bits; a vSwitch has {} to {}.",
            LENGTHS.start(),
            LENGTHS.end()
        );
        Err(call.error("InvalidCirdrBlock.MaskLength", 400, message))
    };
    let Some(text) = call.args.string("CidrBlock") else {
        let Some(length) = call.args.count("CidrMask") else { return Err(EcsError::missing("CidrBlock")) };
        check_length(length)?;
        let mut parts = own.iter().flat_map(|own| own.parts(length));
        return parts.find(|part| taken.iter().all(|(_, other)| !other.overlaps(*part))).ok_or_else(|| {
            let message = format!("The VPC {} has no free block with a prefix of {length} bits.", vpc.id);
            call.error("InvalidCidrBlock.Overlapped", 400, message)
        });
    };
    let Some(block) = Cidr::parse(text) else {
        let message = format!("CidrBlock {text:?} is not the first address of a block and the length of its prefix.");
        return Err(call.error("InvalidCidrBlock.Malformed", 400, message));
    };
    check_length(block.length())?;
    if !own.iter().any(|own| own.contains(block)) {
        let message = format!("CidrBlock {block} is not a part of {}, the block of the VPC {}.", vpc.cidr, vpc.id);
        return Err(call.error("InvalidParameter", 400, message));
    }
    if let Some((other, cidr)) = taken.iter().find(|(_, other)| other.overlaps(block)) {
        let message = format!("CidrBlock {block} overlaps {cidr}, the block of {other}.");
        return Err(call.error("InvalidCidrBlock.Overlapped", 400, message));
    }
    Ok(block)
}

/// Returns the IPv6 block with a number in that of the VPC.
fn ipv6_block(call: &Call<'_>, vpc: &Vpc, number: u32) -> Result<String> {
    if vpc.ipv6_cidr.is_empty() {
        let message = format!("IPv6 is not enabled for the VPC {}; ModifyVpcAttribute enables it.", vpc.id);
        return Err(call.error("OperationFailed.VpcIpv6Disabled", 400, message));
    }
    if call.args.string("VpcIpv6CidrBlock").is_some_and(|block| block != vpc.ipv6_cidr) {
        let message = format!("VpcIpv6CidrBlock is not a block of the VPC {}, which has {}.", vpc.id, vpc.ipv6_cidr);
        return Err(call.error("IllegalParam.VpcIpv6CidrBlock", 400, message));
    }
    let block = u8::try_from(number).ok().and_then(|number| cidr::ipv6_of_vswitch(&vpc.ipv6_cidr, number));
    let Some(block) = block else {
        let message = format!("Ipv6CidrBlock {number} is not valid: it is a number from 0 to 255.");
        return Err(call.error("IllegalParam.Ipv6CidrBlock", 400, message));
    };
    if call.state.vswitches.linked(&vpc.id).any(|vswitch| vswitch.ipv6_cidr == block) {
        let message = format!("Another vSwitch of the VPC {} has the IPv6 block {block}.", vpc.id);
        return Err(call.error("OperationFailed.Ipv6CidrBlockExisted", 400, message));
    }
    Ok(block)
}

fn describe_vswitches(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let args = call.args;
    // A VPC or a vSwitch names its region, too.
    let place = match (args.string("RegionId"), args.string("VpcId"), args.string("VSwitchId")) {
        (None, Some(vpc), _) => call.state.vpcs.get(vpc).map_or("", |vpc| &vpc.region),
        (None, None, Some(vswitch)) => call.state.vswitches.get(vswitch).map_or("", |vswitch| &vswitch.region),
        _ => &region.id,
    };
    if !place.is_empty() {
        call.zone(call.catalog.region(place).unwrap_or(region))?;
    }
    let found = call.find(&call.state.vswitches, place, (&["VSwitchId"], &["VpcId", "ZoneId"]), |vswitch| {
        call.matches("VSwitchId", &vswitch.id)
            && call.matches("VpcId", &vswitch.vpc)
            && call.matches("ZoneId", &vswitch.zone)
            && call.matches("VSwitchName", &vswitch.name)
            && call.matches("RouteTableId", route_table(call, vswitch))
            && args.boolean("IsDefault").is_none_or(|wanted| wanted == vswitch.default)
            && args.boolean("EnableIpv6").is_none_or(|wanted| wanted != vswitch.ipv6_cidr.is_empty())
            && call.matches("ResourceGroupId", &vswitch.resource_group)
            && args.int("VSwitchOwnerId").is_none_or(|wanted| wanted == owner(call))
            && call.tags_match(&vswitch.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "VSwitches", "VSwitch", |vswitch| element(call, "VSwitch", members(call, vswitch))))
}

fn describe_vswitch_attributes(call: &mut Call<'_>) -> Result<Value> {
    let vswitch = named(call)?;
    let mut response = members(call, vswitch);
    let interfaces = call.state.interfaces.count(&vswitch.id);
    let resources: Vec<Value> = (interfaces > 0)
        .then(|| json!({ "ResourceType": "NetworkInterface", "ResourceCount": interfaces }))
        .into_iter()
        .collect();
    response["CloudResources"] = json!({ "CloudResourceSetType": resources });
    Ok(call.response(response))
}

fn members(call: &Call<'_>, vswitch: &VSwitch) -> Value {
    json!({
        "VSwitchId": vswitch.id,
        "VpcId": vswitch.vpc,
        "Status": vswitch.status.at(call.now).as_str(),
        "CidrBlock": vswitch.cidr,
        "Ipv6CidrBlock": vswitch.ipv6_cidr,
        "EnabledIpv6": !vswitch.ipv6_cidr.is_empty(),
        "ZoneId": vswitch.zone,
        "AvailableIpAddressCount": vswitch.available(),
        "Description": vswitch.description,
        "VSwitchName": vswitch.name,
        "CreationTime": clock::seconds(*vswitch.created),
        "IsDefault": vswitch.default,
        "ResourceGroupId": vswitch.resource_group,
        "NetworkAclId": "",
        "ShareType": "",
        "OwnerId": owner(call),
        "RouteTable": { "RouteTableId": route_table(call, vswitch), "RouteTableType": "System" },
        "Tags": key_value_tags(&vswitch.tags),
    })
}

/// Returns the route table of a vSwitch: that of its VPC.
fn route_table<'c>(call: &'c Call<'_>, vswitch: &VSwitch) -> &'c str {
    call.state.vpcs.get(&vswitch.vpc).map_or("", |vpc| &vpc.route_table)
}

/// Returns the vSwitch that the call names.
fn named<'c>(call: &'c Call<'_>) -> Result<&'c VSwitch> {
    let id = call.args.string_or("VSwitchId", "");
    in_region(call, call.state.vswitches.get(id)).ok_or_else(|| not_found(call, id))
}

/// The error for a vSwitch that does not exist. Terraform's provider waits for a deletion with DescribeVSwitchAttributes, which documents
/// status 400, and needs the word `NotFound` in the message then.
fn not_found(call: &Call<'_>, id: &str) -> EcsError {
    let message = format!("NotFound: the vSwitch {id:?} does not exist; DescribeVSwitches lists the vSwitches.");
    missing(call, "InvalidVSwitchId.NotFound", message)
}

/// Checks that a vSwitch is not about to be created, changed or deleted.
pub(in crate::handlers) fn check_available(call: &Call<'_>, vswitch: &VSwitch) -> Result<()> {
    if vswitch.status.at(call.now) == VpcStatus::Available {
        return Ok(());
    }
    let message = format!("The vSwitch {} is Pending; wait until it is Available.", vswitch.id);
    let is_own = |code: &str| code == "IncorrectVSwitchStatus" || code == "IncorrectStatus.VSwitch";
    Err(call.documented(is_own, (400, "IncorrectVSwitchStatus"), message))
}

fn modify_vswitch_attribute(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let vswitch = named(call)?.clone();
    check_available(call, &vswitch)?;
    let name = name(call)?;
    let description = args.string("Description").map(str::to_owned);
    let ipv6 = new_ipv6_block(call, &vswitch)?;
    if args.names().all(|name| name == "VSwitchId" || name == "RegionId") {
        return Ok(json!({}));
    }
    let (now, step) = (call.now, call.step);
    if let Some(mut row) = call.state.vswitches.get_mut(&vswitch.id) {
        row.name = name.unwrap_or(vswitch.name);
        row.description = description.unwrap_or(vswitch.description);
        row.ipv6_cidr = ipv6;
        row.status.pass(now, step, &[VpcStatus::Pending, VpcStatus::Available]);
    }
    Ok(json!({}))
}

/// Returns the IPv6 block that a vSwitch has after the call.
fn new_ipv6_block(call: &Call<'_>, vswitch: &VSwitch) -> Result<String> {
    let number = call.args.count("Ipv6CidrBlock");
    match call.args.boolean("EnableIPv6") {
        Some(false) if number.is_some() => {
            let message = "Ipv6CidrBlock and EnableIPv6=false cannot be combined.";
            Err(call.error("ParamExclusive.DisableIpv6AndIpv6CidrBlock", 400, message))
        }
        Some(false) => {
            let uses_ipv6 = |interface: &Interface| !interface.ipv6.is_empty();
            if call.state.interfaces.linked(&vswitch.id).any(uses_ipv6) {
                let message = format!("Network interfaces in {} have IPv6 addresses; remove them first.", vswitch.id);
                return Err(call.error("OperationFailed.Ipv6InstanceExist", 400, message));
            }
            Ok(String::new())
        }
        None if number.is_none() => Ok(vswitch.ipv6_cidr.clone()),
        _ if !vswitch.ipv6_cidr.is_empty() => {
            let message = format!(
                "The vSwitch {} has the IPv6 block {}, which cannot be changed.",
                vswitch.id, vswitch.ipv6_cidr
            );
            Err(call.error("OperationFailed.Ipv6AlreadyEnabled", 400, message))
        }
        _ => {
            let Some(vpc) = call.state.vpcs.get(&vswitch.vpc) else { return Ok(String::new()) };
            let free = |number: &u32| ipv6_block(call, vpc, *number).is_ok();
            let number = number.or_else(|| (0..=255).find(free)).unwrap_or_default();
            ipv6_block(call, vpc, number)
        }
    }
}

fn delete_vswitch(call: &mut Call<'_>) -> Result<Value> {
    if call.args.string("RegionId").is_some() {
        region(call)?;
    }
    let vswitch = named(call)?;
    let id = vswitch.id.clone();
    check_available(call, vswitch)?;
    if let Some(interface) = call.state.interfaces.linked(&id).next() {
        let owner = interface.instance.as_deref().unwrap_or(&interface.id);
        let message = format!("The vSwitch {id} is still used, such as by {owner}; delete what is in it first.");
        return Err(call.error("DependencyViolation", 400, message));
    }
    let (now, step) = (call.now, call.step);
    if let Some(mut vswitch) = call.state.vswitches.get_mut(&id) {
        vswitch.status.pass(now, step, &[VpcStatus::Pending]);
        vswitch.deleted = Some(now + step);
    }
    Ok(json!({}))
}
