//! What makes an element part of an answer.

use time::OffsetDateTime;

use crate::{
    args::Args,
    call::Call,
    clock,
    error::{EcsError, Result},
};

/// Whether a value fits a pattern in which `*` stands for anything.
pub(crate) fn wildcard(pattern: &str, value: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == value };
    let Some(mut value) = value.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match value.find(part) {
            Some(at) => value = &value[at + part.len()..],
            None => return false,
        }
    }
    value.ends_with(end)
}

/// Whether something has a tag: the key, and the value unless none is asked for.
pub(crate) fn has_tag(tags: &[(String, String)], key: Option<&str>, value: Option<&str>) -> bool {
    let key = key.unwrap_or_default();
    let value = value.unwrap_or_default();
    tags.iter().any(|(k, v)| (key.is_empty() || k == key) && (value.is_empty() || v == value))
}

/// Limits of a time, from `Filter.N.Key` and `Filter.N.Value`.
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
    /// Reads the filters of a call; `others` are keys that it handles by itself.
    pub(crate) fn read(call: &Call<'_>, others: &[&str]) -> Result<Self> {
        let mut times = Times::default();
        for filter in call.args.structs("Filter") {
            let key = filter.text_or("Key", "");
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
                        format!("There is no filter {key:?}."),
                    ));
                }
            };
            *limit = Some(time(&filter)?);
        }
        Ok(times)
    }

    /// Whether something that was created then, and expires then if ever, is within the limits.
    pub(crate) fn hold(&self, created: OffsetDateTime, expires: Option<OffsetDateTime>) -> bool {
        self.created.holds(Some(created)) && self.expires.holds(expires)
    }
}

fn time(filter: &Args) -> Result<OffsetDateTime> {
    let value = filter.text_or("Value", "");
    clock::parse_minutes(value).ok_or_else(|| {
        let message = format!("The value {value:?} of a filter is no time in the format yyyy-MM-ddTHH:mmZ.");
        EcsError::new(404, "InvalidFilterValue", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, value) in
            [("web*", "web-1"), ("*1", "web-1"), ("w*-*1", "web-1"), ("*", ""), ("web-1", "web-1"), ("*eb*", "web-1")]
        {
            assert!(wildcard(pattern, value), "{pattern} {value}");
        }
        for (pattern, value) in [("web", "web-1"), ("web*2", "web-1"), ("*x*", "web-1"), ("ab*ba", "aba")] {
            assert!(!wildcard(pattern, value), "{pattern} {value}");
        }
    }

    #[test]
    fn a_tag_without_value_asks_for_the_key() {
        let tags = [("team".to_owned(), "web".to_owned())];
        assert!(has_tag(&tags, Some("team"), None));
        assert!(has_tag(&tags, Some("team"), Some("web")));
        assert!(!has_tag(&tags, Some("team"), Some("db")));
        assert!(!has_tag(&tags, Some("owner"), None));
    }
}
