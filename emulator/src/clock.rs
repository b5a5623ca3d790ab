//! The emulator's clock, and the date arithmetic that billing needs.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// Longest time by which a clock is advanced: 1,000 years, so that its time can always be written with a year of four
/// digits.
pub(crate) const MAX_AHEAD: Duration = Duration::from_secs(1000 * 365 * 24 * 60 * 60);

/// Latest start of a manual clock: about the year 5000, so that even a clock that is far ahead has a year of four digits.
const MAX_START: Duration = Duration::from_secs(3030 * 365 * 24 * 60 * 60);

/// The system's clock, or a manual clock that moves only when it is advanced. Clones share their time.
///
/// The resources of the emulator follow [`now`](Clock::now). Requests are checked against [`real_now`](Clock::real_now), so
/// clients that know nothing of the emulator's clock can call it however far it is ahead.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
/// let clock = ecs_emulator::Clock::manual(start);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), start + Duration::from_secs(60));
/// ```
#[derive(Clone)]
pub struct Clock {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    /// Start of a manual clock; `None` for the system's time.
    start: Option<SystemTime>,
    /// Total time by which it was advanced.
    ahead: Duration,
}

impl Clock {
    /// Creates a clock that follows the system's. Advancing it puts it ahead of the system's time.
    #[must_use]
    pub fn system() -> Self {
        Clock::with(None)
    }

    /// Creates a clock that shows `start` until it is advanced. A start before 1970 or after about the year 5000 is moved
    /// into this range.
    #[must_use]
    pub fn manual(start: SystemTime) -> Self {
        let since_epoch = start.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Clock::with(Some(SystemTime::UNIX_EPOCH + since_epoch.min(MAX_START)))
    }

    fn with(start: Option<SystemTime>) -> Self {
        Clock { inner: Arc::new(Mutex::new(Inner { start, ahead: Duration::ZERO })) }
    }

    /// Returns the current time of this clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        let inner = self.lock();
        inner.start.unwrap_or_else(system_now) + inner.ahead
    }

    /// Returns the time that clients are expected to have: the system's time, or the time of a manual clock. Timestamps of
    /// requests, nonces, the `Date` header and the expiration of temporary credentials follow it.
    #[must_use]
    pub fn real_now(&self) -> SystemTime {
        let inner = self.lock();
        inner.start.map_or_else(system_now, |start| start + inner.ahead)
    }

    /// Returns whether the clock moves only when it is advanced.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        self.lock().start.is_some()
    }

    /// Returns the total time by which the clock was advanced.
    #[must_use]
    pub fn ahead(&self) -> Duration {
        self.lock().ahead
    }

    /// Moves the clock forward, up to 1,000 years in total.
    pub fn advance(&self, by: Duration) {
        let mut inner = self.lock();
        inner.ahead = inner.ahead.saturating_add(by).min(MAX_AHEAD);
    }

    /// Sets the total time by which the clock was advanced. It may go back.
    pub(crate) fn set_ahead(&self, ahead: Duration) {
        self.lock().ahead = ahead.min(MAX_AHEAD);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[allow(clippy::disallowed_methods, reason = "the only place that reads the system's clock")]
fn system_now() -> SystemTime {
    SystemTime::now()
}

impl Default for Clock {
    fn default() -> Self {
        Clock::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("now", &self.now()).finish_non_exhaustive()
    }
}

const SECONDS_FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const MILLISECONDS_FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const MINUTES_FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]Z");
const HTTP_FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// The times that matter for a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// The time of resources.
    pub(crate) now: OffsetDateTime,
    /// The time that clients have; see [`Clock::real_now`].
    pub(crate) real_now: OffsetDateTime,
    /// Skew of the clock that checks timestamps.
    pub(crate) skew: time::Duration,
}

/// Longest fraction of a second in a timestamp: nanoseconds.
const MAX_FRACTION_DIGITS: usize = 9;

/// Formats a time as `2026-01-02T03:04:05Z`.
pub(crate) fn seconds(time: OffsetDateTime) -> String {
    time.format(SECONDS_FORMAT).unwrap_or_default()
}

/// Formats a time as `2026-01-02T03:04:05.678Z`.
pub(crate) fn milliseconds(time: OffsetDateTime) -> String {
    time.format(MILLISECONDS_FORMAT).unwrap_or_default()
}

/// Formats a time as `2026-01-02T03:04Z`, the form of the times of instances.
pub(crate) fn minutes(time: OffsetDateTime) -> String {
    time.format(MINUTES_FORMAT).unwrap_or_default()
}

/// Formats a time as `Fri, 02 Jan 2026 03:04:05 GMT`, for the `Date` header.
pub(crate) fn http_date(time: OffsetDateTime) -> String {
    time.format(HTTP_FORMAT).unwrap_or_default()
}

/// Parses `2026-01-02T03:04:05Z`.
pub(crate) fn parse_seconds(text: &str) -> Option<OffsetDateTime> {
    time::PrimitiveDateTime::parse(text, SECONDS_FORMAT).ok().map(time::PrimitiveDateTime::assume_utc)
}

/// Parses `2026-01-02T03:04:05Z`, with or without a fraction of a second such as `.678`, which many clients send.
pub(crate) fn parse_timestamp(text: &str) -> Option<OffsetDateTime> {
    let Some((seconds, fraction)) = text.strip_suffix('Z').and_then(|text| text.split_once('.')) else {
        return parse_seconds(text);
    };
    let digits =
        (1..=MAX_FRACTION_DIGITS).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return None;
    }
    let nanoseconds = format!("{fraction:0<MAX_FRACTION_DIGITS$}").parse().ok()?;
    parse_seconds(&format!("{seconds}Z"))?.replace_nanosecond(nanoseconds).ok()
}

