//! When a waiter polls.

use std::time::Duration;

use crate::system::{System, fraction};

/// Delay after the first two polls: many transitions take about a second, and an emulator is faster still.
const INTERVAL: Duration = Duration::from_millis(500);
/// Longest delay: instances take about half a minute to start, so a few seconds more hardly matter, and a waiter of five
/// minutes sends about 65 requests.
const MAX_INTERVAL: Duration = Duration::from_secs(5);
/// Each delay is half as long again as the previous one, so a waiter notices a change after at most half of the time that
/// it has waited already.
const GROWTH: f64 = 1.5;
/// A shorter delay would keep the service and the processor busy.
const MIN_DELAY: Duration = Duration::from_millis(1);
/// Largest part of a delay that jitter takes away.
const JITTER: f64 = 0.2;

/// When a waiter polls: the delays before the first poll and between polls.
///
/// By default, the first polls are at 0, 0.5 and 1 seconds. Then each delay is half as long again as the previous one,
/// up to 5 seconds. Jitter shortens each delay after the third poll by up to a fifth, so that many programs that start at
/// the same time do not poll at the same time.
///
/// ```no_run
/// use std::time::Duration;
/// use ecs_sdk::waiter::Timing;
///
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// // Images take minutes: poll after a minute, then every 10 seconds.
/// let slow = Timing::fixed(Duration::from_secs(10)).first_delay(Duration::from_secs(60));
/// client
///     .wait_until_instance_stopped()
///     .instance_ids(["i-bp67acfmxazb4p****"])
///     .timing(slow)
///     .wait(Duration::from_secs(1800))
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a timing does nothing until a waiter takes it"]
pub struct Timing {
    first_delay: Duration,
    interval: Duration,
    max_interval: Duration,
    growth: f64,
    jitter: bool,
}

impl Default for Timing {
    fn default() -> Self {
        Self::new()
    }
}

impl Timing {
    /// Creates the default timing.
    pub const fn new() -> Self {
        let (interval, max_interval) = (INTERVAL, MAX_INTERVAL);
        Self { first_delay: Duration::ZERO, interval, max_interval, growth: GROWTH, jitter: true }
    }

    /// Creates a timing with the same delay between all polls, without jitter.
    pub const fn fixed(interval: Duration) -> Self {
        Self { interval, max_interval: interval, growth: 1.0, jitter: false, ..Self::new() }
    }

    /// Sets the delay before the first poll. The default is zero.
    pub const fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// Sets the delay after the first and the second poll, from which the others grow. The default is 0.5 seconds.
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets the longest delay between two polls. The default is 5 seconds. It has no effect if it is shorter than the
    /// [interval](Self::interval), which is then the delay between all polls.
    pub const fn max_interval(mut self, interval: Duration) -> Self {
        self.max_interval = interval;
        self
    }

    /// Sets the factor by which the delays grow after the third poll. The default is 1.5. A factor below 1 is treated as
    /// 1.
    pub const fn growth(mut self, factor: f64) -> Self {
        self.growth = factor;
        self
    }

    /// Sets whether delays after the third poll are shortened at random, by up to a fifth. The default is `true`.
    pub const fn jitter(mut self, jitter: bool) -> Self {
        self.jitter = jitter;
        self
    }

    /// The delay before the first poll.
    pub(super) const fn before_first(&self) -> Duration {
        self.first_delay
    }

    /// The delay after this number of polls.
    pub(super) fn after(&self, polls: u32, system: &dyn System) -> Duration {
        let longest = self.max_interval.max(self.interval);
        let steps = i32::try_from(polls.saturating_sub(2)).unwrap_or(i32::MAX);
        // Also 1 if the factor is not a number.
        let growth = self.growth.max(1.0);
        let seconds = self.interval.as_secs_f64() * growth.powi(steps);
        let delay = Duration::try_from_secs_f64(seconds).map_or(longest, |delay| delay.min(longest));
        let delay = if self.jitter && steps > 0 { delay.mul_f64(1.0 - JITTER * fraction(system)) } else { delay };
        delay.max(MIN_DELAY)
    }
}
