//! Public images, from `data/images.json`.

use std::sync::LazyLock;

use super::data::{count, entries, string};

/// A public image.
#[derive(Debug)]
pub(crate) struct Image {
    /// ID.
    pub(crate) id: &'static str,
    /// Image family.
    pub(crate) family: &'static str,
    /// Platform, such as `Ubuntu`.
    pub(crate) platform: &'static str,
    /// Name of the operating system in English.
    pub(crate) system: &'static str,
    /// Name of the operating system in Chinese.
    pub(crate) system_zh: &'static str,
    /// `x86_64` or `arm64`.
    pub(crate) architecture: &'static str,
    /// Size of the system disk in GiB.
    pub(crate) size: u32,
    /// Time of creation, as responses show it.
    pub(crate) created: &'static str,
    /// Whether cloud-init is installed.
    pub(crate) cloud_init: bool,
}

impl Image {
    /// Returns `windows` or `linux`.
    pub(crate) fn os_type(&self) -> &'static str {
        if self.platform.starts_with("Windows") { "windows" } else { "linux" }
    }

    /// Returns the boot mode: `UEFI` or `BIOS`.
    pub(crate) fn boot_mode(&self) -> &'static str {
        if self.architecture == "arm64" { "UEFI" } else { "BIOS" }
    }
}

static IMAGES: LazyLock<Vec<Image>> = LazyLock::new(|| {
    let entries = entries(include_str!("../../data/images.json"));
    let image = |entry: &serde_json::Value| Image {
        id: string(entry, "id"),
        family: string(entry, "family"),
        platform: string(entry, "platform"),
        system: string(entry, "name"),
        system_zh: string(entry, "name_zh"),
        architecture: string(entry, "architecture"),
        size: count(&entry["size"]),
        created: string(entry, "created"),
        cloud_init: entry["cloud_init"] == true,
    };
    entries.iter().map(image).collect()
});

/// Returns all public images.
pub(crate) fn all() -> &'static [Image] {
    &IMAGES
}

/// Returns the image with an ID.
pub(crate) fn find(id: &str) -> Option<&'static Image> {
    IMAGES.iter().find(|image| image.id == id)
}

/// Returns the newest image of a family.
pub(crate) fn newest_of(family: &str) -> Option<&'static Image> {
    IMAGES.iter().filter(|image| image.family == family).max_by_key(|image| image.created)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_image_is_complete_and_listed_once() {
        assert!(all().len() > 20);
        for image in all() {
            for text in [image.family, image.platform, image.system, image.system_zh, image.created] {
                assert!(!text.is_empty(), "{image:?}");
            }
            assert!(image.id.ends_with(".vhd") && image.size >= 20, "{image:?}");
            assert!(image.id.contains(if image.architecture == "arm64" { "arm64" } else { "64" }), "{image:?}");
        }
        let ids: BTreeSet<_> = all().iter().map(|image| image.id).collect();
        assert_eq!(ids.len(), all().len());
    }

    #[test]
    fn images_in_use_today_exist() {
        for family in
            ["alibaba_cloud_linux_3_2104_lts_x64", "ubuntu_22_04_x64", "ubuntu_24_04_x64", "centos_stream_9_x64"]
        {
            assert!(newest_of(&format!("acs:{family}")).is_some(), "{family}");
        }
        for platform in ["Debian", "Windows Server 2022"] {
            assert!(all().iter().any(|image| image.platform == platform), "{platform}");
        }
    }
}
