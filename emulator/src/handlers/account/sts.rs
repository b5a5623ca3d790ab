//! The Security Token Service.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::{
    auth::{Caller, RoleSession},
    call::Call,
    clock,
    error::{EcsError, Result},
    handlers::Entry,
    ids, policy,
};

/// Longest policy of a session in characters, as the service documents it.
const MAX_POLICY_LENGTH: usize = 2048;

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("sts", "AssumeRole", assume_role),
    ("sts", "AssumeRoleWithOIDC", assume_role_with_oidc),
    ("sts", "GetCallerIdentity", get_caller_identity),
];

fn assume_role(call: &mut Call<'_>) -> Result<Value> {
    let role = role(call)?;
    if let Some(id) = call.args.string("ExternalId")
        && !((2..=1224).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c)))
    {
        let message = "ExternalId must have 2 to 1224 letters, digits and characters of _+=,.@:/-";
        return Err(call.error("InvalidParameter.ExternalId", 400, message));
    }
    issue(call, role)
}

fn assume_role_with_oidc(call: &mut Call<'_>) -> Result<Value> {
    for name in ["OIDCProviderArn", "OIDCToken", "RoleArn"] {
        call.args.string(name).ok_or_else(|| EcsError::missing(name))?;
    }
    let role = role(call)?;
    let provider = call.args.string_or("OIDCProviderArn", "");
    if resource(provider, "oidc-provider").is_none() {
        let message = format!("{provider:?} does not have the form acs:ram::<account>:oidc-provider/<name>.");
        return Err(call.error("InvalidParameter.OIDCProviderArn", 400, message));
    }
    let token = call.args.string_or("OIDCToken", "");
    if !(4..=20_000).contains(&token.len()) || token.contains(char::is_whitespace) {
        let message = "OIDCToken must have 4 to 20000 characters, without white space.";
        return Err(call.error("AuthenticationFail.OIDCToken.Invalid", 401, message));
    }
    let claims = claims(token);
    let time = |name: &str| OffsetDateTime::from_unix_timestamp(claims[name].as_i64()?).ok();
    if time("exp").is_some_and(|end| end <= call.real_now) {
        return Err(call.error("AuthenticationFail.OIDCToken.Expired", 401, "The OIDCToken has expired."));
    }
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let time_claim = |name: &str| time(name).map(clock::seconds).unwrap_or_default();
    let info = json!({
        "ClientIds": text("aud"),
        "ExpirationTime": time_claim("exp"),
        "IssuanceTime": time_claim("iat"),
        "Issuer": text("iss"),
        "Subject": text("sub"),
        "VerificationInfo": "Success",
    });
    let mut response = issue(call, role)?;
    response["OIDCTokenInfo"] = info;
    Ok(response)
}

fn get_caller_identity(call: &mut Call<'_>) -> Result<Value> {
    let account = call.caller.account();
    Ok(match call.caller {
        Caller::Role(RoleSession { account, role, session, role_id }) => json!({
            "AccountId": account,
            "Arn": format!("acs:ram::{account}:assumed-role/{role}/{session}"),
            "IdentityType": "AssumedRoleUser",
            "PrincipalId": format!("{role_id}:{session}"),
            "RoleId": role_id,
        }),
        Caller::User { key, .. } => json!({
            "AccountId": account,
            "Arn": format!("acs:ram::{account}:user/{key}"),
            "IdentityType": "RAMUser",
            "PrincipalId": number('2', key),
            "UserId": number('2', key),
        }),
        Caller::Bearer | Caller::Nobody => json!({
            "AccountId": account,
            "Arn": format!("acs:ram::{account}:root"),
            "IdentityType": "Account",
            "PrincipalId": account,
        }),
    })
}

/// Returns the role and session that the call requests.
fn role(call: &Call<'_>) -> Result<RoleSession> {
    let arn = call.args.string_or("RoleArn", "");
    let Some((account, role)) = resource(arn, "role") else {
        let message = format!("{arn:?} does not have the form acs:ram::<account>:role/<name>.");
        return Err(call.error("InvalidParameter.RoleArn", 400, message));
    };
    let session = call.args.string_or("RoleSessionName", "");
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".@-_".contains(c);
    if !(2..=64).contains(&session.len()) || !session.chars().all(allowed) {
        let message = "RoleSessionName must have 2 to 64 letters, digits and characters of .@-_";
        return Err(call.error("InvalidParameter.RoleSessionName", 400, message));
    }
    Ok(RoleSession {
        account: account.to_owned(),
        role: role.to_owned(),
        session: session.to_owned(),
        role_id: number('3', arn),
    })
}

/// Issues credentials of a role, in the form of the responses of both operations.
fn issue(call: &mut Call<'_>, role: RoleSession) -> Result<Value> {
    let seconds = call.args.int("DurationSeconds").unwrap_or(3600);
    if !(900..=43_200).contains(&seconds) {
        let message = "DurationSeconds can be from 900 to 43200.";
        return Err(call.error("InvalidParameter.DurationSeconds", 400, message));
    }
    if let Some(policy) = call.args.string("Policy") {
        check_policy(call, policy)?;
    }
    let mut response = json!({
        "AssumedRoleUser": {
            "Arn": format!("acs:ram::{}:role/{}/{}", role.account, role.role, role.session),
            "AssumedRoleId": format!("{}:{}", role.role_id, role.session),
        },
    });
    let key = call.keys.issue(&mut call.state.ids, role, call.real_now, Duration::seconds(seconds));
    response["Credentials"] = json!({
        "AccessKeyId": key.id,
        "AccessKeySecret": key.secret,
        "SecurityToken": key.token,
        "Expiration": clock::seconds(key.expires + call.skew),
    });
    if let Some(identity) = call.args.string("SourceIdentity") {
        response["SourceIdentity"] = identity.into();
    }
    Ok(response)
}

fn check_policy(call: &Call<'_>, policy: &str) -> Result<()> {
    let size = policy.chars().count();
    if size > MAX_POLICY_LENGTH {
        let message = format!("Policy has {size} characters; at most {MAX_POLICY_LENGTH} are allowed.");
        return Err(call.error("InvalidParameter.PolicySize", 400, message));
    }
    policy::check(policy).map_err(|reason| {
        call.error("InvalidParameter.PolicyGrammar", 400, format!("The Policy is not valid: {reason}."))
    })
}

/// Returns account and name of `acs:ram::<account>:<kind>/<name>`.
fn resource<'a>(arn: &'a str, kind: &str) -> Option<(&'a str, &'a str)> {
    let (account, rest) = arn.strip_prefix("acs:ram::")?.split_once(':')?;
    let name = rest.strip_prefix(kind)?.strip_prefix('/')?;
    (!account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty())
        .then_some((account, name))
}

/// Returns the claims of a JSON web token; null for other kinds of tokens. Signatures are not checked.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or_default()
}

/// Derives a long number from a string, always the same one.
fn number(first: char, text: &str) -> String {
    format!("{first}{:017}", ids::hash(text) % 100_000_000_000_000_000)
}
