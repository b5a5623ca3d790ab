//! vSwitches.

use serde_json::{Value, json};

use super::Entry;
use crate::{
    call::{Call, tag_list},
    clock,
    error::Result,
    paging,
    resources::VSwitch,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("vpc", "DescribeVSwitches", describe_vswitches)];

fn describe_vswitches(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    call.zone(region)?;
    let args = call.args;
    let found = call.find(&call.state.vswitches, &region.id, (&["VSwitchId"], &["VpcId", "ZoneId"]), |vswitch| {
        call.matches("VSwitchId", &vswitch.id)
            && call.matches("VpcId", &vswitch.vpc)
            && call.matches("ZoneId", &vswitch.zone)
            && call.matches_pattern("VSwitchName", &vswitch.name)
            && call.matches("RouteTableId", route_table(call, vswitch))
            && args.boolean("IsDefault").is_none_or(|wanted| wanted == vswitch.default)
            && args.boolean("EnableIpv6").is_none_or(|wanted| !wanted)
            && call.matches("ResourceGroupId", &vswitch.resource_group)
            && call.tags_match(&vswitch.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "VSwitches", "VSwitch", |vswitch| {
        json!({
            "VSwitchId": vswitch.id,
            "VSwitchName": vswitch.name,
            "VpcId": vswitch.vpc,
            "ZoneId": vswitch.zone,
            "CidrBlock": vswitch.cidr,
            "Ipv6CidrBlock": "",
            "EnabledIpv6": false,
            "AvailableIpAddressCount": vswitch.available(),
            "Status": vswitch.status.at(call.now).as_str(),
            "IsDefault": vswitch.default,
            "CreationTime": clock::seconds(*vswitch.created),
            "Description": vswitch.description,
            "NetworkAclId": "",
            "ResourceGroupId": vswitch.resource_group,
            "ShareType": "",
            "OwnerId": call.state.account.parse::<i64>().unwrap_or_default(),
            "RouteTable": { "RouteTableId": route_table(call, vswitch), "RouteTableType": "System" },
            "Tags": tag_list(&vswitch.tags),
        })
    }))
}

/// Returns the route table of a vSwitch: that of its VPC.
fn route_table<'c>(call: &'c Call<'_>, vswitch: &VSwitch) -> &'c str {
    call.state.vpcs.get(&vswitch.vpc).map_or("", |vpc| &vpc.route_table)
}
