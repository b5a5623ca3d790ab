//! Times of headers, credentials and signatures.

use std::time::SystemTime;

use ecs_sdk_model::time::Instant;
pub(crate) use ecs_sdk_model::time::{parse_date, parse_time};

use crate::{
    error::{Error, ErrorKind, Result},
    short_text::ShortText,
};

/// Formats a time as it appears in signatures.
pub(crate) fn timestamp(time: SystemTime) -> Result<ShortText<20>> {
    const PATTERN: &str = "yyyy-MM-ddTHH:mm:ssZ";

    let (instant, mut text) = (Instant::from(time), ShortText::default());
    // A year with a sign has more digits too, so it does not fit.
    instant.write(PATTERN, &mut text).map_err(|_| {
        let message = format!("invalid system time {}: expected a year of four digits", instant.format(PATTERN));
        Error::new(ErrorKind::Config, message)
    })?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_year_without_four_digits_is_a_configuration_error() {
        let error = timestamp(UNIX_EPOCH + Duration::from_secs(253_402_300_800)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("+10000-01-01T00:00:00Z"), "{error}");
    }
}
