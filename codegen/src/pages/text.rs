//! Reads pages whose tables were flattened to text: the cells of a row are glued together, as in `RegionIdstringYes`, and
//! its description and example follow on lines of their own.

use super::cell::{Kind, Name, is_index, required};
use super::cells::TableRow;
use super::document::{Place, Table, unread};
use super::doubt;
use super::head::{Head, Section, states_members};
use super::heading::heading;
use super::loose;
use super::nesting::{self, Context, Node, Row};
use super::notes::Notes;
use super::sample::Shape;

/// Spellings of types, the longer of two with the same end first.
const TYPES: [&str; 14] = [
    "array<object>",
    "array<string>",
    "array<integer>",
    "array<long>",
    "object",
    "string",
    "integer",
    "boolean",
    "double",
    "number",
    "array",
    "float",
    "long",
    "any",
];

/// Words with which error messages begin, behind a code.
const FIRST_WORDS: [&str; 24] = [
    "The",
    "This",
    "These",
    "There",
    "Your",
    "You",
    "A",
    "An",
    "An",
    "Invalid",
    "Specified",
    "No",
    "Not",
    "Some",
    "Only",
    "Current",
    "Please",
    "Sales",
    "User",
    "Request",
    "Cannot",
    "It",
    "All",
    "Operation",
];

/// The parts of a flattened page.
pub(super) struct Text {
    pub(super) title: String,
    pub(super) request: Vec<Row>,
    pub(super) response: Vec<Row>,
    pub(super) errors: Option<Table>,
    /// With their lines.
    pub(super) samples: Vec<(usize, String)>,
    pub(super) sections: Vec<Section>,
}

impl Text {
    /// Whether its cells are glued, so that rows were found.
    pub(super) fn has_rows(&self) -> bool {
        !self.request.is_empty() || !self.response.is_empty()
    }

    /// Reads a page.
    pub(super) fn read(text: &str, notes: &mut Notes) -> Text {
        let lines: Vec<&str> = text.lines().collect();
        let mut page = Text {
            title: title(&lines),
            request: Vec::new(),
            response: Vec::new(),
            errors: None,
            samples: Vec::new(),
            sections: Vec::new(),
        };
        let starts: Vec<(usize, Section)> =
            lines.iter().enumerate().filter_map(|(at, line)| Some((at, section(line)?))).collect();
        for (index, (start, section)) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(lines.len(), |(end, _)| *end);
            let part = Part { lines: &lines, start: start + 1, end };
            if !page.sections.contains(section) {
                page.sections.push(*section);
            }
            let (had_rows, had_errors) = (page.request.len() + page.response.len(), page.errors.is_some());
            match section {
                Section::Request => page.request.extend(part.rows(true)),
                Section::Response => page.response.extend(part.rows(false)),
                Section::Errors => page.errors = page.errors.take().or(Some(part.errors(notes))),
                Section::Samples => page.samples.extend(part.sample()),
                _ => {}
            }
            let is_read = match section {
                Section::Errors => had_errors || page.errors.as_ref().is_some_and(|table| !table.rows.is_empty()),
                _ => page.request.len() + page.response.len() > had_rows,
            };
            if section.has_table() && !is_read && part.has_text() {
                notes.undecided(start + 1, unread(lines[*start].trim()));
            }
        }
        page.request = dotted(&page.request, text, notes);
        page
    }
}

/// The page, with `#` before its title and the headings of its sections.
pub(super) fn with_headings(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let title = title_line(&lines).or_else(|| lines.iter().position(|line| !line.trim().is_empty()));
    let mut out = String::with_capacity(text.len() + 64);
    let mut head_end = 0;
    for (at, line) in lines.iter().enumerate() {
        // "Example" can be the title of a column.
        if at >= head_end && loose::starts_head(&lines, at) {
            head_end = loose::head_end(&lines, at);
        }
        let mark = match section(line) {
            _ if Some(at) == title && heading(line).is_none() => "# ",
            Some(_) if at >= head_end => "## ",
            _ => "",
        };
        out.push_str(mark);
        out.push_str(if mark.is_empty() { line } else { line.trim_matches('*') });
        out.push('\n');
    }
    out
}

/// The name in a title such as `Elastic Compute Service:DescribeInstances`.
fn title(lines: &[&str]) -> String {
    title_line(lines).map_or(String::new(), |at| last_part(lines[at]).to_owned())
}

