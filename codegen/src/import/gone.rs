//! Reports operations, members and values that the specs have and the API lacks. The specs keep them.

use std::collections::HashSet;

use super::api::ApiDocs;
use super::merger::{Merger, Owner, Shared, TYPES_FILE};
use super::report::{Kind, Report};
use super::shape::REQUEST_ID;
use super::tree::ExistingTree;
use crate::spec::{Field, Type};

impl Merger<'_> {
    /// Reports members and values that only the spec of this operation has.
    pub(super) fn report_gone(&mut self) {
        let mut owners = vec![(Owner::Request, "request ".to_owned()), (Owner::Response, "response ".to_owned())];
        owners.extend(self.updated_structs.iter().map(|name| (Owner::Local(name.clone()), format!("types {name}."))));
        owners.sort_by(|a, b| a.1.cmp(&b.1));
        for (owner, prefix) in owners {
            let fields = self.fields_of(&owner).clone();
            for (member, fact) in agreed_decisions(&owner, &fields, &self.seen, &self.overridden) {
                self.note(Kind::Agreed, &format!("{prefix}{member}"), agreed(&fact));
            }
            for field in fields.iter().filter(|field| field.skip.is_none() && field.source.is_none()) {
                if !self.seen.contains(&(owner.clone(), field.name.clone())) && field.name != REQUEST_ID {
                    self.note(Kind::Gone, &format!("{prefix}{}", field.name), gone(field));
                }
            }
        }
        for (owner, value) in gone_values(self.operation.types.iter(), Owner::Local, &self.seen) {
            self.note(Kind::Kept, &format!("types {}", owner.name()), format!("value `{value}`"));
        }
    }
}

/// Reports operations, and members and values of shared types, that only the specs have.
pub(super) fn report(api: &ApiDocs, existing: &ExistingTree, shared: &Shared, report: &mut Report) {
    for name in existing.operations.keys().filter(|name| !api.apis.contains_key(*name)) {
        report.push(Kind::Gone, name, "", "not in the API; kept");
    }
    for (name, ty) in &shared.types {
        let owner = Owner::Shared(name.clone());
        let fields = ty.fields.as_deref().unwrap_or_default();
        for (member, fact) in agreed_decisions(&owner, fields, &shared.seen, &shared.overridden) {
            report.push(Kind::Agreed, TYPES_FILE, &format!("{name}.{member}"), agreed(&fact));
        }
        let fields = fields.iter().filter(|field| field.skip.is_none() && field.source.is_none());
        let (seen, unseen): (Vec<_>, Vec<_>) =
            fields.partition(|field| shared.seen.contains(&(owner.clone(), field.name.clone())));
        for field in unseen.into_iter().filter(|_| !seen.is_empty()) {
            report.push(Kind::Gone, TYPES_FILE, &format!("{name}.{}", field.name), gone(field));
        }
    }
    for (owner, value) in gone_values(shared.types.iter(), Owner::Shared, &shared.seen) {
        report.push(Kind::Kept, TYPES_FILE, owner.name(), format!("value `{value}`"));
    }
}

/// Decided facts that the API states in the same way wherever it has the member, unless the decision is against another
/// source: member and fact.
fn agreed_decisions(
    owner: &Owner,
    fields: &[Field],
    seen: &HashSet<(Owner, String)>,
    overridden: &HashSet<(Owner, String, String)>,
) -> Vec<(String, String)> {
    let seen = |field: &&Field| field.skip.is_none() && seen.contains(&(owner.clone(), field.name.clone()));
    let of_field = |field: &'_ Field| {
        let ends = field.decided.iter().filter(|(_, grounds)| grounds.ends_with_agreement());
        ends.map(|(fact, _)| (field.name.clone(), fact.clone())).collect::<Vec<_>>()
    };
    let decided = fields.iter().filter(seen).flat_map(of_field);
    decided.filter(|(member, fact)| !overridden.contains(&(owner.clone(), member.clone(), fact.clone()))).collect()
}

/// The report about a member that the API lacks, with the decisions that have no effect without it.
fn gone(field: &Field) -> String {
    let decided: Vec<String> = field.decided.keys().map(|fact| format!("`{fact}`")).collect();
    match decided.is_empty() {
        true => "not in the API; kept".to_owned(),
        false => format!("not in the API; kept, although its decisions about {} have no effect", decided.join(", ")),
    }
}

fn agreed(fact: &str) -> String {
    format!(
        "the decision about `{fact}` no longer applies, because the API agrees; remove it, or name the source that it is `against`"
    )
}

/// Values that the API lacks, for those enums whose values it lists.
fn gone_values<'t>(
    types: impl Iterator<Item = (&'t String, &'t Type)>,
    owner: impl Fn(String) -> Owner,
    seen: &HashSet<(Owner, String)>,
) -> Vec<(Owner, String)> {
    let mut gone = Vec::new();
    for (name, ty) in types {
        let owner = owner(name.clone());
        let values = ty.values.iter().flat_map(|values| values.keys());
        let (known, unknown): (Vec<_>, Vec<_>) =
            values.partition(|v| seen.contains(&(owner.clone(), v.to_ascii_lowercase())));
        if !known.is_empty() {
            gone.extend(unknown.into_iter().map(|value| (owner.clone(), value.clone())));
        }
    }
    gone
}
