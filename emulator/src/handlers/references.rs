//! References in requests to what must exist. A lenient emulator takes them unseen.

use crate::{
    args::Args,
    call::Call,
    error::{EcsError, Result},
    resources::{KeyPair, Snapshot, SnapshotStatus},
};

/// Parameters that name what the emulator does not have, so that no value of them exists, with the code and status that operations
/// document for it.
const NOTHING_EXISTS: &[(&str, &str, u16)] = &[
    ("DeploymentSetId", "InvalidDeploymentSetId.NotFound", 400),
    ("DedicatedHostId", "InvalidDedicatedHostId.NotFound", 400),
    ("SchedulerOptions.DedicatedHostClusterId", "InvalidDedicatedHostClusterId.NotFound", 400),
    ("ManagedHostId", "InvalidDedicatedHostId.NotFound", 400),
    ("HpcClusterId", "InvalidHpcClusterId.NotFound", 400),
    ("PrivatePoolOptions.Id", "Invalid.PrivatePoolOptions.Id", 400),
    ("StorageSetId", "InvalidParameter.StorageSetId", 403),
    ("ClusterId", "InvalidClusterId.NotFound", 404),
];

/// Like `NOTHING_EXISTS`, for parameters of a disk.
const NOTHING_EXISTS_FOR_DISKS: &[(&str, &str, u16)] = &[
    ("StorageClusterId", "InvalidStorageClusterId.NotExist", 404),
    ("StorageSetId", "InvalidStorageSetId.NotFound", 400),
];

/// Rejects references of a new instance to what the emulator does not have.
pub(super) fn of_instance(call: &Call<'_>) -> Result<()> {
    not_there(call, call.args, NOTHING_EXISTS)
}

/// Rejects references of a new disk to what the emulator does not have.
pub(super) fn of_disk(call: &Call<'_>, options: &Args) -> Result<()> {
    not_there(call, options, NOTHING_EXISTS_FOR_DISKS)?;
    let Some(id) = options.string("AutoSnapshotPolicyId").filter(|_| !call.lenient) else { return Ok(()) };
    let region = call.region()?;
    if call.state.snapshot_policies.get(id).is_some_and(|policy| policy.region == region.id) {
        return Ok(());
    }
    let message = format!("The automatic snapshot policy {id:?} does not exist in {}.", region.id);
    Err(call.error("InvalidAutoSnapshotPolicyId.NotFound", 404, message))
}

/// Checks how an instance uses private pools, of which the emulator has none.
pub(super) fn private_pool(call: &Call<'_>) -> Result<()> {
    let criteria = ["Open", "Target", "None"];
    call.one_of("PrivatePoolOptions.MatchCriteria", &criteria, 400, "Invalid.PrivatePoolOptions.MatchCriteria")?;
    let args = call.args;
    if args.string("PrivatePoolOptions.MatchCriteria") == Some("Target")
        && args.string("PrivatePoolOptions.Id").is_none()
    {
        let message = "The MatchCriteria Target needs the ID of a private pool in PrivatePoolOptions.Id.";
        return Err(call.error("MissingParameter.PrivatePoolOptions.Id", 400, message));
    }
    not_there(call, args, &[("PrivatePoolOptions.Id", "Invalid.PrivatePoolOptions.Id", 400)])
}

fn not_there(call: &Call<'_>, args: &Args, parameters: &[(&str, &str, u16)]) -> Result<()> {
    let sent = parameters.iter().find_map(|(name, code, status)| Some((name, args.string(name)?, code, *status)));
    match sent {
        Some((name, id, code, status)) if !call.lenient => {
            Err(call.error(code, status, format!("{name} {id:?} does not exist; the emulator has none.")))
        }
        _ => Ok(()),
    }
}

/// Checks that a RAM role exists, and that instances can have it.
pub(super) fn ram_role(call: &Call<'_>, name: &str) -> Result<()> {
    let role = call.catalog.ram_role(name);
    if call.lenient || call.state.ram_roles.contains(name) || role.is_some_and(|role| role.ecs) {
        return Ok(());
    }
    if role.is_some() {
        let message = format!("The RAM role {name:?} is not for instances: it does not trust ECS.");
        return Err(call.error("InvalidRamRole.NotEcsRole", 404, message));
    }
    let known: Vec<&str> = call.catalog.ram_roles().iter().map(|role| role.name.as_str()).collect();
    let message = format!(
        "The RAM role {name:?} does not exist; there are {}. A catalog file or a state file can name others.",
        known.join(", ")
    );
    Err(call.error("InvalidRamRole.NotFound", 404, message))
}

/// Checks that a key pair exists.
pub(super) fn key_pair(call: &Call<'_>, region: &str, name: &str) -> Result<()> {
    if call.lenient || call.state.key_pairs.count(&KeyPair::link(region, name)) > 0 {
        return Ok(());
    }
    let message =
        format!("The key pair {name:?} does not exist in {region}; CreateKeyPair and ImportKeyPair create one.");
    Err(call.error("InvalidKeyPairName.NotFound", 404, message))
}

/// Checks that a resource group exists.
pub(super) fn resource_group(call: &Call<'_>, id: &str) -> Result<()> {
    if call.lenient || call.state.resource_groups.contains(id) {
        return Ok(());
    }
    let known: Vec<&str> = call.state.resource_groups.iter().map(String::as_str).collect();
    let message = format!(
        "The resource group {id:?} does not exist; the account has {}. A state file can name others.",
        known.join(", ")
    );
    Err(call.documented(
        |code| code.starts_with("InvalidResourceGroup") && !code.ends_with("Duplicate"),
        (404, "InvalidResourceGroup.NotFound"),
        message,
    ))
}

/// Returns the resource group of a new resource, which the parameter names; empty for the default one.
pub(super) fn own_group(call: &Call<'_>, parameter: &str) -> Result<String> {
    let id = call.args.string(parameter);
    id.map_or(Ok(()), |id| resource_group(call, id))?;
    Ok(id.unwrap_or_default().to_owned())
}

/// Returns the snapshot for a data disk; `None` for one that a lenient emulator does not know.
pub(super) fn data_snapshot<'c>(call: &'c Call<'_>, region: &str, id: &str) -> Result<Option<&'c Snapshot>> {
    let found = call.state.snapshots.get(id).filter(|snapshot| snapshot.region == region);
    let Some(snapshot) = found else {
        if call.lenient {
            return Ok(None);
        }
        let message = format!("The snapshot {id:?} does not exist in {region}; DescribeSnapshots lists the snapshots.");
        return Err(call.documented(
            |code| code == "InvalidSnapshotId.NotFound" || code == "InvalidDataDiskSnapshotId.NotFound",
            (404, "InvalidSnapshotId.NotFound"),
            message,
        ));
    };
    if snapshot.status.at(call.now) != SnapshotStatus::Accomplished && !snapshot.instant_access {
        let message = format!("The snapshot {id} is not accomplished yet.");
        return Err(call.error("InvalidSnapshotId.NotReady", 403, message));
    }
    if snapshot.disk_kind == "system" {
        let message = format!("{id} is a snapshot of a system disk; create an image from it instead.");
        return Err(call.error("InvalidSnapshotId.NotDataDiskSnapshot", 403, message));
    }
    Ok(Some(snapshot))
}

/// The error for a network interface that does not exist.
pub(super) fn no_interface(call: &Call<'_>, id: &str) -> EcsError {
    let message =
        format!("The network interface {id:?} does not exist; DescribeNetworkInterfaces lists the interfaces.");
    call.documented(|code| code.contains("Eni") && code.ends_with(".NotFound"), (404, "InvalidEniId.NotFound"), message)
}
