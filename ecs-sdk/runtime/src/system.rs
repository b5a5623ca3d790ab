//! Time, sleep and randomness. They are behind a trait so that tests are deterministic.

use std::{
    fmt::{self, Write as _},
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::{Duration, Instant, SystemTime},
};

use crate::short_text::ShortText;

/// A boxed future that can be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The source of time, sleep and randomness of a client.
///
/// [`TokioSystem`] is the default. With your own implementation, tests of retries and timeouts are fast and
/// deterministic. In this one, time passes only while something sleeps:
///
/// ```
/// use std::{
///     sync::{Arc, Mutex},
///     time::{Duration, SystemTime},
/// };
/// use ecs_sdk::{
///     Client, Credentials,
///     bytes::Bytes,
///     http,
///     system::{BoxFuture, System},
///     transport::{Transport, TransportError},
/// };
///
/// #[derive(Debug, Clone, Default)]
/// struct TestSystem {
///     elapsed: Arc<Mutex<Duration>>,
/// }
///
/// impl System for TestSystem {
///     fn now(&self) -> SystemTime {
///         SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_840_200) + self.monotonic()
///     }
///
///     fn monotonic(&self) -> Duration {
///         *self.elapsed.lock().unwrap()
///     }
///
///     fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
///         let elapsed = self.elapsed.clone();
///         Box::pin(async move { *elapsed.lock().unwrap() += duration })
///     }
///
///     fn random(&self, bytes: &mut [u8]) {
///         bytes.fill(0x80); // Each retry delay is about half of its maximum.
///     }
/// }
///
/// /// A service that is never available.
/// #[derive(Debug)]
/// struct Unavailable;
///
/// impl Transport for Unavailable {
///     fn send(
///         &self,
///         _: http::Request<Bytes>,
///     ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
///         let body = r#"{"Code": "ServiceUnavailable", "Message": "Try again later."}"#;
///         Box::pin(async move {
///             Ok(http::Response::builder().status(503).body(body.into()).unwrap())
///         })
///     }
/// }
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let system = TestSystem::default();
/// let client = Client::builder()
///     .region("cn-hangzhou")
///     .credentials(Credentials::new("test-id", "test-secret"))
///     .transport(Unavailable)
///     .system(system.clone())
///     .build()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let error = runtime.block_on(client.call("DescribeRegions").send()).unwrap_err();
/// assert_eq!(error.attempts(), 3);
/// // The two delays were about half of 200 ms and half of 400 ms.
/// assert_eq!(system.monotonic().as_millis(), 301);
/// # Ok(())
/// # }
/// ```
pub trait System: fmt::Debug + Send + Sync + 'static {
    /// Returns the wall-clock time, which is used for timestamps and expiry times.
    fn now(&self) -> SystemTime;

    /// Returns the time since an arbitrary fixed moment, which is used for deadlines and for the lifetime of cached
    /// credentials. It never decreases. The moment is the same for all clients that share a credentials provider.
    fn monotonic(&self) -> Duration;

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Waits for `duration` as the time limit of other work, which is polled together with it. The default is
    /// [`sleep`](Self::sleep).
    ///
    /// A test system that skips delays should not skip limits, or every call that waits for a socket would time out.
    fn time_limit(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.sleep(duration)
    }

    /// Fills a buffer with random bytes, which are used for nonces, client tokens and the jitter of retries.
    fn random(&self, bytes: &mut [u8]);
}

impl<T: System + ?Sized> System for Arc<T> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(duration)
    }

    fn time_limit(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).time_limit(duration)
    }

    fn random(&self, bytes: &mut [u8]) {
        (**self).random(bytes);
    }
}

impl<T: System + ?Sized> System for Box<T> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(duration)
    }

    fn time_limit(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).time_limit(duration)
    }

    fn random(&self, bytes: &mut [u8]) {
        (**self).random(bytes);
    }
}

/// The default [`System`]: the clock and random numbers of the operating system, and the timer of Tokio.
///
/// Your own [`System`] can delegate to it.
///
/// # Panics
///
/// [`sleep`](System::sleep) panics in a tokio runtime that was built without its timer; enable it with
/// `tokio::runtime::Builder::enable_all`. Outside of a runtime, a thread waits instead.
#[derive(Debug, Clone)]
pub struct TokioSystem {
    start: Instant,
}

impl Default for TokioSystem {
    #[expect(clippy::disallowed_methods, reason = "the only source of time")]
    fn default() -> Self {
        // The same for the whole process, because clients can share a credentials provider.
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        Self { start: *START }
    }
}

