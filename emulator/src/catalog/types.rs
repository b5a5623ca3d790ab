//! Instance types, from `data/instance-types.json`: the usual sizes of the families in daily use, with the published vCPUs
//! and memory, and some older families. Prices are made up.

use std::sync::LazyLock;

use serde_json::Value;

use super::data::{count, entries, float, string, string_or};

/// An instance family: the properties that its types share.
#[derive(Debug)]
pub(crate) struct Family {
    /// Name, such as `ecs.g6`.
    pub(crate) name: &'static str,
    /// Category in `DescribeInstanceTypes`.
    pub(crate) category: &'static str,
    /// Level in `DescribeInstanceTypes`.
    pub(crate) level: &'static str,
    /// `X86` or `ARM`.
    pub(crate) architecture: &'static str,
    /// Model of the processor.
    pub(crate) processor: &'static str,
    /// Base and turbo frequency in GHz.
    pub(crate) frequency: (f64, f64),
    /// Supported disk categories, the preferred one first.
    pub(crate) disks: &'static [&'static str],
    /// Whether spot instances are sold.
    pub(crate) spot: bool,
    /// Indexes of the first and the last zone of a region in which it is sold.
    pub(crate) zones: (usize, usize),
    /// Index of the zone in which it is sold out.
    pub(crate) sold_out: Option<usize>,
}

/// An instance type.
#[derive(Debug)]
pub(crate) struct InstanceType {
    /// Name, such as `ecs.g6.large`.
    pub(crate) id: &'static str,
    /// Instance family.
    pub(crate) family: &'static Family,
    /// Number of vCPUs.
    pub(crate) cpu: u32,
    /// Memory in GiB.
    pub(crate) memory: f64,
    /// Pay-as-you-go price per hour.
    pub(crate) hourly: f64,
    /// Number and model of GPUs.
    pub(crate) gpu: Option<(u32, &'static str)>,
    /// Local disks: their number, and the size of each in GiB.
    pub(crate) local: Option<(u32, u32)>,
    /// Maximum number of elastic network interfaces.
    pub(crate) interfaces: u32,
    /// Baseline bandwidth in Mbit/s.
    pub(crate) bandwidth: u32,
    /// Packets per second.
    pub(crate) packets: u32,
}

/// Availability of an instance type in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stock {
    /// It can be bought.
    Available,
    /// It is sold in the zone, but sold out.
    SoldOut,
    /// It is not sold in the zone.
    None,
}

/// Disk categories of families that list none, the preferred one first.
const MODERN_DISKS: &[&str] = &["cloud_essd", "cloud_auto", "cloud_efficiency", "cloud_ssd"];

static TYPES: LazyLock<Vec<InstanceType>> = LazyLock::new(|| {
    let families = entries(include_str!("../../data/instance-types.json"));
    families.iter().flat_map(types_of_family).collect()
});

fn types_of_family(entry: &Value) -> Vec<InstanceType> {
    let zone = |place: usize| entry["zones"].get(place).map(|zone| count(zone) as usize);
    let family: &'static Family = Box::leak(Box::new(Family {
        name: string(entry, "name"),
        category: string(entry, "category"),
        level: string_or(entry, "level", "EnterpriseLevel"),
        architecture: string_or(entry, "architecture", "X86"),
        processor: string(entry, "processor"),
        frequency: (float(&entry["ghz"][0]), float(&entry["ghz"][1])),
        disks: disks(entry),
        spot: entry["spot"] != false,
        zones: (zone(0).unwrap_or(0), zone(1).unwrap_or(usize::MAX)),
        sold_out: entry["sold_out"].as_u64().and_then(|zone| usize::try_from(zone).ok()),
    }));
    let types = entry["types"].as_array().map(Vec::as_slice).unwrap_or_default();
    let instance_type = |entry: &Value| InstanceType {
        id: string(entry, "id"),
        family,
        cpu: count(&entry["cpu"]),
        memory: float(&entry["memory"]),
        hourly: float(&entry["hourly"]),
        gpu: entry["gpus"].as_array().map(|gpus| (count(&gpus[0]), string(&entry["gpus"], 1))),
        local: entry["local_disks"].as_array().map(|disks| (count(&disks[0]), count(&disks[1]))),
        interfaces: count(&entry["interfaces"]),
        bandwidth: count(&entry["mbps"]),
        packets: count(&entry["pps"]),
    };
    types.iter().map(instance_type).collect()
}

fn disks(family: &Value) -> &'static [&'static str] {
    match family["disks"].as_array() {
        Some(disks) => (0..disks.len()).map(|place| string(&family["disks"], place)).collect::<Vec<_>>().leak(),
        None => MODERN_DISKS,
    }
}

/// Returns all instance types.
pub(crate) fn all() -> &'static [InstanceType] {
    &TYPES
}

/// Returns the instance type with a name.
pub(crate) fn find(id: &str) -> Option<&'static InstanceType> {
    TYPES.iter().find(|ty| ty.id == id)
}

impl InstanceType {
    /// Returns the memory in MiB.
    pub(crate) fn mebibytes(&self) -> u64 {
        (self.memory * 1024.0) as u64
    }

    /// Returns the architecture of images that run on it: `x86_64` or `arm64`.
    pub(crate) fn image_architecture(&self) -> &'static str {
        if self.family.architecture == "ARM" { "arm64" } else { "x86_64" }
    }

    /// Returns the availability in a zone; `zone` is its index in the region.
    pub(crate) fn stock(&self, zone: usize) -> Stock {
        if zone < self.family.zones.0 || zone > self.family.zones.1 {
            Stock::None
        } else if self.family.sold_out == Some(zone) {
            Stock::SoldOut
        } else {
            Stock::Available
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_type_is_complete_and_listed_once() {
        assert!(all().len() > 90);
        for ty in all() {
            let complete = ty.cpu > 0 && ty.memory > 0.0 && ty.hourly > 0.0 && ty.bandwidth > 0 && ty.packets > 0;
            assert!(complete && ty.interfaces > 0, "{ty:?}");
            let family = ty.family;
            assert!(
                ty.id.starts_with(family.name) && !family.category.is_empty() && !family.processor.is_empty(),
                "{ty:?}"
            );
            assert!(!family.disks.is_empty() && family.frequency.0 > 0.0, "{ty:?}");
        }
        let ids: BTreeSet<_> = all().iter().map(|ty| ty.id).collect();
        assert_eq!(ids.len(), all().len());
    }

    #[test]
    fn sizes_have_their_published_vcpus_and_memory() {
        let cases = [
            ("ecs.g5.large", 2, 8.0),
            ("ecs.g6.26xlarge", 104, 384.0),
            ("ecs.g7.large", 2, 8.0),
            ("ecs.g7.32xlarge", 128, 512.0),
            ("ecs.g8i.48xlarge", 192, 1024.0),
            ("ecs.g8y.4xlarge", 16, 64.0),
            ("ecs.c7.3xlarge", 12, 24.0),
            ("ecs.r7.xlarge", 4, 32.0),
            ("ecs.e-c1m2.xlarge", 4, 8.0),
            ("ecs.u1-c1m8.2xlarge", 8, 64.0),
            ("ecs.t6-c4m1.large", 2, 0.5),
        ];
        for (id, cpu, memory) in cases {
            let ty = find(id).unwrap_or_else(|| panic!("{id} is missing"));
            assert_eq!((ty.cpu, ty.memory), (cpu, memory), "{id}");
        }
    }
}
