//! The format of a catalog file. `catalog.schema.json` is its JSON Schema.

use std::{collections::BTreeMap, ops::RangeInclusive};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::market::StockRule;

/// Offers of the emulated regions. Every section is optional. An entry replaces the one with the same ID in the catalog that
/// the file extends.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CatalogFile {
    /// The JSON Schema of the file, for editors.
    #[serde(rename = "$schema")]
    pub(super) schema: Option<String>,
    /// The catalog to which the file adds.
    pub(super) extends: Extends,
    /// Lists of sizes that families share.
    pub(super) sizes: BTreeMap<String, Vec<Size>>,
    /// Instance families.
    pub(super) families: Vec<FamilyEntry>,
    /// Instance types. An entry for a size of a family changes only the members it has.
    pub(super) instance_types: Vec<TypeEntry>,
    /// Disk categories.
    pub(super) disk_categories: Vec<DiskCategory>,
    /// Types of dedicated hosts.
    pub(super) dedicated_host_types: Vec<HostType>,
    /// Public images.
    pub(super) images: Vec<ImageEntry>,
    /// Regions. A region that is not in the API specs is an additional one.
    pub(super) regions: Vec<RegionEntry>,
    /// Stock that differs from `available`. The last rule that matches decides.
    pub(super) stock: Vec<StockRule>,
    /// Prices other than those of instance types, disks and hosts.
    pub(super) prices: PriceEntry,
    /// RAM roles of the account that instances can have.
    pub(super) ram_roles: Vec<RamRole>,
}

/// The catalog to which a file adds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Extends {
    /// The built-in catalog.
    #[default]
    Builtin,
    /// An empty catalog: only what is in the file exists.
    Nothing,
}

/// A size that several families have, such as `xlarge`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Size {
    /// Last part of the instance type, such as `xlarge`.
    pub(super) size: String,
    /// Number of vCPUs.
    pub(super) cpu: u32,
    /// Number of vCPUs by which the memory is calculated, if not all.
    pub(super) memory_cpus: Option<u32>,
    /// Baseline bandwidth in Mbit/s.
    pub(super) mbps: u32,
    /// Packets per second.
    pub(super) pps: u32,
    /// Number of queues of a network interface.
    pub(super) queues: u32,
    /// Maximum number of network interfaces, including the primary one.
    pub(super) interfaces: u32,
    /// Maximum number of private IPv4 addresses per network interface.
    pub(super) ipv4: u32,
    /// Maximum number of IPv6 addresses per network interface.
    pub(super) ipv6: u32,
    /// Maximum number of data disks; 16 by default.
    pub(super) data_disks: Option<u32>,
}

/// An instance family.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FamilyEntry {
    /// ID, such as `ecs.g7`.
    pub(super) id: String,
    /// Category, such as `General-purpose`.
    pub(super) category: String,
    /// Level: `EntryLevel`, `EnterpriseLevel` (the default) or `CreditEntryLevel`.
    pub(super) level: Option<String>,
    /// Series, such as `ecs-5`, the default.
    pub(super) generation: Option<String>,
    /// `X86` (the default) or `ARM`.
    pub(super) architecture: Option<Architecture>,
    /// Model of the processor.
    pub(super) processor: String,
    /// Base and turbo frequency in GHz; 0 if there is no turbo.
    pub(super) ghz: (f64, f64),
    /// Supported disk categories, the preferred one first; `cloud_essd` and `cloud_auto` by default.
    pub(super) disks: Option<Vec<String>>,
    /// Whether disks are attached through NVMe.
    #[serde(default)]
    pub(super) nvme: bool,
    /// Whether spot instances are sold; they are by default.
    pub(super) spot: Option<bool>,
    /// Zones in which the family is sold, as IDs or patterns with `*`; all by default.
    pub(super) zones: Option<Vec<String>>,
    /// Name of the list of sizes that the family has; without one, its types are listed in `instance_types`.
    pub(super) sizes: Option<String>,
    /// Memory per vCPU in GiB, for the types that `sizes` gives; 4 by default.
    pub(super) memory_per_cpu: Option<f64>,
    /// Sizes of the list that the family does not have.
    #[serde(default)]
    pub(super) without: Vec<String>,
    /// Pay-as-you-go price per hour and vCPU, in yuan.
    pub(super) hourly_per_cpu: Option<f64>,
}

/// Architecture of a processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub(super) enum Architecture {
    /// x86 processors of Intel or AMD.
    X86,
    /// Processors with Arm cores.
    #[serde(rename = "ARM")]
    Arm,
}

