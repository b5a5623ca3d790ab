//! Keeps the tables of error classes consistent with the codes that imported operations document.

use std::collections::BTreeSet;

use super::codes::codes_of;
use super::decision::Decision;
use super::report::{Entry, Kind, Report};
use super::tree::ExistingTree;
use crate::classes::{Table, letters};
use crate::spec::{Class, ErrorClasses, Operation, Rpc};

/// The tables, if they changed.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// `rpc.json`.
    pub(super) rpc: Option<Rpc>,
    /// Classes of `service.json`.
    pub(super) of_service: Option<ErrorClasses>,
}

/// Lists new codes that patterns of several classes match under `none`, and removes codes that are documented now from
/// `undocumented_codes`.
pub(super) fn settle(existing: &ExistingTree, operations: &[Operation], report: &mut Report) -> Tables {
    let known = codes_of(existing.operations.values());
    let new: BTreeSet<&str> = codes_of(operations.iter()).into_iter().filter(|code| !known.contains(code)).collect();
    let mut rpc = existing.rpc.clone();
    let mut tables = Tables::default();
    if existing.has_own_rpc {
        let mut is_changed = decide(&mut rpc.error_classes, &new, "rpc.json", report);
        for codes in rpc.undocumented_codes.values_mut() {
            codes.retain(|code| {
                let is_new = new.contains(code.as_str());
                if is_new {
                    let operation = operations.iter().find(|one| one.errors.iter().any(|error| error.code == *code));
                    let name = operation.map_or("", |operation| &operation.operation);
                    let detail = format!("removed, because `{name}` documents it");
                    note(report, "rpc.json", format!("undocumented_codes {code}"), detail);
                    is_changed = true;
                }
                !is_new
            });
        }
        rpc.undocumented_codes.retain(|_, codes| !codes.is_empty());
        tables.rpc = is_changed.then_some(rpc);
    }
    if let Some(service) = &existing.service {
        let mut classes = service.error_classes.clone();
        let is_changed = decide(&mut classes, &new, "service.json", report);
        tables.of_service = is_changed.then_some(classes);
    }
    tables
}

/// Lists codes that patterns of several classes match under `none`: which class is right cannot be known, and only a code
/// without a class has no effect on retries.
fn decide(table: &mut ErrorClasses, codes: &BTreeSet<&str>, file: &str, report: &mut Report) -> bool {
    let prepared = Table::new(table);
    let mut undecided = Vec::new();
    for code in codes.iter().filter(|code| prepared.listed(code).next().is_none()) {
        let classes: Vec<String> = prepared.matched(&letters(code)).map(|(class, _)| class.to_string()).collect();
        if classes.len() > 1 {
            undecided.push((*code, classes));
        }
    }
    for (code, classes) in &undecided {
        let listed = &mut table.entry(Class::None).or_default().codes;
        let position = listed.iter().position(|other| other.as_str() > *code).unwrap_or(listed.len());
        listed.insert(position, (*code).to_owned());
        let detail = format!("in no class, because patterns of several match it: {}", classes.join(", "));
        note(report, file, format!("error_classes.none {code}"), detail);
    }
    !undecided.is_empty()
}

fn note(report: &mut Report, file: &str, path: String, detail: String) {
    let entry = Entry::new(Kind::Decided, file.to_owned(), path, detail);
    report.add(Entry { decision: Some(Decision::ErrorClass), ..entry });
}
