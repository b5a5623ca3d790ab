//! Instances in the form of DescribeInstances.

use serde_json::{Value, json};

use crate::{
    call::{Call, tag_list},
    catalog::Image,
    clock,
    resources::{Instance, Status},
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
    members
}

fn identity(call: &Call<'_>, instance: &Instance) -> Value {
    let now = call.now;
    let image = call.catalog.image(&instance.image);
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
        "OSName": image.map_or("", |image| image.system_zh.as_str()),
        "OSNameEn": image.map_or("", |image| image.system.as_str()),
        "OSType": image.map(Image::os_type).unwrap_or_default(),
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
        },
        "DeploymentSetId": "",
        "HpcClusterId": "",
        "DedicatedHostAttribute": { "DedicatedHostId": "", "DedicatedHostName": "", "DedicatedHostClusterId": "" },
        "DedicatedInstanceAttribute": { "Affinity": "", "Tenancy": "" },
        "EcsCapacityReservationAttr": { "CapacityReservationId": "", "CapacityReservationPreference": "" },
        "HibernationOptions": { "Configured": false },
    })
}

fn hardware(call: &Call<'_>, instance: &Instance) -> Value {
    let Some(ty) = call.catalog.instance_type(&instance.instance_type) else {
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
    let eip = call.state.eips.linked(&instance.id).next();
    let eip = eip.map(|eip| (eip.id.as_str(), eip.address.as_str(), eip.internet_charge_type.as_str(), eip.bandwidth));
    let (allocation, address, charge_type, bandwidth) = eip.unwrap_or_default();
    let public: Vec<&String> = instance.internet.ip.iter().collect();
    json!({
        "InstanceNetworkType": "vpc",
        "SecurityGroupIds": { "SecurityGroupId": instance.groups },
        "PublicIpAddress": { "IpAddress": public },
        "InnerIpAddress": { "IpAddress": [] },
        "RdmaIpAddress": { "IpAddress": [] },
        "EipAddress": {
            "AllocationId": allocation,
            "IpAddress": address,
            "InternetChargeType": charge_type,
            "Bandwidth": bandwidth,
        },
        "VpcAttributes": {
            "VpcId": instance.vpc,
            "VSwitchId": instance.vswitch,
            "NatIpAddress": "",
            "PrivateIpAddress": { "IpAddress": [instance.private_ip] },
        },
        "NetworkInterfaces": {
            "NetworkInterface": [{
                "NetworkInterfaceId": instance.interface,
                "Type": "Primary",
                "MacAddress": instance.mac,
                "PrimaryIpAddress": instance.private_ip,
                "PrivateIpSets": { "PrivateIpSet": [{ "PrivateIpAddress": instance.private_ip, "Primary": true }] },
            }],
        },
        "InternetChargeType": instance.internet.charge_type,
        "InternetMaxBandwidthIn": instance.internet.incoming,
        "InternetMaxBandwidthOut": instance.internet.outgoing,
        "VlanId": "",
    })
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
