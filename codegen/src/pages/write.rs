//! Writes the operations of pages as specs: to a tree of their own, or into the curated one.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::import::{self, Entry, Error, ExistingTree, Import, Info, Kind, Policy, slug};
use crate::spec::{Operation, Rpc, Service};
use crate::{features, fmt, scaffold};

use super::written::Written;
use super::{Note, NoteKind, Pages, files, rpc};

/// Family of operations whose page is in no folder with an ASCII name.
const DEFAULT_FAMILY: &str = "main";

/// Version of the API, for pages that do not name it: the only one of ECS.
const DEFAULT_VERSION: &str = "2014-05-26";

/// The service that has the default version.
const DEFAULT_VERSION_OF: &str = "ecs";

/// Where and how to write specs.
#[derive(Debug, Clone)]
pub struct Options {
    /// The specs folder.
    pub specs: PathBuf,
    /// Whether the folder is a tree of its own, which needs no curated files.
    pub is_own_tree: bool,
    /// Service: the folder below the specs.
    pub service: String,
    /// Family of new operations; by default, the family that the curated specs have for the page's folder, or the folder
    /// itself.
    pub family: Option<String>,
    /// Whether operations that exist are updated, too.
    pub accept: bool,
    /// Whether nothing is written.
    pub dry_run: bool,
}

/// Reads pages and writes the specs of their operations.
///
/// # Errors
///
/// Returns an error if a file cannot be read or written, if no page is about an operation, or if a name is invalid.
pub fn run(paths: &[PathBuf], options: &Options) -> Result<Written, Error> {
    for name in options.family.iter().chain([&options.service]) {
        let is_name = slug(name) == *name && name.starts_with(|c: char| c.is_ascii_lowercase());
        if !is_name {
            let message =
                format!("invalid name `{name}`: expected lower-case letters, digits and -, starting with a letter");
            return Err(files::failed(Path::new(name), message));
        }
        if features::is_reserved(name) {
            let message = format!("`{name}` is reserved for a feature of the crate or a device; use another name");
            return Err(files::failed(Path::new(name), message));
        }
    }
    let mut pages = super::read(paths)?;
    let invented = complete(&mut pages.api.info, &options.service);
    let mut existing = ExistingTree::read(&options.specs, &options.service)?;
    if existing.rpc == Rpc::default() {
        existing.rpc = rpc::facts();
    }
    let described = existing.service.clone();
    if described.is_none() && !options.is_own_tree {
        let message = "no such service in the specs; write to a tree of its own with `--into DIR`, or make its client with `cargo xtask service new`";
        return Err(files::failed(&options.specs.join(&options.service), message));
    }
    existing.service.get_or_insert_with(|| {
        let service = scaffold::service(&pages.api, &options.service, &mut Vec::new());
        Service { families: IndexMap::new(), ..service }
    });
    if described.is_none() && options.service != DEFAULT_VERSION_OF {
        let endpoint = existing.service.iter().map(|service| format!("endpoint `{}`", service.endpoints.default));
        let path = options.specs.join(&options.service).join("service.json").display().to_string();
        pages.notes.extend(invented.into_iter().chain(endpoint).map(|fact| Note {
            path: path.clone(),
            line: 1,
            kind: NoteKind::Decided,
            message: format!("{fact} is a guess, since no page states it; check it"),
        }));
    }
    let (known, new): (Vec<String>, Vec<String>) =
        pages.api.apis.keys().cloned().partition(|name| existing.operations.contains_key(name));
    let families = families(&mut pages, &new, options, &existing);
    let (new, unwritten): (Vec<String>, Vec<String>) = new.into_iter().partition(|name| families.contains_key(name));
    let accepts = options.accept || options.is_own_tree;
    let policy = if options.accept { Policy::Accept } else { Policy::Add };
    let mut written = Written { is_pending: !accepts, unwritten, skipped: pages.skipped, ..Written::default() };
    let accepted: Vec<String> = if accepts { [known.clone(), new.clone()].concat() } else { new.clone() };
    let Import { mut operations, types, codes, rpc: changed_rpc, error_classes, report, .. } =
        import::import_with(policy, &pages.api, Some(&accepted), &existing);
    let (of_new, of_known): (Vec<_>, Vec<_>) =
        report.entries.into_iter().partition(|entry| new.contains(&entry.owner) || is_of_service(entry));
    written.report.entries = if accepts {
        of_known
    } else {
        import::import_with(policy, &pages.api, Some(&known), &existing).report.entries
    };
    written
        .report
        .entries
        .extend(of_new.iter().filter(|entry| is_of_service(entry) && entry.kind == Kind::Decided).cloned());
    // A page can be older than a decision, so it does not end one.
    written.report.entries.retain(|entry| entry.kind != Kind::Agreed);
    for entry in &mut written.report.entries {
        entry.place = pages.place(&entry.owner, &entry.path);
    }
    let decided = of_new.iter().filter(|entry| entry.kind == Kind::Decided);
    pages
        .notes
        .extend(decided.filter_map(|entry| pages.note(&entry.owner, &entry.path, &entry.detail)).collect::<Vec<_>>());
    pages.notes.sort();
    for operation in operations.iter_mut().filter(|operation| new.contains(&operation.operation)) {
        if let Some(family) = families.get(&operation.operation) {
            operation.family.clone_from(family);
        }
        written.new.push((operation.operation.clone(), operation.request.len(), operation.response.len()));
    }
    let mut files = Vec::new();
    if options.is_own_tree {
        let service = service(&existing, &operations);
        if described.as_ref() != Some(&service) {
            files.push((options.specs.join(&options.service).join("service.json"), fmt::service(&service)));
        }
    } else if let Some(old) = &existing.service {
        let mut service = old.clone();
        service.codes.extend(codes);
        service.error_classes = error_classes.unwrap_or(service.error_classes);
        for operation in &operations {
            service.families.entry(operation.family.clone()).or_default();
        }
        let text = fmt::service(&service);
        if text != fmt::service(old) {
            files.push((options.specs.join(&options.service).join("service.json"), text));
        }
    }
    files.extend(changed_rpc.map(|rpc| (options.specs.join("rpc.json"), fmt::rpc(&rpc))));
    files.extend(import::changed(&existing, &options.specs, &operations, &types));
    for (path, text) in files {
        if !options.dry_run {
            import::write_text(&path, &text)?;
        }
        written.files.push(path);
    }
    written.notes = pages.notes;
    Ok(written)
}