/// An instance type.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeEntry {
    /// ID, such as `ecs.g7.large`.
    pub(super) id: String,
    /// Family; by default the ID up to its last dot.
    pub(super) family: Option<String>,
    /// Number of vCPUs; required for a new type.
    pub(super) cpu: Option<u32>,
    /// Memory in GiB; required for a new type.
    pub(super) memory: Option<f64>,
    /// Pay-as-you-go price per hour, in yuan.
    pub(super) hourly: Option<f64>,
    /// Baseline bandwidth in Mbit/s.
    pub(super) mbps: Option<u32>,
    /// Packets per second.
    pub(super) pps: Option<u32>,
    /// Number of queues of a network interface.
    pub(super) queues: Option<u32>,
    /// Maximum number of network interfaces, including the primary one.
    pub(super) interfaces: Option<u32>,
    /// Maximum number of private IPv4 addresses per network interface.
    pub(super) ipv4: Option<u32>,
    /// Maximum number of IPv6 addresses per network interface.
    pub(super) ipv6: Option<u32>,
    /// Maximum number of data disks.
    pub(super) data_disks: Option<u32>,
    /// GPUs.
    pub(super) gpus: Option<Gpus>,
    /// Local disks.
    pub(super) local_disks: Option<LocalDisks>,
    /// CPU credits of a burstable type.
    pub(super) credits: Option<Credits>,
}

/// GPUs of an instance type.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gpus {
    /// Number of GPUs.
    pub(crate) count: u32,
    /// Model, such as `NVIDIA T4`.
    pub(crate) model: String,
    /// Memory of each in GiB.
    pub(crate) memory: f64,
}

/// Local disks of an instance type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocalDisks {
    /// Number of disks.
    pub(crate) count: u32,
    /// Size of each in GiB.
    pub(crate) size: u32,
    /// `local_ssd_pro` or `local_hdd_pro`.
    pub(crate) category: String,
}

/// CPU credits of a burstable instance type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credits {
    /// Credits that an instance starts with.
    pub(crate) initial: u32,
    /// Baseline performance of all vCPUs, in percent of one.
    pub(crate) baseline: u32,
}

/// A disk category.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiskCategory {
    /// ID, such as `cloud_essd`.
    pub(crate) id: String,
    /// Smallest and largest size of a system disk in GiB; without it, there are no system disks of the category.
    pub(crate) system: Option<(u32, u32)>,
    /// Smallest and largest size of a data disk in GiB.
    pub(crate) data: (u32, u32),
    /// Pay-as-you-go price per hour and GiB, in yuan.
    pub(crate) hourly_per_gib: f64,
    /// Price per hour of one provisioned IOPS, in yuan, if they can be provisioned.
    pub(crate) hourly_per_iops: Option<f64>,
    /// Performance levels, if there are any.
    #[serde(default)]
    pub(crate) performance_levels: Vec<PerformanceLevel>,
}

/// A performance level of a disk category.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PerformanceLevel {
    /// ID, such as `PL1`.
    pub(crate) id: String,
    /// Smallest and largest size of a system disk in GiB.
    pub(crate) system: (u32, u32),
    /// Smallest and largest size of a data disk in GiB.
    pub(crate) data: (u32, u32),
    /// Pay-as-you-go price per hour and GiB, in yuan.
    pub(crate) hourly_per_gib: f64,
}

/// A type of dedicated hosts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostType {
    /// ID, such as `ddh.g6`.
    pub(crate) id: String,
    /// Generation, such as `ddh-4`.
    pub(crate) generation: String,
    /// Instance families that run on it.
    pub(crate) families: Vec<String>,
    /// Number of physical processors.
    pub(crate) sockets: u32,
    /// Number of physical cores.
    pub(crate) cores: u32,
    /// Number of vCPUs for instances.
    pub(crate) vcpus: u32,
    /// Memory for instances in GiB.
    pub(crate) memory: f64,
    /// Pay-as-you-go price per hour, in yuan.
    pub(crate) hourly: f64,
}

