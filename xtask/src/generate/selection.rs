//! The operations that `--only` names.

use std::{collections::BTreeSet, path::Path};

use ecs_codegen::{load::Tree, model, suggest};

use crate::place;

/// Some operations, or all.
pub(super) struct Selection {
    /// Service, and the operation's name on the wire; `None` for all.
    operations: Option<BTreeSet<(String, String)>>,
}

impl Selection {
    /// Finds the operations. Names are those of services, families or operations; `service/family` names a family of one
    /// service, and `service/family/Operation` one operation.
    pub(super) fn new(only: &[String], tree: &Tree, specs: &Path) -> Result<Self, String> {
        if only.is_empty() {
            return Ok(Self { operations: None });
        }
        let mut operations = BTreeSet::new();
        for name in only {
            let path = place::below(name, specs);
            let wanted = path.trim_end_matches(".json");
            let mut found = all(tree).filter(|(_, names)| names.iter().any(|known| known == wanted)).peekable();
            if found.peek().is_none() {
                let known: BTreeSet<String> = all(tree).flat_map(|(_, names)| names).collect();
                let known: Vec<String> = known.into_iter().collect();
                let help = suggest::remedy(wanted, &known, "name one such as `ecs`, `ecs/instances` or `StopInstance`");
                return Err(format!("`{name}` is neither a service, a family nor an operation of the specs; {help}"));
            }
            operations.extend(found.map(|(operation, _)| operation));
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

/// All operations, each with the names that select it.
fn all(tree: &Tree) -> impl Iterator<Item = ((String, String), [String; 5])> {
    tree.services.iter().flat_map(|tree| {
        tree.operations.iter().map(|operation| {
            let (service, family, name) = (&tree.name, &operation.family, &operation.operation);
            let paths = [format!("{service}/{family}"), format!("{service}/{family}/{name}")];
            let [of_family, path] = paths;
            let wire = operation.wire.as_ref().unwrap_or(name);
            ((service.clone(), wire.clone()), [service.clone(), family.clone(), name.clone(), of_family, path])
        })
    })
}

#[cfg(test)]
mod tests {
    use ecs_codegen::{Source, load};

    use super::*;

    /// Two services with three operations, one of which has another name on the wire.
    fn tree() -> Tree {
        let operations = [("ecs", "disks", "StopDisk"), ("ecs", "things", "StopThing"), ("vpc", "things", "StopNet")];
        let files = operations.map(|(service, family, name)| Source {
            path: format!("{service}/{family}/{name}.json"),
            text: match name {
                "StopNet" => format!(r#"{{ "operation": "{name}", "wire": "stop-net", "family": "{family}" }}"#),
                _ => format!(r#"{{ "operation": "{name}", "family": "{family}" }}"#),
            },
        });
        load::from_files(files.to_vec()).unwrap()
    }

    fn selected(only: &[&str]) -> Result<Vec<String>, String> {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        let selection = Selection::new(&only, &tree(), Path::new("specs"))?;
        let operations = selection.operations.expect("some operations are named");
        Ok(operations.into_iter().map(|(service, name)| format!("{service} {name}")).collect())
    }

    #[test]
    fn services_families_operations_and_files_select() {
        for (only, expected) in [
            (&["ecs"][..], &["ecs StopDisk", "ecs StopThing"][..]),
            (&["things"], &["ecs StopThing", "vpc stop-net"]),
            (&["ecs/things"], &["ecs StopThing"]),
            (&["StopNet"], &["vpc stop-net"]),
            (&["StopNet", "disks"], &["ecs StopDisk", "vpc stop-net"]),
            (&["StopDisk", "ecs", "StopDisk"], &["ecs StopDisk", "ecs StopThing"]),
            (&["specs/vpc/things/StopNet.json"], &["vpc stop-net"]),
            (&["./specs/ecs/disks/"], &["ecs StopDisk"]),
        ] {
            assert_eq!(selected(only).unwrap(), expected, "{only:?}");
        }
        let all = Selection::new(&[], &tree(), Path::new("specs")).unwrap();
        assert!(all.is_all());
        assert_eq!(all.count(&tree()), 3);
    }

    #[test]
    fn an_unknown_name_is_rejected_with_the_nearest_one() {
        let error = selected(&["StopDisk", "StopThign"]).unwrap_err();
        let expected =
            "`StopThign` is neither a service, a family nor an operation of the specs; did you mean `StopThing`?";
        assert!(error.starts_with(expected), "{error}");
        assert!(selected(&[""]).unwrap_err().ends_with("name one such as `ecs`, `ecs/instances` or `StopInstance`"));
        assert!(selected(&["vpc/disks"]).is_err());
    }
}
