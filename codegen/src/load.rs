//! Files → specs. Reads every file, and reports all that could not be read with its place.

use std::{collections::HashMap, fs, io, path::Path};

use serde::de::DeserializeOwned;

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Places, Source},
    spec,
};

/// All specs of a folder.
#[derive(Debug, Default)]
pub struct Tree {
    /// The services, by name.
    pub services: Vec<ServiceTree>,
    /// The files that the specs came from.
    pub sources: Vec<Source>,
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
}

/// Reads a specs folder.
///
/// # Errors
///
/// Fails when the folder can't be read; mistakes in the files are in the inner result.
pub fn from_dir(dir: &Path) -> io::Result<Result<Tree, Diagnostics>> {
    Ok(from_files(read_dir(dir)?))
}

/// The spec files of a folder as text, sorted by path. JSON Schemas are left out.
///
/// # Errors
///
/// Fails when the folder or a file can't be read.
pub fn read_dir(dir: &Path) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") && path.parent() != Some(dir) {
                let relative = path.strip_prefix(dir).map_err(io::Error::other)?;
                let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
                sources.push(Source { path: parts.join("/"), text: fs::read_to_string(&path)? });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

/// Parses spec files. The order of the files does not matter.
///
/// # Errors
///
/// Every file that is no valid spec file, with place and remedy.
pub fn from_files(mut files: Vec<Source>) -> Result<Tree, Diagnostics> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut reader = Reader::default();
    let mut services: HashMap<&str, ServiceTree> = HashMap::new();
    for source in &files {
        let parts: Vec<&str> = source.path.split('/').collect();
        match parts[..] {
            [service, "service.json"] => services.entry(service).or_default().service = reader.read(source),
            [service, "types.json"] => services.entry(service).or_default().types = reader.read(source),
            [service, "glossary.json"] => services.entry(service).or_default().glossary = reader.read(source),
            [service, _, _] => {
                let mut operation: spec::Operation = reader.read(source);
                operation.path.clone_from(&source.path);
                services.entry(service).or_default().operations.push(operation);
            }
            _ => reader.mistake(
                source,
                0..1,
                "a file that is no spec".to_owned(),
                "keep operations in <service>/<family>/<Operation>.json, and only service.json, types.json and \
                 glossary.json beside the families"
                    .to_owned(),
            ),
        }
    }
    if !reader.mistakes.is_empty() {
        return Err(Diagnostics::new(reader.mistakes, &files));
    }
    let mut services: Vec<(&str, ServiceTree)> = services.into_iter().collect();
    services.sort_by_key(|(name, _)| *name);
    let services = services
        .into_iter()
        .map(|(name, mut tree)| {
            tree.name = name.to_owned();
            tree.operations.sort_by(|a, b| a.operation.cmp(&b.operation));
            tree
        })
        .collect();
    Ok(Tree { services, sources: files })
}

#[derive(Default)]
struct Reader {
    mistakes: Vec<Diagnostic>,
}

impl Reader {
    fn read<T: DeserializeOwned + Default>(&mut self, source: &Source) -> T {
        let mut unknown = Vec::new();
        let mut deserializer = serde_json::Deserializer::from_str(&source.text);
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
        let result = serde_ignored::deserialize(tracked, |path| unknown.push(path.to_string()));
        let result = result.and_then(|value: T| deserializer.end().map(|()| value));
        let places = Places::of(&source.text);
        for path in unknown {
            let key = path.rsplit('.').next().unwrap_or_default().to_owned();
            let help = format!("remove `{key}` or correct its spelling; specs/schema.json lists the keys that exist");
            self.mistake(source, places.find(&format!("{path}#")), format!("unknown key `{key}`"), help);
        }
        match result {
            Ok(value) => value,
            Err(error) => {
                let path: Vec<String> = track.path().iter().map(segment).collect();
                let broken = error.is_syntax() || error.is_eof();
                let place = if broken || path.is_empty() {
                    let start = offset(&source.text, error.line(), error.column());
                    start..start + 1
                } else {
                    places.find(&path.join("."))
                };
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or_default();
                let (message, help) = if broken {
                    (format!("broken JSON: {message}"), "correct the JSON here or just before this place")
                } else {
                    (message.to_owned(), "see specs/schema.json for what may stand here")
                };
                self.mistake(source, place, message, help.to_owned());
                T::default()
            }
        }
    }

    fn mistake(&mut self, source: &Source, place: std::ops::Range<usize>, message: String, help: String) {
        self.mistakes.push(Diagnostic {
            path: source.path.clone(),
            start: place.start,
            end: place.end,
            message,
            help,
        });
    }
}

fn segment(segment: &serde_path_to_error::Segment) -> String {
    match segment {
        serde_path_to_error::Segment::Seq { index } => index.to_string(),
        serde_path_to_error::Segment::Map { key } => key.clone(),
        serde_path_to_error::Segment::Enum { variant } => variant.clone(),
        serde_path_to_error::Segment::Unknown => "?".to_owned(),
    }
}

/// Byte offset of a line and column, both counted from 1, inside the text.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (start + column.saturating_sub(1)).min(text.len().saturating_sub(1));
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
