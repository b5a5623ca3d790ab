//! Instances in the form of DescribeInstances.

use serde_json::{Value, json};

use crate::{
    call::{Call, list, tag_list},
    clock,
    resources::{Instance, Interface, Metadata, Status},
};

/// Expiration time that the service reports for instances that never expire.
const NEVER_EXPIRES: &str = "2099-12-31T15:59Z";

/// Members of an instance. To collect them at once costs much less than to merge structs, or than `json!`, which adds them one by
/// one.
type Members = Vec<(&'static str, Value)>;

pub(super) fn instance(call: &Call<'_>, instance: &Instance) -> Value {
    let parts = identity(call, instance).into_iter().chain(hardware(call, instance));
    let mut members: Value = parts.chain(network(call, instance)).chain(billing(instance)).collect();
    for (name, option) in instance.options.iter().flat_map(|options| options.iter()) {
        match (members.get_mut(name), option) {
            // DescribeInstanceAttribute alone has this one.
            _ if name == "NetworkOptions" => {}
            (Some(Value::Object(members)), Value::Object(own)) => members.extend(own.clone()),
            _ => members[name.as_str()] = option.clone(),
        }
    }
    members
}

/// Names and type of an operating system.
#[derive(Default)]
struct System<'c> {
    chinese: &'c str,
    english: &'c str,
    kind: &'c str,
}

/// Returns the operating system of an instance, which its image gives.
fn system<'c>(call: &'c Call<'_>, instance: &Instance) -> System<'c> {
    if let Some(image) = call.catalog.image(&instance.image) {
        return System { chinese: &image.system_zh, english: &image.system, kind: image.os_type() };
    }
    let own = call.state.images.get(&instance.image);
    own.map(|image| System { chinese: &image.system_zh, english: &image.system, kind: &image.os_type })
        .unwrap_or_default()
}

/// Returns the English name of the operating system of an instance.
pub(super) fn system_name<'c>(call: &'c Call<'_>, instance: &Instance) -> &'c str {
    system(call, instance).english
}

/// Whether the operating system of an instance is Windows.
pub(in crate::handlers) fn is_windows(call: &Call<'_>, instance: &Instance) -> bool {
    system(call, instance).kind == "windows"
}

fn identity(call: &Call<'_>, instance: &Instance) -> Members {
    let now = call.now;
    let system = system(call, instance);
    let stopped = instance.status(now) == Status::Stopped;
    let locks: Vec<Value> =
        instance.locks.iter().map(|lock| json!({ "LockReason": lock, "LockMsg": lock_message(lock) })).collect();
    vec![
        ("InstanceId", instance.id.as_str().into()),
        ("InstanceName", instance.name.as_str().into()),
        ("Description", instance.description.as_str().into()),
        ("HostName", instance.host_name.as_str().into()),
        ("RegionId", instance.region.as_str().into()),
        ("ZoneId", instance.zone.as_str().into()),
        ("ClusterId", "".into()),
        ("SerialNumber", instance.serial.as_str().into()),
        ("Status", instance.status(now).as_str().into()),
        ("StoppedMode", if stopped { instance.stopped_mode.as_str() } else { "Not-applicable" }.into()),
        ("CreationTime", clock::minutes(*instance.created).into()),
        ("StartTime", instance.started.filter(|at| *at <= now).map(clock::minutes).unwrap_or_default().into()),
        ("ImageId", instance.image.as_str().into()),
        ("OSName", system.chinese.into()),
        ("OSNameEn", system.english.into()),
        ("OSType", system.kind.into()),
        ("KeyPairName", instance.key_pair.as_str().into()),
        ("ResourceGroupId", instance.resource_group.as_str().into()),
        ("DeletionProtection", instance.deletion_protection.into()),
        ("DeviceAvailable", true.into()),
        ("Recyclable", false.into()),
        ("OperationLocks", list("LockReason", locks)),
        ("Tags", tag_list(&instance.tags)),
        ("MetadataOptions", metadata_options(&instance.metadata)),
        ("DeploymentSetId", "".into()),
        ("HpcClusterId", "".into()),
        ("DedicatedHostAttribute", empty(["DedicatedHostId", "DedicatedHostName", "DedicatedHostClusterId"])),
        ("DedicatedInstanceAttribute", empty(["Affinity", "Tenancy"])),
        ("EcsCapacityReservationAttr", empty(["CapacityReservationId", "CapacityReservationPreference"])),
        ("HibernationOptions", Value::from_iter([("Configured", instance.hibernation)])),
    ]
}

fn metadata_options(metadata: &Metadata) -> Value {
    Value::from_iter([
        ("HttpEndpoint", metadata.endpoint.as_str().into()),
        ("HttpTokens", metadata.tokens.as_str().into()),
        ("HttpPutResponseHopLimit", Value::from(metadata.hops)),
        ("InstanceMetadataTags", if metadata.tags { "enabled" } else { "disabled" }.into()),
    ])
}

/// Returns a struct whose members are empty.
fn empty<const N: usize>(names: [&str; N]) -> Value {
    names.into_iter().map(|name| (name, "")).collect()
}

