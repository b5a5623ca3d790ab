//! Batches: calls with more IDs than the service takes at once.
//!
//! The guide is [`guide::batches`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/batches/index.html).
//!
//! The fluent requests of operations that take a list of IDs have `in_batches()`, which splits the list into as many
//! calls as necessary. Each call is one of its own, with its own retries and its own `ClientToken`.
//!
//! ```no_run
//! # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
//! // All disks, in the order of the IDs' batches.
//! let disks: Vec<_> =
//!     client.describe_disks().disk_ids(&ids).in_batches().items().try_collect().await?;
//! println!("{} disks", disks.len());
//!
//! // Every batch is tried, and what succeeded is not lost if others fail.
//! let outcome = client.stop_instances().instance_ids(&ids).in_batches().send().await;
//! for (ids, error) in outcome.errors() {
//!     eprintln!("{} instances from {} on: {error}", ids.len(), ids[0]);
//! }
//! let responses = outcome.into_result()?;
//! # let _ = responses;
//! # Ok(())
//! # }
//! ```
//!
//! Without `in_batches`, a call with too many IDs is an error before anything is sent.
//! [`CallOptions::check_limits`](crate::CallOptions::check_limits) disables this check.

mod outcome;
mod plan;

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;

pub use self::outcome::{Batch, BatchOutcome};
use self::plan::{Plan, Planned};
use crate::{
    call::Call,
    error::Result,
    operation::Operation,
    pagination::{Items, Paged, Pages},
    system::BoxFuture,
};

/// A request with a list of IDs that can be split into several calls. The trait is sealed.
pub trait Batched: Operation {
    /// The result of one batch: the response, or the items of all pages if the operation has pages.
    type Output: Send + 'static;

    /// Starts the call of one batch.
    #[doc(hidden)]
    fn start(self, call: Call) -> BoxFuture<'static, Result<Self::Output>>;
}

/// A request that has a dry run. The trait is sealed.
pub trait DryRun: Operation {}

/// Collects the items of all pages. Defined once for the operations that are split into batches.
#[doc(hidden)]
pub fn all_items<R: Paged<Item: Send>>(call: Call, request: R) -> BoxFuture<'static, Result<Vec<R::Item>>> {
    Box::pin(Items::new(Pages::new(call, request)).try_collect())
}

/// Returns the next item of a stream.
async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}

/// Number of calls at a time if the operation only reads. A batch takes the service a fraction of a second, and more
/// calls would use up the account's rate limit for its other programs.
const READ_CONCURRENCY: usize = 4;

/// Number of calls at a time if the operation changes something: one after the other, so that an error can stop the
/// rest, and calls that change the same resource cannot conflict.
const WRITE_CONCURRENCY: usize = 1;

/// A request whose list of IDs is split into batches, returned by `in_batches()`.
///
/// It is a [`Stream`] of [`Batch`]es, in the order of the IDs. Batches are started when the stream is polled, so
/// dropping it after an error stops the rest. [`send`](Self::send) tries all batches, and [`items`](Self::items)
/// returns the items of operations with pages.
///
/// - A request without IDs makes no call, even if the operation would return all resources without them.
/// - IDs that occur twice are sent twice.
/// - If the request has two lists of IDs, the one that is longer than its limit is split, and every batch has the other.
/// - If a `ClientToken` is set and there are several batches, each has the token with its number appended: `token-1`,
///   `token-2`, … Otherwise the SDK generates a token for each batch.
/// - Pages never cut a batch: its result consists of the items of all pages.
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
/// // Deletes instances, and stops at the first error.
/// let mut batches = client.delete_instances().instance_ids(ids).in_batches();
/// while let Some(batch) = batches.next().await {
///     batch.result?;
///     println!("{} instances are being deleted", batch.ids.len());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "batches do nothing until they are sent or polled"]
pub struct Batches<R: Batched> {
    plan: Plan<R>,
    concurrency: usize,
    running: Running<R::Output>,
}

impl<R: Batched> Batches<R> {
    #[doc(hidden)]
    pub fn new(call: Call, request: R) -> Self {
        let concurrency = if R::META.read { READ_CONCURRENCY } else { WRITE_CONCURRENCY };
        Self { plan: Plan::new(call, request), concurrency, running: Running::default() }
    }

    /// Sets the number of calls at a time. 0 is treated as 1.
    ///
    /// The default is 4 for operations that only read, and 1 for all others, so that an error can stop the rest.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }

    /// Sets the number of IDs in a batch. 0 is treated as 1. The default is the limit of the operation, which is also the
    /// maximum.
    pub fn size(mut self, ids: usize) -> Self {
        self.plan.set_size(ids);
        self
    }

