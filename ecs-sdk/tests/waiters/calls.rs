//! Calls of all waiters.

use std::time::Duration;

use ecs_sdk::{Client, Config, Result, system::BoxFuture, vpc, waiter::Waited};
use serde::Serialize;
use serde_json::Value;

/// Clients of the services that have waiters.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) ecs: Client,
    pub(crate) vpc: vpc::Client,
}

impl From<Config> for Clients {
    fn from(config: Config) -> Self {
        Clients { ecs: Client::from(&config), vpc: vpc::Client::from(&config) }
    }
}

/// The outcome of a wait, independent of the type of its resources.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The last seen resources, as JSON.
    pub(crate) items: Vec<Value>,
    pub(crate) never_seen: Vec<String>,
    pub(crate) polls: u32,
}

impl<T: Serialize> From<Waited<T>> for Outcome {
    fn from(waited: Waited<T>) -> Self {
        Outcome {
            never_seen: waited.never_seen().map(str::to_owned).collect(),
            polls: waited.polls(),
            items: waited.iter().map(|item| serde_json::to_value(item).unwrap()).collect(),
        }
    }
}

/// Waits for resources with these IDs.
type Wait = fn(Clients, Vec<String>, Duration) -> BoxFuture<'static, Result<Outcome>>;

/// A waiter, and the method that starts it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiter {
    pub(crate) service: &'static str,
    method: &'static str,
    pub(crate) wait: Wait,
}

impl Waiter {
    pub(crate) fn name(&self) -> &'static str {
        self.method.strip_prefix("wait_until_").unwrap()
    }
}

/// The state that waiters wait for whose callers choose it.
pub(crate) const TARGET: &str = "ecs.g7.xlarge";

macro_rules! waiters {
    ($($service:ident $method:ident $ids:ident $($target:ident)?;)*) => {
        /// All waiters of the SDK.
        pub(crate) const WAITERS: &[Waiter] = &[$(Waiter {
            service: stringify!($service),
            method: stringify!($method),
            wait: |clients, ids, timeout| {
                Box::pin(async move { Ok(clients.$service.$method().$ids(ids)$(.$target(TARGET))?.wait(timeout).await?.into()) })
            },
        },)*];
    };
}

waiters! {
    ecs wait_until_auto_provisioning_group_fulfilled auto_provisioning_group_ids;
    ecs wait_until_capacity_reservation_active private_pool_options_ids;
    ecs wait_until_capacity_reservation_released private_pool_options_ids;
    ecs wait_until_cloud_assistant_running instance_ids;
    ecs wait_until_dedicated_host_available dedicated_host_ids;
    ecs wait_until_diagnostic_report_finished report_ids;
    ecs wait_until_disk_available disk_ids;
    ecs wait_until_disk_deleted disk_ids;
    ecs wait_until_disk_detached disk_ids;
    ecs wait_until_disk_in_use disk_ids;
    ecs wait_until_elasticity_assurance_active private_pool_options_ids;
    ecs wait_until_image_available image_ids;
    ecs wait_until_image_deleted image_ids;
    ecs wait_until_image_export_finished task_ids;
    ecs wait_until_image_import_finished task_ids;
    ecs wait_until_image_pipeline_execution_succeeded execution_ids;
    ecs wait_until_instance_deleted instance_ids;
    ecs wait_until_instance_running instance_ids;
    ecs wait_until_instance_status_ok instance_ids;
    ecs wait_until_instance_stopped instance_ids;
    ecs wait_until_instance_type_changed instance_ids instance_type;
    ecs wait_until_invocation_finished invoke_ids;
    ecs wait_until_invocation_succeeded invoke_ids;
    ecs wait_until_network_interface_available network_interface_ids;
    ecs wait_until_network_interface_deleted network_interface_ids;
    ecs wait_until_network_interface_in_use network_interface_ids;
    ecs wait_until_network_interface_permission_granted network_interface_permission_ids;
    ecs wait_until_reserved_instance_active reserved_instance_ids;
    ecs wait_until_security_group_deleted security_group_ids;
    ecs wait_until_send_file_finished invoke_ids;
    ecs wait_until_send_file_succeeded invoke_ids;
    ecs wait_until_snapshot_accomplished snapshot_ids;
    ecs wait_until_snapshot_deleted snapshot_ids;
    ecs wait_until_snapshot_failed snapshot_ids;
    ecs wait_until_snapshot_group_accomplished snapshot_group_ids;
    ecs wait_until_snapshot_group_deleted snapshot_group_ids;
    ecs wait_until_spot_instance_recycling instance_ids;
    ecs wait_until_storage_capacity_unit_active storage_capacity_unit_ids;
    ecs wait_until_system_event_executed event_ids;
    ecs wait_until_task_finished task_ids;
    ecs wait_until_terminal_session_connected session_ids;
    ecs wait_until_terminal_session_ended session_ids;
    ecs wait_until_vsc_deleted vsc_ids;
    ecs wait_until_vsc_in_use vsc_ids;
    vpc wait_until_eip_available allocation_id;
    vpc wait_until_eip_in_use allocation_id;
    vpc wait_until_eip_released allocation_id;
    vpc wait_until_vpc_available vpc_id;
    vpc wait_until_vpc_deleted vpc_id;
    vpc wait_until_vswitch_available vswitch_ids;
    vpc wait_until_vswitch_deleted vswitch_ids;
}
