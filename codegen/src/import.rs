//! Imports published api-docs into the specs. An import adds what they lack and keeps hand-written content.

mod api;
mod drift;
mod facts;
mod gone;
mod merge;
mod merger;
mod metadata;
pub(crate) mod names;
mod policy;
mod report;
mod shape;
mod tree;
mod types;

use std::collections::BTreeSet;
use std::path::Path;

pub use api::{Api, ApiDocs, Components, Directory, DocumentedError, Endpoint, Info, Parameter, Response, Schema};
pub use drift::{Count, Detail, Difference, Drift, Fact, drift};
pub(crate) use facts::DECIDABLE;
pub use metadata::{Published, read_published};
pub(crate) use names::{singular, slug};
pub use policy::Policy;
pub use report::{Entry, Kind, Report};
pub use tree::{Error, ExistingTree};

use crate::spec::{ErrorCode, Operation, SharedTypes};
use crate::suggest::count;
use merger::{Merger, Shared, TYPES_FILE};
use shape::Shapes;

/// Result of an import.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Import {
    /// The operations of the API, changed or not.
    pub operations: Vec<Operation>,
    /// All shared types.
    pub types: SharedTypes,
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
    let wanted = |name: &String| only.is_none_or(|only| only.contains(name));
    for (name, docs) in api.apis.iter().filter(|(name, _)| wanted(name)) {
        let shapes = Shapes::of(api, docs);
        let old = existing.operations.get(name);
        let operation = match old {
            Some(old) => updated_operation(policy, docs, old, &mut report),
            None => new_operation(api, name, docs, existing, &mut report),
        };
        let mut operation = Merger::new(operation, old, policy, &mut shared, &mut report).merge(&shapes);
        merge_errors(&mut operation, &shapes, old.is_none(), &mut report);
        operations.push(operation);
    }
    for name in only.unwrap_or_default().iter().filter(|name| !api.apis.contains_key(*name)) {
        report.push(Kind::Conflict, name, "", "not an operation of the API");
    }
    if only.is_none() {
        gone::report(api, existing, &shared, &mut report);
    }
    report_new_families(existing, &operations, &mut report);
    Import { operations, types: shared.types, report }
}

/// Reads an api-docs file, adds to `specs_dir/service` what the specs lack, and writes the files that changed.
///
/// # Errors
///
/// Returns an error if a file cannot be read or written, if a spec file is invalid or has unknown keys, or if `only` names
/// an operation that the API does not have.
pub fn run(api_path: &Path, specs_dir: &Path, service: &str, only: Option<&[String]>) -> Result<Report, Error> {
    run_with(Policy::Add, api_path, specs_dir, &specs_dir.join("rpc.json"), service, only)
}

/// Reads an api-docs file, imports it into `specs_dir/service` by a policy, and writes the files that changed.
///
/// # Errors
///
/// Returns an error if a file cannot be read or written, if a spec file is invalid or has unknown keys, or if `only` names
/// an operation that the API does not have.
pub fn run_with(
    policy: Policy,
    api_path: &Path,
    specs_dir: &Path,
    rpc: &Path,
    service: &str,
    only: Option<&[String]>,
) -> Result<Report, Error> {
    let api = read_api(api_path)?;
    if let Some(name) = only.unwrap_or_default().iter().find(|name| !api.apis.contains_key(*name)) {
        return Err(tree::failed(api_path, format!("`{name}` is not an operation of the API")));
    }
    let mut existing = ExistingTree::read(specs_dir, service)?;
    if rpc.is_file() {
        existing = existing.or_rpc(specs_dir, rpc)?;
    }
    let Import { operations, types, mut report } = import_with(policy, &api, only, &existing);
    for operation in operations {
        if existing.operations.get(&operation.operation) != Some(&operation) {
            let path = specs_dir.join(tree::operation_path(service, &operation));
            tree::write_text(&path, &crate::fmt::operation(&operation))?;
            report.written.push(path);
        }
    }
    if types != existing.types {
        let path = specs_dir.join(service).join(TYPES_FILE);
        tree::write_text(&path, &crate::fmt::types(&types))?;
        report.written.push(path);
    }
    Ok(report)
}

/// Reads an api-docs file.
///
/// # Errors
///
/// Returns an error if the file cannot be read or has another layout.
pub fn read_api(path: &Path) -> Result<ApiDocs, Error> {
    serde_json::from_str(&tree::read_text(path)?).map_err(|error| tree::failed(path, error))
}

/// An operation that the specs lack, without members.
fn new_operation(api: &ApiDocs, name: &str, docs: &Api, existing: &ExistingTree, report: &mut Report) -> Operation {
    report.push(Kind::Added, name, "", format!("new operation with {}", count(docs.parameters.len(), "parameter")));
    Operation {
        schema: Some("../../schema.json".to_owned()),
        operation: name.to_owned(),
        family: family(api, name, existing),
        read: existing.rpc.is_read(name),
        deprecated: docs.deprecated,
        replaced_by: docs.replaced_by.clone().filter(|_| docs.deprecated),
        visibility: docs.visibility,
        ..Operation::default()
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
    if old.deprecated && !docs.deprecated {
        report.push(Kind::Kept, name, "deprecated", "");
    }
    match policy {
        Policy::Add => old.clone(),
        Policy::Accept => operation,
    }
}

/// The family of a new operation, determined by its folder in the documentation: the family that `directories` assigns to
/// the folder, the family with the folder's name, the family of all other operations in the folder, or a family whose
/// name the folder's name starts with. Without a usable folder, it is the service's only family, or else a family with
/// the name of the service.
fn family(api: &ApiDocs, operation: &str, existing: &ExistingTree) -> String {
    let mut families: BTreeSet<&str> =
        existing.operations.values().map(|operation| operation.family.as_str()).collect();
    if let Some(service) = &existing.service {
        families.extend(service.families.keys().map(String::as_str));
    }
    let only = families.first().filter(|_| families.len() == 1);
    let fallback = only.map_or_else(|| existing.name.clone(), |family| (*family).to_owned());
    let Some((title, neighbors)) = api.folder(operation) else { return fallback };
    if let Some(family) = existing.service.as_ref().and_then(|service| service.directories.get(title)) {
        return family.clone();
    }
    let slug = names::slug(title);
    if families.contains(slug.as_str()) {
        return slug;
    }
    let of_neighbors = neighbors.iter().filter_map(|name| existing.operations.get(*name));
    let of_neighbors: BTreeSet<&str> = of_neighbors.map(|operation| operation.family.as_str()).collect();
    if let (1, Some(family)) = (of_neighbors.len(), of_neighbors.first()) {
        return (*family).to_owned();
    }
    let begins = |family: &&&str| slug.strip_prefix(**family).is_some_and(|rest| rest.starts_with('-'));
    let longest = families.iter().filter(begins).max_by_key(|family| family.len());
    match longest {
        Some(family) => (*family).to_owned(),
        None if slug.is_empty() => fallback,
        None => slug,
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
        report.push(Kind::Conflict, "service.json", family, "new family; describe it in `families`");
    }
}
