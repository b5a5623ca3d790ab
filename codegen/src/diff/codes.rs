//! Compares the constants of error codes.

use std::collections::BTreeMap;

use super::{
    Both,
    change::{Change, Impact, Place, Spots},
    tree::Files,
    values::names,
};
use crate::{codes, spec::Operation};

/// The constants of error codes, by path: `INVALID_PARAMETER`, and `disks::INVALID_PARAMETER` where families are features.
pub(super) fn constants(files: &Files) -> BTreeMap<String, String> {
    let service = &files.tree.service;
    let mut constants = BTreeMap::new();
    for (code, users) in codes::documented(service, &files.tree.operations) {
        let name = codes::constant(code, service, &files.names);
        let families = users.families().into_iter().filter(|_| service.gate.has_types_crate());
        for family in families {
            constants.entry(format!("{}::{name}", module_of(family))).or_insert_with(|| code.to_owned());
        }
        constants.entry(name).or_insert_with(|| code.to_owned());
    }
    constants
}

/// The module with the constants of a family.
fn module_of(family: &str) -> String {
    family.replace('-', "_")
}

/// Compares the constants by path. One that disappears, or changes its value, is a breaking change. New ones are reported
/// with the operations that document them.
pub(super) fn compare(changes: &mut Vec<Change>, both: &Both<'_>) {
    let [old, new] = &both.codes;
    let mut log = both.log(changes, "codes", Vec::new());
    let mut moved: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (path, code) in old {
        // A removed family, and a constant that changed for all families, are reported once.
        if let Some((module, name)) = path.split_once("::") {
            let exists = new.keys().any(|path| path.split_once("::").is_some_and(|(other, _)| other == module));
            if !exists || old.get(name) != new.get(name) {
                continue;
            }
        }
        match new.get(path) {
            Some(other) if other == code => {}
            Some(other) => {
                log.add("constant-changed", Impact::Breaking, path, format!("`{code}` → `{other}`"))
                    .values(Some(code.clone()), Some(other.clone()))
                    .effect("programs that compare with the constant compare with another code")
                    .at(place(both, code));
            }
            None => {
                let renamed =
                    new.iter().find(|(other, value)| *value == code && other.contains("::") == path.contains("::"));
                // The word table is reported with the names that it changes.
                let service = &both.new.tree.service;
                let by_words = renamed.is_some_and(|(other, _)| {
                    let derived = both.new.names.constant(code);
                    !service.codes.contains_key(code) && derived == *other && both.old.names.constant(code) != derived
                });
                if by_words {
                    continue;
                }
                match (path.split_once("::"), renamed) {
                    (Some((module, name)), _) => {
                        let users = users(both.old, module, code);
                        if let Some(operation) = users.iter().find(|operation| moved_with(both, operation, code)) {
                            moved.entry((module, &operation.operation)).or_default().push(name);
                            continue;
                        }
                        let family = users.first().map_or(module, |operation| &operation.family);
                        let message = format!("removed: no operation of `{family}` documents `{code}`");
                        let change = log.add("constant-removed", Impact::Breaking, path, message);
                        change.at(users.first().map_or_else(|| place(both, code), |user| place_in(user, code)))
                    }
                    (None, Some((other, _))) => log
                        .add("constant-renamed", Impact::Breaking, path, format!("renamed to `{other}`"))
                        .values(Some(path.clone()), Some(other.clone()))
                        .at(place(both, code)),
                    (None, None) => log
                        .add(
                            "constant-removed",
                            Impact::Breaking,
                            path,
                            format!("removed: no operation documents `{code}`"),
                        )
                        .at(place(both, code)),
                };
            }
        }
    }
    for ((module, name), constants) in moved {
        let (Some(old), Some(new)) = (both.old.operation(name), both.new.operation(name)) else { continue };
        let message = format!("{} moved to `{}` with `{name}`", names(&constants), new.family);
        let target = module_of(&new.family);
        log.add("constants-moved", Impact::Breaking, module, message)
            .effect(format!("the constants are in `codes::{target}`, and no longer in `codes::{module}`"))
            .at(Spots::of(&old.path, &new.path).after("family"));
    }
}

/// The operations of a family, given by its module, that document a code.
fn users<'a>(files: &'a Files, module: &str, code: &str) -> Vec<&'a Operation> {
    let operations = files.tree.operations.iter().filter(|operation| module_of(&operation.family) == module);
    operations.filter(|operation| operation.errors.iter().any(|error| error.code == code)).collect()
}

/// Whether an operation belongs to another family now, and still documents a code.
fn moved_with(both: &Both<'_>, operation: &Operation, code: &str) -> bool {
    both.new
        .operation(&operation.operation)
        .is_some_and(|new| new.family != operation.family && new.errors.iter().any(|error| error.code == code))
}

/// Where a code is decided or documented: in the new tree, or else in the old one.
fn place(both: &Both<'_>, code: &str) -> Place {
    let spots = Spots::of(&both.old.service_path, &both.new.service_path);
    if both.new.tree.service.codes.contains_key(code) {
        return spots.after(&format!("codes.{code}"));
    }
    if both.old.tree.service.codes.contains_key(code) {
        return spots.before(&format!("codes.{code}"));
    }
    let operations = &both.old.tree.operations;
    let documented = operations.iter().find(|operation| operation.errors.iter().any(|error| error.code == code));
    documented.map_or_else(|| spots.before(&format!("errors.{code}")), |operation| place_in(operation, code))
}

/// Where an operation of the old tree documents a code.
fn place_in(operation: &Operation, code: &str) -> Place {
    let index = operation.errors.iter().position(|error| error.code == code).unwrap_or_default();
    Spots::of(&operation.path, "").before(&format!("errors.{index}"))
}
