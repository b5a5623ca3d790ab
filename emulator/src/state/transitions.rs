//! Finds resources of any kind by ID, and finishes or holds their transitions.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::State;
use crate::resources::Status;

/// A change of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransitionChange {
    /// The resource reaches its last state at once.
    Finish,
    /// The resource keeps its present state until the transition is finished.
    Hold,
}

/// Calls a macro for each table whose rows pass through states: the table, and the name of a row.
macro_rules! with_states {
    ($with:ident) => {
        $with!(instances: "instance");
        $with!(disks: "disk");
        $with!(images: "image");
        $with!(snapshots: "snapshot");
        $with!(interfaces: "network interface");
        $with!(eips: "elastic IP address");
        $with!(vpcs: "VPC");
        $with!(vswitches: "vSwitch");
        $with!(tasks: "task");
        $with!(invocations: "command run");
        $with!(file_deliveries: "file delivery");
    };
}

impl State {
    /// Returns the type of a resource, its present state if it has states, and its members as they are saved.
    pub(crate) fn resource(&self, id: &str, now: OffsetDateTime) -> Option<Value> {
        macro_rules! with_state {
            ($table:ident: $kind:literal) => {
                if let Some(row) = self.$table.get(id) {
                    return Some(json!({ "type": $kind, "status": row.status.at(now).as_str(), "resource": row }));
                }
            };
        }
        macro_rules! without_state {
            ($table:ident: $kind:literal) => {
                if let Some(row) = self.$table.get(id) {
                    return Some(json!({ "type": $kind, "resource": row }));
                }
            };
        }
        with_states!(with_state);
        without_state!(security_groups: "security group");
        without_state!(key_pairs: "key pair");
        without_state!(launch_templates: "launch template");
        without_state!(snapshot_groups: "snapshot group");
        without_state!(snapshot_policies: "snapshot policy");
        without_state!(commands: "command");
        None
    }

    /// Changes the transition of a resource. Returns false if no resource with states has the ID.
    pub(crate) fn change_transition(&mut self, id: &str, change: TransitionChange, now: OffsetDateTime) -> bool {
        macro_rules! change {
            ($table:ident: $kind:literal) => {
                if let Some(mut row) = self.$table.get_mut(id) {
                    match change {
                        TransitionChange::Finish => row.status.finish(now),
                        TransitionChange::Hold => row.status.hold(now),
                    }
                    return true;
                }
            };
        }
        if let Some(mut instance) = self.instances.get_mut(id)
            && change == TransitionChange::Finish
        {
            instance.status.finish(now);
            if instance.status(now) == Status::Running {
                instance.started = instance.started.map(|started| started.min(now));
            }
            return true;
        }
        with_states!(change);
        false
    }
}
