//! The instances that a request is for.

use crate::{
    args::Args,
    call::Call,
    catalog::Region,
    error::{EcsError, Result},
    matching,
    resources::Instance,
};

/// Number of instances that a command runs on at a time.
const MAX_INSTANCES: usize = 100;

/// Returns the instances that the call names with `InstanceId`, each once.
pub(super) fn named(call: &Call<'_>, region: &Region) -> Result<Vec<Instance>> {
    let ids = call.args.strings("InstanceId").unwrap_or_default();
    if ids.is_empty() {
        let message = "Name the instances with InstanceId.1, InstanceId.2 and so on.";
        return Err(call.error("MissingParam.InstanceId", 400, message));
    }
    let mut instances: Vec<Instance> = Vec::with_capacity(ids.len());
    for id in ids {
        let found = call.state.instances.get(id).filter(|instance| instance.region == region.id);
        let instance = found.ok_or_else(|| not_found(call, region, id))?;
        if !instances.iter().any(|known| known.id == instance.id) {
            instances.push(instance.clone());
        }
    }
    Ok(instances)
}

/// The error for an instance that does not exist.
pub(super) fn not_found(call: &Call<'_>, region: &Region, id: &str) -> EcsError {
    let message = format!("The instance {id:?} does not exist in {}.", region.id);
    call.error("InvalidInstance.NotFound", 404, message)
}

/// Returns the instances that the call names, or selects by tags.
pub(super) fn of_run(call: &Call<'_>, region: &Region) -> Result<Vec<Instance>> {
    let tags = call.args.structs("ResourceTag");
    let Some(first) = tags.first() else { return named(call, region) };
    if call.args.list("InstanceId").is_some() {
        let message = "InstanceId and ResourceTag exclude each other.";
        return Err(call.error("InvalidResourceTag.ConflictWithInstanceIds", 400, message));
    }
    let mut keys: Vec<&str> = Vec::new();
    for tag in &tags {
        let Some(key) = tag.string("Key") else {
            return Err(call.error("MissingParameter.ResourceTagKey", 400, "A tag in ResourceTag has no Key."));
        };
        if keys.contains(&key) {
            let message = format!("ResourceTag has the key {key:?} twice.");
            return Err(call.error("Duplicate.ResourceTagKey", 400, message));
        }
        keys.push(key);
    }
    let link = match (first.string("Key"), first.string("Value")) {
        (Some(key), Some(value)) => Instance::tag_link(key, value),
        _ => region.id.clone(),
    };
    let has =
        |instance: &Instance, tag: &Args| matching::has_tag(&instance.tags, tag.string("Key"), tag.string("Value"));
    let selected = call.state.instances.linked(&link).filter(|instance| instance.region == region.id);
    let selected: Vec<Instance> =
        selected.filter(|instance| tags.iter().all(|tag| has(instance, tag))).cloned().collect();
    if selected.is_empty() {
        let message = format!("No instance in {} has the tags of ResourceTag.", region.id);
        return Err(call.error("InvalidResourceTag.InstanceNotFound", 400, message));
    }
    if selected.len() > MAX_INSTANCES {
        let message = format!("{} instances have the tags; at most {MAX_INSTANCES} are allowed.", selected.len());
        return Err(call.error("InstanceIds.ExceedLimit", 403, message));
    }
    Ok(selected)
}
