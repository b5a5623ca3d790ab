//! Reads the spec files of one side.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    Error,
    change::{Side, UnknownKey},
};
use crate::{
    diagnostic::Positions,
    fmt::Kind,
    load::{self, ServiceTree},
    naming::Names,
    spec::{Operation, Rpc},
};

/// All files.
#[derive(Debug, Default)]
pub(super) struct Specs {
    pub(super) rpc: Option<Rpc>,
    pub(super) rpc_path: String,
    pub(super) services: BTreeMap<String, Files>,
    unknown_keys: Vec<UnknownKey>,
}

/// Operations and their unknown keys, by the text of their files.
type Known<'t> = HashMap<&'t str, (Operation, Vec<UnknownKey>)>;

/// The files of a service.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) tree: ServiceTree,
    pub(super) names: Names,
    pub(super) service_path: String,
    pub(super) types_path: String,
    pub(super) glossary_path: String,
}

impl Files {
    /// Takes the facts of `service.json` from the other side.
    fn take_service(&mut self, other: &Self) {
        self.tree.service = other.tree.service.clone();
        self.names = Names::new(&self.tree.service.words);
    }

    /// Finds an operation.
    pub(super) fn operation(&self, name: &str) -> Option<&Operation> {
        self.tree.operations.iter().find(|operation| operation.operation == name)
    }
}

/// Reads all files. Those that are not specs are skipped.
///
/// `known` has the operations that were read before, by their text: most files are the same on both sides.
pub(super) fn read<'t>(side: Side, files: &'t [(String, String)], known: &mut Known<'t>) -> Result<Specs, Vec<Error>> {
    let mut specs = Specs::default();
    let mut errors = Vec::new();
    for (path, text) in files {
        if let Err(error) = add(&mut specs, side, path, text, known) {
            errors.push(error);
        }
    }
    for (name, files) in &mut specs.services {
        files.tree.name.clone_from(name);
        files.names = Names::new(&files.tree.service.words);
        files.tree.operations.sort_by(|a, b| a.operation.cmp(&b.operation));
    }
    if errors.is_empty() { Ok(specs) } else { Err(errors) }
}

/// Adds to each side the facts of `rpc.json` and `service.json` that only the other one has: a missing file is one change, and
/// everything else is compared as if the facts were the same.
pub(super) fn complete(old: &mut Specs, new: &mut Specs) {
    if old.rpc.is_none() {
        old.rpc.clone_from(&new.rpc);
    } else if new.rpc.is_none() {
        new.rpc.clone_from(&old.rpc);
    }
    for (name, old) in &mut old.services {
        let Some(new) = new.services.get_mut(name) else { continue };
        match (old.service_path.is_empty(), new.service_path.is_empty()) {
            (true, false) => old.take_service(new),
            (false, true) => new.take_service(old),
            _ => {}
        }
    }
}

fn add<'t>(specs: &mut Specs, side: Side, path: &str, text: &'t str, known: &mut Known<'t>) -> Result<(), Error> {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    let Some((file, folders)) = parts.split_last() else { return Ok(()) };
    let kind = Kind::of_file(file);
    let depth = match kind {
        Kind::Rpc => 0,
        Kind::Service | Kind::Types | Kind::Glossary => 1,
        Kind::Operation => 2,
    };
    if file.ends_with("schema.json") || !file.ends_with(".json") || folders.len() < depth {
        return Ok(());
    }
    let unknown = &mut specs.unknown_keys;
    let service = folders.get(folders.len() - depth);
    let service = service.map(|name| specs.services.entry((*name).to_owned()).or_default());
    match (kind, service) {
        (Kind::Service, Some(files)) => {
            files.tree.service = parse(side, path, text, unknown)?;
            path.clone_into(&mut files.service_path);
        }
        (Kind::Types, Some(files)) => {
            files.tree.types = parse(side, path, text, unknown)?;
            path.clone_into(&mut files.types_path);
        }
        (Kind::Glossary, Some(files)) => {
            files.tree.glossary = parse(side, path, text, unknown)?;
            path.clone_into(&mut files.glossary_path);
        }
        (Kind::Operation, Some(files)) => {
            let (operation, keys) = match known.get(text) {
                Some(read) => read.clone(),
                None => {
                    let mut keys = Vec::new();
                    let read = (parse(side, path, text, &mut keys)?, keys);
                    known.entry(text).or_insert(read).clone()
                }
            };
            unknown.extend(keys.into_iter().map(|key| UnknownKey { side, file: path.to_owned(), ..key }));
            files.tree.operations.push(Operation { path: path.to_owned(), ..operation });
        }
        (_, _) => {
            specs.rpc = Some(parse(side, path, text, unknown)?);
            path.clone_into(&mut specs.rpc_path);
        }
    }
    Ok(())
}

/// The unknown keys of both sides. One that both have is that of the new side.
pub(super) fn unknown_keys(old: &Specs, new: &Specs) -> Vec<UnknownKey> {
    let of_new: HashSet<_> = new.unknown_keys.iter().map(|one| (&one.file, &one.key)).collect();
    let gone = old.unknown_keys.iter().filter(|one| !of_new.contains(&(&one.file, &one.key)));
    let mut keys: Vec<UnknownKey> = gone.chain(&new.unknown_keys).cloned().collect();
    keys.sort_by(|a, b| (&a.file, a.side, a.line).cmp(&(&b.file, b.side, b.line)));
    keys
}

/// Reads a file. Keys that an older tree lacks take their defaults, and keys that this version does not know are skipped and
/// added to `unknown`.
fn parse<T: DeserializeOwned + Default + Serialize>(
    side: Side,
    path: &str,
    text: &str,
    unknown: &mut Vec<UnknownKey>,
) -> Result<T, Error> {
    let failed = |line: usize, message: String| {
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Error { side, path: path.to_owned(), line, message }
    };
    let mut keys: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| failed(error.line(), error.to_string()))?;
    if let Ok(Value::Object(defaults)) = serde_json::to_value(T::default()) {
        for (key, value) in defaults {
            keys.entry(key).or_insert(value);
        }
    }
    let mut skipped = Vec::new();
    let read = load::deserialize(&Value::Object(keys), &mut skipped)
        .map_err(|(place, message)| failed(line(text, Positions::of(text).find(&place.join(".")).start), message))?;
    if !skipped.is_empty() {
        let positions = Positions::of(text);
        unknown.extend(skipped.into_iter().map(|key| {
            let key = key.join(".");
            let line = line(text, positions.find(&format!("{key}#")).start);
            UnknownKey { side, file: path.to_owned(), line, key }
        }));
    }
    Ok(read)
}

/// The line of an offset, starting from 1.
pub(super) fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
