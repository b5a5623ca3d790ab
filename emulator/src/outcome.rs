//! What becomes of a request, faults included.

use std::time::Duration;

use bytes::Bytes;

/// What the sender of a request meets.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The connection was closed before the request was read.
    Refused,
    /// The connection was closed without a byte of an answer.
    Dropped,
    /// No answer ever comes.
    Held,
    /// An answer, or a part of one.
    Answered(Answered),
}

/// An answer and how it gets to the sender.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answered {
    /// The whole answer.
    pub response: http::Response<Bytes>,
    /// Time before its first byte.
    pub delay: Duration,
    /// What happens to the body.
    pub delivery: Delivery,
}

/// How the body of an answer gets to the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// At once.
    Whole,
    /// Its first half, then the connection is closed.
    Truncated,
    /// Byte by byte, with this time before each.
    Dribbled(Duration),
}
