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
    /// The time as the service sees it.
    pub(crate) fn now(&self, system: &dyn System) -> SystemTime {
        let skew = self.0.load(Ordering::Relaxed);
        let by = Duration::from_millis(skew.unsigned_abs());
        let now = system.now();
        let corrected = if skew < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        corrected.unwrap_or(now)
    }

    /// Takes the service's time from an error that says that the time `sent` is wrong. Whether that will help.
    ///
    /// The `Date` of an answer is believed only if it may be true, and differs enough from the time that was sent to
    /// be the reason of the error.
    pub(crate) fn correct(&self, error: &Error, sent: SystemTime, system: &dyn System) -> bool {
        /// 2026-01-01; no service's clock shows less, since this source is younger.
        const EARLIEST: u64 = 1_767_225_600;
        /// 2100-01-01.
        const LATEST: u64 = 4_102_444_800;
        const LEAST: Duration = Duration::from_secs(30);
        let timestamp_refused = error
            .code()
            .is_some_and(|code| code.starts_with("InvalidTimeStamp.Expired") || code.starts_with("IllegalTimestamp"));
        let Some(theirs) = error.date().filter(|_| timestamp_refused) else { return false };
        let plausible = UNIX_EPOCH + Duration::from_secs(EARLIEST)..UNIX_EPOCH + Duration::from_secs(LATEST);
        let apart = theirs.duration_since(sent).unwrap_or_else(|ahead| ahead.duration());
        if !plausible.contains(&theirs) || apart < LEAST {
            return false;
        }
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let skew = match theirs.duration_since(system.now()) {
            Ok(ahead) => millis(ahead),
            Err(behind) => -millis(behind.duration()),
        };
        self.0.store(skew, Ordering::Relaxed);
        tracing::warn!(
            target: crate::TARGET,
            skew_ms = skew,
            "this machine's clock differs from the service's; requests are signed with theirs"
        );
        true
    }
}
