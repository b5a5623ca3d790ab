//! The stream of pages.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};

use super::{
    engine::{Engine, Unit},
    position::Position,
    style::Paged,
};
use crate::{call::Call, error::Result};

/// A [`Stream`] of the pages of a request, returned by `pages()`. Pages are whole responses.
///
/// Each page is requested when the stream is polled for it. Unless the request or [`page_size`](Self::page_size) sets
/// another, the largest page size that the operation allows is used, for the fewest calls. After an error the stream
/// ends; [`position`](Self::position) tells where. See [the module](super) for the cases that are errors.
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// let mut pages = client.describe_instances().pages().page_size(50);
/// while let Some(page) = pages.try_next().await? {
///     println!("{} instances (request {})", page.instances.len(), page.request_id);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Pages<R: Paged> {
    request: R,
    pub(super) engine: Engine,
}

impl<R: Paged> Pages<R> {
    #[doc(hidden)]
    pub fn new(call: Call, request: R) -> Self {
        Self { request, engine: Engine::new(call, R::META, R::PAGES, R::ITEMS) }
    }

    /// Returns the next page, or `None` at the end.
    ///
    /// Dropping the future loses nothing: the next call continues with the same page.
    #[expect(clippy::should_implement_trait, reason = "streams have this method, and are no iterators")]
    pub fn next(&mut self) -> impl Future<Output = Option<Result<R::Response>>> + Send + Unpin {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
    }

    /// Returns the next page, `Ok(None)` at the end, or an error.
    ///
    /// Dropping the future loses nothing: the next call continues with the same page.
    pub fn try_next(&mut self) -> impl Future<Output = Result<Option<R::Response>>> + Send + Unpin {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context).map(Option::transpose))
    }

    /// Collects all pages, or returns the first error.
    pub fn try_collect<C: Default + Extend<R::Response>>(mut self) -> impl Future<Output = Result<C>> {
        let mut all = C::default();
        poll_fn(move |context| {
            while let Some(page) = ready!(Pin::new(&mut self).poll_next(context)?) {
                all.extend([page]);
            }
            Poll::Ready(Ok(std::mem::take(&mut all)))
        })
    }

    /// Sets the number of items per page. The service rejects sizes that the operation does not allow.
    ///
    /// Operations without such a parameter, `ListTagResources` of ECS and `DescribeSpotPriceHistory`, choose the size
    /// themselves. Has no effect after the first request.
    pub fn page_size(mut self, size: u32) -> Self {
        self.engine.set_size(size);
        self
    }

    /// Limits the number of pages that the stream still returns. No further pages are requested, and
    /// [`position`](Self::position) is that of the page after the last one.
    pub fn limit(mut self, pages: usize) -> Self {
        self.engine.set_limit(pages as u64, Unit::Pages);
        self
    }

    /// Requests the next page while the caller still uses the current one.
    ///
    /// This saves up to half of the time if it takes as long to use a page as to request it, and costs memory for
    /// another page. At most one page is read ahead, never one beyond the [limit](Self::limit), and dropping the stream
    /// cancels the request.
    ///
    /// In a tokio runtime, a task drives the request; in a current-thread runtime, it runs while the program awaits
    /// something. Without a runtime, the request is sent early, but its response is received when the stream is polled.
    pub fn read_ahead(mut self) -> Self {
        self.engine.read_ahead();
        self
    }

    /// Returns the position of the next page, where another stream can [resume](Self::resume); `None` at the end of the
    /// list. After an error, it is the position of the page that failed.
    pub fn position(&self) -> Option<Position> {
        self.engine.position(&self.request)
    }

    /// Continues at a position of the same list, with the whole page. The request must have the same parameters.
    ///
    /// If the position does not fit the operation, the first page is an error of kind
    /// [`Request`](crate::ErrorKind::Request). Numbered pages keep the size that they have in the position.
    ///
    /// ```no_run
    /// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
    /// let mut first = client.describe_images().pages().limit(2);
    /// while let Some(page) = first.try_next().await? {
    ///     println!("{} images", page.images.len());
    /// }
    /// if let Some(position) = first.position() {
    ///     let third = client.describe_images().pages().resume(position).try_next().await?;
    /// #   let _ = third;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "callers have no more use for it")]
    pub fn resume(mut self, position: Position) -> Self {
        self.engine.resume(&mut self.request, &position);
        self
    }
}

impl<R: Paged> Stream for Pages<R> {
    type Item = Result<R::Response>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(reply) = ready!(this.engine.poll(&mut this.request, context)?) else { return Poll::Ready(None) };
        let mut page = R::Response::default();
        let result = this.engine.finish(reply, &mut this.request, &mut page, context);
        Poll::Ready(Some(result.map(|()| page)))
    }
}

impl<R: Paged> FusedStream for Pages<R> {
    fn is_terminated(&self) -> bool {
        self.engine.has_ended()
    }
}

impl<R: Paged> fmt::Debug for Pages<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("position", &self.position()).finish_non_exhaustive()
    }
}
