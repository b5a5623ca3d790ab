//! Routers and route tables of VPCs. The routes are those that the service adds by itself.

use serde_json::{Value, json};

use super::network_rules::{element, in_region, is_older, owner, region};
use crate::{
    call::Call,
    clock,
    error::{EcsError, Result},
    handlers::Entry,
    paging,
    resources::Vpc,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("vpc", "DescribeVRouters", describe_vrouters),
    ("ecs", "DescribeVRouters", describe_vrouters),
    ("vpc", "DescribeRouteTables", describe_route_tables),
    ("ecs", "DescribeRouteTables", describe_route_tables),
    ("vpc", "DescribeRouteTableList", describe_route_table_list),
];

fn describe_vrouters(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let found = call.find(&call.state.vpcs, &region.id, (&[], &[]), |vpc: &Vpc| call.matches("VRouterId", &vpc.router));
    let page = paging::page(call, found)?;
    Ok(page.response(call, "VRouters", "VRouter", |vpc| {
        json!({
            "VRouterId": vpc.router,
            "VRouterName": "",
            "Description": "",
            "RegionId": vpc.region,
            "VpcId": vpc.id,
            "RouteTableIds": { "RouteTableId": [vpc.route_table] },
            "CreationTime": clock::seconds(*vpc.created),
        })
    }))
}

fn describe_route_tables(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let names = ["RouteTableId", "RouteTableName", "VRouterId", "RouterId"];
    if names.iter().all(|name| args.string(name).is_none()) {
        return Err(EcsError::missing("RouteTableId"));
    }
    let wanted = |vpc: &&Vpc| {
        in_region(call, Some(*vpc)).is_some()
            && call.matches("RouteTableId", &vpc.route_table)
            && call.matches("VRouterId", &vpc.router)
            && call.matches("RouterId", &vpc.router)
            && call.matches("RouterType", "VRouter")
            && call.matches("ResourceGroupId", &vpc.resource_group)
            && args.string("RouteTableName").is_none()
    };
    let found = paging::in_order(call.state.vpcs.values().filter(wanted));
    let page = paging::page(call, found)?;
    Ok(page.response(call, "RouteTables", "RouteTable", |(_, vpc)| {
        let entries: Vec<Value> = (call.state.vswitches.linked(&vpc.id))
            .filter(|_| call.matches("Type", "System"))
            .map(|vswitch| vswitch.cidr.as_str())
            .chain(Some("100.64.0.0/10").filter(|_| call.matches("Type", "System")))
            .map(|destination| {
                let entry = json!({
                    "RouteEntryId": "",
                    "RouteEntryName": "",
                    "Description": "",
                    "RouteTableId": vpc.route_table,
                    "Type": "System",
                    "DestinationCidrBlock": destination,
                    "NextHopType": "local",
                    "InstanceId": "",
                    "NextHops": { "NextHop": [] },
                    "Status": "Available",
                });
                element(call, "RouteEntry", entry)
            })
            .collect();
        let members = json!({
            "RouteTableId": vpc.route_table,
            "RouteTableType": "System",
            "Status": "Available",
            "VSwitchIds": { "VSwitchId": call.state.vswitches.linked_ids(&vpc.id) },
            "VRouterId": vpc.router,
            "ResourceGroupId": vpc.resource_group,
            "CreationTime": clock::seconds(*vpc.created),
            "RouteEntrys": { "RouteEntry": entries },
        });
        // The types of the two operations have different names.
        let ty = if is_older(call) { "RouteTable" } else { "RouteTableInfo" };
        element(call, ty, members)
    }))
}

fn describe_route_table_list(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let found = call.find(&call.state.vpcs, &region.id, (&["VpcId"], &[]), |vpc: &Vpc| {
        call.matches("VpcId", &vpc.id)
            && call.matches("RouterId", &vpc.router)
            && call.matches("RouterType", "VRouter")
            && call.matches("RouteTableId", &vpc.route_table)
            && call.matches("RouteTableName", "")
            && call.matches("RouteTableType", "System")
            && call.matches("ResourceGroupId", &vpc.resource_group)
            && call.tags_match(&[])
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "RouterTableList", "RouterTableListType", |vpc| {
        json!({
            "RouteTableId": vpc.route_table,
            "RouteTableName": "",
            "RouteTableType": "System",
            "RouterId": vpc.router,
            "RouterType": "VRouter",
            "VpcId": vpc.id,
            "Status": "Available",
            "Description": "",
            "AssociateType": "VSwitch",
            "VSwitchIds": { "VSwitchId": call.state.vswitches.linked_ids(&vpc.id) },
            "GatewayIds": { "GatewayIds": [] },
            "RoutePropagationEnable": true,
            "CreationTime": clock::seconds(*vpc.created),
            "ResourceGroupId": vpc.resource_group,
            "OwnerId": owner(call),
            "Tags": { "Tag": [] },
        })
    }))
}
