//! Layouts that are others with marks of their own: tables in quotes, and lists of definitions.

use std::borrow::Cow;

use super::bullets;
use super::cells::is_rule;
use super::heading::fence;

/// The page, with quotes that contain a table as plain lines, and with definitions as items of a list. No line moves.
pub(super) fn relaid(text: &str) -> Cow<'_, str> {
    let is_concerned = |line: &str| quoted(line).is_some() || definition(line).is_some();
    if !text.lines().any(is_concerned) {
        return Cow::Borrowed(text);
    }
    let mut lines: Vec<Cow<'_, str>> = text.lines().map(Cow::Borrowed).collect();
    unquote(&mut lines);
    define(&mut lines);
    Cow::Owned(lines.join("\n"))
}

/// The text behind the mark of a quote.
fn quoted(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('>')?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}

fn unquote(lines: &mut [Cow<'_, str>]) {
    for quote in lines.chunk_by_mut(|a, b| quoted(a).is_some() == quoted(b).is_some()) {
        if quote.iter().any(|line| quoted(line).is_some_and(is_rule)) {
            for line in quote {
                *line = Cow::Owned(quoted(line).unwrap_or_default().to_owned());
            }
        }
    }
}

/// The text behind the mark of a definition: `: String, required.`
fn definition(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix(':')?;
    rest.starts_with([' ', '\t']).then(|| rest.trim())
}

/// Makes `- Size: String, required.` of a term and the definition on the next line.
fn define(lines: &mut [Cow<'_, str>]) {
    let mut is_code = false;
    for at in 1..lines.len() {
        is_code ^= fence(&lines[at - 1]).is_some();
        let Some(text) = definition(&lines[at]).filter(|_| !is_code) else { continue };
        let term = lines[at - 1].trim();
        if bullets::is_member(term) {
            let item = format!("- {term}: {text}");
            lines[at - 1] = Cow::Owned(item);
            lines[at] = Cow::Borrowed("");
        }
    }
}