    /// Sends all batches, including those after an error, and returns their results in order.
    ///
    /// ```no_run
    /// # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
    /// let outcome = client.start_instances().instance_ids(ids).in_batches().send().await;
    /// let again: Vec<&str> = outcome.failed_ids().collect();
    /// println!("not started: {again:?}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Polling the future panics in a tokio runtime without I/O or timer.
    pub async fn send(mut self) -> BatchOutcome<R::Output> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await {
            batches.push(batch);
        }
        BatchOutcome::new(batches, R::META.read)
    }

    /// Performs a dry run of every batch. The result of a batch is `Ok(())` if its call would succeed.
    ///
    /// ```no_run
    /// # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
    /// let stop = client.stop_instances().instance_ids(ids);
    /// stop.clone().in_batches().check().await.into_result()?;
    /// stop.in_batches().send().await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn check(self) -> BatchOutcome<()>
    where
        R: DryRun,
    {
        let Self { mut plan, concurrency, .. } = self;
        let mut running = Running::default();
        let check =
            |call: Call, mut request: R| -> BoxFuture<'static, Result<()>> { Box::pin(call.check(&mut request)) };
        let mut batches = Vec::new();
        while let Some(batch) = poll_fn(|context| running.poll(&mut plan, concurrency, check, context)).await {
            batches.push(batch);
        }
        // Nothing is executed.
        BatchOutcome::new(batches, true)
    }

    /// Returns the next batch, or `None` at the end. Canceling it loses nothing: calls in progress continue when the
    /// stream is polled again.
    pub async fn next(&mut self) -> Option<Batch<R::Output>> {
        next(self).await
    }

    /// Returns a stream of the items of all batches, in order, for operations with pages. It ends with the first error.
    ///
    /// ```no_run
    /// # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
    /// let mut snapshots = client.describe_snapshots().snapshot_ids(ids).in_batches().items();
    /// while let Some(snapshot) = snapshots.try_next().await? {
    ///     println!("{}", snapshot.snapshot_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn items<T>(self) -> BatchItems<R>
    where
        R: Paged<Item = T> + Batched<Output = Vec<T>>,
    {
        BatchItems { batches: Some(self), items: Vec::new().into_iter() }
    }
}

impl<R: Batched> Stream for Batches<R> {
    type Item = Batch<R::Output>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { plan, concurrency, running } = &mut *self;
        running.poll(plan, *concurrency, |call, request| request.start(call), context)
    }
}

// The futures are boxed, and a request is data.
impl<R: Batched> Unpin for Batches<R> {}

impl<R: Batched> fmt::Debug for Batches<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches")
            .field("operation", &R::META.name)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// The calls in progress, in order, and the results that wait for an earlier batch.
struct Running<T>(VecDeque<(Vec<String>, Progress<T>)>);

enum Progress<T> {
    Call(BoxFuture<'static, Result<T>>),
    Done(Result<T>),
}

impl<T> Default for Running<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> Running<T> {
    /// Starts batches up to the concurrency, and returns the first one once it is done. Results that wait for an earlier
    /// batch are considered running, which bounds the memory.
    fn poll<R: Batched>(
        &mut self,
        plan: &mut Plan<R>,
        concurrency: usize,
        start: impl Fn(Call, R) -> BoxFuture<'static, Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Batch<T>>> {
        while self.0.len() < concurrency
            && let Some(Planned { ids, call }) = plan.next()
        {
            let progress = match call {
                Ok((call, request)) => Progress::Call(start(call, request)),
                Err(error) => Progress::Done(Err(error)),
            };
            self.0.push_back((ids, progress));
        }
        for (_, progress) in &mut self.0 {
            if let Progress::Call(call) = progress
                && let Poll::Ready(result) = call.as_mut().poll(context)
            {
                *progress = Progress::Done(result);
            }
        }
        match self.0.pop_front() {
            None => Poll::Ready(None),
            Some((ids, Progress::Done(result))) => Poll::Ready(Some(Batch { ids, result })),
            Some(pending) => {
                self.0.push_front(pending);
                Poll::Pending
            }
        }
    }
}

/// A [`Stream`] of the items of all batches, returned by [`Batches::items`]. It ends with the first error.
#[must_use = "streams do nothing unless polled"]
pub struct BatchItems<R: Batched + Paged> {
    /// `None` after an error.
    batches: Option<Batches<R>>,
    items: std::vec::IntoIter<R::Item>,
}

impl<R: Batched<Output = Vec<T>> + Paged<Item = T>, T: Unpin> BatchItems<R> {
    /// Returns the next item, or `None` at the end. Canceling it loses nothing.
    pub async fn next(&mut self) -> Option<Result<T>> {
        next(self).await
    }

    /// Returns the next item, `None` at the end, or the error that ends the stream.
    ///
    /// # Errors
    ///
    /// Returns the error of a batch.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// Collects all items.
    ///
    /// # Errors
    ///
    /// Returns the first error of a batch. [`Batches::send`] also returns the results of the others.
    pub async fn try_collect<C: Default + Extend<T>>(mut self) -> Result<C> {
        let mut all = C::default();
        while let Some(item) = self.try_next().await? {
            all.extend([item]);
        }
        Ok(all)
    }
}

impl<R: Batched<Output = Vec<T>> + Paged<Item = T>, T: Unpin> Stream for BatchItems<R> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            let Some(batches) = &mut self.batches else { return Poll::Ready(None) };
            match ready!(Pin::new(batches).poll_next(context)) {
                Some(Batch { result: Ok(items), .. }) => self.items = items.into_iter(),
                Some(Batch { result: Err(error), .. }) => {
                    self.batches = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<R: Batched + Paged> Unpin for BatchItems<R> {}

impl<R: Batched + Paged> fmt::Debug for BatchItems<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchItems").field("batches", &self.batches).finish_non_exhaustive()
    }
}
