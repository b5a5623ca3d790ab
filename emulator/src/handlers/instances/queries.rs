//! DescribeInstances and DescribeInstanceStatus.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr},
};

use serde_json::{Value, json};

use super::render;
use crate::{
    call::{Call, Found},
    catalog::Region,
    error::{EcsError, Result},
    filters::Times,
    handlers::Entry,
    paging,
    resources::{Instance, KeyPair},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] =
    &[("ecs", "DescribeInstanceStatus", describe_instance_status), ("ecs", "DescribeInstances", describe_instances)];

fn describe_instances(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    check_values(call)?;
    let times = Times::read(call, &[])?;
    let wanted = |instance: &Instance| {
        instance.region == region.id && matches(call, instance) && times.hold(*instance.created, instance.expires)
    };
    let found = match (by_address(call), narrowest_link(call, region)) {
        (Some(rows), _) => Found::Some(rows.into_iter().filter(|row| wanted(row)).collect()),
        (None, Some(link)) if call.args.strings("InstanceIds").is_none() => {
            Found::Some(call.state.instances.linked(&link).filter(|row| wanted(row)).collect())
        }
        _ => call.find(&call.state.instances, &region.id, (&["InstanceIds"], &[]), wanted),
    };
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Instances", "Instance", |instance| render::instance(call, instance)))
}

/// Returns the instances with the addresses that the call filters by, in order of creation; `None` if it filters by none.
fn by_address<'c>(call: &'c Call<'_>) -> Option<Vec<&'c Instance>> {
    let (args, state) = (call.args, &call.state);
    let list = |name: &str| args.strings(name);
    let mut found: Option<BTreeMap<u64, &Instance>> = None;
    let mut narrow = |rows: Vec<&'c Instance>| {
        let rows: BTreeMap<u64, &Instance> = rows.into_iter().map(|row| (row.sequence, row)).collect();
        found = Some(match found.take() {
            Some(known) => known.into_iter().filter(|(sequence, _)| rows.contains_key(sequence)).collect(),
            None => rows,
        });
    };
    for name in ["PrivateIpAddresses", "PublicIpAddresses"] {
        if let Some(addresses) = list(name) {
            narrow(addresses.into_iter().flat_map(|address| state.instances.linked(address)).collect());
        }
    }
    if let Some(addresses) = list("EipAddresses") {
        let eips = addresses.into_iter().flat_map(|address| state.eips.linked(address));
        narrow(eips.filter_map(|eip| state.instances.get(eip.instance.as_deref()?)).collect());
    }
    if let Some(addresses) = list("Ipv6Address") {
        let addresses = addresses.into_iter().filter_map(|text| text.parse::<Ipv6Addr>().ok());
        let interfaces = addresses.flat_map(|address| state.interfaces.linked(&address.to_string()));
        narrow(interfaces.filter_map(|own| state.instances.get(own.instance.as_deref()?)).collect());
    }
    // No instance has an address of the classic network or an RDMA address.
    if list("InnerIpAddresses").is_some() || args.string("RdmaIpAddresses").is_some() {
        narrow(Vec::new());
    }
    found.map(|found| found.into_values().collect())
}

/// Returns the link with the fewest instances of those that the call filters by; `None` if there is none.
fn narrowest_link(call: &Call<'_>, region: &Region) -> Option<String> {
    let args = call.args;
    let mut links: Vec<String> = ["VSwitchId", "SecurityGroupId", "VpcId", "ZoneId", "ImageId"]
        .into_iter()
        .filter_map(|name| args.string(name).map(str::to_owned))
        .collect();
    links.extend(args.string("KeyPairName").map(|name| KeyPair::link(&region.id, name)));
    links.extend(args.string("InstanceName").filter(|name| !name.contains('*')).map(Instance::name_link));
    for tag in args.structs("Tag") {
        if let (Some(key), Some(value)) = (tag.string("Key"), tag.string("Value")) {
            links.push(Instance::tag_link(key, value));
        }
    }
    links.into_iter().min_by_key(|link| call.state.instances.count(link))
}

