//! Rows of tables in Markdown: their cells, between bars that are not escaped.

use super::cell::{Name, unescape, without_tags};
use super::entities::entities;
use super::indent;

/// A row: as many cells as the head has, without the escapes of Markdown.
#[derive(Debug)]
pub(super) struct TableRow {
    pub(super) line: usize,
    pub(super) cells: Vec<String>,
}

/// Whether a line separates the head of a table from its rows.
pub(super) fn is_rule(line: &str) -> bool {
    let rule = line.trim();
    rule.starts_with('|') && rule.contains('-') && rule.chars().all(|c| "|:- ：\t".contains(c))
}

/// The number of cells of a row that starts with `|`.
pub(super) fn columns(row: &str) -> Option<usize> {
    separators(row).count().checked_sub(usize::from(ends_with_separator(row)))
}

/// Whether a line is a complete row, or begins one with a name and a type.
pub(super) fn starts_row(line: &str, columns: usize) -> bool {
    let line = line.trim();
    line.starts_with('|') && line.len() > 1 && separators(line).count() + 1 >= columns.max(3)
}

/// Whether a line is a row with all cells, the first of which is a name.
pub(super) fn is_complete(line: &str, columns: usize) -> bool {
    let line = line.trim();
    let is_whole = line.starts_with('|') && ends_with_separator(line) && separators(line).count() > columns;
    let first = line.trim_start_matches('|').split('|').next().unwrap_or_default();
    is_whole && Name::read(&unescape(&without_tags(first))).is_some()
}

/// The positions of the `|` that are not escaped.
pub(super) fn separators(line: &str) -> impl Iterator<Item = usize> {
    let mut is_escaped = false;
    line.char_indices().filter_map(move |(at, c)| {
        let found = c == '|' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        found.then_some(at)
    })
}

pub(super) fn ends_with_separator(line: &str) -> bool {
    let line = line.trim_end();
    !line.is_empty() && separators(line).last() == line.len().checked_sub(1)
}

/// The cells of a row. Text with a bare `|` belongs to the last cell.
pub(super) fn cells(row: &str, columns: usize) -> Option<Vec<String>> {
    let row = row.trim();
    let starts: Vec<usize> = separators(row).collect();
    let mut cells = Vec::new();
    for column in 0..columns {
        let start = starts.get(column)? + 1;
        let end = match starts.get(column + 1) {
            Some(end) if column + 1 < columns => *end,
            _ if ends_with_separator(row) => row.len() - 1,
            _ => row.len(),
        };
        let text = without_tags(row.get(start..end)?);
        let text = if column == 0 { indent::cell(&text) } else { entities(&text).trim().to_owned() };
        cells.push(unescape(&text));
    }
    Some(cells)
}
