//! Compares two spec trees, and marks the changes that break code that uses the SDK.

mod change;
mod compare;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::codes;
use crate::fmt::Kind;
use crate::naming::Names;
use crate::spec::{Gate, Glossary, Operation, Rpc, Service, SharedTypes};
use crate::type_graph::{Reached, Scope};
pub use change::{Change, Diff};
use compare::{changed_keys, compare_codes, compare_operation, compare_types};

/// A spec file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The file.
    pub path: String,
    /// The problem.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl std::error::Error for Error {}

/// Compares two spec trees, each given as paths (`ecs/instances/RunInstances.json`) with file contents.
///
/// Unknown keys are skipped, so trees of other versions can be compared too.
///
/// # Errors
///
/// Returns an error for the first file that cannot be parsed.
pub fn diff(old: &[(String, String)], new: &[(String, String)]) -> Result<Diff, Error> {
    let (old, new) = (read(old)?, read(new)?);
    let mut diff = Diff::default();
    if let (Some(old), Some(new)) = (&old.rpc, &new.rpc) {
        compare_rpc(&mut diff, old, new);
    }
    let names: BTreeSet<&String> = old.services.keys().chain(new.services.keys()).collect();
    for name in names {
        match (old.services.get(name), new.services.get(name)) {
            (Some(old), Some(new)) => compare_service(&mut diff, name, old, new),
            (Some(_), None) => diff.push(true, name, "", "service removed"),
            (None, _) => diff.push(false, name, "", "service added"),
        }
    }
    Ok(diff)
}

/// All files.
#[derive(Debug, Default)]
struct Tree {
    rpc: Option<Rpc>,
    services: BTreeMap<String, Files>,
}

/// The files of a service.
#[derive(Debug, Default)]
struct Files {
    service: Service,
    types: SharedTypes,
    glossary: Glossary,
    operations: BTreeMap<String, Operation>,
}

fn read(files: &[(String, String)]) -> Result<Tree, Error> {
    let mut tree = Tree::default();
    for (path, text) in files {
        let parts: Vec<&str> = path.split(['/', '\\']).collect();
        let Some((file, folders)) = parts.split_last() else {
            continue;
        };
        let kind = Kind::of_file(file);
        let depth = match kind {
            Kind::Rpc => 0,
            Kind::Service | Kind::Types | Kind::Glossary => 1,
            Kind::Operation => 2,
        };
        if file.ends_with("schema.json") || !file.ends_with(".json") || folders.len() < depth {
            continue;
        }
        let service = folders.get(folders.len() - depth);
        let service = service.map(|name| tree.services.entry((*name).to_owned()).or_default());
        match (kind, service) {
            (Kind::Service, Some(service)) => service.service = parse(path, text)?,
            (Kind::Types, Some(service)) => service.types = parse(path, text)?,
            (Kind::Glossary, Some(service)) => service.glossary = parse(path, text)?,
            (Kind::Operation, Some(service)) => {
                let operation: Operation = parse(path, text)?;
                service.operations.insert(operation.operation.clone(), operation);
            }
            (_, _) => tree.rpc = Some(parse(path, text)?),
        }
    }
    Ok(tree)
}

/// Callers can no longer set a parameter that became a common parameter.
fn compare_rpc(diff: &mut Diff, old: &Rpc, new: &Rpc) {
    for name in new.parameters.keys().filter(|name| !old.parameters.contains_key(*name)) {
        diff.push(true, "rpc.json", &format!("parameters {name}"), "added: callers can no longer set it");
    }
    for name in old.parameters.keys().filter(|name| !new.parameters.contains_key(*name)) {
        diff.push(false, "rpc.json", &format!("parameters {name}"), "removed");
    }
    let rest = Rpc { parameters: old.parameters.clone(), ..new.clone() };
    for (key, detail) in changed_keys(old, &rest) {
        diff.push(false, "rpc.json", &key, detail);
    }
}

/// Reads a file. Keys that an older tree lacks take their defaults.
fn parse<T: DeserializeOwned + Default + Serialize>(path: &str, text: &str) -> Result<T, Error> {
    let failed = |error: serde_json::Error| Error { path: path.to_owned(), message: error.to_string() };
    let mut keys: Map<String, Value> = serde_json::from_str(text).map_err(failed)?;
    if let Ok(Value::Object(defaults)) = serde_json::to_value(T::default()) {
        for (key, value) in defaults {
            keys.entry(key).or_insert(value);
        }
    }
    serde_json::from_value(Value::Object(keys)).map_err(failed)
}

