//! Rules of security groups.

use std::net::Ipv6Addr;

use serde_json::{Value, json};

use super::security_groups::group;
use crate::{
    args::Args,
    call::Call,
    clock,
    error::{EcsError, Result},
    handlers::Entry,
    paging,
    resources::{SecurityGroup, SecurityRule, Traffic},
    rules,
    state::quotas,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "AuthorizeSecurityGroup", |call| authorize(call, false)),
    ("ecs", "AuthorizeSecurityGroupEgress", |call| authorize(call, true)),
    ("ecs", "DescribeSecurityGroupAttribute", describe_security_group_attribute),
    ("ecs", "DescribeSecurityGroupReferences", describe_security_group_references),
    ("ecs", "ModifySecurityGroupEgressRule", |call| modify(call, true)),
    ("ecs", "ModifySecurityGroupRule", |call| modify(call, false)),
    ("ecs", "RevokeSecurityGroup", |call| revoke(call, false)),
    ("ecs", "RevokeSecurityGroupEgress", |call| revoke(call, true)),
];

const PROTOCOLS: &[&str] = &["TCP", "UDP", "ICMP", "ICMPv6", "GRE", "ALL"];

fn authorize(call: &mut Call<'_>, egress: bool) -> Result<Value> {
    let id = group(call)?.id.clone();
    let created = call.now.into();
    for order in orders(call) {
        let traffic = traffic(call, &order, egress)?;
        let description = description(call, &order)?;
        let known = group(call)?.rules.iter().any(|rule| rule.egress == egress && rule.traffic == traffic);
        // Adding a rule that exists succeeds and changes nothing.
        if known {
            continue;
        }
        let count = group(call)?.rules.len() as u64;
        if count >= call.state.quota(&quotas::RULES_PER_SECURITY_GROUP) {
            let message = format!("The security group {id} has {count} rules and cannot have more.");
            return Err(call.error("AuthorizationLimitExceed", 403, message));
        }
        let rule = SecurityRule { id: new_id(call)?, egress, description, created, traffic };
        if let Some(mut row) = call.state.security_groups.get_mut(&id) {
            row.rules.push(rule);
        }
    }
    Ok(json!({}))
}

fn new_id(call: &mut Call<'_>) -> Result<String> {
    let region = call.region()?;
    Ok(call.state.ids.resource("sgr", &region.code))
}

fn revoke(call: &mut Call<'_>, egress: bool) -> Result<Value> {
    let row = group(call)?;
    let id = row.id.clone();
    let by_id = call.args.strings("SecurityGroupRuleId").unwrap_or_default();
    if let Some(wrong) = by_id.iter().find(|id| !row.rules.iter().any(|rule| rule.egress == egress && rule.id == **id))
    {
        let message = format!("The rule {wrong:?} does not exist in the security group {id}.");
        return Err(call.error("InvalidSecurityGroupRuleId.NotFound", 404, message));
    }
    let mut gone: Vec<Traffic> = Vec::new();
    if by_id.is_empty() {
        for order in orders(call) {
            gone.push(traffic(call, &order, egress)?);
        }
    }
    // Removing a rule that does not exist succeeds and changes nothing.
    if let Some(mut row) = call.state.security_groups.get_mut(&id) {
        row.rules.retain(|rule| {
            rule.egress != egress || !(by_id.contains(&rule.id.as_str()) || gone.contains(&rule.traffic))
        });
    }
    Ok(json!({}))
}

fn modify(call: &mut Call<'_>, egress: bool) -> Result<Value> {
    let row = group(call)?;
    let group_id = row.id.clone();
    let of_id = call.args.string("SecurityGroupRuleId");
    let place = match of_id {
        Some(id) => row.rules.iter().position(|rule| rule.egress == egress && rule.id == id),
        None => {
            let traffic = traffic(call, call.args, egress)?;
            let same = |rule: &SecurityRule| {
                let other =
                    Traffic { policy: rule.traffic.policy.clone(), priority: rule.traffic.priority, ..traffic.clone() };
                rule.egress == egress && rule.traffic == other
            };
            row.rules.iter().position(same)
        }
    };
    let Some(place) = place else {
        return Err(match of_id {
            Some(id) => {
                let message = format!("The rule {id:?} does not exist in the security group {group_id}.");
                call.error("InvalidSecurityGroupRuleId.NotFound", 404, message)
            }
            None => call.error("SecurityGroupRule.NotFound", 404, format!("{group_id} has no such rule.")),
        });
    };
    let mut rule = row.rules[place].clone();
    if of_id.is_some() {
        rule.traffic = changed(call, &rule.traffic, egress)?;
    } else {
        rule.traffic = traffic(call, call.args, egress)?;
    }
    if call.args.get("Description").is_some() {
        rule.description = description(call, call.args)?;
    }
    if let Some(mut row) = call.state.security_groups.get_mut(&group_id) {
        row.rules[place] = rule;
    }
    Ok(json!({}))
}

