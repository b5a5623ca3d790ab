//! Tags and resource groups of resources of any kind.

use super::{Row, State, Table, Tags};
use crate::resources::{KeyPair, LaunchTemplate};

/// A resource as operations on tags see it.
#[derive(Debug, Clone)]
pub(crate) struct Tagged {
    /// Place in the order of creation.
    pub(crate) sequence: u64,
    /// ID; for key pairs, the name.
    pub(crate) id: String,
    /// Tags.
    pub(crate) tags: Tags,
}

/// A table of resources that have tags.
pub(crate) trait TaggedTable {
    /// Returns the tags of a resource of a region.
    fn tags(&self, id: &str, region: &str) -> Option<Tagged>;

    /// Returns all resources of a region that have tags.
    fn all(&self, region: &str) -> Vec<Tagged>;

    /// Replaces the tags of a resource.
    fn set_tags(&mut self, id: &str, tags: Tags);
}

impl<T: Row> TaggedTable for Table<T> {
    fn tags(&self, id: &str, region: &str) -> Option<Tagged> {
        self.get(id).filter(|row| row.region() == region).map(tagged)
    }

    fn all(&self, region: &str) -> Vec<Tagged> {
        self.linked(region).filter(|row| !row.tags().is_empty()).map(tagged).collect()
    }

    fn set_tags(&mut self, id: &str, tags: Tags) {
        if let Some(mut row) = self.get_mut(id) {
            *row.tags_mut() = tags;
        }
    }
}

fn tagged<T: Row>(row: &T) -> Tagged {
    Tagged { sequence: row.sequence(), id: row.id().to_owned(), tags: row.tags().clone() }
}

impl State {
    /// Returns the table of a type of resource, as tag operations name it; `None` for types that are not simulated.
    pub(crate) fn tagged(&self, kind: &str) -> Option<&dyn TaggedTable> {
        Some(match kind {
            "instance" => &self.instances,
            "disk" => &self.disks,
            "snapshot" => &self.snapshots,
            "snapshotpolicy" => &self.snapshot_policies,
            "image" => &self.images,
            "securitygroup" => &self.security_groups,
            "eni" => &self.interfaces,
            "keypair" => &self.key_pairs,
            "launchtemplate" => &self.launch_templates,
            "vpc" => &self.vpcs,
            "vswitch" => &self.vswitches,
            "eip" => &self.eips,
            "command" => &self.commands,
            "invocation" => &self.invocations,
            _ => return None,
        })
    }

    /// Returns the table of a type of resource, to change tags.
    pub(crate) fn tagged_mut(&mut self, kind: &str) -> Option<&mut dyn TaggedTable> {
        Some(match kind {
            "instance" => &mut self.instances,
            "disk" => &mut self.disks,
            "snapshot" => &mut self.snapshots,
            "snapshotpolicy" => &mut self.snapshot_policies,
            "image" => &mut self.images,
            "securitygroup" => &mut self.security_groups,
            "eni" => &mut self.interfaces,
            "keypair" => &mut self.key_pairs,
            "launchtemplate" => &mut self.launch_templates,
            "vpc" => &mut self.vpcs,
            "vswitch" => &mut self.vswitches,
            "eip" => &mut self.eips,
            "command" => &mut self.commands,
            "invocation" => &mut self.invocations,
            _ => return None,
        })
    }

    /// Returns the ID of a resource that a tag operation names: key pairs and launch templates have names as well.
    pub(crate) fn id_of_tagged(&self, kind: &str, region: &str, name: &str) -> String {
        let row = match kind {
            "keypair" => self.key_pairs.linked(&KeyPair::link(region, name)).next().map(|pair| &pair.id),
            "launchtemplate" => {
                self.launch_templates.linked(&LaunchTemplate::link(region, name)).next().map(|template| &template.id)
            }
            _ => None,
        };
        row.cloned().unwrap_or_else(|| name.to_owned())
    }
}
