//! Reads documentation pages into the layout of api-docs files.
//!
//! A page states the facts of an operation in tables for people: the reader takes the names, types and marks, and keeps no
//! sentence. The same conversion and merge as for api-docs files follow. All facts that a page leaves open are noted with their lines.

mod around;
mod bars;
mod bullets;
mod cell;
mod cells;
mod document;
mod dotted;
mod doubt;
mod entities;
mod errors;
mod facts;
mod files;
mod head;
mod headed;
mod heading;
mod html;
mod indent;
mod lines;
mod loose;
mod nesting;
mod notes;
mod owner;
mod page;
mod relaid;
mod request;
mod response;
mod rpc;
mod sample;
mod schema;
mod stated;
mod text;
mod title;
mod write;
mod written;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::import::{Api, ApiDocs, Error, Info, Response, Schema};
use lines::Lines;
pub use notes::{Note, NoteKind};
use page::Page;
use response::{Described, Members};
pub use write::{Options, run};
pub use written::Written;

/// The contents of pages.
#[derive(Debug, Default)]
pub struct Pages {
    /// The operations, by name.
    pub api: ApiDocs,
    /// The page of each operation.
    pub sources: IndexMap<String, PathBuf>,
    /// Facts that the pages leave open, ordered by page and line.
    pub notes: Vec<Note>,
    /// Number of files that are about something else.
    pub skipped: usize,
    /// The places of each operation's rows.
    lines: IndexMap<String, Lines>,
}

impl Pages {
    /// A note about a decision, with the line of the member's row.
    fn note(&self, operation: &str, path: &str, detail: &str) -> Option<Note> {
        let name = path.rsplit(['.', ' ']).next().unwrap_or(path).trim_end_matches("[]");
        let lines = self.lines.get(operation)?;
        let named = if name.is_empty() { None } else { lines.find(path).or_else(|| lines.named(name)) };
        let (page, line) = match named {
            Some((page, line)) => (page.to_owned(), line),
            None => (self.sources.get(operation)?.display().to_string(), 1),
        };
        let message = if name.is_empty() { detail.to_owned() } else { format!("`{name}`: {detail}") };
        Some(Note { path: page, line, kind: NoteKind::Decided, message })
    }

    /// Where pages state a member, or would: `file:line`.
    fn place(&self, operation: &str, member: &str) -> String {
        match self.lines.get(operation).and_then(|lines| lines.find(member)) {
            Some((page, line)) => format!("{page}:{line}"),
            None => self.sources.get(operation).map_or(String::new(), |page| format!("{}:1", page.display())),
        }
    }
}

/// Reads pages, and all pages below folders.
///
/// # Errors
///
/// Returns an error if a path cannot be read, or if none of the pages is about an operation. A file below a folder that
/// cannot be read is skipped, with a note.
pub fn read(paths: &[PathBuf]) -> Result<Pages, Error> {
    let files = files::collect(paths)?;
    let mut pages = Vec::new();
    let mut result = Pages::default();
    for file in &files {
        match files::read(file) {
            Ok(text) => {
                let title::Parts { pages: parts, unread } = title::split(&text);
                result.notes.extend(unread.into_iter().map(|(line, name)| Note {
                    path: file.display().to_string(),
                    line,
                    kind: NoteKind::Skipped,
                    message: format!(
                        "no section below the heading `{name}` describes a request or a response; it is left out"
                    ),
                }));
                for text in parts {
                    match Page::read(file, text) {
                        Ok(page) => pages.push(page),
                        Err(notes) if notes.is_empty() => result.skipped += 1,
                        Err(notes) => result.notes.extend(notes),
                    }
                }
            }
            Err(error) if paths.contains(file) => return Err(error),
            // One file of a folder does not keep the others from being read.
            Err(error) => result.notes.push(Note {
                path: file.display().to_string(),
                line: 1,
                kind: NoteKind::Skipped,
                message: error.message,
            }),
        }
    }
    let mut library = Library::new(&mut pages);
    let types: Vec<PathBuf> = pages.iter().filter(|page| !page.is_operation).map(|page| page.path.clone()).collect();
    let mut operations: BTreeMap<String, Page> = BTreeMap::new();
    for page in pages.into_iter().filter(|page| page.is_operation) {
        // Names that differ by case only are misspelt somewhere.
        match operations.remove(&page.name.to_lowercase()) {
            None => drop(operations.insert(page.name.to_lowercase(), page)),
            Some(known) => {
                let (mut kept, other) = newer(known, page);
                let message = format!("another page of this operation is left out: {}", other.path.display());
                kept.notes.skipped(1, message);
                operations.insert(kept.name.to_lowercase(), kept);
            }
        }
    }
    if operations.is_empty() {
        let path = paths.first().map_or(Path::new(""), PathBuf::as_path);
        return Err(match result.notes.first() {
            Some(note) => files::failed(Path::new(&note.path), format!("line {}: {}", note.line, note.message)),
            None => {
                files::failed(path, "no page about an operation: expected tables of request or response parameters")
            }
        });
    }
    let named = |key: &str| operations.values().find_map(|page| fact(&page.text, key)).unwrap_or_default();
    result.api.info = Info { product: named("product="), version: named("version="), ..Info::default() };
    let mut operations: Vec<Page> = operations.into_values().collect();
    operations.sort_by(|a, b| a.name.cmp(&b.name));
    for page in operations {
        let name = page.name.clone();
        let (api, lines, notes) = operation(&page, &mut library);
        result.lines.insert(name.clone(), lines);
        result.api.apis.insert(name.clone(), api);
        result.sources.insert(name, page.path);
        result.notes.extend(notes);
    }
    for path in types.iter().filter(|path| !library.used.borrow().contains(*path)) {
        result.notes.push(Note {
            path: path.display().to_string(),
            line: 1,
            kind: NoteKind::Skipped,
            message: "no row of the other pages has the type that this page describes; left out".to_owned(),
        });
    }
    result.notes.sort();
    Ok(result)
}

