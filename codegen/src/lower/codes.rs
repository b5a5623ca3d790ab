//! Constants of error codes.

use crate::{
    classes::Classes,
    codes::{self, Users},
    load::ServiceTree,
    model::Code,
    naming::Names,
};

/// The error codes of a service, sorted, with their constants.
pub(super) fn codes(tree: &ServiceTree, classes: &Classes<'_>, names: &Names) -> Vec<Code> {
    let service = &tree.service;
    let documented = codes::documented(service, &tree.operations);
    let lowered = documented.into_iter().map(|(code, users)| {
        let families: Vec<String> = users.families().into_iter().map(str::to_owned).collect();
        Code {
            constant: codes::constant(code, service, names),
            code: code.to_owned(),
            doc: service.errors.get(code).cloned().unwrap_or_else(|| doc(&users)),
            class: classes.of(code),
            service_wide: users.is_service_wide,
            common: users.is_service_wide || families.len() > 1,
            families,
        }
    });
    lowered.collect()
}

fn doc(users: &Users<'_>) -> String {
    let names: Vec<&str> = users.operations.iter().map(|operation| operation.operation.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("Returned by `{one}`."),
        [one, two] => format!("Returned by `{one}` and `{two}`."),
        [one, ..] => format!("Returned by {} operations, including `{one}`.", names.len()),
    }
}
