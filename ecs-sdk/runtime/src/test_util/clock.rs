//! A clock that tests control.

use std::{
    collections::BTreeMap,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant, SystemTime},
};

use crate::system::{BoxFuture, System};

/// The time at which a clock starts: 2026-01-05T18:00:00Z.
const START: Duration = Duration::from_secs(1_767_636_000);

/// Number of times in a row that a sleep is polled without anything else happening before time advances. Each time, all
/// other tasks of the runtime that are ready run once, so that chains of tasks that wake each other come to rest first.
const IDLE_POLLS: u32 = 64;

/// Number of times that a sleep is polled at most before time advances, even if other tasks never come to rest.
const MAX_POLLS: u32 = 100 * IDLE_POLLS;

/// Real time after which time advances although a time limit is pending whose task does not sleep. Until then, the task is taken
/// to wait for a socket. Far longer than a response of a local server takes.
const PATIENCE_WITH_SOCKETS: Duration = Duration::from_secs(2);

/// Real time without changes after which time advances in a runtime with several threads, where other tasks may be running.
const PATIENCE_WITH_THREADS: Duration = Duration::from_millis(2);

/// Number of sleeps that a clock remembers.
const MAX_REMEMBERED_SLEEPS: usize = 100_000;

/// A [`System`] with a clock that skips sleeps, so that retries, paging and waiters take no real time and are deterministic.
///
/// By default, time advances by itself whenever a sleep is pending and no task of the runtime can do anything else:
/// the delay between two attempts or two polls is over at once, but the clock shows that it has passed. Time limits, such as
/// the timeout of an attempt, do not advance the clock, but elapse when it moves past them. So a call that waits for a
/// socket does not time out while other tasks sleep, and one whose response is [delayed](super::Reply::after) for longer
/// than its timeout does.
///
/// ```
/// # #[cfg(all(feature = "test-util", feature = "instances"))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> ecs_sdk::Result<()> {
/// use std::time::Duration;
/// use ecs_sdk::{
///     Client,
///     operation::describe_instances::DescribeInstancesRequest,
///     test_util::{Mock, TestClock},
/// };
///
/// let clock = TestClock::new();
/// let mock = Mock::with_clock(clock.clone());
/// mock.on::<DescribeInstancesRequest>()
///     .error("ServiceUnavailable", 503)
///     .reply(Default::default());
/// let client: Client = mock.client();
///
/// client.describe_instances().send().await?;
/// // The attempt was retried after half of the maximum delay of 200 ms.
/// assert_eq!(clock.sleeps(), [Duration::from_millis(100)]);
/// assert_eq!(clock.elapsed(), Duration::from_millis(100));
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "test-util", feature = "instances")))]
/// # fn main() {}
/// ```
///
/// The clock of [`manual`](Self::manual) moves only in [`advance`](Self::advance).
///
/// In a runtime with one thread, which is that of `#[tokio::test]`, advancing takes no real time; with several threads, each
/// sleep takes about 2 ms, in which the others come to rest.
///
/// Randomness is deterministic too: the jitter of a delay is always half of its maximum, and tokens and nonces are numbered.
/// Clones share their time. It works in any runtime, with one thread or many, and with
/// [`block_on`](https://docs.rs/futures/latest/futures/executor/fn.block_on.html).
#[derive(Clone)]
pub struct TestClock(Arc<Mutex<Time>>);

struct Time {
    start: SystemTime,
    elapsed: Duration,
    advances_itself: bool,
    /// Pending sleeps and limits by the time at which they end, and their numbers.
    alarms: BTreeMap<(Duration, u64), Alarm>,
    number: u64,
    /// Number of times that a sleep began or ended.
    changes: u64,
    sleeps: Vec<Duration>,
    /// Tasks that wait for a sleep to begin.
    watchers: Vec<Waker>,
    observers: Vec<Arc<dyn Fn(Duration) + Send + Sync>>,
    random: u64,
}

