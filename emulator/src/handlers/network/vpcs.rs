//! VPCs: the operations of VPC, and the older ones of ECS.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::network_rules::{element, in_region, is_older, missing, owner, region, text};
use crate::{
    call::{Call, key_value_tags},
    cidr::{self, Cidr},
    clock,
    error::{EcsError, Result},
    handlers::{Entry, references::own_group},
    paging,
    resources::{VSwitch, Vpc, VpcStatus},
    rules,
    state::{Timeline, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("vpc", "CreateVpc", create_vpc),
    ("ecs", "CreateVpc", create_vpc),
    ("vpc", "DescribeVpcs", describe_vpcs),
    ("ecs", "DescribeVpcs", describe_vpcs),
    ("vpc", "DescribeVpcAttribute", describe_vpc_attribute),
    ("vpc", "ModifyVpcAttribute", modify_vpc_attribute),
    ("ecs", "ModifyVpcAttribute", modify_vpc_attribute),
    ("vpc", "DeleteVpc", delete_vpc),
    ("ecs", "DeleteVpc", delete_vpc),
    ("vpc", "MoveResourceGroup", move_resource_group),
];

/// vSwitches of a VPC that lists of VPCs name.
const LISTED_VSWITCHES: usize = 300;

/// Ranges for private networks. The older operations of ECS allow no others.
const PRIVATE: [Cidr; 3] = [
    Cidr::new(Ipv4Addr::new(10, 0, 0, 0), 8),
    Cidr::new(Ipv4Addr::new(172, 16, 0, 0), 12),
    Cidr::new(Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// Range of the service's own addresses.
const SERVICE: Cidr = Cidr::new(Ipv4Addr::new(100, 64, 0, 0), 10);

/// Ranges that no VPC can have.
const EXCLUDED: [Cidr; 4] = [
    SERVICE,
    Cidr::new(Ipv4Addr::new(224, 0, 0, 0), 4),
    Cidr::new(Ipv4Addr::new(127, 0, 0, 0), 8),
    Cidr::new(Ipv4Addr::new(169, 254, 0, 0), 16),
];

fn create_vpc(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let args = call.args;
    let name = name(call)?;
    let description = args.string("Description").map(str::to_owned);
    let tags = call.new_tags()?;
    let resource_group = own_group(call, "ResourceGroupId")?;
    if let Some(pool) = ["Ipv4IpamPoolId", "Ipv6IpamPoolId"].into_iter().find_map(|name| args.string(name)) {
        let message = format!("The IPAM pool {pool:?} does not exist; this emulator has none. Set CidrBlock instead.");
        return Err(call.error("ResourceNotFound.IpamPool", 404, message));
    }
    let cidr = block(call, args.string_or("CidrBlock", "172.16.0.0/12"), "InvalidParameter")?;
    let user_cidrs = user_cidrs(call, &[])?;
    let ipv6 = args.flag("EnableIpv6");
    ipv6_block(call, ipv6)?;
    let count = call.state.vpcs.linked(&region.id).filter(|vpc| !vpc.default).count();
    let quota = call.state.quota(&quotas::VPCS);
    if count as u64 >= quota {
        let message = format!("The account has {count} VPCs in {}, which is its quota. Delete one first.", region.id);
        return Err(call.error("QuotaExceeded.Vpc", 400, message));
    }
    let sequence = call.state.next_sequence();
    let vpc = Vpc {
        sequence,
        id: call.state.ids.resource("vpc", &region.code),
        region: region.id.clone(),
        name: name.unwrap_or_default(),
        description: description.unwrap_or_default(),
        cidr: cidr.to_string(),
        ipv6_cidr: if ipv6 { cidr::ipv6_of_vpc(sequence) } else { String::new() },
        user_cidrs,
        dns_hostname: args.flag("EnableDnsHostname"),
        router: call.state.ids.resource("vrt", &region.code),
        route_table: call.state.ids.resource("vtb", &region.code),
        resource_group,
        tags,
        created: call.now.into(),
        status: Timeline::starting(call.now, call.step, &[VpcStatus::Pending, VpcStatus::Available]),
        ..Vpc::default()
    };
    let response = json!({
        "VpcId": vpc.id,
        "VRouterId": vpc.router,
        "RouteTableId": vpc.route_table,
        "ResourceGroupId": vpc.resource_group,
    });
    call.state.vpcs.insert(vpc);
    Ok(call.response(response))
}

fn name(call: &Call<'_>) -> Result<Option<String>> {
    let rule = if is_older(call) { rules::name } else { rules::vpc_name };
    text(call, "VpcName", rule, "InvalidVpcName.Malformed")
}

/// Reads the block of a VPC.
fn block(call: &Call<'_>, text: &str, code: &str) -> Result<Cidr> {
    let Some(block) = Cidr::parse(text).filter(|block| (8..=28).contains(&block.length())) else {
        let message = format!(
            "CidrBlock {text:?} is not valid: it is the first address of a block and the length of its prefix, 8 to 28, such \
             as 192.168.0.0/16."
        );
        return Err(call.error(code, 400, message));
    };
    if EXCLUDED.iter().any(|excluded| excluded.overlaps(block)) {
        let message = format!("CidrBlock {text} is not valid: it contains addresses that no VPC can have.");
        let excludes = |own: &str| own == "OperationDenied.CidrInExcludeCidrs";
        return Err(call.documented(excludes, (400, code), message));
    }
    if is_older(call) && !PRIVATE.iter().any(|private| private.contains(block)) {
        let message = format!(
            "CidrBlock {text} is not valid: it is 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, or a part of one of them. The \
             operation CreateVpc of VPC allows others."
        );
        return Err(call.error(code, 400, message));
    }
    Ok(block)
}

/// Returns the address ranges of a VPC that are declared as private: those that it has, and those of the call.
fn user_cidrs(call: &Call<'_>, own: &[String]) -> Result<Vec<String>> {
    let mut all = own.to_vec();
    for text in call.args.one_or_many("UserCidr").unwrap_or_default().iter().flat_map(|text| text.split(',')) {
        let Some(block) = Cidr::parse(text) else {
            let message = format!("UserCidr {text:?} is not valid: it is a block such as 20.0.0.0/16.");
            return Err(call.documented(|own| own == "IllegalParam.UserCidr", (400, "InvalidParameter"), message));
        };
        if block.overlaps(SERVICE) {
            let message = format!("UserCidr {text} overlaps {SERVICE}, which belongs to the service.");
            return Err(call.error("InvalidUserCidr.Malformed", 400, message));
        }
        all.push(block.to_string());
    }
    if all.len() > 3 {
        let message = format!("A VPC has up to 3 blocks in UserCidr; these are {}.", all.len());
        return Err(call.error("InvalidUserCidr.Quota", 400, message));
    }
    Ok(all)
}

/// Checks the parameters for the IPv6 block of a VPC, which the emulator picks.
fn ipv6_block(call: &Call<'_>, enabled: bool) -> Result<()> {
    let isps = ["BGP", "ChinaMobile", "ChinaUnicom", "ChinaTelecom"];
    call.one_of("Ipv6Isp", &isps, 400, "UnsupportedFeature.Ipv6Isp")?;
    let Some(block) = call.args.string("Ipv6CidrBlock") else { return Ok(()) };
    if !enabled {
        let message = "Ipv6CidrBlock needs EnableIpv6.";
        return Err(call.documented(
            |own| own == "MissingParam.EnableIpv6",
            (400, "InvalidParameter"),
            message.to_owned(),
        ));
    }
    let message = format!("The block {block:?} is not reserved for the account; leave out Ipv6CidrBlock to get one.");
    Err(call.error("OperationFailed.IPv6CidrNotReserved", 400, message))
}

fn describe_vpcs(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let args = call.args;
    let found = call.find(&call.state.vpcs, &region.id, (&["VpcId"], &[]), |vpc| {
        args.one_or_many("VpcId").is_none_or(|ids| ids.contains(&vpc.id.as_str()))
            && call.matches("VpcName", &vpc.name)
            && args.boolean("IsDefault").is_none_or(|wanted| wanted == vpc.default)
            && args.boolean("EnableIpv6").is_none_or(|wanted| wanted != vpc.ipv6_cidr.is_empty())
            && call.matches("ResourceGroupId", &vpc.resource_group)
            && args.string("DhcpOptionsSetId").is_none()
            && args.int("VpcOwnerId").is_none_or(|wanted| wanted == owner(call))
            && call.tags_match(&vpc.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Vpcs", "Vpc", |vpc| element(call, "Vpc", members(call, vpc))))
}

fn describe_vpc_attribute(call: &mut Call<'_>) -> Result<Value> {
    region(call)?;
    let vpc = named(call)?;
    let mut response = members(call, vpc);
    let resources = [("VSwitch", call.state.vswitches.count(&vpc.id)), ("VRouter", 1), ("RouteTable", 1)];
    let resources: Vec<Value> =
        resources.iter().map(|(kind, count)| json!({ "ResourceType": kind, "ResourceCount": count })).collect();
    response["ClassicLinkEnabled"] = false.into();
    response["CloudResources"] = json!({ "CloudResourceSetType": resources });
    response["AssociatedCens"] = json!({ "AssociatedCen": [] });
    response["AssociatedPropagationSources"] = json!({ "AssociatedPropagationSources": [] });
    response["SupportIpv4Gateway"] = true.into();
    response["Ipv4GatewayId"] = "".into();
    Ok(call.response(response))
}

fn members(call: &Call<'_>, vpc: &Vpc) -> Value {
    let vswitches: Vec<&str> =
        call.state.vswitches.linked(&vpc.id).rev().take(LISTED_VSWITCHES).map(|vswitch| vswitch.id.as_str()).collect();
    let ipv6: Vec<Value> = (Some(&vpc.ipv6_cidr).filter(|block| !block.is_empty()).into_iter())
        .map(|block| json!({ "Ipv6CidrBlock": block, "Ipv6Isp": "BGP" }))
        .collect();
    json!({
        "VpcId": vpc.id,
        "RegionId": vpc.region,
        "Status": vpc.status.at(call.now).as_str(),
        "VpcName": vpc.name,
        "Description": vpc.description,
        "CidrBlock": vpc.cidr,
        "SecondaryCidrBlocks": { "SecondaryCidrBlock": vpc.secondary_cidrs },
        "UserCidrs": { "UserCidr": vpc.user_cidrs },
        "EnabledIpv6": !vpc.ipv6_cidr.is_empty(),
        "Ipv6CidrBlock": vpc.ipv6_cidr,
        "Ipv6CidrBlocks": { "Ipv6CidrBlock": ipv6 },
        "IsDefault": vpc.default,
        "CreationTime": clock::seconds(*vpc.created),
        "VRouterId": vpc.router,
        "RouterTableIds": { "RouterTableIds": [vpc.route_table] },
        "VSwitchIds": { "VSwitchId": vswitches },
        "NatGatewayIds": { "NatGatewayIds": [] },
        "DnsHostnameStatus": if vpc.dns_hostname { "ENABLED" } else { "DISABLED" },
        "DhcpOptionsSetId": "",
        "DhcpOptionsSetStatus": "",
        "ResourceGroupId": vpc.resource_group,
        "OwnerId": owner(call),
        "Tags": key_value_tags(&vpc.tags),
    })
}

/// Returns the VPC that the call names.
fn named<'c>(call: &'c Call<'_>) -> Result<&'c Vpc> {
    let id = call.args.string_or("VpcId", "");
    in_region(call, call.state.vpcs.get(id)).ok_or_else(|| not_found(call, id))
}

/// The error for a VPC that does not exist.
pub(super) fn not_found(call: &Call<'_>, id: &str) -> EcsError {
    missing(call, "InvalidVpcId.NotFound", format!("The VPC {id:?} does not exist; DescribeVpcs lists the VPCs."))
}

/// Checks that a VPC is not about to be created or deleted.
pub(super) fn check_available(call: &Call<'_>, vpc: &Vpc) -> Result<()> {
    let status = vpc.status.at(call.now);
    if status == VpcStatus::Available {
        return Ok(());
    }
    let message = format!("The VPC {} is {}; wait until it is Available.", vpc.id, status.as_str());
    Err(call.error("IncorrectVpcStatus", 400, message))
}

fn modify_vpc_attribute(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let vpc = named(call)?.clone();
    check_available(call, &vpc)?;
    let name = name(call)?;
    let description = args.string("Description").map(str::to_owned);
    let enable = args.boolean("EnableIPv6");
    let cidr = args.string("CidrBlock").map(|text| new_block(call, &vpc, text)).transpose()?;
    if cidr.is_some() && enable == Some(true) {
        let message = "CidrBlock and EnableIPv6 cannot be combined; send two requests.";
        return Err(call.error("ParamExclusive.EnableIpv6AndCidrBlock", 400, message));
    }
    let user_cidrs = user_cidrs(call, &vpc.user_cidrs)?;
    ipv6_block(call, enable == Some(true))?;
    let has_ipv6 = |vswitch: &VSwitch| !vswitch.ipv6_cidr.is_empty();
    if enable == Some(false) && call.state.vswitches.linked(&vpc.id).any(has_ipv6) {
        let message = format!("vSwitches of the VPC {} use IPv6; disable it for them first.", vpc.id);
        return Err(call.error("OperationFailed.IpV6VSwitchInuse", 400, message));
    }
    let Some(mut row) = call.state.vpcs.get_mut(&vpc.id) else { return Err(not_found(call, &vpc.id)) };
    row.name = name.unwrap_or(vpc.name);
    row.description = description.unwrap_or(vpc.description);
    row.cidr = cidr.map_or(vpc.cidr, |block| block.to_string());
    row.user_cidrs = user_cidrs;
    match enable {
        Some(true) if vpc.ipv6_cidr.is_empty() => row.ipv6_cidr = cidr::ipv6_of_vpc(vpc.sequence),
        Some(false) => row.ipv6_cidr.clear(),
        _ => {}
    }
    drop(row);
    Ok(json!({}))
}

/// Reads the new block of a VPC, which must contain its vSwitches, and for the older operation the present block.
fn new_block(call: &Call<'_>, vpc: &Vpc, text: &str) -> Result<Cidr> {
    let block = block(call, text, "InvalidCidrBlock.Malformed")?;
    let outside = |part: &str| Cidr::parse(part).is_some_and(|part| !block.contains(part));
    if is_older(call) && outside(&vpc.cidr) {
        let message = format!("CidrBlock {text} does not contain the present block {}.", vpc.cidr);
        return Err(call.error("IllegalCidrBlock", 400, message));
    }
    let secondary = |cidr: &str| {
        let part = Cidr::parse(cidr);
        vpc.secondary_cidrs
            .iter()
            .filter_map(|block| Cidr::parse(block))
            .any(|block| part.is_some_and(|part| block.contains(part)))
    };
    let mut vswitches = call.state.vswitches.linked(&vpc.id);
    if let Some(vswitch) = vswitches.find(|vswitch| outside(&vswitch.cidr) && !secondary(&vswitch.cidr)) {
        let message = format!("CidrBlock {text} does not contain {}, the block of {}.", vswitch.cidr, vswitch.id);
        return Err(call.error("IllegalCidrBlock", 400, message));
    }
    Ok(block)
}

fn delete_vpc(call: &mut Call<'_>) -> Result<Value> {
    if call.args.string("RegionId").is_some() {
        region(call)?;
    }
    let vpc = named(call)?;
    let id = vpc.id.clone();
    check_available(call, vpc)?;
    let dependents = [
        ("DependencyViolation.VSwitch", "vSwitches", call.state.vswitches.linked_ids(&id)),
        ("DependencyViolation.SecurityGroup", "security groups", call.state.security_groups.linked_ids(&id)),
    ];
    for (code, kind, ids) in dependents {
        if let Some(first) = ids.first() {
            let message = format!("The VPC {id} still has {} {kind}, such as {first}; delete them first.", ids.len());
            return Err(call.error(code, 400, message));
        }
    }
    let (now, step) = (call.now, call.step);
    if let Some(mut vpc) = call.state.vpcs.get_mut(&id) {
        vpc.status.pass(now, step, &[VpcStatus::Deleting]);
        vpc.deleted = Some(now + step);
    }
    Ok(json!({}))
}

/// Resource types that MoveResourceGroup accepts. The emulator has resources of the first two.
const MOVABLE: [&str; 13] = [
    "vpc",
    "eip",
    "bandwidthpackage",
    "prefixlist",
    "publicipaddresspool",
    "flowlog",
    "havip",
    "trafficmirrorfilter",
    "trafficmirrorsession",
    "ipv4gateway",
    "ipv6gateway",
    "dhcpoptionsset",
    "gatewayendpoint",
];

fn move_resource_group(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let args = call.args;
    let id = args.string_or("ResourceId", "");
    let group = own_group(call, "NewResourceGroupId")?;
    let kind = args.string_or("ResourceType", "").to_ascii_lowercase();
    if !MOVABLE.contains(&kind.as_str()) {
        let message = format!("ResourceType cannot be {kind:?}; it can be {}.", MOVABLE.join(", "));
        return Err(call.error("IllegalParam.ResourceType", 400, message));
    }
    let is_vpc = kind == "vpc" && call.state.vpcs.get(id).is_some_and(|vpc| vpc.region == region.id);
    let is_eip = kind == "eip" && call.state.eips.get(id).is_some_and(|eip| eip.region == region.id);
    if !is_vpc && !is_eip {
        let message = format!("The resource {id:?} of the type {kind} does not exist in {}.", region.id);
        return Err(call.error("InvalidResourceId.NotFound", 400, message));
    }
    if let Some(mut vpc) = call.state.vpcs.get_mut(id) {
        vpc.resource_group.clone_from(&group);
    }
    if let Some(mut eip) = call.state.eips.get_mut(id) {
        eip.resource_group.clone_from(&group);
    }
    // The vSwitches of a VPC belong to its resource group.
    for vswitch in call.state.vswitches.linked_ids(id) {
        if let Some(mut vswitch) = call.state.vswitches.get_mut(&vswitch) {
            vswitch.resource_group.clone_from(&group);
        }
    }
    Ok(json!({}))
}