/// A public image.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageEntry {
    /// ID.
    pub(super) id: String,
    /// Image family, such as `acs:ubuntu_24_04_x64`; none by default.
    #[serde(default)]
    pub(super) family: String,
    /// Platform, such as `Ubuntu`.
    pub(super) platform: String,
    /// Name of the operating system in English.
    pub(super) name: String,
    /// Name of the operating system in Chinese; by default the English one.
    pub(super) name_zh: Option<String>,
    /// Architecture: `x86_64` (the default), `arm64` or `i386`.
    pub(super) architecture: Option<String>,
    /// Size of the system disk in GiB; 20 by default.
    pub(super) size: Option<u32>,
    /// Time of creation in the format `yyyy-MM-ddTHH:mm:ssZ`.
    pub(super) created: String,
    /// Whether cloud-init is installed; it is by default.
    pub(super) cloud_init: Option<bool>,
    /// Whether the image boots from NVMe disks; it does by default.
    pub(super) nvme: Option<bool>,
}

/// A region.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegionEntry {
    /// ID, such as `cn-hangzhou`.
    pub(super) id: String,
    /// Name in English; by default the ID.
    pub(super) name: Option<String>,
    /// Name in Chinese; by default the English one.
    pub(super) name_zh: Option<String>,
    /// Code in the IDs of the region's resources, such as `bp1`; by default derived from the ID.
    pub(super) code: Option<String>,
    /// Public endpoint; by default the one in the API specs.
    pub(super) endpoint: Option<String>,
    /// IDs of the zones.
    pub(super) zones: Vec<String>,
}

/// Prices. Members that are omitted are those of the catalog that the file extends.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PriceEntry {
    /// Currencies; the first region that matches decides. Yuan by default.
    pub(super) regions: Option<Vec<RegionPrices>>,
    /// Price of a subscription, as a factor of the pay-as-you-go price for the same time; 1 by default.
    pub(super) subscription_factor: Option<f64>,
    /// Price of an hour of fixed public bandwidth of 1 Mbit/s, in yuan; nothing by default.
    pub(super) bandwidth_hourly_per_mbps: Option<f64>,
}

/// Currency and price level of regions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegionPrices {
    /// Region, or a pattern with `*`.
    pub(super) region: String,
    /// Currency, such as `CNY`.
    pub(super) currency: String,
    /// Factor by which prices in yuan are multiplied.
    pub(super) factor: f64,
}

/// A RAM role of the account that instances can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RamRole {
    /// Name.
    pub(crate) name: String,
    /// Description; empty by default.
    #[serde(default)]
    pub(crate) description: String,
    /// Whether instances can assume the role; they can by default.
    #[serde(default = "yes")]
    pub(crate) ecs: bool,
}

fn yes() -> bool {
    true
}

impl CatalogFile {
    /// Adds the entries of another file; they replace those with the same ID.
    pub(super) fn extend(&mut self, other: CatalogFile) {
        self.sizes.extend(other.sizes);
        merge(&mut self.families, other.families, |entry| &entry.id);
        merge(&mut self.instance_types, other.instance_types, |entry| &entry.id);
        merge(&mut self.disk_categories, other.disk_categories, |entry| &entry.id);
        merge(&mut self.dedicated_host_types, other.dedicated_host_types, |entry| &entry.id);
        merge(&mut self.images, other.images, |entry| &entry.id);
        merge(&mut self.regions, other.regions, |entry| &entry.id);
        merge(&mut self.ram_roles, other.ram_roles, |entry| &entry.name);
        self.stock.extend(other.stock);
        let (new, old) = (other.prices, std::mem::take(&mut self.prices));
        self.prices = PriceEntry {
            regions: new.regions.or(old.regions),
            subscription_factor: new.subscription_factor.or(old.subscription_factor),
            bandwidth_hourly_per_mbps: new.bandwidth_hourly_per_mbps.or(old.bandwidth_hourly_per_mbps),
        };
    }
}

/// Replaces the entries that have the ID of a new one, and appends the others.
fn merge<T>(entries: &mut Vec<T>, new: Vec<T>, id: impl Fn(&T) -> &str) {
    for entry in new {
        match entries.iter_mut().find(|old| id(old) == id(&entry)) {
            Some(old) => *old = entry,
            None => entries.push(entry),
        }
    }
}

impl DiskCategory {
    /// Returns the sizes in GiB that a disk can have.
    pub(crate) fn range(&self, level: Option<&str>, system: bool) -> RangeInclusive<u32> {
        let level = self.performance_levels.iter().find(|known| Some(known.id.as_str()) == level);
        let (least, most) = match (level, system) {
            (Some(level), true) => level.system,
            (Some(level), false) => level.data,
            (None, true) => self.system.unwrap_or(self.data),
            (None, false) => self.data,
        };
        least..=most
    }
}
