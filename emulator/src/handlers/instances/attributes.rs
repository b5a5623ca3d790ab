//! Attributes of an instance: reading and changing them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::render;
use crate::{
    call::{Call, incorrect_status},
    error::{EcsError, Result},
    handlers::{Entry, network::membership},
    resources::{Instance, Status},
    rules::{self, MAX_USER_DATA_BYTES},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeInstanceAttribute", describe_instance_attribute),
    ("ecs", "DescribeUserData", describe_user_data),
    ("ecs", "ModifyInstanceAttribute", modify_instance_attribute),
    ("ecs", "ModifyInstanceMetadataOptions", modify_instance_metadata_options),
];

fn describe_instance_attribute(call: &mut Call<'_>) -> Result<Value> {
    let instance = call.instance()?;
    let mut members = render::instance(call, instance);
    let options = |name: &str| instance.options.as_ref().and_then(|options| options.get(name)).cloned();
    let network = options("NetworkOptions").unwrap_or_else(|| json!({}));
    let on = |name: &str| network.get(name).and_then(Value::as_bool).unwrap_or_default();
    members["IoOptimized"] = "optimized".into();
    members["EnableJumboFrame"] = on("EnableJumboFrame").into();
    members["EnableNetworkEncryption"] = on("EnableNetworkEncryption").into();
    members["NetworkOptions"] = network;
    if let Some(host) = members["DedicatedHostAttribute"].as_object_mut() {
        host.remove("DedicatedHostClusterId");
    }
    if let Some(eip) = members["EipAddress"].as_object_mut() {
        eip.remove("IsSupportUnassociate");
    }
    for lock in members["OperationLocks"]["LockReason"].as_array_mut().into_iter().flatten() {
        lock.as_object_mut().map(|lock| lock.remove("LockMsg"));
    }
    Ok(call.response(members))
}

fn describe_user_data(call: &mut Call<'_>) -> Result<Value> {
    let instance = call.instance()?;
    Ok(json!({ "InstanceId": instance.id, "RegionId": instance.region, "UserData": instance.user_data }))
}

/// Returns the instance that the call names, unless it is locked for security reasons.
fn unlocked<'c>(call: &'c Call<'_>) -> Result<&'c Instance> {
    let instance = call.instance()?;
    if instance.is_locked("security") {
        let message = format!("The instance {} is locked for security reasons.", instance.id);
        return Err(EcsError::new(403, "InstanceLockedForSecurity", message));
    }
    Ok(instance)
}

fn modify_instance_attribute(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    check_values(call)?;
    let instance = unlocked(call)?;
    check_status(call, instance)?;
    let windows = render::is_windows(call, instance);
    check_login(call, windows)?;
    let groups = args.strings("SecurityGroupIds");
    if let Some(groups) = &groups {
        membership::check(call, &instance.region, &instance.vpc, groups)?;
    }
    if args.flag("DeletionProtection") && instance.prepaid {
        let message = format!("The instance {} is a subscription, which needs no DeletionProtection.", instance.id);
        return Err(call.error("ChargeTypeViolation", 400, message));
    }
    if args.string("CreditSpecification").is_some() && instance.credit.is_empty() {
        let message = format!("The instance type {} is not burstable and has no credits.", instance.instance_type);
        return Err(call.error("InstanceType.ValueNotSupported", 400, message));
    }
    let groups: Option<Vec<String>> = groups.map(|groups| groups.into_iter().map(str::to_owned).collect());
    if let Some(groups) = &groups {
        let interface = instance.interface.clone();
        if let Some(mut interface) = call.state.interfaces.get_mut(&interface) {
            interface.groups.clone_from(groups);
        }
    }
    let mut instance = call.instance_mut()?;
    let set = |member: &mut String, name: &str| {
        if let Some(value) = args.string(name) {
            value.clone_into(member);
        }
    };
    set(&mut instance.name, "InstanceName");
    set(&mut instance.description, "Description");
    set(&mut instance.host_name, "HostName");
    set(&mut instance.credit, "CreditSpecification");
    if let Some(data) = args.string("UserData") {
        instance.user_data = encoded(data);
    }
    if let Some(groups) = groups {
        instance.groups = groups;
    }
    if let Some(protected) = args.boolean("DeletionProtection") {
        instance.deletion_protection = protected;
    }
    if let Some(jumbo) = args.boolean("EnableJumboFrame") {
        set_option(&mut instance, "NetworkOptions", "EnableJumboFrame", jumbo.into());
    }
    if let Some(encryption) = args.boolean("EnableNetworkEncryption") {
        set_option(&mut instance, "NetworkOptions", "EnableNetworkEncryption", encryption.into());
    }
    for name in ["PrivateDnsNameOptions", "CpuOptions", "AdditionalInfo"] {
        for (member, value) in args.get(name).and_then(Value::as_object).into_iter().flatten() {
            // Requests and responses have different names for the number of cores.
            let member = if member == "Core" { "CoreCount" } else { member };
            set_option(&mut instance, name, member, value.clone());
        }
    }
    Ok(json!({}))
}

