//! Parses and formats times, for headers, credentials, requests and responses.
//!
//! There is one parser and one formatter, both written by hand: those of a date library would add tens of kilobytes to
//! every program.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const SECONDS_PER_DAY: i64 = 86_400;

/// A point in time: seconds since the Unix epoch, and the nanoseconds after that second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    pub seconds: i64,
    pub nanos: u32,
}

impl From<SystemTime> for Instant {
    fn from(time: SystemTime) -> Self {
        // No platform has times that exceed an `i64`. Saturating avoids a panic.
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self { seconds: seconds(after), nanos: after.subsec_nanos() },
            Err(error) => {
                let before = error.duration();
                match before.subsec_nanos() {
                    0 => Self { seconds: -seconds(before), nanos: 0 },
                    nanos => Self { seconds: -seconds(before) - 1, nanos: 1_000_000_000 - nanos },
                }
            }
        }
    }
}

impl Instant {
    /// Returns `None` if a `SystemTime` cannot represent the time.
    pub fn to_system_time(self) -> Option<SystemTime> {
        let whole = Duration::from_secs(self.seconds.unsigned_abs());
        let whole = if self.seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
        whole?.checked_add(Duration::from_nanos(self.nanos.into()))
    }

    /// Parses a time such as `2026-01-05T18:00:00Z`, in any of the formats of the service.
    ///
    /// A date without a time is midnight. Minutes, seconds and the colons between them are optional, and `T` may be a
    /// space. A time without an offset is UTC. Digits after the nanoseconds are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = Rest(text.as_bytes());
        let year = rest.digits(4)?;
        rest.expect(b"-")?;
        let month = rest.digits(2)?;
        rest.expect(b"-")?;
        let day = rest.digits(2)?;
        if !(1..=12).contains(&month) || !(1..=days_of_month(year, month)).contains(&day) {
            return None;
        }
        let mut seconds = days_from_civil(year, month, day) * SECONDS_PER_DAY;
        let mut nanos = 0;
        if rest.accept(b"Tt ") {
            let hour = rest.digits(2)?;
            let (mut minute, mut second) = (0, 0);
            if rest.accept(b":") || rest.starts_with_digit() {
                minute = rest.digits(2)?;
                if rest.accept(b":") || rest.starts_with_digit() {
                    second = rest.digits(2)?;
                    if rest.accept(b".,") {
                        nanos = rest.fraction()?;
                    }
                }
            }
            if hour > 23 || minute > 59 || second > 59 {
                return None;
            }
            seconds += hour * 3600 + minute * 60 + second - rest.offset()?;
        }
        rest.0.is_empty().then_some(Self { seconds, nanos })
    }

    /// Formats the time in UTC according to a pattern of `yyyy`, `MM`, `dd`, `HH`, `mm`, `ss` and `SSS`. All other
    /// characters are copied.
    ///
    /// Units smaller than the last one in the pattern are truncated. Years before 0000 and after 9999 have a sign.
    pub fn format(self, pattern: &str) -> String {
        let mut out = String::with_capacity(pattern.len() + 4);
        // Writing to a string succeeds.
        let _ = self.write(pattern, &mut out);
        out
    }

    pub fn write(self, pattern: &str, out: &mut impl fmt::Write) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.seconds.div_euclid(SECONDS_PER_DAY));
        let second = self.seconds.rem_euclid(SECONDS_PER_DAY);
        let mut rest = pattern;
        while let Some(next) = rest.chars().next() {
            let units = [
                ("yyyy", year, 4),
                ("MM", month, 2),
                ("dd", day, 2),
                ("HH", second / 3600, 2),
                ("mm", second / 60 % 60, 2),
                ("ss", second % 60, 2),
                ("SSS", (self.nanos / 1_000_000).into(), 3),
            ];
            if let Some((unit, value, width)) = units.into_iter().find(|(unit, ..)| rest.starts_with(unit)) {
                match value {
                    0..=9999 => write_digits(out, value, width)?,
                    value => write!(out, "{value:+05}")?,
                }
                rest = &rest[unit.len()..];
            } else {
                out.write_char(next)?;
                rest = &rest[next.len_utf8()..];
            }
        }
        Ok(())
    }
}

/// Writes the last `width` digits of a number.
fn write_digits(out: &mut impl fmt::Write, number: i64, width: u32) -> fmt::Result {
    (0..width).rev().try_for_each(|position| {
        let digit = number / 10_i64.pow(position) % 10;
        out.write_char(char::from(b'0' + digit as u8))
    })
}

/// The part of a string that has not been parsed yet.
struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    /// Consumes the next byte if it is one of `bytes`. Returns whether it was.
    fn accept(&mut self, bytes: &[u8]) -> bool {
        let found = self.0.first().is_some_and(|next| bytes.contains(next));
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn expect(&mut self, bytes: &[u8]) -> Option<()> {
        self.accept(bytes).then_some(())
    }

    fn starts_with_digit(&self) -> bool {
        self.0.first().is_some_and(u8::is_ascii_digit)
    }

    /// Consumes a number of exactly `count` digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    }

    /// Consumes the digits of a fraction of a second, at least one. Returns nanoseconds.
    fn fraction(&mut self) -> Option<u32> {
        let (mut nanos, mut unit) = (0, 100_000_000);
        self.starts_with_digit().then_some(())?;
        while self.starts_with_digit() {
            nanos += u32::from(self.0[0] - b'0') * unit;
            unit /= 10;
            self.0 = &self.0[1..];
        }
        Some(nanos)
    }

    /// Consumes an offset from UTC: none, `Z`, `+08`, `+0800` or `+08:00`, optionally after a space. Returns seconds.
    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.accept(b"Zz") {
            return Some(0);
        }
        self.accept(b" ");
        let sign = match self.0.first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.0 = &self.0[1..];
        let hours = self.digits(2)?;
        let minutes = if self.accept(b":") || self.starts_with_digit() { self.digits(2)? } else { 0 };
        (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
    }
}

fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

// Howard Hinnant's algorithms. Years begin in March, so that the leap day is the last day of its year. They are counted
// in eras of 400 years, after which the calendar repeats.

const DAYS_PER_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_EPOCH: i64 = 719_468;

/// Returns the number of days from the Unix epoch to a date.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_EPOCH
}

/// Returns the year, month and day of a number of days since the Unix epoch.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_BEFORE_EPOCH;
    let (era, day_of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Parses a time such as `2026-01-05T18:00:00Z`.
pub fn parse_time(text: &str) -> Option<SystemTime> {
    Instant::parse(text)?.to_system_time()
}

/// Parses a date of a header: `Mon, 05 Jan 2026 18:00:00 GMT`, or one of the two obsolete formats that HTTP requires
/// recipients to accept, `Monday, 05-Jan-26 18:00:00 GMT` and `Mon Jan  5 18:00:00 2026`.
pub fn parse_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = text.split([' ', '-']).filter(|part| !part.is_empty()).collect();
    let (day, month, year, time) = match parts[..] {
        [_, day, month, year, time, "GMT"] => (day, month, year, time),
        [_, month, day, time, year] => (day, month, year, time),
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let century = if year.len() == 2 { "20" } else { "" };
    parse_time(&format!("{century}{year}-{month:02}-{day:0>2}T{time}Z"))
}

#[cfg(test)]
mod tests;
