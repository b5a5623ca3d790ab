//! Tables whose rows do not begin with a bar: `Name | Type`.

use std::borrow::Cow;

use super::cells::{columns, ends_with_separator, separators};
use super::heading::{fence, heading};

/// The page, with bars at both ends of the rows of such tables.
pub(super) fn with_bars(text: &str) -> Cow<'_, str> {
    let lines: Vec<&str> = text.lines().collect();
    if !lines.iter().any(|line| is_bare_rule(line)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + lines.len() * 2);
    let mut table: Option<Rows> = None;
    for (at, line) in lines.iter().enumerate() {
        let is_bare = !line.trim_start().starts_with('|');
        if let Some(rule) = lines.get(at + 1).filter(|next| is_bare && is_bare_rule(next)) {
            table = Some(Rows { columns: columns(&format!("|{rule}")).unwrap_or(0), ..Rows::of(rule) });
        }
        let kept = table.as_mut().and_then(|rows| rows.line(line));
        if kept.is_none() && !line.trim().is_empty() {
            table = None;
        }
        match kept {
            Some(row) => out.push_str(&row),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    Cow::Owned(out)
}

/// Whether a line separates the head of such a table from its rows.
pub(super) fn is_bare_rule(line: &str) -> bool {
    let line = line.trim();
    !line.starts_with('|') && line.contains('|') && line.contains('-') && line.chars().all(|c| "|:-\t ".contains(c))
}

/// The rows of a table.
#[derive(Default)]
struct Rows {
    columns: usize,
    /// Whether every row ends with a bar, so that it can have several lines.
    is_closed: bool,
    /// Bars of the row so far, with the one before it.
    bars: usize,
    /// Whether the row has ended.
    has_ended: bool,
}

impl Rows {
    fn of(rule: &str) -> Rows {
        Rows { is_closed: ends_with_separator(rule), has_ended: true, ..Rows::default() }
    }

    /// A line with its bars, or `None` if the table has ended before it.
    fn line(&mut self, line: &str) -> Option<String> {
        let bars = separators(line).count();
        if !self.is_closed {
            return line.contains('|').then(|| format!("|{}|", line.trim()));
        }
        if is_bare_rule(line) || bars + 1 >= self.columns && bars > 0 && !line.trim_start().starts_with('|') {
            self.bars = 1 + bars;
            self.has_ended = self.bars > self.columns && ends_with_separator(line);
            return Some(format!("|{}", line.trim()));
        }
        if self.has_ended && bars > 0 && heading(line).is_none() {
            // A row that lacks cells.
            return Some(format!("|{}|", line.trim().trim_end_matches('|')));
        }
        if self.has_ended || heading(line).is_some() || fence(line).is_some() {
            return None;
        }
        self.bars += bars;
        self.has_ended = self.bars > self.columns && ends_with_separator(line);
        Some(line.to_owned())
    }
}
