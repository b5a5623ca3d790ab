//! Members that are in no table: lists of them, and tables of which only the text of the cells is left, as in a page that was
//! copied from a browser. A row begins where a name, a type and a mark follow each other as the head states; all text up to
//! the next one is its description.

use std::ops::Range;

use super::cell::{Kind, Name, is_placeholder, required};
use super::cells::TableRow;
use super::head::{Column, Head, Section};
use super::heading::{fence, heading};

/// Columns of the largest head that is read.
const MAX_COLUMNS: usize = 8;

/// Characters of the longest title of a column, and of the longest mark.
const MAX_TITLE: usize = 30;

/// Members that were found.
pub(super) struct Loose {
    pub(super) head: Head,
    pub(super) rows: Vec<TableRow>,
    /// The line after them.
    pub(super) end: usize,
    /// Lines at which something could not be read, with the reason.
    pub(super) flaws: Vec<(usize, String)>,
}

/// How the cells of a row are separated.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    /// By tabs.
    Tabs,
    /// Each on a line of its own.
    Lines,
    /// By blanks.
    Blanks,
}

/// The members that begin at a line of a section.
pub(super) fn read(lines: &[&str], at: usize, section: Section) -> Option<Loose> {
    if !section.has_table() || lines.get(at)?.trim_start().starts_with(['|', '#']) {
        return None;
    }
    let (head, layout, body) = titles(lines, at).or_else(|| untitled(lines, at, section))?;
    let end = (body..lines.len()).find(|at| is_end(lines, *at)).unwrap_or(lines.len());
    let is_strict = section == Section::Response && layout == Layout::Blanks;
    let reader = Reader { lines: &lines[..end], head: &head, layout, is_strict };
    let mut flaws = Vec::new();
    let rows = reader.rows(body, &mut flaws);
    (!rows.is_empty()).then_some(Loose { head, rows, end, flaws })
}

/// Whether a line starts a head, so that its first title is no heading.
pub(super) fn starts_head(lines: &[&str], at: usize) -> bool {
    titles(lines, at).is_some()
}

/// The line after the head that starts at a line.
pub(super) fn head_end(lines: &[&str], at: usize) -> usize {
    titles(lines, at).map_or(at, |(.., body)| body)
}

/// The columns that titles state, how they are separated, and the line after them.
fn titles(lines: &[&str], at: usize) -> Option<(Head, Layout, usize)> {
    let line = lines.get(at)?.trim();
    let cells = |layout| cells_of(line, layout).into_iter().map(str::to_owned).collect::<Vec<_>>();
    for layout in [Layout::Tabs, Layout::Blanks] {
        let titles = cells(layout);
        if let Some(head) = Head::of_titles(&titles).filter(|_| titles.len() > 2) {
            return Some((head, layout, at + 1));
        }
    }
    let mut stated = Vec::new();
    let mut body = at;
    for (next, line) in lines.iter().enumerate().skip(at).filter(|(_, line)| !line.trim().is_empty()) {
        let is_title = line.chars().count() <= MAX_TITLE && Head::is_title(line.trim());
        if !is_title || stated.len() == MAX_COLUMNS {
            break;
        }
        stated.push(line.trim().to_owned());
        body = next + 1;
    }
    // The heading "Error codes" above a head could be a title of it.
    let is_heading = stated.len() > 3 && Head::of_titles(&stated[1..]).is_some();
    let head = Head::of_titles(&stated).filter(|_| stated.len() > 2 && !line.is_empty() && !is_heading)?;
    Some((head, Layout::Lines, body))
}

/// The columns of rows whose head is missing: name, type and, for parameters, a mark.
fn untitled(lines: &[&str], at: usize, section: Section) -> Option<(Head, Layout, usize)> {
    let titles: &[&str] = match section {
        Section::Request => &["Name", "Type", "Required", "Description"],
        Section::Response => &["Name", "Type", "Description"],
        _ => return None,
    };
    let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
    let head = Head::of_titles(&titles)?;
    for layout in [Layout::Tabs, Layout::Blanks] {
        let reader = Reader { lines, head: &head, layout, is_strict: true };
        if reader.row(at).is_some() {
            return Some((head, layout, at));
        }
    }
    None
}

