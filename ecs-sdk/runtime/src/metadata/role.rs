//! Credentials as the metadata server writes them.

use serde_json::Value;

use crate::{
    credentials::Credentials,
    error::{Error, ErrorKind, Result},
    time::parse_time,
};

/// Reads an answer. Nothing of it but its `Code` is shown in errors, because it holds secrets.
pub(super) fn credentials(body: &[u8]) -> Result<Credentials> {
    let failed = |message: String| Error::new(ErrorKind::Credentials, message);
    let answer: Value = serde_json::from_slice(body).map_err(|_| failed("the answer is no JSON".to_owned()))?;
    let text = |name: &str| answer[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    if let Some(code) = text("Code").filter(|code| *code != "Success") {
        return Err(failed(format!("the server has no credentials: {code}")));
    }
    let required = |name: &str| text(name).ok_or_else(|| failed(format!("the answer lacks `{name}`")));
    let expires = parse_time(required("Expiration")?)
        .ok_or_else(|| failed("`Expiration` of the answer is no time".to_owned()))?;
    let credentials = Credentials::new(required("AccessKeyId")?, required("AccessKeySecret")?);
    Ok(credentials.with_security_token(required("SecurityToken")?).with_expiry(expires))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_gives_credentials_or_a_reason_without_secrets() {
        let answer = json!({
            "Code": "Success", "AccessKeyId": "STS.id", "AccessKeySecret": "s3cret", "SecurityToken": "t0ken",
            "Expiration": "2026-01-05T18:00:00Z", "LastUpdated": "2026-01-05T12:00:00Z",
        });
        let read = credentials(answer.to_string().as_bytes()).unwrap();
        assert_eq!((read.access_key_id(), read.access_key_secret(), read.security_token()), {
            ("STS.id", "s3cret", Some("t0ken"))
        });
        assert_eq!(read.expires(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_636_000)));

        let with = |name: &str, value: Value| {
            let mut answer = answer.clone();
            answer[name] = value;
            answer.to_string()
        };
        for (body, message) in [
            (with("Code", json!("Failed")), "the server has no credentials: Failed"),
            (with("AccessKeyId", json!("")), "the answer lacks `AccessKeyId`"),
            (with("AccessKeySecret", json!(7)), "the answer lacks `AccessKeySecret`"),
            (with("SecurityToken", json!(null)), "the answer lacks `SecurityToken`"),
            (with("Expiration", json!("soon s3cret")), "`Expiration` of the answer is no time"),
            ("s3cret".to_owned(), "the answer is no JSON"),
            ("[".repeat(100_000), "the answer is no JSON"),
        ] {
            let error = credentials(body.as_bytes()).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.kind()), (message, ErrorKind::Credentials));
        }
    }
}
