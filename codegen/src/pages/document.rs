//! Splits a Markdown page into its tables, samples and headings.
//!
//! The tables are not GitHub's: their cells contain line breaks, blank lines, lists and bare `|`. So the reader is ours.

use std::borrow::Cow;

use super::cell::{unescape, without_tags};
use super::head::{Head, Section};
use super::html;

/// Columns of the largest table that is read.
const MAX_COLUMNS: usize = 16;

/// A page, split into its parts.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The first heading of the first level, without its anchor.
    pub(super) title: String,
    pub(super) tables: Vec<Table>,
    pub(super) samples: Vec<Sample>,
    /// The sections that the page has.
    pub(super) sections: Vec<Section>,
    /// Name of the node that a page of a type is about, if it states one.
    pub(super) node: Option<String>,
    /// Lines at which something could not be read, with the reason.
    pub(super) flaws: Vec<(usize, String)>,
}

/// A table below a heading.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) section: Section,
    /// The last line of text before the table.
    pub(super) caption: String,
    pub(super) line: usize,
    pub(super) head: Head,
    pub(super) rows: Vec<TableRow>,
}

/// A row: as many cells as the head has, without the escapes of Markdown.
#[derive(Debug)]
pub(super) struct TableRow {
    pub(super) line: usize,
    pub(super) cells: Vec<String>,
}

/// A fenced block.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) text: String,
}

impl Document {
    /// Reads a page.
    pub(super) fn read(text: &str) -> Document {
        let text = with_bars(text);
        let lines: Vec<&str> = text.lines().collect();
        let mut document = Document::default();
        let mut section = Section::Other;
        let mut caption = String::new();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            if let Some(fence) = fence(line) {
                at = document.sample(&lines, at, fence);
                continue;
            }
            if let Some((level, title)) = heading(line) {
                if level == 1 && document.title.is_empty() {
                    document.title = title.to_owned();
                } else if level > 1 {
                    // A heading within a section, such as that of a type, does not end it.
                    match Section::of(title) {
                        Section::Other if level > 2 => {}
                        named => {
                            section = named;
                            document.sections.push(section);
                        }
                    }
                }
                caption = title.to_owned();
            } else if let Some(columns) = head(&lines, at) {
                at = document.table(&lines, at, section, std::mem::take(&mut caption), &columns);
                continue;
            } else if html::starts_table(line) {
                let (rows, end) = html::table(&lines, at);
                document.html_table(rows, section, std::mem::take(&mut caption), at + 1);
                at = end.max(at + 1);
                continue;
            } else if !line.trim().is_empty() {
                if section == Section::Node && document.node.is_none() {
                    document.node = Some(line.trim().to_owned());
                }
                caption = line.trim().to_owned();
            }
            at += 1;
        }
        document
    }

    /// Reads a fenced block, and returns the line after it.
    fn sample(&mut self, lines: &[&str], start: usize, fence: &str) -> usize {
        let end = lines.iter().skip(start + 1).position(|line| line.trim().starts_with(fence));
        let end = end.map_or(lines.len(), |offset| start + 1 + offset);
        let content = lines.get(start + 1..end).unwrap_or_default();
        self.samples.push(Sample { text: content.join("\n") });
        end + 1
    }

    /// Reads a table, and returns the line after it.
    fn table(&mut self, lines: &[&str], start: usize, section: Section, caption: String, columns: &[String]) -> usize {
        let mut table = Table { section, caption, line: start + 1, head: Head::of(columns), rows: Vec::new() };
        let mut at = start + 2;
        while let Some(line) = lines.get(at) {
            if !line.trim_start().starts_with('|') {
                if line.trim().is_empty() && lines.get(at + 1).is_some_and(|next| next.trim_start().starts_with('|')) {
                    at += 1;
                    continue;
                }
                break;
            }
            if head(lines, at).is_some() {
                break;
            }
            let end = self.row_end(lines, at, columns.len());
            let text = lines.get(at..end).unwrap_or_default().join("\n");
            match cells(&text, columns.len()) {
                Some(cells) => table.rows.push(TableRow { line: at + 1, cells }),
                None if text.trim() == "|" => {}
                None => self.flaws.push((at + 1, format!("this row has fewer than {} cells", columns.len()))),
            }
            at = end;
        }
        self.tables.push(table);
        at
    }

    /// Adds a table in HTML. Its first row has the titles of the columns.
    fn html_table(&mut self, rows: Vec<html::Row>, section: Section, caption: String, line: usize) {
        let mut rows = rows.into_iter();
        let Some(titles) = rows.next() else { return };
        let columns = titles.cells.len();
        let mut table = Table { section, caption, line, head: Head::of(&titles.cells), rows: Vec::new() };
        for html::Row { line, mut cells } in rows {
            if cells.len() < columns {
                self.flaws.push((line, format!("this row has fewer than {columns} cells")));
                continue;
            }
            cells.truncate(columns);
            table.rows.push(TableRow { line, cells });
        }
        self.tables.push(table);
    }

    /// The line after a row: a row ends at the line that closes its last cell.
    fn row_end(&mut self, lines: &[&str], start: usize, columns: usize) -> usize {
        let mut pipes = 0;
        for (at, line) in lines.iter().enumerate().skip(start) {
            if at > start {
                let is_other = heading(line).is_some() || starts_row(line, columns);
                if is_other && pipes >= columns {
                    self.flaws.push((start + 1, "the last cell of this row has no end".to_owned()));
                    return at;
                }
                if heading(line).is_some() {
                    return at;
                }
            }
            pipes += separators(line).count();
            let is_closed = pipes > columns && ends_with_separator(line);
            let next = lines.get(at + 1).map_or("", |next| next.trim());
            if is_closed && (next.is_empty() || next.starts_with('|') || next.starts_with('#')) {
                return at + 1;
            }
        }
        lines.len()
    }
}

