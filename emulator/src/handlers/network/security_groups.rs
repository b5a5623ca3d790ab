//! Security groups and their members.

use serde_json::{Value, json};

use super::vpcs;
use crate::{
    call::{Call, incorrect_status, not_found, tag_list},
    clock,
    error::{EcsError, Result},
    handlers::{Entry, references, stand_ins},
    matching, paging,
    resources::{Interface, InterfaceStatus, SecurityGroup, Status},
    rules,
    state::quotas,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "CreateSecurityGroup", create_security_group),
    ("ecs", "DeleteSecurityGroup", delete_security_group),
    ("ecs", "DescribeSecurityGroups", describe_security_groups),
    ("ecs", "JoinSecurityGroup", join_security_group),
    ("ecs", "LeaveSecurityGroup", leave_security_group),
    ("ecs", "ModifySecurityGroupAttribute", modify_security_group_attribute),
    ("ecs", "ModifySecurityGroupPolicy", modify_security_group_policy),
];

/// Private addresses that a normal security group can have, and an enterprise one.
const MAX_MEMBERS: (usize, usize) = (6_000, 65_536);

/// Returns the security group that the call names.
pub(super) fn group<'c>(call: &'c Call<'_>) -> Result<&'c SecurityGroup> {
    let id = call.args.string_or("SecurityGroupId", "");
    let region = call.region()?;
    call.state.security_groups.get(id).filter(|group| group.region == region.id).ok_or_else(|| {
        let message =
            format!("The security group {id:?} does not exist in {}; DescribeSecurityGroups lists them.", region.id);
        call.error_of(&["InvalidSecurityGroupId.NotFound", "InvalidSecurityGroup.NotFound"], 404, message)
    })
}

/// Checks the description of a security group.
fn check_description(call: &Call<'_>) -> Result<()> {
    call.check_string("Description", "InvalidSecurityGroupDiscription.Malformed", rules::description)
}

fn create_security_group(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    check_description(call)?;
    call.one_of("SecurityGroupType", &["normal", "enterprise"], 400, "InvalidParams.GroupType")?;
    let tags = call.new_tags()?;
    stand_ins::network(call)?;
    let vpc = match args.string("VpcId") {
        Some(id) => call.state.vpcs.get(id).filter(|vpc| vpc.region == region.id),
        None => call.state.default_vpc(&region.id),
    };
    let Some(vpc) = vpc else {
        let message = match args.string("VpcId") {
            Some(id) => format!("The VPC {id:?} does not exist in {}; DescribeVpcs lists the VPCs.", region.id),
            None => format!("{} has no default VPC; set VpcId.", region.id),
        };
        return Err(call.error("InvalidVpcId.NotFound", 404, message));
    };
    vpcs::check_available(call, vpc)?;
    let vpc = vpc.id.clone();
    let count = call.state.security_groups.count(&region.id) as u64;
    if count >= call.state.quota(&quotas::SECURITY_GROUPS) {
        let message = format!("There are {count} security groups in {}, as many as the quota allows.", region.id);
        return Err(call.error("QuotaExceed.SecurityGroup", 403, message));
    }
    let group = SecurityGroup {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("sg", &region.code),
        region: region.id.clone(),
        name: args.string_or("SecurityGroupName", "").to_owned(),
        description: args.string_or("Description", "").to_owned(),
        kind: args.string_or("SecurityGroupType", "normal").to_owned(),
        vpc,
        isolated: args.string("SecurityGroupType") == Some("enterprise"),
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags,
        created: call.now.into(),
        ..SecurityGroup::default()
    };
    let id = group.id.clone();
    call.state.security_groups.insert(group);
    Ok(json!({ "SecurityGroupId": id }))
}