/// A fact in the address of a tool: `…/#product=Ecs&api=…&version=2014-05-26`.
fn fact(text: &str, key: &str) -> Option<String> {
    let (_, rest) = text.split_once(key)?;
    let value: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    (!value.is_empty()).then_some(value)
}

/// The newer of two pages, and the older one: only newer tables have examples, and pages grow.
fn newer(a: Page, b: Page) -> (Page, Page) {
    if (b.has_examples, b.size()) > (a.has_examples, a.size()) { (b, a) } else { (a, b) }
}

/// The facts of an operation.
fn operation(page: &Page, library: &mut Library) -> (Api, Lines, Vec<Note>) {
    let mut notes = notes::Notes { path: page.notes.path.clone(), notes: page.notes.notes.clone() };
    library.load(page);
    let used = RefCell::new(HashSet::new());
    let find = |types: &IndexMap<String, Described>, name: &str| {
        let (line, described) = library.find(page, types, name)?;
        used.borrow_mut().insert(line);
        Some(described)
    };
    let describe = |name: &str| find(&page.request_types, name);
    let is_marked = page.request.iter().any(|row| row.depth > 0);
    let rows = if is_marked { text::dotted(&page.request, &page.text, &mut notes) } else { page.request.clone() };
    let rows: Vec<_> = rows.into_iter().flat_map(|row| request::with_members(row, &describe, 0)).collect();
    let mut lines = Lines::default();
    for row in &rows {
        let words = row.name.split('.').filter(|word| !cell::is_index(word));
        lines.add(format!("request {}", words.collect::<Vec<_>>().join(".")), &notes.path, row.line);
    }
    let parameters = request::parameters(rows, &page.request_sample, &mut notes);
    let describe = |name: &str| find(&page.types, name);
    let sample = &page.sample;
    let (around, path) = (Vec::new(), Vec::new());
    let (is_sorted, describe) = (page.is_sorted, &describe);
    let mut members = Members { describe, is_sorted, notes: &mut notes, sample, around, path, lines: &mut lines };
    let rows = around::with_struct_around(page.response.clone(), &page.name, sample, members.notes);
    let properties = members.read(rows, sample);
    for (name, described) in page.request_types.iter().chain(&page.types) {
        if let Some(row) = described.rows.first().filter(|row| !used.borrow().contains(&row.line)) {
            let members = crate::count(described.rows.len(), "member");
            notes.undecided(row.line, format!("no row has the type `{name}`; left out: {members}"));
        }
    }
    note_unstated(page, &properties, &mut notes);
    let error_codes = errors::errors(page.errors.iter(), &mut lines, &mut notes);
    let response = Response { schema: schema::object(properties) };
    let responses = IndexMap::from([("200".to_owned(), response)]);
    (Api { parameters, responses, error_codes, ..Api::default() }, lines, notes.notes)
}

/// Members that are listed in one note.
const MAX_LISTED: usize = 8;

