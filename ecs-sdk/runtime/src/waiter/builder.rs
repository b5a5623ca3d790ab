//! Fluent waiters for resources, and the future that they return.

use std::{
    any::Any,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use super::{
    engine::{Stop, run},
    outcome::{Resource, WaitFailure, Waited},
    progress::Progress,
    resources::{Checking, Fetching, OnProgress, Resources, Source, WaiterMeta},
    timing::Timing,
};
use crate::{
    call::{Call, CallOptions},
    error::{Error, ErrorKind, Result},
    model::{self, Model, Slot},
    operation::{Operation, OperationMeta},
    pagination::{Paged, Pages},
    path::{set, set_list},
    system::BoxFuture,
};

/// A waiter in progress: a future that resolves to the resources when all of them are in the desired state.
///
/// Nothing is polled before the future itself is polled. Transient failures of a poll do not end the wait. The last poll
/// may begin when the timeout elapses, and takes at most 5 seconds more. Dropping the future stops the polling.
///
/// # Errors
///
/// The future resolves to an error of the kind
///
/// - [`Timeout`](ErrorKind::Timeout) if the resources are not in the desired state in time;
/// - [`Waiter`](ErrorKind::Waiter) if a resource reaches a state from which it cannot reach the desired one, or if it was
///   seen but is not found by ten polls in a row;
/// - [`Request`](ErrorKind::Request) if there are no IDs to wait for, or an ID is empty;
/// - any other if a poll fails for a reason that is not transient.
///
/// In all cases but the third, [`WaitFailure::of`] returns what was seen.
#[must_use = "the waiter does nothing until the future is awaited"]
pub struct Waiting<T> {
    waiter: BoxFuture<'static, Result<Resources>>,
    item: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Waiting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

impl<T: 'static> Future for Waiting<T> {
    type Output = Result<Waited<T>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Resources { items, progress, .. } = ready!(self.waiter.as_mut().poll(context))?;
        let items = items.into_iter().flatten().filter_map(|item| {
            let item: Box<dyn Any> = item;
            item.downcast().ok().map(|item| *item)
        });
        Poll::Ready(Ok(Waited::new(items.collect(), progress)))
    }
}

/// The responses of a request, one for each page.
type Fetched<R> = BoxFuture<'static, Result<Vec<<R as Operation>::Response>>>;

/// Sends a request.
type Fetch<R> = fn(&Call, &R) -> Fetched<R>;

/// The settings of a waiter that polls an operation.
#[doc(hidden)]
pub struct WaiterCall<R> {
    call: Call,
    pub request: R,
    ids: Vec<String>,
    target: Option<String>,
    timing: Timing,
    on_progress: Option<OnProgress>,
}

impl<R: Operation> WaiterCall<R> {
    pub fn new(call: Call) -> Self {
        let request = R::default();
        Self { call, request, ids: Vec::new(), target: None, timing: Timing::new(), on_progress: None }
    }

    pub fn ids(&mut self, ids: impl IntoIterator<Item = impl Into<String>>) {
        self.ids = ids.into_iter().map(Into::into).collect();
    }

    pub fn target(&mut self, state: impl Into<String>) {
        self.target = Some(state.into());
    }

    pub fn options(&mut self, options: CallOptions) {
        self.call = self.call.clone().options(options);
    }

    pub fn timing(&mut self, timing: Timing) {
        self.timing = timing;
    }

    pub fn on_progress(&mut self, on_progress: impl FnMut(&Progress) + Send + 'static) {
        self.on_progress = Some(Box::new(on_progress));
    }

    /// `fetch` requests the pages, and `items` takes the items out of one.
    pub fn wait<T: Model + 'static>(
        mut self,
        meta: &'static WaiterMeta,
        fetch: Fetch<R>,
        items: fn(R::Response) -> Vec<T>,
        limit: Duration,
    ) -> Waiting<T> {
        for (name, value) in meta.set {
            set(&mut self.request, name, value);
        }
        let system = self.call.config().shared_system();
        let (timing, ids, target, on_progress) = (self.timing, self.ids, self.target, self.on_progress);
        let source = Typed { call: self.call, request: self.request, ids: meta.ids, fetch, items };
        let waiter = Box::pin(async move {
            check(meta, &ids, target.as_ref()).map_err(|error| error.with_call(R::META.service.name, R::META.name))?;
            let mut resources = Resources::new(meta, target, Box::new(source), ids, on_progress);
            let stopped = run(&*system, &timing, limit, &mut resources).await;
            stopped.map_err(|stop| stopped_error(R::META, meta, stop, limit, &mut resources))?;
            Ok(resources)
        });
        Waiting { waiter, item: PhantomData }
    }
}

impl<R> fmt::Debug for WaiterCall<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaiterCall").field("ids", &self.ids).field("timing", &self.timing).finish_non_exhaustive()
    }
}

/// Checks that there are IDs, and a state if the waiter needs one. An empty ID would request all resources.
fn check(meta: &WaiterMeta, ids: &[String], target: Option<&String>) -> Result<()> {
    let problem = match meta.target {
        _ if ids.is_empty() => "needs at least one ID".to_owned(),
        _ if ids.iter().any(|id| id.trim().is_empty()) => "cannot wait for an empty ID".to_owned(),
        Some(setter) if target.is_none_or(String::is_empty) => format!("needs `{setter}`"),
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::Request, format!("waiter {} {problem}", meta.name)))
}

