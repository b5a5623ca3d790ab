//! Public images.

/// A public image.
#[derive(Debug)]
pub(crate) struct Image {
    /// ID.
    pub(crate) id: String,
    /// Image family.
    pub(crate) family: String,
    /// Platform, such as `Ubuntu`.
    pub(crate) platform: String,
    /// Name of the operating system in English.
    pub(crate) system: String,
    /// Name of the operating system in Chinese.
    pub(crate) system_zh: String,
    /// `x86_64`, `arm64` or `i386`.
    pub(crate) architecture: String,
    /// Size of the system disk in GiB.
    pub(crate) size: u32,
    /// Time of creation, as responses show it.
    pub(crate) created: String,
    /// Whether cloud-init is installed.
    pub(crate) cloud_init: bool,
    /// Whether the image boots from NVMe disks.
    pub(crate) nvme: bool,
}

impl Image {
    /// Returns `windows` or `linux`.
    pub(crate) fn os_type(&self) -> &'static str {
        if self.is_windows() { "windows" } else { "linux" }
    }

    /// Whether its operating system is Windows.
    pub(crate) fn is_windows(&self) -> bool {
        self.platform.contains("Windows")
    }

    /// Returns the boot mode: `UEFI` or `BIOS`.
    pub(crate) fn boot_mode(&self) -> &'static str {
        if self.architecture == "arm64" { "UEFI" } else { "BIOS" }
    }
}
