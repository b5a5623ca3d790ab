//! What the sender of a request meets because of a fault.

use std::time::Duration;

use bytes::Bytes;

use crate::{
    answer::{self, Format},
    error::EcsError,
    faults::Fault,
    http::HttpAnswer,
    outcome::{Answered, Delivery, Outcome},
};

const BAD_GATEWAY: &str = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad \
                           Gateway</h1></center>\n</body>\n</html>\n";

/// The answer that a fault puts in place of the right one.
pub(crate) fn instead(fault: Fault, format: Format, host: &str, request_id: &str) -> Option<HttpAnswer> {
    let failure = |status, code: &str, message: &str| {
        answer::failure(format, &EcsError::new(status, code, message), host, request_id)
    };
    Some(match fault {
        Fault::InternalError { .. } => failure(500, "InternalError", "Something went wrong here, on purpose."),
        Fault::Unavailable { .. } => failure(503, "ServiceUnavailable", "The service is not available, on purpose."),
        Fault::BadGateway { .. } => {
            HttpAnswer { content_type: "text/html", ..HttpAnswer::text(502, BAD_GATEWAY.to_owned()) }
        }
        Fault::Throttle { status, retry_after } => {
            let mut answer = failure(status, "Throttling.User", "Too many requests, it is said on purpose.");
            answer.headers.extend(retry_after.map(|wait| ("x-acs-retry-after", wait.as_millis().to_string())));
            answer
        }
        Fault::TokenExpired => {
            failure(400, "InvalidSecurityToken.Expired", "The SecurityToken has expired, it is said on purpose.")
        }
        Fault::Empty => HttpAnswer::text(200, ""),
        _ => return None,
    })
}

/// Whether any byte of an answer is sent.
pub(crate) fn answers(fault: Fault) -> bool {
    !matches!(fault, Fault::Refuse | Fault::Drop | Fault::ExecuteThenDrop | Fault::Hold { .. })
}

/// Sends an answer, or none, as the fault wants it.
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
    // Every fault above that executes nothing, or nothing else, has put an answer in place.
    response.map_or(Outcome::Dropped, |response| Outcome::Answered(Answered { response, delay, delivery }))
}