/// Whether the members end before a line.
pub(super) fn is_end(lines: &[&str], at: usize) -> bool {
    let line = lines[at];
    heading(line).is_some() || fence(line).is_some() || line.trim_start().starts_with("|-") || starts_head(lines, at)
}

fn cells_of(line: &str, layout: Layout) -> Vec<&str> {
    match layout {
        Layout::Tabs => line.split('\t').map(str::trim).collect(),
        Layout::Lines => vec![line.trim()],
        Layout::Blanks => line.split_whitespace().collect(),
    }
}

struct Reader<'a> {
    lines: &'a [&'a str],
    head: &'a Head,
    layout: Layout,
    /// Whether types have to begin with a capital, since nothing else tells a row from a sentence.
    is_strict: bool,
}

/// The first cells of a row, and where the rest begins.
struct Start<'a> {
    cells: Vec<&'a str>,
    /// The rest of the last line.
    rest: Vec<&'a str>,
    next: usize,
}

impl<'a> Reader<'a> {
    fn rows(&self, body: usize, flaws: &mut Vec<(usize, String)>) -> Vec<TableRow> {
        let mut rows: Vec<TableRow> = Vec::new();
        let mut at = body;
        while at < self.lines.len() {
            let Some(start) = self.row(at) else {
                at += 1;
                continue;
            };
            let next = (start.next..self.lines.len()).find(|next| self.row(*next).is_some());
            let next = next.unwrap_or(self.lines.len());
            let mut text: Vec<&str> = start.rest.clone();
            text.extend(self.lines[start.next..next].iter().map(|line| line.trim()).filter(|line| !line.is_empty()));
            self.note_rows_without_marks(start.next..next, flaws);
            rows.push(TableRow { line: at + 1, cells: self.cells(&start, &text) });
            at = next;
        }
        rows
    }

    /// Notes names and types on lines of their own that no mark follows: their rows would be part of a description.
    fn note_rows_without_marks(&self, lines: Range<usize>, flaws: &mut Vec<(usize, String)>) {
        if self.layout != Layout::Lines || self.leading() != [Column::Name, Column::Type, Column::Required] {
            return;
        }
        let stated: Vec<usize> = lines.filter(|at| !self.lines[*at].trim().is_empty()).collect();
        for pair in stated.windows(2) {
            let (name, kind) = (self.lines[pair[0]].trim(), self.lines[pair[1]].trim());
            if is_member(name) && is_type(kind, true) {
                flaws.push((
                    pair[0] + 1,
                    format!("`{name}` has the type `{kind}`, but no mark follows; it is left out"),
                ));
            }
        }
    }

    /// The columns before the first one that can be empty or have several lines.
    fn leading(&self) -> &[Column] {
        let columns = self.head.columns();
        let is_text = |column: &Column| matches!(column, Column::Example | Column::Description | Column::Message);
        &columns[..columns.iter().position(is_text).unwrap_or(columns.len())]
    }

