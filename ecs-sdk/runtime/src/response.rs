//! Conversion of HTTP responses to bodies or errors.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{StatusCode, Uri, header};
use memchr::memmem;

use crate::{
    error::{Error, ErrorBody, ErrorKind, Result, is_identifier},
    json,
    text::find,
    time::parse_date,
};

/// Number of characters that an error shows of a body that cannot be decoded: enough to recognize the page of a proxy.
const MAX_SHOWN_CHARS: usize = 200;
/// Maximum size of the body of a successful response that is searched for an error. Errors of the service have at most a
/// few KiB.
const MAX_ERROR_BYTES: usize = 64 << 10;
/// Maximum delay before a retry that a server can ask for. Anything longer is a mistake.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// Some servers begin JSON with it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Header that contains the ID of the request.
const REQUEST_ID: &str = "x-acs-request-id";

/// Returns a header as a string.
fn header<'h>(headers: &'h http::HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns the time at which the server sent the response.
pub(crate) fn date(headers: &http::HeaderMap) -> Option<SystemTime> {
    header(headers, "date").and_then(parse_date)
}

/// Returns the ID of the request.
pub(crate) fn request_id(headers: &http::HeaderMap) -> Option<&str> {
    header(headers, REQUEST_ID).filter(|id| is_identifier(id))
}

/// Returns a response whose HTTP status indicates success and whose body is a complete JSON object, and converts any
/// other to an error. `now` is the time by the client's clock.
///
/// An error of a server between the client and the service does not prove that the service did not execute the request.
pub(crate) fn check(mut response: http::Response<Bytes>, now: SystemTime) -> Result<http::Response<Bytes>> {
    if response.body().starts_with(BYTE_ORDER_MARK) {
        *response.body_mut() = response.body().slice(BYTE_ORDER_MARK.len()..);
    }
    let status = response.status();
    let result = if status.is_success() { check_body(status, response.body()) } else { Err(failure(&response, now)) };
    let Err(error) = result else { return Ok(response) };
    let id = error.request_id().or_else(|| request_id(response.headers())).unwrap_or_default().to_owned();
    Err(error.with_http_status(status.as_u16()).with_request_id(id))
}

/// Checks the body of a response whose status indicates success.
///
/// `Code` in such a body is not an error, because some successful responses contain it. None contains `HostId`, and all
/// errors of the service do. A body that is not JSON at all comes from elsewhere, or is damaged.
fn check_body(status: StatusCode, body: &Bytes) -> Result<()> {
    let text = body.trim_ascii();
    if text.starts_with(b"<")
        && let Some(error) = reported_error(status, body)
    {
        return Err(error);
    }
    let (kind, message) = match text {
        [b'{', ..] if json::is_truncated(body) => (ErrorKind::Transport, "the response is truncated".to_owned()),
        [b'{', ..] => return reported_error(status, body).map_or(Ok(()), Err),
        // A response that is empty by its status was not truncated.
        [] if status != StatusCode::OK => {
            (ErrorKind::Decode, format!("the response has no content, expected a JSON object ({status})"))
        }
        [] => (ErrorKind::Transport, "the response is empty".to_owned()),
        _ if json::is_valid(body) => {
            (ErrorKind::Decode, "the response is JSON, but not an object as those of the service".to_owned())
        }
        // The page of a proxy. Anything else may be a damaged response, which contains what the service issued.
        _ if text.starts_with(b"<") || !text.contains(&b'"') => {
            (ErrorKind::Transport, format!("the response is not valid JSON: {}", start(body)))
        }
        _ => (ErrorKind::Transport, "the response is not valid JSON".to_owned()),
    };
    Err(Error::new(kind, message).with_parsed_body(body, None))
}

/// The error in the body of a response whose status indicates success.
fn reported_error(status: StatusCode, body: &[u8]) -> Option<Error> {
    // Searching is much faster than parsing, which would slow down every call.
    if body.len() > MAX_ERROR_BYTES || memmem::find(body, b"HostId").is_none() {
        return None;
    }
    let parsed = ErrorBody::parse(body);
    // Some successful responses have their status as a code.
    let is_failure =
        |code: &str| !matches!(code, "OK" | "Success") && code.parse().map_or(true, |code: u16| code >= 400);
    (parsed.host_id.is_some() && parsed.code.as_deref().is_some_and(is_failure))
        .then(|| service_error(parsed, status, body).with_maybe_executed(true))
}

