//! The operations that the emulator simulates, one function per operation.

mod billing;
mod catalog;
mod charge_type;
mod console;
mod create;
mod create_image;
mod disk_attachments;
mod disk_changes;
mod disk_create;
mod disk_encryption;
mod disk_resets;
mod disk_rules;
mod disks;
mod eip_bindings;
mod eips;
mod events;
mod image_changes;
mod image_rules;
mod image_transfers;
mod images;
mod instance_attributes;
mod instance_network;
mod instance_types;
mod instances;
mod interface_addresses;
mod interface_rules;
mod interfaces;
mod key_pairs;
mod launch;
mod launch_templates;
mod lifecycle;
mod membership;
mod network_rules;
mod priced_disk;
mod prices;
mod ram_roles;
mod recommend;
mod references;
mod render;
mod resize;
mod resource_groups;
mod security_groups;
mod security_rules;
mod snapshot_groups;
mod snapshot_policies;
mod snapshots;
mod spot;
mod stock;
mod sts;
mod tags;
mod tasks;
mod template_versions;
mod vpc_tags;
mod vpcs;
mod vrouters;
mod vswitches;

use std::{collections::HashMap, sync::LazyLock};

use crate::call::Handler;

/// Service, operation and handler.
type Entry = (&'static str, &'static str, Handler);

/// The handlers, by the file that has them.
const HANDLERS: &[&[Entry]] = &[
    billing::HANDLERS,
    catalog::HANDLERS,
    charge_type::HANDLERS,
    console::HANDLERS,
    create::HANDLERS,
    create_image::HANDLERS,
    disk_attachments::HANDLERS,
    disk_changes::HANDLERS,
    disk_create::HANDLERS,
    disk_encryption::HANDLERS,
    disk_resets::HANDLERS,
    disks::HANDLERS,
    eip_bindings::HANDLERS,
    eips::HANDLERS,
    events::HANDLERS,
    image_changes::HANDLERS,
    image_transfers::HANDLERS,
    images::HANDLERS,
    instance_attributes::HANDLERS,
    instance_network::HANDLERS,
    instances::HANDLERS,
    interface_addresses::HANDLERS,
    interfaces::HANDLERS,
    key_pairs::HANDLERS,
    launch_templates::HANDLERS,
    lifecycle::HANDLERS,
    prices::HANDLERS,
    ram_roles::HANDLERS,
    recommend::HANDLERS,
    resize::HANDLERS,
    resource_groups::HANDLERS,
    security_groups::HANDLERS,
    security_rules::HANDLERS,
    snapshot_groups::HANDLERS,
    snapshot_policies::HANDLERS,
    snapshots::HANDLERS,
    spot::HANDLERS,
    stock::HANDLERS,
    sts::HANDLERS,
    tags::HANDLERS,
    tasks::HANDLERS,
    template_versions::HANDLERS,
    vpc_tags::HANDLERS,
    vpcs::HANDLERS,
    vrouters::HANDLERS,
    vswitches::HANDLERS,
];

/// Returns the handler of an operation; `None` if it is not simulated.
pub(crate) fn find(service: &str, operation: &str) -> Option<Handler> {
    static BY_NAME: LazyLock<HashMap<(&str, &str), Handler>> = LazyLock::new(|| {
        let entries = HANDLERS.iter().copied().flatten();
        entries.map(|(service, operation, handler)| ((*service, *operation), *handler)).collect()
    });
    BY_NAME.get(&(service, operation)).copied()
}