/// The page, with bars at both ends of the rows of tables that lack them: `Name | Type`.
fn with_bars(text: &str) -> Cow<'_, str> {
    let lines: Vec<&str> = text.lines().collect();
    let is_rule = |line: &str| {
        let line = line.trim();
        !line.starts_with('|') && line.contains('|') && line.contains("-") && line.chars().all(|c| "|:-\t ".contains(c))
    };
    if !lines.iter().any(|line| is_rule(line)) {
        return Cow::Borrowed(text);
    }
    let mut is_table = false;
    let mut out = String::with_capacity(text.len() + lines.len() * 2);
    for (at, line) in lines.iter().enumerate() {
        let is_head = lines.get(at + 1).is_some_and(|next| is_rule(next)) && !line.trim_start().starts_with('|');
        is_table = line.contains('|') && (is_table || is_head);
        if is_table {
            out.push_str(&format!("|{}|", line.trim()));
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    Cow::Owned(out)
}

/// The marks that open a fenced block.
fn fence(line: &str) -> Option<&'static str> {
    ["```", "~~~"].into_iter().find(|fence| line.trim_start().starts_with(fence))
}

/// Level and title of a heading, without its anchor: `## Errors {#errors .section}`.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let title = line.get(level..).filter(|rest| (1..=6).contains(&level) && rest.starts_with(' '))?;
    let title = title.split(" {").next().unwrap_or(title);
    Some((level, title.trim().trim_end_matches('#').trim()))
}

/// The columns, if a table starts at the line.
fn head(lines: &[&str], at: usize) -> Option<Vec<String>> {
    let line = lines.get(at)?.trim();
    let rule = lines.get(at + 1)?.trim();
    let is_rule = rule.starts_with('|') && rule.contains('-') && rule.chars().all(|c| "|:- ：\t".contains(c));
    if !line.starts_with('|') || !is_rule {
        return None;
    }
    let columns = separators(line).count().checked_sub(usize::from(ends_with_separator(line)))?;
    cells(line, columns).filter(|cells| (1..=MAX_COLUMNS).contains(&cells.len()))
}

/// Whether a line is a complete row, or begins one with a name and a type.
fn starts_row(line: &str, columns: usize) -> bool {
    let line = line.trim();
    line.starts_with('|') && line.len() > 1 && separators(line).count() + 1 >= columns.max(3)
}

/// The positions of the `|` that are not escaped.
fn separators(line: &str) -> impl Iterator<Item = usize> {
    let mut is_escaped = false;
    line.char_indices().filter_map(move |(at, c)| {
        let found = c == '|' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        found.then_some(at)
    })
}

fn ends_with_separator(line: &str) -> bool {
    let line = line.trim_end();
    !line.is_empty() && separators(line).last() == line.len().checked_sub(1)
}

/// The cells of a row. Text with a bare `|` belongs to the last cell.
fn cells(row: &str, columns: usize) -> Option<Vec<String>> {
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
        cells.push(unescape(without_tags(row.get(start..end)?).trim()));
    }
    Some(cells)
}
