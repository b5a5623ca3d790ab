//! Stand-ins for instance types that the catalog does not have.

use std::sync::Arc;

use super::{Family, InstanceType, build::MODERN_DISKS};

/// Size of an instance type whose name does not say more: 2 vCPUs.
const DEFAULT_CPU: u32 = 2;

/// Hourly price of a vCPU with its memory, in yuan: roughly that of families in use.
const PRICE_PER_CPU: f64 = 0.25;

/// Returns a type with the vCPUs and memory that its name implies: `ecs.c9i.2xlarge` has 8 vCPUs and 16 GiB.
pub(super) fn instance_type(id: &str) -> InstanceType {
    let (family, size) = id.rsplit_once('.').unwrap_or((id, ""));
    let cpu = cpus(size).unwrap_or(DEFAULT_CPU);
    let name = family.strip_prefix("ecs.").unwrap_or(family);
    let arm = name.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_start_matches(|c: char| c.is_ascii_digit());
    let family = Family {
        name: family.to_owned(),
        category: "General-purpose".to_owned(),
        level: "EnterpriseLevel".to_owned(),
        generation: "ecs-5".to_owned(),
        // The names of families with Arm processors have a y after the generation: `g8y`.
        architecture: if arm.starts_with('y') { "ARM" } else { "X86" },
        processor: String::new(),
        frequency: (0.0, 0.0),
        disks: MODERN_DISKS.map(str::to_owned).to_vec(),
        nvme: false,
        spot: true,
        zones: None,
    };
    InstanceType {
        id: id.to_owned(),
        family: Arc::new(family),
        cpu,
        memory: f64::from(cpu) * memory_per_cpu(name),
        hourly: PRICE_PER_CPU * f64::from(cpu),
        gpus: None,
        local_disks: None,
        credits: None,
        interfaces: 8,
        ipv4: 20,
        ipv6: 10,
        queues: 4,
        data_disks: 16,
        bandwidth: 1000,
        packets: 300_000,
    }
}

/// Returns the vCPUs of a size: 1 for `small`, 2 for `large`, 4 for `xlarge`, 4 for each of several xlarge.
fn cpus(size: &str) -> Option<u32> {
    match size {
        "small" => Some(1),
        "medium" | "large" => Some(2),
        "xlarge" => Some(4),
        _ => size.strip_suffix("xlarge")?.parse::<u32>().ok()?.checked_mul(4),
    }
}

/// Returns the memory per vCPU in GiB: compute families have 2, memory families 8, the others 4; `c1m8` says 8.
fn memory_per_cpu(family: &str) -> f64 {
    let ratio = family.rsplit_once("-c1m").and_then(|(_, memory)| memory.parse().ok());
    ratio.unwrap_or(match family.trim_start_matches("hf").chars().next() {
        Some('c') => 2.0,
        Some('r') => 8.0,
        _ => 4.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_imply_vcpus_and_memory() {
        for (id, cpu, memory, architecture) in [
            ("ecs.g9i.large", 2, 8.0, "X86"),
            ("ecs.c9y.2xlarge", 8, 16.0, "ARM"),
            ("ecs.r9.xlarge", 4, 32.0, "X86"),
            ("ecs.u9-c1m8.4xlarge", 16, 128.0, "X86"),
            ("mine", 2, 8.0, "X86"),
            ("ecs.g9.4000000000xlarge", 2, 8.0, "X86"),
        ] {
            let ty = instance_type(id);
            assert_eq!((ty.cpu, ty.memory, ty.family.architecture), (cpu, memory, architecture), "{id}");
        }
    }
}
