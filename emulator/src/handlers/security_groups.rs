//! Security groups.

use serde_json::{Value, json};

use super::Entry;
use crate::{
    call::{Call, tag_list},
    clock,
    error::Result,
    matching, paging,
    resources::SecurityGroup,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "CreateSecurityGroup", create_security_group),
    ("ecs", "DescribeSecurityGroups", describe_security_groups),
];

fn create_security_group(call: &mut Call<'_>) -> Result<Value> {
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
    let vpc = match args.string("VpcId") {
        Some(id) => call.state.vpcs.get(id).filter(|vpc| vpc.region == region.id),
        None => call.state.default_vpc(&region.id),
    };
    let Some(vpc) = vpc.map(|vpc| vpc.id.clone()) else {
        let message = format!("The VPC does not exist in {}; DescribeVpcs lists the VPCs.", region.id);
        return Err(call.error("InvalidVpcId.NotFound", 404, message));
    };
    let group = SecurityGroup {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("sg", &region.code),
        name,
        description: args.string_or("Description", "").to_owned(),
        kind: args.string_or("SecurityGroupType", "normal").to_owned(),
        vpc,
        resource_group: args.string_or("ResourceGroupId", "").to_owned(),
        tags,
        region: region.id.clone(),
        created: call.now.into(),
    };
    let id = group.id.clone();
    call.state.security_groups.insert(group);
    Ok(json!({ "SecurityGroupId": id }))
}

fn describe_security_groups(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.one_of("SecurityGroupType", &["normal", "enterprise"], 400, "InvalidParameter.SecurityGroupType")?;
    let by_token = args.get("MaxResults").is_some() || args.string("NextToken").is_some();
    if by_token && (args.get("PageNumber").is_some() || args.get("PageSize").is_some()) {
        let message = "Page by NextToken and MaxResults, or by PageNumber and PageSize, not by both.";
        return Err(call.error("NotSupported.PageNumberAndPageSize", 400, message));
    }
    let named = |group: &SecurityGroup| match args.string("SecurityGroupName") {
        Some(name) if args.flag("FuzzyQuery") => group.name.contains(name),
        Some(name) => matching::wildcard(name, &group.name),
        None => true,
    };
    let found = call.find(
        &call.state.security_groups,
        &region.id,
        (&["SecurityGroupIds", "SecurityGroupId"], &["VpcId"]),
        |group| {
            call.listed("SecurityGroupIds", &group.id)
                && call.matches("SecurityGroupId", &group.id)
                && call.matches("SecurityGroupType", &group.kind)
                && call.matches("VpcId", &group.vpc)
                && call.matches("NetworkType", "vpc")
                && call.matches("ResourceGroupId", &group.resource_group)
                && args.boolean("ServiceManaged").is_none_or(|managed| !managed)
                && named(group)
                && call.tags_match(&group.tags)
        },
    );
    let page = paging::page(call, found)?;
    let mut response = page.response(call, "SecurityGroups", "SecurityGroup", |group| write_group(call, group));
    response["RegionId"] = region.id.as_str().into();
    Ok(response)
}

fn write_group(call: &Call<'_>, group: &SecurityGroup) -> Value {
    let members = call.state.interfaces.count(&group.id);
    let mut response = json!({
        "SecurityGroupId": group.id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "SecurityGroupType": group.kind,
        "VpcId": group.vpc,
        "ResourceGroupId": group.resource_group,
        "CreationTime": clock::seconds(*group.created),
        "ServiceManaged": false,
        "Tags": tag_list(&group.tags),
    });
    if call.args.flag("IsQueryEcsCount") {
        response["EcsCount"] = members.into();
        response["AvailableInstanceAmount"] = 2000_usize.saturating_sub(members).into();
    }
    response
}
