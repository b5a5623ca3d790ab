//! Reading and writing times.

use std::time::SystemTime;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::error::{Error, ErrorKind, Result};

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
