//! Compares two spec trees, and reports the effect of each change on programs that use the SDK.
//!
//! Changes have a class, [`Impact`], which follows from the Rust that the specs become: names, types and features as in a
//! check of semantic versions, and what calls do. [`Report`] adds the versions, and writes text, Markdown or JSON.

mod calls;
mod change;
mod codes;
mod fields;
mod operation;
mod report;
mod service;
mod surface;
mod tree;
mod types;
mod values;
mod version;
mod words;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use schemars::JsonSchema;
use serde::Serialize;

pub use change::{Change, Impact, Place, Side, UnknownKey};
pub use report::{Counts, Format, Report, json_schema};
pub use version::{Bump, Verdict};

use crate::{classes::Classes, codes::documented, diagnostic::Positions, spec::ErrorClasses, suggest::count};
use change::Log;
use tree::{Files, Specs, line};

/// The differences between two spec trees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Diff {
    /// The changes, ordered by service and subject, the most severe first.
    pub changes: Vec<Change>,
    /// Keys that are not compared, ordered by file.
    #[serde(skip)]
    pub unknown_keys: Vec<UnknownKey>,
}

impl Diff {
    /// The most severe class of the changes.
    pub fn worst(&self) -> Option<Impact> {
        self.changes.iter().map(|change| change.class).max()
    }

    /// The number of changes of a class.
    pub fn number(&self, class: Impact) -> usize {
        self.changes.iter().filter(|change| change.class == class).count()
    }

    /// Whether any change breaks programs that use the SDK.
    pub fn is_breaking(&self) -> bool {
        self.worst() == Some(Impact::Breaking)
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A spec file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The tree that has the file.
    pub side: Side,
    /// The file.
    pub path: String,
    /// Line of the mistake, starting from 1.
    pub line: usize,
    /// The problem.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: cannot read the spec: {}", self.path, self.line, self.message)
    }
}

/// All spec files that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors(pub Vec<Error>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in &self.0 {
            writeln!(f, "{error}")?;
        }
        write!(f, "{} cannot be compared", count(self.0.len(), "file"))
    }
}

impl std::error::Error for Errors {}

/// Compares two spec trees, each given as paths (`specs/ecs/instances/RunInstances.json`) with file contents.
///
/// Unknown keys are skipped and listed, and missing ones have their defaults, so trees of other versions can be compared too.
/// The paths reappear in the places of changes; only their last three parts are significant.
///
/// # Errors
///
/// Returns all files that cannot be parsed.
pub fn diff(old: &[(String, String)], new: &[(String, String)]) -> Result<Diff, Errors> {
    let mut known = HashMap::new();
    let (mut before, mut after) = match (tree::read(Side::Old, old, &mut known), tree::read(Side::New, new, &mut known))
    {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => {
            let errors = [before.err(), after.err()].into_iter().flatten().flatten();
            return Err(Errors(errors.collect()));
        }
    };
    let unknown_keys = tree::unknown_keys(&before, &after);
    let mut changes = Vec::new();
    service::compare_files(&mut changes, &before, &after);
    tree::complete(&mut before, &mut after);
    service::compare_rpc(&mut changes, &before, &after);
    let names: BTreeSet<&String> = before.services.keys().chain(after.services.keys()).collect();
    for name in names {
        match (before.services.get(name), after.services.get(name)) {
            (Some(old), Some(new)) => service::compare(&mut changes, &Both::new(name, &before, &after, old, new)),
            (Some(old), None) => service::added_or_removed(&mut changes, name, old, false),
            (None, Some(new)) => service::added_or_removed(&mut changes, name, new, true),
            (None, None) => {}
        }
    }
    locate(&mut changes, old, new);
    // The changes of a subject are together already.
    let mut order: HashMap<String, usize> = HashMap::new();
    for change in &changes {
        let next = order.len();
        order.entry(change.owner()).or_insert(next);
    }
    changes.sort_by_key(|change| (order[&change.owner()], Reverse(change.class)));
    Ok(Diff { changes, unknown_keys })
}

/// Finds the lines of all places.
fn locate(changes: &mut [Change], old: &[(String, String)], new: &[(String, String)]) {
    let texts = |files: &'_ [(String, String)]| -> HashMap<String, String> { files.iter().cloned().collect() };
    let texts = [texts(old), texts(new)];
    let mut positions: HashMap<(Side, String), Positions> = HashMap::new();
    for place in changes.iter_mut().filter_map(|change| change.place.as_mut()) {
        let Some(text) = texts[usize::from(place.side == Side::New)].get(&place.file) else { continue };
        let positions = positions.entry((place.side, place.file.clone())).or_insert_with(|| Positions::of(text));
        place.line = line(text, positions.find(&place.key).start);
    }
}

/// A service before and after.
struct Both<'a> {
    name: &'a str,
    old: &'a Files,
    new: &'a Files,
    /// The shared types that have another name now.
    renamed: HashMap<String, String>,
    /// The constants of error codes.
    codes: [BTreeMap<String, String>; 2],
    /// The classes of error codes that apply to all services.
    classes: [ErrorClasses; 2],
    rpc_paths: [&'a str; 2],
}

impl<'a> Both<'a> {
    fn new(name: &'a str, before: &'a Specs, after: &'a Specs, old: &'a Files, new: &'a Files) -> Self {
        let classes = |specs: &Specs| specs.rpc.as_ref().map(|rpc| rpc.error_classes.clone()).unwrap_or_default();
        Self {
            name,
            old,
            new,
            renamed: types::renamed(&old.tree.types, &new.tree.types),
            codes: [codes::constants(old), codes::constants(new)],
            classes: [classes(before), classes(after)],
            rpc_paths: [&before.rpc_path, &after.rpc_path],
        }
    }

    fn log<'l>(&self, changes: &'l mut Vec<Change>, subject: &str, operations: Vec<String>) -> Log<'l> {
        Log { changes, service: self.name.to_owned(), subject: subject.to_owned(), operations }
    }

    fn side(&self, side: usize) -> &'a Files {
        if side == 0 { self.old } else { self.new }
    }

    /// All codes that a side documents.
    fn documented(&self, side: usize) -> BTreeSet<&'a str> {
        let tree = &self.side(side).tree;
        documented(&tree.service, &tree.operations).into_keys().collect()
    }

    fn classes(&self, side: usize) -> Classes<'_> {
        Classes::new(&self.side(side).tree.service.error_classes, &self.classes[side])
    }
}
