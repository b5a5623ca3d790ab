//! Work that concurrent callers share: the first one starts it, and all get its result.

use std::{
    future::poll_fn,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use tokio::runtime::{Handle, Id};

use crate::system::BoxFuture;

/// Age at which unfinished work is old. This is the default timeout of an attempt that waits for it, and longer than STS
/// calls and programs may take. So old work hangs, or nobody waited for it until it finished.
const OLD: Duration = Duration::from_secs(60);

/// The unfinished work for one result, at most one flight for each runtime.
pub(crate) struct Flights<T>(Vec<Entry<T>>);

struct Entry<T> {
    flight: Arc<Flight<T>>,
    /// The monotonic time at which a caller started or resumed it.
    since: Duration,
}

/// How a caller takes part in a flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// It started the flight.
    Starts,
    /// It joined a flight that others started or resumed recently.
    Joins,
    /// It is the first one to join a flight that is old.
    Resumes,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone> Flights<T> {
    /// Returns the flight that the caller can join, or a new one. `now` is the monotonic time.
    pub(crate) fn join_or_start(
        &mut self,
        now: Duration,
        start: impl FnOnce() -> BoxFuture<'static, T>,
    ) -> (Arc<Flight<T>>, Part) {
        let runtime = Handle::try_current().ok().map(|handle| handle.id());
        if let Some(Entry { flight, since }) = self.0.iter_mut().find(|entry| entry.flight.runtime == runtime) {
            if now < since.saturating_add(OLD) {
                return (flight.clone(), Part::Joins);
            }
            *since = now;
            return (flight.clone(), Part::Resumes);
        }
        let stage = Mutex::new(Stage::Pending(start()));
        let flight = Arc::new(Flight { started: now, runtime, stage, waiters: Arc::default() });
        self.0.push(Entry { flight: flight.clone(), since: now });
        (flight, Part::Starts)
    }

    /// Removes a flight. Returns `false` if another caller has done so.
    pub(crate) fn remove(&mut self, flight: &Arc<Flight<T>>) -> bool {
        let index = self.0.iter().position(|entry| Arc::ptr_eq(&entry.flight, flight));
        index.map(|index| self.0.swap_remove(index)).is_some()
    }
}

/// Work in progress. Any caller that waits for it drives it, so it continues when the caller that started it is canceled
/// or stops waiting.
pub(crate) struct Flight<T> {
    started: Duration,
    /// The runtime whose timers and connections it uses; `None` outside of Tokio. Only callers in the same runtime can
    /// drive it, because the timers of a runtime that has ended panic.
    runtime: Option<Id>,
    stage: Mutex<Stage<T>>,
    waiters: Arc<Waiters>,
}

enum Stage<T> {
    Pending(BoxFuture<'static, T>),
    /// A caller polls the future. `missed` is set if another one wanted to.
    Polled {
        missed: bool,
    },
    /// The result; `None` if the future panicked.
    Finished(Option<T>),
}

impl<T: Clone> Flight<T> {
    /// The monotonic time at which it started.
    pub(crate) fn started(&self) -> Duration {
        self.started
    }

    /// Waits for the result. It is `None` if the work panicked while another caller drove it.
    pub(crate) async fn result(&self) -> Option<T> {
        poll_fn(|context| {
            self.waiters.add(context.waker());
            self.poll()
        })
        .await
    }

    /// Continues the work as far as possible without waiting.
    pub(crate) fn poll(&self) -> Poll<Option<T>> {
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
                self.finish(Some(result.clone()));
                Poll::Ready(Some(result))
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
}

impl<T> Flight<T> {
    fn finish(&self, result: Option<T>) {
        *lock(&self.stage) = Stage::Finished(result);
        self.waiters.clone().wake();
    }
}

/// Ends work whose future panics, so that no other caller polls it again.
struct Panicked<'a, T>(&'a Flight<T>);

impl<T> Drop for Panicked<'_, T> {
    fn drop(&mut self) {
        self.0.finish(None);
    }
}

/// The callers to wake when the work can continue.
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
