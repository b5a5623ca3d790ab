//! Parses INI files: sections with keys and values.

use zeroize::Zeroizing;

use crate::identity::{secret::Secret, section::Section};

/// The quotes that may enclose a value.
const QUOTES: [char; 3] = ['"', '\'', '`'];

/// Returns the section of a file with a name, if there is one. Keys are converted to lower case. Sections of the same name
/// are merged, and the last value of a duplicate key is used. Keys before the first section are ignored.
///
/// A line is `[section]`, `key = value`, `key: value`, blank, or a comment that starts with `#` or `;`. A comment may
/// also follow a value, separated by white space. Quotes (`"`, `'` or a backtick) around a value are removed, and their
/// content is kept verbatim. A value continues in the next line if it ends with a backslash, or if the next line is
/// indented more than the key and does not look like another key. These are the forms that the official SDKs accept.
///
/// # Errors
///
/// Returns the number of the first invalid line.
pub(super) fn section(text: &str, wanted: &str) -> Result<Option<Section>, usize> {
    let mut section: Option<Section> = None;
    let mut is_wanted = false;
    for (number, line) in logical_lines(text) {
        if let Some(rest) = line.strip_prefix('[') {
            let (name, rest) = rest.split_once(']').ok_or(number)?;
            if !without_comment(rest).is_empty() {
                return Err(number);
            }
            is_wanted = name.trim() == wanted;
            if is_wanted {
                section.get_or_insert_default();
            }
            continue;
        }
        let (key, value) = line.split_once(['=', ':']).ok_or(number)?;
        let key = key.trim().to_ascii_lowercase();
        if key.is_empty() {
            return Err(number);
        }
        if let Some(section) = section.as_mut().filter(|_| is_wanted) {
            section.set(key, Secret::new(unquoted(value.trim())));
        }
    }
    Ok(section)
}

/// The lines of a file that are neither blank nor comments, joined with the lines that continue them, and the number of
/// the first line of each.
fn logical_lines(text: &str) -> Vec<(usize, Zeroizing<String>)> {
    let mut lines: Vec<(usize, Zeroizing<String>)> = Vec::new();
    // Indentation of the last line, if it has a value that can continue.
    let mut outer = None;
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let indentation = line.len() - line.trim_start().len();
        let line = line.trim();
        let is_comment = line.starts_with(['#', ';']);
        let is_section = line.starts_with('[');
        if let (Some(outer), Some((_, last))) = (outer, lines.last_mut()) {
            let is_indented = indentation > outer && !line.is_empty() && !is_comment && !is_section;
            if last.ends_with('\\') {
                last.pop();
                last.push_str(line);
                continue;
            }
            if is_indented && key(line).is_none() {
                last.push('\n');
                last.push_str(line);
                continue;
            }
        }
        if line.is_empty() || is_comment {
            continue;
        }
        outer = (!is_section).then_some(indentation);
        // Comments are removed before lines are joined. Quotes may contain their characters.
        let is_quoted = line.split_once(['=', ':']).is_some_and(|(_, value)| value.trim_start().starts_with(QUOTES));
        let line = if is_section || is_quoted { line } else { without_comment(line) };
        lines.push((number + 1, Zeroizing::new(line.to_owned())));
    }
    lines
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
    use std::collections::BTreeSet;

    use super::*;

    fn values(text: &str, name: &str) -> Vec<(String, String)> {
        let found = section(text, name).unwrap().unwrap();
        let keys: BTreeSet<&str> = found.iter().map(|(key, _)| key).collect();
        keys.into_iter().map(|key| pair(key, found.get(key).unwrap().as_str())).collect()
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
        assert_eq!(section(&text, "s").unwrap().unwrap().iter().count(), 100_000);
        let sections: String = (0..100_000).map(|n| format!("[s{n}]\n")).collect();
        assert!(section(&sections, "s99999").unwrap().is_some());
        assert!(section(&sections, "s").unwrap().is_none());
    }

    #[test]
    fn rejects_invalid_lines_with_their_number() {
        for (text, line) in [("[a]\nx", 2), ("[a\n", 1), ("[a] b\n", 1), ("[a]\n\n= 1", 3), ("{}", 1)] {
            assert_eq!(section(text, "a").unwrap_err(), line, "{text}");
        }
    }
}
