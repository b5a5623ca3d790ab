//! Rules for the values of new instances that depend on each other, on the image or on the instance type.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::image::LaunchImage;
use crate::{
    call::Call,
    error::Result,
    handlers::references,
    rules::{self, MAX_USER_DATA_BYTES},
};

/// Characters that a unique suffix adds to a name.
const SUFFIX_LENGTH: usize = 3;

/// Checks the values and references of a request for `amount` instances.
pub(super) fn check(call: &Call<'_>, region: &str, image: &LaunchImage, amount: u32) -> Result<()> {
    check_choices(call)?;
    check_names(call, amount)?;
    check_login(call, image)?;
    user_data(call)?;
    let args = call.args;
    references::of_instance(call)?;
    // Windows has no key pairs; the service ignores them there.
    if let Some(name) = args.string("KeyPairName").filter(|_| !image.windows) {
        references::key_pair(call, region, name)?;
    }
    if let Some(name) = args.string("RamRoleName") {
        references::ram_role(call, name)?;
    }
    if let Some(id) = args.string("ResourceGroupId") {
        references::resource_group(call, id)?;
    }
    if args.string("PrivatePoolOptions.MatchCriteria") == Some("Target")
        && args.string("PrivatePoolOptions.Id").is_none()
    {
        let message = "The MatchCriteria Target needs the ID of a private pool in PrivatePoolOptions.Id.";
        return Err(call.error("MissingParameter.PrivatePoolOptions.Id", 400, message));
    }
    if args.string("Tenancy") == Some("host") && args.string("DedicatedHostId").is_none() && !call.lenient {
        let message = "The emulator has no dedicated hosts for the Tenancy host.";
        return Err(call.error("NoAvaliableDedicatedHost", 400, message));
    }
    Ok(())
}

/// Checks values that must be one of a few.
fn check_choices(call: &Call<'_>) -> Result<()> {
    let states = ["enabled", "disabled"];
    call.one_of("HttpEndpoint", &states, 400, "InvalidHttpEndpoint.NotSupported")?;
    call.one_of("HttpTokens", &["optional", "required"], 400, "InvalidHttpTokens.NotSupported")?;
    call.one_of("Tenancy", &["default", "host"], 400, "InvalidParam.Tenancy")?;
    call.one_of("Affinity", &["default", "host"], 400, "InvalidParameter.Affinity")?;
    call.one_of("CreditSpecification", &["Standard", "Unlimited"], 400, "InvalidParameter.CreditSpecification")?;
    let criteria = ["Open", "Target", "None"];
    call.one_of("PrivatePoolOptions.MatchCriteria", &criteria, 400, "Invalid.PrivatePoolOptions.MatchCriteria")?;
    let (none, optimized) = ("none", "optimized");
    let code = if call.operation.key().1 == "RunInstances" {
        "InvalidIoOptimize.ValueNotSupported"
    } else {
        "InvalidIoOptimizedValue.ValueNotSupported"
    };
    call.one_of("IoOptimized", &[none, optimized], 400, code)?;
    if call.args.string("IoOptimized") == Some(none) {
        let message = "All instance types are I/O optimized; leave IoOptimized out, or set it to optimized.";
        return Err(call.error("IoOptimized.NotSupported", 400, message));
    }
    let hops = call.args.int("HttpPutResponseHopLimit");
    if hops.is_some_and(|hops| !(1..=64).contains(&hops)) {
        let message = "HttpPutResponseHopLimit must be from 1 to 64.";
        return Err(call.error("InvalidHttpPutResponseHopLimit.NotSupported", 400, message));
    }
    Ok(())
}

fn check_names(call: &Call<'_>, amount: u32) -> Result<()> {
    let args = call.args;
    if let Some(names) = args.strings("HostNames") {
        if args.string("HostName").is_some() {
            let message = "Specify either HostName or HostNames, not both.";
            return Err(call.error("InvalidHostname.SingleAndMultiConflict", 403, message));
        }
        if names.len() != amount as usize {
            let message = format!("HostNames has {} names for {amount} instances.", names.len());
            return Err(call.error("InvalidHostname.SizeInvalid", 403, message));
        }
    }
    if args.flag("UniqueSuffix") {
        let longer = |name: &str, most: usize| {
            args.string(name).is_some_and(|name| !name.contains('[') && name.chars().count() + SUFFIX_LENGTH > most)
        };
        if longer("InstanceName", 128) {
            let message = "InstanceName leaves no room for the unique suffix, which has 3 digits.";
            return Err(call.error("InvalidParams.InstanceNameExceed", 403, message));
        }
        if longer("HostName", 64) {
            let message = "HostName leaves no room for the unique suffix, which has 3 digits.";
            return Err(call.error("InvalidParams.HostnameExceed", 403, message));
        }
    }
    if let Some(name) = args.string("InstanceName") {
        call.check("InstanceName", "InvalidInstanceName.Malformed", rules::instance_name(name))?;
    }
    if let Some(text) = args.string("Description") {
        call.check("Description", "InvalidDescription.Malformed", rules::description(text))?;
    }
    Ok(())
}

fn check_login(call: &Call<'_>, image: &LaunchImage) -> Result<()> {
    let Some(password) = call.args.string("Password") else { return Ok(()) };
    if call.args.flag("PasswordInherit") {
        let message = "PasswordInherit uses the password of the image; it cannot be combined with Password.";
        return Err(call.error("InvalidPasswordParam.Mismatch", 400, message));
    }
    call.check("Password", "InvalidPassword.Malformed", rules::password(password, image.windows))
}

/// Checks the host name of an instance.
pub(in crate::handlers) fn check_host_name(call: &Call<'_>, name: &str, windows: bool) -> Result<()> {
    call.check("HostName", "InvalidHostName.Malformed", rules::host_name(name, windows))
}

/// Reads the user data, which is in Base64.
pub(in crate::handlers) fn user_data(call: &Call<'_>) -> Result<String> {
    let data = call.args.string_or("UserData", "");
    match STANDARD.decode(data) {
        Ok(bytes) if bytes.len() > MAX_USER_DATA_BYTES => {
            Err(call.error("InvalidUserData.SizeExceeded", 400, "User data cannot be larger than 32 KB."))
        }
        Ok(_) => Ok(data.to_owned()),
        Err(_) => Err(call.error("InvalidUserData.Base64FormatInvalid", 400, "UserData must be Base64-encoded.")),
    }
}
