//! Conversions between timestamps and the types of the standard library and of date libraries.

use std::time::SystemTime;

use super::{InvalidTimestamp, Timestamp};
#[cfg(any(feature = "time", feature = "chrono", feature = "jiff"))]
use crate::time::Instant;

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self::from_instant(time.into())
    }
}

impl TryFrom<&Timestamp> for SystemTime {
    type Error = InvalidTimestamp;

    fn try_from(timestamp: &Timestamp) -> Result<Self, InvalidTimestamp> {
        timestamp.to_system_time()
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = InvalidTimestamp;

    fn try_from(timestamp: Timestamp) -> Result<Self, InvalidTimestamp> {
        timestamp.to_system_time()
    }
}

/// Implements `TryFrom` through the method that converts to the other type.
#[cfg(any(feature = "time", feature = "chrono", feature = "jiff"))]
macro_rules! converts {
    ($to:ident, $other:ty) => {
        impl TryFrom<&Timestamp> for $other {
            type Error = InvalidTimestamp;

            fn try_from(timestamp: &Timestamp) -> Result<Self, InvalidTimestamp> {
                timestamp.$to()
            }
        }

        impl TryFrom<Timestamp> for $other {
            type Error = InvalidTimestamp;

            fn try_from(timestamp: Timestamp) -> Result<Self, InvalidTimestamp> {
                timestamp.$to()
            }
        }
    };
}

#[cfg(feature = "time")]
mod time {
    use time::{OffsetDateTime, UtcDateTime};

    use super::{Instant, InvalidTimestamp, Timestamp};

    impl Timestamp {
        /// Converts the timestamp to an `OffsetDateTime` of the `time` crate, in UTC.
        ///
        /// ```
        /// use ecs_sdk::Timestamp;
        /// use time::OffsetDateTime;
        ///
        /// let time = Timestamp::from("2026-11-28T04:30Z").to_time()?;
        /// assert_eq!((time.hour(), time.minute()), (4, 30));
        ///
        /// let timestamp = Timestamp::from(OffsetDateTime::UNIX_EPOCH);
        /// assert_eq!(timestamp, "1970-01-01T00:00:00Z");
        /// # Ok::<_, ecs_sdk::InvalidTimestamp>(())
        /// ```
        ///
        /// # Errors
        ///
        /// Returns an error if the string is not a time.
        pub fn to_time(&self) -> Result<OffsetDateTime, InvalidTimestamp> {
            self.convert(|instant| {
                let whole = OffsetDateTime::from_unix_timestamp(instant.seconds).ok()?;
                whole.replace_nanosecond(instant.nanos).ok()
            })
        }
    }

    converts!(to_time, OffsetDateTime);

    impl From<OffsetDateTime> for Timestamp {
        fn from(time: OffsetDateTime) -> Self {
            Self::from_instant(Instant { seconds: time.unix_timestamp(), nanos: time.nanosecond() })
        }
    }

    impl From<UtcDateTime> for Timestamp {
        fn from(time: UtcDateTime) -> Self {
            Self::from_instant(Instant { seconds: time.unix_timestamp(), nanos: time.nanosecond() })
        }
    }
}

#[cfg(feature = "chrono")]
mod chrono {
    use chrono::{DateTime, TimeZone, Utc};

    use super::{Instant, InvalidTimestamp, Timestamp};

    impl Timestamp {
        /// Converts the timestamp to a `DateTime` of the `chrono` crate, in UTC.
        ///
        /// ```
        /// use chrono::{DateTime, Timelike as _, Utc};
        /// use ecs_sdk::Timestamp;
        ///
        /// let time: DateTime<Utc> = Timestamp::from("2026-11-28T04:30Z").to_chrono()?;
        /// assert_eq!((time.hour(), time.minute()), (4, 30));
        ///
        /// let timestamp = Timestamp::from(DateTime::UNIX_EPOCH);
        /// assert_eq!(timestamp, "1970-01-01T00:00:00Z");
        /// # Ok::<_, ecs_sdk::InvalidTimestamp>(())
        /// ```
        ///
        /// # Errors
        ///
        /// Returns an error if the string is not a time.
        pub fn to_chrono(&self) -> Result<DateTime<Utc>, InvalidTimestamp> {
            self.convert(|instant| DateTime::from_timestamp(instant.seconds, instant.nanos))
        }
    }

    converts!(to_chrono, DateTime<Utc>);

    impl<Z: TimeZone> From<DateTime<Z>> for Timestamp {
        fn from(time: DateTime<Z>) -> Self {
            // chrono represents a leap second by a billion or more nanoseconds. It becomes the end of the second
            // before.
            let nanos = time.timestamp_subsec_nanos().min(999_999_999);
            Self::from_instant(Instant { seconds: time.timestamp(), nanos })
        }
    }
}

#[cfg(feature = "jiff")]
mod jiff {
    use jiff::ZonedDateTime;

    use super::{Instant, InvalidTimestamp, Timestamp};

    impl Timestamp {
        /// Converts the timestamp to a `Timestamp` of the `jiff` crate.
        ///
        /// ```
        /// use ecs_sdk::Timestamp;
        ///
        /// let time = Timestamp::from("2026-11-28T04:30Z").to_jiff()?;
        /// assert_eq!(time.as_second(), 1_795_840_200);
        ///
        /// let timestamp = Timestamp::from(jiff::Timestamp::UNIX_EPOCH);
        /// assert_eq!(timestamp, "1970-01-01T00:00:00Z");
        /// # Ok::<_, ecs_sdk::InvalidTimestamp>(())
        /// ```
        ///
        /// # Errors
        ///
        /// Returns an error if the string is not a time, or if it is in the last hours of the year 9999, which jiff
        /// does not represent.
        pub fn to_jiff(&self) -> Result<jiff::Timestamp, InvalidTimestamp> {
            self.convert(|instant| {
                let nanos = i32::try_from(instant.nanos).ok()?;
                jiff::Timestamp::new(instant.seconds, nanos).ok()
            })
        }
    }

    converts!(to_jiff, jiff::Timestamp);

    impl From<jiff::Timestamp> for Timestamp {
        fn from(time: jiff::Timestamp) -> Self {
            // jiff's fraction is negative before 1970.
            let (seconds, nanos) = (time.as_second(), time.subsec_nanosecond());
            let borrow = i64::from(nanos < 0);
            let nanos = u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or_default();
            Self::from_instant(Instant { seconds: seconds - borrow, nanos })
        }
    }

    impl From<ZonedDateTime> for Timestamp {
        fn from(time: ZonedDateTime) -> Self {
            time.timestamp().into()
        }
    }

    impl From<&ZonedDateTime> for Timestamp {
        fn from(time: &ZonedDateTime) -> Self {
            time.timestamp().into()
        }
    }
}
