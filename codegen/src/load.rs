//! Reads spec files, and reports every mistake with its position.

mod folder;
mod reader;
mod wording;

use std::{collections::BTreeMap, io, path::Path};

pub use folder::{Folder, read as read_folder};

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Source},
    parallel,
    rules::{self, Level},
    spec,
};
use reader::Reader;
pub(crate) use reader::{deserialize, has_duplicate_keys};

/// The file with the facts that services have in common.
pub(crate) const RPC: &str = "rpc.json";

/// All specs of a folder.
#[derive(Debug, Default)]
pub struct Tree {
    /// The services, by name.
    pub services: Vec<ServiceTree>,
    /// `rpc.json`.
    pub rpc: spec::Rpc,
    /// The files of the specs.
    pub sources: Vec<Source>,
    pub(crate) rpc_state: RpcState,
    /// Whether `rpc.json` is that of another tree, whose services are not here.
    pub(crate) borrows_rpc: bool,
}

/// Whether `rpc.json` could be read. If not, rules that depend on it are not checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum RpcState {
    #[default]
    Missing,
    Unreadable,
    Read,
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

impl Gaps {
    /// Adds a file of the service that could not be read.
    fn add(&mut self, path: &str) {
        match path {
            "service.json" => self.service = true,
            "types.json" => self.types = true,
            "glossary.json" => self.glossary = true,
            _ => self.operations = true,
        }
    }
}

/// Reads a specs folder.
///
/// # Errors
///
/// Returns an error if the folder cannot be read. The inner result holds the mistakes in its files.
pub fn from_dir(dir: &Path) -> io::Result<Result<Tree, Diagnostics>> {
    Ok(from_folder(folder::read(dir)?))
}

/// The spec files of a folder, sorted by path, without the JSON Schemas.
///
/// # Errors
///
/// Returns an error if a file of the folder cannot be read, which names the file.
pub fn read_dir(dir: &Path) -> io::Result<Vec<Source>> {
    let Folder { sources, mistakes, .. } = folder::read(dir)?;
    match mistakes.iter().find(|one| one.level == Level::Error) {
        None => Ok(sources),
        Some(one) => {
            let (path, message, help) = (dir.join(&one.path), &one.message, &one.help);
            Err(io::Error::other(format!("{}: {message}; {help}", path.display())))
        }
    }
}

/// Parses spec files. The order of the files does not matter.
///
/// # Errors
///
/// Returns the mistakes of all files that are not valid spec files, with positions and remedies.
pub fn from_files(files: Vec<Source>) -> Result<Tree, Diagnostics> {
    from_folder(files.into())
}

fn from_folder(folder: Folder) -> Result<Tree, Diagnostics> {
    let (tree, mut mistakes) = read(folder);
    mistakes.retain(|one| one.level == Level::Error);
    if mistakes.is_empty() { Ok(tree) } else { Err(Diagnostics::new(mistakes, &tree.sources)) }
}

/// Reads all valid files, and collects the mistakes of the others.
pub(crate) fn read(folder: Folder) -> (Tree, Vec<Diagnostic>) {
    let Folder { sources: mut files, mut mistakes, borrows_rpc } = folder;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    for source in &mut files {
        mistakes.extend(reader::remove_byte_order_mark(source));
    }
    let unread: Vec<String> =
        mistakes.iter().filter(|one| one.level == Level::Error).map(|one| one.path.clone()).collect();
    let mut services: BTreeMap<&str, ServiceTree> = BTreeMap::new();
    for path in &unread {
        if let Some((service, rest)) = path.split_once('/') {
            services.entry(service).or_default().gaps.add(rest);
        }
    }
    let mut rpc = spec::Rpc::default();
    let is_unreadable = unread.iter().any(|path| path == RPC);
    let mut rpc_state = if is_unreadable { RpcState::Unreadable } else { RpcState::Missing };
    let contents = parallel::map(&files, |source| {
        let mut mistakes = Vec::new();
        (Content::of(&mut Reader { source, mistakes: &mut mistakes }), mistakes)
    });
    for (source, (content, of_file)) in files.iter().zip(contents) {
        mistakes.extend(of_file);
        let (service, file) = source.path.split_once('/').unwrap_or_default();
        let (service, content) = match content {
            Content::Rpc(read) => {
                rpc_state = if read.is_some() { RpcState::Read } else { RpcState::Unreadable };
                rpc = *read.unwrap_or_default();
                continue;
            }
            Content::Unexpected => continue,
            content => (services.entry(service).or_default(), content),
        };
        match content {
            Content::Service(Some(read)) => service.service = *read,
            Content::Types(Some(read)) => service.types = read,
            Content::Glossary(Some(read)) => service.glossary = read,
            Content::Operation(Some(read)) => service.operations.push(*read),
            _ => service.gaps.add(file),
        }
    }
    let services = services.into_iter().map(|(name, mut tree)| {
        tree.name = name.to_owned();
        tree.operations.sort_by(|a, b| a.operation.cmp(&b.operation));
        tree
    });
    (Tree { services: services.collect(), rpc, sources: files, rpc_state, borrows_rpc }, mistakes)
}

/// The content of a file; `None` if it could not be read.
enum Content {
    Rpc(Option<Box<spec::Rpc>>),
    Service(Option<Box<spec::Service>>),
    Types(Option<spec::SharedTypes>),
    Glossary(Option<spec::Glossary>),
    Operation(Option<Box<spec::Operation>>),
    Unexpected,
}

impl Content {
    fn of(reader: &mut Reader<'_>) -> Self {
        let path = &reader.source.path;
        let parts: Vec<&str> = path.split('/').collect();
        match parts[..] {
            [RPC] => Self::Rpc(reader.read("specs/rpc.schema.json lists the allowed keys")),
            [_, "service.json"] => Self::Service(reader.read("specs/service.schema.json lists the allowed keys")),
            [_, "types.json"] => Self::Types(reader.read("specs/types.schema.json lists the allowed keys")),
            [_, "glossary.json"] => Self::Glossary(reader.read("a glossary maps names to their docs")),
            [_, _, file] if file.ends_with(".json") => {
                let mut read: Option<Box<spec::Operation>> = reader.read("specs/schema.json lists the allowed keys");
                read.iter_mut().for_each(|operation| operation.path.clone_from(path));
                Self::Operation(read)
            }
            _ => {
                let help = "keep operations in <service>/<family>/<Operation>.json, and only service.json, types.json and \
                            glossary.json beside the families, and rpc.json beside the services";
                reader.mistake(&rules::UNEXPECTED_FILE, 0..1, "unexpected file".to_owned(), help.to_owned());
                Self::Unexpected
            }
        }
    }
}
