//! Security groups and vSwitches.

use serde_json::{Value, json};

use crate::{
    call::{Call, tag_list},
    clock,
    error::Result,
    matching,
    network::{SecurityGroup, VSwitch},
    paging,
    state::ACCOUNT,
};

pub(super) fn create_security_group(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    let name = args.string_or("SecurityGroupName", "").to_owned();
    let length = name.chars().count();
    let forbidden = name.starts_with("http://") || name.starts_with("https://");
    if !name.is_empty() && (!(2..=128).contains(&length) || forbidden || !name.starts_with(char::is_alphabetic)) {
        let message =
            format!("{name:?} cannot be the name of a security group: 2 to 128 characters that start with a letter.");
        return Err(call.error("InvalidSecurityGroupName.Malformed", 400, message));
    }
    call.one_of("SecurityGroupType", &["normal", "enterprise"], 400, "InvalidParams.GroupType")?;
    let tags = call.new_tags()?;
    let vpc = call.state.network(region).vpc.clone();
    if args.string("VpcId").is_some_and(|wanted| wanted != vpc) {
        let message = format!("The VPC does not exist in {}; the default VPC is {vpc}.", region.id);
        return Err(call.error("InvalidVpcId.NotFound", 404, message));
    }
    let group = SecurityGroup {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("sg", &region.code),
        name,
        description: args.string_or("Description", "").to_owned(),
        kind: args.string_or("SecurityGroupType", "normal").to_owned(),
        vpc,
        resource_group: args.string_or("ResourceGroupId", "").to_owned(),
        tags,
        created: call.now,
    };
    let id = group.id.clone();
    call.state.network(region).groups.insert(id.clone(), group);
    Ok(json!({ "SecurityGroupId": id }))
}

pub(super) fn describe_security_groups(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.one_of("SecurityGroupType", &["normal", "enterprise"], 400, "InvalidParameter.SecurityGroupType")?;
    let by_token = args.get("MaxResults").is_some() || args.string("NextToken").is_some();
    if by_token && (args.get("PageNumber").is_some() || args.get("PageSize").is_some()) {
        let message = "Page by NextToken and MaxResults, or by PageNumber and PageSize, not by both.";
        return Err(call.error("NotSupported.PageNumberAndPageSize", 400, message));
    }
    let groups: Vec<SecurityGroup> = call.state.network(region).groups.values().cloned().collect();
    let named = |group: &SecurityGroup| match args.string("SecurityGroupName") {
        Some(name) if args.flag("FuzzyQuery") => group.name.contains(name),
        Some(name) => matching::wildcard(name, &group.name),
        None => true,
    };
    let wanted = |group: &SecurityGroup| {
        call.listed("SecurityGroupIds", &group.id)
            && call.matches("SecurityGroupId", &group.id)
            && call.matches("SecurityGroupType", &group.kind)
            && call.matches("VpcId", &group.vpc)
            && call.matches("NetworkType", "vpc")
            && call.matches("ResourceGroupId", &group.resource_group)
            && args.boolean("ServiceManaged").is_none_or(|managed| !managed)
            && named(group)
            && call.tags_match(&group.tags)
    };
    let groups: Vec<SecurityGroup> = groups.into_iter().filter(wanted).collect();
    let page = paging::cut(call, groups, |group| group.sequence)?;
    let mut response = page.response(call, "SecurityGroups", "SecurityGroup", |group| write_group(call, &group));
    response["RegionId"] = region.id.as_str().into();
    Ok(response)
}

fn write_group(call: &Call<'_>, group: &SecurityGroup) -> Value {
    let members = call.state.instances.values().filter(|instance| instance.groups.contains(&group.id)).count();
    let mut response = json!({
        "SecurityGroupId": group.id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "SecurityGroupType": group.kind,
        "VpcId": group.vpc,
        "ResourceGroupId": group.resource_group,
        "CreationTime": clock::seconds(group.created),
        "ServiceManaged": false,
        "Tags": tag_list(&group.tags),
    });
    if call.args.flag("IsQueryEcsCount") {
        response["EcsCount"] = members.into();
        response["AvailableInstanceAmount"] = 2000_usize.saturating_sub(members).into();
    }
    response
}

pub(super) fn describe_vswitches(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    call.zone(region)?;
    let args = call.args;
    let network = call.state.network(region).clone();
    let wanted = |vswitch: &&VSwitch| {
        call.matches("VSwitchId", &vswitch.id)
            && call.matches("VpcId", &network.vpc)
            && call.matches("ZoneId", &vswitch.zone)
            && call.matches_pattern("VSwitchName", &vswitch.name)
            && call.matches("RouteTableId", &network.route_table)
            && args.boolean("IsDefault").is_none_or(|wanted| wanted)
            && args.boolean("EnableIpv6").is_none_or(|wanted| !wanted)
            && args.string("ResourceGroupId").is_none()
            && call.tags_match(&[])
    };
    let found: Vec<&VSwitch> = network.vswitches.values().filter(wanted).collect();
    let page = paging::cut(call, found, |vswitch| vswitch.sequence)?;
    Ok(page.response(call, "VSwitches", "VSwitch", |vswitch| {
        json!({
            "VSwitchId": vswitch.id,
            "VSwitchName": vswitch.name,
            "VpcId": network.vpc,
            "ZoneId": vswitch.zone,
            "CidrBlock": vswitch.cidr(),
            "Ipv6CidrBlock": "",
            "EnabledIpv6": false,
            "AvailableIpAddressCount": vswitch.available(),
            "Status": "Available",
            "IsDefault": true,
            "CreationTime": clock::seconds(vswitch.created),
            "Description": "",
            "NetworkAclId": "",
            "ResourceGroupId": "",
            "ShareType": "",
            "OwnerId": ACCOUNT.parse::<i64>().unwrap_or_default(),
            "RouteTable": { "RouteTableId": network.route_table, "RouteTableType": "System" },
            "Tags": { "Tag": [] },
        })
    }))
}
