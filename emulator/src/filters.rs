//! Time ranges in `Filter.N`, which several operations accept.

use time::OffsetDateTime;

use crate::{
    args::Args,
    call::Call,
    clock,
    error::{EcsError, Result},
};

/// A time range, from `Filter.N.Key` and `Filter.N.Value`.
#[derive(Debug, Default)]
pub(crate) struct Times {
    created: Window,
    expires: Window,
}

#[derive(Debug, Default)]
struct Window {
    start: Option<OffsetDateTime>,
    end: Option<OffsetDateTime>,
}

impl Window {
    fn holds(&self, time: Option<OffsetDateTime>) -> bool {
        if self.start.is_none() && self.end.is_none() {
            return true;
        }
        time.is_some_and(|time| self.start.is_none_or(|start| time >= start) && self.end.is_none_or(|end| time <= end))
    }
}

impl Times {
    /// Reads the filters of a call. `others` are keys that its handler evaluates.
    pub(crate) fn read(call: &Call<'_>, others: &[&str]) -> Result<Self> {
        let mut times = Times::default();
        for filter in call.args.structs("Filter") {
            let key = filter.string_or("Key", "");
            let limit = match key {
                "CreationStartTime" => &mut times.created.start,
                "CreationEndTime" => &mut times.created.end,
                "ExpiredStartTime" => &mut times.expires.start,
                "ExpiredEndTime" => &mut times.expires.end,
                "" => continue,
                key if others.contains(&key) => continue,
                key => {
                    return Err(EcsError::new(
                        404,
                        "InvalidFilterKey.NotFound",
                        format!("The filter {key:?} does not exist."),
                    ));
                }
            };
            *limit = Some(time(&filter)?);
        }
        Ok(times)
    }

    /// Whether a resource with these times of creation and expiration is within the range.
    pub(crate) fn hold(&self, created: OffsetDateTime, expires: Option<OffsetDateTime>) -> bool {
        self.created.holds(Some(created)) && self.expires.holds(expires)
    }
}

fn time(filter: &Args) -> Result<OffsetDateTime> {
    let value = filter.string_or("Value", "");
    clock::parse_minutes(value).ok_or_else(|| {
        let message = format!("The value {value:?} of a filter is not a time in the format yyyy-MM-ddTHH:mmZ.");
        EcsError::new(404, "InvalidFilterValue", message)
    })
}
