//! Reads spec files, and reports every mistake with its position.

use std::{collections::BTreeMap, fs, io, ops::Range, path::Path};

use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Positions, Source},
    spec,
    suggest::closest,
};

/// All specs of a folder.
#[derive(Debug, Default)]
pub struct Tree {
    /// The services, by name.
    pub services: Vec<ServiceTree>,
    /// `rpc.json`.
    pub rpc: spec::Rpc,
    /// The files of the specs.
    pub sources: Vec<Source>,
    /// Whether `rpc.json` is that of another tree, whose services are not here.
    pub(crate) borrows_rpc: bool,
}

/// The specs of a service.
#[derive(Debug, Clone, Default)]
pub struct ServiceTree {
    /// Name of the folder.
    pub name: String,
    /// `service.json`.
    pub service: spec::Service,
    /// `types.json`.
    pub types: spec::SharedTypes,
    /// `glossary.json`.
    pub glossary: spec::Glossary,
    /// The operations, by name.
    pub operations: Vec<spec::Operation>,
    /// Files that could not be read, so their definitions are unknown.
    pub(crate) gaps: Gaps,
}

/// Files of a service that could not be read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Gaps {
    pub(crate) service: bool,
    pub(crate) types: bool,
    pub(crate) glossary: bool,
    /// At least one operation.
    pub(crate) operations: bool,
}

/// Reads a specs folder.
///
/// # Errors
///
/// Returns an error if the folder cannot be read. The inner result holds the mistakes in its files.
pub fn from_dir(dir: &Path) -> io::Result<Result<Tree, Diagnostics>> {
    Ok(from_files(read_dir(dir)?))
}

/// The spec files of a folder, sorted by path, without the JSON Schemas.
///
/// # Errors
///
/// Returns an error if the folder or a file cannot be read.
pub fn read_dir(dir: &Path) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") && !is_schema(dir, &path) {
                let relative = path.strip_prefix(dir).map_err(io::Error::other)?;
                let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
                sources.push(Source { path: parts.join("/"), text: fs::read_to_string(&path)? });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn is_schema(dir: &Path, path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    path.parent() == Some(dir) && (name == "schema.json" || name.ends_with(".schema.json"))
}

/// Parses spec files. The order of the files does not matter.
///
/// # Errors
///
/// Returns the mistakes of all files that are not valid spec files, with positions and remedies.
pub fn from_files(files: Vec<Source>) -> Result<Tree, Diagnostics> {
    let (tree, mistakes) = read(files);
    if mistakes.is_empty() { Ok(tree) } else { Err(Diagnostics::new(mistakes, &tree.sources)) }
}

/// Reads all valid files, and collects the mistakes of the others.
pub(crate) fn read(mut files: Vec<Source>) -> (Tree, Vec<Diagnostic>) {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut mistakes = Vec::new();
    let mut services: BTreeMap<&str, ServiceTree> = BTreeMap::new();
    let mut rpc = spec::Rpc::default();
    for source in &files {
        let mut reader = Reader { source, mistakes: &mut mistakes };
        let parts: Vec<&str> = source.path.split('/').collect();
        match parts[..] {
            ["rpc.json"] => {
                rpc = reader.read("specs/rpc.schema.json lists the allowed keys").unwrap_or_default();
            }
            [service, "service.json"] => {
                let tree = services.entry(service).or_default();
                match reader.read("specs/service.schema.json lists the allowed keys") {
                    Some(read) => tree.service = read,
                    None => tree.gaps.service = true,
                }
            }
            [service, "types.json"] => {
                let tree = services.entry(service).or_default();
                match reader.read("specs/types.schema.json lists the allowed keys") {
                    Some(read) => tree.types = read,
                    None => tree.gaps.types = true,
                }
            }
            [service, "glossary.json"] => {
                let tree = services.entry(service).or_default();
                match reader.read("a glossary maps names to their docs") {
                    Some(read) => tree.glossary = read,
                    None => tree.gaps.glossary = true,
                }
            }
            [service, _, file] if file.ends_with(".json") => {
                let tree = services.entry(service).or_default();
                match reader.read::<spec::Operation>("specs/schema.json lists the allowed keys") {
                    Some(operation) => tree.operations.push(spec::Operation { path: source.path.clone(), ..operation }),
                    None => tree.gaps.operations = true,
                }
            }
            _ => {
                let help = "keep operations in <service>/<family>/<Operation>.json, and only service.json, types.json and \
                            glossary.json beside the families, and rpc.json beside the services";
                reader.mistake(0..1, "unexpected file".to_owned(), help.to_owned());
            }
        }
    }
    let services = services.into_iter().map(|(name, mut tree)| {
        tree.name = name.to_owned();
        tree.operations.sort_by(|a, b| a.operation.cmp(&b.operation));
        tree
    });
    (Tree { services: services.collect(), rpc, sources: files, borrows_rpc: false }, mistakes)
}

/// Number of mistakes after which reading a file stops, because each one costs another pass over the file.
const MAX_MISTAKES: usize = 100;

