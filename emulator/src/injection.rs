//! Fault injection: the effects of a fault on the response and on its delivery.

use std::time::Duration;

use bytes::Bytes;

use crate::{
    error::EcsError,
    faults::{Echo, Fault},
    message::{HttpRequest, HttpResponse},
    outcome::{Delivery, Outcome, Response},
    request::start,
    response::{self, Format},
};

/// Largest echo of a request, in bytes. A request can have 8 MiB, and a client must not be flooded by accident.
const MAX_ECHO_BYTES: usize = 64 << 10;

/// Largest echo in a header, in bytes: what HTTP libraries accept.
const MAX_HEADER_ECHO_BYTES: usize = 4 << 10;

/// Returns the response of a request with a fault: `response`, one that the fault replaces it with, or `None` if there is
/// neither. `documented` returns the status that the operation documents for a code.
pub(crate) fn replace(
    fault: &Fault,
    response: Option<HttpResponse>,
    documented: impl Fn(&str) -> Option<u16>,
    request: &HttpRequest,
    format: Format,
    host: &str,
    request_id: &str,
) -> Option<HttpResponse> {
    let failure = |status, code: &str, message: &str| {
        response::failure(format, &EcsError::new(status, code, message), host, request_id)
    };
    Some(match *fault {
        Fault::InternalError { .. } => failure(500, "InternalError", "Injected fault: an internal error."),
        Fault::Unavailable { .. } => failure(503, "ServiceUnavailable", "Injected fault: the service is unavailable."),
        Fault::BadGateway { .. } => gateway(502),
        Fault::Gateway { status, .. } => gateway(status),
        Fault::Throttle { status, retry_after } => {
            let mut response = failure(status, "Throttling.User", "Injected fault: too many requests.");
            response.headers.extend(retry_after.map(|wait| ("x-acs-retry-after", wait.as_millis().to_string())));
            response
        }
        Fault::TokenExpired => {
            failure(400, "InvalidSecurityToken.Expired", "Injected fault: the SecurityToken has expired.")
        }
        Fault::Empty => HttpResponse::text(200, ""),
        Fault::Incomplete => {
            let mut response = response?;
            let inner = response.body.trim_end_matches('}').rfind('}').map(|brace| brace + 1);
            response.body.truncate(inner.unwrap_or(response.body.len() / 2));
            response
        }
        Fault::Echo(Echo::Message) => {
            failure(400, "InvalidParameter", &format!("Injected fault: {} is not valid.", echo(request)))
        }
        Fault::Echo(Echo::Code) => failure(400, &echo(request), "Injected fault: an echo as the code."),
        Fault::Echo(Echo::RequestId) => {
            let error = EcsError::new(400, "InvalidParameter", "Injected fault: an echo as the request ID.");
            let mut response = response::failure(format, &error, host, &echo(request));
            response.headers = vec![("x-acs-request-id", header_echo(request))];
            response
        }
        Fault::Echo(Echo::Page) => HttpResponse::text(400, echo(request)),
        Fault::Error { ref error, .. } => {
            let default = || format!("Injected fault: the code {}.", error.code);
            let message = error.message.clone().unwrap_or_else(default);
            let mut response = failure(error.status(documented(&error.code)), &error.code, &message);
            response.headers.extend(error.retry_after.into_iter().flat_map(retry_after));
            response
        }
        _ => return response,
    })
}

/// Returns the headers that ask a client to wait.
pub(crate) fn retry_after(wait: Duration) -> [(&'static str, String); 2] {
    let milliseconds = wait.as_millis();
    [("x-acs-retry-after", milliseconds.to_string()), ("retry-after", milliseconds.div_ceil(1000).to_string())]
}

/// Returns a response of a gateway in front of the service.
fn gateway(status: u16) -> HttpResponse {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let title = format!("{status} {}", reason.unwrap_or("Error"));
    let page = format!(
        "<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n</body>\n</html>\n"
    );
    let mut response = HttpResponse { content_type: "text/html", ..HttpResponse::text(status, page) };
    if (300..400).contains(&status) {
        response.headers.push(("location", "http://127.0.0.1:9/moved".to_owned()));
    }
    response
}

/// Returns the request as some servers repeat it in errors: method, query and body as they were sent, headers and decoded
/// parameters.
fn echo(request: &HttpRequest) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let mut echo = format!("{} /?{} {body}", request.method, request.query);
    let headers = request.headers.iter().map(|(name, value)| (name, value));
    for (name, value) in headers.chain(request.parameters()) {
        echo.push_str(&format!(" {name}={value}"));
    }
    start(&echo, MAX_ECHO_BYTES).to_owned()
}

/// Returns the query and the body as they were sent, without the bytes that a header cannot contain.
fn header_echo(request: &HttpRequest) -> String {
    let text = format!("{}{}", request.query, String::from_utf8_lossy(&request.body));
    text.chars().filter(char::is_ascii_graphic).take(MAX_HEADER_ECHO_BYTES).collect()
}

/// Whether any byte of the response is sent.
pub(crate) fn sends_response(fault: &Fault) -> bool {
    !matches!(
        fault,
        Fault::Refuse | Fault::Drop | Fault::ExecuteThenDrop | Fault::ProcessThenDrop(_) | Fault::Hold { .. }
    )
}

/// Returns the outcome of a request: the response, delivered as the fault requires, or none.
pub(crate) fn deliver(fault: &Fault, response: Option<http::Response<Bytes>>) -> Outcome {
    let (delay, delivery) = match *fault {
        Fault::Refuse => return Outcome::Refused,
        Fault::Drop | Fault::ExecuteThenDrop | Fault::ProcessThenDrop(_) => return Outcome::Dropped,
        Fault::Hold { .. } => return Outcome::Held,
        Fault::Delay(delay) | Fault::Process(delay) => (delay, Delivery::Whole),
        Fault::Truncate => (Duration::ZERO, Delivery::Truncated),
        Fault::Dribble(pause) => (Duration::ZERO, Delivery::Dribbled(pause)),
        _ => (Duration::ZERO, Delivery::Whole),
    };
    // A fault that reaches this line either executes the request or replaces its response.
    response.map_or(Outcome::Dropped, |http| Outcome::Response(Response { http, delay, delivery }))
}
