//! Images: those of the account, and public ones in the same form.

use serde::{Deserialize, Serialize};

use super::{row, states};
use crate::{
    catalog,
    clock::{self, Time},
    state::{Tags, Timeline},
};

states! {
    /// State of an image.
    ImageStatus {
        Available = "Available",
        Creating = "Creating",
        Waiting = "Waiting",
        UnAvailable = "UnAvailable",
        CreateFailed = "CreateFailed",
        Deprecated = "Deprecated",
    }
}

/// A disk of an image.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ImageDisk {
    /// Device, such as `/dev/xvda`.
    pub(crate) device: String,
    /// `system` or `data`.
    pub(crate) kind: String,
    /// Size in GiB.
    pub(crate) size: i64,
    /// Snapshot with its data; empty for an empty disk and an imported one.
    pub(crate) snapshot: String,
    /// Whether it is encrypted.
    pub(crate) encrypted: bool,
    /// Format of the file that it was imported from.
    pub(crate) format: String,
    /// OSS bucket of the file that it was imported from.
    pub(crate) bucket: String,
    /// OSS object of the file that it was imported from.
    pub(crate) object: String,
}

/// An account that may use an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Share {
    /// ID of the account.
    pub(crate) account: String,
    /// Time from which it may use the image.
    pub(crate) since: Time,
}

/// Size of the system disk of an image whose file gives none, in GiB.
const USUAL_SIZE: i64 = 20;

/// An image.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of DescribeImages")]
pub(crate) struct Image {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) family: String,
    pub(crate) version: String,
    /// Platform, such as `Ubuntu`.
    pub(crate) platform: String,
    /// `linux` or `windows`.
    pub(crate) os_type: String,
    /// Name of the operating system in English.
    pub(crate) system: String,
    /// Name of the operating system in Chinese.
    pub(crate) system_zh: String,
    /// `x86_64`, `arm64` or `i386`.
    pub(crate) architecture: String,
    pub(crate) boot_mode: String,
    /// Size of the system disk in GiB.
    pub(crate) size: i64,
    /// Disks: the system disk, then the data disks.
    pub(crate) disks: Vec<ImageDisk>,
    pub(crate) cloud_init: bool,
    /// `supported` or `unsupported`.
    pub(crate) nvme: String,
    /// Access modes of the metadata service: `v1` or `v2`.
    pub(crate) imds: String,
    /// `supported` or `unsupported`; empty if it is not known.
    pub(crate) secure_boot: String,
    /// License of Windows: `Aliyun` or `BYOL`.
    pub(crate) license: String,
    /// Whether it is checked for defects.
    pub(crate) checked: bool,
    /// KMS key of an encrypted copy.
    pub(crate) key: String,
    /// Image that it is a copy of.
    pub(crate) source: Option<String>,
    /// Whether it was imported.
    pub(crate) imported: bool,
    /// Whether all accounts may use it, as a community image.
    pub(crate) community: bool,
    /// Accounts that may use it, besides its owner.
    pub(crate) shares: Vec<Share>,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    pub(crate) status: Timeline<ImageStatus>,
}

impl Image {
    /// Returns a public image in the form of those of the account.
    pub(crate) fn public(image: &catalog::Image, region: &str) -> Self {
        Image {
            id: image.id.clone(),
            region: region.to_owned(),
            name: image.id.clone(),
            family: image.family.clone(),
            platform: image.platform.clone(),
            os_type: image.os_type().to_owned(),
            system: image.system.clone(),
            system_zh: image.system_zh.clone(),
            architecture: image.architecture.clone(),
            boot_mode: image.boot_mode().to_owned(),
            size: i64::from(image.size),
            cloud_init: image.cloud_init,
            nvme: if image.nvme { "supported" } else { "unsupported" }.to_owned(),
            imds: if image.cloud_init { "v2" } else { "v1" }.to_owned(),
            created: clock::parse_seconds(&image.created).map(Time::from).unwrap_or_default(),
            ..Image::default()
        }
    }

    /// Fills in what a file leaves out: without more, an image of a Linux system with one disk.
    pub(crate) fn fill_in(&mut self) {
        let windows = self.platform.contains("Windows") || self.os_type == "windows";
        let arm = self.architecture == "arm64";
        if self.size == 0 {
            self.size = self.disks.first().map_or(USUAL_SIZE, |disk| disk.size);
        }
        let members = [
            (&mut self.name, self.id.as_str()),
            (&mut self.platform, if windows { "Other Windows" } else { "Others Linux" }),
            (&mut self.os_type, if windows { "windows" } else { "linux" }),
            (&mut self.architecture, "x86_64"),
            (&mut self.boot_mode, if arm { "UEFI" } else { "BIOS" }),
            (&mut self.nvme, "supported"),
            (&mut self.imds, "v2"),
        ];
        for (member, usual) in members.into_iter().filter(|(member, _)| member.is_empty()) {
            usual.clone_into(member);
        }
        for member in [&mut self.system, &mut self.system_zh].into_iter().filter(|member| member.is_empty()) {
            self.platform.clone_into(member);
        }
    }

    /// Whether its operating system is Windows.
    pub(crate) fn is_windows(&self) -> bool {
        self.os_type == "windows"
    }

    /// Returns the snapshots of its disks with the devices: that of the system disk comes first.
    pub(crate) fn snapshots(&self) -> Vec<(String, String)> {
        let disks = self.disks.iter().filter(|disk| !disk.snapshot.is_empty());
        disks.map(|disk| (disk.snapshot.clone(), disk.device.clone())).collect()
    }

    /// Whether one of its disks is encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.disks.iter().any(|disk| disk.encrypted)
    }

    /// Whether an account has access to it, besides its owner.
    pub(crate) fn is_shared_with(&self, account: &str) -> bool {
        self.shares.iter().any(|share| share.account == account)
    }
}

row!(Image, |image, link| {
    link(&image.region);
    image.disks.iter().filter(|disk| !disk.snapshot.is_empty()).for_each(|disk| link(&disk.snapshot));
    image.source.iter().for_each(|source| link(source));
});
