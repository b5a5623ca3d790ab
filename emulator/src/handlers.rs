//! The operations that the emulator simulates, one function per operation.

mod billing;
mod catalog;
mod create;
mod disks;
mod events;
mod instances;
mod launch;
mod lifecycle;
mod network;
mod render;
mod resize;
mod stock;
mod sts;
mod tags;

use crate::call::Handler;

/// Returns the handler of an operation; `None` if it is not simulated.
pub(crate) fn find(service: &str, operation: &str) -> Option<Handler> {
    let handler: Handler = match (service, operation) {
        ("ecs", "AllocatePublicIpAddress") => lifecycle::allocate_public_ip_address,
        ("ecs", "CreateInstance") => create::create_instance,
        ("ecs", "CreateSecurityGroup") => network::create_security_group,
        ("ecs", "DeleteInstance") => lifecycle::delete_instance,
        ("ecs", "DeleteInstances") => lifecycle::delete_instances,
        ("ecs", "DescribeAvailableResource") => stock::describe_available_resource,
        ("ecs", "DescribeDisks") => disks::describe_disks,
        ("ecs", "DescribeImages") => catalog::describe_images,
        ("ecs", "DescribeInstanceAutoRenewAttribute") => billing::describe_instance_auto_renew_attribute,
        ("ecs", "DescribeInstanceStatus") => instances::describe_instance_status,
        ("ecs", "DescribeInstanceTypes") => catalog::describe_instance_types,
        ("ecs", "DescribeInstances") => instances::describe_instances,
        ("ecs", "DescribeRegions") => catalog::describe_regions,
        ("ecs", "DescribeResourcesModification") => resize::describe_resources_modification,
        ("ecs", "DescribeSecurityGroups") => network::describe_security_groups,
        ("ecs", "DescribeSpotPriceHistory") => stock::describe_spot_price_history,
        ("ecs", "ListTagResources") => tags::list_tag_resources,
        ("ecs", "ModifyInstanceAutoReleaseTime") => lifecycle::modify_instance_auto_release_time,
        ("ecs", "ModifyInstanceAutoRenewAttribute") => billing::modify_instance_auto_renew_attribute,
        ("ecs", "ModifyInstanceSpec") => resize::modify_instance_spec,
        ("ecs", "ModifyPrepayInstanceSpec") => resize::modify_prepay_instance_spec,
        ("ecs", "RenewInstance") => billing::renew_instance,
        ("ecs", "RunInstances") => create::run_instances,
        ("ecs", "StartInstance") => lifecycle::start_instance,
        ("ecs", "StopInstance") => lifecycle::stop_instance,
        ("vpc", "DescribeVSwitches") => network::describe_vswitches,
        ("cms", "DescribeSystemEventAttribute") => events::describe_system_event_attribute,
        ("sts", "AssumeRole") => sts::assume_role,
        ("sts", "AssumeRoleWithOIDC") => sts::assume_role_with_oidc,
        ("sts", "GetCallerIdentity") => sts::get_caller_identity,
        _ => return None,
    };
    Some(handler)
}
