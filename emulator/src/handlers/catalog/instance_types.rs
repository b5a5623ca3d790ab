//! Instance types as DescribeInstanceTypes filters and shows them.

use serde_json::{Value, json};

use crate::{args::Args, catalog::InstanceType};

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

    /// Returns the number of local disks and the size of each.
    fn local(&self) -> (u32, u32) {
        self.local_disks.as_ref().map_or((0, 0), |disks| (disks.count, disks.size))
    }

    /// Returns the bandwidth in kbit/s.
    fn kilobits(&self) -> u32 {
        self.bandwidth * KILOBITS
    }

    /// Returns the number of elastic RDMA interfaces and of queue pairs; only families with NVMe disks have any.
    fn rdma(&self) -> (u32, u32) {
        if self.family.nvme { (1, self.cpu * 1024) } else { (0, 0) }
    }
}

/// Returns a number of a type.
type NumberOf = fn(&InstanceType) -> f64;

/// Returns a string member of a type.
type TextOf = fn(&InstanceType) -> &str;

/// A number of a type, with the parameters that limit it.
type Number = (&'static str, &'static str, NumberOf);

const NUMBERS: &[Number] = &[
    ("MinimumCpuCoreCount", "MaximumCpuCoreCount", |ty| ty.cpu.into()),
    ("MinimumMemorySize", "MaximumMemorySize", |ty| ty.memory),
    ("MinimumGPUAmount", "MaximumGPUAmount", |ty| ty.gpu().0.into()),
    ("MinimumCpuSpeedFrequency", "MaximumCpuSpeedFrequency", |ty| ty.family.frequency.0),
    ("MinimumCpuTurboFrequency", "MaximumCpuTurboFrequency", |ty| ty.family.frequency.1),
    ("MinimumEniQuantity", "MaximumEniQuantity", |ty| ty.interfaces.into()),
    ("MinimumEniPrivateIpAddressQuantity", "MaximumEniPrivateIpAddressQuantity", |ty| ty.ipv4.into()),
    ("MinimumEniIpv6AddressQuantity", "MaximumEniIpv6AddressQuantity", |ty| ty.ipv6.into()),
    ("MinimumEriQuantity", "MaximumEriQuantity", |ty| ty.rdma().0.into()),
    ("MinimumQueuePairNumber", "MaximumQueuePairNumber", |ty| ty.rdma().1.into()),
    ("MinimumDiskQuantity", "MaximumDiskQuantity", |ty| (ty.data_disks + 1).into()),
    ("MinimumPrimaryEniQueueNumber", "MaximumPrimaryEniQueueNumber", |ty| ty.queues.into()),
    ("MinimumSecondaryEniQueueNumber", "MaximumSecondaryEniQueueNumber", |ty| ty.queues.into()),
    ("MinimumInstanceBandwidthRx", "MaximumInstanceBandwidthRx", |ty| ty.kilobits().into()),
    ("MinimumInstanceBandwidthTx", "MaximumInstanceBandwidthTx", |ty| ty.kilobits().into()),
    ("MinimumInstancePpsRx", "MaximumInstancePpsRx", |ty| ty.packets.into()),
    ("MinimumInstancePpsTx", "MaximumInstancePpsTx", |ty| ty.packets.into()),
    ("MinimumLocalStorageAmount", "MaximumLocalStorageAmount", |ty| ty.local().0.into()),
    ("MinimumLocalStorageCapacity", "MaximumLocalStorageCapacity", |ty| ty.local().1.into()),
    ("MinimumInitialCredit", "MaximumInitialCredit", |ty| ty.credits.map_or(0, |credits| credits.initial).into()),
    ("MinimumBaselineCredit", "MaximumBaselineCredit", |ty| ty.credits.map_or(0, |credits| credits.baseline).into()),
];

/// A string member of a type, with the parameters that filter by it: one for a value, one for a list of values.
type Text = (&'static str, &'static str, TextOf);

const TEXTS: &[Text] = &[
    ("InstanceTypeFamily", "InstanceTypeFamilies", |ty| &ty.family.name),
    ("InstanceCategory", "InstanceCategories", |ty| &ty.family.category),
    ("CpuArchitecture", "CpuArchitectures", |ty| ty.family.architecture),
    ("LocalStorageCategory", "LocalStorageCategories", InstanceType::local_category),
    ("InstanceFamilyLevel", "", |ty| &ty.family.level),
    ("NvmeSupport", "", InstanceType::nvme_support),
    ("", "InstanceTypes", |ty| &ty.id),
    ("", "PhysicalProcessorModels", |ty| &ty.family.processor),
    ("", "GpuSpecs", |ty| ty.gpu().1),
];

/// Texts of which a part is sufficient, in any case.
const PARTS: &[(&str, TextOf)] = &[("PhysicalProcessorModel", |ty| &ty.family.processor), ("GPUSpec", |ty| ty.gpu().1)];

/// The filters that a call has.
pub(super) struct Filters<'a> {
    values: Vec<(&'a str, TextOf)>,
    lists: Vec<(Vec<&'a str>, TextOf)>,
    parts: Vec<(String, TextOf)>,
    least: Vec<(f64, NumberOf)>,
    most: Vec<(f64, NumberOf)>,
}

impl<'a> Filters<'a> {
    /// Reads the filters of a call.
    pub(super) fn read(args: &'a Args) -> Self {
        Filters {
            values: TEXTS.iter().filter_map(|(name, _, of)| Some((args.string(name)?, *of))).collect(),
            lists: TEXTS.iter().filter_map(|(_, name, of)| Some((args.strings(name)?, *of))).collect(),
            parts: PARTS.iter().filter_map(|(name, of)| Some((args.string(name)?.to_lowercase(), *of))).collect(),
            least: NUMBERS.iter().filter_map(|(name, _, of)| Some((args.number(name)?, *of))).collect(),
            most: NUMBERS.iter().filter_map(|(_, name, of)| Some((args.number(name)?, *of))).collect(),
        }
    }

    /// Whether a type passes.
    pub(super) fn pass(&self, ty: &InstanceType) -> bool {
        self.values.iter().all(|(value, of)| of(ty) == *value)
            && self.lists.iter().all(|(values, of)| values.contains(&of(ty)))
            && self.parts.iter().all(|(part, of)| of(ty).to_lowercase().contains(part))
            && self.least.iter().all(|(least, of)| of(ty) >= *least)
            && self.most.iter().all(|(most, of)| of(ty) <= *most)
    }
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
        "InstanceBandwidthRx": ty.kilobits(),
        "InstanceBandwidthTx": ty.kilobits(),
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
