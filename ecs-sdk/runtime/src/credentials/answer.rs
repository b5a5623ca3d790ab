//! Temporary keys as services and programs write them → credentials.

use std::time::SystemTime;

use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Credentials, failed, secret::Secret};
use crate::error::Result;

/// A key as the metadata server, a credentials URI and STS write it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Answer {
    pub(super) code: Option<String>,
    pub(super) access_key_id: Option<String>,
    pub(super) access_key_secret: Secret,
    pub(super) security_token: Secret,
    pub(super) expiration: Option<String>,
}

impl Answer {
    /// Reads JSON. Errors tell the place and never the text, which may hold secrets.
    pub(super) fn parse(body: &[u8], who: &str) -> Result<Self> {
        let answer: Self = json(body, who)?;
        match answer.code.as_deref() {
            None | Some("" | "Success") => Ok(answer),
            // A code is a short word; anything else is not shown.
            Some(code) if code.len() < 100 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') => {
                Err(failed(format!("{who} answered with the code `{code}`")))
            }
            Some(_) => Err(failed(format!("{who} did not answer with the code `Success`"))),
        }
    }

    /// The credentials, if nothing is missing and they have not ended.
    pub(super) fn credentials(self, who: &str, now: SystemTime) -> Result<Credentials> {
        let missing = |name: &str| failed(format!("the answer of {who} has no `{name}`"));
        let id = self.access_key_id.filter(|id| !id.trim().is_empty()).ok_or_else(|| missing("AccessKeyId"))?;
        if self.access_key_secret.is_empty() {
            return Err(missing("AccessKeySecret"));
        }
        if self.security_token.is_empty() {
            return Err(missing("SecurityToken"));
        }
        let expiration = self.expiration.filter(|time| !time.is_empty()).ok_or_else(|| missing("Expiration"))?;
        let expires = end(&expiration, who, "Expiration", now)?;
        let credentials = Credentials::new(id, self.access_key_secret.as_str());
        Ok(credentials.with_security_token(self.security_token.as_str()).with_expiry(expires))
    }
}

/// Decodes JSON of which nothing may be shown.
pub(super) fn json<'a, T: Deserialize<'a>>(body: &'a [u8], who: &str) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = if error.is_data() { "is not as expected" } else { "is no JSON" };
        failed(format!("the answer of {who} {what} ({place})"))
    })
}

/// The time at which a key ends. One that has ended is refused here, before a service does it less clearly.
pub(super) fn end(text: &str, who: &str, member: &str, now: SystemTime) -> Result<SystemTime> {
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| failed(format!("`{member}` in the answer of {who} is no time such as 2026-01-05T18:00:00Z")))?;
    let end = SystemTime::from(time);
    if end <= now {
        // The parsed time, not the text: that could be anything.
        let time = time.to_offset(time::UtcOffset::UTC).format(&Rfc3339).unwrap_or_default();
        return Err(failed(format!("{who} gave a key that ended at {time}; check this machine's clock")));
    }
    Ok(end)
}
