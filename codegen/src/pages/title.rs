//! The operation that a page is about. Its title can be a description, such as "Create a widget", or a misspelt name; the row
//! of the parameter `Action` states what is sent.

use super::document::Table;
use super::head::{Column, Section};
use super::heading::{Fences, heading, is_compound, is_name, words};
use super::html::starts_table;

/// The name of a page's operation.
pub(super) struct Title {
    pub(super) name: String,
    /// Line and name of the row that states another name than the title.
    pub(super) other: Option<(usize, String)>,
}

impl Title {
    /// The name that the row of `Action` states, or else that of the title, of the sample request, or of the file.
    pub(super) fn of(heading: &str, file: &str, tables: &[Table], sample: Option<&str>) -> Option<Title> {
        let heading = heading.rsplit([':', '：']).next().unwrap_or_default().trim();
        let has_members = tables.iter().any(|table| table.place.section.has_table() && table.head.has(Column::Type));
        // "Signatures" is a topic, unless the page has members.
        let titled = Some(heading).filter(|name| is_compound(name) || has_members && is_name(name));
        if let Some((line, action)) = tables.iter().find_map(action) {
            let other = titled.filter(|titled| *titled != action).map(|titled| (line, titled.to_owned()));
            return Some(Title { name: action, other });
        }
        let sent = sample.filter(|name| is_name(name));
        let named = titled
            .or(sent)
            .or_else(|| last_name(heading))
            .or_else(|| Some(file).filter(|name| is_compound(name) || has_members && is_name(name)));
        named.map(|name| Title { name: name.to_owned(), other: None })
    }
}

/// Line and value of the row of `Action`: its example, or the only name in its description.
fn action(table: &Table) -> Option<(usize, String)> {
    if table.place.section != Section::Request {
        return None;
    }
    let row = table.rows.iter().find(|row| table.head.cell(&row.cells, Column::Name).trim() == "Action")?;
    let cell = |column| table.head.cell(&row.cells, column);
    let example = Some(cell(Column::Example).trim()).filter(|example| is_compound(example));
    let stated = || {
        let mut names = words(cell(Column::Description)).filter(|word| is_compound(word));
        let first = names.next()?;
        names.all(|name| name == first).then_some(first)
    };
    Some((row.line, example.or_else(stated)?.to_owned()))
}

/// The name at the end of a title: `查询实例DescribeWidgets`.
fn last_name(title: &str) -> Option<&str> {
    words(title).next_back().filter(|name| title.ends_with(name) && is_compound(name))
}

/// A file, as one page for each operation that it is about.
pub(super) struct Parts {
    pub(super) pages: Vec<String>,
    /// Line and name of headings that are beside those of operations, but have neither sections nor a table.
    pub(super) unread: Vec<(usize, String)>,
}

/// The page as several ones if it is about several operations, each with empty lines in the place of the others, and with its
/// name at the first level. A heading begins an operation if it is a name, and headings of sections are below it.
pub(super) fn split(text: &str) -> Parts {
    let lines: Vec<&str> = text.lines().collect();
    let mut names: Vec<(usize, usize, &str)> = Vec::new();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    let mut candidate: Option<(usize, usize)> = None;
    let all: Vec<(usize, usize, &str)> = headings(&lines).collect();
    for &(at, level, title) in &all {
        let name = title.rsplit([':', '：']).next().unwrap_or_default().trim();
        if is_compound(name) {
            candidate = Some((at, level));
            names.push((at, level, name));
        } else if let Some((start, outer)) = candidate
            && level > outer
            && matches!(Section::of(title), Section::Request | Section::Response)
        {
            starts.push((start, outer));
            candidate = None;
        }
    }
    // Names at a lower level are those of types.
    let level = starts.iter().map(|(_, level)| *level).min().unwrap_or(1);
    starts.retain(|(_, of)| *of == level);
    let mut starts: Vec<usize> = starts.into_iter().map(|(start, _)| start).collect();
    // The heading of a type has a table below it.
    let has_table = |at: usize| {
        let inner = &all[all.partition_point(|(heading, ..)| *heading <= at)..];
        let end = inner.iter().find(|(_, of, _)| *of <= level).map_or(lines.len(), |(end, ..)| *end);
        lines[at..end].iter().any(|line| line.trim_start().starts_with('|') || starts_table(line))
    };
    let mut unread: Vec<(usize, &str)> = Vec::new();
    if !starts.is_empty() {
        let beside = names.into_iter().filter(|(at, of, _)| *of == level && starts.binary_search(at).is_err());
        unread.extend(beside.filter(|(at, ..)| !has_table(*at)).map(|(at, _, name)| (at, name)));
    }
    if starts.len() + unread.len() < 2 {
        return Parts { pages: vec![text.to_owned()], unread: Vec::new() };
    }
    let mut raised: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    for &(at, of, _) in all.iter().filter(|(_, of, _)| *of >= level) {
        raised[at] = "#".repeat(of - level + 1) + lines[at].trim_start_matches('#');
    }
    let read = starts.clone();
    starts.extend(unread.iter().map(|(at, _)| *at));
    starts.sort_unstable();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let parts = starts.iter().copied().zip(ends).filter(|(start, _)| read.binary_search(start).is_ok());
    let pages = parts.map(|(start, end)| "\n".repeat(start) + &raised[start..end].join("\n")).collect();
    Parts { pages, unread: unread.into_iter().map(|(at, name)| (at + 1, name.to_owned())).collect() }
}

/// Line, level and title of all headings.
fn headings<'t>(lines: &[&'t str]) -> impl Iterator<Item = (usize, usize, &'t str)> {
    let mut fences = Fences::default();
    lines.iter().enumerate().filter_map(move |(at, line)| {
        let is_code = fences.include(line);
        heading(line).filter(|_| !is_code).map(|(level, title)| (at, level, title))
    })
}
