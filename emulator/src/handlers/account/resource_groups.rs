//! JoinResourceGroup.

use serde_json::{Value, json};

use crate::{
    call::Call,
    error::Result,
    handlers::{Entry, references},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("ecs", "JoinResourceGroup", join_resource_group)];

fn join_resource_group(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let missing =
        ["ResourceGroupId", "ResourceId", "ResourceType"].into_iter().find(|name| args.string(name).is_none());
    if let Some(name) = missing {
        return Err(call.error("MissingParameter", 403, format!("The required parameter {name} is missing.")));
    }
    let region = &call.region()?.id;
    let kind = args.string_or("ResourceType", "").to_ascii_lowercase();
    let name = args.string_or("ResourceId", "");
    let group = args.string_or("ResourceGroupId", "");
    references::resource_group(call, group)?;
    let id = call.state.id_of_tagged(&kind, region, name);
    let state = &mut *call.state;
    macro_rules! join {
        ($table:ident) => {
            match state.$table.get_mut(&id).filter(|row| row.region == *region) {
                Some(mut row) => {
                    group.clone_into(&mut row.resource_group);
                    true
                }
                None => false,
            }
        };
    }
    let joined = match kind.as_str() {
        "instance" => join!(instances),
        "disk" => join!(disks),
        "snapshot" => join!(snapshots),
        "image" => join!(images),
        "securitygroup" => join!(security_groups),
        "eni" => join!(interfaces),
        "keypair" => join!(key_pairs),
        "launchtemplate" => join!(launch_templates),
        "ddh" | "ddhcluster" | "command" | "activation" | "managedinstance" => false,
        _ => {
            let message = format!("ResourceType {kind:?} has no resource groups; it can be instance, disk and others.");
            return Err(call.error("InvalidResourceType.NotFound", 404, message));
        }
    };
    if joined {
        return Ok(json!({}));
    }
    let message = format!("The {kind} {name:?} does not exist in {region}.");
    Err(call.error("InvalidResourceId.NotFound", 404, message))
}
