//! RAM roles of instances.

use serde_json::{Value, json};

use crate::{
    call::{Call, Found, not_found},
    error::{EcsError, Result},
    handlers::{Entry, references},
    paging,
    resources::Instance,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "AttachInstanceRamRole", attach_instance_ram_role),
    ("ecs", "DescribeInstanceRamRole", describe_instance_ram_role),
    ("ecs", "DetachInstanceRamRole", detach_instance_ram_role),
];

fn attach_instance_ram_role(call: &mut Call<'_>) -> Result<Value> {
    let role = call.args.string_or("RamRoleName", "");
    references::ram_role(call, role)?;
    let attach = |call: &mut Call<'_>, id: &str| {
        let Some(mut instance) = call.state.instances.get_mut(id) else { return Err(not_found(id)) };
        if !instance.role.is_empty() {
            let message = format!("The instance {id} has the role {}; detach it first.", instance.role);
            return Err(EcsError::new(403, "InvalidOperation.RoleAttached", message));
        }
        role.clone_into(&mut instance.role);
        Ok(json!({}))
    };
    each(call, "AttachInstanceRamRoleResults", "AttachInstanceRamRoleResult", attach)
}

fn detach_instance_ram_role(call: &mut Call<'_>) -> Result<Value> {
    let role = call.args.string("RamRoleName");
    let detach = |call: &mut Call<'_>, id: &str| {
        let Some(mut instance) = call.state.instances.get_mut(id) else { return Err(not_found(id)) };
        if instance.role.is_empty() || role.is_some_and(|role| role != instance.role) {
            let message = format!("The instance {id} does not have the role {}.", role.unwrap_or("to detach"));
            return Err(EcsError::new(404, "InvalidRamRole.NotFound", message));
        }
        let role = std::mem::take(&mut instance.role);
        Ok(json!({ "InstanceRamRoleSets": { "InstanceRamRoleSet": [{ "InstanceId": id, "RamRoleName": role }] } }))
    };
    each(call, "DetachInstanceRamRoleResults", "DetachInstanceRamRoleResult", detach)
}

/// Changes each of the instances that the call names, and reports the results.
fn each(
    call: &mut Call<'_>,
    list: &str,
    element: &str,
    change: impl Fn(&mut Call<'_>, &str) -> Result<Value>,
) -> Result<Value> {
    let region = &call.region()?.id;
    let ids = call.args.strings("InstanceIds").unwrap_or_default();
    if ids.is_empty() {
        let message = "InstanceIds must be a JSON list of instance IDs.";
        return Err(call.error("InvalidInstanceIds.Malformed", 400, message));
    }
    let (mut results, mut failed) = (Vec::new(), 0);
    for id in &ids {
        let here = call.state.instances.get(id).is_some_and(|instance| instance.region == *region);
        let outcome = if here { change(call, id) } else { Err(not_found(id)) };
        let (mut result, success, code, message) = match outcome {
            Ok(result) => (result, true, "200".to_owned(), "success".to_owned()),
            Err(error) => (json!({}), false, error.code, error.message),
        };
        failed += usize::from(!success);
        result["InstanceId"] = (*id).into();
        result["Success"] = success.into();
        result["Code"] = code.into();
        result["Message"] = message.into();
        results.push(result);
    }
    Ok(json!({
        "TotalCount": ids.len(),
        "FailCount": failed,
        "RamRoleName": call.args.string_or("RamRoleName", ""),
        list: { element: results },
    }))
}

fn describe_instance_ram_role(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let ids = call.args.strings("InstanceIds");
    if ids.is_none() && call.args.string("RamRoleName").is_none() {
        let message = "Specify instances with InstanceIds, or a role with RamRoleName.";
        return Err(call.error("InvalidParameter.AllEmpty", 403, message));
    }
    for id in ids.unwrap_or_default() {
        if call.state.instances.get(id).is_none_or(|instance| instance.region != region.id) {
            return Err(not_found(id));
        }
    }
    // Instances without a role are not listed when a role is asked for, and have an empty one when they are.
    let wanted =
        |instance: &Instance| call.listed("InstanceIds", &instance.id) && call.matches("RamRoleName", &instance.role);
    let instances = &call.state.instances;
    let found = match (call.args.strings("InstanceIds"), call.args.string("RamRoleName")) {
        (None, Some(role)) => {
            let having = instances.linked(&Instance::role_link(role));
            Found::Some(having.filter(|instance| instance.region == region.id).collect())
        }
        _ => call.find(instances, &region.id, (&["InstanceIds"], &[]), wanted),
    };
    let page = paging::page(call, found)?;
    let mut response = page.response(
        call,
        "InstanceRamRoleSets",
        "InstanceRamRoleSet",
        |instance| json!({ "InstanceId": instance.id, "RamRoleName": instance.role }),
    );
    response["RegionId"] = region.id.as_str().into();
    Ok(response)
}
