//! One page: an operation, or a type that operations use.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::cell::{Kind, Name, Scalar, is_placeholder, link, required};
use super::cells::TableRow;
use super::document::{Document, Table};
use super::head::{Column, Section};
use super::heading::has_sections;
use super::indent;
use super::nesting::{self, Row};
use super::notes::{Note, Notes};
use super::owner::Owners;
use super::response::Described;
use super::sample::Shape;
use super::text::{self, Text};
use super::title::Title;
use crate::import::singular;

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) path: PathBuf,
    /// Name of the operation or type.
    pub(super) name: String,
    pub(super) is_operation: bool,
    pub(super) request: Vec<Row>,
    pub(super) response: Vec<Row>,
    pub(super) errors: Vec<Table>,
    /// Types of the response with tables of their own on this page, or the type that the page is about.
    pub(super) types: IndexMap<String, Described>,
    /// Types of parameters with tables of their own.
    pub(super) request_types: IndexMap<String, Described>,
    /// The shape of the response in the samples.
    pub(super) sample: Shape,
    /// The line of the first sample of a response.
    pub(super) sample_line: usize,
    /// Parameters of the sample request.
    pub(super) request_sample: IndexMap<String, String>,
    /// Targets of links, by the name of the type.
    pub(super) links: IndexMap<String, String>,
    pub(super) is_sorted: bool,
    /// Whether its tables have examples, as those of newer pages do.
    pub(super) has_examples: bool,
    pub(super) notes: Notes,
    /// The text.
    pub(super) text: String,
}

impl Page {
    /// Reads a page. Returns the reason, or nothing, for a page about something else than an operation or a type.
    pub(super) fn read(path: &Path, text: String) -> Result<Page, Vec<Note>> {
        let mut notes = Notes::new(&path.display().to_string());
        let mut glued = Notes::new(&notes.path);
        let page = match (!has_sections(&text)).then(|| Text::read(&text, &mut glued)) {
            Some(text) if text.has_rows() => {
                notes = glued;
                flattened(path, text)
            }
            Some(_) => markdown(path, &text::with_headings(&text), &mut notes),
            None => markdown(path, &text, &mut notes),
        };
        match page {
            Some(page) => Ok(Page { notes, text, ..page }),
            None => Err(notes.notes),
        }
    }

    /// Number of members that the page states.
    pub(super) fn size(&self) -> usize {
        let types = self.all_types().map(|described| described.rows.len()).sum::<usize>();
        self.request.len() + self.response.len() + types
    }

    /// All types with tables of their own.
    pub(super) fn all_types(&self) -> impl Iterator<Item = &Described> {
        self.request_types.values().chain(self.types.values())
    }
}

fn blank(path: &Path, name: &str, is_operation: bool) -> Page {
    Page {
        path: path.to_owned(),
        name: name.to_owned(),
        is_operation,
        request: Vec::new(),
        response: Vec::new(),
        errors: Vec::new(),
        types: IndexMap::new(),
        request_types: IndexMap::new(),
        sample: Shape::default(),
        sample_line: 1,
        request_sample: IndexMap::new(),
        links: IndexMap::new(),
        is_sorted: false,
        has_examples: false,
        notes: Notes::default(),
        text: String::new(),
    }
}

fn flattened(path: &Path, text: Text) -> Option<Page> {
    let is_operation = text.sections.iter().any(|section| matches!(section, Section::Request | Section::Response));
    if !is_operation || text.title.is_empty() {
        return None;
    }
    let mut page = blank(path, &text.title, true);
    page.sample = Shape::of_samples(text.samples.iter().map(|(_, text)| text.as_str()));
    page.sample_line = text.samples.first().map_or(1, |(line, _)| *line);
    page.has_examples = true;
    (page.request, page.response) = (text.request, text.response);
    page.errors.extend(text.errors);
    Some(page)
}

