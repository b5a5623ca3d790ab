//! Temporary keys as services and programs write them → credentials.

use std::time::SystemTime;

use serde::de::DeserializeSeed as _;

use super::{
    Credentials, failed,
    secret::Secret,
    section::{Object, Section},
};
use crate::{
    error::Result,
    time::{parse_time, timestamp},
};

/// What a key is, as the metadata server, a credentials URI and STS write it.
const KEY: [&str; 4] = ["AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"];

/// Reads JSON. Errors tell the place and never the text, which may hold secrets.
pub(super) fn parse(body: &[u8], who: &str, now: SystemTime) -> Result<Credentials> {
    let answer = json(body, who, Object::of(&["Code", KEY[0], KEY[1], KEY[2], KEY[3]]))?;
    match answer.get("Code").map(Secret::as_str) {
        None | Some("" | "Success") => {}
        // A code is a short word; anything else is not shown.
        Some(code) if code.len() < 100 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') => {
            return Err(failed(format!("{who} answered with the code `{code}`")));
        }
        Some(_) => return Err(failed(format!("{who} did not answer with the code `Success`"))),
    }
    issued(KEY.map(|name| answer.get(name).map_or("", Secret::as_str)), who, now)
}

/// The credentials, if nothing is missing of ID, secret, token and end, and they have not ended.
pub(super) fn issued(key: [&str; 4], who: &str, now: SystemTime) -> Result<Credentials> {
    if let Some(missing) = key.iter().position(|value| value.trim().is_empty()) {
        return Err(failed(format!("the answer of {who} has no `{}`", KEY[missing])));
    }
    let [id, secret, token, expiration] = key;
    let expires = end(expiration, who, KEY[3], now)?;
    Ok(Credentials::new(id, secret).with_security_token(token).with_expiry(expires))
}

/// Decodes a JSON object of which nothing may be shown.
pub(super) fn json(body: &[u8], who: &str, object: Object) -> Result<Section> {
    let mut json = serde_json::Deserializer::from_slice(body);
    object.deserialize(&mut json).and_then(|object| json.end().map(|()| object)).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = if error.is_data() { "is not as expected" } else { "is no JSON" };
        failed(format!("the answer of {who} {what} ({place})"))
    })
}

/// The time at which a key ends. One that has ended is refused here, before a service does it less clearly.
pub(super) fn end(text: &str, who: &str, member: &str, now: SystemTime) -> Result<SystemTime> {
    let end = parse_time(text)
        .ok_or_else(|| failed(format!("`{member}` in the answer of {who} is no time such as 2026-01-05T18:00:00Z")))?;
    if end <= now {
        // The parsed time, not the text: that could be anything.
        let time = timestamp(end).unwrap_or_default();
        return Err(failed(format!("{who} gave a key that ended at {time}; check this machine's clock")));
    }
    Ok(end)
}