fn delete_security_group(call: &mut Call<'_>) -> Result<Value> {
    let id = group(call)?.id.clone();
    let members = call.state.interfaces.count(&id);
    if members > 0 {
        let message = format!("{members} instances or network interfaces are in the security group {id}.");
        return Err(call.error("DependencyViolation", 403, message));
    }
    let reference = SecurityGroup::reference(&id);
    if let Some(other) = call.state.security_groups.linked(&reference).find(|other| other.id != id) {
        let message = format!("A rule of the security group {} names the security group {id}.", other.id);
        return Err(call.error("DependencyViolation", 403, message));
    }
    call.state.security_groups.remove(&id);
    Ok(json!({}))
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
    let by = (&["SecurityGroupIds", "SecurityGroupId"][..], &["VpcId"][..]);
    let found = call.find(&call.state.security_groups, &region.id, by, |group| {
        call.listed("SecurityGroupIds", &group.id)
            && call.matches("SecurityGroupId", &group.id)
            && call.matches("SecurityGroupType", &group.kind)
            && call.matches("VpcId", &group.vpc)
            && call.matches("NetworkType", "vpc")
            && call.matches("ResourceGroupId", &group.resource_group)
            && args.boolean("ServiceManaged").is_none_or(|managed| !managed)
            && named(group)
            && call.tags_match(&group.tags)
    });
    let page = paging::page(call, found)?;
    let mut response = page.response(call, "SecurityGroups", "SecurityGroup", |group| write_group(call, group));
    response["RegionId"] = region.id.as_str().into();
    Ok(response)
}

fn write_group(call: &Call<'_>, group: &SecurityGroup) -> Value {
    let members = call.state.interfaces.count(&group.id);
    let room = if group.kind == "enterprise" { MAX_MEMBERS.1 } else { MAX_MEMBERS.0 };
    let mut response = json!({
        "SecurityGroupId": group.id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "SecurityGroupType": group.kind,
        "VpcId": group.vpc,
        "ResourceGroupId": group.resource_group,
        "CreationTime": clock::seconds(*group.created),
        "ServiceManaged": false,
        "RuleCount": group.rules.len(),
        "GroupToGroupRuleCount": group.rules.iter().filter(|rule| !rule.traffic.group.is_empty()).count(),
        "Tags": tag_list(&group.tags),
    });
    if call.args.flag("IsQueryEcsCount") {
        response["EcsCount"] = members.into();
        response["AvailableInstanceAmount"] = room.saturating_sub(members).into();
    }
    response
}

fn modify_security_group_attribute(call: &mut Call<'_>) -> Result<Value> {
    let id = group(call)?.id.clone();
    check_description(call)?;
    let (name, description) = (call.args.string("SecurityGroupName"), call.args.string("Description"));
    if name.is_none() && description.is_none() {
        let message = "Specify a new SecurityGroupName or a new Description.";
        return Err(call.error("InvalidParameter", 400, message));
    }
    if let Some(mut group) = call.state.security_groups.get_mut(&id) {
        if let Some(name) = name {
            name.clone_into(&mut group.name);
        }
        if let Some(description) = description {
            description.clone_into(&mut group.description);
        }
    }
    Ok(json!({}))
}

fn modify_security_group_policy(call: &mut Call<'_>) -> Result<Value> {
    let id = group(call)?.id.clone();
    let policy = call.args.string_or("InnerAccessPolicy", "").to_ascii_lowercase();
    if !["accept", "drop"].contains(&policy.as_str()) {
        let message = "InnerAccessPolicy can be Accept or Drop.";
        return Err(call.error("InvalidPolicy.Malformed", 400, message));
    }
    if let Some(mut group) = call.state.security_groups.get_mut(&id) {
        group.isolated = policy == "drop";
    }
    Ok(json!({}))
}

/// Returns the network interface that a call names, or the primary one of the instance that it names.
fn member<'c>(call: &'c Call<'_>) -> Result<&'c Interface> {
    let (instance, interface) = (call.args.string("InstanceId"), call.args.string("NetworkInterfaceId"));
    let primary = match (instance, interface) {
        (Some(_), Some(_)) => {
            let message = "Specify either InstanceId or NetworkInterfaceId, not both.";
            return Err(call.error("InvalidParam.EniIdAndInstanceId.Conflict", 403, message));
        }
        (None, None) => return Err(EcsError::missing("InstanceId")),
        (None, Some(id)) => {
            let found = call.state.interfaces.get(id);
            let found = found.filter(|found| call.args.string("RegionId").is_none_or(|region| region == found.region));
            let found = found.ok_or_else(|| {
                call.error("InvalidEniId.NotFound", 404, format!("The network interface {id:?} does not exist."))
            })?;
            let status = found.status.at(call.now);
            if !matches!(status, InterfaceStatus::Available | InterfaceStatus::InUse) {
                let message = format!("The network interface {id} is {}.", status.as_str());
                return Err(call.error("InvalidOperation.InvalidEniState", 400, message));
            }
            return Ok(found);
        }
        (Some(_), None) => call.instance()?,
    };
    let status = primary.status(call.now);
    if !matches!(status, Status::Running | Status::Stopped) {
        return Err(incorrect_status(&primary.id, status.as_str(), "Running or Stopped"));
    }
    call.state.interfaces.get(&primary.interface).ok_or_else(|| not_found(&primary.id))
}

