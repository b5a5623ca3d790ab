//! The service's clock, as far as it differs from this machine's.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    error::{Error, ErrorKind, Result},
    runtime::Runtime,
};

/// Difference between the service's clock and this machine's, in milliseconds; shared by all calls of a client.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

impl Skew {
    /// The time as the service sees it.
    pub(crate) fn now(&self, runtime: &dyn Runtime) -> SystemTime {
        let skew = self.0.load(Ordering::Relaxed);
        let by = Duration::from_millis(skew.unsigned_abs());
        let now = runtime.now();
        let corrected = if skew < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        corrected.unwrap_or(now)
    }

    /// Takes the service's time from an error that says that the time `sent` is wrong. Whether that will help.
    ///
    /// The `Date` of an answer is believed only if it may be true, and differs enough from the time that was sent to
    /// be the reason of the error.
    pub(crate) fn correct(&self, error: &Error, sent: SystemTime, runtime: &dyn Runtime) -> bool {
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
        let skew = match theirs.duration_since(runtime.now()) {
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

/// The time as the service wants it, in UTC.
pub(crate) fn timestamp(time: SystemTime) -> Result<String> {
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    OffsetDateTime::from(time)
        .format(format)
        .map_err(|error| Error::new(ErrorKind::Config, "the clock shows no valid time").with_source(error))
}

/// Reads a time such as `2026-01-05T18:00:00Z`.
pub(crate) fn parse_time(text: &str) -> Option<SystemTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(SystemTime::from)
}

/// Reads a `Date` header: `Mon, 05 Jan 2026 18:00:00 GMT`, as HTTP has it and nothing else. A second parser would be 12 KB
/// of a program.
pub(crate) fn parse_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = text.split(' ').collect();
    let [_, day, month, year, time, "GMT"] = parts[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    parse_time(&format!("{year}-{month:02}-{day}T{time}Z"))
}
