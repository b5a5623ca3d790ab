//! The place of new instances in a network: zone, vSwitch, security groups, addresses and bandwidth.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{
    args::Args,
    call::Call,
    catalog::{InstanceType, Region, Stock},
    error::{EcsError, Result},
    handlers::{network::membership, network::vswitches},
    resources::{Internet, VSwitch},
};

/// A vSwitch with its zone and VPC.
#[derive(Debug, Clone)]
pub(in crate::handlers) struct Place {
    pub(in crate::handlers) zone: String,
    pub(in crate::handlers) vpc: String,
    pub(in crate::handlers) vswitch: String,
}

impl Place {
    fn of(vswitch: &VSwitch) -> Self {
        Place { zone: vswitch.zone.clone(), vpc: vswitch.vpc.clone(), vswitch: vswitch.id.clone() }
    }
}

/// Returns the vSwitch with an ID.
pub(super) fn vswitch(call: &Call<'_>, region: &Region, id: &str) -> Result<Place> {
    let found = call.state.vswitches.get(id).filter(|vswitch| vswitch.region == region.id);
    let vswitch = found.ok_or_else(|| {
        let message =
            format!("The vSwitch {id:?} does not exist in {}; DescribeVSwitches lists the vSwitches.", region.id);
        // Some operations document the code with two statuses.
        EcsError::new(404, "InvalidVSwitchId.NotFound", message)
    })?;
    vswitches::check_available(call, vswitch)?;
    Ok(Place::of(vswitch))
}

/// Returns the place that the request names, or a default vSwitch with enough free addresses in a zone that sells the type.
pub(super) fn place(
    call: &mut Call<'_>,
    region: &Region,
    ty: &InstanceType,
    (vswitch_id, amount): (Option<&str>, u32),
) -> Result<Place> {
    let zone = call.zone(region)?.and_then(|zone| region.zones.get(zone));
    let named = vswitch_id.map(|id| vswitch(call, region, id)).transpose()?;
    if let (Some(place), Some(zone)) = (&named, zone)
        && place.zone != *zone
    {
        let message = format!("The vSwitch {} is in {}, not in {zone}.", place.vswitch, place.zone);
        return Err(call.error("InvalidParameter.Mismatch", 400, message));
    }
    let asked = named.as_ref().map(|place| &place.zone).or(zone);
    let zones: Vec<&String> = asked.map_or_else(|| region.zones.iter().collect(), |zone| vec![zone]);
    let selling: Vec<&String> = zones.iter().copied().filter(|zone| call.stock(zone, ty) == Stock::Available).collect();
    if selling.is_empty() && !call.lenient {
        return Err(not_sold(call, region, ty, &zones));
    }
    let zones = if selling.is_empty() { zones.iter().map(|zone| (*zone).clone()).collect() } else { owned(&selling) };
    match named {
        Some(place) => Ok(place),
        None => default_place(call, region, &zones, amount),
    }
}

fn owned(zones: &[&String]) -> Vec<String> {
    zones.iter().map(|zone| (*zone).clone()).collect()
}

fn not_sold(call: &Call<'_>, region: &Region, ty: &InstanceType, zones: &[&String]) -> EcsError {
    let name = if let [zone] = zones { zone.as_str() } else { region.id.as_str() };
    if zones.iter().any(|zone| call.stock(zone, ty) == Stock::SoldOut) {
        return call.error("OperationDenied.NoStock", 403, format!("{} is sold out in {name}.", ty.id));
    }
    let message =
        format!("{} is not available in {name}; DescribeAvailableResource lists the zones that have it.", ty.id);
    call.error("InvalidInstanceType.ZoneNotSupported", 403, message)
}

/// Returns a default vSwitch in one of the zones: one that exists and has enough free addresses, or else a new one.
fn default_place(call: &mut Call<'_>, region: &Region, zones: &[String], amount: u32) -> Result<Place> {
    let fits = |zone: &String| call.state.default_vswitches(zone).find(|vswitch| vswitch.available() >= amount);
    if let Some(vswitch) = zones.iter().find_map(fits) {
        return Ok(Place::of(vswitch));
    }
    let now = call.now;
    let id = zones.iter().find_map(|zone| call.state.default_vswitch(region, zone, amount, now));
    let vswitch = id.and_then(|id| call.state.vswitches.get(&id)).map(Place::of);
    vswitch.ok_or_else(|| {
        let message = format!("{} has no default VPC with free addresses; set VSwitchId.", region.id);
        call.error("InvalidVSwitchId.Necessary", 400, message)
    })
}

/// Returns the security groups of the request, or the first one of the VPC.
pub(super) fn groups(call: &Call<'_>, region: &Region, options: &Args, vpc: &str) -> Result<Vec<String>> {
    let mut groups = options.strings("SecurityGroupIds").unwrap_or_default();
    if let Some(group) = options.string("SecurityGroupId") {
        if !groups.is_empty() {
            let message = "Specify either SecurityGroupId or SecurityGroupIds, not both.";
            return Err(call.error("InvalidSecurityGroupId.SingleIdAndMultiIdConflict", 400, message));
        }
        groups.push(group);
    }
    if groups.is_empty() {
        let first = call.state.security_groups.linked(vpc).next();
        return first.map(|group| vec![group.id.clone()]).ok_or_else(|| EcsError::missing("SecurityGroupId"));
    }
    membership::check(call, &region.id, vpc, &groups)?;
    Ok(groups.into_iter().map(str::to_owned).collect())
}

