//! A single fault.

use std::time::Duration;

use super::error::{FaultError, MAX_TIME};

/// A fault of one request.
///
/// [`FromStr`](std::str::FromStr) and [`Display`](std::fmt::Display) use the text form of each variant; `MS` stands for
/// milliseconds, at most a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// No fault; in a script, leaves requests undisturbed.
    ///
    /// Text form: `none`.
    #[default]
    None,
    /// The connection is closed before anything is read from it. Over sockets, only new connections are affected, and not
    /// those that begin with a plain HTTP request to `/emulator`, so that the fault can be removed.
    ///
    /// Text form: `refuse`.
    Refuse,
    /// The request is read and the connection is closed; nothing is executed.
    ///
    /// Text form: `drop`.
    Drop,
    /// The request is executed and the connection closed before the first byte of the response.
    ///
    /// Text form: `execute-drop`.
    ExecuteThenDrop,
    /// The request is executed and the connection closed halfway through the body of the response.
    ///
    /// Text form: `truncate`.
    Truncate,
    /// The request is executed, and the response has status 200 and an empty body.
    ///
    /// Text form: `empty`.
    Empty,
    /// Status 500 with the code `InternalError`.
    ///
    /// Text form: `500` or `execute-500`.
    InternalError {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// Status 502 with an HTML page, as from a proxy.
    ///
    /// Text form: `502` or `execute-502`.
    BadGateway {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// Status 503 with the code `ServiceUnavailable`.
    ///
    /// Text form: `503` or `execute-503`.
    Unavailable {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// The code `Throttling.User`; nothing is executed.
    ///
    /// Text form: `throttle` for status 400, `429` for 429; `throttle:MS` and `429:MS` with `retry_after`.
    Throttle {
        /// HTTP status: the service uses 400, gateways in front of it use 429.
        status: u16,
        /// Value of the header `x-acs-retry-after`, in whole milliseconds; without the header if `None`.
        retry_after: Option<Duration>,
    },
    /// The request is executed, and the response is delayed.
    ///
    /// Text form: `delay:MS`.
    Delay(Duration),
    /// No response is sent; the connection stays open until the client closes it.
    ///
    /// Text form: `hold` or `execute-hold`.
    Hold {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// The request is executed, and the body of the response is sent byte by byte, with this delay before each byte.
    ///
    /// Text form: `dribble:MS`.
    Dribble(Duration),
    /// The request is executed, but the service works on it for this time: the response arrives after it. Until then, a
    /// request with the same `ClientToken` fails with the code that the operation documents for that, or with
    /// `IdempotentProcessing`; later, it gets the response of the first request. The time passes on the emulator's clock.
    ///
    /// Text form: `process:MS`.
    Process(Duration),
    /// Like [`Process`](Self::Process), but the connection is closed at once, before the first byte of the response.
    ///
    /// Text form: `process-drop:MS`.
    ProcessThenDrop(Duration),
    /// The request reaches a node whose clock is wrong by this number of seconds, at most 100 years: the node checks the
    /// timestamp of the request with its own clock, and sends its own time in the `Date` header. If the difference exceeds
    /// 15 minutes, the code is `InvalidTimeStamp.Expired` and nothing is executed.
    ///
    /// Text form: `clock:SECONDS`, such as `clock:-7200`.
    WrongClock(i64),
    /// The network delivers the request twice, and only the second response arrives. The service executes the first copy and
    /// rejects the second one with `SignatureNonceUsed`.
    ///
    /// Text form: `duplicate`.
    Duplicate,
    /// Status 400, and the response echoes the parameters and the headers of the request, secrets included; nothing is
    /// executed.
    ///
    /// Text form: `echo-message`, `echo-code`, `echo-request-id` or `echo-page`.
    Echo(Echo),
    /// A response of a gateway in front of the service: an HTML page with this status, or a redirect if the status is 3xx.
    ///
    /// Text form: `gateway:STATUS` or `execute-gateway:STATUS`, with a status from 300 to 599.
    Gateway {
        /// HTTP status.
        status: u16,
        /// Whether the request is executed first.
        executed: bool,
    },
    /// The request is executed, and the body of the response ends after an inner `}`. The HTTP message is complete, as if a
    /// gateway had received only a part of the response.
    ///
    /// Text form: `incomplete`.
    Incomplete,
    /// The code `InvalidSecurityToken.Expired`, for any credentials; nothing is executed.
    ///
    /// Text form: `token-expired`.
    TokenExpired,
    /// An error of the service with any code, status and message.
    ///
    /// Text form: `error:CODE[:STATUS[+MS]][:MESSAGE]` or `execute-error:CODE[:STATUS[+MS]][:MESSAGE]`, such as
    /// `error:OperationDenied.NoStock:403` or `error:Throttling.Api:429+1500:"too many, too fast"`. A message with one of the
    /// characters `,=*@"` needs quotation marks; inside them, `\"` and `\\` stand for `"` and `\`.
    Error {
        /// The response.
        error: FaultError,
        /// Whether the request is executed first.
        executed: bool,
    },
}

/// The part of an error response that echoes the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Echo {
    /// The message of an `InvalidParameter` error.
    Message,
    /// The error code.
    Code,
    /// The request ID, in the body and in the header `x-acs-request-id`.
    RequestId,
    /// A page in plain text that is not an error of the service, as from a debugging proxy.
    Page,
}

impl Fault {
    /// Returns whether the request is executed despite the fault, if the service accepts it.
    #[must_use]
    pub fn executes(&self) -> bool {
        match self {
            Fault::None
            | Fault::ExecuteThenDrop
            | Fault::Truncate
            | Fault::Empty
            | Fault::Delay(_)
            | Fault::Dribble(_)
            | Fault::Process(_)
            | Fault::ProcessThenDrop(_)
            | Fault::WrongClock(_)
            | Fault::Duplicate
            | Fault::Incomplete => true,
            Fault::InternalError { executed }
            | Fault::BadGateway { executed }
            | Fault::Unavailable { executed }
            | Fault::Hold { executed }
            | Fault::Gateway { executed, .. }
            | Fault::Error { executed, .. } => *executed,
            Fault::Refuse | Fault::Drop | Fault::Throttle { .. } | Fault::TokenExpired | Fault::Echo(_) => false,
        }
    }

    /// Returns the time for which the service works on the request, at most [`MAX_TIME`]; zero for most faults.
    pub(crate) fn processing(&self) -> Duration {
        match *self {
            Fault::Process(time) | Fault::ProcessThenDrop(time) => time.min(MAX_TIME),
            _ => Duration::ZERO,
        }
    }

    /// Returns the number of seconds by which the clock of the node is wrong; 0 for most faults.
    pub(crate) fn clock_skew(&self) -> i64 {
        match *self {
            Fault::WrongClock(seconds) => seconds,
            _ => 0,
        }
    }
}
