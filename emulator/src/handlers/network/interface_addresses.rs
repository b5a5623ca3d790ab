//! Secondary private addresses and IPv6 addresses of network interfaces.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use super::interface_rules::{interface, needs};
use crate::{
    call::Call,
    error::{EcsError, Result},
    handlers::Entry,
    resources::{Interface, InterfaceStatus, VSwitch},
    rules,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "AssignIpv6Addresses", assign_ipv6_addresses),
    ("ecs", "AssignPrivateIpAddresses", assign_private_ip_addresses),
    ("ecs", "UnassignIpv6Addresses", unassign_ipv6_addresses),
    ("ecs", "UnassignPrivateIpAddresses", unassign_private_ip_addresses),
];

/// Private addresses that an interface can have beside its primary one, if it is not attached.
const MAX_SECONDARY: usize = 49;

/// IPv6 addresses that an interface can have.
const MAX_IPV6: usize = 10;

/// Rejects prefixes: the vSwitches here reserve no blocks for them.
pub(super) fn refuse_prefixes(call: &Call<'_>) -> Result<()> {
    for name in ["Ipv4Prefix", "Ipv4PrefixCount", "Ipv6Prefix", "Ipv6PrefixCount"] {
        if call.args.get(name).is_some() {
            let message =
                format!("{name} needs a vSwitch with a reserved CIDR block, which this emulator does not have.");
            return Err(call.error("InvalidOperation.VSwitchCidrReservationNotExist", 404, message));
        }
    }
    Ok(())
}

/// Checks private addresses that a call asks for.
pub(super) fn requested(call: &Call<'_>, vswitch: &VSwitch, strings: &[&str]) -> Result<Vec<Ipv4Addr>> {
    let mut addresses = Vec::new();
    for text in strings {
        let Ok(address) = text.parse::<Ipv4Addr>() else {
            let message = format!("{text:?} is not an IPv4 address.");
            return Err(call.error_of(&["InvalidPrivateIpAddress.Malformed", "InvalidIp.Address"], 400, message));
        };
        if !vswitch.contains(address) {
            let message = format!("{address} is not in {}, the block of {}.", vswitch.cidr, vswitch.id);
            return Err(call.error_of(
                &["InvalidVSwitchId.IpInvalid", "InvalidOperation.AddressNotInVSwitchCidr"],
                403,
                message,
            ));
        }
        if addresses.contains(&address) {
            return Err(call.error("InvalidIp.IpRepeated", 403, format!("{address} is named twice.")));
        }
        if call.state.is_address_used(&vswitch.id, address) {
            let message = format!("{address} is in use.");
            return Err(call.error_of(&["InvalidIp.IpAssigned", "InvalidPrivateIpAddress.Duplicated"], 403, message));
        }
        addresses.push(address);
    }
    Ok(addresses)
}

/// Returns the private addresses that a call asks for, by themselves or by their number.
pub(super) fn take_ipv4(
    call: &Call<'_>,
    vswitch: &VSwitch,
    (list, count): (&'static str, &'static str),
) -> Result<Vec<Ipv4Addr>> {
    match (call.args.strings(list), call.args.int(count)) {
        (Some(_), Some(_)) => {
            let message = format!("Specify either {list} or {count}, not both.");
            Err(call.error("InvalidParameter.Conflict", 400, message))
        }
        (Some(strings), None) => requested(call, vswitch, &strings),
        (None, Some(number)) => {
            let number = usize::try_from(number).unwrap_or_default();
            let free = call.state.free_addresses(&vswitch.id, number);
            if free.len() < number {
                let message = format!("The vSwitch {} has {} free addresses.", vswitch.id, free.len());
                return Err(call.error("InvalidVSwitchId.IpNotEnough", 403, message));
            }
            Ok(free)
        }
        (None, None) => Ok(Vec::new()),
    }
}

/// Returns the IPv6 addresses that a call asks for, by themselves or by their number.
pub(super) fn take_ipv6(call: &Call<'_>, vswitch: &VSwitch, present: usize) -> Result<Vec<Ipv6Addr>> {
    let (list, number) = (call.args.strings("Ipv6Address"), call.args.int("Ipv6AddressCount"));
    if list.is_none() && number.is_none() {
        return Ok(Vec::new());
    }
    let Ok((base, _)) = rules::ipv6_block(&vswitch.ipv6_cidr) else {
        let message = format!("The vSwitch {} has no IPv6 CIDR block.", vswitch.id);
        return Err(call.error_of(
            &["InvalidOperation.VSwitchIpv6Disabled", "InvalidVSwitch.Ipv6NotTurnOn"],
            404,
            message,
        ));
    };
    let used = |address: Ipv6Addr| call.state.interfaces.count(&address.to_string()) > 0;
    let addresses: Vec<Ipv6Addr> = match (list, number) {
        (Some(_), Some(_)) => {
            let message = "Specify either Ipv6Address or Ipv6AddressCount, not both.";
            return Err(call.error("InvalidParameter.Conflict", 400, message));
        }
        (Some(strings), None) => {
            let mut addresses = Vec::new();
            for text in strings {
                let address = text.parse::<Ipv6Addr>().ok();
                // vSwitches have blocks with a prefix of 64 bits.
                let inside = address.filter(|address| address.octets()[..8] == base.octets()[..8]);
                let Some(address) = inside else {
                    let message = format!("{text:?} is not an IPv6 address in {}.", vswitch.ipv6_cidr);
                    return Err(call.error_of(&["InvalidVSwitchId.IpInvalid", "InvalidIp.Address"], 403, message));
                };
                if used(address) || addresses.contains(&address) {
                    let message = format!("{address} is in use.");
                    return Err(call.error_of(&["InvalidIp.IpAssigned", "InvalidIp.IpRepeated"], 403, message));
                }
                addresses.push(address);
            }
            addresses
        }
        (None, number) => {
            let number = usize::try_from(number.unwrap_or_default()).unwrap_or_default();
            let first = u128::from(base) + 0x100;
            (first..).map(Ipv6Addr::from).filter(|address| !used(*address)).take(number.min(MAX_IPV6 + 1)).collect()
        }
    };
    if present + addresses.len() > MAX_IPV6 {
        let message = format!("A network interface can have {MAX_IPV6} IPv6 addresses.");
        return Err(call.documented(
            |code| code.ends_with("Ipv6IpsCountExceeded"),
            (403, "MaxEniIpv6IpsCountExceeded"),
            message,
        ));
    }
    Ok(addresses)
}

