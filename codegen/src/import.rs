//! Imports published api-docs into the specs. An import updates the facts and keeps hand-written content.

mod api;
mod coverage;
mod facts;
mod gone;
mod merge;
mod merger;
pub(crate) mod names;
mod report;
mod shape;
mod tree;
mod types;

use std::collections::BTreeSet;
use std::path::Path;

pub use api::{Api, ApiDocs, Components, Directory, DocumentedError, Endpoint, Info, Parameter, Response, Schema};
pub use coverage::{Count, Coverage, Difference, coverage};
pub(crate) use facts::DECIDABLE;
pub use report::{Entry, Kind, Report};
pub use tree::{Error, ExistingTree};

use crate::spec::{Operation, SharedTypes};
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

/// Updates the specs of all operations from the API. With `only`, updates those of the named operations.
pub fn import(api: &ApiDocs, only: Option<&[String]>, existing: &ExistingTree) -> Import {
    let mut report = Report::default();
    let mut shared = Shared::new(&existing.types, existing.operations.values());
    let mut operations = Vec::new();
    let wanted = |name: &String| only.is_none_or(|only| only.contains(name));
    for (name, docs) in api.apis.iter().filter(|(name, _)| wanted(name)) {
        let shapes = Shapes::of(api, docs);
        let old = existing.operations.get(name);
        let operation = updated_operation(api, name, docs, old, existing, &mut report);
        let mut operation = Merger::new(operation, old.is_none(), &mut shared, &mut report).merge(&shapes);
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

/// Reads an api-docs file, imports it into `specs_dir/service` and writes the files that changed.
///
/// # Errors
///
/// Returns an error if a file cannot be read or written, if a spec file is invalid or has unknown keys, or if `only` names
/// an operation that the API does not have.
pub fn run(api_path: &Path, specs_dir: &Path, service: &str, only: Option<&[String]>) -> Result<Report, Error> {
    let api = read_api(api_path)?;
    if let Some(name) = only.unwrap_or_default().iter().find(|name| !api.apis.contains_key(*name)) {
        return Err(tree::failed(api_path, format!("`{name}` is not an operation of the API")));
    }
    let existing = ExistingTree::read(specs_dir, service)?;
    let Import { operations, types, mut report } = import(&api, only, &existing);
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

/// The operation of the spec, or a new one, with its own facts updated.
fn updated_operation(
    api: &ApiDocs,
    name: &str,
    docs: &Api,
    old: Option<&Operation>,
    existing: &ExistingTree,
    report: &mut Report,
) -> Operation {
    let mut operation = old.cloned().unwrap_or_else(|| Operation {
        schema: Some("../../schema.json".to_owned()),
        operation: name.to_owned(),
        family: family(api, name, existing),
        read: existing.rpc.is_read(name),
        ..Operation::default()
    });
    match old {
        None => {
            let detail = format!("new operation with {}", count(docs.parameters.len(), "parameter"));
            report.push(Kind::Added, name, "", detail);
        }
        Some(old) => {
            if docs.deprecated && !old.deprecated {
                report.push(Kind::Changed, name, "deprecated", "added");
            }
            if docs.replaced_by.is_some() && docs.replaced_by != old.replaced_by && docs.deprecated {
                report.push(Kind::Changed, name, "replaced_by", docs.replaced_by.clone().unwrap_or_default());
            }
            if docs.visibility.is_some() && docs.visibility != old.visibility {
                let visibility = docs.visibility.map(|visibility| format!("{visibility:?}").to_lowercase());
                report.push(Kind::Changed, name, "visibility", visibility.unwrap_or_default());
            }
            if old.deprecated && !docs.deprecated {
                report.push(Kind::Kept, name, "deprecated", "");
            }
        }
    }
    operation.deprecated |= docs.deprecated;
    if docs.deprecated {
        operation.replaced_by = docs.replaced_by.clone().or(operation.replaced_by);
    }
    operation.visibility = docs.visibility.or(operation.visibility);
    operation
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
            operation.errors.push(error.clone());
        }
    }
    operation.errors.sort_by(|a, b| (a.http, &a.code).cmp(&(b.http, &b.code)));
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