fn hardware(call: &Call<'_>, instance: &Instance) -> Members {
    let Some(ty) = call.instance_type(&instance.instance_type) else {
        return vec![("InstanceType", instance.instance_type.as_str().into())];
    };
    let (gpus, model) = ty.gpu();
    let mut members = vec![
        ("InstanceType", ty.id.as_str().into()),
        ("InstanceTypeFamily", ty.family.name.as_str().into()),
        ("Cpu", ty.cpu.into()),
        ("Memory", ty.mebibytes().into()),
        ("GPUAmount", gpus.into()),
        ("GPUSpec", model.into()),
        ("IoOptimized", true.into()),
        ("CreditSpecification", instance.credit.as_str().into()),
        ("CpuOptions", json!({ "CoreCount": ty.cpu.div_ceil(2), "ThreadsPerCore": ty.cpu.min(2), "Numa": "ON" })),
    ];
    if let Some(local) = &ty.local_disks {
        members.push(("LocalStorageAmount", local.count.into()));
        members.push(("LocalStorageCapacity", local.size.into()));
    }
    members
}

fn network(call: &Call<'_>, instance: &Instance) -> Members {
    let public: Vec<&str> = instance.internet.ip.as_deref().into_iter().collect();
    vec![
        ("InstanceNetworkType", "vpc".into()),
        ("SecurityGroupIds", list("SecurityGroupId", instance.groups.as_slice())),
        ("PublicIpAddress", list("IpAddress", public)),
        ("InnerIpAddress", list("IpAddress", Vec::<Value>::new())),
        ("RdmaIpAddress", list("IpAddress", Vec::<Value>::new())),
        ("EipAddress", eip_address(call, instance)),
        ("VpcAttributes", vpc_attributes(instance)),
        ("NetworkInterfaces", list("NetworkInterface", interfaces(call, instance))),
        ("InternetChargeType", instance.internet.charge_type.as_str().into()),
        ("InternetMaxBandwidthIn", instance.internet.incoming.into()),
        ("InternetMaxBandwidthOut", instance.internet.outgoing.into()),
        ("VlanId", "".into()),
    ]
}

fn vpc_attributes(instance: &Instance) -> Value {
    Value::from_iter([
        ("VpcId", instance.vpc.as_str().into()),
        ("VSwitchId", instance.vswitch.as_str().into()),
        ("NatIpAddress", "".into()),
        ("PrivateIpAddress", list("IpAddress", vec![instance.private_ip.as_str()])),
    ])
}

/// Returns the elastic IP address of an instance, with empty members if it has none.
fn eip_address(call: &Call<'_>, instance: &Instance) -> Value {
    match call.state.eips.linked(&instance.id).next() {
        None => empty(["AllocationId", "IpAddress", "InternetChargeType"]),
        Some(eip) => json!({
            "AllocationId": eip.id,
            "IpAddress": eip.address,
            "InternetChargeType": eip.internet_charge_type,
            "Bandwidth": eip.bandwidth,
            "IsSupportUnassociate": true,
        }),
    }
}

/// Returns the network interfaces of an instance, the primary one first.
fn interfaces(call: &Call<'_>, instance: &Instance) -> Vec<Value> {
    let mut interfaces: Vec<_> = call.state.interfaces.linked(&instance.id).collect();
    interfaces.sort_by_key(|interface| !interface.primary);
    let address = |address: &String, primary| json!({ "PrivateIpAddress": address, "Primary": primary });
    let write = |interface: &Interface| {
        let others = interface.secondary_ips.iter().map(|own| address(own, false));
        let addresses: Vec<Value> = std::iter::once(address(&interface.private_ip, true)).chain(others).collect();
        let ipv6: Vec<Value> = interface.ipv6.iter().map(|address| json!({ "Ipv6Address": address })).collect();
        Value::from_iter([
            ("NetworkInterfaceId", interface.id.as_str().into()),
            ("Type", if interface.primary { "Primary" } else { "Secondary" }.into()),
            ("MacAddress", interface.mac.as_str().into()),
            ("PrimaryIpAddress", interface.private_ip.as_str().into()),
            ("PrivateIpSets", list("PrivateIpSet", addresses)),
            ("Ipv6Sets", list("Ipv6Set", ipv6)),
        ])
    };
    interfaces.into_iter().map(write).collect()
}

fn billing(instance: &Instance) -> Members {
    let mut members = vec![
        ("InstanceChargeType", if instance.prepaid { "PrePaid" } else { "PostPaid" }.into()),
        ("SaleCycle", if instance.prepaid { instance.renewal.unit.to_lowercase() } else { String::new() }.into()),
        ("ExpiredTime", instance.expires.map_or(NEVER_EXPIRES.to_owned(), clock::minutes).into()),
        ("AutoReleaseTime", instance.auto_release.map(clock::minutes).unwrap_or_default().into()),
        ("SpotStrategy", instance.spot.strategy.as_str().into()),
        ("SpotPriceLimit", instance.spot.limit.unwrap_or(0.0).into()),
    ];
    if instance.is_spot() {
        members.push(("SpotDuration", instance.spot.duration.into()));
        members.push(("SpotInterruptionBehavior", instance.spot.behavior.as_str().into()));
    }
    members
}

fn lock_message(lock: &str) -> &'static str {
    match lock {
        "Recycling" => "The spot instance is about to be reclaimed.",
        "financial" => "The subscription of the instance has expired.",
        _ => "",
    }
}