/// Returns traffic with the members that the call changes.
fn changed(call: &Call<'_>, before: &Traffic, egress: bool) -> Result<Traffic> {
    let mut members = call.args.members().cloned().unwrap_or_default();
    let side = if egress { "Dest" } else { "Source" };
    let peers = [format!("{side}GroupId"), format!("{side}CidrIp"), format!("Ipv6{side}CidrIp")];
    let other_peer = peers.iter().any(|name| members.contains_key(name));
    let near = if egress { ("SourceCidrIp", &before.source_cidr) } else { ("DestCidrIp", &before.dest_cidr) };
    let mut keep = |name: &str, value: &str| {
        if !value.is_empty() {
            members.entry(name.to_owned()).or_insert_with(|| value.into());
        }
    };
    keep("IpProtocol", &before.protocol);
    keep("PortRange", &before.port_range);
    keep("SourcePortRange", &before.source_port_range);
    keep("Policy", &before.policy);
    keep("Priority", &before.priority.to_string());
    keep("NicType", &before.nic_type);
    keep(near.0, near.1);
    if !other_peer {
        keep(&peers[0], &before.group);
        let (ipv4, ipv6) = if egress {
            (&before.dest_cidr, &before.ipv6_dest_cidr)
        } else {
            (&before.source_cidr, &before.ipv6_source_cidr)
        };
        keep(&peers[1], ipv4);
        keep(&peers[2], ipv6);
    }
    traffic(call, &Args::new(members), egress)
}

/// Returns the rules that a call names: those of `Permissions`, or the one of the older parameters.
fn orders(call: &Call<'_>) -> Vec<Args> {
    let permissions = call.args.structs("Permissions");
    if permissions.is_empty() { vec![call.args.clone()] } else { permissions }
}

fn description(call: &Call<'_>, order: &Args) -> Result<String> {
    let text = order.string_or("Description", "");
    if !text.is_empty() {
        call.check("Description", "InvalidSecurityGroupDiscription.Malformed", rules::rule_description(text))?;
    }
    Ok(text.to_owned())
}

