//! Conversion of HTTP responses to bodies or errors.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind, Result},
    time::parse_date,
};

/// Number of characters that an error shows of a body that cannot be decoded: enough to recognize the page of a proxy.
const MAX_SHOWN_CHARS: usize = 200;

/// Header that contains the ID of the request.
pub(crate) const REQUEST_ID: &str = "x-acs-request-id";

/// Returns a header as a string.
pub(crate) fn header<'h>(headers: &'h http::HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns the time at which the server sent the response.
pub(crate) fn date(headers: &http::HeaderMap) -> Option<SystemTime> {
    header(headers, "date").and_then(parse_date)
}

/// Returns a response whose HTTP status indicates success, and converts any other to an error.
///
/// `Code` in a body of status 2xx is not an error, because some successful responses contain it.
pub(crate) fn check(response: http::Response<Bytes>) -> Result<http::Response<Bytes>> {
    let status = response.status().as_u16();
    let header = |name| header(response.headers(), name).map(str::to_owned);
    let body = response.body();
    if response.status().is_success() {
        let text = body.trim_ascii();
        let message = match (text.starts_with(b"{"), text.ends_with(b"}")) {
            (true, true) => return Ok(response),
            (true, false) => "the response is truncated".to_owned(),
            (false, _) if text.is_empty() => "the response is empty".to_owned(),
            (false, _) => format!("the response is not valid JSON: {}", start(body)),
        };
        return Err(Error::new(ErrorKind::Transport, message)
            .with_http_status(status)
            .with_request_id(header(REQUEST_ID).unwrap_or_default()));
    }
    let parsed = json(body).or_else(|| xml(body)).unwrap_or_default();
    let message = match (parsed.message, parsed.code.is_some(), body.is_empty()) {
        (Some(message), _, _) => without_request(message),
        (None, true, _) => "no message".to_owned(),
        (None, false, true) => "the response is empty".to_owned(),
        (None, false, false) => format!("unexpected response: {}", start(body)),
    };
    let retry_after = header("x-acs-retry-after").and_then(|wait| wait.parse().ok()).map(Duration::from_millis);
    let error = Error::service(parsed.code.unwrap_or_default(), message, status)
        .with_recommend(parsed.recommend.unwrap_or_default())
        .with_request_id(parsed.request_id.or_else(|| header(REQUEST_ID)).unwrap_or_default())
        .with_date(date(response.headers()));
    Err(match retry_after {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    })
}

/// Removes the signed request from a message of the service. When a signature does not match, the service quotes the
/// request with all of its parameters, tokens and passwords among them.
fn without_request(message: String) -> String {
    let quoted = ["string to sign", "StringToSign", "canonical request", "CanonicalRequest"];
    match quoted.iter().filter_map(|what| message.find(what).map(|at| at + what.len())).min() {
        Some(end) => format!("{}: (omitted, may contain secrets)", &message[..end]),
        None => message,
    }
}

/// ID of the request, if the body is JSON and contains it.
pub(crate) fn request_id(body: &[u8]) -> Option<String> {
    json(body)?.request_id
}

#[derive(Default)]
struct Parsed {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    recommend: Option<String>,
}

fn json(body: &[u8]) -> Option<Parsed> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let object = value.as_object()?;
    let text = |names: [&str; 2]| {
        let value = names.iter().find_map(|name| object.get(*name))?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (!text.is_empty() && text != "null").then_some(text)
    };
    Some(Parsed {
        code: text(["Code", "code"]),
        message: text(["Message", "message"]),
        request_id: text(["RequestId", "requestId"]),
        recommend: text(["Recommend", "recommend"]),
    })
}

/// Parses `<Error><Code>…</Code>…</Error>`. The service's XML errors are flat, so searching for the tags is enough.
fn xml(body: &[u8]) -> Option<Parsed> {
    let text = std::str::from_utf8(body).ok()?;
    let tag = |name: &str| {
        let (_, rest) = text.split_once(format!("<{name}>").as_str())?;
        let (inner, _) = rest.split_once(format!("</{name}>").as_str())?;
        let inner = inner.strip_prefix("<![CDATA[").and_then(|inner| inner.strip_suffix("]]>")).unwrap_or(inner);
        let plain = inner.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
        Some(plain.replace("&amp;", "&"))
    };
    let code = tag("Code")?;
    Some(Parsed {
        code: Some(code),
        message: tag("Message"),
        request_id: tag("RequestId"),
        recommend: tag("Recommend"),
    })
}

/// The start of a body, on one line.
fn start(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_SHOWN_CHARS * 4)]);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(status: u16, body: &str) -> String {
        let response = http::Response::builder().status(status).header("x-acs-request-id", "H-1");
        let error = check(response.body(Bytes::from(body.to_owned())).unwrap()).unwrap_err();
        error.with_call("ecs", "DescribeInstances").to_string()
    }

    #[test]
    fn every_kind_of_body_is_reported_on_one_line() {
        for (status, body, line) in [
            (
                404,
                r#"{"RequestId":"R-1","HostId":"h","Code":"InvalidInstanceId.NotFound","Message":"No such\ninstance."}"#,
                "InvalidInstanceId.NotFound: No such instance. (HTTP 404, request id R-1)",
            ),
            (
                403,
                "<?xml version='1.0'?><Error><RequestId>R-2</RequestId><Code>Forbidden</Code><Message>a &lt; b</Message></Error>",
                "Forbidden: a < b (HTTP 403, request id R-2)",
            ),
            (
                502,
                "<html>\n<h1>Bad Gateway</h1></html>",
                "unexpected response: <html> <h1>Bad Gateway</h1></html> (HTTP 502, request id H-1)",
            ),
            (503, "", "the response is empty (HTTP 503, request id H-1)"),
            (200, "", "the response is empty (HTTP 200, request id H-1)"),
            (
                200,
                "<html>login</html>",
                "the response is not valid JSON: <html>login</html> (HTTP 200, request id H-1)",
            ),
            (400, r#"{"Code":"X"}"#, "X: no message (HTTP 400, request id H-1)"),
        ] {
            assert_eq!(failed(status, body), format!("ecs DescribeInstances failed: {line}"));
        }
        let long = failed(500, &"x".repeat(100_000));
        assert!(long.len() < 400, "{long}");
    }

    #[test]
    fn a_code_in_a_successful_response_is_not_an_error() {
        let body = Bytes::from_static(br#"{"Code":"200","Success":true}"#);
        let response = http::Response::builder().status(200).body(body.clone()).unwrap();
        assert_eq!(check(response).unwrap().into_body(), body);
    }
}
