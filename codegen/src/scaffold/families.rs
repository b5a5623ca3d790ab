//! Families of a service that is new: one per folder of the published file.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::names::words;
use crate::{
    features,
    import::{ApiDocs, Directory, names::singular},
    naming::{self, Names},
    spec::{Operation, Service},
};

/// The family of operations that are in no folder.
const MAIN: &str = "main";

/// Words after which the name of an operation no longer names what it acts on: `AttachPolicyToUser`.
const PREPOSITIONS: &[&str] = &["at", "by", "for", "from", "in", "of", "on", "to", "with"];

/// Words without another plural.
const PLURALS: &[&str] = &["data", "info", "information", "metadata", "usage"];

/// The most words of a family's name.
const MAX_WORDS: usize = 3;

/// The families, and the family of each folder, by title. A folder with an English title gives its family that name. Others are
/// named after what most of their operations act on; people can change the table `directories` that records this.
pub(super) fn of(api: &ApiDocs, decisions: &mut Vec<String>) -> (BTreeSet<String>, IndexMap<String, String>) {
    let mut folders: IndexMap<String, Vec<&str>> = IndexMap::new();
    collect(&api.directories, api, &mut folders);
    let directories: IndexMap<String, String> =
        folders.iter().map(|(title, operations)| (title.clone(), family(title, operations))).collect();
    let mut families: BTreeSet<String> = directories.values().cloned().collect();
    let listed: BTreeSet<&str> = folders.values().flatten().copied().collect();
    if api.apis.keys().any(|name| !listed.contains(name.as_str())) {
        families.insert(MAIN.to_owned());
    }
    let derived = directories.iter().filter(|(title, family)| slug(title).as_ref() != Some(family)).count();
    if derived > 0 {
        decisions.push(format!(
            "families of {derived} of {} folders are named after their operations; `directories` in service.json has them",
            folders.len()
        ));
    }
    (families, directories)
}

/// Moves the operations into their families, and removes families that have none.
pub(super) fn assign(api: &ApiDocs, service: &mut Service, operations: &mut [Operation]) {
    let mut folders: IndexMap<String, Vec<&str>> = IndexMap::new();
    collect(&api.directories, api, &mut folders);
    for operation in operations.iter_mut() {
        let folder = folders.iter().find(|(_, operations)| operations.contains(&operation.operation.as_str()));
        let family = folder.and_then(|(title, _)| service.directories.get(title));
        operation.family = family.map_or(MAIN, String::as_str).to_owned();
    }
    let used: BTreeSet<&str> = operations.iter().map(|operation| operation.family.as_str()).collect();
    if used.contains(MAIN) {
        service.families.entry(MAIN.to_owned()).or_default();
    }
    service.families.retain(|family, _| used.contains(family.as_str()));
    service.families.sort_keys();
    service.directories.retain(|_, family| service.families.contains_key(family));
}

/// Collects the folders that have operations of the API, by title. An operation belongs to the first folder that lists it.
fn collect<'a>(entries: &'a [Directory], api: &ApiDocs, folders: &mut IndexMap<String, Vec<&'a str>>) {
    for entry in entries {
        let Directory::Folder { title, children } = entry else { continue };
        for child in children {
            if let Directory::Operation(name) = child
                && api.apis.contains_key(name)
                && !folders.values().any(|operations| operations.contains(&name.as_str()))
            {
                folders.entry(title.clone()).or_default().push(name);
            }
        }
        collect(children, api, folders);
    }
}

/// The family of a folder.
fn family(title: &str, operations: &[&str]) -> String {
    let name = slug(title).unwrap_or_else(|| subject(operations));
    let is_letter_first = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !is_letter_first || features::reserved().any(|reserved| reserved == name) {
        return format!("operations-{name}").trim_end_matches('-').to_owned();
    }
    name
}

/// An English title in lower case with dashes, or `None` if the title has letters of another script.
fn slug(title: &str) -> Option<String> {
    let is_english = title.chars().all(|c| c.is_ascii() || !c.is_alphabetic());
    let slug = words(title).join("-").to_ascii_lowercase();
    (is_english && !slug.is_empty()).then_some(slug)
}

/// What at least half of the operations act on, or else the most frequent first word, in the plural.
fn subject(operations: &[&str]) -> String {
    let names = Names::default();
    let objects: Vec<Vec<String>> = operations.iter().map(|operation| object(&names, operation)).collect();
    for length in (1..=MAX_WORDS).rev() {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for object in objects.iter().filter(|object| object.len() >= length) {
            *counts.entry(object[..length].join("-")).or_default() += 1;
        }
        let most = counts.into_iter().min_by_key(|(name, count)| (usize::MAX - count, name.len(), name.clone()));
        if let Some((name, _)) = most.filter(|(_, count)| length == 1 || count * 2 >= operations.len()) {
            let is_plural = PLURALS.iter().any(|plural| name.rsplit('-').next() == Some(plural));
            return if is_plural { name } else { naming::pluralize(&name) };
        }
    }
    MAIN.to_owned()
}

/// The words of an operation's name that say what it acts on, with the last one in the singular.
fn object(names: &Names, operation: &str) -> Vec<String> {
    let words = names.words(operation).into_iter().skip(1).map(|word| word.snake);
    let mut object: Vec<String> = words.take_while(|word| !PREPOSITIONS.contains(&word.as_str())).collect();
    if let Some(last) = object.last_mut() {
        *last = singular(last);
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_by_their_titles_or_by_what_their_operations_act_on() {
        for (title, operations, expected) in [
            ("Security groups", &["CreateSecurityGroup"][..], "security-groups"),
            ("用户", &["CreateUser", "GetUser", "ListUsers", "UpdateUser"], "users"),
            ("登录信息", &["CreateLoginProfile", "GetLoginProfile", "ChangePassword"], "login-profiles"),
            ("授权", &["AttachPolicyToUser", "DetachPolicyFromUser", "ListPoliciesForUser"], "policies"),
            ("实例", &["CreateDBInstance", "DescribeDBInstances", "DescribeDBInstanceAttribute"], "db-instances"),
            ("TCP监听", &["StopIt"], "its"),
            ("监控", &["GetMetricData"], "metric-data"),
            ("其他", &["Ping"], "main"),
            ("2nd floor", &["GetModel"], "operations-2nd-floor"),
            ("default", &["X"], "operations-default"),
        ] {
            assert_eq!(family(title, operations), expected, "{title}");
        }
    }
}