fn markdown(path: &Path, text: &str, notes: &mut Notes) -> Option<Page> {
    let Document { title, tables, samples, sections, node, flaws } = Document::read(text);
    let has = |wanted: &[Section]| sections.iter().any(|section| wanted.contains(section));
    let is_type = has(&[Section::Members]);
    let is_operation = !is_type && has(&[Section::Request, Section::Response]);
    if !is_operation && !is_type {
        return None;
    }
    let request_sample = request_sample(samples.iter().map(|sample| sample.text.as_str()));
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let action = request_sample.get("Action").map(String::as_str);
    let Some(Title { name, other }) = Title::of(&title, stem, &tables, action) else {
        let members = |table: &&Table| table.place.section.has_table() && table.head.has(Column::Type);
        if let Some(table) = tables.iter().find(members) {
            let message = "no title, `Action` or sample states the name of the operation, so the page is left out";
            notes.skipped(table.line, message);
        }
        return None;
    };
    for (line, flaw) in flaws {
        notes.undecided(line, flaw);
    }
    if let Some((line, titled)) = other {
        notes.decided(line, format!("the title of the page is `{titled}`; `{name}`, the value of `Action`, is taken"));
    }
    let mut page = blank(path, &name, is_operation);
    page.sample = Shape::of_samples(samples.iter().map(|sample| sample.text.as_str()));
    page.sample_line =
        samples.iter().find(|sample| sample.text.trim_start().starts_with(['{', '<'])).map_or(1, |sample| sample.line);
    page.request_sample = request_sample;
    for table in tables {
        page.has_examples |= table.head.has(Column::Example);
        let is_members = table.head.has(Column::Name) && table.head.has(Column::Type);
        match table.place.section {
            Section::Errors if table.head.has(Column::Code) => page.errors.push(table),
            Section::Members if is_members => {
                let described = described(path, &table, node.clone(), &mut page.links, notes);
                match page.types.get_mut(&page.name) {
                    None => drop(page.types.insert(page.name.clone(), described)),
                    Some(known) if table.place.is_first => known.rows.extend(described.rows),
                    Some(_) => {
                        let rows = crate::count(described.rows.len(), "row");
                        notes
                            .undecided(table.line, format!("this page of a type has a table before; left out: {rows}"));
                    }
                }
            }
            Section::Request | Section::Response if is_members => {
                // The first table of a section has its members, and further ones have those of the type in the caption.
                let rows = rows(&table, &mut page.links, notes);
                let is_request = table.place.section == Section::Request;
                let target = if is_request { &mut page.request } else { &mut page.response };
                if is_request && target.is_empty() && !table.head.has(Column::Required) {
                    let message = "this table does not mark required parameters; all are taken as optional";
                    notes.undecided(table.line, message);
                }
                if target.is_empty() || table.place.is_first {
                    target.extend(rows);
                    continue;
                }
                let types = if is_request { &mut page.request_types } else { &mut page.types };
                let nothing = Shape::default();
                let sample = if is_request { &nothing } else { &page.sample };
                let mut owners = Owners { target, types, sample, notes };
                let Some(name) = owners.name(&table, &rows) else {
                    let left_out = crate::count(rows.len(), "row");
                    let message = format!(
                        "this table describes no type of a row above, or one that has a table before; left out: {left_out}"
                    );
                    notes.undecided(table.line, message);
                    continue;
                };
                types.insert(name, Described { rows, node: None, path: path.display().to_string() });
            }
            Section::Request | Section::Response | Section::Members | Section::Errors
                if !table.rows.is_empty() || !table.head.has(Column::Name) && !table.head.has(Column::Code) =>
            {
                notes.skipped(
                    table.line,
                    "this table has no columns for what the section states; its rows are left out",
                );
            }
            _ => {}
        }
    }
    page.is_sorted = is_sorted(&page.response, &page.sample);
    Some(page)
}

fn described(
    path: &Path,
    table: &Table,
    node: Option<String>,
    links: &mut IndexMap<String, String>,
    notes: &mut Notes,
) -> Described {
    let node = node.map(|node| node.trim_matches(['`', '*', '。', '.', ' ']).to_owned());
    let node = node.filter(|node| !node.is_empty() && node.chars().all(|c| c.is_ascii_alphanumeric()));
    Described { rows: rows(table, links, notes), node, path: path.display().to_string() }
}

