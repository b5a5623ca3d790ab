//! Splits a Markdown page into its tables, samples and headings.
//!
//! The tables are not GitHub's: their cells contain line breaks, blank lines, lists and bare `|`. So the reader is ours.

use std::mem::take;

use super::bars::with_bars;
use super::bullets;
use super::cells::{TableRow, cells, columns, ends_with_separator, is_complete, is_rule, separators, starts_row};
use super::head::{Head, Section, states_members};
use super::headed;
use super::heading::{fence, has_compound, heading, is_compound, with_marks};
use super::html;
use super::loose::{self, Loose};
use super::relaid::relaid;

/// Columns of the largest table that is read.
const MAX_COLUMNS: usize = 16;

/// Lines of the longest head that is read: its cells with blank lines between them.
const MAX_HEAD_LINES: usize = 3 * MAX_COLUMNS;

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
    pub(super) place: Place,
    pub(super) line: usize,
    pub(super) head: Head,
    pub(super) rows: Vec<TableRow>,
}

/// Where a table is.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) section: Section,
    /// The last line of text before the table.
    pub(super) caption: String,
    /// Whether it is the first table below the heading of a section.
    pub(super) is_first: bool,
}

/// A fenced block, or JSON or XML among the examples.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) line: usize,
    pub(super) text: String,
}

impl Document {
    /// Reads a page.
    pub(super) fn read(text: &str) -> Document {
        let text = relaid(text);
        let text = with_bars(&text);
        let text = with_marks(&text);
        let lines: Vec<&str> = text.lines().collect();
        let mut document = Document::default();
        let mut known = Contents::default();
        let mut section = Section::Other;
        // The open sections with their levels, the innermost last.
        let mut sections: Vec<(usize, Section)> = Vec::new();
        // The level of the headings of members.
        let mut of_members = 0;
        let mut caption = String::new();
        let mut is_first = false;
        let mut at = 0;
        // The line up to which titles are known to be those of no members.
        let mut titled = 0;
        while let Some(line) = lines.get(at) {
            if let Some(fence) = fence(line) {
                known.has_text = true;
                at = document.sample(&lines, at, fence);
                continue;
            }
            if section == Section::Samples
                && let Some(end) = bare_sample(&lines, at)
            {
                document.samples.push(Sample { line: at + 1, text: lines[at..end].join("\n") });
                at = end;
                continue;
            }
            // A section inside another one, such as that of an example, ends at a heading of the same level.
            if let Some((level, title)) = heading(line)
                && (Section::of(title) == Section::Other || is_compound(title))
                && (1..sections.len()).contains(&around(&sections, level))
            {
                sections.truncate(around(&sections, level));
                section = sections[sections.len() - 1].1;
                known.open(Section::Other, "", 0, &mut document.flaws);
            }
            if at >= titled {
                let (members, end) = headed::read(&lines, at, section);
                titled = end;
                if let Some(members) = members {
                    (known.has_table, is_first) = (true, false);
                    of_members = heading(line).map_or(of_members, |(level, _)| level);
                    // A table below a member has those of its type.
                    let last = members.rows.last().map_or(String::new(), |row| row.cells[0].clone());
                    at = document.loose(members, Place { section, caption: String::new(), is_first: true }, at + 1);
                    caption = last;
                    continue;
                }
            }
            if let Some((level, title)) = heading(line) {
                if level == 1 && document.title.is_empty() {
                    document.title = title.to_owned();
                } else if level > 1 || Section::of(title) != Section::Other {
                    // A heading within a section, such as that of a type, does not end it.
                    let named = Section::of(title);
                    if named != Section::Other || level <= 2 && level != of_members {
                        section = named;
                        sections.truncate(around(&sections, level));
                        sections.push((level, section));
                        known.open(section, title, at + 1, &mut document.flaws);
                        document.sections.push(section);
                    }
                }
                caption = title.to_owned();
                // A heading such as "Response elements of PartType" is that of a type.
                is_first = Section::of(title) != Section::Other && !has_compound(title);
            } else if let Some((columns, rule)) = head(&lines, at) {
                known.has_table = true;
                let body = rule.max(at) + 1;
                let place = Place { section, caption: take(&mut caption), is_first: take(&mut is_first) };
                at = document.table(&lines, (at, body), place, &columns);
                continue;
            } else if html::starts_table(line) {
                known.has_table = true;
                let (rows, end) = html::table(&lines, at);
                let place = Place { section, caption: take(&mut caption), is_first: take(&mut is_first) };
                document.html_table(rows, place, at + 1);
                at = end.max(at + 1);
                continue;
            } else if let Some(loose) = bullets::read(&lines, at, section).or_else(|| loose::read(&lines, at, section))
            {
                known.has_table = true;
                let place = Place { section, caption: take(&mut caption), is_first: take(&mut is_first) };
                at = document.loose(loose, place, at + 1);
                continue;
            } else if !line.trim().is_empty() {
                if section == Section::Node && document.node.is_none() {
                    document.node = Some(line.trim().to_owned());
                }
                known.has_text |= states_members(line);
                let row = line.trim_start_matches([' ', '\t', '>']);
                if section.has_table() && row.starts_with('|') && separators(row).count() > 2 {
                    document.flaws.push((at + 1, "this row belongs to no table; it is left out".to_owned()));
                }
                caption = line.trim().to_owned();
            }
            at += 1;
        }
        known.open(Section::Other, "", 0, &mut document.flaws);
        document
    }

