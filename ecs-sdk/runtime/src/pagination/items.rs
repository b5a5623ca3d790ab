//! The stream of items.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};

use futures_core::{FusedStream, Stream};

use super::{engine::Unit, pages::Pages, position::Position, style::Paged};
use crate::error::Result;

/// A [`Stream`] of the items of all pages of a request, returned by `items()`. It holds one page at a time in memory.
///
/// The next page is requested when the items of the previous one are used up, or earlier with
/// [`read_ahead`](Self::read_ahead). After an error the stream ends; [`position`](Self::position) tells where. See
/// [the module](super) for the cases that are errors.
///
/// ```no_run
/// use futures_util::TryStreamExt;
///
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// // At most 500 instances.
/// let mut items = client.describe_instances().items().limit(500);
/// while let Some(instance) = items.try_next().await? {
///     println!("{}", instance.instance_id);
/// }
///
/// // With `futures-util`: those with more than 8 vCPUs.
/// let large: Vec<_> = client
///     .describe_instances()
///     .items()
///     .try_filter(|instance| std::future::ready(instance.cpu > Some(8)))
///     .try_collect()
///     .await?;
/// # let _ = large;
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Items<R: Paged> {
    pages: Pages<R>,
    page: vec::IntoIter<R::Item>,
    /// Number of items of the page that were returned or skipped.
    used: u64,
    /// Number of items that are left to return, if it is limited.
    limit: Option<usize>,
}

impl<R: Paged> Items<R> {
    #[doc(hidden)]
    pub fn new(pages: Pages<R>) -> Self {
        Self { pages, page: Vec::new().into_iter(), used: 0, limit: None }
    }

    /// Returns the next item, or `None` at the end.
    ///
    /// Dropping the future loses nothing: the next call continues with the same item.
    #[expect(clippy::should_implement_trait, reason = "streams have this method, and are no iterators")]
    pub fn next(&mut self) -> impl Future<Output = Option<Result<R::Item>>> + Send + Unpin {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
    }

    /// Returns the next item, `Ok(None)` at the end, or an error.
    ///
    /// Dropping the future loses nothing: the next call continues with the same item.
    pub fn try_next(&mut self) -> impl Future<Output = Result<Option<R::Item>>> + Send + Unpin {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context).map(Option::transpose))
    }

    /// Collects all items into a collection such as `Vec`, or returns the first error.
    pub fn try_collect<C: Default + Extend<R::Item>>(mut self) -> impl Future<Output = Result<C>> {
        let mut all = C::default();
        poll_fn(move |context| {
            while ready!(self.poll_items(context)?) {
                all.extend(std::iter::from_fn(|| self.take()));
            }
            Poll::Ready(Ok(std::mem::take(&mut all)))
        })
    }

    /// Sets the number of items per page. The service rejects sizes that the operation does not allow.
    ///
    /// Operations without such a parameter, `ListTagResources` of ECS and `DescribeSpotPriceHistory`, choose the size
    /// themselves. Has no effect after the first request.
    pub fn page_size(mut self, size: u32) -> Self {
        self.pages = self.pages.page_size(size);
        self
    }

    /// Limits the number of items that the stream still returns. No page is requested beyond them.
    pub fn limit(mut self, items: usize) -> Self {
        self.limit = Some(items);
        self.pages.engine.set_limit(items.saturating_sub(self.page.len()) as u64, Unit::Items);
        self
    }

    /// Requests the next page while the caller still uses the items of the current one.
    ///
    /// This saves up to half of the time if it takes as long to use a page as to request it, and costs memory for
    /// another page. At most one page is read ahead, never one beyond the [limit](Self::limit), and dropping the stream
    /// cancels the request.
    ///
    /// In a tokio runtime, a task drives the request; in a current-thread runtime, it runs while the program awaits
    /// something. Without a runtime, the request is sent early, but its response is received when the stream is polled.
    pub fn read_ahead(mut self) -> Self {
        self.pages = self.pages.read_ahead();
        self
    }

    /// Returns the position of the next item, where another stream can [resume](Self::resume); `None` at the end of the
    /// list. After an error, it is the position of the page that failed.
    pub fn position(&self) -> Option<Position> {
        if self.page.len() == 0 {
            return self.pages.position();
        }
        self.pages.engine.current().map(|page| page.clone().with_skip(self.used))
    }

    /// Continues at a position of the same list. The request must have the same parameters.
    ///
    /// If the position does not fit the operation, the first item is an error of kind
    /// [`Request`](crate::ErrorKind::Request). Numbered pages keep the size that they have in the position.
    ///
    /// ```no_run
    /// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
    /// let mut first = client.describe_instances().items().limit(120);
    /// while let Some(instance) = first.try_next().await? {
    ///     println!("{}", instance.instance_id);
    /// }
    /// if let Some(position) = first.position() {
    ///     let rest: Vec<_> =
    ///         client.describe_instances().items().resume(position).try_collect().await?;
    ///     println!("and {} more", rest.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(mut self, position: Position) -> Self {
        self.pages = self.pages.resume(position);
        self.page = Vec::new().into_iter();
        self
    }

    /// Polls until there are items to return. Returns whether there are.
    fn poll_items(&mut self, context: &mut Context<'_>) -> Poll<Result<bool>> {
        if self.limit == Some(0) {
            return Poll::Ready(Ok(false));
        }
        while self.page.len() == 0 {
            let Some(page) = ready!(Pin::new(&mut self.pages).poll_next(context)?) else {
                return Poll::Ready(Ok(false));
            };
            self.page = R::items(page).into_iter();
            self.used = self.pages.engine.current().map_or(0, Position::skip).min(self.page.len() as u64);
            self.page.by_ref().take(usize::try_from(self.used).unwrap_or(usize::MAX)).for_each(drop);
        }
        Poll::Ready(Ok(true))
    }

    /// Returns the next item of the page, if there is one within the limit.
    fn take(&mut self) -> Option<R::Item> {
        if self.limit == Some(0) {
            return None;
        }
        let item = self.page.next()?;
        self.used += 1;
        self.limit = self.limit.map(|limit| limit - 1);
        Some(item)
    }
}

impl<R: Paged> Stream for Items<R> {
    type Item = Result<R::Item>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let result = ready!(self.poll_items(context));
        Poll::Ready(result.map(|_| self.take()).transpose())
    }
}

impl<R: Paged> FusedStream for Items<R> {
    fn is_terminated(&self) -> bool {
        self.limit == Some(0) || (self.page.len() == 0 && self.pages.is_terminated())
    }
}

impl<R: Paged> fmt::Debug for Items<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("position", &self.position()).finish_non_exhaustive()
    }
}
