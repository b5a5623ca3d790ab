//! Reports what the specs have and the API lacks. The specs keep it.

use std::collections::HashSet;

use super::api::ApiDocs;
use super::merger::{Home, Merger, Shared, TYPES_FILE};
use super::report::{Kind, Report};
use super::shape::REQUEST_ID;
use super::tree::ExistingTree;
use crate::spec::Type;

impl Merger<'_> {
    /// Reports what only the spec of this operation has.
    pub(super) fn report_gone(&mut self) {
        let mut owners = vec![(Home::Request, "request ".to_owned()), (Home::Response, "response ".to_owned())];
        owners.extend(self.settled.iter().map(|name| (Home::Local(name.clone()), format!("types {name}."))));
        owners.sort_by(|a, b| a.1.cmp(&b.1));
        for (home, prefix) in owners {
            let fields = self.fields_of(&home).clone();
            for field in fields.iter().filter(|field| field.skip.is_none() && field.source.is_none()) {
                if !self.seen.contains(&(home.clone(), field.name.clone())) && field.name != REQUEST_ID {
                    self.note(Kind::Gone, &format!("{prefix}{}", field.name), "not in the API; kept");
                }
            }
        }
        for (home, value) in gone_values(self.operation.types.iter(), Home::Local, &self.seen) {
            self.note(Kind::Kept, &format!("types {}", home.name()), format!("value `{value}`"));
        }
    }
}

/// Reports operations, and members and values of shared types, that only the specs have.
pub(super) fn report(api: &ApiDocs, existing: &ExistingTree, shared: &Shared, report: &mut Report) {
    for name in existing.operations.keys().filter(|name| !api.apis.contains_key(*name)) {
        report.push(Kind::Gone, name, "", "not in the API; kept");
    }
    for (name, ty) in &shared.types {
        let home = Home::Shared(name.clone());
        let fields = ty.fields.iter().flatten().filter(|field| field.skip.is_none() && field.source.is_none());
        let (seen, unseen): (Vec<_>, Vec<_>) =
            fields.partition(|field| shared.seen.contains(&(home.clone(), field.name.clone())));
        for field in unseen.into_iter().filter(|_| !seen.is_empty()) {
            report.push(Kind::Gone, TYPES_FILE, &format!("{name}.{}", field.name), "not in the API; kept");
        }
    }
    for (home, value) in gone_values(shared.types.iter(), Home::Shared, &shared.seen) {
        report.push(Kind::Kept, TYPES_FILE, home.name(), format!("value `{value}`"));
    }
}

/// Values that the API lacks, of enums for which it lists values.
fn gone_values<'t>(
    types: impl Iterator<Item = (&'t String, &'t Type)>,
    home: impl Fn(String) -> Home,
    seen: &HashSet<(Home, String)>,
) -> Vec<(Home, String)> {
    let mut gone = Vec::new();
    for (name, ty) in types {
        let home = home(name.clone());
        let values = ty.values.iter().flat_map(|values| values.keys());
        let (known, unknown): (Vec<_>, Vec<_>) =
            values.partition(|v| seen.contains(&(home.clone(), v.to_ascii_lowercase())));
        if !known.is_empty() {
            gone.extend(unknown.into_iter().map(|value| (home.clone(), value.clone())));
        }
    }
    gone
}