    /// Reads a fenced block, and returns the line after it.
    fn sample(&mut self, lines: &[&str], start: usize, fence: &str) -> usize {
        let end = lines.iter().skip(start + 1).position(|line| line.trim().starts_with(fence));
        let end = end.map_or(lines.len(), |offset| start + 1 + offset);
        let content = lines.get(start + 1..end).unwrap_or_default();
        self.samples.push(Sample { line: start + 1, text: content.join("\n") });
        end + 1
    }

    /// Adds members that are in no table, and returns the line after them.
    fn loose(&mut self, loose: Loose, place: Place, line: usize) -> usize {
        let Loose { head, rows, end, flaws } = loose;
        self.flaws.extend(flaws);
        if !rows.is_empty() {
            self.tables.push(Table { place, line, head, rows });
        }
        end
    }

    /// Reads a table, and returns the line after it.
    fn table(&mut self, lines: &[&str], (start, body): (usize, usize), place: Place, columns: &[String]) -> usize {
        let mut table = Table { place, line: start + 1, head: Head::of(columns), rows: Vec::new() };
        let mut at = body;
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
            let stated = cells(&text, columns.len()).map(|cells| (cells, true));
            let found = stated.or_else(|| Some((cells(&text, super::cells::columns(text.trim())?)?, false)));
            match found {
                Some((mut cells, is_whole)) if is_whole || cells.len() > 1 => {
                    if !is_whole {
                        self.short(at + 1, cells.len(), columns.len());
                        cells.resize(columns.len(), String::new());
                    }
                    table.rows.push(TableRow { line: at + 1, cells });
                }
                _ if text.trim() == "|" => {}
                _ => self.flaws.push((at + 1, "this row has a single cell; it is left out".to_owned())),
            }
            at = end;
        }
        self.tables.push(table);
        at
    }

    /// Adds a table in HTML. Its first row has the titles of the columns.
    fn html_table(&mut self, rows: Vec<html::Row>, place: Place, line: usize) {
        let mut rows = rows.into_iter();
        let Some(titles) = rows.next() else { return };
        let columns = titles.cells.len();
        let mut table = Table { place, line, head: Head::of(&titles.cells), rows: Vec::new() };
        for html::Row { line, mut cells, is_title } in rows {
            if cells.len() < 2 || is_title {
                self.flaws.push((line, "this row has a single cell; it is left out".to_owned()));
                continue;
            }
            if cells.len() < columns {
                self.short(line, cells.len(), columns);
            }
            cells.resize(columns, String::new());
            table.rows.push(TableRow { line, cells });
        }
        self.tables.push(table);
    }

    /// Notes a row that lacks cells.
    fn short(&mut self, line: usize, found: usize, columns: usize) {
        self.flaws
            .push((line, format!("this row has {found} instead of {columns} cells; the others are taken as empty")));
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
                // A complete row begins where the line before it ends a row that lacks cells.
                let is_short = is_complete(line, columns) && ends_with_separator(lines[at - 1]);
                if heading(line).is_some() || is_short && separators(lines[at - 1]).count() > 1 {
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

/// The number of open sections around a heading of this level.
fn around(sections: &[(usize, Section)], level: usize) -> usize {
    sections.iter().rposition(|(outer, _)| *outer < level).map_or(0, |outer| outer + 1)
}

/// The section that is read: whether it has anything to read, and whether a table was found.
struct Contents {
    section: Section,
    title: String,
    line: usize,
    has_text: bool,
    has_table: bool,
}

impl Default for Contents {
    fn default() -> Self {
        Contents { section: Section::Other, title: String::new(), line: 0, has_text: false, has_table: false }
    }
}

impl Contents {
    /// Begins a section, and adds a flaw if the one before has contents but no table. A second heading of the same part
    /// continues the section.
    fn open(&mut self, section: Section, title: &str, line: usize, flaws: &mut Vec<(usize, String)>) {
        if section == self.section && section != Section::Other {
            return;
        }
        if self.section.has_table() && self.has_text && !self.has_table {
            flaws.push((self.line, unread(&self.title)));
        }
        *self = Contents { section, title: title.to_owned(), line, has_text: false, has_table: false };
    }
}

/// The flaw of a section without a table.
pub(super) fn unread(title: &str) -> String {
    format!("the section \"{title}\" has no table that can be read")
}

/// The line after JSON or XML that starts at a line without a fence.
fn bare_sample(lines: &[&str], at: usize) -> Option<usize> {
    let start = lines[at].trim_start();
    let is_json = start.starts_with('{');
    if !is_json && !start.starts_with('<') || html::starts_table(start) {
        return None;
    }
    let mut depth = 0_i64;
    let is_over = |line: &str| {
        if is_json {
            let count = |c: char| line.matches(c).count() as i64;
            depth += count('{') - count('}');
            depth <= 0
        } else {
            let line = line.trim_start();
            !line.is_empty() && !line.starts_with('<')
        }
    };
    let end = lines.iter().skip(at).copied().position(is_over).map_or(lines.len(), |offset| at + offset);
    let end = if is_json { end + 1 } else { end };
    let heading = (at..lines.len()).find(|at| heading(lines[*at]).is_some()).unwrap_or(lines.len());
    Some(end.min(heading))
}

/// The columns and the line of the rule below them, if a table starts at the line. The cells can span several lines.
fn head(lines: &[&str], at: usize) -> Option<(Vec<String>, usize)> {
    if !lines.get(at)?.trim().starts_with('|') || is_rule(lines[at]) {
        return None;
    }
    if let Some(titles) = unruled(lines, at) {
        return Some((titles, at));
    }
    let ahead = lines.get(at + 1..)?.iter().take(MAX_HEAD_LINES);
    let mut ahead = ahead.take_while(|line| heading(line).is_none() && fence(line).is_none());
    let rule = at + 1 + ahead.position(|line| is_rule(line))?;
    let wanted = columns(lines[rule]);
    // The shortest head with as many cells as the rule, or else the line above it.
    let text = |start: usize| lines[start..rule].join("\n");
    let is_head = |start: &usize| lines[*start].trim().starts_with('|') && columns(text(*start).trim()) == wanted;
    let start = (at..rule).rev().find(is_head).unwrap_or(rule - 1);
    let head = text(at);
    let head = head.trim();
    let cells = cells(head, columns(head)?).filter(|cells| (1..=MAX_COLUMNS).contains(&cells.len()))?;
    (start == at).then_some((cells, rule))
}

/// The columns of a table that has no rule below them.
fn unruled(lines: &[&str], at: usize) -> Option<Vec<String>> {
    let (line, next) = (lines[at].trim(), lines.get(at + 1)?.trim());
    let titles = cells(line, columns(line)?)?;
    let is_next_row = next.starts_with('|') && !is_rule(next) && columns(next) == Some(titles.len());
    (is_next_row && Head::of_titles(&titles).is_some()).then_some(titles)
}
