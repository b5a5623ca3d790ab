//! The request for a page, while it is in progress.

use std::{
    panic,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{runtime::Handle, task::JoinHandle};
use tracing::{Instrument as _, Span, instrument::WithSubscriber as _};

use crate::{call::Reply, error::Result, system::BoxFuture};

/// A request in progress. Dropping it cancels the request.
pub(super) enum Flight {
    /// Makes progress when the stream is polled.
    Polled(BoxFuture<'static, Result<Reply>>),
    /// Makes progress in a task.
    Spawned(JoinHandle<Result<Reply>>),
}

impl Flight {
    /// Starts a request that makes progress while nobody polls the stream: in a task of the current tokio runtime.
    /// Without a runtime, the request is only sent, if that needs no waiting.
    pub(super) fn ahead(mut reply: BoxFuture<'static, Result<Reply>>, context: &mut Context<'_>) -> Self {
        if let Ok(runtime) = Handle::try_current() {
            // Spans of the call belong to the caller's.
            return Self::Spawned(runtime.spawn(reply.instrument(Span::current()).with_current_subscriber()));
        }
        match reply.as_mut().poll(context) {
            Poll::Ready(reply) => Self::Polled(Box::pin(async { reply })),
            Poll::Pending => Self::Polled(reply),
        }
    }

    /// Polls the request. The result is `None` if the runtime of its task has ended.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Reply>>> {
        match self {
            Self::Polled(reply) => reply.as_mut().poll(context).map(Some),
            Self::Spawned(task) => Poll::Ready(match ready!(Pin::new(task).poll(context)) {
                Ok(reply) => Some(reply),
                Err(error) if error.is_panic() => panic::resume_unwind(error.into_panic()),
                Err(_) => None,
            }),
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Self::Spawned(task) = self {
            task.abort();
        }
    }
}