fn last_part(line: &str) -> &str {
    line.rsplit([':', '：']).next().unwrap_or(line).trim().trim_matches('*')
}

/// The first of the first lines that is the name of an operation.
fn title_line(lines: &[&str]) -> Option<usize> {
    let mut names = lines.iter().take(20).map(|line| last_part(line));
    let is_name = |name: &&str| {
        let mut chars = name.chars();
        chars.next().is_some_and(|c| c.is_ascii_uppercase())
            && chars.clone().all(|c| c.is_ascii_alphanumeric())
            && chars.any(|c| c.is_ascii_uppercase())
    };
    names.position(|name| is_name(&name))
}

/// The section that a line opens as its heading.
fn section(line: &str) -> Option<Section> {
    let line = line.trim_end().trim_matches('*');
    let is_heading = !line.is_empty()
        && heading(line).is_none()
        && line.chars().count() <= 30
        && !line.starts_with(char::is_whitespace);
    if !is_heading || line.contains(['.', ':', '：', '。', '{', '"', '=']) {
        return None;
    }
    if ["Change history", "变更历史", "Change timeSummary"].iter().any(|end| line.starts_with(end)) {
        return Some(Section::Other);
    }
    // The heads of tables are glued too: `HTTP status codeError code…`.
    let is_glued = line.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    Some(Section::of(line)).filter(|section| *section != Section::Other && !is_glued)
}

/// The lines of a section.
struct Part<'t> {
    lines: &'t [&'t str],
    start: usize,
    end: usize,
}

impl Part<'_> {
    /// Whether the section states more than that it has nothing of its own. A type without a name is that of the response.
    fn has_text(&self) -> bool {
        let mut lines = self.lines[self.start..self.end].iter().filter(|line| !line.trim().is_empty());
        lines.any(|line| states_members(line) && glued(line.trim(), false).is_none_or(|glued| !glued.name.is_empty()))
    }

    /// The rows of its table.
    fn rows(&self, has_required: bool) -> Vec<Row> {
        let part = &self.lines[self.start..self.end];
        let mut starts = Vec::new();
        for (at, line) in part.iter().enumerate() {
            let next = part.get(at + 1).map_or("", |next| next.trim());
            let is_followed = next.is_empty()
                || next.starts_with("Note")
                || next.starts_with("说明")
                || glued(next, has_required).is_some();
            if let Some(row) = glued(line.trim(), has_required).filter(|_| is_followed) {
                starts.push((at, row));
            }
        }
        let ends: Vec<usize> = starts.iter().skip(1).map(|(at, _)| *at).chain([part.len()]).collect();
        let mut rows: Vec<Row> = Vec::new();
        for ((at, glued), end) in starts.into_iter().zip(ends) {
            let (description, example) = details(&part[at + 1..end]);
            if glued.name.is_empty() {
                // The element of the list before it.
                let list = rows.last_mut().filter(|list| list.kind == Kind::List(None));
                if let Some(list) = list {
                    list.kind = Kind::List(Some(Box::new(glued.kind)));
                    if list.example.is_empty() {
                        list.example = example;
                    }
                }
                continue;
            }
            let line = self.start + at + 1;
            let (name, kind, required) = (glued.name, glued.kind, glued.required);
            rows.push(Row { line, name, kind, required, description, example, ..Row::default() });
        }
        rows
    }

    /// The rows of a table of errors: `400InvalidTagCountThe specified …`.
    fn errors(&self, notes: &mut Notes) -> Table {
        let mut rows = Vec::new();
        for at in self.start..self.end {
            let line = self.lines[at].trim();
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            let (status, rest) = line.split_at(digits);
            if !(3..=4).contains(&digits) || !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let (code, is_certain) = code(rest);
            if !is_certain {
                notes.undecided(
                    at + 1,
                    format!("error code taken as `{code}`; the page does not separate it from the message"),
                );
            }
            rows.push(TableRow { line: at + 1, cells: vec![status.to_owned(), code] });
        }
        let head = Head::of(&["HTTP status code".to_owned(), "Error code".to_owned()]);
        Table { place: Place { section: Section::Errors, ..Place::default() }, line: self.start + 1, head, rows }
    }

    /// The JSON of its samples.
    fn sample(&self) -> Option<(usize, String)> {
        let part = &self.lines[self.start..self.end];
        let start = part.iter().position(|line| line.starts_with(['{', '<']))?;
        Some((self.start + start + 1, part[start..].join("\n")))
    }
}

