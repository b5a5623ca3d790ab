//! Tables in HTML, of which only rows and cells matter.

use super::entities::entities;
use super::indent;

/// Rows that a cell can span.
const MAX_SPAN: usize = 200;

/// Cells of the longest row that is read.
const MAX_CELLS: usize = 32;

/// A row with the text of its cells.
pub(super) struct Row {
    /// The line on which it starts, counted from 1.
    pub(super) line: usize,
    pub(super) cells: Vec<String>,
    /// Whether one cell spans several columns, and the row has no other: a title of the rows below.
    pub(super) is_title: bool,
}

/// Whether a table starts on the line.
pub(super) fn starts_table(line: &str) -> bool {
    find_tag(&line.to_ascii_lowercase(), "<table").is_some()
}

/// The rows of the table that starts on a line, the first of which has the titles of the columns, and the line after it.
pub(super) fn table(lines: &[&str], start: usize) -> (Vec<Row>, usize) {
    let mut reader = Reader::default();
    for (at, line) in lines.iter().enumerate().skip(start) {
        if reader.line(line, at + 1) {
            return (reader.end(), at + 1);
        }
    }
    (reader.end(), lines.len())
}

#[derive(Default)]
struct Reader {
    rows: Vec<Row>,
    row: Option<Row>,
    cell: Option<String>,
    /// Columns and rows that the open cell spans.
    span: (usize, usize),
    /// Cells of rows above that span the next ones: column, remaining rows, text.
    spanning: Vec<(usize, usize, String)>,
    /// Number of tables around the current place.
    depth: usize,
    is_in_comment: bool,
}

impl Reader {
    /// Reads a line, and returns whether the table ends on it.
    fn line(&mut self, line: &str, number: usize) -> bool {
        let mut rest = line;
        loop {
            if self.is_in_comment {
                let Some((_, after)) = rest.split_once("-->") else { return false };
                (rest, self.is_in_comment) = (after, false);
            }
            let Some((text, tag)) = rest.split_once('<') else { break };
            self.text(text);
            if tag.starts_with("!--") {
                (rest, self.is_in_comment) = (tag, true);
                continue;
            }
            let Some((tag, after)) = tag.split_once('>') else { break };
            rest = after;
            if self.tag(tag, number) {
                return true;
            }
        }
        if !self.is_in_comment {
            self.text(rest.split('<').next().unwrap_or_default());
            self.text("\n");
        }
        false
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = &mut self.cell {
            cell.push_str(text);
        }
    }

    /// Reads a tag without its brackets, and returns whether it ends the table.
    fn tag(&mut self, tag: &str, number: usize) -> bool {
        let lower = tag.to_ascii_lowercase();
        let name = lower.split(|c: char| c.is_whitespace()).next().unwrap_or_default().trim_end_matches('/');
        match (name, self.depth) {
            ("table", _) => self.depth += 1,
            ("/table", 0 | 1) => return true,
            ("/table", _) => self.depth -= 1,
            ("tr", 1) => {
                self.end_row();
                self.row = Some(Row { line: number, cells: Vec::new(), is_title: false });
            }
            ("/tr", 1) => self.end_row(),
            ("td" | "th", 1) => {
                self.end_cell();
                self.span = (attribute(&lower, "colspan"), attribute(&lower, "rowspan"));
                self.row.get_or_insert(Row { line: number, cells: Vec::new(), is_title: false });
                self.cell = Some(String::new());
            }
            ("/td" | "/th", 1) => self.end_cell(),
            ("br" | "p" | "li" | "/li" | "div" | "tr", _) => self.text("\n"),
            _ => {}
        }
        false
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else { return };
        self.fill();
        let (columns, rows) = self.span;
        let Some(row) = &mut self.row else { return };
        let cell = if row.cells.is_empty() { indent::cell(&cell) } else { entities(&cell).trim().to_owned() };
        let (first, rest) = cell.split_once('\n').unwrap_or((&cell, ""));
        let lines: Vec<&str> = rest.lines().map(str::trim).collect();
        let text = format!("{}\n{}", first.trim_end(), lines.join("\n")).trim_end().to_owned();
        row.is_title = row.cells.is_empty() && columns > 1;
        for _ in 0..columns.min(MAX_CELLS.saturating_sub(row.cells.len())) {
            if rows > 1 {
                self.spanning.push((row.cells.len(), rows - 1, text.clone()));
            }
            row.cells.push(text.clone());
        }
    }

    /// Adds the cells of rows above that span the open row, up to the next place without one.
    fn fill(&mut self) {
        let Some(row) = &mut self.row else { return };
        while row.cells.len() < MAX_CELLS
            && let Some(index) = self.spanning.iter().position(|(column, ..)| *column == row.cells.len())
        {
            let (column, rows, text) = self.spanning.remove(index);
            row.cells.push(text.clone());
            if rows > 1 {
                // Taken up again in the next row.
                self.spanning.push((column + MAX_CELLS, rows - 1, text));
            }
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        self.fill();
        for (column, ..) in &mut self.spanning {
            *column %= MAX_CELLS;
        }
        if let Some(row) = self.row.take().filter(|row| !row.cells.is_empty()) {
            self.rows.push(row);
        }
    }

    fn end(mut self) -> Vec<Row> {
        self.end_row();
        self.rows
    }
}

/// The number that an attribute of a tag states.
fn attribute(tag: &str, name: &str) -> usize {
    let value = tag.split_once(&format!("{name}=")).map_or("", |(_, value)| value);
    let digits: String = value.trim_start_matches(['"', '\'']).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1).clamp(1, MAX_SPAN)
}

/// The position of a tag's start, apart from tags whose name only begins so.
fn find_tag(line: &str, tag: &str) -> Option<usize> {
    let at = line.find(tag)?;
    let next = line.get(at + tag.len()..)?.chars().next();
    next.is_none_or(|next| next == '>' || next.is_whitespace()).then_some(at)
}
