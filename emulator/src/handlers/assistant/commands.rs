//! Stored commands.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{content, parameters};
use crate::{
    call::{self, Call},
    catalog::Region,
    clock,
    error::{EcsError, Result},
    handlers::{Entry, references},
    paging,
    resources::Command,
    state::quotas,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "CreateCommand", create_command),
    ("ecs", "DeleteCommand", delete_command),
    ("ecs", "DescribeCommands", describe_commands),
    ("ecs", "ModifyCommand", modify_command),
];

/// Timeout of commands that set none, in seconds.
pub(super) const TIMEOUT: i64 = 60;

/// Largest launcher.
const MAX_LAUNCHER: usize = 1024;

fn create_command(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let command = new(call, region, "Base64")?;
    let id = command.id.clone();
    store(call, region, command)?;
    Ok(json!({ "CommandId": id }))
}

/// Returns the command that the call describes. `encoding` is that of content for which the call names none.
pub(super) fn new(call: &mut Call<'_>, region: &Region, encoding: &str) -> Result<Command> {
    let args = call.args;
    const TYPES: &[&str] = &["RunShellScript", "RunPowerShellScript", "RunBatScript"];
    call.one_of("Type", TYPES, 404, "InvalidCmdType.NotFound")?;
    let codes = ("CmdContent.DecodeError", "CmdContent.ExceedLimit");
    let script = content::read(call, "CommandContent", ("ContentEncoding", encoding), codes, parameters::MAX_SCRIPT)?;
    let parameterized = args.flag("EnableParameter");
    if parameterized {
        parameters::check_script(call, &String::from_utf8_lossy(&script))?;
    }
    check_launcher(call)?;
    let text = |name: &str| args.string_or(name, "").to_owned();
    Ok(Command {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("c", &region.code),
        region: region.id.clone(),
        name: text("Name"),
        description: text("Description"),
        kind: text("Type"),
        content: STANDARD.encode(script),
        parameterized,
        launcher: text("Launcher"),
        timeout: args.int("Timeout").unwrap_or(TIMEOUT),
        working_dir: text("WorkingDir"),
        resource_group: references::own_group(call, "ResourceGroupId")?,
        runs: 0,
        tags: call.new_tags()?,
        created: call.now.into(),
    })
}

/// Checks the size of the launcher.
pub(super) fn check_launcher(call: &Call<'_>) -> Result<()> {
    if call.args.string_or("Launcher", "").len() <= MAX_LAUNCHER {
        return Ok(());
    }
    Err(EcsError::invalid("Launcher", format_args!("it has more than {MAX_LAUNCHER} bytes")))
}

/// Stores a command, if there is room for one.
pub(super) fn store(call: &mut Call<'_>, region: &Region, command: Command) -> Result<()> {
    let most = call.state.quota(&quotas::COMMANDS);
    if call.state.commands.count(&region.id) as u64 >= most {
        let message = format!("The account has {most} commands in {}, which is its quota.", region.id);
        return Err(call.error("CmdCount.ExceedQuota", 403, message));
    }
    call.state.commands.insert(command);
    Ok(())
}

/// Returns the command that the call names.
pub(super) fn named<'c>(call: &'c Call<'_>) -> Result<&'c Command> {
    let region = call.region()?;
    let id = call.args.string_or("CommandId", "");
    call.state.commands.get(id).filter(|command| command.region == region.id).ok_or_else(|| {
        let message = format!("The command {id:?} does not exist in {}; DescribeCommands lists them.", region.id);
        call.error("InvalidCmdId.NotFound", 404, message)
    })
}

fn modify_command(call: &mut Call<'_>) -> Result<Value> {
    let id = named(call)?.id.clone();
    check_launcher(call)?;
    let args = call.args;
    if let Some(mut command) = call.state.commands.get_mut(&id) {
        let command = &mut *command;
        for (name, member) in [
            ("Name", &mut command.name),
            ("Description", &mut command.description),
            ("Launcher", &mut command.launcher),
            ("WorkingDir", &mut command.working_dir),
        ] {
            if let Some(value) = args.string(name) {
                value.clone_into(member);
            }
        }
        command.timeout = args.int("Timeout").unwrap_or(command.timeout);
    }
    Ok(json!({}))
}

fn delete_command(call: &mut Call<'_>) -> Result<Value> {
    let id = named(call)?.id.clone();
    if let Some(run) = call.state.invocations.linked(&id).find(|run| run.status.are_live(call.now)) {
        let message = format!("The command {id} is used by the run {}; stop it with StopInvocation.", run.id);
        return Err(call.error("InvalidStatus.CmdIdInUse", 403, message));
    }
    call.state.commands.remove(&id);
    Ok(json!({}))
}

fn describe_commands(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    // The emulator has no public commands.
    let public = call.args.string("Provider").is_some();
    let found = call.find(&call.state.commands, &region.id, (&["CommandId"], &[]), |command| {
        !public
            && call.matches_pattern("Name", &command.name)
            && call.matches_pattern("Description", &command.description)
            && call.matches("Type", &command.kind)
            && call.matches("ResourceGroupId", &command.resource_group)
            && call.tags_match(&command.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "Commands", "Command", |command| {
        let script = STANDARD.decode(&command.content).unwrap_or_default();
        let script = String::from_utf8_lossy(&script);
        let names = if command.parameterized { parameters::names(&script) } else { Vec::new() };
        json!({
            "CommandId": command.id,
            "Name": command.name,
            "Description": command.description,
            "Type": command.kind,
            "CommandContent": content::write(call, &command.content),
            "WorkingDir": command.working_dir,
            "Timeout": command.timeout,
            "Launcher": command.launcher,
            "EnableParameter": command.parameterized,
            "ParameterNames": { "ParameterName": names },
            "ParameterDefinitions": { "ParameterDefinition": [] },
            "InvokeTimes": command.runs,
            "Provider": "User",
            "Category": "",
            "ResourceGroupId": command.resource_group,
            "CreationTime": clock::seconds(*command.created),
            "Tags": call::tag_list(&command.tags),
        })
    }))
}
