//! Families of a service that is new: one per folder of the published file.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::{
    import::{ApiDocs, Directory, MAIN, english, folder_family},
    spec::{Operation, Service},
};

/// The families, and the family of each folder, by title. A folder with an English title gives its family that name. Others are
/// named after what most of their operations act on; people can change the table `directories` that records this.
pub(super) fn of(api: &ApiDocs, decisions: &mut Vec<String>) -> (BTreeSet<String>, IndexMap<String, String>) {
    let mut folders: IndexMap<String, Vec<&str>> = IndexMap::new();
    collect(&api.directories, api, &mut folders);
    let directories: IndexMap<String, String> =
        folders.iter().map(|(title, operations)| (title.clone(), folder_family(title, operations))).collect();
    let mut families: BTreeSet<String> = directories.values().cloned().collect();
    let listed: BTreeSet<&str> = folders.values().flatten().copied().collect();
    if api.apis.keys().any(|name| !listed.contains(name.as_str())) {
        families.insert(MAIN.to_owned());
    }
    let derived = directories.iter().filter(|(title, family)| english(title).as_ref() != Some(family)).count();
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
