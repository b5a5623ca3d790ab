//! The outcome of a request, including faults.

use std::time::Duration;

use bytes::Bytes;

/// The outcome that the sender of a request observes.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The connection was closed before the request was read.
    Refused,
    /// The connection was closed without a byte of a response.
    Dropped,
    /// No response arrives.
    Held,
    /// A response, or a part of one, arrives.
    Response(Response),
}

/// A response, and how it is delivered.
#[derive(Debug)]
#[non_exhaustive]
pub struct Response {
    /// The complete HTTP response.
    pub http: http::Response<Bytes>,
    /// Delay before its first byte.
    pub delay: Duration,
    /// How its body is delivered.
    pub delivery: Delivery,
}

/// How the body of a response is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// All at once.
    Whole,
    /// The first half, then the connection is closed.
    Truncated,
    /// Byte by byte, with this delay before each byte.
    Dribbled(Duration),
}
