//! The difference between the service's clock and this machine's.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{error::Error, system::System};

/// Difference between the service's clock and this machine's, in milliseconds; shared by all calls of a client.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

impl Skew {
    /// The current time by the service's clock.
    pub(crate) fn now(&self, system: &dyn System) -> SystemTime {
        let skew = self.0.load(Ordering::Relaxed);
        let by = Duration::from_millis(skew.unsigned_abs());
        let now = system.now();
        let corrected = if skew < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        corrected.unwrap_or(now)
    }

    /// Adopts the service's time from an error that rejects the timestamp `sent`. Returns whether a retry can succeed
    /// because of that.
    ///
    /// The `Date` of the response is used only if it is plausible and differs enough from the time that was sent to be
    /// the reason for the error.
    pub(crate) fn correct(&self, error: &Error, sent: SystemTime, system: &dyn System) -> bool {
        /// 2026-01-01, in seconds. This code is younger, so a clock that shows an earlier date is wrong.
        const EARLIEST_DATE: u64 = 1_767_225_600;
        /// 2100-01-01, in seconds. A clock that shows a later date is wrong.
        const LATEST_DATE: u64 = 4_102_444_800;
        /// The service tolerates several minutes, so a smaller difference is not the reason for the error.
        const MIN_SKEW: Duration = Duration::from_secs(30);
        let timestamp_rejected = error
            .code()
            .is_some_and(|code| code.starts_with("InvalidTimeStamp.Expired") || code.starts_with("IllegalTimestamp"));
        let Some(theirs) = error.date().filter(|_| timestamp_rejected) else { return false };
        let plausible = UNIX_EPOCH + Duration::from_secs(EARLIEST_DATE)..UNIX_EPOCH + Duration::from_secs(LATEST_DATE);
        let apart = theirs.duration_since(sent).unwrap_or_else(|ahead| ahead.duration());
        if !plausible.contains(&theirs) || apart < MIN_SKEW {
            return false;
        }
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let skew = match theirs.duration_since(system.now()) {
            Ok(ahead) => millis(ahead),
            Err(behind) => -millis(behind.duration()),
        };
        self.0.store(skew, Ordering::Relaxed);
        tracing::warn!(
            target: crate::trace::TARGET,
            skew_ms = skew,
            "local clock differs from the service's, signing with the service's time"
        );
        true
    }
}