/// Returns consecutive private addresses, of which the request names the first; none if it names none.
pub(super) fn private_addresses(
    call: &Call<'_>,
    wanted: Option<&str>,
    vswitch: &str,
    amount: u32,
) -> Result<Vec<Ipv4Addr>> {
    let Some(text) = wanted else { return Ok(Vec::new()) };
    let Ok(first) = text.parse::<Ipv4Addr>() else {
        return Err(call.error("InvalidPrivateIpAddress.Malformed", 400, format!("{text:?} is not an IPv4 address.")));
    };
    let addresses = (0..amount).map(|offset| Ipv4Addr::from(u32::from(first).saturating_add(offset)));
    addresses.map(|address| private_address(call, &address.to_string(), vswitch)).collect()
}

/// Reads a private address, which must be free.
pub(in crate::handlers) fn private_address(call: &Call<'_>, text: &str, vswitch: &str) -> Result<Ipv4Addr> {
    let Ok(address) = text.parse::<Ipv4Addr>() else {
        return Err(call.error("InvalidPrivateIpAddress.Malformed", 400, format!("{text:?} is not an IPv4 address.")));
    };
    if !call.state.vswitches.get(vswitch).is_some_and(|row| row.contains(address)) {
        let message = format!("{address} is not an address of the vSwitch {vswitch} that can be assigned.");
        return Err(call.error("InvalidPrivateIpAddress", 400, message));
    }
    if call.state.is_address_used(vswitch, address) {
        let message = format!("{address} is already in use.");
        return Err(call.error("InvalidPrivateIpAddress.Duplicated", 400, message));
    }
    Ok(address)
}

/// Returns the IPv6 addresses of an interface: those that the options name, or as many as they ask for.
pub(in crate::handlers) fn ipv6_addresses(call: &mut Call<'_>, options: &Args, vswitch: &str) -> Result<Vec<Ipv6Addr>> {
    let named = options.strings("Ipv6Address").unwrap_or_default();
    let count = options.count("Ipv6AddressCount").unwrap_or(0);
    if named.is_empty() && count == 0 {
        return Ok(Vec::new());
    }
    if !named.is_empty() && count > 0 {
        let message = "Specify either Ipv6Address or Ipv6AddressCount, not both.";
        return Err(call.error("InvalidParam.IpAssign", 403, message));
    }
    let block = call.state.vswitches.get(vswitch).map(|row| row.ipv6_cidr.clone()).unwrap_or_default();
    let prefix = block.split_once('/').and_then(|(prefix, _)| prefix.parse::<Ipv6Addr>().ok());
    let Some(prefix) = prefix.map(u128::from) else {
        let message = format!("The vSwitch {vswitch} has no IPv6 addresses; enable them first.");
        return Err(call.error("InvalidVSwitch.Ipv6NotTurnOn", 403, message));
    };
    let mut addresses = Vec::new();
    for text in named {
        let inside = |address: &Ipv6Addr| address.to_bits() >> 64 == prefix >> 64;
        let Some(address) = text.parse().ok().filter(inside) else {
            let message = format!("{text:?} is not an IPv6 address of the vSwitch {vswitch}, which has {block}.");
            return Err(call.error("InvalidIp.Address", 403, message));
        };
        if addresses.contains(&address) || call.state.interfaces.count(&address.to_string()) > 0 {
            return Err(call.error("InvalidIp.IpAssigned", 403, format!("{address} is already in use.")));
        }
        addresses.push(address);
    }
    // The second half is random, so that two are practically never the same.
    let random = (0..count).map(|_| Ipv6Addr::from_bits(prefix >> 64 << 64 | u128::from(call.state.ids.number())));
    addresses.extend(random);
    Ok(addresses)
}

/// Returns the inbound bandwidth that goes with an outbound one, in Mbit/s.
pub(in crate::handlers) fn default_incoming(outgoing: i64) -> i64 {
    if outgoing > 0 { outgoing.max(10) } else { -1 }
}

/// Reads bandwidth and billing of the public network.
pub(super) fn internet(call: &Call<'_>) -> Result<Internet> {
    let billing = ["PayByTraffic", "PayByBandwidth"];
    call.one_of("InternetChargeType", &billing, 400, "InvalidInternetChargeType.ValueNotSupported")?;
    let charge_type = call.args.string_or("InternetChargeType", "PayByTraffic");
    let outgoing = call.args.int("InternetMaxBandwidthOut").unwrap_or(0);
    let incoming = call.args.int("InternetMaxBandwidthIn").unwrap_or_else(|| default_incoming(outgoing));
    Ok(Internet { ip: None, charge_type: charge_type.to_owned(), incoming, outgoing })
}
