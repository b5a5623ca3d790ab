//! Compares the constants of error codes.

use std::collections::BTreeMap;

use super::{
    Both,
    change::{Change, Impact, Place, Spots},
    tree::Files,
};
use crate::codes;

/// The constants of error codes, by path: `INVALID_PARAMETER`, and `disks::INVALID_PARAMETER` where families are features.
pub(super) fn constants(files: &Files) -> BTreeMap<String, String> {
    let service = &files.tree.service;
    let mut constants = BTreeMap::new();
    for (code, users) in codes::documented(service, &files.tree.operations) {
        let name = codes::constant(code, service, &files.names);
        let families = users.families().into_iter().filter(|_| service.gate.has_types_crate());
        for family in families {
            constants.entry(format!("{}::{name}", family.replace('-', "_"))).or_insert_with(|| code.to_owned());
        }
        constants.entry(name).or_insert_with(|| code.to_owned());
    }
    constants
}

/// Compares the constants by path. One that disappears, or changes its value, is a breaking change. New ones are reported
/// with the operations that document them.
pub(super) fn compare(changes: &mut Vec<Change>, both: &Both<'_>) {
    let [old, new] = &both.codes;
    let mut log = both.log(changes, "codes", Vec::new());
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
                match renamed {
                    Some((other, _)) if !path.contains("::") => log
                        .add("constant-renamed", Impact::Breaking, path, format!("renamed to `{other}`"))
                        .values(Some(path.clone()), Some(other.clone())),
                    _ => log.add(
                        "constant-removed",
                        Impact::Breaking,
                        path,
                        format!("removed: no operation documents `{code}`"),
                    ),
                }
                .at(place(both, code));
            }
        }
    }
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
    let documented = both.old.tree.operations.iter().find_map(|operation| {
        let index = operation.errors.iter().position(|error| error.code == code)?;
        Some(Spots::of(&operation.path, "").before(&format!("errors.{index}")))
    });
    documented.unwrap_or_else(|| spots.before(&format!("errors.{code}")))
}