/// Parses `2026-01-02T03:04Z`, with or without seconds.
pub(crate) fn parse_minutes(text: &str) -> Option<OffsetDateTime> {
    let minutes = time::PrimitiveDateTime::parse(text, MINUTES_FORMAT).ok().map(time::PrimitiveDateTime::assume_utc);
    minutes.or_else(|| parse_seconds(text))
}

/// The time at which something happened. In JSON, it is in the format of RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Time(#[serde(with = "time::serde::rfc3339")] OffsetDateTime);

impl Default for Time {
    fn default() -> Self {
        Time(OffsetDateTime::UNIX_EPOCH)
    }
}

impl From<OffsetDateTime> for Time {
    fn from(time: OffsetDateTime) -> Self {
        Time(time)
    }
}

impl Deref for Time {
    type Target = OffsetDateTime;

    fn deref(&self) -> &OffsetDateTime {
        &self.0
    }
}

/// A billing period: a number of weeks or months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    /// Weeks.
    Weeks(u32),
    /// Calendar months.
    Months(u32),
}

impl Period {
    /// Returns the period of a number and a unit; `None` for an unknown unit.
    pub(crate) fn new(number: u32, unit: &str) -> Option<Self> {
        match unit.to_ascii_lowercase().as_str() {
            "week" => Some(Period::Weeks(number)),
            "month" => Some(Period::Months(number)),
            "year" => Some(Period::Months(number.saturating_mul(12))),
            _ => None,
        }
    }

    /// Adds the period to a time. If the month is too short for the day, the result is its last day.
    pub(crate) fn after(self, time: OffsetDateTime) -> OffsetDateTime {
        match self {
            Period::Weeks(weeks) => time.checked_add(time::Duration::weeks(i64::from(weeks))).unwrap_or(time),
            Period::Months(months) => {
                let month = i64::from(time.year()) * 12 + i64::from(u8::from(time.month())) - 1 + i64::from(months);
                let year = i32::try_from(month / 12).unwrap_or(9999);
                let month = Month::January.nth_next(u8::try_from(month % 12).unwrap_or(0));
                let day = time.day().min(month.length(year));
                Date::from_calendar_date(year, month, day).map_or(time, |date| time.replace_date(date))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn months_end_on_the_last_day_of_a_short_month() {
        let start = datetime!(2026-01-31 10:00 UTC);
        assert_eq!(Period::Months(1).after(start), datetime!(2026-02-28 10:00 UTC));
        assert_eq!(Period::Months(12).after(start), datetime!(2027-01-31 10:00 UTC));
        assert_eq!(Period::Months(25).after(start), datetime!(2028-02-29 10:00 UTC));
        assert_eq!(Period::new(2, "Week").unwrap().after(start), datetime!(2026-02-14 10:00 UTC));
        assert_eq!(Period::new(2, "Fortnight"), None);
    }

    #[test]
    fn times_are_written_as_the_service_does() {
        let time = datetime!(2026-01-02 03:04:05 UTC);
        assert_eq!(seconds(time), "2026-01-02T03:04:05Z");
        assert_eq!(minutes(time), "2026-01-02T03:04Z");
        assert_eq!(http_date(time), "Fri, 02 Jan 2026 03:04:05 GMT");
        assert_eq!(parse_seconds("2026-01-02T03:04:05Z"), Some(time));
        assert_eq!(parse_minutes("2026-01-02T03:04Z"), Some(datetime!(2026-01-02 03:04 UTC)));
        assert_eq!(parse_seconds("2026-01-02 03:04:05"), None);
    }

    #[test]
    fn timestamps_can_have_fractions() {
        let time = datetime!(2026-01-02 03:04:05 UTC);
        assert_eq!(parse_timestamp("2026-01-02T03:04:05Z"), Some(time));
        assert_eq!(parse_timestamp("2026-01-02T03:04:05.5Z"), Some(time + Duration::from_millis(500)));
        assert_eq!(parse_timestamp("2026-01-02T03:04:05.074704758Z"), Some(time + Duration::from_nanos(74_704_758)));
        for text in
            ["2026-01-02T03:04:05.Z", "2026-01-02T03:04:05.0123456789Z", "2026-01-02T03:04:05.+5Z", "2026-01-02T.5Z"]
        {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    /// Times at both ends of what a clock can show never panic.
    #[test]
    fn extreme_starts_are_limited() {
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 60);
        for (start, year) in [(far, 4997), (SystemTime::UNIX_EPOCH - Duration::from_secs(1), 1970)] {
            let clock = Clock::manual(start);
            assert_eq!(OffsetDateTime::from(clock.now()).year(), year);
            clock.advance(Duration::MAX);
            assert!(OffsetDateTime::from(clock.now()).year() < 9999);
        }
    }

    #[test]
    fn the_real_time_ignores_advances_of_the_system_clock() {
        let system = Clock::system();
        system.advance(Duration::from_secs(3600));
        assert!(system.now() >= system.real_now() + Duration::from_secs(3599));
        let manual = Clock::manual(SystemTime::UNIX_EPOCH);
        manual.advance(Duration::from_secs(3600));
        assert_eq!(manual.now(), manual.real_now());
        assert_eq!((system.is_manual(), manual.is_manual(), manual.ahead()), (false, true, Duration::from_secs(3600)));
        manual.set_ahead(Duration::ZERO);
        assert_eq!(manual.now(), SystemTime::UNIX_EPOCH);
    }
}
