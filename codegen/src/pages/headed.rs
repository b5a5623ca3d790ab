//! Members, or error codes, that have a title each: a heading, or a line in bold. Lines below it, such as `Type: String` and
//! `- Required: Yes`, state their facts.

use super::cell::{Kind, Name, without_tags};
use super::cells::{TableRow, cells, columns};
use super::head::{Column, Head, Section};
use super::heading::{Fences, heading, is_compound};
use super::loose::Loose;

/// The level of titles in bold, below that of all headings.
const BOLD: usize = 7;

/// Columns of the facts that lines can state.
const COLUMNS: [Column; 4] = [Column::Type, Column::Required, Column::Example, Column::Status];

/// A member, or an error code.
struct Member {
    line: usize,
    level: usize,
    name: String,
    /// The cells for [`COLUMNS`].
    facts: [String; 4],
    description: Vec<String>,
}

impl Member {
    /// The fact that makes it a member: its type, or the status of an error.
    fn main(&self, section: Section) -> &str {
        &self.facts[if section == Section::Errors { 3 } else { 0 }]
    }

    /// Whether facts show that it is a member: an example alone does not.
    fn has_facts(&self) -> bool {
        [0, 1, 3].into_iter().any(|at| !self.facts[at].is_empty())
    }
}

/// The members of a section whose first title is at a line, and the line after the titles that were looked at.
pub(super) fn read(lines: &[&str], at: usize, section: Section) -> (Option<Loose>, usize) {
    let first = lines.get(at).and_then(|line| title(line)).filter(|_| section.has_table());
    let Some((top, _)) = first else { return (None, at) };
    let (mut members, mut flaws) = (Vec::new(), Vec::new());
    let mut end = at;
    while let Some((level, name)) = lines.get(end).and_then(|line| title(line)) {
        let next = next(lines, end, top);
        // Within a run of headings, a line in bold is part of a description.
        if level < top || top < BOLD && level == BOLD {
            break;
        }
        let Some((member, after)) = member(&lines[end..next], end, level, name, section) else { break };
        let is_stated = !member.main(section).is_empty();
        let known = name_of(name, section);
        // The heading of another section, such as "Examples", and not a member such as `ExampleId`.
        if Section::of(name) != Section::Other && !(is_stated && known.as_deref().is_some_and(is_compound)) {
            break;
        }
        match known {
            Some(name) => members.push(Member { name, ..member }),
            None if is_stated => {
                let shown = name.replace('`', "");
                flaws.push((member.line, format!("the title `{shown}` is not the name of a member; it is left out")));
            }
            None => break,
        }
        end += after;
        if end < next {
            break;
        }
    }
    if flaws.is_empty() && !members.iter().any(Member::has_facts) {
        return (None, end);
    }
    for member in members.iter().filter(|member| member.main(section).is_empty()) {
        let fact = if section == Section::Errors { "status" } else { "type" };
        flaws.push((member.line, format!("no {fact} of `{}` is stated below its title; it is left out", member.name)));
    }
    let titles: &[&str] = match section {
        Section::Errors => &["Error code", "HTTP status code"],
        Section::Request => &["Name", "Type", "Example", "Description", "Required"],
        _ => &["Name", "Type", "Example", "Description"],
    };
    let head = Head::of(&titles.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>());
    let rows = members.into_iter().filter(|member| !member.main(section).is_empty()).map(|member| {
        let Member { line, level, name, facts: [kind, mark, example, status], description } = member;
        let name = "└".repeat(level - top) + &name;
        let cells = match section {
            Section::Errors => vec![name, status],
            _ => vec![name, kind, example, description.join("\n"), mark],
        };
        TableRow { line, cells }
    });
    (Some(Loose { head, rows: rows.collect(), end, flaws }), end)
}

/// Level and text of a title.
fn title(line: &str) -> Option<(usize, &str)> {
    let bold = || {
        line.trim()
            .trim_end_matches([':', '：'])
            .strip_prefix("**")?
            .strip_suffix("**")
            .filter(|text| !text.contains('*'))
    };
    heading(line).or_else(|| Some((BOLD, bold()?.trim())))
}

/// The line of the next title, apart from samples.
fn next(lines: &[&str], start: usize, top: usize) -> usize {
    let mut fences = Fences::default();
    let is_title = |at: &usize| {
        !fences.include(lines[*at]) && title(lines[*at]).is_some_and(|(level, _)| top == BOLD || level < BOLD)
    };
    (start + 1..lines.len()).find(is_title).unwrap_or(lines.len())
}

fn name_of(title: &str, section: Section) -> Option<String> {
    let is_code =
        |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.contains(char::is_whitespace);
    match section {
        Section::Errors => Some(title.to_owned()).filter(|code| is_code(code)),
        _ => Name::read(title).map(|name| name.text),
    }
}

/// The member whose title is the first of the lines, and the number of its lines. A table of members ends it. A title above a
/// table without a type between them is the caption of that.
fn member(lines: &[&str], at: usize, level: usize, name: &str, section: Section) -> Option<(Member, usize)> {
    let name = name.to_owned();
    let mut member = Member { line: at + 1, level, name, facts: Default::default(), description: Vec::new() };
    let mut fences = Fences::default();
    for (offset, line) in lines.iter().enumerate().skip(1) {
        let is_code = fences.include(line);
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if is_code {
            member.description.push(line.to_owned());
            continue;
        }
        if line.starts_with('|') {
            if member.main(section).is_empty() {
                return None;
            }
            if is_head_of_members(line) {
                return Some((member, offset));
            }
        }
        let line = without_tags(line);
        let (column, value) = fact(&line).unwrap_or((Column::Other, &line));
        let stated = COLUMNS.iter().position(|known| *known == column).map(|at| &mut member.facts[at]);
        match stated.filter(|stated| stated.is_empty()) {
            Some(stated) => value.clone_into(stated),
            None => member.description.push(value.to_owned()),
        }
    }
    Some((member, lines.len()))
}

/// Whether a line has the titles of a table of members, and not of values.
fn is_head_of_members(line: &str) -> bool {
    let titles = columns(line).and_then(|columns| cells(line, columns));
    titles.is_some_and(|titles| {
        let head = Head::of(&titles);
        head.has(Column::Name) && head.has(Column::Type)
    })
}

/// The column and the value that a line such as `- **Type**: String` states.
fn fact(line: &str) -> Option<(Column, &str)> {
    let line = line.trim_start_matches(['-', '*', '+', '•', ' ']);
    let (title, value) = line.split_once([':', '：'])?;
    let column = Head::of(&[title.to_owned()]).columns().first().copied()?;
    let value = value.trim_matches(|c: char| c.is_whitespace() || "*`".contains(c));
    let fits = match column {
        Column::Type => Kind::read(value) != Kind::Unset && value.chars().count() <= MAX_TYPE || value.contains("]("),
        Column::Status => value.starts_with(|c: char| c.is_ascii_digit()),
        Column::Other => false,
        _ => !value.is_empty(),
    };
    fits.then_some((column, value))
}

/// Characters of the longest type that is not a link.
const MAX_TYPE: usize = 40;
