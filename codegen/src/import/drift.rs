//! Compares an API with the specs, in both directions. Nothing is changed.

mod report;
mod walk;

pub use report::{Count, Detail, Difference, Drift, Fact};

use super::api::ApiDocs;
use super::merger::TYPES_FILE;
use super::report::Kind;
use super::shape::Shapes;
use super::tree::ExistingTree;
use crate::spec::Operation;
use walk::{Walk, count_members};

/// Compares an API with the specs.
pub fn drift(api: &ApiDocs, detail: Detail, tree: &ExistingTree) -> Drift {
    let mut drift = Drift::default();
    for (name, docs) in &api.apis {
        drift.operations.api += 1;
        let shapes = Shapes::of(api, docs);
        let Some(operation) = tree.operations.get(name) else {
            drift.differ(Difference::missing(name, "", "operation".to_owned()));
            drift.parameters.api += count_members(&shapes.request);
            drift.response_fields.api += count_members(&shapes.response);
            continue;
        };
        drift.operations.specs += 1;
        if detail.is_full {
            compare_operation(operation, docs.deprecated, &shapes, &mut drift);
        }
        let mut request = Walk::new(tree, operation, detail, &mut drift);
        request.fields(&operation.request, &shapes.request, "request ", true);
        let parameters = request.count;
        drift.parameters.add(parameters);
        if detail.is_full {
            let mut response = Walk::new(tree, operation, detail, &mut drift);
            response.fields(&operation.response, &shapes.response, "response ", true);
            let response_fields = response.count;
            drift.response_fields.add(response_fields);
        }
    }
    if detail.is_complete {
        for name in tree.operations.keys().filter(|name| !api.apis.contains_key(*name)) {
            drift.differ(Difference::extra(name, "", "operation".to_owned()));
        }
    }
    if detail.is_full {
        add_needless_decisions(api, tree, &mut drift);
    }
    drift
}

/// Compares the facts about an operation itself, and its error codes.
fn compare_operation(operation: &Operation, is_deprecated: bool, shapes: &Shapes, drift: &mut Drift) {
    let name = &operation.operation;
    if is_deprecated != operation.deprecated {
        let (ours, theirs) = (operation.deprecated.to_string(), is_deprecated.to_string());
        drift.differ(Difference::of(name, "", Fact::named("deprecated"), Some(ours), Some(theirs)));
    }
    let path = |error: &crate::spec::ErrorCode| format!("error {} {}", error.http, error.code);
    for error in shapes.errors.iter().filter(|error| !operation.errors.contains(error)) {
        drift.differ(Difference::missing(name, &path(error), "error code".to_owned()));
    }
    for error in operation.errors.iter().filter(|error| !shapes.errors.contains(error)) {
        drift.differ(Difference::extra(name, &path(error), "error code".to_owned()));
    }
}

/// Adds the decisions that the API agrees with, as an import reports them.
fn add_needless_decisions(api: &ApiDocs, tree: &ExistingTree, drift: &mut Drift) {
    for entry in super::import(api, None, tree).report.entries.into_iter().filter(|entry| entry.kind == Kind::Agreed) {
        let path = entry.path.trim_start_matches("types ").to_owned();
        let owner = if entry.owner == TYPES_FILE { TYPES_FILE } else { &entry.owner };
        drift.differ(Difference::of(owner, &path, Fact::Decision, Some(entry.detail), None));
    }
}
