//! Files that are sent to instances.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{content, targets};
use crate::{
    call::{self, Call},
    clock,
    error::Result,
    handlers::{Entry, instances, references},
    paging,
    resources::{Ending, FileDelivery, Instance, Plan, RunStatus, Schedule, Target},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] =
    &[("ecs", "DescribeSendFileResults", describe_send_file_results), ("ecs", "SendFile", send_file)];

/// Largest file as Base64: 32 KB.
const MAX_FILE: usize = 32 * 1024;

fn send_file(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    call.one_of("ContentType", &["PlainText", "Base64"], 400, "FileContentType.Invalid")?;
    let codes = ("FileContent.DecodeError", "FileSize.ExceedLimit");
    content::read(call, "Content", ("ContentType", "PlainText"), codes, MAX_FILE)?;
    check_mode(call)?;
    let instances = targets::named(call, region)?;
    let directory = args.string_or("TargetDir", "");
    for instance in &instances {
        check_directory(call, instance, directory)?;
    }
    let text = |name: &str, default: &str| args.string_or(name, default).to_owned();
    let plans: Vec<Target> = instances.iter().map(|instance| plan(call, instance)).collect();
    let delivery = FileDelivery {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("f", &region.code),
        region: region.id.clone(),
        name: text("Name", ""),
        directory: directory.to_owned(),
        description: text("Description", ""),
        content: text("Content", ""),
        content_type: text("ContentType", "PlainText"),
        owner: text("FileOwner", "root"),
        group: text("FileGroup", "root"),
        mode: text("FileMode", "0644"),
        overwrite: args.flag("Overwrite"),
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags: call.new_tags()?,
        created: call.now.into(),
        status: plans.into(),
    };
    let id = delivery.id.clone();
    call.state.file_deliveries.insert(delivery);
    Ok(json!({ "InvokeId": id }))
}

/// Checks the permissions of the file: those of `chmod` in numbers or in letters.
fn check_mode(call: &Call<'_>) -> Result<()> {
    let mode = call.args.string_or("FileMode", "0644");
    let number = (3..=4).contains(&mode.len()) && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    let is_clause = |clause: &str| {
        clause.split_once(['+', '-', '=']).is_some_and(|(who, what)| {
            who.chars().all(|c| "ugoa".contains(c)) && what.chars().all(|c| "rwxXst".contains(c))
        })
    };
    if number || mode.split(',').all(is_clause) {
        return Ok(());
    }
    Err(call.error("FileMode.Invalid", 400, format!("FileMode cannot be {mode:?}; it is a mode such as 0644.")))
}

/// Checks that the directory is an absolute path on an instance.
fn check_directory(call: &Call<'_>, instance: &Instance, directory: &str) -> Result<()> {
    let absolute = match instances::is_windows(call, instance) {
        true => directory.get(1..).is_some_and(|rest| rest.starts_with(":\\") || rest.starts_with(":/")),
        false => directory.starts_with('/'),
    };
    if absolute {
        return Ok(());
    }
    let message = format!("TargetDir cannot be {directory:?}; it is an absolute path on {}.", instance.id);
    Err(call.error("FileTargetDir.Invalid", 400, message))
}

/// Plans the delivery to an instance. It fails if the file already exists, unless it may be overwritten.
fn plan(call: &Call<'_>, instance: &Instance) -> Target {
    let args = call.args;
    let is_there = |delivery: &FileDelivery| {
        let sent = |target: &Target| {
            target.instance == instance.id
                && target.status.last().is_some_and(|(_, status)| status == RunStatus::Success)
        };
        call.matches("Name", &delivery.name)
            && call.matches("TargetDir", &delivery.directory)
            && delivery.status.iter().any(sent)
    };
    let exists = !args.flag("Overwrite") && call.state.file_deliveries.linked(&instance.id).any(is_there);
    let (last, ending) = if exists {
        let info = "a file of this name exists; set Overwrite to replace it";
        (RunStatus::Failed, Ending::failed("FileAlreadyExists", info))
    } else {
        (RunStatus::Success, Ending::default())
    };
    let start = call.now.checked_add(call.step).unwrap_or(call.now);
    let milliseconds = i64::try_from(call.step.whole_milliseconds()).unwrap_or_default();
    let plan = Plan { milliseconds, last, ending };
    Target::new(&instance.id, call.now, Schedule::Now(start), plan)
}

fn describe_send_file_results(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let now = call.now;
    let instance = call.args.string("InstanceId");
    let links: (&[&str], &[&str]) = (&["InvokeId"], &["InstanceId"]);
    let found = call.find(&call.state.file_deliveries, &region.id, links, |delivery| {
        instance.is_none_or(|id| delivery.status.iter().any(|target| target.instance == id))
            && call.matches("InvocationStatus", delivery.status.at(now).as_str())
            && call.matches("Name", &delivery.name)
            && call.matches("ResourceGroupId", &delivery.resource_group)
            && call.tags_match(&delivery.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Invocations", "Invocation", |delivery| {
        let wanted = |target: &&Target| call.matches("InstanceId", &target.instance);
        let targets = delivery.status.iter().filter(wanted);
        json!({
            "InvokeId": delivery.id,
            "Name": delivery.name,
            "TargetDir": delivery.directory,
            "Description": delivery.description,
            "Content": delivery.content,
            "ContentType": delivery.content_type,
            "FileOwner": delivery.owner,
            "FileGroup": delivery.group,
            "FileMode": delivery.mode,
            // The service writes it as a string.
            "Overwrite": delivery.overwrite.to_string(),
            "VmCount": delivery.status.len(),
            "InvocationStatus": delivery.status.at(now).as_str(),
            "CreationTime": clock::seconds(*delivery.created),
            "InvokeInstances": { "InvokeInstance": targets.map(|target| on_instance(delivery, target, now)).collect::<Vec<_>>() },
            "Tags": call::tag_list(&delivery.tags),
        })
    }))
}

fn on_instance(delivery: &FileDelivery, target: &Target, now: OffsetDateTime) -> Value {
    let (started, ended) = (target.started(now), target.ended(now));
    let time = |time: Option<OffsetDateTime>| time.map(clock::seconds).unwrap_or_default();
    let ending = target.ending(now).cloned().unwrap_or_default();
    json!({
        "InstanceId": target.instance,
        "InvocationStatus": target.status.at(now).as_str(),
        "CreationTime": clock::seconds(*delivery.created),
        "StartTime": time(started),
        "FinishTime": time(ended),
        "UpdateTime": clock::seconds(ended.max(started).unwrap_or(*delivery.created)),
        "ErrorCode": ending.error_code,
        "ErrorInfo": ending.error_info,
    })
}