fn join_security_group(call: &mut Call<'_>) -> Result<Value> {
    let interface = member(call)?;
    let id = call.args.string_or("SecurityGroupId", "");
    let group = call.state.security_groups.get(id).filter(|group| group.region == interface.region);
    let Some(group) = group else {
        let message = format!("The security group {id:?} does not exist in {}.", interface.region);
        return Err(call.error("InvalidSecurityGroupId.NotFound", 404, message));
    };
    if interface.groups.iter().any(|own| own == id) {
        let message = format!("It is in the security group {id} already.");
        return Err(call.error("InvalidInstanceId.AlreadyExists", 403, message));
    }
    if group.vpc != interface.vpc {
        let message = format!("The security group {id} is in {}, the instance in {}.", group.vpc, interface.vpc);
        return Err(call.error("InvalidOperation.VpcMismatch", 403, message));
    }
    let other = interface.groups.first().and_then(|own| call.state.security_groups.get(own));
    if other.is_some_and(|other| other.kind != group.kind) {
        let message = "An instance cannot be in normal and in enterprise security groups.";
        return Err(call.error("InvalidOperation.MultiGroupType", 400, message));
    }
    if interface.groups.len() as u64 >= call.state.quota(&quotas::SECURITY_GROUPS_PER_INTERFACE) {
        let message = format!("It is in {} security groups and cannot be in more.", interface.groups.len());
        return Err(call.error("InstanceSecurityGroupLimitExceeded", 403, message));
    }
    let room = if group.kind == "enterprise" { MAX_MEMBERS.1 } else { MAX_MEMBERS.0 };
    if call.state.interfaces.count(id) >= room {
        let message = format!("The security group {id} has {room} members and cannot have more.");
        return Err(call.error("SecurityGroupInstanceLimitExceeded", 403, message));
    }
    let mut groups = interface.groups.clone();
    groups.push(id.to_owned());
    let interface = interface.id.clone();
    set_groups(call, &interface, groups);
    Ok(json!({}))
}

fn leave_security_group(call: &mut Call<'_>) -> Result<Value> {
    let interface = member(call)?;
    let id = call.args.string_or("SecurityGroupId", "");
    if call.state.security_groups.get(id).is_none_or(|group| group.region != interface.region) {
        let message = format!("The security group {id:?} does not exist in {}.", interface.region);
        return Err(call.error("InvalidSecurityGroupId.NotFound", 404, message));
    }
    if !interface.groups.iter().any(|own| own == id) {
        return Err(call.error("InstanceNotInSecurityGroup", 403, format!("It is not in the security group {id}.")));
    }
    if interface.groups.len() == 1 {
        let message = format!("{id} is its only security group; it must be in one.");
        return Err(call.error("InstanceLastSecurityGroup", 403, message));
    }
    let groups = interface.groups.iter().filter(|own| *own != id).cloned().collect();
    let interface = interface.id.clone();
    set_groups(call, &interface, groups);
    Ok(json!({}))
}

/// Sets the security groups of a network interface; those of a primary one are the instance's as well.
pub(super) fn set_groups(call: &mut Call<'_>, interface: &str, groups: Vec<String>) {
    let Some(mut row) = call.state.interfaces.get_mut(interface) else { return };
    row.groups.clone_from(&groups);
    let instance = row.instance.clone().filter(|_| row.primary);
    drop(row);
    if let Some(mut instance) = instance.and_then(|id| call.state.instances.get_mut(&id)) {
        instance.groups = groups;
    }
}
