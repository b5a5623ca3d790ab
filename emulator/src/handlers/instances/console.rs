//! The console of an instance: VNC, output and screenshot.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{lifecycle::needs, render};
use crate::{
    call::Call,
    clock,
    error::Result,
    handlers::Entry,
    resources::{Instance, Status},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeInstanceVncUrl", describe_instance_vnc_url),
    ("ecs", "GetInstanceConsoleOutput", get_instance_console_output),
    ("ecs", "GetInstanceScreenshot", get_instance_screenshot),
    ("ecs", "ModifyInstanceVncPasswd", modify_instance_vnc_passwd),
];

/// A JPEG image of 8 by 8 gray pixels in Base64: the screen of an instance that shows nothing.
const SCREENSHOT: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ\
     EBAQEBAQEBAQH/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z";

fn describe_instance_vnc_url(call: &mut Call<'_>) -> Result<Value> {
    let instance = call.instance()?;
    needs(instance, instance.status(call.now), &[Status::Running])?;
    // Nothing listens there: the emulator has no screens. The domain is one that never resolves.
    let url = format!("wss://{}-vnc.ecs-emulator.invalid/?instance={}&ticket=", instance.region, instance.id);
    let ticket = call.state.ids.letters(32);
    Ok(json!({ "VncUrl": url + &ticket }))
}

fn modify_instance_vnc_passwd(call: &mut Call<'_>) -> Result<Value> {
    let instance = call.instance()?;
    needs(instance, instance.status(call.now), &[Status::Running, Status::Stopped, Status::Starting])?;
    Ok(json!({}))
}

/// Returns the instance that the call names, if it has a console. These operations document codes of their own.
fn with_console<'c>(call: &'c Call<'_>, states: &[Status]) -> Result<&'c Instance> {
    let instance = call
        .instance()
        .map_err(|error| call.documented(|code| code == error.code, (404, "InvalidParameter"), error.message))?;
    needs(instance, instance.status(call.now), states)
        .map_err(|error| call.error("IncorrectInstanceStatus", 405, error.message))?;
    Ok(instance)
}

fn get_instance_console_output(call: &mut Call<'_>) -> Result<Value> {
    let instance = with_console(call, &[Status::Starting, Status::Running, Status::Stopping, Status::Stopped])?;
    let started = instance.started.filter(|at| *at <= call.now);
    let mut output = String::new();
    if let Some(at) = started {
        let system = render::system_name(call, instance);
        let host = &instance.host_name;
        output = format!(
            "[    0.000000] {system} on {}\n[    1.000000] instance {} started at {}\n\n{host} login: ",
            instance.instance_type,
            instance.id,
            clock::seconds(at),
        );
        if !call.args.flag("RemoveSymbols") {
            output = format!("\u{1b}[2J\u{1b}[1;1H{}", output.replace('\n', "\r\n"));
        }
    }
    Ok(json!({
        "InstanceId": instance.id,
        "ConsoleOutput": STANDARD.encode(output),
        "LastUpdateTime": clock::seconds(started.unwrap_or(*instance.created)),
    }))
}

fn get_instance_screenshot(call: &mut Call<'_>) -> Result<Value> {
    let instance = with_console(call, &[Status::Running])?;
    Ok(json!({ "InstanceId": instance.id, "Screenshot": SCREENSHOT }))
}