/// The error of a response whose status does not indicate success.
fn failure(response: &http::Response<Bytes>, now: SystemTime) -> Error {
    let (status, headers, body) = (response.status(), response.headers(), response.body());
    let parsed = ErrorBody::parse(body);
    let is_proof = parsed.is_from_service && status.is_client_error();
    let redirect = status.is_redirection().then(|| header(headers, header::LOCATION.as_str())).flatten();
    let mut error = match redirect {
        Some(location) if parsed.code.is_none() => Error::new(ErrorKind::Service, redirected(location)),
        _ => service_error(parsed, status, body),
    };
    if !is_proof {
        error = error.with_maybe_executed(true);
    }
    let date = date(headers);
    let error = error.with_date(date);
    match retry_after(headers, date.unwrap_or(now)) {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

fn service_error(parsed: ErrorBody, status: StatusCode, body: &[u8]) -> Error {
    let message = match (parsed.message, parsed.code.is_some(), body.is_empty()) {
        (Some(message), _, _) => without_request(message),
        (None, true, _) => "no message".to_owned(),
        (None, false, true) => "the response is empty".to_owned(),
        (None, false, false) => format!("unexpected response: {}", start(body)),
    };
    Error::service(parsed.code.unwrap_or_default(), message, status.as_u16())
        .with_recommend(parsed.recommend.unwrap_or_default())
        .with_request_id(parsed.request_id.unwrap_or_default())
        .with_parsed_body(body, parsed.access_denied)
}

/// The message about a redirect. Only the origin and the path of the location are shown, because the rest may contain
/// secrets.
fn redirected(location: &str) -> String {
    let uri: Option<Uri> = location.parse().ok();
    let shown = uri.map(|uri| {
        let host = uri.host().map(|host| {
            let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{host}{port}", uri.scheme_str().unwrap_or_default())
        });
        shortened(&format!("{}{}", host.unwrap_or_default(), uri.path()))
    });
    let target = shown.map(|shown| format!(" to `{shown}`")).unwrap_or_default();
    format!("the response is a redirect{target}, which is not followed; check the endpoint and the proxy")
}

/// The delay before a retry that a server asks for: `x-acs-retry-after` in milliseconds, else `Retry-After` in seconds or
/// as a date. `now` is the time by the server's clock.
fn retry_after(headers: &http::HeaderMap, now: SystemTime) -> Option<Duration> {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number that is too large is also too long.
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let milliseconds = header(headers, "x-acs-retry-after").and_then(|text| number(text.trim()));
    let standard = || {
        let text = header(headers, header::RETRY_AFTER.as_str())?.trim();
        let at = || parse_date(text).map(|date| date.duration_since(now).unwrap_or_default());
        number(text).map(Duration::from_secs).or_else(at)
    };
    milliseconds.map(Duration::from_millis).or_else(standard).map(|wait| wait.min(MAX_RETRY_AFTER))
}

/// Removes the signed request from a message of the service. When a signature does not match, the service quotes the
/// request with all of its parameters, tokens and passwords among them.
pub(crate) fn without_request(message: String) -> String {
    let quoted = ["string to sign", "StringToSign", "canonical request", "CanonicalRequest"];
    match quoted.iter().filter_map(|what| find(&message, what).map(|at| at + what.len())).min() {
        Some(end) => format!("{}: (omitted, may contain secrets)", &message[..end]),
        None => message,
    }
}

/// The start of a body, on one line.
fn start(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_SHOWN_CHARS * 4)]);
    shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(status: u16, body: &str) -> String {
        let response = http::Response::builder().status(status).header("x-acs-request-id", "H-1");
        let error = check(response.body(Bytes::from(body.to_owned())).unwrap(), SystemTime::UNIX_EPOCH).unwrap_err();
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
        assert_eq!(check(response, SystemTime::UNIX_EPOCH).unwrap().into_body(), body);
    }
}
