//! Runs of commands and their results.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::content;
use crate::{
    call::{self, Call},
    catalog::Region,
    clock,
    error::Result,
    handlers::Entry,
    paging,
    resources::{Ending, Invocation, RunStatus, Target},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeInvocationResults", describe_invocation_results),
    ("ecs", "DescribeInvocations", describe_invocations),
];

/// Number of places in the order of results that a run takes up: more than it has instances and earlier runs.
const PLACES: u64 = 1 << 20;

/// Whether the state of a run is the one that the call filters by. Both the present and the older states are.
fn is_in_state(call: &Call<'_>, parameter: &str, run: &Invocation) -> bool {
    let (state, older) = (run.status.at(call.now).as_str(), run.status.older(call.now).as_str());
    call.args.string(parameter).is_none_or(|wanted| wanted == state || wanted == older)
}

/// Whether a run is one that the call filters by, by parameters that both operations have.
fn is_wanted(call: &Call<'_>, region: &Region, run: &Invocation) -> bool {
    run.region == region.id
        && call.matches("InvokeId", &run.id)
        && call.matches("CommandId", &run.command.id)
        && call.matches("ResourceGroupId", &run.resource_group)
        && call.tags_match(&run.tags)
        && call.args.string("InstanceId").is_none_or(|id| run.status.iter().any(|target| target.instance == id))
}

