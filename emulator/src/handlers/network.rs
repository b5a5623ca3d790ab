//! Operations on VPCs, vSwitches, security groups, network interfaces and elastic IP addresses.

mod eip_bindings;
mod eips;
mod interface_addresses;
mod interface_rules;
mod interfaces;
pub(super) mod membership;
mod network_rules;
mod security_groups;
mod security_rules;
mod vpc_tags;
mod vpcs;
mod vrouters;
pub(super) mod vswitches;

use super::Entry;

/// The handlers of the family, by file.
pub(super) const HANDLERS: &[&[Entry]] = &[
    eip_bindings::HANDLERS,
    eips::HANDLERS,
    interface_addresses::HANDLERS,
    interfaces::HANDLERS,
    security_groups::HANDLERS,
    security_rules::HANDLERS,
    vpc_tags::HANDLERS,
    vpcs::HANDLERS,
    vrouters::HANDLERS,
    vswitches::HANDLERS,
];