/// Reads and checks the traffic of a rule.
fn traffic(call: &Call<'_>, order: &Args, egress: bool) -> Result<Traffic> {
    let text = |name: &str| order.string_or(name, "").to_owned();
    let protocol = order.string("IpProtocol").ok_or_else(|| EcsError::missing("IpProtocol"))?;
    let Some(protocol) = PROTOCOLS.iter().find(|known| known.eq_ignore_ascii_case(protocol)) else {
        let message = format!("IpProtocol cannot be {protocol:?}; it can be {}.", PROTOCOLS.join(", "));
        return Err(call.error("InvalidIpProtocol.ValueNotSupported", 400, message));
    };
    let ports = order.string("PortRange").ok_or_else(|| EcsError::missing("PortRange"))?;
    call.check("PortRange", "InvalidPortRange.Malformed", rules::port_range(protocol, ports))?;
    if let Some(ports) = order.string("SourcePortRange") {
        call.check("SourcePortRange", "InvalidSourcePortRange.Malformed", rules::port_range(protocol, ports))?;
    }
    for (name, code) in
        [("SourceCidrIp", "InvalidSourceCidrIp.Malformed"), ("DestCidrIp", "InvalidDestCidrIp.Malformed")]
    {
        if let Some(block) = order.string(name) {
            call.check(name, code, rules::ipv4_block(block))?;
        }
    }
    for name in ["Ipv6SourceCidrIp", "Ipv6DestCidrIp"] {
        if let Some(block) = order.string(name) {
            call.check(name, &format!("InvalidParam.{name}"), rules::ipv6_block(block))?;
        }
    }
    let ipv4 = order.string("SourceCidrIp").or(order.string("DestCidrIp")).is_some();
    let ipv6 = order.string("Ipv6SourceCidrIp").or(order.string("Ipv6DestCidrIp")).is_some();
    match *protocol {
        "ICMPv6" if ipv4 => {
            let message = "ICMPv6 has no IPv4 addresses.";
            return Err(call.error("InvalidParam.Ipv6ProtocolConflictWithIpv4Address", 400, message));
        }
        "ICMP" if ipv6 => {
            let message = "ICMP has no IPv6 addresses; use ICMPv6.";
            return Err(call.error("InvalidParam.Ipv4ProtocolConflictWithIpv6Address", 400, message));
        }
        _ => {}
    }
    let priority = match order.string_or("Priority", "1").parse::<i64>() {
        Ok(priority) if (1..=100).contains(&priority) => priority,
        Ok(_) => return Err(call.error("InvalidPriority.ValueNotSupported", 400, "Priority can be from 1 to 100.")),
        Err(_) => return Err(call.error("InvalidPriority.Malformed", 400, "Priority must be a number from 1 to 100.")),
    };
    let policy = order.string_or("Policy", "accept").to_ascii_lowercase();
    if !["accept", "drop"].contains(&policy.as_str()) {
        return Err(call.error("InvalidPolicy.Malformed", 400, "Policy can be accept or drop."));
    }
    let nic_type = order.string_or("NicType", "intranet").to_owned();
    if !["internet", "intranet"].contains(&nic_type.as_str()) {
        return Err(call.error("InvalidNicType.ValueNotSupported", 400, "NicType can be internet or intranet."));
    }
    let traffic = Traffic {
        protocol: (*protocol).to_owned(),
        port_range: ports.to_owned(),
        source_port_range: text("SourcePortRange"),
        source_cidr: text("SourceCidrIp"),
        ipv6_source_cidr: ipv6_text(order.string_or("Ipv6SourceCidrIp", "")),
        dest_cidr: text("DestCidrIp"),
        ipv6_dest_cidr: ipv6_text(order.string_or("Ipv6DestCidrIp", "")),
        group: text(if egress { "DestGroupId" } else { "SourceGroupId" }),
        policy,
        priority,
        // All groups are in VPCs, where the network interface makes no difference.
        nic_type: "intranet".to_owned(),
    };
    check_peer(call, order, &traffic, egress)?;
    Ok(traffic)
}

/// Returns an IPv6 block in the one form in which rules are compared.
fn ipv6_text(block: &str) -> String {
    let (address, length) = block.find('/').map_or((block, ""), |place| block.split_at(place));
    let address = address.parse::<Ipv6Addr>().map_or_else(|_| address.to_owned(), |address| address.to_string());
    address + length
}

/// Checks that a rule names the other side of the traffic, and that it exists.
fn check_peer(call: &Call<'_>, order: &Args, traffic: &Traffic, egress: bool) -> Result<()> {
    let side = if egress { "Dest" } else { "Source" };
    let cidrs = if egress {
        [&traffic.dest_cidr, &traffic.ipv6_dest_cidr]
    } else {
        [&traffic.source_cidr, &traffic.ipv6_source_cidr]
    };
    if let Some(list) = order.string(&format!("{side}PrefixListId")) {
        let message = format!("The prefix list {list:?} does not exist.");
        return Err(call.error("InvalidPrefixListId.NotFound", 404, message));
    }
    if cidrs.iter().all(|cidr| cidr.is_empty()) && traffic.group.is_empty() {
        let message = format!("Specify {side}CidrIp, Ipv6{side}CidrIp or {side}GroupId.");
        return Err(call.error(&format!("MissingParameter.{side}"), 400, message));
    }
    if traffic.group.is_empty() {
        return Ok(());
    }
    let own = group(call)?;
    match call.state.security_groups.get(&traffic.group).filter(|peer| peer.region == own.region) {
        None => {
            let message = format!("The security group {:?} does not exist in {}.", traffic.group, own.region);
            Err(call.error(&format!("Invalid{side}GroupId.NotFound"), 404, message))
        }
        Some(peer) if peer.vpc != own.vpc => {
            let message = format!("{} is in {}, and {} is in {}.", peer.id, peer.vpc, own.id, own.vpc);
            Err(call.error(&format!("Invalid{side}GroupId.Mismatch"), 403, message))
        }
        Some(_) if own.kind == "enterprise" => {
            let message = "A rule of an enterprise security group cannot name a security group.";
            Err(call.error("InvalidGroupAuthParameter.OperationDenied", 400, message))
        }
        Some(_) => Ok(()),
    }
}