/// Sets a member of an option that responses show as requests give it.
fn set_option(instance: &mut Instance, option: &str, member: &str, value: Value) {
    let options = instance.options.get_or_insert_default();
    let option = options.entry(option).or_insert_with(|| Map::new().into());
    option[member] = value;
}

/// Returns user data in Base64, in which requests can send it or not.
fn encoded(data: &str) -> String {
    if STANDARD.decode(data).is_ok() { data.to_owned() } else { STANDARD.encode(data) }
}

fn check_values(call: &Call<'_>) -> Result<()> {
    call.check_string("Description", "InvalidDescription.Malformed", rules::description)?;
    call.one_of("CreditSpecification", &["Standard", "Unlimited"], 400, "InvalidParameter.CreditSpecification")?;
    let data = call.args.string_or("UserData", "");
    if STANDARD.decode(encoded(data)).is_ok_and(|bytes| bytes.len() > MAX_USER_DATA_BYTES) {
        return Err(call.error("InvalidUserData.SizeExceeded", 400, "User data cannot be larger than 32 KB."));
    }
    Ok(())
}

/// Checks host name and password, whose rules depend on the operating system.
fn check_login(call: &Call<'_>, windows: bool) -> Result<()> {
    if let Some(name) = call.args.string("HostName") {
        call.check("HostName", "InvalidHostName.Malformed", rules::host_name(name, windows))?;
    }
    if let Some(password) = call.args.string("Password") {
        call.check("Password", "InvalidPassword.Malformed", rules::password(password, windows))?;
    }
    Ok(())
}

/// Rejects changes that the status of the instance does not allow.
fn check_status(call: &Call<'_>, instance: &Instance) -> Result<()> {
    let status = instance.status(call.now);
    let sent = |name: &str| call.args.get(name).is_some();
    let needed = match status {
        Status::Pending if ["HostName", "Password", "UserData"].into_iter().any(sent) => "created",
        Status::Starting if sent("HostName") || sent("Password") => "Running or Stopped",
        Status::Running | Status::Starting | Status::Stopping | Status::Pending
            if sent("NetworkInterfaceQueueNumber") =>
        {
            "Stopped"
        }
        Status::Pending | Status::Starting | Status::Stopping if sent("EnableJumboFrame") => "Running or Stopped",
        _ => return Ok(()),
    };
    Err(incorrect_status(&instance.id, status.as_str(), needed))
}

fn modify_instance_metadata_options(call: &mut Call<'_>) -> Result<Value> {
    let states = ["enabled", "disabled"];
    call.one_of("HttpEndpoint", &states, 400, "InvalidHttpEndpoint.NotSupported")?;
    call.one_of("HttpTokens", &["optional", "required"], 400, "InvalidHttpTokens.NotSupported")?;
    call.one_of("InstanceMetadataTags", &states, 400, "InvalidInstanceMetadataTags.NotSupported")?;
    let args = call.args;
    if args.string("InstanceId").is_none() {
        return Err(EcsError::missing("InstanceId"));
    }
    let hops = args.int("HttpPutResponseHopLimit");
    if hops.is_some_and(|hops| !(1..=64).contains(&hops)) {
        let message = "HttpPutResponseHopLimit must be from 1 to 64.";
        return Err(call.error("InvalidHttpPutResponseHopLimit.NotSupported", 400, message));
    }
    let mut instance = call.instance_mut()?;
    args.string_or("HttpEndpoint", "enabled").clone_into(&mut instance.metadata.endpoint);
    if let Some(tokens) = args.string("HttpTokens") {
        tokens.clone_into(&mut instance.metadata.tokens);
    }
    if let Some(tags) = args.string("InstanceMetadataTags") {
        instance.metadata.tags = tags == "enabled";
    }
    if let Some(hops) = hops {
        instance.metadata.hops = hops;
    }
    Ok(json!({}))
}
