//! The body of a response, which a fault can truncate or slow down.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::activity::InFlight;
use crate::outcome::Delivery;

/// The error that closes a connection without a response, or within one.
#[derive(Debug)]
pub(super) struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an injected fault closes the connection")
    }
}

impl std::error::Error for Dropped {}

/// The body of a response, complete or not.
pub(super) struct Sent {
    /// Length in the header `Content-Length`, even if less is sent.
    length: u64,
    left: Bytes,
    truncated: bool,
    flushed: bool,
    pause: Option<Duration>,
    waiting: Option<Pin<Box<Sleep>>>,
    /// The connection is in use until the body is sent.
    _in_flight: InFlight,
}

impl Sent {
    pub(super) fn new(body: Bytes, delivery: Delivery, in_flight: InFlight) -> Self {
        let length = body.len() as u64;
        let (left, truncated, pause) = match delivery {
            Delivery::Whole => (body, false, None),
            Delivery::Truncated => (body.slice(..body.len() / 2), true, None),
            Delivery::Dribbled(pause) => (body, false, Some(pause)),
        };
        Sent { length, left, truncated, flushed: false, pause, waiting: None, _in_flight: in_flight }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if self.left.is_empty() {
            if self.truncated && !std::mem::replace(&mut self.flushed, true) {
                // Yields once, so that earlier bytes are flushed.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(self.truncated.then_some(Err(Dropped)));
        }
        let Some(pause) = self.pause else {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.left)))));
        };
        ready!(self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause))).as_mut().poll(context));
        self.waiting = None;
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(1)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && !self.truncated
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
