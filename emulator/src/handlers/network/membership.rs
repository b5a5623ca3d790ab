//! Security groups that an instance or a network interface can have.

use crate::{
    call::Call,
    error::{EcsError, Result},
    state::quotas,
};

/// Checks that the security groups exist in the region, belong to the VPC, have one type, and are not too many.
pub(in crate::handlers) fn check(call: &Call<'_>, region: &str, vpc: &str, groups: &[&str]) -> Result<()> {
    let mut kind = None;
    for (place, id) in groups.iter().enumerate() {
        let Some(group) = call.state.security_groups.get(id).filter(|group| group.region == region) else {
            let message = format!(
                "The security group {id:?} does not exist in {region}; DescribeSecurityGroups lists the groups."
            );
            return Err(EcsError::new(404, "InvalidSecurityGroupId.NotFound", message));
        };
        if groups[..place].contains(id) {
            let message = format!("The security group {id} is named twice.");
            return Err(call.error("InvalidParameter.SecurityGroupIdRepeated", 400, message));
        }
        if group.vpc != vpc {
            let message = format!("The security group {id} belongs to {}, not to {vpc}.", group.vpc);
            let known = [
                "InvalidSecurityGroup.VpcMismatch",
                "InvalidSecurityGroupVpc.NotBelongToOneVpc",
                "InvalidParameter.Mismatch",
                "OperationDenied.InconsistentNetwork",
                "InvalidOperation.VpcMismatch",
            ];
            return Err(call.error_of(&known, 400, message));
        }
        if *kind.get_or_insert(&group.kind) != &group.kind {
            let message = "Security groups of the types normal and enterprise cannot be combined.";
            let known = ["EnterpriseGroupLimited.MutliGroupType", "InvalidOperation.MultiGroupType"];
            return Err(call.error_of(&known, 403, message));
        }
    }
    let most = call.state.quota(&quotas::SECURITY_GROUPS_PER_INTERFACE);
    if groups.len() as u64 > most {
        let message = format!("An instance or a network interface can have at most {most} security groups.");
        let known = ["JoinedGroupLimitExceed", "InstanceSecurityGroupLimitExceeded"];
        return Err(call.error_of(&known, 400, message));
    }
    Ok(())
}
