//! Imports published api-docs into the specs. An import adds what they lack and keeps hand-written content.

mod api;
mod classes;
mod codes;
mod decision;
mod drift;
mod errors;
mod facts;
mod family;
mod fit;
mod fold;
mod forms;
mod free_form;
mod gone;
mod layout;
mod member;
mod merge;
mod merger;
mod metadata;
pub(crate) mod names;
mod operation;
mod paging;
mod plan;
mod policy;
mod report;
mod sample;
mod schema_facts;
mod settle;
mod shape;
mod tree;
mod types;
mod variants;

use std::collections::BTreeSet;
use std::path::Path;

pub use api::{Api, ApiDocs, Components, Directory, DocumentedError, Endpoint, Info, Parameter, Response, Schema};
pub use decision::Decision;
pub use drift::{Count, Detail, Difference, Drift, Fact, drift};
pub(crate) use facts::DECIDABLE;
pub(crate) use family::{MAIN, english, folder_family};
pub use metadata::{Published, read_published};
pub(crate) use names::{singular, slug};
pub(crate) use plan::changed;
pub use plan::{Plan, plan, run, run_with};
pub use policy::Policy;
pub use report::{Entry, Kind, Report};
pub use tree::{Error, ExistingTree};
pub(crate) use tree::{read_text, write_text};

use indexmap::IndexMap;

use crate::draft;
use crate::naming::Names;
use crate::spec::{DocsState, ErrorClasses, ErrorCode, Operation, Rpc, SharedTypes};
use crate::suggest::count;
pub(crate) use decision::Note;
use family::NewFamilies;
use merger::{Merger, Shared};
use report::NEW_OPERATION;
use shape::Shapes;

/// Result of an import.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Import {
    /// The operations of the API, changed or not.
    pub operations: Vec<Operation>,
    /// All shared types.
    pub types: SharedTypes,
    /// Names of constants for error codes whose derived names clash, to be added to `codes` of `service.json`.
    pub codes: IndexMap<String, String>,
    /// Families of folders whose titles cannot be names, to be added to `directories` of `service.json`.
    pub directories: IndexMap<String, String>,
    /// `rpc.json`, if it changed: codes that are documented now, or are in several classes.
    pub rpc: Option<Rpc>,
    /// The service's own classes of error codes, if they changed.
    pub error_classes: Option<ErrorClasses>,
    /// The report.
    pub report: Report,
}

/// Adds to the specs what they lack of the API. With `only`, adds to those of the named operations.
pub fn import(api: &ApiDocs, only: Option<&[String]>, existing: &ExistingTree) -> Import {
    import_with(Policy::Add, api, only, existing)
}

