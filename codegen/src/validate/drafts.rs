//! Drafts: docs that may be missing are no violations, and a draft without missing docs is no longer one.

use super::Mistake;
use crate::{
    draft::{self, Coverage, Draft},
    load::{ServiceTree, Tree},
    rules,
    suggest::count,
};

/// Removes the violations that drafts cover, and reports the drafts themselves.
pub(super) fn apply(tree: &Tree, found: &mut Vec<Mistake>) {
    for service in &tree.services {
        let coverage = Coverage::of(service);
        let is_in_service = |file: &str| file.split('/').next() == Some(&service.name);
        found.retain(|mistake| {
            *mistake.rule != rules::MISSING_DOC
                || !is_in_service(&mistake.file)
                || !coverage.covers(&mistake.file, &mistake.at)
        });
        report(service, found);
    }
}

/// Reports the drafts of a service.
fn report(service: &ServiceTree, found: &mut Vec<Mistake>) {
    let Some(drafts) = draft::of_service(service, |_| true) else { return };
    // Types that could not be read may lack docs.
    let is_known = !service.gaps.types && !service.gaps.operations;
    if drafts.operations.is_empty() {
        let file = format!("{}/service.json", service.name);
        found.extend(about(&file, &service.name, drafts.missing, is_known));
        let marked = service.operations.iter().filter(|operation| draft::is_marked(operation));
        found.extend(marked.map(|operation| {
            let message =
                format!("the docs of the whole service are a draft, not only those of `{}`", operation.operation);
            finished(&operation.path, message)
        }));
    }
    for Draft { operation, path, missing } in drafts.operations {
        found.extend(about(path, operation, missing, is_known));
    }
}

/// Reports a draft, or a mark without effect because no docs are missing.
fn about(file: &str, name: &str, missing: usize, is_known: bool) -> Option<Mistake> {
    match missing {
        0 if is_known => Some(finished(file, format!("the docs of `{name}` are a draft, but none are missing"))),
        0 => None,
        missing => {
            let verb = if missing == 1 { "is" } else { "are" };
            let message = format!("the docs of `{name}` are a draft: {} {verb} missing", count(missing, "doc"));
            let help = "write them in our own words, then remove the mark; without it, every missing doc is an error";
            Some(Mistake::new(&rules::DRAFT, file, "docs", message, help))
        }
    }
}

fn finished(file: &str, message: String) -> Mistake {
    let mut mistake = Mistake::new(&rules::FINISHED_DRAFT, file, "docs", message, "remove `docs`");
    mistake.fix_by_removing("docs");
    mistake
}