/// The rows of a table of members. A row that states the elements of the list before it belongs to that list.
fn rows(table: &Table, links: &mut IndexMap<String, String>, notes: &mut Notes) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let name_of = |row: &TableRow| Name::read(table.head.cell(&row.cells, Column::Name));
    // Marks such as `└` tell more than blanks, whose number then varies within a table.
    let is_marked = table.rows.iter().filter_map(name_of).any(|name| name.depth > 0);
    let mut levels = indent::Levels::default();
    for row in &table.rows {
        let cell = |column| table.head.cell(&row.cells, column);
        let text = cell(Column::Name);
        let Some(name) = Name::read(text) else {
            let text = text.trim();
            let kind = Kind::read(cell(Column::Type));
            if text.is_empty() && kind != Kind::Unset {
                state_elements(&mut rows, kind, row.line, notes);
            } else if !text.is_empty() {
                let shown: String = text.chars().take(60).collect::<String>().replace('\n', " ");
                notes.undecided(row.line, format!("`{shown}` is not the name of a member; the row is left out"));
            }
            continue;
        };
        if name.is_mended {
            notes.decided(row.line, format!("`{}` is read as the name `{}`", text.trim(), name.text));
        }
        for cell in [cell(Column::Type), cell(Column::Description)] {
            if let Some((label, target)) = link(cell) {
                let label: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
                links.entry(label).or_insert_with(|| target.to_owned());
            }
        }
        let kind = Kind::read(cell(Column::Type));
        let example = if is_placeholder(cell(Column::Example)) { "" } else { cell(Column::Example) };
        let before = rows.last_mut().filter(|_| matches!(kind, Kind::Unset | Kind::Struct));
        if let Some(list) = before.filter(|list| names_elements(list, &name.text, cell(Column::Description))) {
            list.is_item_type = list.kind.reference().is_some_and(|item| item != singular(&list.name));
            let element = match (list.example.is_empty(), &list.kind) {
                (false, _) => Kind::Scalar(Scalar::String),
                // `Unset` marks elements that only their row states.
                (true, Kind::Unset) => Kind::Unset,
                (true, _) => Kind::Struct,
            };
            list.kind = Kind::List(Some(Box::new(element)));
            list.item = Some(name.text);
            continue;
        }
        let mark = cell(Column::Required);
        let required = required(mark);
        if required.is_none() && table.head.has(Column::Required) {
            notes.undecided(
                row.line,
                format!("`{}` is marked neither as required nor as optional: `{mark}`", name.text),
            );
        }
        let item = match &kind {
            Kind::List(Some(element)) => element.reference().map(str::to_owned),
            _ => None,
        };
        rows.push(Row {
            line: row.line,
            name: name.text,
            kind,
            depth: if is_marked { name.depth } else { levels.next(indent::width(text)) },
            item,
            is_item_type: false,
            within: None,
            has_dotted: false,
            required: required.unwrap_or(false),
            example: example.to_owned(),
            description: cell(Column::Description).to_owned(),
        });
    }
    rows
}

/// A row without a name states the elements of the list before it, or the whole response.
fn state_elements(rows: &mut [Row], kind: Kind, line: usize, notes: &mut Notes) {
    let Some(before) = rows.last_mut() else { return };
    match &before.kind {
        Kind::List(None) => before.kind = Kind::List(Some(Box::new(kind))),
        Kind::List(Some(element)) if **element == kind || **element == Kind::Unset => {
            before.kind = Kind::List(Some(Box::new(kind)));
        }
        _ => notes.undecided(line, "this row has a type but no name; it is left out"),
    }
}

/// Whether a row without a type only names the elements of the list before it.
fn names_elements(list: &Row, name: &str, description: &str) -> bool {
    match &list.kind {
        Kind::List(Some(element)) => {
            matches!(element.as_ref(), Kind::Named(item) if item.eq_ignore_ascii_case(name))
        }
        Kind::Unset | Kind::List(None) => {
            let is_singular = singular(&list.name).eq_ignore_ascii_case(name) && list.name != name;
            is_singular || !description.is_empty() && list.description == description
        }
        _ => false,
    }
}

/// The parameters of a sample request: `https://host/?Action=…&Name=value`.
fn request_sample<'s>(samples: impl Iterator<Item = &'s str>) -> IndexMap<String, String> {
    let mut parameters = IndexMap::new();
    for text in samples.filter(|text| text.contains("Action=")) {
        for pair in text.split(['&', '\n']) {
            if let Some((name, value)) = pair.rsplit('?').next().unwrap_or(pair).split_once('=') {
                parameters.entry(name.trim().to_owned()).or_insert_with(|| value.trim().to_owned());
            }
        }
    }
    parameters
}

/// Whether the members of structs are sorted by name: where rows are not, a struct begins or ends.
fn is_sorted(rows: &[Row], sample: &Shape) -> bool {
    let is_ordered = |pair: &[Row]| nesting::is_ordered(&pair[0].name, &pair[1].name);
    // Members of the same struct, according to the sample: if their order is another one, rows tell nothing.
    let mut uses: HashMap<&str, usize> = HashMap::new();
    rows.iter().for_each(|row| *uses.entry(&row.name).or_default() += 1);
    let (mut ordered, mut unordered) = (0, 0);
    for pair in rows.windows(2).filter(|pair| pair.iter().all(|row| uses[row.name.as_str()] == 1)) {
        let are_siblings = sample.members.values().any(|inner| inner.has_both(&pair[0].name, &pair[1].name));
        *(if is_ordered(pair) { &mut ordered } else { &mut unordered }) += usize::from(are_siblings);
    }
    let descents = rows.windows(2).filter(|pair| !is_ordered(pair)).count();
    let structs = rows.iter().filter(|row| !matches!(row.kind, Kind::Scalar(_))).count();
    rows.len() > 2
        && unordered * 4 <= ordered
        && descents <= 2 * structs + rows.len() / 8
        && descents * 20 < rows.len() * 9
}
