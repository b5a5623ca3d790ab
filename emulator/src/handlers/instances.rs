//! Operations on instances, and on what instances are created with: launch templates and key pairs.

mod attributes;
mod billing;
mod charge_type;
mod console;
mod create;
mod key_pairs;
pub(super) mod launch;
mod launch_templates;
mod lifecycle;
mod maintenance;
mod network;
mod queries;
mod ram_roles;
mod render;
mod resize;
mod template_versions;

pub(super) use render::is_windows;

use super::Entry;

/// The handlers of the family, by file.
pub(super) const HANDLERS: &[&[Entry]] = &[
    attributes::HANDLERS,
    billing::HANDLERS,
    charge_type::HANDLERS,
    console::HANDLERS,
    create::HANDLERS,
    key_pairs::HANDLERS,
    launch_templates::HANDLERS,
    lifecycle::HANDLERS,
    maintenance::HANDLERS,
    network::HANDLERS,
    queries::HANDLERS,
    ram_roles::HANDLERS,
    resize::HANDLERS,
    template_versions::HANDLERS,
];
