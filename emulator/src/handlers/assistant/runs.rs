//! Runs of commands: started and stopped.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use time::Duration;

use super::{commands, parameters, schedule, script, targets};
use crate::{
    call::Call,
    catalog::Region,
    command_results::CommandResult,
    error::Result,
    handlers::{Entry, instances, references},
    resources::{Command, Ending, Instance, Invocation, Plan, RunStatus, Target},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "InvokeCommand", invoke_command),
    ("ecs", "RunCommand", run_command),
    ("ecs", "StopInvocation", stop_invocation),
];

/// Length of the ID of a container.
const CONTAINER_ID: usize = 64;

fn run_command(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let command = commands::new(call, region, "PlainText")?;
    let id = command.id.clone();
    let kept = Command { runs: 1, ..command.clone() };
    let run = start(call, region, command)?;
    if call.args.flag("KeepCommand") && call.args.string("RepeatMode") != Some("DryRun") {
        commands::store(call, region, kept)?;
    }
    Ok(json!({ "CommandId": id, "InvokeId": run }))
}

fn invoke_command(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    commands::check_launcher(call)?;
    let stored = commands::named(call)?.clone();
    let or_stored = |name: &str, stored: &String| args.string(name).unwrap_or(stored).to_owned();
    let command = Command {
        timeout: args.int("Timeout").unwrap_or(stored.timeout),
        working_dir: or_stored("WorkingDir", &stored.working_dir),
        launcher: or_stored("Launcher", &stored.launcher),
        ..stored
    };
    let id = command.id.clone();
    let run = start(call, region, command)?;
    if let Some(mut command) = call.state.commands.get_mut(&id) {
        command.runs += 1;
    }
    Ok(json!({ "InvokeId": run }))
}

/// Starts a run of a command on the instances that the call names. Returns its ID.
fn start(call: &mut Call<'_>, region: &Region, command: Command) -> Result<String> {
    let args = call.args;
    let source = STANDARD.decode(&command.content).unwrap_or_default();
    let source = String::from_utf8_lossy(&source).into_owned();
    let parameters = parameters::values(call, &command, &source)?;
    let (repeat, schedule) = schedule::read(call, command.timeout)?;
    check_container(call)?;
    let instances = targets::of_run(call, region)?;
    instances.iter().try_for_each(|instance| check_system(call, &command, instance))?;
    let resource_group = references::own_group(call, "ResourceGroupId")?;
    let tags = call.new_tags()?;
    let id = call.state.ids.resource("t", &region.code);
    if repeat == "DryRun" {
        return Ok(id);
    }
    let plans: Vec<Target> = instances
        .iter()
        .map(|instance| {
            let script = parameters::script_for(call, (&command, &source), &parameters, instance, &id);
            let result = call.commands.take(&instance.id, &script);
            let mut plan = plan(&command, &script, result);
            plan.milliseconds += milliseconds(call.step);
            Target::new(&instance.id, call.now, schedule, plan)
        })
        .collect();
    let text = |name: &str| args.string_or(name, "").to_owned();
    let run = Invocation {
        sequence: call.state.next_sequence(),
        id: id.clone(),
        region: region.id.clone(),
        parameters,
        repeat,
        frequency: text("Frequency"),
        username: text("Username"),
        container: text("ContainerId"),
        container_name: text("ContainerName"),
        termination: args.string_or("TerminationMode", "Process").to_owned(),
        resource_group,
        tags,
        created: call.now.into(),
        status: plans.into(),
        command,
    };
    call.state.invocations.insert(run);
    Ok(id)
}

