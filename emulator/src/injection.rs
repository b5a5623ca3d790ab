//! Fault injection: the effect of a fault on the response and its delivery.

use std::time::Duration;

use bytes::Bytes;

use crate::{
    error::EcsError,
    faults::Fault,
    message::HttpResponse,
    outcome::{Delivery, Outcome, Response},
    response::{self, Format},
};

const BAD_GATEWAY: &str = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad \
                           Gateway</h1></center>\n</body>\n</html>\n";

/// Returns the response that a fault replaces the real one with, if it does.
pub(crate) fn replacement(fault: Fault, format: Format, host: &str, request_id: &str) -> Option<HttpResponse> {
    let failure = |status, code: &str, message: &str| {
        response::failure(format, &EcsError::new(status, code, message), host, request_id)
    };
    Some(match fault {
        Fault::InternalError { .. } => failure(500, "InternalError", "Injected fault: an internal error."),
        Fault::Unavailable { .. } => failure(503, "ServiceUnavailable", "Injected fault: the service is unavailable."),
        Fault::BadGateway { .. } => {
            HttpResponse { content_type: "text/html", ..HttpResponse::text(502, BAD_GATEWAY.to_owned()) }
        }
        Fault::Throttle { status, retry_after } => {
            let mut response = failure(status, "Throttling.User", "Injected fault: too many requests.");
            response.headers.extend(retry_after.map(|wait| ("x-acs-retry-after", wait.as_millis().to_string())));
            response
        }
        Fault::TokenExpired => {
            failure(400, "InvalidSecurityToken.Expired", "Injected fault: the SecurityToken has expired.")
        }
        Fault::Empty => HttpResponse::text(200, ""),
        _ => return None,
    })
}

/// Whether any byte of the response is sent.
pub(crate) fn sends_response(fault: Fault) -> bool {
    !matches!(fault, Fault::Refuse | Fault::Drop | Fault::ExecuteThenDrop | Fault::Hold { .. })
}

/// Returns the outcome of a request: the response, delivered as the fault requires, or none.
pub(crate) fn deliver(fault: Fault, response: Option<http::Response<Bytes>>) -> Outcome {
    let (delay, delivery) = match fault {
        Fault::Refuse => return Outcome::Refused,
        Fault::Drop | Fault::ExecuteThenDrop => return Outcome::Dropped,
        Fault::Hold { .. } => return Outcome::Held,
        Fault::Delay(delay) => (delay, Delivery::Whole),
        Fault::Truncate => (Duration::ZERO, Delivery::Truncated),
        Fault::Dribble(pause) => (Duration::ZERO, Delivery::Dribbled(pause)),
        _ => (Duration::ZERO, Delivery::Whole),
    };
    // A fault that reaches this line either executes the request or replaces its response.
    response.map_or(Outcome::Dropped, |http| Outcome::Response(Response { http, delay, delivery }))
}
