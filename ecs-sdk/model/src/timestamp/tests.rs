use std::{
    collections::HashSet,
    time::{Duration, UNIX_EPOCH},
};

use proptest::prelude::*;

use super::*;

fn at(seconds: u64, nanos: u32) -> SystemTime {
    UNIX_EPOCH + Duration::new(seconds, nanos)
}

#[test]
fn strings_are_kept_verbatim() {
    for text in ["2026-11-28T04:30Z", "2026-11-28 12:30 +0800", "Permanent", ""] {
        let timestamp: Timestamp = text.parse().unwrap();
        assert_eq!((timestamp.as_str(), timestamp.to_string()), (text, text.to_owned()));
        assert_eq!(timestamp.in_form("yyyy-MM-dd"), text);
        assert_eq!(serde_json::to_value(&timestamp).unwrap(), text);
        assert_eq!(String::from(timestamp.clone()), text);
        assert_eq!(serde_json::from_value::<Timestamp>(text.into()).unwrap(), timestamp);
    }
}

#[test]
fn points_in_time_are_sent_in_the_format_of_the_parameter() {
    let timestamp = Timestamp::from(at(1_795_840_259, 987_654_000));
    assert_eq!(timestamp, "2026-11-28T04:30:59.987654Z");
    assert_eq!(timestamp.in_form("yyyy-MM-ddTHH:mmZ"), "2026-11-28T04:30Z");
    assert_eq!(timestamp.clone().in_form("yyyy-MM-ddTHHZ"), "2026-11-28T04Z");
}

#[test]
fn points_in_time_that_a_format_cannot_represent_do_not_panic() {
    for seconds in [253_402_300_800, i64::MAX as u64] {
        if let Some(time) = UNIX_EPOCH.checked_add(Duration::from_secs(seconds)) {
            let timestamp = Timestamp::from(time);
            assert!(timestamp.as_str().starts_with('+'), "{timestamp}");
            assert_eq!(timestamp.in_form("yyyy"), timestamp.as_str());
            assert!(timestamp.to_system_time().is_err());
        }
        if let Some(time) = UNIX_EPOCH.checked_sub(Duration::from_secs(seconds)) {
            assert!(Timestamp::from(time).as_str().starts_with('-'));
        }
    }
}

#[test]
fn the_error_contains_the_string() {
    let error = SystemTime::try_from(&Timestamp::from("2026-13-01\n")).unwrap_err();
    assert_eq!(error.as_str(), "2026-13-01\n");
    let message = "invalid time `2026-13-01\\n`: expected a time such as `2026-11-28T04:30:15Z`";
    assert_eq!(error.to_string(), message);
}

#[test]
fn equality_and_hash_are_those_of_the_string() {
    let (utc, china) = (Timestamp::from("2026-11-28T04:30Z"), Timestamp::from("2026-11-28T12:30+08:00"));
    assert_ne!(utc, china);
    assert_eq!(utc.to_system_time(), china.to_system_time());
    let string = String::from("2026-11-28T04:30Z");
    assert!("2026-11-28T04:30Z" == utc && utc == string);
    let made = Timestamp::from(utc.to_system_time().unwrap());
    let set: HashSet<_> = [made, Timestamp::from("2026-11-28T04:30:00Z")].into();
    assert_eq!(set.len(), 1);
}

#[test]
fn orders_by_time_then_by_string_with_invalid_times_last() {
    let mut timestamps =
        ["never", "2026-11-28T04:30Z", "2026-11-28T12:30+08:00", "", "2026-11-28T05:00+08:00", "1999-01-01"]
            .map(Timestamp::from);
    timestamps.sort();
    let expected = ["1999-01-01", "2026-11-28T05:00+08:00", "2026-11-28T04:30Z", "2026-11-28T12:30+08:00", "", "never"];
    assert_eq!(timestamps, expected);
}

#[test]
fn deserializes_numbers_as_their_digits() {
    assert_eq!(serde_json::from_str::<Timestamp>("1795840200").unwrap(), "1795840200");
    assert_eq!(serde_json::from_str::<Timestamp>("-5").unwrap(), "-5");
    assert!(serde_json::from_str::<Timestamp>("true").is_err());
}

#[cfg(feature = "time")]
#[test]
fn converts_to_and_from_the_time_crate() {
    use ::time::{OffsetDateTime, UtcOffset};

    let time = OffsetDateTime::from_unix_timestamp_nanos(-1_500_000_000).unwrap();
    let offset = time.to_offset(UtcOffset::from_hms(8, 0, 0).unwrap());
    assert_eq!(Timestamp::from(offset), "1969-12-31T23:59:58.5Z");
    assert_eq!(OffsetDateTime::try_from(Timestamp::from(time)), Ok(time));
    assert_eq!(Timestamp::from("2026-11-28T04:30Z").to_time().unwrap().unix_timestamp(), 1_795_840_200);
    assert!(Timestamp::from("tomorrow").to_time().is_err());
}

#[cfg(feature = "chrono")]
#[test]
fn converts_to_and_from_chrono() {
    use chrono::{DateTime, FixedOffset, Utc};

    let time = DateTime::from_timestamp(-2, 500_000_000).unwrap();
    let offset = time.with_timezone(&FixedOffset::east_opt(8 * 3600).unwrap());
    assert_eq!(Timestamp::from(offset), "1969-12-31T23:59:58.5Z");
    assert_eq!(DateTime::<Utc>::try_from(&Timestamp::from(time)), Ok(time));
    assert_eq!(Timestamp::from("2026-11-28T04:30Z").to_chrono().unwrap().timestamp(), 1_795_840_200);
    assert_eq!(Timestamp::from(DateTime::from_timestamp(59, 1_999_999_999).unwrap()), "1970-01-01T00:00:59.999999999Z");
    assert_eq!(Timestamp::from(DateTime::<Utc>::MAX_UTC).as_str().chars().next(), Some('+'));
    assert!(Timestamp::from("tomorrow").to_chrono().is_err());
}

#[cfg(feature = "jiff")]
#[test]
fn converts_to_and_from_jiff() {
    let time = jiff::Timestamp::new(-1, -500_000_000).unwrap();
    assert_eq!(Timestamp::from(time), "1969-12-31T23:59:58.5Z");
    assert_eq!(Timestamp::from(time.to_zoned_datetime(jiff::tz::TimeZone::UTC)), "1969-12-31T23:59:58.5Z");
    assert_eq!(jiff::Timestamp::try_from(&Timestamp::from(time)), Ok(time));
    assert_eq!(Timestamp::from("2026-11-28T04:30Z").to_jiff().unwrap().as_second(), 1_795_840_200);
    assert!(Timestamp::from("9999-12-31T23:59:59Z").to_jiff().is_err());
}

proptest! {
    #[test]
    fn never_panics_on_any_string(one in "\\PC{0,30}", other in "\\PC{0,30}") {
        let (one, other) = (Timestamp::from(one), Timestamp::from(other));
        let _ = (one.to_system_time(), one.in_form("yyyy"), format!("{one:?}"));
        prop_assert_eq!(one.cmp(&other), other.cmp(&one).reverse());
        prop_assert_eq!(one == other, one.cmp(&other).is_eq());
    }

    #[test]
    fn points_in_time_survive_a_round_trip(seconds in 0..253_402_300_800_u64, nanos in 0..1_000_000_000_u32) {
        let time = at(seconds, nanos);
        prop_assert_eq!(Timestamp::from(time).to_system_time(), Ok(time));
    }
}
