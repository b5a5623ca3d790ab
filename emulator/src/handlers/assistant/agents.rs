//! The Cloud Assistant Agent on instances. All instances have it, and it runs while they do.

use serde_json::{Value, json};

use super::targets;
use crate::{
    call::Call,
    clock,
    error::Result,
    handlers::{Entry, instances},
    paging,
    resources::{Instance, Status},
    state::Row as _,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeCloudAssistantStatus", describe_cloud_assistant_status),
    ("ecs", "InstallCloudAssistant", install_cloud_assistant),
];

/// Versions of the agent for Linux and Windows.
const LINUX_VERSION: &str = "2.2.3.857";
const WINDOWS_VERSION: &str = "2.1.3.857";

fn describe_cloud_assistant_status(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let state = &*call.state;
    let instances = match call.args.list("InstanceId") {
        Some(_) => targets::named(call, region)?,
        None => state.instances.linked(&region.id).cloned().collect(),
    };
    let wanted = |instance: &Instance| call.matches("OSType", system(call, instance));
    let mut found: Vec<(u64, Instance)> =
        instances.into_iter().filter(wanted).map(|instance| (instance.sequence(), instance)).collect();
    found.sort_by_key(|(place, _)| *place);
    let page = paging::page(call, found)?;
    let (list, element) = ("InstanceCloudAssistantStatusSet", "InstanceCloudAssistantStatus");
    Ok(page.response(call, list, element, |(_, instance)| status(call, &instance)))
}

fn system(call: &Call<'_>, instance: &Instance) -> &'static str {
    if instances::is_windows(call, instance) { "Windows" } else { "Linux" }
}

fn status(call: &Call<'_>, instance: &Instance) -> Value {
    let now = call.now;
    let system = system(call, instance);
    let runs = instance.status(now) == Status::Running;
    let version = if system == "Windows" { WINDOWS_VERSION } else { LINUX_VERSION };
    let own = || {
        let runs = call.state.invocations.linked(&instance.id);
        runs.flat_map(|run| run.status.iter()).filter(|target| target.instance == instance.id)
    };
    let active = own().filter(|target| target.status.at(now).is_live() && target.started(now).is_some()).count();
    let last = own().filter_map(|target| target.started(now)).max();
    json!({
        "InstanceId": instance.id,
        "OSType": system,
        // The service writes it as a string.
        "CloudAssistantStatus": runs.to_string(),
        "CloudAssistantVersion": if runs { version } else { "" },
        "SupportSessionManager": true,
        "ActiveTaskCount": active,
        "InvocationCount": own().count(),
        "LastInvokedTime": last.map(clock::seconds).unwrap_or_default(),
        "LastHeartbeatTime": if runs { clock::seconds(now) } else { String::new() },
    })
}

fn install_cloud_assistant(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    targets::named(call, region)?;
    Ok(json!({}))
}
