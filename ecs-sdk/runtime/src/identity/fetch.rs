//! A fetch of credentials that several callers share.

use std::{
    future::poll_fn,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use tokio::runtime::{Handle, Id};

use super::credentials::{Credentials, failed};
use crate::{error::Result, system::BoxFuture};

/// A fetch in progress. It belongs to the cache, and any caller that waits for it drives it, so it continues when the
/// caller that started it is canceled or stops waiting.
pub(super) struct Fetch {
    started: Duration,
    /// Only callers in the same runtime can drive it, because timers of a runtime that has ended panic.
    runtime: Option<Id>,
    stage: Mutex<Stage>,
    waiters: Arc<Waiters>,
}

enum Stage {
    Pending(BoxFuture<'static, Result<Credentials>>),
    /// A caller polls the future. `missed` is set if another one wanted to.
    Polled {
        missed: bool,
    },
    Finished(Result<Credentials>),
}

/// The callers to wake when the fetch can continue.
#[derive(Default)]
struct Waiters(Mutex<Vec<Waker>>);

impl Waiters {
    fn add(&self, waker: &Waker) {
        let mut wakers = lock(&self.0);
        if !wakers.iter().any(|known| known.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }
}

impl Wake for Waiters {
    /// Wakes all callers rather than one, because that one may have been canceled.
    fn wake(self: Arc<Self>) {
        let wakers = mem::take(&mut *lock(&self.0));
        wakers.into_iter().for_each(Waker::wake);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The runtime of the caller; `None` outside of Tokio.
pub(super) fn current_runtime() -> Option<Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}

impl Fetch {
    pub(super) fn new(future: BoxFuture<'static, Result<Credentials>>, started: Duration, runtime: Option<Id>) -> Self {
        Self { started, runtime, stage: Mutex::new(Stage::Pending(future)), waiters: Arc::default() }
    }

    /// The time at which it started, on the monotonic clock.
    pub(super) fn started(&self) -> Duration {
        self.started
    }

    /// The runtime whose timers and connections it uses.
    pub(super) fn runtime(&self) -> Option<Id> {
        self.runtime
    }

    /// Waits for the result.
    pub(super) async fn result(&self) -> Result<Credentials> {
        poll_fn(|context| {
            self.waiters.add(context.waker());
            self.poll()
        })
        .await
    }

    /// Continues the fetch as far as possible without waiting.
    pub(super) fn poll(&self) -> Poll<Result<Credentials>> {
        let mut stage = lock(&self.stage);
        let mut future = match mem::replace(&mut *stage, Stage::Polled { missed: true }) {
            Stage::Pending(future) => future,
            Stage::Polled { .. } => return Poll::Pending,
            Stage::Finished(result) => {
                *stage = Stage::Finished(result.clone());
                return Poll::Ready(result);
            }
        };
        *stage = Stage::Polled { missed: false };
        // Not held while polling, because the future may belong to a custom provider that panics or blocks.
        drop(stage);
        let panicked = Panicked(self);
        let polled = future.as_mut().poll(&mut Context::from_waker(&self.waiters.clone().into()));
        mem::forget(panicked);
        match polled {
            Poll::Ready(result) => {
                self.finish(result.clone());
                Poll::Ready(result)
            }
            Poll::Pending => {
                let old = mem::replace(&mut *lock(&self.stage), Stage::Pending(future));
                if matches!(old, Stage::Polled { missed: true }) {
                    self.waiters.clone().wake();
                }
                Poll::Pending
            }
        }
    }

    fn finish(&self, result: Result<Credentials>) {
        *lock(&self.stage) = Stage::Finished(result);
        self.waiters.clone().wake();
    }
}

/// Ends a fetch whose future panics, so that no other caller polls it again.
struct Panicked<'a>(&'a Fetch);

impl Drop for Panicked<'_> {
    fn drop(&mut self) {
        self.0.finish(Err(failed("the credentials provider panicked")));
    }
}
