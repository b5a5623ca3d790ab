//! Instances in the form of DescribeInstances.

use serde_json::{Value, json};

use crate::{
    call::{Call, tag_list},
    clock,
    resources::{Instance, Interface, Status},
};

/// Expiration time that the service reports for instances that never expire.
const NEVER_EXPIRES: &str = "2099-12-31T15:59Z";

pub(super) fn instance(call: &Call<'_>, instance: &Instance) -> Value {
    let mut members = identity(call, instance);
    for part in [hardware(call, instance), network(call, instance), billing(instance)] {
        if let (Value::Object(members), Value::Object(part)) = (&mut members, part) {
            members.extend(part);
        }
    }
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
pub(super) fn is_windows(call: &Call<'_>, instance: &Instance) -> bool {
    system(call, instance).kind == "windows"
}

fn identity(call: &Call<'_>, instance: &Instance) -> Value {
    let now = call.now;
    let system = system(call, instance);
    let stopped = instance.status(now) == Status::Stopped;
    let locks: Vec<Value> =
        instance.locks.iter().map(|lock| json!({ "LockReason": lock, "LockMsg": lock_message(lock) })).collect();
    json!({
        "InstanceId": instance.id,
        "InstanceName": instance.name,
        "Description": instance.description,
        "HostName": instance.host_name,
        "RegionId": instance.region,
        "ZoneId": instance.zone,
        "ClusterId": "",
        "SerialNumber": instance.serial,
        "Status": instance.status(now).as_str(),
        "StoppedMode": if stopped { instance.stopped_mode.as_str() } else { "Not-applicable" },
        "CreationTime": clock::minutes(*instance.created),
        "StartTime": instance.started.filter(|at| *at <= now).map(clock::minutes).unwrap_or_default(),
        "ImageId": instance.image,
        "OSName": system.chinese,
        "OSNameEn": system.english,
        "OSType": system.kind,
        "KeyPairName": instance.key_pair,
        "ResourceGroupId": instance.resource_group,
        "DeletionProtection": instance.deletion_protection,
        "DeviceAvailable": true,
        "Recyclable": false,
        "OperationLocks": { "LockReason": locks },
        "Tags": tag_list(&instance.tags),
        "MetadataOptions": {
            "HttpEndpoint": instance.metadata.endpoint,
            "HttpTokens": instance.metadata.tokens,
            "HttpPutResponseHopLimit": instance.metadata.hops,
            "InstanceMetadataTags": if instance.metadata.tags { "enabled" } else { "disabled" },
        },
        "DeploymentSetId": "",
        "HpcClusterId": "",
        "DedicatedHostAttribute": { "DedicatedHostId": "", "DedicatedHostName": "", "DedicatedHostClusterId": "" },
        "DedicatedInstanceAttribute": { "Affinity": "", "Tenancy": "" },
        "EcsCapacityReservationAttr": { "CapacityReservationId": "", "CapacityReservationPreference": "" },
        "HibernationOptions": { "Configured": instance.hibernation },
    })
}

fn hardware(call: &Call<'_>, instance: &Instance) -> Value {
    let Some(ty) = call.instance_type(&instance.instance_type) else {
        return json!({ "InstanceType": instance.instance_type });
    };
    let (gpus, model) = ty.gpu();
    let mut members = json!({
        "InstanceType": ty.id,
        "InstanceTypeFamily": ty.family.name,
        "Cpu": ty.cpu,
        "Memory": ty.mebibytes(),
        "GPUAmount": gpus,
        "GPUSpec": model,
        "IoOptimized": true,
        "CreditSpecification": instance.credit,
        "CpuOptions": { "CoreCount": ty.cpu.div_ceil(2), "ThreadsPerCore": ty.cpu.min(2), "Numa": "ON" },
    });
    if let Some(local) = &ty.local_disks {
        members["LocalStorageAmount"] = local.count.into();
        members["LocalStorageCapacity"] = local.size.into();
    }
    members
}

fn network(call: &Call<'_>, instance: &Instance) -> Value {
    let public: Vec<&String> = instance.internet.ip.iter().collect();
    json!({
        "InstanceNetworkType": "vpc",
        "SecurityGroupIds": { "SecurityGroupId": instance.groups },
        "PublicIpAddress": { "IpAddress": public },
        "InnerIpAddress": { "IpAddress": [] },
        "RdmaIpAddress": { "IpAddress": [] },
        "EipAddress": eip_address(call, instance),
        "VpcAttributes": {
            "VpcId": instance.vpc,
            "VSwitchId": instance.vswitch,
            "NatIpAddress": "",
            "PrivateIpAddress": { "IpAddress": [instance.private_ip] },
        },
        "NetworkInterfaces": { "NetworkInterface": interfaces(call, instance) },
        "InternetChargeType": instance.internet.charge_type,
        "InternetMaxBandwidthIn": instance.internet.incoming,
        "InternetMaxBandwidthOut": instance.internet.outgoing,
        "VlanId": "",
    })
}

/// Returns the elastic IP address of an instance, with empty members if it has none.
fn eip_address(call: &Call<'_>, instance: &Instance) -> Value {
    match call.state.eips.linked(&instance.id).next() {
        None => json!({ "AllocationId": "", "IpAddress": "", "InternetChargeType": "" }),
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
        json!({
            "NetworkInterfaceId": interface.id,
            "Type": if interface.primary { "Primary" } else { "Secondary" },
            "MacAddress": interface.mac,
            "PrimaryIpAddress": interface.private_ip,
            "PrivateIpSets": { "PrivateIpSet": addresses },
            "Ipv6Sets": { "Ipv6Set": ipv6 },
        })
    };
    interfaces.into_iter().map(write).collect()
}

fn billing(instance: &Instance) -> Value {
    let mut members = json!({
        "InstanceChargeType": if instance.prepaid { "PrePaid" } else { "PostPaid" },
        "SaleCycle": if instance.prepaid { instance.renewal.unit.to_lowercase() } else { String::new() },
        "ExpiredTime": instance.expires.map_or(NEVER_EXPIRES.to_owned(), clock::minutes),
        "AutoReleaseTime": instance.auto_release.map(clock::minutes).unwrap_or_default(),
        "SpotStrategy": instance.spot.strategy,
        "SpotPriceLimit": instance.spot.limit.unwrap_or(0.0),
    });
    if instance.is_spot() {
        members["SpotDuration"] = instance.spot.duration.into();
        members["SpotInterruptionBehavior"] = instance.spot.behavior.as_str().into();
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
