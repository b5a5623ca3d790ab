//! Instance families and instance types.

use std::{collections::HashSet, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::{Credits, Gpus, LocalDisks};

/// An instance family: the properties that its types share.
#[derive(Debug)]
pub(crate) struct Family {
    /// Name, such as `ecs.g6`.
    pub(crate) name: String,
    /// Category in `DescribeInstanceTypes`.
    pub(crate) category: String,
    /// Level in `DescribeInstanceTypes`.
    pub(crate) level: String,
    /// Series in `DescribeInstanceTypeFamilies`.
    pub(crate) generation: String,
    /// `X86` or `ARM`.
    pub(crate) architecture: &'static str,
    /// Model of the processor.
    pub(crate) processor: String,
    /// Base and turbo frequency in GHz.
    pub(crate) frequency: (f64, f64),
    /// Supported disk categories, the preferred one first.
    pub(crate) disks: Vec<String>,
    /// Whether disks are attached through NVMe.
    pub(crate) nvme: bool,
    /// Whether spot instances are sold.
    pub(crate) spot: bool,
    /// Zones in which it is sold; `None` for all.
    pub(super) zones: Option<HashSet<String>>,
}

impl Family {
    /// Whether its instances can have disks of a category.
    pub(crate) fn supports_disk(&self, category: &str) -> bool {
        self.disks.iter().any(|disk| disk == category)
    }

    /// Whether instances of the family are sold in a zone, in stock or not.
    pub(crate) fn is_sold_in(&self, zone: &str) -> bool {
        self.zones.as_ref().is_none_or(|zones| zones.contains(zone))
    }
}

/// An instance type.
#[derive(Debug, Clone)]
pub(crate) struct InstanceType {
    /// Name, such as `ecs.g6.large`.
    pub(crate) id: String,
    /// Instance family.
    pub(crate) family: Arc<Family>,
    /// Number of vCPUs.
    pub(crate) cpu: u32,
    /// Memory in GiB.
    pub(crate) memory: f64,
    /// Pay-as-you-go price per hour, in yuan.
    pub(super) hourly: f64,
    /// GPUs.
    pub(crate) gpus: Option<Gpus>,
    /// Local disks.
    pub(crate) local_disks: Option<LocalDisks>,
    /// CPU credits of burstable types.
    pub(crate) credits: Option<Credits>,
    /// Maximum number of elastic network interfaces.
    pub(crate) interfaces: u32,
    /// Maximum number of private IPv4 addresses of a network interface.
    pub(crate) ipv4: u32,
    /// Maximum number of IPv6 addresses of a network interface.
    pub(crate) ipv6: u32,
    /// Number of queues of a network interface.
    pub(crate) queues: u32,
    /// Maximum number of data disks.
    pub(crate) data_disks: u32,
    /// Baseline bandwidth in Mbit/s.
    pub(crate) bandwidth: u32,
    /// Packets per second.
    pub(crate) packets: u32,
}

/// Availability of an instance type in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stock {
    /// It can be bought.
    Available,
    /// It is sold in the zone, but sold out.
    SoldOut,
    /// It is not sold in the zone.
    None,
}

impl InstanceType {
    /// Returns the memory in MiB.
    pub(crate) fn mebibytes(&self) -> u64 {
        (self.memory * 1024.0) as u64
    }

    /// Returns the number and the model of its GPUs.
    pub(crate) fn gpu(&self) -> (u32, &str) {
        self.gpus.as_ref().map_or((0, ""), |gpus| (gpus.count, gpus.model.as_str()))
    }

    /// Returns the architecture of images that run on it: `x86_64` or `arm64`.
    pub(crate) fn image_architecture(&self) -> &'static str {
        if self.family.architecture == "ARM" { "arm64" } else { "x86_64" }
    }

    /// Whether an image with this architecture runs on it.
    pub(crate) fn runs(&self, architecture: &str) -> bool {
        (architecture == "arm64") == (self.family.architecture == "ARM")
    }
}