/// Returns an interface that can be given addresses, and its vSwitch.
fn changeable(call: &Call<'_>) -> Result<(Interface, VSwitch)> {
    let found = interface(call)?;
    needs(call, found, &[InterfaceStatus::Available, InterfaceStatus::InUse])?;
    let vswitch = call.state.vswitches.get(&found.vswitch).cloned().unwrap_or_default();
    Ok((found.clone(), vswitch))
}

fn assign_private_ip_addresses(call: &mut Call<'_>) -> Result<Value> {
    refuse_prefixes(call)?;
    let (row, vswitch) = changeable(call)?;
    let added = take_ipv4(call, &vswitch, ("PrivateIpAddress", "SecondaryPrivateIpAddressCount"))?;
    if added.is_empty() {
        return Err(EcsError::missing("PrivateIpAddress"));
    }
    let added: Vec<String> = added.iter().map(Ipv4Addr::to_string).collect();
    let all: Vec<String> = row.secondary_ips.iter().chain(&added).cloned().collect();
    if all.len() > MAX_SECONDARY {
        let message = format!("{} would have {} secondary addresses; it can have {MAX_SECONDARY}.", row.id, all.len());
        return Err(call.error("MaxEniPrivateIpsCountExceeded", 403, message));
    }
    call.state.set_secondary_addresses(&row.id, all);
    Ok(json!({
        "AssignedPrivateIpAddressesSet": {
            "NetworkInterfaceId": row.id,
            "PrivateIpSet": { "PrivateIpAddress": added },
        },
    }))
}

fn unassign_private_ip_addresses(call: &mut Call<'_>) -> Result<Value> {
    let (row, _) = changeable(call)?;
    let gone = call.args.strings("PrivateIpAddress").unwrap_or_default();
    if gone.is_empty() {
        return Err(EcsError::missing("PrivateIpAddress"));
    }
    if let Some(wrong) = gone.iter().find(|address| !row.secondary_ips.iter().any(|own| own == *address)) {
        let message = format!("{wrong:?} is not a secondary address of {}.", row.id);
        return Err(call.error("InvalidIp.IpUnassigned", 403, message));
    }
    let left = row.secondary_ips.iter().filter(|own| !gone.contains(&own.as_str())).cloned().collect();
    call.state.set_secondary_addresses(&row.id, left);
    Ok(json!({}))
}

fn assign_ipv6_addresses(call: &mut Call<'_>) -> Result<Value> {
    refuse_prefixes(call)?;
    let (row, vswitch) = changeable(call)?;
    let added = take_ipv6(call, &vswitch, row.ipv6.len())?;
    if added.is_empty() {
        return Err(EcsError::missing("Ipv6Address"));
    }
    if let Some(mut interface) = call.state.interfaces.get_mut(&row.id) {
        interface.ipv6.extend(&added);
    }
    Ok(json!({ "NetworkInterfaceId": row.id, "Ipv6Sets": { "Ipv6Address": added } }))
}

fn unassign_ipv6_addresses(call: &mut Call<'_>) -> Result<Value> {
    let (row, _) = changeable(call)?;
    let parse = |text: &str| text.parse::<Ipv6Addr>().ok();
    let strings = call.args.strings("Ipv6Address").unwrap_or_default();
    if strings.is_empty() {
        return Err(EcsError::missing("Ipv6Address"));
    }
    let gone: Vec<Ipv6Addr> = strings.iter().filter_map(|text| parse(text)).collect();
    let wrong = strings.iter().find(|text| parse(text).is_none_or(|address| !row.ipv6.contains(&address)));
    if let Some(wrong) = wrong {
        return Err(call.error("InvalidIp.IpUnassigned", 403, format!("{wrong:?} is not an address of {}.", row.id)));
    }
    if let Some(mut interface) = call.state.interfaces.get_mut(&row.id) {
        interface.ipv6.retain(|own| !gone.contains(own));
    }
    Ok(json!({}))
}
