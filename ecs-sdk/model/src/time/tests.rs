use proptest::prelude::*;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};

use super::*;

fn seconds(text: &str) -> Option<i64> {
    Instant::parse(text).map(|instant| instant.seconds)
}

#[test]
fn parses_every_format_of_the_service() {
    const MINUTE: i64 = 1_795_840_200;
    for (text, expected) in [
        ("2026-11-28T04:30:15Z", MINUTE + 15),
        ("2026-11-28T04:30Z", MINUTE),
        ("2026-11-28T0430:00Z", MINUTE),
        ("2026-11-28T043000Z", MINUTE),
        ("2026-11-28T04Z", MINUTE - 1800),
        ("2026-11-28", MINUTE - 4 * 3600 - 1800),
        ("2026-11-28 04:30:15", MINUTE + 15),
        ("2026-11-28T04:30:15", MINUTE + 15),
        ("2026-11-28t04:30:15z", MINUTE + 15),
        ("2026-11-28T12:30:15+08:00", MINUTE + 15),
        ("2026-11-28 12:30:15 +0800", MINUTE + 15),
        ("2026-11-28T12:30+08", MINUTE),
        ("2026-11-27T23:00:00-05:30", MINUTE),
        ("0000-01-01T00:00:00Z", -62_167_219_200),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
        ("2024-02-29", 1_709_164_800),
    ] {
        assert_eq!(seconds(text), Some(expected), "{text}");
    }
}

#[test]
fn parses_fractions_to_the_nanosecond() {
    for (text, nanos) in [
        ("2026-11-28T04:30:15.5Z", 500_000_000),
        ("2026-11-28T04:30:15,123456789Z", 123_456_789),
        ("2026-11-28T04:30:15.12345678999Z", 123_456_789),
    ] {
        assert_eq!(Instant::parse(text).map(|instant| instant.nanos), Some(nanos), "{text}");
    }
}

#[test]
fn rejects_strings_that_are_not_times() {
    for text in [
        "",
        "2026",
        "2026-11",
        "2026-11-28T",
        "2026-11-28T4:30Z",
        "2026-11-28T04:30:15.Z",
        "2026-11-28T04:30:60Z",
        "2026-11-28T24:00:00Z",
        "2026-11-28T04:60Z",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "2026-01-00",
        "10000-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "1795840200",
        "2026-11-28T04:30Zjunk",
        "2026-11-28T04:30 Z",
        "2026-11-28T04:30+24:00",
        "2026-11-28T04:30+8",
        "2026-11-28Z",
        " 2026-11-28",
        "２０２６-11-28",
        "Permanent",
    ] {
        assert_eq!(Instant::parse(text), None, "{text}");
    }
}

#[test]
fn formats_patterns_and_truncates_smaller_units() {
    let instant = Instant { seconds: 1_795_840_259, nanos: 987_654_321 };
    for (pattern, expected) in [
        ("yyyy-MM-ddTHH:mm:ssZ", "2026-11-28T04:30:59Z"),
        ("yyyy-MM-ddTHH:mmZ", "2026-11-28T04:30Z"),
        ("yyyy-MM-ddTHHZ", "2026-11-28T04Z"),
        ("yyyy-MM-dd", "2026-11-28"),
        ("yyyy-MM-dd HH:mm:ss.SSS", "2026-11-28 04:30:59.987"),
        ("HH:mm", "04:30"),
        ("星 yyyy", "星 2026"),
    ] {
        assert_eq!(instant.format(pattern), expected);
    }
    assert_eq!(Instant { seconds: -1, nanos: 0 }.format("yyyy-MM-ddTHH:mmZ"), "1969-12-31T23:59Z");
}

#[test]
fn years_without_four_digits_have_a_sign() {
    for (seconds, expected) in [
        (253_402_300_800, "+10000-01-01"),
        (-62_167_219_201, "-0001-12-31"),
        (i64::MAX, "+292277026596-12-04"),
        (i64::MIN, "-292277022657-01-27"),
    ] {
        assert_eq!(Instant { seconds, nanos: 0 }.format("yyyy-MM-dd"), expected);
    }
}

#[test]
fn system_times_before_1970_are_preserved() {
    for nanos in [0, 1, 999_999_999] {
        let time = UNIX_EPOCH - Duration::new(5, nanos);
        assert_eq!(Instant::from(time).to_system_time(), Some(time));
    }
}

#[test]
fn parses_date_headers() {
    let expected = parse_time("2026-01-05T18:00:00Z");
    assert!(expected.is_some());
    for date in [
        "Mon, 05 Jan 2026 18:00:00 GMT",
        "Mon, 5 Jan 2026 18:00:00 GMT",
        "Monday, 05-Jan-26 18:00:00 GMT",
        "Mon Jan  5 18:00:00 2026",
    ] {
        assert_eq!(parse_date(date), expected, "{date}");
    }
    for invalid in ["Mon, 05 Jan 2026 18:00:00 UTC", "Mon, 05 Foo 2026 18:00:00 GMT", "Mon, 05 Jan 2026 GMT", "GMT", ""]
    {
        assert_eq!(parse_date(invalid), None, "{invalid}");
    }
}

proptest! {
    #[test]
    fn never_panics_on_any_string(text in "\\PC*") {
        let _ = Instant::parse(&text);
        let _ = parse_date(&text);
        Instant { seconds: 0, nanos: 0 }.format(&text);
    }

    #[test]
    fn never_panics_on_strings_similar_to_times(text in "[0-9]{3,5}-[0-9]{1,3}-[0-9]{1,3}([Tt ][0-9:.,+Zz -]{0,20})?") {
        if let Some(instant) = Instant::parse(&text) {
            let _ = instant.to_system_time();
        }
    }

    #[test]
    fn never_panics_on_any_instant(seconds: i64, nanos in 0..1_000_000_000_u32) {
        let instant = Instant { seconds, nanos };
        instant.format("yyyy-MM-ddTHH:mm:ss.SSSZ");
        if let Some(time) = instant.to_system_time() {
            prop_assert_eq!(Instant::from(time), instant);
        }
    }

    #[test]
    fn agrees_with_the_time_crate(seconds in -62_167_219_200..253_402_300_800_i64, nanos in 0..1_000_000_000_u32) {
        let instant = Instant { seconds, nanos };
        let other = OffsetDateTime::from_unix_timestamp(seconds).unwrap().replace_nanosecond(nanos).unwrap();
        let text = other.format(&Rfc3339).unwrap();
        prop_assert_eq!(Instant::parse(&text), Some(instant));
        prop_assert_eq!(instant.format("yyyy-MM-ddTHH:mm:ssZ"), other.truncate_to_second().format(&Rfc3339).unwrap());
    }

    #[test]
    fn accepts_exactly_the_dates_that_exist(year in 0..=9999_i32, month in 0..=13_u8, day in 0..=32_u8) {
        let exists = time::Month::try_from(month).is_ok_and(|month| Date::from_calendar_date(year, month, day).is_ok());
        prop_assert_eq!(Instant::parse(&format!("{year:04}-{month:02}-{day:02}")).is_some(), exists);
    }
}
