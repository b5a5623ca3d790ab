//! Temporary access keys as JSON, the format of the metadata service, STS and other programs.

use std::time::SystemTime;

use bytes::Bytes;
use serde::de::DeserializeSeed as _;

use super::{
    credentials::{Credentials, failed},
    secret::Secret,
    section::{Object, Section},
};
use crate::{error::Result, response, time::parse_time};

/// Members of a temporary access key.
const MEMBERS: [&str; 4] = ["AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"];

/// Reads a response in the format of the metadata service; `what` describes it in errors.
///
/// Errors contain the position but never the JSON, which may contain secrets.
pub(crate) fn parse(response: &http::Response<Bytes>, what: &str) -> Result<Credentials> {
    let object = json(response.body(), what, Object::of(&["Code", MEMBERS[0], MEMBERS[1], MEMBERS[2], MEMBERS[3]]))?;
    match object.get("Code").map(Secret::as_str) {
        None | Some("" | "Success") => {}
        Some("Failed") => return Err(failed(format!("{what} has the code `Failed` instead of `Success`"))),
        // Other codes are not shown, because they may be anything, even a secret.
        Some(_) => return Err(failed(format!("{what} has a code other than `Success`"))),
    }
    issued(MEMBERS.map(|name| object.get(name).map_or("", Secret::as_str)), what, response::date(response.headers()))
}

/// Creates credentials from an ID, secret, token and expiration time. `date` is the time of the server.
///
/// # Errors
///
/// Returns an error if a value is empty, or if the expiration time is not a time. Credentials that seem to have expired
/// are not an error, because a clock may be wrong; the service decides.
pub(crate) fn issued(values: [&str; 4], what: &str, date: Option<SystemTime>) -> Result<Credentials> {
    if let Some(missing) = values.iter().position(|value| value.trim().is_empty()) {
        return Err(failed(format!("{what} has no `{}`", MEMBERS[missing])));
    }
    let [id, secret, token, expiration] = values;
    let expires = expiry(expiration, what, MEMBERS[3])?;
    Ok(Credentials::new(id, secret).with_security_token(token).with_expiry(expires).issued_at(date))
}

/// Decodes a JSON object. Errors never contain any of it.
pub(crate) fn json(body: &[u8], what: &str, object: Object) -> Result<Section> {
    // Not `from_slice`, which would add another parser to the library.
    let text = std::str::from_utf8(body).map_err(|_| failed(format!("{what} is not valid JSON (not UTF-8)")))?;
    let mut json = serde_json::Deserializer::from_str(text);
    object.deserialize(&mut json).and_then(|object| json.end().map(|()| object)).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let problem = if error.is_data() { "does not have the expected structure" } else { "is not valid JSON" };
        failed(format!("{what} {problem} ({place})"))
    })
}

/// Parses the time at which credentials expire.
pub(crate) fn expiry(value: &str, what: &str, member: &str) -> Result<SystemTime> {
    parse_time(value)
        .ok_or_else(|| failed(format!("invalid `{member}` in {what}: expected a time such as 2026-01-05T18:00:00Z")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_bytes_that_are_no_text_do_not_contain_them() {
        let error = json(b"{\"Code\": \"s3cret \xff\"}", "the response", Object::of(&["Code"])).unwrap_err();
        assert_eq!(error.message(), "the response is not valid JSON (not UTF-8)");
    }
}
