//! Members, or error codes, that have a title each: a heading, or a line in bold. Lines below it, such as `Type: String` and
//! `- Required: Yes`, state their facts.

use super::cell::{Kind, Name};
use super::cells::TableRow;
use super::head::{Column, Head, Section};
use super::heading::{fence, heading};
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
}

/// The members of a section whose first title is at a line, and the line after the titles that were looked at.
pub(super) fn read(lines: &[&str], at: usize, section: Section) -> (Option<Loose>, usize) {
    let first = lines.get(at).and_then(|line| title(line)).filter(|_| section.has_table());
    let Some((top, _)) = first else { return (None, at) };
    let mut members = Vec::new();
    let mut end = at;
    while let Some((level, name)) = lines.get(end).and_then(|line| title(line)) {
        let next = next(lines, end, top);
        // Within a run of headings, a line in bold is part of a description.
        let is_title = level >= top && (top == BOLD || level < BOLD);
        let name = name_of(name, section).filter(|_| is_title);
        let Some(member) = name.and_then(|name| member(&lines[end..next], end, level, name)) else { break };
        members.push(member);
        end = next;
    }
    if members.iter().all(|member| member.main(section).is_empty()) {
        return (None, end);
    }
    let mut flaws = Vec::new();
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
    let bold = || line.trim().strip_prefix("**")?.strip_suffix("**").filter(|text| !text.contains('*'));
    heading(line).or_else(|| Some((BOLD, bold()?.trim())))
}

/// The line of the next title, apart from samples.
fn next(lines: &[&str], start: usize, top: usize) -> usize {
    let mut is_code = false;
    let is_title = |at: &usize| {
        is_code ^= fence(lines[*at]).is_some();
        !is_code && title(lines[*at]).is_some_and(|(level, _)| top == BOLD || level < BOLD)
    };
    (start + 1..lines.len()).find(is_title).unwrap_or(lines.len())
}

fn name_of(title: &str, section: Section) -> Option<String> {
    if title.contains(char::is_whitespace) {
        return None;
    }
    match section {
        Section::Errors => Some(title.to_owned()).filter(|code| code.starts_with(|c: char| c.is_ascii_alphabetic())),
        _ => Name::read(title).map(|name| name.text),
    }
}

/// The member whose title is the first of the lines. A title above a table is the caption of that.
fn member(lines: &[&str], at: usize, level: usize, name: String) -> Option<Member> {
    let mut member = Member { line: at + 1, level, name, facts: Default::default(), description: Vec::new() };
    for line in lines[1..].iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
        if line.starts_with('|') {
            return None;
        }
        let (column, value) = fact(line).unwrap_or((Column::Other, line));
        let stated = COLUMNS.iter().position(|known| *known == column).map(|at| &mut member.facts[at]);
        match stated.filter(|stated| stated.is_empty()) {
            Some(stated) => value.clone_into(stated),
            None => member.description.push(value.to_owned()),
        }
    }
    Some(member)
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