/// Updates the specs of all operations from the API by a policy. With `only`, updates those of the named operations.
pub fn import_with(policy: Policy, api: &ApiDocs, only: Option<&[String]>, existing: &ExistingTree) -> Import {
    let mut report = Report::default();
    let mut shared = Shared::new(&existing.types, existing.operations.values());
    let mut operations = Vec::new();
    let is_wanted = |name: &String| only.is_none_or(|only| only.contains(name));
    for note in &api.notes {
        report.decide_in_file(note.clone());
    }
    for (name, reason) in api.left_out.iter().filter(|(name, _)| is_wanted(name)) {
        report.decide(name, name, Note::of(Decision::LeftOut, reason.clone()));
    }
    let words = existing.service.as_ref().map(|service| &service.words);
    let names = Names::new(words.unwrap_or(&IndexMap::new()));
    let mut families = NewFamilies::default();
    for (name, docs) in api.apis.iter().filter(|(name, _)| is_wanted(name)) {
        let mut shapes = Shapes::of(api, docs);
        let old = existing.operations.get(name);
        if let Some(other) = existing.operations.keys().find(|other| is_other_case(other, name)) {
            let reason = format!("it differs from `{other}` of the specs in letter case only");
            report.decide(name, docs.wire.as_deref().unwrap_or(name), Note::of(Decision::LeftOut, reason));
            continue;
        }
        let first = report.entries.len();
        let operation = match old {
            Some(old) => updated_operation(policy, docs, old, &mut report),
            None => {
                let family = families.family(api, name, existing);
                new_operation(name, docs, family, existing, &mut report)
            }
        };
        let is_draft = existing.service.as_ref().is_none_or(|service| service.docs == Some(DocsState::Draft));
        let missing = |operation: &Operation, types: &SharedTypes| match is_draft {
            true => 0,
            false => draft::missing(operation, types, &existing.glossary),
        };
        let missing_before = old.map_or(0, |old| missing(old, &shared.types));
        let merger = Merger::new(operation, old, policy, &mut shared, &mut report);
        let (mut operation, decisions) = merger.merge(&shapes);
        merge_errors(&mut operation, &shapes, old.is_none(), &mut report);
        let mut notes = std::mem::take(&mut shapes.notes);
        notes.extend(decisions);
        notes.extend(settle::settle(&mut operation, old, &names, &existing.rpc));
        // Members that are left out need no docs, so the draft is marked after they are settled.
        if missing(&operation, &shared.types) > missing_before {
            mark_draft(&mut operation, old, &mut report);
        }
        notes.extend(sample::differences(docs, &shapes.response));
        if old.is_none() {
            notes.extend(operation::notes(name, docs, &existing.rpc));
            let (pages, note) = paging::infer(&operation, &shared.types);
            operation.pagination = pages;
            notes.extend(note);
        } else {
            // Decisions about members that the spec had before, and that stay as they are, were made then.
            notes.retain(|note| is_new(&note.path, &report.entries[first..]));
        }
        notes.extend(docs.notes.iter().cloned());
        for mut note in notes {
            if note.at.is_empty() {
                note.at = shapes.places.get(&note.path).cloned().unwrap_or_default();
            }
            report.decide(name, docs.wire.as_deref().unwrap_or(name), note);
        }
        operations.push(operation);
    }
    for name in only.unwrap_or_default().iter().filter(|name| !api.has(name)) {
        report.push(Kind::Conflict, name, "", "not an operation of the API");
    }
    if only.is_none() {
        gone::report(api, existing, &shared, &mut report);
    }
    for (title, family) in &families.used {
        report.add(family::entry(title, family));
    }
    settle::secrets(&mut operations, existing, &mut report);
    report_new_families(existing, &operations, &mut report);
    let others =
        existing.operations.values().filter(|old| !operations.iter().any(|new| new.operation == old.operation));
    let all: Vec<&Operation> = others.chain(&operations).collect();
    let service = existing.service.clone().unwrap_or_default();
    let known = codes::codes_of(existing.operations.values());
    let codes = codes::name_clashes(&service, &all, &names, |code| known.contains(code), &mut report);
    let classes::Tables { rpc, of_service } = classes::settle(existing, &operations, &mut report);
    let directories = families.used;
    Import { operations, types: shared.types, codes, directories, rpc, error_classes: of_service, report }
}

/// Whether two names differ in letter case only, so that some file systems would take their files for one.
fn is_other_case(name: &str, other: &str) -> bool {
    name != other && name.eq_ignore_ascii_case(other)
}