/// Whether an entry is about the service, or about all of them.
fn is_of_service(entry: &Entry) -> bool {
    ["service.json", "rpc.json"].contains(&entry.owner.as_str())
}

/// The families of new operations. Those whose family is unknown are left out, with a note.
fn families(pages: &mut Pages, new: &[String], options: &Options, existing: &ExistingTree) -> IndexMap<String, String> {
    let mut families = IndexMap::new();
    for name in new {
        if let Some(family) = family(pages, name, options, existing) {
            families.insert(name.clone(), family);
            continue;
        }
        let page = pages.sources.get(name).cloned().unwrap_or_default();
        let known = existing.service.iter().flat_map(|service| service.families.keys()).map(String::as_str);
        let message = format!(
            "{name} is not written: the page's folder is no family of `{}`; name its family with --family: {}",
            options.service,
            known.collect::<Vec<_>>().join(", ")
        );
        let (path, kind) = (page.display().to_string(), NoteKind::Undecided);
        pages.notes.push(Note { path, line: 1, kind, message });
    }
    families
}

/// The family of a new operation, or `None` if the curated specs have no such family.
fn family(pages: &Pages, operation: &str, options: &Options, existing: &ExistingTree) -> Option<String> {
    if let Some(family) = &options.family {
        return Some(family.clone());
    }
    let page = pages.sources.get(operation)?;
    let folder = page.canonicalize().ok()?;
    let title = folder.parent()?.file_name()?.to_string_lossy().into_owned();
    let service = existing.service.as_ref();
    if let Some(family) = service.and_then(|service| service.directories.get(&title)) {
        return Some(family.clone());
    }
    let name = slug(&title);
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase()) && !features::is_reserved(&name);
    if !options.is_own_tree {
        return Some(name).filter(|name| service.is_some_and(|service| service.families.contains_key(name)));
    }
    Some(if is_name { name } else { DEFAULT_FAMILY.to_owned() })
}

/// The description of the service, with the families of the operations and the constants of their error codes.
fn service(existing: &ExistingTree, operations: &[Operation]) -> Service {
    let mut service = existing.service.clone().unwrap_or_default();
    for operation in operations {
        service.families.entry(operation.family.clone()).or_default();
    }
    service.families.sort_keys();
    let mut all = existing.operations.clone();
    all.extend(operations.iter().map(|operation| (operation.operation.clone(), operation.clone())));
    let all: Vec<Operation> = all.into_values().collect();
    let chosen = std::mem::take(&mut service.codes);
    scaffold::resolve_constants(&mut service, &all);
    service.codes.extend(chosen);
    service
}

/// Adds the product code and version, for pages that name neither, and returns the facts that were added.
fn complete(info: &mut Info, service: &str) -> Vec<String> {
    let mut added = Vec::new();
    if info.product.is_empty() {
        let mut letters = service.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        info.product = first.into_iter().chain(letters).collect();
        added.push(format!("product code `{}`", info.product));
    }
    if info.version.is_empty() {
        info.version = DEFAULT_VERSION.to_owned();
        added.push(format!("version `{DEFAULT_VERSION}`"));
    }
    added
}
