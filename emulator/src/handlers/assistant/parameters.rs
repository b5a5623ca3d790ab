//! Custom parameters of commands: `{{name}}` in a script.

use serde_json::{Map, Value};

use super::content;
use crate::{
    call::Call,
    error::Result,
    resources::{Command, Instance},
};

/// Number of custom parameters that a script can have.
const MAX_NAMES: usize = 20;

/// Number of values that a run can set.
const MAX_VALUES: usize = 10;

/// Length of the name of a parameter.
const MAX_NAME: usize = 64;

/// Largest script as Base64, with the values of its parameters: 24 KB.
pub(super) const MAX_SCRIPT: usize = 24 * 1024;

/// Start of the names of built-in parameters.
const BUILT_IN: &str = "ACS::";

/// Returns the names of the custom parameters in a script, each once.
pub(super) fn names(script: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for part in script.split("{{").skip(1) {
        let Some((name, _)) = part.split_once("}}") else { continue };
        let name = name.trim();
        if !name.starts_with(BUILT_IN) && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    names
}

/// Checks the custom parameters in a script.
pub(super) fn check_script(call: &Call<'_>, script: &str) -> Result<()> {
    let names = names(script);
    if names.len() > MAX_NAMES {
        let message = format!("The script has {} parameters; at most {MAX_NAMES} are allowed.", names.len());
        return Err(call.error("CmdParamCount.ExceedLimit", 403, message));
    }
    for name in names {
        if name.is_empty() {
            return Err(call.error("CmdParam.EmptyKey", 400, "A parameter of the script has no name."));
        }
        if name.len() > MAX_NAME {
            let message = format!("The name {name:?} of a parameter has more than {MAX_NAME} bytes.");
            return Err(call.error("CmdParamName.ExceedLimit", 403, message));
        }
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            let message = format!("The name {name:?} of a parameter consists of other than letters, digits, - and _.");
            return Err(call.error("CmdParam.InvalidParamName", 400, message));
        }
    }
    Ok(())
}

/// Reads the values of the parameters that the call sets for a run of a command.
pub(super) fn values(call: &Call<'_>, command: &Command, script: &str) -> Result<Map<String, Value>> {
    let values = call.args.get("Parameters").and_then(Value::as_object).cloned().unwrap_or_default();
    if values.is_empty() {
        return Ok(values);
    }
    if !command.parameterized {
        let message = "The command has no custom parameters; create it with EnableParameter.";
        return Err(call.error("Parameter.Disabled", 400, message));
    }
    if values.len() > MAX_VALUES {
        let message = format!("Parameters has {} values; at most {MAX_VALUES} are allowed.", values.len());
        return Err(call.error("ParameterCount.ExceedLimit", 403, message));
    }
    let names = names(script);
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in &values {
        if name.chars().count() > MAX_NAME {
            let message = format!("The name {name:?} in Parameters has more than {MAX_NAME} characters.");
            return Err(call.error("ParameterKey.ExceedLimit", 403, message));
        }
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let message = format!("The command has no parameter {name:?}; it has {known}.");
            return Err(call.error("Parameter.NotMatched", 400, message));
        }
        if seen.contains(&name.to_ascii_lowercase()) {
            return Err(call.error("ParameterKey.Duplicate", 400, format!("Parameters has {name:?} twice.")));
        }
        seen.push(name.to_ascii_lowercase());
        if !value.is_string() {
            let message = format!("The value of {name:?} in Parameters is not a string.");
            return Err(call.error("ParameterType.NotSupported", 403, message));
        }
    }
    let size = fill(script, |name| set(&values, name)).len();
    content::check_size(call, size, "CommandContent", "CmdContent.ExceedLimit", MAX_SCRIPT)?;
    Ok(values)
}

/// Returns the value of a custom parameter: an empty string for one that the call does not set.
fn set(values: &Map<String, Value>, name: &str) -> Option<String> {
    let value = values.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    Some(value.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned())
}

/// Returns the script that runs on an instance.
pub(super) fn script_for(
    call: &Call<'_>,
    (command, script): (&Command, &str),
    values: &Map<String, Value>,
    instance: &Instance,
    run: &str,
) -> String {
    if !command.parameterized {
        return script.to_owned();
    }
    fill(script, |name| match name.strip_prefix(BUILT_IN) {
        None => set(values, name),
        Some("RegionId") => Some(instance.region.clone()),
        Some("AccountId") => Some(call.state.account.clone()),
        Some("InstanceId") => Some(instance.id.clone()),
        Some("InstanceName") => Some(instance.name.clone()),
        Some("InvokeId") => Some(run.to_owned()),
        Some("CommandId") => Some(command.id.clone()),
        Some(_) => None,
    })
}

/// Replaces the parameters of a script. Those for which `value` returns `None` stay.
fn fill(script: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(script.len());
    let mut rest = script;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        match after.split_once("}}") {
            Some((name, tail)) => {
                filled.push_str(&value(name.trim()).unwrap_or_else(|| format!("{{{{{name}}}}}")));
                rest = tail;
            }
            None => {
                filled.push_str("{{");
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_and_replaced() {
        let script = "echo {{name}} {{ Name }} {{ACS::InstanceId}} {{other}} {{";
        assert_eq!(names(script), ["name", "other"]);
        let filled = fill(script, |name| (name != "other").then(|| "x".to_owned()));
        assert_eq!(filled, "echo x x x {{other}} {{");
    }
}
