//! The resources of an account. Each is a row of a table, in the form in which the state is saved.

mod command;
mod disk;
mod disk_encryption;
mod eip;
mod event;
mod image;
mod instance;
mod interface;
mod invocation;
mod key_pair;
mod launch_template;
mod security_group;
mod snapshot;
mod snapshot_policy;
mod target;
mod task;
mod vpc;
mod vswitch;

pub(crate) use command::Command;
pub(crate) use disk::{Disk, DiskStatus, Mount};
pub(crate) use disk_encryption::DiskEncryption;
pub(crate) use eip::{Eip, EipStatus};
pub(crate) use event::SystemEvent;
pub(crate) use image::{Image, ImageDisk, ImageStatus, Share};
pub(crate) use instance::{Instance, Internet, Maintenance, Metadata, PrivatePool, Renewal, Spot, Status};
pub(crate) use interface::{Interface, InterfaceStatus};
pub(crate) use invocation::{FileDelivery, Invocation};
pub(crate) use key_pair::KeyPair;
pub(crate) use launch_template::{LaunchTemplate, TemplateVersion};
pub(crate) use security_group::{SecurityGroup, SecurityRule, Traffic};
pub(crate) use snapshot::{Snapshot, SnapshotGroup, SnapshotStatus};
pub(crate) use snapshot_policy::{CopyEncryption, SnapshotPolicy};
pub(crate) use target::{Ending, Plan, RunStatus, Schedule, Target, Targets};
pub(crate) use task::{Task, TaskStatus};
pub(crate) use vpc::{Vpc, VpcStatus};
pub(crate) use vswitch::VSwitch;

/// A state of a resource.
pub(crate) trait ResourceState: Copy + PartialEq {
    /// Returns the state as the service writes it.
    fn name(self) -> &'static str;
}

/// Implements [`Row`](crate::state::Row) for a struct with the members `id`, `sequence`, `region` and `tags`.
macro_rules! row {
    ($row:ty, |$this:ident, $link:ident| $links:block $(, due: $due:expr)?) => {
        impl $crate::state::Row for $row {
            fn id(&self) -> &str {
                &self.id
            }

            fn sequence(&self) -> u64 {
                self.sequence
            }

            fn region(&self) -> &str {
                &self.region
            }

            fn tags(&self) -> &$crate::state::Tags {
                &self.tags
            }

            fn tags_mut(&mut self) -> &mut $crate::state::Tags {
                &mut self.tags
            }

            fn links(&self, $link: &mut dyn FnMut(&str)) {
                let $this = self;
                $links
            }

            $(fn due(&self) -> Option<time::OffsetDateTime> {
                ($due)(self)
            })?
        }
    };
}

/// Defines the states of a resource with the names that the service has for them. The first one is that of a resource in a
/// state file that gives none.
macro_rules! states {
    ($(#[$about:meta])* $name:ident { $first:ident = $first_text:literal $(, $state:ident = $text:literal)* $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the names of the states say what they are")]
        pub(crate) enum $name {
            #[default]
            #[serde(rename = $first_text)]
            $first,
            $(#[serde(rename = $text)] $state,)*
        }

        impl $name {
            /// Returns the state as the service writes it.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $name::$first => $first_text,
                    $($name::$state => $text,)*
                }
            }
        }

        impl $crate::resources::ResourceState for $name {
            fn name(self) -> &'static str {
                self.as_str()
            }
        }
    };
}

use {row, states};
