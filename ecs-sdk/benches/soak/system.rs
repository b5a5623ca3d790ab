//! Measures the resources used by this process.

use anyhow::{Context, Result};

/// The memory and the sockets of this process. Both are 0 on systems other than Linux.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Measure {
    /// Resident memory in KiB.
    pub(crate) memory_kib: u64,
    /// Number of open sockets.
    pub(crate) sockets: usize,
}

impl Measure {
    pub(crate) fn now() -> Result<Self> {
        if !cfg!(target_os = "linux") {
            return Ok(Self::default());
        }
        let status = std::fs::read_to_string("/proc/self/status")?;
        let memory_kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory_kib = memory_kib.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
        let sockets = std::fs::read_dir("/proc/self/fd")?
            .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
            .filter(|target| target.to_string_lossy().starts_with("socket:"))
            .count();
        Ok(Self { memory_kib: memory_kib.context("/proc/self/status has no VmRSS")?, sockets })
    }
}
