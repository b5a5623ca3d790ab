//! The emulator's clock, and the date arithmetic that billing needs.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// Longest time by which a clock is advanced: 1,000 years, so that its time can always be written with a year of four
/// digits.
const MAX_AHEAD: Duration = Duration::from_secs(1000 * 365 * 24 * 60 * 60);

/// The system's clock, or a manual clock that moves only when it is advanced. Clones share their time.
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

    /// Creates a clock that shows `start` until it is advanced.
    #[must_use]
    pub fn manual(start: SystemTime) -> Self {
        Clock::with(Some(start))
    }

    fn with(start: Option<SystemTime>) -> Self {
        Clock { inner: Arc::new(Mutex::new(Inner { start, ahead: Duration::ZERO })) }
    }

    /// Returns the current time of this clock.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the only place that reads the system's clock")]
    pub fn now(&self) -> SystemTime {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.start.unwrap_or_else(SystemTime::now) + inner.ahead
    }

    /// Moves the clock forward, up to 1,000 years in total.
    pub fn advance(&self, by: Duration) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.ahead = inner.ahead.saturating_add(by).min(MAX_AHEAD);
    }
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
const MINUTES_FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]Z");
const HTTP_FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// Formats a time as `2026-01-02T03:04:05Z`.
pub(crate) fn seconds(time: OffsetDateTime) -> String {
    time.format(SECONDS_FORMAT).unwrap_or_default()
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
}
