//! Names for constants of error codes that would clash.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::decision::Decision;
use super::report::{Entry, Kind, Report};
use crate::codes::{self, Clash};
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
    for Clash { constant, usual, others } in codes::clashes(&documented, service, names) {
        let is_new = |code: &str| !service.codes.contains_key(code) && !is_known(code);
        // A known code keeps its constant, even if more operations document a new one.
        let keeps = |code: &&str| !is_new(code) && !service.codes.contains_key(*code);
        let keeper = std::iter::once(usual).chain(others.iter().map(|(code, _)| *code)).find(keeps).unwrap_or(usual);
        let of_usual = (usual, codes::distinguishing_name(usual, keeper, names));
        let named = std::iter::once(of_usual).filter(|_| keeper != usual).chain(others);
        for (code, name) in named.filter(|(code, _)| *code != keeper && is_new(code)) {
            let detail = format!("`{name}`, because `{constant}` is the constant of `{keeper}`");
            let entry = Entry::new(Kind::Decided, "service.json".to_owned(), format!("codes {code}"), detail);
            report.add(Entry { decision: Some(Decision::Constant), ..entry });
            added.insert(code.to_owned(), name);
        }
    }
    added
}

/// The codes that operations document.
pub(super) fn codes_of<'o>(operations: impl Iterator<Item = &'o Operation>) -> HashSet<&'o str> {
    operations.flat_map(|operation| &operation.errors).map(|error| error.code.as_str()).collect()
}