impl System for TokioSystem {
    #[expect(clippy::disallowed_methods, reason = "the only source of time")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "the only source of sleep")]
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        match tokio::runtime::Handle::try_current() {
            Ok(_) => Box::pin(tokio::time::sleep(duration)),
            Err(_) => Box::pin(sleep_on_thread(duration)),
        }
    }

    fn random(&self, bytes: &mut [u8]) {
        // Every system that runs Tokio has a source of randomness. Without it, requests could not be signed.
        getrandom::fill(bytes).expect("the operating system provides random bytes");
    }
}

/// Waits on a thread, for callers that are not in a tokio runtime. Calls of the default transport fail there, but
/// everything before them, such as reading credentials, has timeouts too. The thread ends early if the future is dropped.
async fn sleep_on_thread(duration: Duration) {
    struct SetOnDrop(Arc<Signal>);

    impl Drop for SetOnDrop {
        fn drop(&mut self) {
            self.0.set();
        }
    }

    let dropped = Arc::new(Signal::default());
    let _set_on_drop = SetOnDrop(dropped.clone());
    let (elapsed_sender, elapsed) = tokio::sync::oneshot::channel();
    let wait = move || {
        dropped.wait(duration);
        let _ = elapsed_sender.send(());
    };
    // Without a thread, the sender is dropped and the wait ends at once.
    let _ = std::thread::Builder::new().name("ecs-sdk-sleep".to_owned()).spawn(wait);
    let _ = elapsed.await;
}

/// A signal for which a thread waits. Channels of std can do this too, but take several times as much code.
#[derive(Default)]
struct Signal {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    fn set(&self) {
        *self.lock() = true;
        self.changed.notify_one();
    }

    /// Waits until the signal is set, and clears it. Returns `false` if it is not set within `duration`.
    fn wait(&self, duration: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), duration, |is_set| !*is_set);
        let (mut is_set, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *is_set)
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.is_set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.set();
    }
}

/// Runs a future for at most `duration`. Returns `None` if the timeout elapses first.
pub(crate) async fn timeout<T>(system: &dyn System, duration: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    // Started only if the future is not ready at once, as that of static credentials is.
    let mut limit = None;
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        let limit = limit.get_or_insert_with(|| system.time_limit(duration));
        limit.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// Blocks the thread until a future is ready, for about `duration` at most. Returns `None` if it is not ready by then.
pub(crate) fn wait<T>(duration: Duration, mut future: BoxFuture<'_, T>) -> Option<T> {
    let woken = Arc::new(Signal::default());
    let waker = Waker::from(woken.clone());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(value);
        }
        if !woken.wait(duration) {
            return None;
        }
    }
}

/// Returns a random UUID (version 4).
pub(crate) fn uuid(system: &dyn System) -> ShortText<36> {
    let mut bytes = [0; 16];
    system.random(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = ShortText::default();
    for (index, byte) in bytes.into_iter().enumerate() {
        let dash = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
        let digits = [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]));
        // It has space for 32 digits and 4 dashes.
        let _ = text.write_str(dash);
        let _ = digits.into_iter().try_for_each(|digit| text.write_char(digit));
    }
    text
}

/// Returns a random number from 0 (inclusive) to 1 (exclusive).
pub(crate) fn fraction(system: &dyn System) -> f64 {
    let mut bytes = [0; 4];
    system.random(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random bytes that are all the same.
    #[derive(Debug)]
    struct Bytes(u8);

    impl System for Bytes {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
            Box::pin(async {})
        }

        fn random(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn uuids_are_of_version_4_and_the_variant_of_rfc_9562() {
        assert_eq!(&*uuid(&Bytes(0)), "00000000-0000-4000-8000-000000000000");
        assert_eq!(&*uuid(&Bytes(0xff)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(&*uuid(&Bytes(0x5a)), "5a5a5a5a-5a5a-4a5a-9a5a-5a5a5a5a5a5a");
    }

    #[test]
    fn a_blocked_thread_continues_when_the_future_is_woken() {
        let mut polls = 0;
        let future = poll_fn(move |context| {
            polls += 1;
            // The first wake-up comes before the thread waits, the second while it may be waiting.
            match polls {
                1 => context.waker().wake_by_ref(),
                2 => {
                    let waker = context.waker().clone();
                    std::thread::spawn(move || waker.wake());
                }
                _ => return Poll::Ready(polls),
            }
            Poll::Pending
        });
        assert_eq!(wait(Duration::MAX, Box::pin(future)), Some(3));
        assert_eq!(wait(Duration::ZERO, Box::pin(std::future::pending::<()>())), None);
    }

    #[test]
    fn sleep_without_a_tokio_runtime_ends() {
        let sleep = TokioSystem::default().sleep(Duration::ZERO);
        assert_eq!(wait(Duration::MAX, sleep), Some(()));
    }

    #[test]
    fn fractions_are_less_than_1() {
        assert!(fraction(&Bytes(0)) == 0.0 && (0.99..1.0).contains(&fraction(&Bytes(0xff))));
    }
}