/// The error of a waiter that did not succeed.
fn stopped_error(
    operation: &'static OperationMeta,
    meta: &WaiterMeta,
    stop: Stop,
    limit: Duration,
    resources: &mut Resources,
) -> Error {
    let (name, progress) = (meta.name, &resources.progress);
    let (kind, mut message) = match stop {
        Stop::Error(error) => {
            let message = format!("waiter {name}: a poll failed; {progress}");
            let progress = progress.clone();
            let items = std::mem::take(&mut resources.items);
            return error.with_source(WaitFailure::new(message, progress, items).of_poll());
        }
        Stop::Failed(reason) => (ErrorKind::Waiter, format!("waiter {name}: {reason}; {progress}")),
        Stop::Timeout(..) => {
            (ErrorKind::Timeout, format!("waiter {name} did not succeed within {limit:?}; {progress}"))
        }
    };
    if let Some(error) = progress.error() {
        message = format!("{message}; then: {error}");
    }
    let failure = WaitFailure::new(message.clone(), progress.clone(), std::mem::take(&mut resources.items));
    // Polls only read.
    let error = Error::new(kind, message).with_maybe_executed(false);
    error.with_call(operation.service.name, operation.name).with_source(failure)
}

/// An operation with the types of its request and of the items.
struct Typed<R: Operation, T> {
    call: Call,
    request: R,
    ids: &'static str,
    fetch: Fetch<R>,
    items: fn(R::Response) -> Vec<T>,
}

impl<R: Operation, T: Model + 'static> Source for Typed<R, T> {
    fn fetch(&mut self, ids: &[String]) -> Fetching {
        set_ids(&mut self.request, self.ids, ids);
        let (pages, items) = ((self.fetch)(&self.call, &self.request), self.items);
        Box::pin(async move {
            let items = pages.await?.into_iter().flat_map(items);
            Ok(items.map(|item| -> Box<dyn Resource> { Box::new(item) }).collect())
        })
    }

    fn check(&mut self, ids: &[String]) -> Option<Checking> {
        if !R::META.dry_run {
            return None;
        }
        set_ids(&mut self.request, self.ids, ids);
        Some(Box::pin(self.call.check(&mut self.request.clone())))
    }
}

fn set_ids(request: &mut dyn Model, path: &str, ids: &[String]) {
    if let Some((name, rest)) = path.split_once('.') {
        model::slot(request, name, |slot| match slot {
            Slot::OptionModel(inner) => set_ids(inner.fill(), rest, ids),
            Slot::Model(inner) => set_ids(inner, rest, ids),
            _ => {}
        });
        return;
    }
    if !set_list(request, path, ids) {
        set(request, path, &ids.join(","));
    }
}

/// Requests all pages.
#[doc(hidden)]
pub fn all_pages<R: Paged>(call: &Call, request: &R) -> Fetched<R> {
    Box::pin(Pages::new(call.clone(), request.clone()).try_collect())
}

/// Requests the only page.
#[doc(hidden)]
pub fn only_page<R: Operation>(call: &Call, request: &R) -> Fetched<R> {
    let page = call.send::<R>(request);
    Box::pin(async move { Ok(vec![page.await?]) })
}

/// Defines the methods of a waiter, which is a tuple struct around [`WaiterCall`].
#[doc(hidden)]
#[macro_export]
macro_rules! wait_until {
    ($name:ident, $request:ident, $ids:ident $(, region $region:ident)? $(, target $target:ident)?; $pages:ident, $items:expr, $item:ty) => {
        impl $name {
            /// Sets the IDs of the resources to wait for. Required. Duplicates are ignored.
            pub fn $ids(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
                self.0.ids(values);
                self
            }

            $(
                /// Sets the region of the resources. Defaults to the client's region.
                pub fn $region(mut self, value: impl Into<String>) -> Self {
                    self.0.request.$region = Some(value.into());
                    self
                }
            )?

            $(
                /// Sets the value to wait for. Required.
                pub fn $target(mut self, value: impl Into<String>) -> Self {
                    self.0.target(value);
                    self
                }
            )?

            /// Calls a setter if there is a value, and changes nothing otherwise.
            #[inline]
            pub fn maybe<T>(self, value: Option<T>, setter: fn(Self, T) -> Self) -> Self {
                $crate::model::maybe(self, value, setter)
            }

            /// Sets the options of each poll: timeouts, retries, headers, extra parameters.
            #[inline]
            pub fn options(mut self, options: $crate::call::CallOptions) -> Self {
                self.0.options(options);
                self
            }

            /// Sets when to poll: the delays before the first poll and between polls.
            #[inline]
            pub fn timing(mut self, timing: $crate::waiter::Timing) -> Self {
                self.0.timing(timing);
                self
            }

            /// Sets a function that is called after each poll.
            #[inline]
            pub fn on_progress(
                mut self,
                on_progress: impl FnMut(&$crate::waiter::Progress) + Send + 'static,
            ) -> Self {
                self.0.on_progress(on_progress);
                self
            }

            #[doc = concat!("Polls until every resource has reached the desired state, for at most `timeout`. The future \
                resolves to `Result<`[`Waited`](crate::waiter::Waited)`<`[`", stringify!($item), "`]`>>`, with the \
                resources as last seen.")]
            ///
            /// # Errors
            ///
            /// Returns an error of kind [`Timeout`](crate::ErrorKind::Timeout) if `timeout` elapses, and of kind
            /// [`Waiter`](crate::ErrorKind::Waiter) if a resource cannot reach the desired state any more. Both list the
            /// last seen states; see [`WaitFailure`](crate::waiter::WaitFailure). If a poll fails for a reason that is
            /// not transient, returns its error.
            #[inline]
            pub fn wait(self, timeout: ::std::time::Duration) -> $crate::waiter::Waiting<$item> {
                self.0.wait(Self::META, $crate::waiter::$pages, $items, timeout)
            }
        }
    };
    ($($unknown:tt)*) => {
        $crate::generated_format!($($unknown)*);
    };
}

pub use crate::wait_until;
