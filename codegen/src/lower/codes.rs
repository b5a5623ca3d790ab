//! Constants of error codes.

use std::collections::BTreeMap;

use crate::{load::ServiceTree, model::Code, naming::Names};

/// The constants of a service's error codes.
pub(super) fn codes(tree: &ServiceTree, names: &Names) -> Vec<Code> {
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for operation in &tree.operations {
        for error in &operation.errors {
            let users = users.entry(&error.code).or_default();
            if users.last() != Some(&operation.operation.as_str()) {
                users.push(&operation.operation);
            }
        }
    }
    for code in tree.service.errors.keys() {
        users.entry(code).or_default();
    }
    let mut codes: Vec<Code> = Vec::new();
    for (code, users) in users {
        let mut constant = names.constant(code);
        while codes.iter().any(|other| other.constant == constant) {
            constant.push('_');
        }
        let doc = match (tree.service.errors.get(code), users.as_slice()) {
            (Some(doc), _) => doc.clone(),
            (None, [one]) => format!("Documented for `{one}`."),
            (None, [one, two]) => format!("Documented for `{one}` and `{two}`."),
            (None, users) => format!("Documented for {} operations, such as `{}`.", users.len(), users[0]),
        };
        codes.push(Code { constant, code: code.to_owned(), doc });
    }
    codes
}
