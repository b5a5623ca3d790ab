//! Rules that the operations for VPCs, vSwitches and elastic IP addresses share.
//!
//! The operations of VPC and the older ones of ECS have one implementation. They differ in their parameters and in the members
//! of their responses, which the specs tell.

use serde_json::{Map, Value};

use crate::{
    call::Call,
    catalog::Region,
    error::{EcsError, Result},
    rules::Checked,
    state::Row,
};

/// Whether the operation is one of the older ones of ECS, whose rules are stricter.
pub(super) fn is_older(call: &Call<'_>) -> bool {
    call.operation.key().0 == "ecs"
}

/// Returns the region that the call names.
pub(super) fn region<'a>(call: &Call<'a>) -> Result<&'a Region> {
    let is_own = |code: &str| code == "InvalidRegionId.NotFound" || code == "Forbidden.RegionNotFound";
    call.region().map_err(|error| call.documented(is_own, (404, "InvalidRegionId.NotFound"), error.message))
}

/// Returns a resource that the call names, unless it names another region.
pub(super) fn in_region<'t, T: Row>(call: &Call<'_>, row: Option<&'t T>) -> Option<&'t T> {
    row.filter(|row| call.args.string("RegionId").is_none_or(|region| region == row.region()))
}

/// Creates the error for a resource that does not exist, with the status 404 if the operation documents it for the code.
pub(super) fn missing(call: &Call<'_>, code: &str, message: String) -> EcsError {
    let documented = call.operation.operation.errors.iter().filter(|error| error.code == code).map(|error| error.http);
    EcsError::new(documented.max().unwrap_or(404), code, message)
}

/// Returns the text in a parameter, checked by a rule.
pub(super) fn text(call: &Call<'_>, name: &str, rule: fn(&str) -> Checked, code: &str) -> Result<Option<String>> {
    let Some(text) = call.args.string(name) else { return Ok(None) };
    match rule(text) {
        Ok(()) => Ok(Some(text.to_owned())),
        Err(reason) => {
            let message = format!("The {name} {text:?} is not valid: {reason}.");
            Err(call.documented(|own| own == code, (400, "InvalidParameter"), message))
        }
    }
}

/// Returns an element of a list, with the members that the operation's type of it has.
pub(super) fn element(call: &Call<'_>, ty: &str, members: Value) -> Value {
    let fields = call.operation.ty(ty).and_then(|ty| ty.fields.as_deref());
    match (members, fields) {
        (Value::Object(members), Some(fields)) => {
            let known = |name: &String| fields.iter().any(|field| field.name == *name);
            members.into_iter().filter(|(name, _)| known(name)).collect::<Map<_, _>>().into()
        }
        (members, _) => members,
    }
}

/// Returns the ID of the account as a number.
pub(super) fn owner(call: &Call<'_>) -> i64 {
    call.state.account.parse().unwrap_or_default()
}
