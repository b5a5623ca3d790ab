//! Layouts that are others with marks of their own: tables in quotes, and lists of definitions.

use std::borrow::Cow;

use super::bars::is_bare_rule;
use super::bullets;
use super::cells::is_rule;
use super::heading::Fences;

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

/// The text of a quote inside as many others.
fn inner(line: &str, depth: usize) -> &str {
    (0..depth).try_fold(line, |line, _| quoted(line).ok_or(line)).unwrap_or_else(|line| line)
}

/// The number of quotes around the rule of a table.
fn depth_of_rule(line: &str) -> Option<usize> {
    let depth = std::iter::successors(quoted(line), |line| quoted(line)).count();
    let text = inner(line, depth);
    (depth > 0 && (is_rule(text) || is_bare_rule(text))).then_some(depth)
}

fn unquote(lines: &mut [Cow<'_, str>]) {
    for quote in lines.chunk_by_mut(|a, b| quoted(a).is_some() == quoted(b).is_some()) {
        if let Some(depth) = quote.iter().find_map(|line| depth_of_rule(line)) {
            for line in quote {
                *line = Cow::Owned(inner(line, depth).to_owned());
            }
        }
    }
}

/// The text behind the mark of a definition: `: String, required.`
fn definition(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix(':')?;
    rest.starts_with([' ', '\t']).then(|| rest.trim())
}

/// Makes `- Size: String, required.` of a term and the definition below it. Several terms can share one, and an empty line can
/// follow them.
fn define(lines: &mut [Cow<'_, str>]) {
    let mut fences = Fences::default();
    for at in 0..lines.len() {
        let is_code = fences.include(&lines[at]);
        let Some(text) = definition(&lines[at]).filter(|_| !is_code) else { continue };
        let end = if at > 0 && lines[at - 1].trim().is_empty() { at - 1 } else { at };
        let is_term = |line: &&Cow<'_, str>| bullets::is_member(line.trim());
        let terms = lines[..end].iter().rev().take_while(is_term).count();
        if terms > 0 {
            let items = lines[end - terms..end].iter().map(|term| format!("- {}: {text}", term.trim()));
            let items: Vec<String> = items.collect();
            lines[at] = Cow::Borrowed("");
            for (line, item) in lines[end - terms..end].iter_mut().zip(items) {
                *line = Cow::Owned(item);
            }
        }
    }
}
