//! The maintenance of the hosts of instances, and the private pools that instances start from.

use serde_json::{Value, json};

use crate::{
    call::{Call, not_found},
    error::Result,
    handlers::{Entry, references},
    paging,
    resources::{Maintenance, PrivatePool},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeInstanceAttachmentAttributes", describe_attachment),
    ("ecs", "DescribeInstanceMaintenanceAttributes", describe_maintenance),
    ("ecs", "ModifyInstanceAttachmentAttributes", modify_attachment),
    ("ecs", "ModifyInstanceMaintenanceAttributes", modify_maintenance),
];

/// What happens to instances that are maintained; the second is the default.
const ACTIONS: [&str; 3] = ["Stop", "AutoRecover", "AutoRedeploy"];

fn describe_maintenance(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    check_instances(call, "InstanceId")?;
    let found =
        call.find(&call.state.instances, &region.id, (&["InstanceId"], &[]), |row| call.listed("InstanceId", &row.id));
    let page = paging::page(call, found)?;
    Ok(page.response(call, "MaintenanceAttributes", "MaintenanceAttribute", |instance| {
        let kept = instance.maintenance.as_deref();
        let action = kept.map_or("", |kept| &kept.action);
        let windows: Vec<Value> = kept
            .and_then(|kept| kept.window.as_ref())
            .map(|(start, end)| json!({ "StartTime": start, "EndTime": end }))
            .into_iter()
            .collect();
        json!({
            "InstanceId": instance.id,
            "ActionOnMaintenance": {
                "DefaultValue": ACTIONS[1],
                "SupportedValues": { "SupportedValue": ACTIONS },
                "Value": if action.is_empty() { ACTIONS[1] } else { action },
            },
            "MaintenanceWindows": { "MaintenanceWindow": windows },
            "NotifyOnMaintenance": kept.is_some_and(|kept| kept.notify),
        })
    }))
}

fn modify_maintenance(call: &mut Call<'_>) -> Result<Value> {
    call.one_of("ActionOnMaintenance", &ACTIONS, 403, "InvalidParameter")?;
    check_instances(call, "InstanceId")?;
    let args = call.args;
    if args.strings("InstanceId").is_none_or(|ids| ids.is_empty()) {
        return Err(call.error(
            "InvalidParameter",
            403,
            "Specify the instances to change with InstanceId.1 and so on.",
        ));
    }
    let mut window = None;
    if let Some(sent) = args.structs("MaintenanceWindow").first() {
        let hour = |name: &str| {
            let hour = sent.string(name)?.strip_suffix(":00:00").filter(|hour| hour.len() == 2)?;
            hour.parse::<u32>().ok().filter(|hour| *hour < 24)
        };
        let (Some(start), Some(end)) = (hour("StartTime"), hour("EndTime")) else {
            let message = "MaintenanceWindow needs StartTime and EndTime on the hour, such as 02:00:00.";
            return Err(call.error("InvalidParameter", 403, message));
        };
        if start == end {
            let message = "The maintenance window must have 1 to 23 hours.";
            return Err(call.error("InvalidParameter", 403, message));
        }
        window = Some((format!("{start:02}:00:00"), format!("{end:02}:00:00")));
    }
    for id in args.strings("InstanceId").unwrap_or_default() {
        let Some(mut instance) = call.state.instances.get_mut(id) else { return Err(not_found(id)) };
        let kept: &mut Maintenance = instance.maintenance.get_or_insert_default();
        if let Some(action) = args.string("ActionOnMaintenance") {
            action.clone_into(&mut kept.action);
        }
        if window.is_some() {
            kept.window.clone_from(&window);
        }
        kept.notify = args.boolean("NotifyOnMaintenance").unwrap_or(kept.notify);
    }
    Ok(json!({}))
}

fn describe_attachment(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    check_instances(call, "InstanceIds")?;
    let found = call
        .find(&call.state.instances, &region.id, (&["InstanceIds"], &[]), |row| call.listed("InstanceIds", &row.id));
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Instances", "Instance", |instance| {
        let pool = instance.private_pool.as_deref();
        json!({
            "InstanceId": instance.id,
            "PrivatePoolOptionsId": pool.map_or("", |pool| &pool.id),
            "PrivatePoolOptionsMatchCriteria": pool.map_or("None", |pool| &pool.criteria),
        })
    }))
}

fn modify_attachment(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    references::private_pool(call)?;
    let criteria = args.string_or("PrivatePoolOptions.MatchCriteria", "None");
    let instance = call.instance().map_err(|error| call.error("Invalid.InstanceId", 400, error.message))?;
    if instance.is_spot() && criteria != "None" {
        let message = format!("{} is a spot instance, which cannot use private pools.", instance.id);
        return Err(call.error("SpotNotSupported", 400, message));
    }
    let pool = PrivatePool::new(criteria, args.string_or("PrivatePoolOptions.Id", ""));
    call.instance_mut()?.private_pool = pool;
    Ok(json!({}))
}

/// Checks that the instances that a call names exist in its region.
fn check_instances(call: &Call<'_>, name: &str) -> Result<()> {
    let region = call.region()?;
    for id in call.args.strings(name).unwrap_or_default() {
        if call.state.instances.get(id).is_none_or(|instance| instance.region != region.id) {
            let message = not_found(id).message;
            return Err(call.error_of(&["InvalidInstanceId.NotFound", "InvalidInstanceIds.NotFound"], 404, message));
        }
    }
    Ok(())
}
