//! Points in time in requests and responses.

mod convert;

use std::{
    borrow::Cow,
    cmp::Ordering,
    convert::Infallible,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    time::SystemTime,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};

use crate::{json::Numbers, time::Instant};

/// A point in time, such as `2026-11-28T04:30Z`.
///
/// A timestamp contains a string: the one received from the service, or the one you set, verbatim. The string need not
/// be a valid time; only conversions can fail.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use ecs_sdk::Timestamp;
///
/// let time = Timestamp::from("2026-11-28T04:30Z");
/// assert_eq!(time, "2026-11-28T04:30Z");
/// assert_eq!(
///     time.to_system_time()?,
///     SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_840_200)
/// );
///
/// let error = Timestamp::from("tomorrow").to_system_time().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid time `tomorrow`: expected a time such as `2026-11-28T04:30:15Z`"
/// );
/// # Ok::<_, ecs_sdk::InvalidTimestamp>(())
/// ```
///
/// With the features `chrono`, `time` and `jiff`, `to_chrono`, `to_time` and `to_jiff` convert to the types of these
/// crates:
///
/// ```
/// # #[cfg(feature = "chrono")]
/// # {
/// use chrono::{DateTime, Utc};
/// use ecs_sdk::Timestamp;
///
/// let created: DateTime<Utc> = Timestamp::from("2026-11-28T04:30Z").to_chrono()?;
/// assert_eq!(created.timestamp(), 1_795_840_200);
/// # }
/// # Ok::<_, ecs_sdk::InvalidTimestamp>(())
/// ```
///
/// Every format of the service can be converted: dates without a time, times without seconds or minutes, fractions of a
/// second, offsets from UTC, and a space instead of `T`. A time without an offset is UTC.
///
/// # Setting parameters
///
/// Each parameter expects a specific format, often without seconds. If you set a parameter from a [`SystemTime`], the
/// request contains the format stated in the parameter's documentation; smaller units are truncated. A string is sent
/// verbatim.
///
/// ```
/// # #[cfg(feature = "instances")]
/// # {
/// use std::time::{Duration, SystemTime};
/// use ecs_sdk::operation::modify_instance_auto_release_time as release_time;
///
/// let in_one_day = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
/// let request = release_time::ModifyInstanceAutoReleaseTimeRequest::new()
///     .instance_id("i-1")
///     .auto_release_time(in_one_day);
/// # let _ = request;
/// # }
/// ```
///
/// With the features `time`, `chrono` and `jiff`, the types of these crates can be used like `SystemTime`.
///
/// # Comparing
///
/// `==` and [`Hash`] compare the strings. The order is that of the points in time, then that of the strings. Strings
/// that are not a time come last.
#[derive(Clone, Default)]
pub struct Timestamp {
    text: String,
    /// Whether the timestamp was created from a point in time and is therefore sent in the format of the parameter.
    reformat: bool,
}

/// The format of a timestamp that was created from a point in time, outside of requests. A fraction, if any, is
/// appended.
const SECONDS: &str = "yyyy-MM-ddTHH:mm:ss";

impl Timestamp {
    /// Returns the string.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Converts the timestamp to a [`SystemTime`].
    ///
    /// # Errors
    ///
    /// Returns an error if the string is not a time, or if a `SystemTime` cannot represent it.
    pub fn to_system_time(&self) -> Result<SystemTime, InvalidTimestamp> {
        self.convert(Instant::to_system_time)
    }

    fn convert<T>(&self, work: impl FnOnce(Instant) -> Option<T>) -> Result<T, InvalidTimestamp> {
        self.instant().and_then(work).ok_or_else(|| InvalidTimestamp { text: self.text.clone() })
    }

    fn instant(&self) -> Option<Instant> {
        Instant::parse(&self.text)
    }

    /// Creates a timestamp that is sent in the format of the parameter it is set on.
    fn from_instant(instant: Instant) -> Self {
        let mut text = instant.format(SECONDS);
        if instant.nanos > 0 {
            text.push_str(format!(".{:09}", instant.nanos).trim_end_matches('0'));
        }
        text.push('Z');
        Self { text, reformat: true }
    }

    /// Formats the timestamp for a parameter with a documented format. A string is returned verbatim.
    #[doc(hidden)]
    pub fn in_form(&self, form: &str) -> Cow<'_, str> {
        let instant = if self.reformat { self.instant() } else { None };
        instant.map_or(Cow::Borrowed(&self.text), |instant| instant.format(form).into())
    }
}

/// The error returned when a [`Timestamp`] is not a time, or cannot be represented by the target type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidTimestamp {
    text: String,
}

impl InvalidTimestamp {
    /// Returns the string of the invalid timestamp.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid time `{}`: expected a time such as `2026-11-28T04:30:15Z`", self.text.escape_debug())
    }
}

impl std::error::Error for InvalidTimestamp {}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl AsRef<str> for Timestamp {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl FromStr for Timestamp {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<&String> for Timestamp {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self { text, reformat: false }
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.text
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Timestamp {}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |timestamp: &Self| timestamp.instant().map_or((true, None), |instant| (false, Some(instant)));
        key(self).cmp(&key(other)).then_with(|| self.text.cmp(&other.text))
    }
}

macro_rules! compare {
    ($($other:ty),*) => {$(
        impl PartialEq<$other> for Timestamp {
            fn eq(&self, other: &$other) -> bool {
                self.text == *other
            }
        }

        impl PartialEq<Timestamp> for $other {
            fn eq(&self, other: &Timestamp) -> bool {
                *self == other.text
            }
        }
    )*};
}

compare!(str, &str, String);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Ok(text.into())
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Timestamp, E> {
                Ok(value.to_string().into())
            }

            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Timestamp, E> {
                Ok(value.to_string().into())
            }
        }

        Numbers(deserializer).deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests;
