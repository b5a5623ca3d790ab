//! Names for constants of error codes that would clash.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::decision::Decision;
use super::report::{Entry, Kind, Report};
use crate::codes;
use crate::naming::Names;
use crate::spec::{Operation, Service};

/// Adds a name for each code whose constant would have the name of another one to `codes` of the service.
/// Codes that the specs had before keep their constants.
pub(super) fn name_clashes(
    service: &Service,
    operations: &[&Operation],
    names: &Names,
    is_known: impl Fn(&str) -> bool,
    report: &mut Report,
) -> IndexMap<String, String> {
    let documented = codes::documented(service, operations.iter().copied());
    let mut added: IndexMap<String, String> = IndexMap::new();
    for clash in codes::clashes(&documented, service, names) {
        for (code, constant) in clash.others {
            if service.codes.contains_key(code) || is_known(code) {
                continue;
            }
            report.add(Entry {
                kind: Kind::Decided,
                decision: Some(Decision::Constant),
                owner: "service.json".to_owned(),
                path: format!("codes {code}"),
                detail: format!("`{constant}`, because `{}` is the constant of `{}`", clash.constant, clash.usual),
                place: String::new(),
            });
            added.insert(code.to_owned(), constant);
        }
    }
    added
}

/// The codes that operations document.
pub(super) fn codes_of<'o>(operations: impl Iterator<Item = &'o Operation>) -> HashSet<&'o str> {
    operations.flat_map(|operation| &operation.errors).map(|error| error.code.as_str()).collect()
}
