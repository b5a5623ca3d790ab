//! Instance types as DescribeInstanceTypes filters and shows them.

use serde_json::{Value, json};

use crate::{call::Call, catalog::InstanceType};

/// Kilobits in a megabit, as the service counts bandwidth.
const KILOBITS: u32 = 1024;

impl InstanceType {
    /// Returns `required` if disks are attached through NVMe.
    fn nvme_support(&self) -> &'static str {
        if self.family.nvme { "required" } else { "unsupported" }
    }

    fn local_category(&self) -> &str {
        self.local_disks.as_ref().map_or("", |disks| disks.category.as_str())
    }

    /// Returns the number of elastic RDMA interfaces and of queue pairs; only families with NVMe disks have any.
    fn rdma(&self) -> (u32, u32) {
        if self.family.nvme { (1, self.cpu * 1024) } else { (0, 0) }
    }
}

/// Whether a type passes the filters of a call.
pub(super) fn matches(call: &Call<'_>, ty: &InstanceType) -> bool {
    let args = call.args;
    let family = &ty.family;
    let (gpus, gpu) = ty.gpu();
    let local = ty.local_disks.as_ref().map_or((0, 0), |disks| (disks.count, disks.size));
    let credits = ty.credits.map_or((0, 0), |credits| (credits.initial, credits.baseline));
    let (interfaces, queue_pairs) = ty.rdma();
    let texts = [
        ("InstanceTypeFamily", family.name.as_str()),
        ("InstanceCategory", &family.category),
        ("InstanceFamilyLevel", &family.level),
        ("CpuArchitecture", family.architecture),
        ("NvmeSupport", ty.nvme_support()),
        ("LocalStorageCategory", ty.local_category()),
    ];
    let parts = [("PhysicalProcessorModel", family.processor.as_str()), ("GPUSpec", gpu)];
    let lists = [
        ("InstanceTypes", ty.id.as_str()),
        ("InstanceTypeFamilies", &family.name),
        ("InstanceCategories", &family.category),
        ("CpuArchitectures", family.architecture),
        ("PhysicalProcessorModels", &family.processor),
        ("GpuSpecs", gpu),
        ("LocalStorageCategories", ty.local_category()),
    ];
    let numbers = [
        ("CpuCoreCount", f64::from(ty.cpu)),
        ("MemorySize", ty.memory),
        ("GPUAmount", f64::from(gpus)),
        ("CpuSpeedFrequency", family.frequency.0),
        ("CpuTurboFrequency", family.frequency.1),
        ("EniQuantity", f64::from(ty.interfaces)),
        ("EniPrivateIpAddressQuantity", f64::from(ty.ipv4)),
        ("EniIpv6AddressQuantity", f64::from(ty.ipv6)),
        ("EriQuantity", f64::from(interfaces)),
        ("QueuePairNumber", f64::from(queue_pairs)),
        ("DiskQuantity", f64::from(ty.data_disks + 1)),
        ("PrimaryEniQueueNumber", f64::from(ty.queues)),
        ("SecondaryEniQueueNumber", f64::from(ty.queues)),
        ("InstanceBandwidthRx", f64::from(ty.bandwidth * KILOBITS)),
        ("InstanceBandwidthTx", f64::from(ty.bandwidth * KILOBITS)),
        ("InstancePpsRx", f64::from(ty.packets)),
        ("InstancePpsTx", f64::from(ty.packets)),
        ("LocalStorageAmount", f64::from(local.0)),
        ("LocalStorageCapacity", f64::from(local.1)),
        ("InitialCredit", f64::from(credits.0)),
        ("BaselineCredit", f64::from(credits.1)),
    ];
    texts.into_iter().all(|(name, value)| call.matches(name, value))
        && parts.into_iter().all(|(name, value)| {
            args.string(name).is_none_or(|part| value.to_lowercase().contains(&part.to_lowercase()))
        })
        && lists.into_iter().all(|(name, value)| call.listed(name, value))
        && numbers.into_iter().all(|(name, value)| {
            args.number(&format!("Minimum{name}")).is_none_or(|least| value >= least)
                && args.number(&format!("Maximum{name}")).is_none_or(|most| value <= most)
        })
}

/// Returns a type as the response shows it.
pub(super) fn write(ty: &InstanceType, attributes: &[&str]) -> Value {
    let family = &ty.family;
    let (gpus, gpu) = ty.gpu();
    let (interfaces, queue_pairs) = ty.rdma();
    let arm = family.architecture == "ARM";
    let threads = if arm || ty.cpu == 1 { 1 } else { 2 };
    let mut members = json!({
        "InstanceTypeId": ty.id,
        "InstanceTypeFamily": family.name,
        "InstanceCategory": family.category,
        "InstanceFamilyLevel": family.level,
        "CpuArchitecture": family.architecture,
        "PhysicalProcessorModel": family.processor,
        "CpuCoreCount": ty.cpu,
        "CpuSpeedFrequency": family.frequency.0,
        "CpuTurboFrequency": family.frequency.1,
        "CpuOptions": {
            "Core": ty.cpu / threads,
            "CoreFactor": 1,
            "ThreadsPerCore": threads,
            "HyperThreadingAdjustable": threads == 2 && family.level == "EnterpriseLevel",
            "NestedVirtualizationSupport": "unsupported",
            "SupportedTopologyTypes": { "SupportedTopologyType": [] },
        },
        "MemorySize": ty.memory,
        "GPUAmount": gpus,
        "GPUSpec": gpu,
        "GPUMemorySize": ty.gpus.as_ref().map_or(0.0, |gpus| gpus.memory),
        "EniQuantity": ty.interfaces,
        "EniTotalQuantity": ty.interfaces,
        "EniPrivateIpAddressQuantity": ty.ipv4,
        "EniIpv6AddressQuantity": ty.ipv6,
        "EniTrunkSupported": ty.interfaces > 3,
        "EriQuantity": interfaces,
        "QueuePairNumber": queue_pairs,
        "PrimaryEniQueueNumber": ty.queues,
        "SecondaryEniQueueNumber": ty.queues,
        "MaximumQueueNumberPerEni": ty.queues,
        "TotalEniQueueQuantity": ty.queues * ty.interfaces,
        "InstanceBandwidthRx": ty.bandwidth * KILOBITS,
        "InstanceBandwidthTx": ty.bandwidth * KILOBITS,
        "InstancePpsRx": ty.packets,
        "InstancePpsTx": ty.packets,
        "JumboFrameSupport": family.nvme,
        "NetworkEncryptionSupport": false,
        "NetworkCardQuantity": 0,
        "DiskQuantity": ty.data_disks + 1,
        "NvmeSupport": ty.nvme_support(),
        "LocalStorageCategory": ty.local_category(),
        "SupportedBootModes": { "SupportedBootMode": if arm { vec!["UEFI"] } else { vec!["BIOS", "UEFI"] } },
        "SecurityOptions": { "SecureBootSupport": "unsupported" },
    });
    if let Some(local) = &ty.local_disks {
        members["LocalStorageAmount"] = local.count.into();
        members["LocalStorageCapacity"] = local.size.into();
    }
    if let Some(credits) = ty.credits {
        members["InitialCredit"] = credits.initial.into();
        members["BaselineCredit"] = credits.baseline.into();
    }
    if attributes.contains(&"NetworkInfo") {
        members["NetworkInfo"] = json!({ "BandwidthWeighting": { "WeightingInfos": { "WeightingInfo": [] } } });
    }
    members
}