    /// The row that starts at a line.
    fn row(&self, at: usize) -> Option<Start<'a>> {
        let leading = self.leading();
        let line = self.lines[at];
        if line.trim().is_empty() {
            return None;
        }
        let mut cells: Vec<&str> = Vec::new();
        let mut rest = Vec::new();
        let mut next = at + 1;
        match self.layout {
            Layout::Tabs => {
                let all = cells_of(line, self.layout);
                cells.extend(all.iter().take(leading.len()));
                rest.extend(all.iter().skip(leading.len()));
            }
            Layout::Blanks => {
                let words = cells_of(line, self.layout);
                let mut used = 0;
                for column in leading {
                    // `Array of Widget`, and types of two words.
                    let length = match column {
                        Column::Type => (1..=3).rev().find(|length| {
                            words
                                .get(used..used + length)
                                .is_some_and(|words| is_type(&words.join(" "), self.is_strict))
                        })?,
                        _ => 1,
                    };
                    let (first, last) = (words.get(used)?, words.get(used + length - 1)?);
                    cells.push(between(line, first, last));
                    used += length;
                }
                rest.extend(words.get(used).map(|word| between(line, word, words[words.len() - 1])));
            }
            Layout::Lines => {
                let mut following = self.lines.iter().enumerate().skip(at).filter(|(_, line)| !line.trim().is_empty());
                for _ in leading {
                    let (line, text) = following.next()?;
                    cells.push(text.trim());
                    next = line + 1;
                }
            }
        }
        let fits = leading.iter().zip(&cells).all(|(column, cell)| self.fits(*column, cell));
        // A line with all tabs is a row, even if a cell is empty or unknown.
        let is_whole = self.layout == Layout::Tabs
            && cells.len() + rest.len() >= self.head.columns().len()
            && leading
                .iter()
                .zip(&cells)
                .all(|(column, cell)| *column != Column::Name || cell.is_empty() || is_member(cell));
        ((fits || is_whole) && cells.len() == leading.len()).then_some(Start { cells, rest, next })
    }

    /// Whether a cell can be in a column.
    fn fits(&self, column: Column, cell: &str) -> bool {
        match column {
            Column::Name => is_member(cell),
            // Between a name and a mark, any word is a type.
            Column::Type => {
                let is_word = !cell.is_empty() && !cell.contains(' ') && self.leading().contains(&Column::Required);
                is_type(cell, self.is_strict) || is_word && !self.is_strict
            }
            Column::Required => cell.chars().count() <= MAX_TITLE && required(cell).is_some(),
            Column::Status => cell.len() <= 4 && cell.len() > 2 && cell.bytes().all(|byte| byte.is_ascii_digit()),
            Column::Code => cell.starts_with(|c: char| c.is_ascii_alphabetic()) && !cell.contains(' '),
            _ => true,
        }
    }

    /// The cells of a row in the order of its columns.
    fn cells(&self, start: &Start<'_>, text: &[&str]) -> Vec<String> {
        let columns = self.head.columns();
        let mut cells: Vec<String> = start.cells.iter().map(|cell| (*cell).to_owned()).collect();
        let left = columns.len() - cells.len();
        let is_whole = match self.layout {
            Layout::Tabs => start.rest.len() == left && text.len() == left,
            // A cell that is empty leaves no trace, and an example is one word.
            Layout::Lines => {
                text.len() == left && left == 2 && {
                    let example = columns.iter().skip(cells.len()).position(|column| *column == Column::Example);
                    example.is_some_and(|at| !text[at].contains(' '))
                }
            }
            Layout::Blanks => false,
        };
        if is_whole {
            cells.extend(text.iter().map(|cell| (*cell).to_owned()));
            return cells;
        }
        let mut text = Some(text.join("\n"));
        cells.extend(columns.iter().skip(start.cells.len()).map(|column| match column {
            Column::Description | Column::Message => text.take().unwrap_or_default(),
            _ => String::new(),
        }));
        cells
    }
}

/// The text from one word of a line to the end of another.
fn between<'a>(line: &'a str, first: &str, last: &str) -> &'a str {
    let offset = |word: &str| word.as_ptr() as usize - line.as_ptr() as usize;
    line.get(offset(first)..offset(last) + last.len()).unwrap_or_default()
}

/// Whether a cell is the name of a member, and no word that begins a sentence.
fn is_member(cell: &str) -> bool {
    !["The", "This", "These", "A", "An", "Note"].contains(&cell) && !cell.contains(' ') && Name::read(cell).is_some()
}

/// Whether a cell is a type that needs no description.
pub(super) fn is_type(cell: &str, is_strict: bool) -> bool {
    let kind = Kind::read(cell);
    let is_known = |kind: &Kind| !matches!(kind, Kind::Unset | Kind::Named(_));
    let mut words = cell.split_whitespace();
    let first = words.next().unwrap_or_default();
    let is_list = ["array", "list"].contains(&first.to_lowercase().as_str());
    let fits = match words.count() {
        0 => is_known(&kind),
        1 => is_known(&kind) && is_known(&Kind::read(first)),
        2 => is_list && matches!(kind, Kind::List(Some(_))),
        _ => false,
    };
    let is_capital = cell.starts_with(|c: char| c.is_ascii_uppercase() || !c.is_ascii());
    fits && !is_placeholder(cell) && (is_capital || !is_strict)
}
