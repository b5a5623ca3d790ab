//! Rules about all strings of all files: characters that nobody can see.

use serde_json::Value;

use super::Mistake;
use crate::{diagnostic::Source, rules};

/// Rejects control characters, and characters that are invisible or change the direction of text.
pub(super) fn check(source: &Source, found: &mut Vec<Mistake>) {
    if !is_suspect(&source.text) {
        return;
    }
    if let Ok(value) = serde_json::from_str::<Value>(&source.text) {
        walk(&value, "", &mut |at, text, is_key| {
            // Examples have content such as scripts.
            let is_content = ["examples.", "typical."].iter().any(|start| at.starts_with(start));
            let allowed: &[char] = match (is_key, is_content) {
                (true, _) => &[],
                (false, true) => &['\n', '\t', '\r'],
                (false, false) => &['\n'],
            };
            let Some(c) = text.chars().find(|c| is_invisible(*c) && !allowed.contains(c)) else { return };
            let kind = if c.is_control() { "a control character" } else { "an invisible character" };
            let message =
                format!("the {} contains {kind}: U+{:04X}", if is_key { "key" } else { "string" }, u32::from(c));
            let at = if is_key { format!("{at}#") } else { at.to_owned() };
            let help = "remove it; an empty line (`\\n\\n`) separates the paragraphs of a doc";
            found.push(Mistake::new(&rules::CONTROL_CHARACTER, &source.path, &at, message, help));
        });
    }
}

/// Whether the text of a file can have such characters. Hardly any file does, and to look for them is faster than to parse it.
fn is_suspect(text: &str) -> bool {
    let (mut in_string, mut has_newline) = (false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                in_string = !in_string;
                has_newline &= !in_string;
            }
            '\\' => match chars.next() {
                Some('n') => has_newline = true,
                Some('"' | '\\' | '/') => {}
                _ => return true,
            },
            // The string before it was a key, in which no newline is allowed.
            ':' if !in_string && has_newline => return true,
            ' '..='~' | '\n' | '\r' | '\t' => {}
            c if is_invisible(c) => return true,
            _ => {}
        }
    }
    false
}

fn walk(value: &Value, at: &str, visit: &mut impl FnMut(&str, &str, bool)) {
    let join = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    match value {
        Value::String(text) => visit(at, text, false),
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                walk(inner, &join(&index.to_string()), visit);
            }
        }
        Value::Object(map) => {
            for (name, inner) in map {
                let at = join(name);
                visit(&at, name, true);
                walk(inner, &at, visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a character is invisible, or changes the direction of text.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A string with its invisible characters as escapes, for messages.
pub(crate) fn visible(text: &str) -> String {
    let escaped = |c: char| match c {
        c if c.is_control() => c.escape_default().to_string(),
        c if is_invisible(c) => c.escape_unicode().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_can_have_such_characters_are_suspect() {
        for (text, expected) in [
            (r#"{ "a": "one\ntwo", "b\"": ["\\:", "\/"] }"#, false),
            ("{\r\n\t\"a\": \"größer “x” 实例\" }", false),
            (r#"{ "a\n": 1 }"#, true),
            (r#"{ "a\n" : 1 }"#, true),
            (r#"{ "a": "\n", "b": ":" }"#, false),
            (r#"{ "a": "\t" }"#, true),
            (r#"{ "a": "\u200b" }"#, true),
            ("{ \"a\": \"\u{200b}\" }", true),
            ("{ \"a\": \"\u{7f}\" }", true),
        ] {
            assert_eq!(is_suspect(text), expected, "{text}");
        }
    }
}
