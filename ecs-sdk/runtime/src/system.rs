//! Time, sleep and randomness, behind a trait so that tests are deterministic.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant, SystemTime},
};

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Source of time, sleep and randomness.
pub trait System: fmt::Debug + Send + Sync + 'static {
    /// Returns the time of day, for timestamps.
    fn now(&self) -> SystemTime;

    /// Returns the time since some fixed moment, for deadlines. It never goes back.
    fn monotonic(&self) -> Duration;

    /// Waits for a duration.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Fills a buffer with random bytes, for nonces, client tokens and the jitter of retries.
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

    fn random(&self, bytes: &mut [u8]) {
        (**self).random(bytes);
    }
}

/// The default: the system's clock and random numbers, and the timer of tokio. Your own [`System`] can delegate to it what
/// it does not change.
#[derive(Debug, Clone)]
pub struct TokioSystem {
    start: Instant,
}

impl Default for TokioSystem {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl System for TokioSystem {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where sleep comes from")]
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self, bytes: &mut [u8]) {
        // Every system that runs tokio has a source of randomness; without one nothing could be signed.
        getrandom::fill(bytes).expect("the system gives random bytes");
    }
}

/// Runs a future for at most a duration; `None` when time ran out.
pub(crate) async fn timeout<T>(system: &dyn System, duration: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut sleep = system.sleep(duration);
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        sleep.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// A random UUID (version 4).
pub(crate) fn uuid(system: &dyn System) -> String {
    let mut bytes = [0; 16];
    system.random(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let number = format!("{:032x}", u128::from_be_bytes(bytes));
    [&number[..8], &number[8..12], &number[12..16], &number[16..20], &number[20..]].join("-")
}

/// A random fraction from 0 up to, not including, 1.
pub(crate) fn fraction(system: &dyn System) -> f64 {
    let mut bytes = [0; 4];
    system.random(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}
