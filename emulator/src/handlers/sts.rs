//! AssumeRole.

use serde_json::{Value, json};
use time::Duration;

use crate::{call::Call, clock, error::Result, ids};

pub(super) fn assume_role(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let role_arn = args.text_or("RoleArn", "");
    let role = role_arn.strip_prefix("acs:ram::").and_then(|rest| rest.split_once(":role/"));
    let Some((account, role)) = role.filter(|(account, role)| !account.is_empty() && !role.is_empty()) else {
        let message = format!("{role_arn:?} is not of the form acs:ram::<account>:role/<name>.");
        return Err(call.error("InvalidParameter.RoleArn", 400, message));
    };
    let session = args.text_or("RoleSessionName", "");
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".@-_".contains(c);
    if !(2..=64).contains(&session.len()) || !session.chars().all(allowed) {
        let message = "A RoleSessionName has 2 to 64 letters, digits and characters of .@-_";
        return Err(call.error("InvalidParameter.RoleSessionName", 400, message));
    }
    let seconds = args.int("DurationSeconds").unwrap_or(3600);
    if !(900..=43_200).contains(&seconds) {
        let message = "DurationSeconds can be from 900 to 43200.";
        return Err(call.error("InvalidParameter.DurationSeconds", 400, message));
    }
    let key = call.keys.issue(&mut call.state.ids, call.now + Duration::seconds(seconds));
    let mut answer = json!({
        "AssumedRoleUser": {
            "Arn": format!("acs:ram::{account}:role/{role}/{session}"),
            "AssumedRoleId": format!("3{}:{session}", ids::hash(role_arn) % 100_000_000_000_000_000),
        },
        "Credentials": {
            "AccessKeyId": key.id,
            "AccessKeySecret": key.secret,
            "SecurityToken": key.token,
            "Expiration": clock::seconds(key.expires),
        },
    });
    if let Some(identity) = args.text("SourceIdentity") {
        answer["SourceIdentity"] = identity.into();
    }
    Ok(answer)
}
