//! Parses INI files: sections with keys and values.

use crate::identity::{secret::Secret, section::Section};

/// Parses a file into its sections, in order. Keys are converted to lower case. Sections of the same name are merged,
/// and the last value of a duplicate key is used.
///
/// A line is `[section]`, `key = value`, `key: value`, blank, or a comment that starts with `#` or `;`. A comment may
/// also follow a value, separated by white space. Double quotes around a value are removed, and their content is kept
/// verbatim.
///
/// # Errors
///
/// Returns the number of the first invalid line.
pub(super) fn parse(text: &str) -> Result<Vec<(String, Section)>, usize> {
    let mut sections: Vec<(String, Section)> = Vec::new();
    let mut current = None;
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let bad = number + 1;
        if let Some(rest) = line.strip_prefix('[') {
            let (name, rest) = rest.split_once(']').ok_or(bad)?;
            if !without_comment(rest).is_empty() {
                return Err(bad);
            }
            let name = name.trim();
            let known = sections.iter().position(|(other, _)| other == name);
            current = Some(known.unwrap_or_else(|| {
                sections.push((name.to_owned(), Section::default()));
                sections.len() - 1
            }));
            continue;
        }
        let (key, value) = line.split_once(['=', ':']).ok_or(bad)?;
        let key = key.trim().to_ascii_lowercase();
        if key.is_empty() {
            return Err(bad);
        }
        let section = &mut sections[current.ok_or(bad)?].1;
        section.set(key, Secret::new(plain(value.trim())));
    }
    Ok(sections)
}

/// Returns a value without its quotes and comment.
fn plain(value: &str) -> &str {
    match value.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((quoted, rest)) if without_comment(rest).is_empty() => quoted,
        _ => without_comment(value),
    }
}

fn without_comment(text: &str) -> &str {
    let start = text.char_indices().find(|&(at, character)| {
        matches!(character, '#' | ';') && text[..at].chars().next_back().is_none_or(char::is_whitespace)
    });
    start.map_or(text, |(at, _)| &text[..at]).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, section: &str) -> Vec<(String, String)> {
        let sections = parse(text).unwrap();
        let (_, keys) = sections.iter().find(|(name, _)| name == section).unwrap();
        keys.0.iter().map(|(key, value)| (key.clone(), value.as_str().to_owned())).collect()
    }

    #[test]
    fn reads_every_form_of_line() {
        let text = "\u{feff}; first\r\n[default]  # the usual one\r\nType = access_key\nid: a=b  ; why\n\
                    secret=x#y;z\npolicy = \"a # b\" # c\nempty =\nhalf = \"open\n[ other ]\nk=1\n[default]\nid = c\n";
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let expected = [
            pair("type", "access_key"),
            pair("secret", "x#y;z"),
            pair("policy", "a # b"),
            pair("empty", ""),
            pair("half", "\"open"),
            pair("id", "c"),
        ];
        assert_eq!(values(text, "default"), expected);
        assert_eq!(values(text, "other"), [pair("k", "1")]);
    }

    #[test]
    fn rejects_invalid_lines_with_their_number() {
        for (text, line) in [("[a]\nx", 2), ("x=1", 1), ("[a\n", 1), ("[a] b\n", 1), ("[a]\n\n= 1", 3), ("{}", 1)] {
            assert_eq!(parse(text).unwrap_err(), line, "{text}");
        }
    }
}