/// Cells that are glued together.
#[derive(Debug, PartialEq)]
struct Glued {
    name: String,
    kind: Kind,
    required: bool,
}

fn glued(line: &str, has_required: bool) -> Option<Glued> {
    let marks = ["Yes", "No", "是", "否", "required", "optional"];
    let (rest, mark) = marks.iter().find_map(|mark| Some((line.strip_suffix(mark)?, *mark))).unwrap_or((line, ""));
    if has_required && mark.is_empty() {
        return None;
    }
    let rest = if has_required { rest } else { line };
    let (bare, is_list) = rest.strip_suffix("[]").map_or((rest, false), |bare| (bare.trim_end(), true));
    let (name, word) = TYPES.iter().find_map(|word| Some((bare.strip_suffix(word)?, *word)))?;
    let is_name = name.is_empty() || Name::read(name).is_some_and(|read| read.text == name);
    let kind = match (word.strip_prefix("array<"), is_list) {
        (Some(element), _) => Kind::List(Some(Box::new(Kind::read(element.trim_end_matches('>'))))),
        (None, true) => Kind::List(Some(Box::new(Kind::read(word)))),
        (None, false) => Kind::read(word),
    };
    let required = required(mark).unwrap_or(false);
    is_name.then(|| Glued { name: name.to_owned(), kind, required })
}

/// Description and example below a row. The example is the last line, apart from the description.
fn details(lines: &[&str]) -> (String, String) {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    let Some(last) = lines.iter().rposition(|line| !line.is_empty()) else { return Default::default() };
    let before = last.checked_sub(1).map_or("", |before| lines[before]);
    let has_text = lines[..last].iter().any(|line| !line.is_empty());
    let is_apart = before.is_empty() || before.trim_start().starts_with('•') || before.starts_with("Note");
    let end = if has_text && is_apart && !lines[last].starts_with(' ') { last } else { last + 1 };
    let description = lines[..end].iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let example = lines.get(end).filter(|_| end == last).map_or(String::new(), |line| (*line).to_owned());
    (description.collect::<Vec<_>>().join("\n"), example)
}

/// The code at the start of a line on which the message follows without a separator, and whether it is certain.
fn code(line: &str) -> (String, bool) {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).unwrap_or(line.len());
    let glued = &line[..end];
    if line[end..].starts_with('%') {
        return (glued.to_owned(), true);
    }
    let starts = glued.char_indices().skip(1).filter(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| at);
    let starts: Vec<usize> = starts.collect();
    let known = starts.iter().rev().find(|start| FIRST_WORDS.contains(&&glued[**start..]));
    match known.or(starts.last()) {
        Some(start) => {
            let code = glued[..*start].trim_end_matches(['.', '-']);
            (code.to_owned(), known.is_some() && !code.is_empty())
        }
        None => (glued.to_owned(), false),
    }
}

/// The parameters with dotted names. Text does not show where the members of a struct end; other parts of the page name
/// some of them with dots.
pub(super) fn dotted(rows: &[Row], text: &str, notes: &mut Notes) -> Vec<Row> {
    let mut sample = Shape::default();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').filter(|word| word.contains('.')) {
        let mut shape = &mut sample;
        let parts: Vec<&str> = word.trim_matches('.').split('.').collect();
        let is_parameter = parts.len() > 1 && rows.iter().any(|row| parts.first() == Some(&row.name.as_str()));
        for part in parts.into_iter().filter(|part| is_parameter && !is_index(part) && !part.is_empty()) {
            shape = shape.members.entry(part.to_owned()).or_default();
        }
    }
    let context = Context { sample: &sample, is_partial: true, is_sorted: false, is_described: &|_| false };
    let (nodes, doubts) = nesting::nest(rows, &context);
    doubt::report(doubts, &nodes, &context, "the request", notes);
    let mut flat = Vec::new();
    for node in nodes {
        flatten(node, "", &mut flat);
    }
    flat
}

fn flatten(node: Node, prefix: &str, flat: &mut Vec<Row>) {
    let Node { mut row, children } = node;
    row.name = format!("{prefix}{}", row.name);
    let index = if matches!(row.kind, Kind::List(_)) { ".N" } else { "" };
    let prefix = format!("{}{index}.", row.name);
    flat.push(row);
    for child in children {
        flatten(child, &prefix, flat);
    }
}
