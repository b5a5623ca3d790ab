//! DescribeInstances and DescribeInstanceStatus.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::Entry;
use super::render;
use crate::{
    call::Call,
    error::{EcsError, Result},
    filters::Times,
    paging,
    resources::Instance,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] =
    &[("ecs", "DescribeInstanceStatus", describe_instance_status), ("ecs", "DescribeInstances", describe_instances)];

fn describe_instances(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    check_values(call)?;
    let times = Times::read(call, &[])?;
    let args = call.args;
    let addresses = [args.strings("PrivateIpAddresses"), args.strings("PublicIpAddresses")];
    for address in addresses.iter().flatten().flatten() {
        if address.parse::<Ipv4Addr>().is_err() {
            return Err(EcsError::invalid("IpAddresses", format_args!("{address:?} is not an IPv4 address")));
        }
    }
    // No instance has an address of the classic network, an RDMA address or an EIP, and none is in an HPC cluster.
    let impossible = args.strings("InnerIpAddresses").is_some()
        || args.strings("EipAddresses").is_some()
        || args.string("RdmaIpAddresses").is_some()
        || args.string("HpcClusterId").is_some()
        || args.list("Ipv6Address").is_some();
    let found = call.find(&call.state.instances, &region.id, (&["InstanceIds"], &["ImageId"]), |instance| {
        !impossible && matches(call, instance) && times.hold(*instance.created, instance.expires)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Instances", "Instance", |instance| render::instance(call, instance)))
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
    call.one_of("LockReason", &locks, 404, "InvalidLockReason.NotFound")
}

fn matches(call: &Call<'_>, instance: &Instance) -> bool {
    let charge_type = if instance.prepaid { "PrePaid" } else { "PostPaid" };
    let of_family =
        |family: &str| call.catalog.instance_type(&instance.instance_type).is_some_and(|ty| ty.family.name == family);
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
