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
    pub(crate) default_version: i64,
    /// Versions in the order of their numbers.
    pub(crate) versions: Vec<TemplateVersion>,
    /// Highest number that a version has had. Numbers of deleted versions are not used again.
    pub(crate) highest_version: i64,
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
    pub(crate) number: i64,
    pub(crate) description: String,
    pub(crate) created: Time,
    /// Parameters for new instances by their names in CreateLaunchTemplate, which are nearly those of RunInstances.
    pub(crate) parameters: Map<String, Value>,
}

impl LaunchTemplate {
    /// Returns the link by which the template with a name is found.
    pub(crate) fn link(region: &str, name: &str) -> String {
        format!("launch-template {region} {name}")
    }

    /// Fills in what a file leaves out: numbers and times of versions, and which is the default.
    pub(crate) fn fill_in(&mut self) {
        if self.versions.is_empty() {
            self.versions.push(TemplateVersion::default());
        }
        let mut highest = self.versions.iter().map(|version| version.number).max().unwrap_or_default();
        for version in &mut self.versions {
            if version.number == 0 {
                highest += 1;
                version.number = highest;
            }
            version.created = version.created.max(self.created);
        }
        self.versions.sort_by_key(|version| version.number);
        if self.version(self.default_version).is_none() {
            self.default_version = self.versions.first().map_or(1, |version| version.number);
        }
        self.modified = self.modified.max(self.created);
    }

    /// Returns the version with a number.
    pub(crate) fn version(&self, number: i64) -> Option<&TemplateVersion> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// Returns the number of the newest version.
    pub(crate) fn latest_version(&self) -> i64 {
        self.versions.last().map_or(self.default_version, |version| version.number)
    }

    /// Returns the number for a new version.
    pub(crate) fn next_version(&self) -> i64 {
        self.highest_version.max(self.latest_version()).saturating_add(1)
    }
}

row!(LaunchTemplate, |template, link| {
    link(&template.region);
    link(&LaunchTemplate::link(&template.region, &template.name));
});
