//! The difference between the service's clock and this machine's. It applies to signatures only: the lifetime of
//! credentials is counted on the monotonic clock, so a wrong correction never makes them unusable.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{error::Error, system::System};

/// Number of corrections in a call. With two, a call succeeds although one node of the service has a wrong clock: the
/// first correction follows that node, and the second one returns to the clock of the others.
const MAX_CORRECTIONS: u8 = 2;

/// Difference between the service's clock and this machine's, in milliseconds; shared by all calls of a client.
///
/// The service has accepted a request that was signed with it.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

impl Skew {
    /// The current time by the service's clock.
    pub(crate) fn now(&self, system: &dyn System) -> SystemTime {
        corrected(system, self.0.load(Ordering::Relaxed))
    }
}

/// The time of the system, corrected by `skew` milliseconds.
fn corrected(system: &dyn System, skew: i64) -> SystemTime {
    let by = Duration::from_millis(skew.unsigned_abs());
    let now = system.now();
    let corrected = if skew < 0 { now.checked_sub(by) } else { now.checked_add(by) };
    corrected.unwrap_or(now)
}

/// The clock that the attempts of one call are signed with.
///
/// A rejected timestamp corrects the clock of this call only. All calls of the client share the correction as soon as
/// the service accepts a request that was signed with it, so a single response with a wrong `Date` affects one call.
#[derive(Debug)]
pub(crate) struct SigningClock<'a> {
    shared: &'a Skew,
    system: &'a dyn System,
    /// The correction of this call, in milliseconds, until the service accepts it.
    provisional: Option<i64>,
    corrections: u8,
}

impl<'a> SigningClock<'a> {
    pub(crate) fn new(shared: &'a Skew, system: &'a dyn System) -> Self {
        Self { shared, system, provisional: None, corrections: 0 }
    }

    /// The time to sign with.
    pub(crate) fn now(&self) -> SystemTime {
        match self.provisional {
            Some(skew) => corrected(self.system, skew),
            None => self.shared.now(self.system),
        }
    }

    /// Shares the correction with all calls, after the service has accepted a request that was signed with it.
    pub(crate) fn accepted(&mut self) {
        if let Some(skew) = self.provisional.take() {
            self.shared.0.store(skew, Ordering::Relaxed);
        }
    }

    /// Evaluates the error of an attempt that was signed with the time `sent`. Returns whether the clock was corrected,
    /// so that a retry can succeed.
    ///
    /// If the service rejected the timestamp, the `Date` of its response replaces the correction, provided that it is
    /// plausible and differs enough from the time that was sent to be the reason. Any other error of the service means
    /// that it accepted the timestamp.
    pub(crate) fn correct(&mut self, error: &Error, sent: SystemTime) -> bool {
        /// 2026-01-01, in seconds. This code is younger, so a clock that shows an earlier date is wrong.
        const EARLIEST_DATE: u64 = 1_767_225_600;
        /// 2100-01-01, in seconds. A clock that shows a later date is wrong.
        const LATEST_DATE: u64 = 4_102_444_800;
        /// The service tolerates several minutes, so a smaller difference is not the reason for the error.
        const MIN_SKEW: Duration = Duration::from_secs(30);
        let Some(code) = error.code() else { return false };
        if !code.starts_with("InvalidTimeStamp.Expired") && !code.starts_with("IllegalTimestamp") {
            self.accepted();
            return false;
        }
        self.provisional = None;
        let plausible = UNIX_EPOCH + Duration::from_secs(EARLIEST_DATE)..UNIX_EPOCH + Duration::from_secs(LATEST_DATE);
        let Some(theirs) = error.date().filter(|date| plausible.contains(date)) else { return false };
        let apart = theirs.duration_since(sent).unwrap_or_else(|ahead| ahead.duration());
        if self.corrections == MAX_CORRECTIONS || apart < MIN_SKEW {
            return false;
        }
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let skew = match theirs.duration_since(self.system.now()) {
            Ok(ahead) => millis(ahead),
            Err(behind) => -millis(behind.duration()),
        };
        self.provisional = Some(skew);
        self.corrections += 1;
        tracing::warn!(
            target: crate::trace::TARGET,
            skew_ms = skew,
            "local clock differs from the service's, signing with the service's time"
        );
        true
    }
}