/// Members of responses that samples show and no table of operations states: those that every response has, and those of
/// errors.
const USUAL_IN_SAMPLES: [&str; 6] = ["RequestId", "HostId", "Code", "Message", "Recommend", "AccessDeniedDetail"];

/// Reports the members that only the samples have, which the page's tables lack or which could not be read.
fn note_unstated(page: &Page, properties: &IndexMap<String, Schema>, notes: &mut notes::Notes) {
    // With whether their members are stated: those of maps are not.
    let mut names: HashMap<String, bool> = USUAL_IN_SAMPLES.iter().map(|name| (name.to_lowercase(), true)).collect();
    let mut open: Vec<&IndexMap<String, Schema>> = vec![properties];
    while let Some(members) = open.pop() {
        for (name, schema) in members {
            let is_map = schema.kind.as_deref() == Some("object") && schema.properties.is_empty();
            *names.entry(name.to_lowercase()).or_insert(false) |= !is_map;
            open.extend([&schema.properties].into_iter().chain(schema.items.iter().map(|items| &items.properties)));
        }
    }
    let mut found = Vec::new();
    page.sample.without(&names, "", &mut found);
    if !found.is_empty() {
        let members: Vec<String> = found.iter().take(MAX_LISTED).map(|path| format!("`{path}`")).collect();
        let more = match found.len() - members.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        notes.skipped(page.sample_line, format!("only the sample has {}{more}; left out", members.join(", ")));
    }
}

/// The types that pages describe.
struct Library {
    /// By name, each with the page it is from.
    types: HashMap<String, Vec<(PathBuf, Described)>>,
    /// Files that were read because a page links to them.
    read: HashMap<PathBuf, bool>,
    /// The pages whose types rows have.
    used: RefCell<HashSet<PathBuf>>,
}

impl Library {
    fn new(pages: &mut [Page]) -> Library {
        let mut library = Library { types: HashMap::new(), read: HashMap::new(), used: RefCell::default() };
        for page in pages.iter().filter(|page| !page.is_operation) {
            library.add(page);
        }
        library
    }

    fn add(&mut self, page: &Page) {
        for (name, described) in &page.types {
            self.types.entry(name.clone()).or_default().push((page.path.clone(), described.clone()));
        }
    }

    /// Reads the pages to which a page links, and those to which they link.
    fn load(&mut self, page: &Page) {
        let mut open: Vec<(PathBuf, String, String)> = Vec::new();
        let links = |page: &Page| {
            let links = page.links.iter();
            links.map(|(name, target)| (page.path.clone(), name.clone(), target.clone())).collect::<Vec<_>>()
        };
        open.extend(links(page));
        while let Some((from, name, target)) = open.pop() {
            let is_own = page.types.contains_key(&name) || page.request_types.contains_key(&name);
            if self.types.contains_key(&name) || is_own {
                continue;
            }
            let Some(path) = files::linked(&from, &target) else { continue };
            if self.read.insert(path.clone(), true).is_some() {
                continue;
            }
            let linked = files::read(&path).ok().and_then(|text| Page::read(&path, text).ok());
            if let Some(linked) = linked.filter(|linked| !linked.is_operation) {
                self.add(&linked);
                open.extend(links(&linked));
            }
        }
    }

    /// The type that a page means, with the line of its first row if it is one of the page's own: those in `own`, or else
    /// that of the nearest page.
    fn find(&self, page: &Page, own: &IndexMap<String, Described>, name: &str) -> Option<(usize, Described)> {
        let first = |described: &Described| described.rows.first().map_or(0, |row| row.line);
        if let Some(described) = own.get(name) {
            return Some((first(described), described.clone()));
        }
        let Some(known) = self.types.get(name) else {
            // Pages name a type in several ways; rows that have other types of the page are not meant.
            let mut alike = own.iter().filter(|(known, _)| owner::stem(known) == owner::stem(name));
            return match (alike.next(), alike.next()) {
                (Some((_, described)), None) => Some((first(described), described.clone())),
                _ => None,
            };
        };
        let common = |path: &Path| path.components().zip(page.path.components()).take_while(|(a, b)| a == b).count();
        let mut best: Option<(usize, &PathBuf, &Described)> = None;
        for (path, described) in known {
            if best.is_none_or(|(nearest, ..)| common(path) > nearest) {
                best = Some((common(path), path, described));
            }
        }
        let (_, path, described) = best?;
        self.used.borrow_mut().insert(path.clone());
        Some((0, described.clone()))
    }
}
