//! Parses INI files: sections with keys and values.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::identity::{secret::Secret, section::Section};

/// The quotes that may enclose a value.
const QUOTES: [char; 3] = ['"', '\'', '`'];

/// Parses a file into its sections. Keys are converted to lower case. Sections of the same name are merged, and the last
/// value of a duplicate key is used. Keys before the first section are ignored.
///
/// A line is `[section]`, `key = value`, `key: value`, blank, or a comment that starts with `#` or `;`. A comment may
/// also follow a value, separated by white space. Quotes (`"`, `'` or a backtick) around a value are removed, and their
/// content is kept verbatim. A value continues in the next line if it ends with a backslash, or if the next line is
/// indented more than the key and does not look like another key. These are the forms that the official SDKs accept.
///
/// # Errors
///
/// Returns the number of the first invalid line.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Section>, usize> {
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    let mut section = sections.entry(String::new()).or_default();
    // The key whose value the next line may continue: its indentation, the key, and the value so far.
    let mut open: Option<(usize, String, Zeroizing<String>)> = None;
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let bad = number + 1;
        let indentation = line.len() - line.trim_start().len();
        let line = line.trim();
        if let Some((outer, _, value)) = &mut open {
            if value.ends_with('\\') {
                value.pop();
                value.push_str(line);
                continue;
            }
            if indentation > *outer && !line.is_empty() && !line.starts_with(['#', ';', '[']) && key(line).is_none() {
                value.push('\n');
                value.push_str(line);
                continue;
            }
        }
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some((_, key, value)) = open.take() {
            section.set(key, Secret::new(unquoted(&value)));
        }
        if let Some(rest) = line.strip_prefix('[') {
            let (name, rest) = rest.split_once(']').ok_or(bad)?;
            if !without_comment(rest).is_empty() {
                return Err(bad);
            }
            section = sections.entry(name.trim().to_owned()).or_default();
            continue;
        }
        let (key, value) = line.split_once(['=', ':']).ok_or(bad)?;
        let key = key.trim().to_ascii_lowercase();
        if key.is_empty() {
            return Err(bad);
        }
        let value = value.trim();
        // Comments are removed before the next line is appended. Quotes may contain their characters.
        let value = if value.starts_with(QUOTES) { value } else { without_comment(value) };
        open = Some((indentation, key, Zeroizing::new(value.to_owned())));
    }
    if let Some((_, key, value)) = open {
        section.set(key, Secret::new(unquoted(&value)));
    }
    Ok(sections)
}

/// The key of a line that looks like `key = value`.
fn key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(['=', ':'])?;
    let key = key.trim();
    let is_word = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    (!key.is_empty() && is_word).then_some(key)
}

/// Returns a value without quotes and the comment behind them.
fn unquoted(value: &str) -> &str {
    for quote in QUOTES {
        if let Some(rest) = value.strip_prefix(quote) {
            return match rest.split_once(quote) {
                Some((quoted, rest)) if without_comment(rest).is_empty() => quoted,
                _ => without_comment(value),
            };
        }
    }
    value.trim()
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
        sections[section].iter().map(|(key, value)| (key.to_owned(), value.as_str().to_owned())).collect()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn reads_every_form_of_line() {
        let text = "\u{feff}; first\r\nlost = 1\r\n[default]  # the usual one\r\nType = access_key\nid: a=b  ; why\n\
                    secret=x#y;z\npolicy = \"a # b\" # c\nempty =\nhalf = \"open\nsingle = 'it # is'\nback = `q`\n\
                    [ other ]\nk=1\n[default]\nid = c\n";
        let expected = [
            pair("back", "q"),
            pair("empty", ""),
            pair("half", "\"open"),
            pair("id", "c"),
            pair("policy", "a # b"),
            pair("secret", "x#y;z"),
            pair("single", "it # is"),
            pair("type", "access_key"),
        ];
        assert_eq!(values(text, "default"), expected);
        assert_eq!(values(text, "other"), [pair("k", "1")]);
    }

    #[test]
    fn values_continue_in_the_next_line() {
        for (text, expected) in [
            (
                "policy = {\n  \"a\": [],\n\n  # comment\n\t\"b\": 1 }\nid = x",
                vec![pair("id", "x"), pair("policy", "{\n\"a\": [],\n\"b\": 1 }")],
            ),
            ("policy = { \\\n\"a\": 1 \\\r\n}\nid = x", vec![pair("id", "x"), pair("policy", "{ \"a\": 1 }")]),
            (
                "\ta = 1\n\tb = 2\n\t\tc = 3\n  d: 4",
                vec![pair("a", "1"), pair("b", "2"), pair("c", "3"), pair("d", "4")],
            ),
            ("a =\n  1\n[other]\n  b = 2", vec![pair("a", "1")]),
            (
                "a = 1 # b\n\tc # d\nb = # c\n  2\nc = \"1 # 2\" # 3",
                vec![pair("a", "1\nc # d"), pair("b", "2"), pair("c", "1 # 2")],
            ),
            ("a = 1\\", vec![pair("a", "1\\")]),
        ] {
            assert_eq!(values(&format!("[s]\n{text}"), "s"), expected, "{text}");
        }
    }

    #[test]
    fn many_keys_and_sections_take_linear_time() {
        // Quadratic work would take minutes in a debug build.
        let mut text = "[s]\n".to_owned();
        (0..100_000).for_each(|n| text.push_str(&format!("k{n} = v\n")));
        assert_eq!(values(&text, "s").len(), 100_000);
        let sections: String = (0..100_000).map(|n| format!("[s{n}]\n")).collect();
        assert_eq!(parse(&sections).unwrap().len(), 100_001);
    }

    #[test]
    fn rejects_invalid_lines_with_their_number() {
        for (text, line) in [("[a]\nx", 2), ("[a\n", 1), ("[a] b\n", 1), ("[a]\n\n= 1", 3), ("{}", 1)] {
            assert_eq!(parse(text).unwrap_err(), line, "{text}");
        }
    }
}