/// Returns the plan of a run. Its duration is that of the script alone.
fn plan(command: &Command, script: &str, result: Option<CommandResult>) -> Plan {
    let (duration, output, exit_code) = match result {
        Some(result) => {
            if let Some(code) = result.error_code() {
                let ending = Ending::failed(code, "a result that was set with the emulator's control API");
                return Plan { milliseconds: 0, last: status_of(code), ending };
            }
            (result.duration(), result.output().to_owned(), result.exit_code())
        }
        None => {
            let line_end = if command.kind == "RunShellScript" { "\n" } else { "\r\n" };
            let done = script::execute(script, line_end);
            (done.duration, done.output, done.exit_code)
        }
    };
    let milliseconds = milliseconds(Duration::try_from(duration).unwrap_or_default());
    let timeout = command.timeout.max(0).saturating_mul(1_000);
    if milliseconds > timeout {
        let info = format!("the command was ended after its timeout of {} seconds", command.timeout);
        let ending = Ending::failed("ExecutionTimeout", &info);
        return Plan { milliseconds: timeout, last: RunStatus::Timeout, ending };
    }
    let last = if exit_code == 0 { RunStatus::Success } else { RunStatus::Failed };
    Plan { milliseconds, last, ending: Ending::exited(output.as_bytes(), exit_code) }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.whole_milliseconds()).unwrap_or(i64::MAX)
}

/// Returns the state of a run that could not be completed for a reason.
fn status_of(error_code: &str) -> RunStatus {
    match error_code {
        "ExecutionTimeout" => RunStatus::Timeout,
        "ExitCodeNonzero" => RunStatus::Failed,
        "ExecutionException" | "ExecutionInterrupted" | "InstanceReleased" => RunStatus::Error,
        "CommandNotApplicable" | "AccountNotExists" | "DirectoryNotExists" | "BadCronExpression" => RunStatus::Invalid,
        _ => RunStatus::Aborted,
    }
}

/// Rejects an instance whose operating system cannot run the command.
fn check_system(call: &Call<'_>, command: &Command, instance: &Instance) -> Result<()> {
    let windows = instances::is_windows(call, instance);
    if windows == (command.kind == "RunShellScript") {
        let system = if windows { "Windows" } else { "Linux" };
        let message = format!("{} is not for {system}, the operating system of {}.", command.kind, instance.id);
        return Err(call.error("InvalidInstance.NotMatch", 403, message));
    }
    let user = call.args.string("Username").filter(|user| windows && !user.eq_ignore_ascii_case("System"));
    if user.is_some() && call.args.string("WindowsPasswordName").is_none() {
        let message = "Username needs WindowsPasswordName for users of Windows other than System.";
        return Err(call.error("WindowsPasswordName.Missed", 400, message));
    }
    Ok(())
}

/// Checks the ID of the container in which the command runs.
fn check_container(call: &Call<'_>) -> Result<()> {
    let Some(text) = call.args.string("ContainerId") else { return Ok(()) };
    let id = ["docker://", "containerd://", "cri-o://"].iter().find_map(|start| text.strip_prefix(start));
    let id = id.unwrap_or(text);
    if id.len() == CONTAINER_ID && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    let message = format!("ContainerId cannot be {text:?}; it is 64 hexadecimal characters, such as docker://3f4e….");
    Err(call.error("InvalidContainerId.Malformed", 400, message))
}

fn stop_invocation(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let (args, now, step) = (call.args, call.now, call.step);
    let id = args.string_or("InvokeId", "");
    let wanted = args.strings("InstanceId");
    let run = call.state.invocations.get(id).filter(|run| run.region == region.id);
    if run.is_none() {
        let message = format!("The run {id:?} does not exist in {}; DescribeInvocations lists them.", region.id);
        return Err(call.error("InvalidInvokeId.NotFound", 404, message));
    }
    if let Some(mut run) = call.state.invocations.get_mut(id) {
        let is_wanted =
            |target: &&mut Target| wanted.as_ref().is_none_or(|wanted| wanted.contains(&target.instance.as_str()));
        run.status.iter_mut().filter(is_wanted).for_each(|target| target.stop(now, step));
    }
    Ok(json!({}))
}
