//! When commands run: once, at a time, at an interval, or by a cron expression.

use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset, macros::format_description};

use crate::{call::Call, error::Result, resources::Schedule};

/// Shortest and longest interval.
const INTERVALS: (Duration, Duration) = (Duration::minutes(1), Duration::days(7));

/// Reads the repeat mode and the schedule of a run: its repeat mode, and when it runs.
pub(super) fn read(call: &Call<'_>, timeout: i64) -> Result<(String, Schedule)> {
    let frequency = call.args.string("Frequency");
    // With a schedule, a command always runs by it.
    let mode = if frequency.is_some() { "Period" } else { call.args.string_or("RepeatMode", "Once") };
    match (mode, frequency) {
        ("Period", None) => {
            let message = "The repeat mode Period needs a schedule in Frequency, such as rate(10m).";
            Err(call.error("MissingParam.Frequency", 400, message))
        }
        ("Period", Some(text)) => {
            let schedule = parse(text, call.now).filter(|schedule| match schedule {
                Schedule::At(time) => *time > call.now,
                Schedule::Every(_, interval) => interval.whole_seconds() > timeout,
                _ => true,
            });
            let schedule = schedule.ok_or_else(|| {
                let message = format!(
                    "Frequency cannot be {text:?}. It can be rate(10m) with more than the timeout, from 60 seconds to 7 days; \
                     at(2027-03-01 02:30:00), in the future; or a cron expression such as 0 30 2 * * ?."
                );
                call.error("InvalidParam.Frequency", 400, message)
            })?;
            Ok((mode.to_owned(), schedule))
        }
        ("NextRebootOnly" | "EveryReboot", _) => {
            Ok((mode.to_owned(), Schedule::Start { every: mode == "EveryReboot" }))
        }
        _ => Ok((mode.to_owned(), Schedule::Now(call.now.checked_add(call.step).unwrap_or(call.now)))),
    }
}

fn parse(text: &str, now: OffsetDateTime) -> Option<Schedule> {
    let text = text.trim();
    if let Some(interval) = text.strip_prefix("rate(") {
        let interval = interval.strip_suffix(')')?.trim();
        let (number, unit) = interval.split_at_checked(interval.len().checked_sub(1)?)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        let interval = Duration::seconds(number.parse::<i32>().ok()?.into()).checked_mul(seconds)?;
        let first = now.checked_add(interval)?;
        return (INTERVALS.0..=INTERVALS.1).contains(&interval).then_some(Schedule::Every(first, interval));
    }
    if let Some(time) = text.strip_prefix("at(") {
        let mut parts = time.strip_suffix(')')?.split_whitespace();
        let (day, hour) = (parts.next()?, parts.next()?);
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        let time = PrimitiveDateTime::parse(&format!("{day} {hour}"), format).ok()?;
        return match offset(parts.next().unwrap_or("UTC")) {
            Some(offset) => Some(Schedule::At(time.assume_offset(offset))),
            // The emulator does not know the time zone.
            None if time.assume_utc() > now => Some(Schedule::Unknown),
            None => None,
        };
    }
    let fields = text.split_whitespace().take_while(|field| !field.contains(|c: char| c.is_ascii_lowercase()));
    let is_field = |field: &str| field.chars().all(|c| c.is_ascii_alphanumeric() || "*?/,-#".contains(c));
    let fields: Vec<&str> = fields.collect();
    ((6..=8).contains(&fields.len()) && fields.iter().take(6).all(|field| is_field(field))).then_some(Schedule::Unknown)
}

/// Returns the offset of a time zone that has one of its own; `None` for others.
fn offset(zone: &str) -> Option<UtcOffset> {
    match zone {
        "UTC" | "GMT" => Some(UtcOffset::UTC),
        "Asia/Shanghai" => UtcOffset::from_hms(8, 0, 0).ok(),
        _ => {
            let (hours, minutes) = zone.strip_prefix("GMT")?.split_once(':')?;
            let hours: i8 = hours.parse().ok()?;
            let minutes: i8 = minutes.parse().ok()?;
            UtcOffset::from_hms(hours, if hours < 0 { -minutes } else { minutes }, 0).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn schedules_have_three_forms() {
        let now = datetime!(2026-01-02 03:04:05 UTC);
        let every = |interval| Schedule::Every(now + interval, interval);
        assert_eq!(parse("rate(10m)", now), Some(every(Duration::minutes(10))));
        assert_eq!(parse("rate(7d)", now), Some(every(Duration::days(7))));
        for wrong in ["rate(59s)", "rate(8d)", "rate(10)", "rate()", "rate(m)", "rate(10m", "rate(-10m)", "", "daily"] {
            assert_eq!(parse(wrong, now), None, "{wrong}");
        }
        let time = datetime!(2027-03-01 02:30:00 UTC);
        assert_eq!(parse("at(2027-03-01 02:30:00)", now), Some(Schedule::At(time)));
        assert_eq!(parse("at(2027-03-01 10:30:00 Asia/Shanghai)", now), Some(Schedule::At(time)));
        assert_eq!(parse("at(2027-03-01 11:00:00 GMT+8:30)", now), Some(Schedule::At(time)));
        assert_eq!(parse("at(2027-03-01 02:30:00 Europe/Paris)", now), Some(Schedule::Unknown));
        assert_eq!(parse("at(2027-03-01)", now), None);
        for cron in ["0 */20 * * * ?", "0 30 2 * * ? 2027 Asia/Shanghai", "0 0 12 ? * WED"] {
            assert_eq!(parse(cron, now), Some(Schedule::Unknown), "{cron}");
        }
    }
}
