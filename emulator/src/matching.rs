//! Wildcard patterns and tags, as filters of requests use them.

/// Whether a value matches a pattern in which `*` matches anything.
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

/// Whether tags include one with this key, and with this value if one is given.
pub(crate) fn has_tag(tags: &[(String, String)], key: Option<&str>, value: Option<&str>) -> bool {
    let key = key.unwrap_or_default();
    let value = value.unwrap_or_default();
    tags.iter().any(|(k, v)| (key.is_empty() || k == key) && (value.is_empty() || v == value))
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
