//! The operations that `--only` names.

use std::collections::BTreeSet;

use ecs_codegen::{load::Tree, model};

/// Some operations, or all.
pub(super) struct Selection {
    /// Service and operation; `None` for all.
    operations: Option<BTreeSet<(String, String)>>,
}

impl Selection {
    /// Finds the operations. Names are those of services, families or operations; `service/family` names a family of one
    /// service, and `service/family/Operation` one operation.
    pub(super) fn new(only: &[String], tree: &Tree) -> Result<Self, String> {
        if only.is_empty() {
            return Ok(Self { operations: None });
        }
        let mut operations = BTreeSet::new();
        for name in only {
            let wanted = name.trim_start_matches("specs/").trim_end_matches(".json").trim_end_matches('/');
            let before = operations.len();
            let mut known = false;
            for service in &tree.services {
                for operation in &service.operations {
                    let (service, family, operation) = (&service.name, &operation.family, &operation.operation);
                    let paths = [format!("{service}/{family}"), format!("{service}/{family}/{operation}")];
                    if [service, family, operation].contains(&&wanted.to_owned())
                        || paths.iter().any(|path| path == wanted)
                    {
                        known = true;
                        operations.insert((service.clone(), operation.clone()));
                    }
                }
            }
            if !known && before == operations.len() {
                return Err(format!(
                    "`{name}` is neither a service, a family nor an operation of the specs; name one such as `ecs`, \
                     `ecs/instances` or `StopInstance`"
                ));
            }
        }
        Ok(Self { operations: Some(operations) })
    }

    pub(super) fn is_all(&self) -> bool {
        self.operations.is_none()
    }

    pub(super) fn contains(&self, service: &model::Service, operation: &model::Operation) -> bool {
        let key = || (service.name.clone(), operation.wire.clone());
        self.operations.as_ref().is_none_or(|operations| operations.contains(&key()))
    }

    /// Number of operations.
    pub(super) fn count(&self, tree: &Tree) -> usize {
        let all = || tree.services.iter().map(|service| service.operations.len()).sum();
        self.operations.as_ref().map_or_else(all, BTreeSet::len)
    }
}
