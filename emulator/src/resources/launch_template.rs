//! Launch templates and their versions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::row;
use crate::{clock::Time, state::Tags};

/// A launch template.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are those of DescribeLaunchTemplates"
)]
pub(crate) struct LaunchTemplate {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) default_version: u32,
    pub(crate) latest_version: u32,
    pub(crate) versions: Vec<TemplateVersion>,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    pub(crate) modified: Time,
}

/// A version of a launch template.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "the members are those of DescribeLaunchTemplateVersions"
)]
pub(crate) struct TemplateVersion {
    pub(crate) number: u32,
    pub(crate) description: String,
    pub(crate) created: Time,
    /// Parameters of RunInstances, typed and by wire name.
    pub(crate) parameters: Map<String, Value>,
}

impl LaunchTemplate {
    /// Returns the link by which the template with a name is found.
    pub(crate) fn link(region: &str, name: &str) -> String {
        format!("launch-template {region} {name}")
    }
}

row!(LaunchTemplate, |template, link| {
    link(&template.region);
    link(&LaunchTemplate::link(&template.region, &template.name));
});