fn compare_service(diff: &mut Diff, name: &str, old: &Files, new: &Files) {
    let owner = format!("{name} service.json");
    let gated = old.service.gate == Gate::Families;
    if old.service.gate != new.service.gate {
        diff.push(
            true,
            &owner,
            "gate",
            format!("{:?} → {:?}: different features", old.service.gate, new.service.gate).to_lowercase(),
        );
    }
    for family in old.service.families.keys().filter(|family| !new.service.families.contains_key(*family)) {
        diff.push(gated, &owner, &format!("families {family}"), "removed");
    }
    for family in new.service.families.keys().filter(|family| !old.service.families.contains_key(*family)) {
        diff.push(false, &owner, &format!("families {family}"), "added");
    }
    compare_words(diff, &owner, old, new);
    let mut rest = new.service.clone();
    rest.families.clone_from(&old.service.families);
    rest.gate = old.service.gate;
    rest.words.clone_from(&old.service.words);
    rest.codes.clone_from(&old.service.codes);
    rest.endpoints.clone_from(&old.service.endpoints);
    for (key, detail) in changed_keys(&old.service.endpoints, &new.service.endpoints) {
        diff.push(false, &owner, &format!("endpoints {key}"), detail);
    }
    for (key, detail) in changed_keys(&old.service, &rest) {
        diff.push(false, &owner, &key, detail);
    }
    compare_types(diff, &format!("{name} types.json"), "", [&old.types, &new.types], &requests_of(new));
    let owner = format!("{name} glossary.json");
    for (key, detail) in changed_keys(&old.glossary, &new.glossary) {
        diff.push(false, &owner, &key, detail);
    }
    compare_codes(diff, &format!("{name} codes"), [&constants(old), &constants(new)]);
    let operations: BTreeSet<&String> = old.operations.keys().chain(new.operations.keys()).collect();
    for operation in operations {
        let owner = format!("{name} {operation}");
        match (old.operations.get(operation), new.operations.get(operation)) {
            (Some(old), Some(new)) => compare_operation(diff, &owner, old, new, gated),
            (Some(_), None) => diff.push(true, &owner, "", "operation removed"),
            (None, _) => diff.push(false, &owner, "", "operation added"),
        }
    }
}

/// The word table decides Rust names: a change is breaking if an existing name contains the word.
fn compare_words(diff: &mut Diff, owner: &str, old: &Files, new: &Files) {
    let words: BTreeSet<&String> = old.service.words.keys().chain(new.service.words.keys()).collect();
    for word in words {
        let (before, after) = (old.service.words.get(word), new.service.words.get(word));
        if before != after {
            let breaking = wire_names(old).iter().any(|name| name.contains(word.as_str()));
            let show = |text: Option<&String>| text.map_or("none", String::as_str).to_owned();
            diff.push(breaking, owner, &format!("words {word}"), format!("{} → {}", show(before), show(after)));
        }
    }
}

fn wire_names(files: &Files) -> HashSet<&str> {
    let mut names: HashSet<&str> = HashSet::new();
    let types = files.operations.values().flat_map(|operation| operation.types.values()).chain(files.types.values());
    for ty in types {
        names.extend(ty.fields.iter().flatten().map(|field| field.name.as_str()));
        names.extend(ty.values.iter().flat_map(|values| values.keys().map(String::as_str)));
    }
    for operation in files.operations.values() {
        names.insert(&operation.operation);
        names.extend(operation.request.iter().chain(&operation.response).map(|field| field.name.as_str()));
    }
    names
}

/// The constants of error codes, by path: `INVALID_PARAMETER`, and `disks::INVALID_PARAMETER` where families are features.
fn constants(files: &Files) -> BTreeMap<String, &str> {
    let names = Names::new(&files.service.words);
    let mut constants = BTreeMap::new();
    for (code, users) in codes::documented(&files.service, files.operations.values()) {
        let name = codes::constant(code, &files.service, &names);
        let families = users.families().into_iter().filter(|_| files.service.gate.has_types_crate());
        for family in families {
            constants.entry(format!("{}::{name}", family.replace('-', "_"))).or_insert(code);
        }
        constants.entry(name).or_insert(code);
    }
    constants
}

/// Shared structs that requests use.
fn requests_of(files: &Files) -> HashSet<String> {
    let structs = files.operations.values().flat_map(|operation| {
        Scope::of(operation, &files.types).reached(&operation.request).into_iter().filter(Reached::is_shared)
    });
    structs.map(|reached| reached.name.to_owned()).collect()
}