/// Reads one file.
struct Reader<'a> {
    source: &'a Source,
    mistakes: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// The file's contents, or `None` if they are not a `T`. All mistakes of the file are recorded. Each remedy ends with
    /// the hint.
    fn read<T: DeserializeOwned + JsonSchema>(&mut self, hint: &str) -> Option<T> {
        let text = &self.source.text;
        let mut value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or_default();
                let message = message.replace("EOF while parsing", "the file ends within");
                let start = offset(text, error.line(), error.column());
                let help = "correct the JSON at or just before this position";
                self.mistake(start..start + 1, format!("invalid JSON: {message}"), help.to_owned());
                return None;
            }
        };
        let places = Positions::of(text);
        for (key, place) in places.duplicate_keys() {
            let help = "remove one of the two; only the last one would be read".to_owned();
            self.mistake(place.clone(), format!("duplicate key `{key}`"), help);
        }
        let mut pruned = Pruned::default();
        for _ in 0..MAX_MISTAKES {
            let mut unknown = Vec::new();
            let result = deserialize::<T>(&value, &mut unknown);
            for path in unknown {
                let key = path.last().cloned().unwrap_or_default();
                let place = places.find(&format!("{}#", pruned.original(&path).join(".")));
                let help = match closest(&key, &keys::<T>()) {
                    Some(close) => format!("did you mean `{close}`? {hint}"),
                    None => format!("remove it; {hint}"),
                };
                self.mistake(place, format!("unknown key `{key}`"), help);
            }
            let (path, message) = match result {
                Ok(read) => return pruned.paths.is_empty().then_some(read),
                Err(failed) => failed,
            };
            let original = pruned.original(&path);
            if !pruned.explains(&original, &message) {
                let help = match message.strip_prefix("missing field ") {
                    Some(key) => format!("add {key}; {hint}"),
                    None => format!("correct it; {hint}"),
                };
                self.mistake(places.find(&original.join(".")), message.clone(), help);
            }
            if !pruned.prune(&mut value, &path, original) {
                return None;
            }
        }
        None
    }

    fn mistake(&mut self, place: Range<usize>, message: String, help: String) {
        self.mistakes.push(Diagnostic {
            path: self.source.path.clone(),
            start: place.start,
            end: place.end,
            message,
            help,
        });
    }
}

/// Deserializes, and collects the paths of unknown keys. An error has a path and a message.
fn deserialize<T: DeserializeOwned>(value: &Value, unknown: &mut Vec<Vec<String>>) -> Result<T, (Vec<String>, String)> {
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
    let result = serde_ignored::deserialize(tracked, |path| unknown.push(ignored(&path)));
    result.map_err(|error| (track.path().iter().map(segment).collect(), error.to_string()))
}

/// Values removed from a file's JSON in order to continue after a mistake.
#[derive(Default)]
struct Pruned {
    /// Paths in the file.
    paths: Vec<Vec<String>>,
}

impl Pruned {
    /// Converts a path in the remaining JSON to the path in the file, counting removed list elements.
    fn original(&self, path: &[String]) -> Vec<String> {
        let mut original: Vec<String> = Vec::new();
        for segment in path {
            let Ok(mut index) = segment.parse::<usize>() else {
                original.push(segment.clone());
                continue;
            };
            let mut gone: Vec<usize> = self
                .paths
                .iter()
                .filter_map(|path| {
                    path.split_last().filter(|(_, parent)| *parent == original.as_slice())?.0.parse().ok()
                })
                .collect();
            gone.sort_unstable();
            for gone in gone {
                index += usize::from(gone <= index);
            }
            original.push(index.to_string());
        }
        original
    }

    /// Whether a member is missing only because it was removed.
    fn explains(&self, path: &[String], message: &str) -> bool {
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
        missing.is_some_and(|key| {
            self.paths
                .iter()
                .any(|pruned| pruned.split_last().is_some_and(|(last, parent)| last == key && parent == path))
        })
    }

    /// Removes a path, and returns whether it existed.
    fn prune(&mut self, value: &mut Value, path: &[String], original: Vec<String>) -> bool {
        let Some((last, parents)) = path.split_last() else { return false };
        let parent = parents.iter().try_fold(value, |value, segment| match value {
            Value::Array(list) => list.get_mut(segment.parse::<usize>().ok()?),
            value => value.get_mut(segment),
        });
        let taken = match parent {
            Some(Value::Object(map)) => map.shift_remove(last).is_some(),
            Some(Value::Array(list)) => last.parse().is_ok_and(|index: usize| {
                let there = index < list.len();
                if there {
                    list.remove(index);
                }
                there
            }),
            _ => false,
        };
        self.paths.push(original);
        taken
    }
}

/// All keys of a kind of file.
fn keys<T: JsonSchema>() -> Vec<String> {
    let mut keys = Vec::new();
    let mut open = vec![schema_for!(T).to_value()];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(Value::Object(properties)) = map.get("properties") {
                    keys.extend(properties.keys().cloned());
                }
                open.extend(map.into_iter().map(|(_, value)| value));
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    keys.sort();
    keys.dedup();
    keys
}

/// Path of an unknown key.
fn ignored(path: &serde_ignored::Path<'_>) -> Vec<String> {
    use serde_ignored::Path;
    match path {
        Path::Root => Vec::new(),
        Path::Seq { parent, index } => push(ignored(parent), index.to_string()),
        Path::Map { parent, key } => push(ignored(parent), key.clone()),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => ignored(parent),
    }
}

fn push(mut path: Vec<String>, segment: String) -> Vec<String> {
    path.push(segment);
    path
}

fn segment(segment: &serde_path_to_error::Segment) -> String {
    match segment {
        serde_path_to_error::Segment::Seq { index } => index.to_string(),
        serde_path_to_error::Segment::Map { key } => key.clone(),
        serde_path_to_error::Segment::Enum { variant } => variant.clone(),
        serde_path_to_error::Segment::Unknown => "?".to_owned(),
    }
}

/// Byte offset of a line and column, both starting from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (start + column.saturating_sub(1)).min(text.len().saturating_sub(1));
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
