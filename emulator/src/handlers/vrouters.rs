//! Routers and route tables of VPCs. The routes are those that the service adds by itself.

use serde_json::{Value, json};

use super::{
    Entry,
    network_rules::{element, in_region, region},
};
use crate::{
    call::Call,
    clock,
    error::{EcsError, Result},
    paging,
    resources::Vpc,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] =
    &[("ecs", "DescribeVRouters", describe_vrouters), ("ecs", "DescribeRouteTables", describe_route_tables)];

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
            && args.string("RouteTableName").is_none()
    };
    let found = paging::in_order(call.state.vpcs.values().filter(wanted));
    let page = paging::page(call, found)?;
    Ok(page.response(call, "RouteTables", "RouteTable", |(_, vpc)| {
        let entries: Vec<Value> = (call.state.vswitches.linked(&vpc.id))
            .map(|vswitch| vswitch.cidr.as_str())
            .chain(["100.64.0.0/10"])
            .map(|destination| {
                json!({
                    "RouteTableId": vpc.route_table,
                    "Type": "System",
                    "DestinationCidrBlock": destination,
                    "NextHopType": "local",
                    "InstanceId": "",
                    "NextHops": { "NextHop": [] },
                    "Status": "Available",
                })
            })
            .collect();
        let members = json!({
            "RouteTableId": vpc.route_table,
            "RouteTableType": "System",
            "VRouterId": vpc.router,
            "ResourceGroupId": vpc.resource_group,
            "CreationTime": clock::seconds(*vpc.created),
            "RouteEntrys": { "RouteEntry": entries },
        });
        element(call, "RouteTable", members)
    }))
}
