//! Selects a few operations of a spec tree, for tests of the runtime that should not build all of them.

use std::collections::HashSet;

use crate::{
    load::{ServiceTree, Tree},
    spec::{Gate, Operation},
    type_graph::{Reached, Scope},
};

/// Reads a list of operations: one `<service>/<Operation>` per line. Empty lines and comments after `#` are skipped.
pub fn parse(list: &str) -> Vec<&str> {
    let lines = list.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).collect()
}

/// Returns the specs of these operations and of the types that they use, without any Cargo features.
///
/// # Errors
///
/// Returns an error for the first name that is not an operation of the tree.
pub fn excerpt(tree: &Tree, names: &[&str]) -> Result<Tree, String> {
    let mut services: Vec<ServiceTree> = Vec::new();
    let mut found = HashSet::new();
    for service in &tree.services {
        let chosen = |operation: &&Operation| {
            let name = format!("{}/{}", service.name, operation.operation);
            names.contains(&name.as_str()) && found.insert(name)
        };
        let operations: Vec<Operation> = service.operations.iter().filter(chosen).cloned().collect();
        if !operations.is_empty() {
            services.push(with_operations(service, operations));
        }
    }
    match names.iter().find(|name| !found.contains(**name)) {
        Some(name) => Err(format!("`{name}` is not an operation of the specs; expected <service>/<Operation>")),
        None => Ok(Tree { services, ..Tree::default() }),
    }
}

/// The service reduced to these operations and the shared types that they use.
fn with_operations(service: &ServiceTree, operations: Vec<Operation>) -> ServiceTree {
    let mut used = HashSet::new();
    for operation in &operations {
        let scope = Scope::of(operation, &service.types);
        for fields in [&operation.request, &operation.response] {
            let reached = scope.reached(fields).into_iter().filter(Reached::is_shared);
            used.extend(reached.map(|reached| reached.name));
        }
    }
    let types = service.types.iter().filter(|(name, _)| used.contains(name.as_str()));
    let mut part =
        ServiceTree { types: types.map(|(name, ty)| (name.clone(), ty.clone())).collect(), ..service.clone() };
    part.operations = operations;
    part.service.gate = Gate::Runtime;
    part
}
