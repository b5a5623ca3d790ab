//! Instance types: a few of each of some families, with their published sizes.

/// What the types of a family have in common. Sizes are those of one unit, which is `large` for most families.
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
    /// Disk categories that it takes, the preferred one first.
    pub(crate) disks: &'static [&'static str],
    /// Whether it can be bought as preemptible instance.
    pub(crate) spot: bool,
    /// The first and the last zone of a region that has it, counted from 0.
    pub(crate) zones: (usize, usize),
    /// Zone in which it is sold out, counted from 0.
    pub(crate) sold_out: Option<usize>,
}

/// An instance type.
#[derive(Debug)]
pub(crate) struct InstanceType {
    /// Name, such as `ecs.g6.large`.
    pub(crate) id: &'static str,
    /// Its family.
    pub(crate) family: &'static Family,
    /// vCPUs.
    pub(crate) cpu: u32,
    /// Memory in GiB.
    pub(crate) memory: f64,
    /// Price of an hour, pay-as-you-go.
    pub(crate) hourly: f64,
    /// GPUs and their model.
    pub(crate) gpu: Option<(u32, &'static str)>,
    /// Local disks: how many of how many GiB each.
    pub(crate) local: Option<(u32, u32)>,
    /// Elastic network interfaces.
    pub(crate) interfaces: u32,
    /// Bandwidth in Mbit/s.
    pub(crate) bandwidth: u32,
    /// Packets a second.
    pub(crate) packets: u32,
}

/// Whether a zone has a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stock {
    /// It has.
    Available,
    /// It had.
    SoldOut,
    /// It never had.
    None,
}

const ALL: (usize, usize) = (0, usize::MAX);
const MODERN: &[&str] = &["cloud_essd", "cloud_auto", "cloud_efficiency", "cloud_ssd"];
const CLASSIC: &[&str] = &["cloud_efficiency", "cloud_ssd", "cloud"];

const fn family(name: &'static str, category: &'static str, processor: &'static str, frequency: (f64, f64)) -> Family {
    Family {
        name,
        category,
        level: "EnterpriseLevel",
        architecture: "X86",
        processor,
        frequency,
        disks: MODERN,
        spot: true,
        zones: ALL,
        sold_out: None,
    }
}

static T6: Family = Family {
    level: "CreditEntryLevel",
    ..family("ecs.t6", "Shared", "Intel Xeon(Cascade Lake) Platinum 8269CY", (2.5, 3.2))
};
static MN4: Family = Family {
    level: "EntryLevel",
    disks: CLASSIC,
    spot: false,
    zones: (0, 1),
    ..family("ecs.mn4", "Shared", "Intel Xeon E5-2680v4 (Broadwell)", (2.4, 0.0))
};
static G5: Family = family("ecs.g5", "General-purpose", "Intel Xeon(Skylake) Platinum 8163", (2.5, 2.7));
static G6: Family = family("ecs.g6", "General-purpose", "Intel Xeon(Cascade Lake) Platinum 8269CY", (2.5, 3.2));
static C7: Family = family("ecs.c7", "Compute-optimized", "Intel Xeon(Ice Lake) Platinum 8369B", (2.7, 3.5));
static R7: Family = family("ecs.r7", "Memory-optimized", "Intel Xeon(Ice Lake) Platinum 8369B", (2.7, 3.5));
static I2: Family =
    Family { zones: (1, 3), ..family("ecs.i2", "Local SSDs", "Intel Xeon(Skylake) Platinum 8163", (2.5, 2.7)) };
static G8Y: Family = Family {
    architecture: "ARM",
    zones: (1, usize::MAX),
    ..family("ecs.g8y", "General-purpose", "Yitian 710", (2.75, 2.75))
};
static GN4: Family = Family {
    disks: CLASSIC,
    zones: (0, 2),
    ..family("ecs.gn4", "Compute-optimized with GPU", "Intel Xeon E5-2680v4 (Broadwell)", (2.5, 0.0))
};
static GN6I: Family = Family {
    zones: (0, 2),
    sold_out: Some(1),
    ..family("ecs.gn6i", "Compute-optimized with GPU", "Intel Xeon(Skylake) Platinum 8163", (2.5, 2.7))
};

const fn size(
    id: &'static str,
    family: &'static Family,
    (cpu, memory): (u32, f64),
    hourly: f64,
    (interfaces, bandwidth, packets): (u32, u32, u32),
) -> InstanceType {
    InstanceType { id, family, cpu, memory, hourly, gpu: None, local: None, interfaces, bandwidth, packets }
}

static TYPES: &[InstanceType] = &[
    size("ecs.t6-c1m2.large", &T6, (2, 4.0), 0.154, (2, 80, 100_000)),
    size("ecs.mn4.large", &MN4, (4, 16.0), 0.79, (2, 500, 150_000)),
    size("ecs.g5.large", &G5, (2, 8.0), 0.54, (2, 1_000, 300_000)),
    size("ecs.g5.xlarge", &G5, (4, 16.0), 1.08, (3, 1_500, 500_000)),
    size("ecs.g6.large", &G6, (2, 8.0), 0.5, (2, 1_000, 300_000)),
    size("ecs.g6.xlarge", &G6, (4, 16.0), 1.0, (3, 1_500, 500_000)),
    size("ecs.g6.2xlarge", &G6, (8, 32.0), 2.0, (4, 2_500, 800_000)),
    size("ecs.c7.large", &C7, (2, 4.0), 0.41, (3, 2_000, 1_100_000)),
    size("ecs.c7.xlarge", &C7, (4, 8.0), 0.82, (4, 3_000, 1_100_000)),
    size("ecs.c7.8xlarge", &C7, (32, 64.0), 6.56, (8, 10_000, 3_000_000)),
    size("ecs.r7.large", &R7, (2, 16.0), 0.66, (3, 2_000, 900_000)),
    InstanceType { local: Some((1, 894)), ..size("ecs.i2.xlarge", &I2, (4, 32.0), 1.89, (3, 1_000, 500_000)) },
    size("ecs.g8y.large", &G8Y, (2, 8.0), 0.4, (3, 2_000, 600_000)),
    size("ecs.g8y.xlarge", &G8Y, (4, 16.0), 0.8, (4, 3_000, 800_000)),
    InstanceType {
        gpu: Some((1, "NVIDIA M40")),
        ..size("ecs.gn4.8xlarge", &GN4, (32, 48.0), 14.5, (8, 6_000, 800_000))
    },
    InstanceType {
        gpu: Some((1, "NVIDIA T4")),
        ..size("ecs.gn6i-c4g1.xlarge", &GN6I, (4, 15.0), 11.6, (2, 4_000, 500_000))
    },
];

/// All instance types.
pub(crate) fn all() -> &'static [InstanceType] {
    TYPES
}

/// The instance type of that name.
pub(crate) fn find(id: &str) -> Option<&'static InstanceType> {
    TYPES.iter().find(|ty| ty.id == id)
}

impl InstanceType {
    /// Memory in MiB.
    pub(crate) fn mebibytes(&self) -> u64 {
        (self.memory * 1024.0) as u64
    }

    /// `x86_64` or `arm64`, as images tell their architecture.
    pub(crate) fn image_architecture(&self) -> &'static str {
        if self.family.architecture == "ARM" { "arm64" } else { "x86_64" }
    }

    /// Whether the zone of that number, counted from 0, has it.
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