struct Alarm {
    /// `None` until it is polled.
    waker: Option<Waker>,
    is_sleep: bool,
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl TestClock {
    /// Creates a clock that advances by itself whenever all tasks wait. It shows 2026-01-05T18:00:00Z.
    pub fn new() -> Self {
        Self::of(true)
    }

    /// Creates a clock that moves only in [`advance`](Self::advance). It shows 2026-01-05T18:00:00Z.
    ///
    /// ```
    /// # #[cfg(all(feature = "test-util", feature = "instances"))]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use std::time::Duration;
    /// use ecs_sdk::{
    ///     Client,
    ///     operation::describe_instances::DescribeInstancesRequest,
    ///     test_util::{Mock, TestClock},
    /// };
    ///
    /// let clock = TestClock::manual();
    /// let mock = Mock::with_clock(clock.clone());
    /// mock.on::<DescribeInstancesRequest>()
    ///     .error("ServiceUnavailable", 503)
    ///     .reply(Default::default());
    /// let client: Client = mock.client();
    ///
    /// let call = tokio::spawn(client.describe_instances().send());
    /// // The first attempt has failed, and the call waits before the second one.
    /// clock.until_sleeping().await;
    /// assert_eq!(mock.calls::<DescribeInstancesRequest>().len(), 1);
    /// clock.advance(Duration::from_millis(100));
    /// assert!(call.await.unwrap().is_ok());
    /// # }
    /// # #[cfg(not(all(feature = "test-util", feature = "instances")))]
    /// # fn main() {}
    /// ```
    pub fn manual() -> Self {
        Self::of(false)
    }

    fn of(advances_itself: bool) -> Self {
        Self(Arc::new(Mutex::new(Time {
            start: SystemTime::UNIX_EPOCH + START,
            elapsed: Duration::ZERO,
            advances_itself,
            alarms: BTreeMap::new(),
            number: 0,
            changes: 0,
            sleeps: Vec::new(),
            watchers: Vec::new(),
            observers: Vec::new(),
            random: 0,
        })))
    }

    /// Sets the time that the clock shows now, for signatures and expiry times. Pending sleeps are not affected.
    ///
    /// A server that checks signatures, such as the emulator, needs about the real time.
    #[must_use = "it returns the clock"]
    pub fn at(self, time: SystemTime) -> Self {
        let mut inner = self.time();
        inner.start = time.checked_sub(inner.elapsed).unwrap_or(time);
        drop(inner);
        self
    }

    /// Calls `observer` with each duration by which the clock advances, to keep another clock in step with it.
    #[must_use = "it returns the clock"]
    pub fn on_advance(self, observer: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.time().observers.push(Arc::new(observer));
        self
    }

    /// Moves the clock forward, and wakes all tasks whose sleeps and time limits end by then.
    pub fn advance(&self, duration: Duration) {
        let advanced = self.time().advance(duration);
        advanced.notify();
    }

    /// Moves the clock to the end of the next sleep or time limit that is pending. Returns by how much, or `None` if
    /// nothing is pending.
    pub fn advance_to_next(&self) -> Option<Duration> {
        let mut time = self.time();
        let duration = time.until_next()?;
        let advanced = time.advance(duration);
        drop(time);
        advanced.notify();
        Some(duration)
    }

    /// Waits until a task sleeps.
    pub async fn until_sleeping(&self) {
        poll_fn(|context| {
            let mut time = self.time();
            if time.is_sleeping() {
                return Poll::Ready(());
            }
            time.watchers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Returns the time by which the clock has advanced.
    pub fn elapsed(&self) -> Duration {
        self.time().elapsed
    }

    /// Returns the durations of all sleeps so far, without time limits.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.time().sleeps.clone()
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn alarm(&self, duration: Duration, is_sleep: bool) -> BoxFuture<'static, ()> {
        let mut time = self.time();
        let at = time.elapsed.saturating_add(duration);
        let mut number = None;
        if !is_sleep {
            // From now on, so that time does not advance while the first part of the limited work is done.
            number = Some(time.next_number());
            time.alarms.extend(number.map(|number| ((at, number), Alarm { waker: None, is_sleep })));
        } else if time.sleeps.len() < MAX_REMEMBERED_SLEEPS {
            time.sleeps.push(duration);
        }
        drop(time);
        Box::pin(Waiting { clock: self.clone(), at, is_sleep, number, seen: 0, idle: 0, polls: 0, waiting_since: None })
    }
}

/// What happens after the clock was advanced, when it is no longer locked.
struct Advanced {
    by: Duration,
    due: Vec<Waker>,
    observers: Vec<Arc<dyn Fn(Duration) + Send + Sync>>,
}

impl Advanced {
    fn notify(self) {
        self.observers.iter().for_each(|observer| observer(self.by));
        self.due.into_iter().for_each(Waker::wake);
    }
}

impl Time {
    fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    fn advance(&mut self, by: Duration) -> Advanced {
        self.elapsed = self.elapsed.saturating_add(by);
        self.changes += 1;
        let due = self.alarms.range(..=(self.elapsed, u64::MAX)).filter_map(|(_, alarm)| alarm.waker.clone()).collect();
        Advanced { by, due, observers: self.observers.clone() }
    }

    /// The time until the next alarm that is not due yet.
    fn until_next(&self) -> Option<Duration> {
        let (&(at, _), _) = self.alarms.range((self.elapsed, u64::MAX)..).next()?;
        Some(at - self.elapsed)
    }

    /// Whether every task with a pending time limit sleeps. One that does not waits for something else, such as a socket,
    /// which needs real time.
    fn all_limited_tasks_sleep(&self) -> bool {
        let pending = || self.alarms.range((self.elapsed, u64::MAX)..).map(|(_, alarm)| alarm);
        let mut limits = pending().filter(|alarm| !alarm.is_sleep);
        let sleepers = || pending().filter(|alarm| alarm.is_sleep).filter_map(|alarm| alarm.waker.as_ref());
        limits.all(|limit| limit.waker.as_ref().is_some_and(|limit| sleepers().any(|sleeper| sleeper.will_wake(limit))))
    }

    fn is_sleeping(&self) -> bool {
        self.alarms.iter().any(|((at, _), alarm)| alarm.is_sleep && *at > self.elapsed)
    }
}

impl System for TestClock {
    fn now(&self) -> SystemTime {
        let time = self.time();
        time.start.checked_add(time.elapsed).unwrap_or(time.start)
    }

    fn monotonic(&self) -> Duration {
        self.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.alarm(duration, true)
    }

    fn time_limit(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.alarm(duration, false)
    }

    fn random(&self, bytes: &mut [u8]) {
        // The runtime takes four bytes for the jitter of a delay.
        if let [first, rest @ ..] = bytes
            && rest.len() == 3
        {
            *first = 0x80;
            rest.fill(0);
            return;
        }
        let mut time = self.time();
        time.random += 1;
        bytes.fill(0);
        for (byte, value) in bytes.iter_mut().rev().zip(time.random.to_le_bytes()) {
            *byte = value;
        }
    }
}

/// A sleep or a time limit.
struct Waiting {
    clock: TestClock,
    at: Duration,
    is_sleep: bool,
    /// Its number among the alarms of the clock, once it was polled.
    number: Option<u64>,
    /// The number of changes when it was last polled.
    seen: u64,
    /// How often it was polled since then.
    idle: u32,
    /// How often it was polled since the clock last advanced.
    polls: u32,
    /// When it began to wait for other threads and sockets.
    waiting_since: Option<Instant>,
}

impl Waiting {
    /// Whether this much real time has passed since nothing else happened.
    #[expect(clippy::disallowed_methods, reason = "sockets and other threads need real time")]
    fn has_waited(&mut self, patience: Duration) -> bool {
        patience.is_zero() || self.waiting_since.get_or_insert_with(Instant::now).elapsed() > patience
    }
}

/// How long time waits for other threads of the runtime.
fn patience_with_threads() -> Duration {
    use tokio::runtime::{Handle, RuntimeFlavor};

    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::CurrentThread) | Err(_) => Duration::ZERO,
        Ok(_) => PATIENCE_WITH_THREADS,
    }
}

impl Future for Waiting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.clone();
        let mut time = clock.time();
        if time.elapsed >= self.at {
            return Poll::Ready(());
        }
        let mut watchers = Vec::new();
        let number = self.number.unwrap_or_else(|| {
            time.changes += 1;
            watchers = std::mem::take(&mut time.watchers);
            time.next_number()
        });
        self.number = Some(number);
        let alarm = Alarm { waker: Some(context.waker().clone()), is_sleep: self.is_sleep };
        let replaced = time.alarms.insert((self.at, number), alarm);
        let advances_itself = self.is_sleep && time.advances_itself;
        let mut advanced = None;
        if advances_itself {
            if self.seen != time.changes {
                (self.seen, self.idle, self.waiting_since) = (time.changes, 0, None);
            }
            (self.idle, self.polls) = (self.idle + 1, self.polls + 1);
            if self.idle > IDLE_POLLS || self.polls > MAX_POLLS {
                self.idle = 0;
                let patience =
                    if time.all_limited_tasks_sleep() { patience_with_threads() } else { PATIENCE_WITH_SOCKETS };
                if self.has_waited(patience) {
                    (self.polls, self.waiting_since) = (0, None);
                    advanced = time.until_next().map(|duration| time.advance(duration));
                }
            }
        }
        let is_over = time.elapsed >= self.at;
        // Dropping a waker may drop a task, and with it other sleeps, which lock the clock.
        drop(time);
        drop(replaced);
        watchers.into_iter().for_each(Waker::wake);
        if let Some(advanced) = advanced {
            advanced.notify();
        }
        if is_over {
            return Poll::Ready(());
        }
        if advances_itself {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let mut time = self.clock.time();
            let removed = time.alarms.remove(&(self.at, number));
            time.changes += u64::from(self.is_sleep);
            drop(time);
            drop(removed);
        }
    }
}

impl fmt::Debug for TestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClock").field("elapsed", &self.elapsed()).finish_non_exhaustive()
    }
}