/// Whether a member or one that contains it was added to the spec or changed.
fn is_new(path: &str, entries: &[Entry]) -> bool {
    entries.iter().any(|entry| {
        let added = entry.path.trim_end_matches("[]");
        matches!(entry.kind, Kind::Added | Kind::Changed)
            && !added.is_empty()
            && path.strip_prefix(added).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

/// Reads an api-docs file.
///
/// # Errors
///
/// Returns an error if the file cannot be read, or has another layout or style.
pub fn read_api(path: &Path) -> Result<ApiDocs, Error> {
    parse_api(path, &read_text(path)?)
}

/// Parses the text of an api-docs file. The path is for messages.
///
/// # Errors
///
/// Returns an error if the text has another layout or style.
pub fn parse_api(path: &Path, text: &str) -> Result<ApiDocs, Error> {
    layout::parse(text).map_err(|message| tree::failed(path, message))
}

/// An operation that the specs lack, without members.
fn new_operation(name: &str, docs: &Api, family: String, existing: &ExistingTree, report: &mut Report) -> Operation {
    report.push(Kind::Added, name, "", format!("{NEW_OPERATION}{}", count(docs.parameters.len(), "parameter")));
    Operation {
        schema: Some("../../schema.json".to_owned()),
        operation: name.to_owned(),
        wire: docs.wire.clone(),
        family,
        read: existing.rpc.is_read(name),
        method: operation::method(docs),
        anonymous: operation::is_anonymous(docs),
        deprecated: docs.deprecated,
        replaced_by: docs.replaced_by.clone().filter(|_| docs.deprecated),
        visibility: docs.visibility,
        ..Operation::default()
    }
}

/// Marks the docs of an operation as a draft, because some are missing.
fn mark_draft(operation: &mut Operation, old: Option<&Operation>, report: &mut Report) {
    operation.docs = Some(DocsState::Draft);
    if old.is_some_and(|old| !draft::is_marked(old)) {
        report.push(Kind::Added, &operation.operation, "docs", "a draft, until the docs of what is new are written");
    }
}

/// The operation of the spec. If the policy is to accept the facts of the API, it has those about the operation itself.
fn updated_operation(policy: Policy, docs: &Api, old: &Operation, report: &mut Report) -> Operation {
    let mut operation = old.clone();
    operation.deprecated |= docs.deprecated;
    if docs.deprecated {
        operation.replaced_by = docs.replaced_by.clone().or(operation.replaced_by);
    }
    operation.visibility = docs.visibility.or(operation.visibility);
    if !docs.methods.is_empty() {
        operation.method = operation::method(docs);
    }
    if !docs.security.is_empty() {
        operation.anonymous = operation::is_anonymous(docs);
    }
    let name = &old.operation;
    let mut note = |fact: &str, ours: Option<String>, theirs: Option<String>| match policy {
        _ if ours == theirs => {}
        Policy::Accept => report.push(Kind::Changed, name, fact, theirs.unwrap_or_default()),
        Policy::Add => {
            let values = [ours, theirs].map(|value| value.unwrap_or_else(|| "none".to_owned()));
            report.push(Kind::Differs, name, fact, format!("{} in the specs, {} in the API", values[0], values[1]));
        }
    };
    let flag = |is_set: bool| is_set.then(|| "added".to_owned());
    note("deprecated", flag(old.deprecated), flag(operation.deprecated));
    note("replaced_by", old.replaced_by.clone(), operation.replaced_by.clone());
    let visibility = |operation: &Operation| operation.visibility.map(|value| format!("{value:?}").to_lowercase());
    note("visibility", visibility(old), visibility(&operation));
    let method = |operation: &Operation| operation.method.map(|method| method.name().to_owned());
    note("method", method(old), method(&operation));
    let signed = |operation: &Operation| operation.anonymous.then(|| "true".to_owned());
    note("anonymous", signed(old), signed(&operation));
    if old.deprecated && !docs.deprecated {
        report.push(Kind::Kept, name, "deprecated", "");
    }
    match policy {
        Policy::Add => old.clone(),
        Policy::Accept => operation,
    }
}

fn merge_errors(operation: &mut Operation, shapes: &Shapes, is_new: bool, report: &mut Report) {
    let name = operation.operation.clone();
    for error in &operation.errors {
        if !shapes.errors.contains(error) {
            report.push(Kind::Gone, &name, &format!("error {} {}", error.http, error.code), "not in the API; kept");
        }
    }
    for error in &shapes.errors {
        if !operation.errors.contains(error) {
            if !is_new {
                report.push(Kind::Added, &name, &format!("error {} {}", error.http, error.code), "");
            }
            let is_later = |known: &ErrorCode| (known.http, &known.code) > (error.http, &error.code);
            let position = operation.errors.iter().position(is_later).unwrap_or(operation.errors.len());
            operation.errors.insert(position, error.clone());
        }
    }
}

fn report_new_families(existing: &ExistingTree, operations: &[Operation], report: &mut Report) {
    let Some(service) = &existing.service else {
        return;
    };
    let families: BTreeSet<&String> = operations.iter().map(|operation| &operation.family).collect();
    for family in families.into_iter().filter(|family| !service.families.contains_key(*family)) {
        report.push(Kind::Added, "service.json", family, "new family; describe it in `families`");
    }
}
