//! Images of the account. Public images are in the catalog.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{row, states};
use crate::{
    clock::Time,
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

/// A custom image.
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
    /// `x86_64` or `arm64`.
    pub(crate) architecture: String,
    pub(crate) boot_mode: String,
    /// Size of the system disk in GiB.
    pub(crate) size: i64,
    /// Snapshots that it consists of, with the devices of the disks: that of the system disk comes first.
    pub(crate) snapshots: Vec<(String, String)>,
    /// Instance that it was created from.
    pub(crate) instance: Option<String>,
    /// Image that it is a copy of.
    pub(crate) source: Option<String>,
    /// Whether it was imported.
    pub(crate) imported: bool,
    /// Accounts that may use it, besides its owner.
    pub(crate) shared_with: Vec<String>,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    pub(crate) status: Timeline<ImageStatus>,
    /// Time at which a pending deletion is done.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<OffsetDateTime>,
}

row!(Image, |image, link| {
    link(&image.region);
    image.snapshots.iter().for_each(|(snapshot, _)| link(snapshot));
}, due: |image: &Image| image.deleted);