fn describe_invocations(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    let instance = args.string("InstanceId");
    let links: (&[&str], &[&str]) = (&["InvokeId"], &["InstanceId", "CommandId"]);
    let found = call.find(&call.state.invocations, &region.id, links, |run| {
        is_wanted(call, region, run)
            && is_in_state(call, "InvokeStatus", run)
            && call.matches("CommandType", &run.command.kind)
            // Ignored together with an instance.
            && (instance.is_some()
                || call.matches("CommandName", &run.command.name) && call.matches("RepeatMode", &run.repeat))
            && args.boolean("Timed").is_none_or(|timed| timed == (run.is_scheduled() && run.status.are_live(call.now)))
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Invocations", "Invocation", |run| invocation(call, run)))
}

fn invocation(call: &Call<'_>, run: &Invocation) -> Value {
    let (now, command) = (call.now, &run.command);
    let output = call.args.flag("IncludeOutput");
    let wanted = |target: &&Target| call.matches("InstanceId", &target.instance);
    let targets = run.status.iter().filter(wanted).map(|target| {
        let (started, ended) = (target.started(now), target.ended(now));
        let updated = target.stopped.max(ended).max(started).unwrap_or(*run.created);
        let mut members = outcome(call, target.status.at(now), target.ending(now), output);
        let own = json!({
            "InstanceId": target.instance,
            "InstanceInvokeStatus": target.status.at(now).older(),
            "CreationTime": clock::seconds(*run.created),
            "StartTime": time(started),
            "FinishTime": time(ended),
            "StopTime": time(target.stopped),
            "UpdateTime": clock::seconds(updated),
            "Timed": run.is_scheduled(),
            "Repeats": target.repeats,
        });
        if let Value::Object(own) = own {
            members.extend(own);
        }
        Value::Object(members)
    });
    json!({
        "InvokeId": run.id,
        "InvocationStatus": run.status.at(now).as_str(),
        "InvokeStatus": run.status.older(now).as_str(),
        "CommandId": command.id,
        "CommandName": command.name,
        "CommandDescription": command.description,
        "CommandType": command.kind,
        "CommandContent": content::write(call, &command.content),
        "Parameters": Value::Object(run.parameters.clone()).to_string(),
        "RepeatMode": run.repeat,
        "Frequency": run.frequency,
        "Timed": run.is_scheduled(),
        "Timeout": command.timeout,
        "WorkingDir": command.working_dir,
        "Username": run.username,
        "Launcher": command.launcher,
        "ContainerId": run.container,
        "ContainerName": run.container_name,
        "TerminationMode": run.termination,
        "CreationTime": clock::seconds(*run.created),
        "InvokeInstances": { "InvokeInstance": targets.collect::<Vec<_>>() },
        "Tags": call::tag_list(&run.tags),
    })
}

fn time(time: Option<OffsetDateTime>) -> String {
    time.map(clock::seconds).unwrap_or_default()
}

/// Returns the state of a run on an instance, and how it ended.
fn outcome(call: &Call<'_>, status: RunStatus, ending: Option<&Ending>, output: bool) -> Map<String, Value> {
    let none = Ending::default();
    let ending = ending.unwrap_or(&none);
    let mut members = Map::new();
    members.insert("InvocationStatus".to_owned(), status.as_str().into());
    members.insert("ErrorCode".to_owned(), ending.error_code.as_str().into());
    members.insert("ErrorInfo".to_owned(), ending.error_info.as_str().into());
    // A process that has not ended by itself has no exit code.
    if let Some(code) = ending.exit_code {
        members.insert("ExitCode".to_owned(), code.into());
    }
    if output {
        members.insert("Output".to_owned(), content::write(call, &ending.output).into());
        members.insert("Dropped".to_owned(), ending.dropped.into());
    }
    members
}

fn describe_invocation_results(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    let history = args.flag("IncludeHistory") && args.string("InvokeId").is_some();
    let link = ["InstanceId", "CommandId"].into_iter().find_map(|name| args.string(name)).unwrap_or(&region.id);
    let runs: Vec<&Invocation> = match args.string("InvokeId") {
        Some(id) => call.state.invocations.get(id).into_iter().collect(),
        None => call.state.invocations.linked(link).collect(),
    };
    let runs =
        runs.into_iter().filter(|run| is_wanted(call, region, run) && is_in_state(call, "InvokeRecordStatus", run));
    let mut results = Vec::new();
    for run in runs {
        let mut place = run.sequence.saturating_mul(PLACES);
        let targets = run.status.iter().filter(|target| call.matches("InstanceId", &target.instance));
        for target in targets {
            let earlier = if history { target.history.len() } else { 0 };
            for number in (0..earlier).map(Some).chain([None]) {
                place += 1;
                results.push((place, (run, target, number)));
            }
        }
    }
    let page = paging::page(call, results)?;
    let members = page
        .members("InvocationResults", "InvocationResult", |(_, (run, target, past))| result(call, run, target, past));
    Ok(json!({ "Invocation": members }))
}

/// Returns the result of a run on an instance: the present one, or an earlier one of a repeated command.
fn result(call: &Call<'_>, run: &Invocation, target: &Target, past: Option<usize>) -> Value {
    let now = call.now;
    let past = past.and_then(|number| Some((number, target.history.get(number)?)));
    let (started, ended, repeats, mut members) = match past {
        None => {
            let members = outcome(call, target.status.at(now), target.ending(now), true);
            (target.started(now), target.ended(now), target.repeats, members)
        }
        Some((number, past)) => {
            // The first ones may have been forgotten.
            let after = i64::try_from(target.history.len() - number).unwrap_or_default();
            let members = outcome(call, past.status, Some(&past.ending), true);
            (Some(*past.started), Some(*past.ended), target.repeats - after + 1, members)
        }
    };
    let own = json!({
        "InvokeId": run.id,
        "CommandId": run.command.id,
        "InstanceId": target.instance,
        "InvokeRecordStatus": run.status.older(now).as_str(),
        "StartTime": time(started),
        "FinishedTime": time(ended),
        "StopTime": time(target.stopped),
        "Repeats": repeats,
        "Username": run.username,
        "Launcher": run.command.launcher,
        "ContainerId": run.container,
        "ContainerName": run.container_name,
        "TerminationMode": run.termination,
        "Tags": call::tag_list(&run.tags),
    });
    if let Value::Object(own) = own {
        members.extend(own);
    }
    Value::Object(members)
}