fn describe_security_group_attribute(call: &mut Call<'_>) -> Result<Value> {
    let row = group(call)?;
    call.one_of("Direction", &["egress", "ingress", "all"], 400, "InvalidParamter")?;
    call.one_of("NicType", &["internet", "intranet"], 400, "InvalidNicType.ValueNotSupported")?;
    let direction = call.args.string_or("Direction", "all");
    let wanted = |rule: &&SecurityRule| direction == "all" || (direction == "egress") == rule.egress;
    let rules: Vec<&SecurityRule> = row.rules.iter().filter(wanted).collect();
    let page = paging::page(call, paging::in_order(rules))?;
    let mut response = page.response(call, "Permissions", "Permission", |(_, rule)| write_rule(call, rule));
    response["RegionId"] = row.region.as_str().into();
    response["SecurityGroupId"] = row.id.as_str().into();
    response["SecurityGroupName"] = row.name.as_str().into();
    response["Description"] = row.description.as_str().into();
    response["VpcId"] = row.vpc.as_str().into();
    response["InnerAccessPolicy"] = (if row.isolated { "Drop" } else { "Accept" }).into();
    if call.args.string("Attribute") == Some("snapshotPolicyIds") {
        response["SnapshotPolicyIds"] = json!({ "SnapshotPolicyId": [] });
    }
    Ok(response)
}

fn write_rule(call: &Call<'_>, rule: &SecurityRule) -> Value {
    let traffic = &rule.traffic;
    let name = call.state.security_groups.get(&traffic.group).map_or("", |group| &group.name);
    let (source, dest) =
        if rule.egress { (["", ""], [&traffic.group, name]) } else { ([&traffic.group, name], ["", ""]) };
    json!({
        "SecurityGroupRuleId": rule.id,
        "Direction": if rule.egress { "egress" } else { "ingress" },
        "IpProtocol": traffic.protocol,
        "PortRange": traffic.port_range,
        "SourcePortRange": traffic.source_port_range,
        "SourceCidrIp": traffic.source_cidr,
        "Ipv6SourceCidrIp": traffic.ipv6_source_cidr,
        "SourceGroupId": source[0],
        "SourceGroupName": source[1],
        "SourceGroupOwnerAccount": "",
        "SourcePrefixListId": "",
        "SourcePrefixListName": "",
        "DestCidrIp": traffic.dest_cidr,
        "Ipv6DestCidrIp": traffic.ipv6_dest_cidr,
        "DestGroupId": dest[0],
        "DestGroupName": dest[1],
        "DestGroupOwnerAccount": "",
        "DestPrefixListId": "",
        "DestPrefixListName": "",
        "PortRangeListId": "",
        "PortRangeListName": "",
        "NicType": traffic.nic_type,
        // The service accepts it in lower case, and returns it capitalized.
        "Policy": if traffic.policy == "drop" { "Drop" } else { "Accept" },
        "Priority": traffic.priority.to_string(),
        "Description": rule.description,
        "CreateTime": clock::seconds(*rule.created),
    })
}

fn describe_security_group_references(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let mut references = Vec::new();
    for id in call.args.strings("SecurityGroupId").unwrap_or_default() {
        if call.state.security_groups.get(id).is_none_or(|group| group.region != region.id) {
            let message = format!("The security group {id:?} does not exist in {}.", region.id);
            return Err(call.error("InvalidSecurityGroupId.NotFound", 404, message));
        }
        let referencing: Vec<Value> = call
            .state
            .security_groups
            .linked(&SecurityGroup::reference(id))
            .map(|group| json!({ "SecurityGroupId": group.id, "AliUid": call.state.account }))
            .collect();
        if !referencing.is_empty() {
            references.push(json!({
                "SecurityGroupId": id,
                "ReferencingSecurityGroups": { "ReferencingSecurityGroup": referencing },
            }));
        }
    }
    Ok(json!({ "SecurityGroupReferences": { "SecurityGroupReference": references } }))
}