/// Rejects invalid values with the codes that the operation documents for them.
fn check_values(call: &Call<'_>) -> Result<()> {
    let states = ["Pending", "Running", "Starting", "Stopping", "Stopped"];
    call.one_of("Status", &states, 404, "InvalidStatus.NotFound")?;
    call.one_of("InstanceChargeType", &["PostPaid", "PrePaid"], 404, "InvalidInstanceChargeType.NotFound")?;
    call.one_of("InstanceNetworkType", &["vpc", "classic"], 404, "InvalidNetworkType.NotFound")?;
    let billing = ["PayByTraffic", "PayByBandwidth"];
    call.one_of("InternetChargeType", &billing, 404, "InvalidInternetChargeType.ValueNotSupported")?;
    let locks = ["financial", "security", "Recycling", "dedicatedhostfinancial", "refunded"];
    call.one_of("LockReason", &locks, 404, "InvalidLockReason.NotFound")?;
    if let Some(id) = call.args.string("HpcClusterId").filter(|_| !call.lenient) {
        let message = format!("The HPC cluster {id:?} does not exist; the emulator has none.");
        return Err(call.error("InvalidHpcClusterId.NotFound", 400, message));
    }
    for name in ["PrivateIpAddresses", "PublicIpAddresses", "EipAddresses"] {
        for address in call.args.strings(name).unwrap_or_default() {
            if address.parse::<Ipv4Addr>().is_err() {
                return Err(EcsError::invalid(name, format_args!("{address:?} is not an IPv4 address")));
            }
        }
    }
    Ok(())
}

fn matches(call: &Call<'_>, instance: &Instance) -> bool {
    let charge_type = if instance.prepaid { "PrePaid" } else { "PostPaid" };
    let of_family =
        |family: &str| call.instance_type(&instance.instance_type).is_some_and(|ty| ty.family.name == family);
    // The most frequent filters come first.
    call.listed("InstanceIds", &instance.id)
        && call.matches_pattern("InstanceName", &instance.name)
        && call.listed("PrivateIpAddresses", &instance.private_ip)
        && call.listed("PublicIpAddresses", instance.internet.ip.as_deref().unwrap_or_default())
        && call.matches("Status", instance.status(call.now).as_str())
        && call.matches("ZoneId", &instance.zone)
        && call.matches("InstanceType", &instance.instance_type)
        && call.args.string("InstanceTypeFamily").is_none_or(of_family)
        && call.matches("InstanceChargeType", charge_type)
        && call.matches("InstanceNetworkType", "vpc")
        && call.matches("InternetChargeType", &instance.internet.charge_type)
        && call.matches("ImageId", &instance.image)
        && call.matches("VpcId", &instance.vpc)
        && call.matches("VSwitchId", &instance.vswitch)
        && call.matches("KeyPairName", &instance.key_pair)
        && call.matches("ResourceGroupId", &instance.resource_group)
        && call.matches("HttpEndpoint", &instance.metadata.endpoint)
        && call.matches("HttpTokens", &instance.metadata.tokens)
        && call.args.int("HttpPutResponseHopLimit").is_none_or(|hops| hops == instance.metadata.hops)
        && call.args.string("SecurityGroupId").is_none_or(|group| instance.groups.iter().any(|own| own == group))
        && call.args.string("LockReason").is_none_or(|lock| instance.is_locked(lock))
        && call.args.boolean("IoOptimized").is_none_or(|optimized| optimized)
        && call.args.boolean("DeviceAvailable").is_none_or(|available| available)
        && call.tags_match(&instance.tags)
}

fn describe_instance_status(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    call.zone(region)?;
    let found = call.find(&call.state.instances, &region.id, (&["InstanceId"], &[]), |instance| {
        call.matches("ZoneId", &instance.zone) && call.listed("InstanceId", &instance.id)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(
        call,
        "InstanceStatuses",
        "InstanceStatus",
        |instance| json!({ "InstanceId": instance.id, "Status": instance.status(call.now).as_str() }),
    ))
}
