//! Plans an import into a folder of specs: which files it would write.

use std::path::{Path, PathBuf};

use super::api::{ApiDocs, Info};
use super::merger::TYPES_FILE;
use super::policy::Policy;
use super::report::{Kind, Report};
use super::tree::{self, Error, ExistingTree};
use super::{Import, import_with, parse_api};
use crate::diagnostic::{Diagnostic, Source};
use crate::load::{RPC, read_folder};
use crate::rules::Level;
use crate::spec::{Operation, SharedTypes};

/// The description of a service.
const SERVICE_FILE: &str = "service.json";

/// Reads an api-docs file, adds to `specs_dir/service` what the specs lack, and writes the files that changed.
///
/// # Errors
///
/// Returns an error if the import cannot be planned, or if a file cannot be written.
pub fn run(api_path: &Path, specs_dir: &Path, service: &str, only: Option<&[String]>) -> Result<Report, Error> {
    run_with(Policy::Add, api_path, specs_dir, &specs_dir.join(RPC), service, only)
}

/// Reads an api-docs file, imports it into `specs_dir/service` by a policy, and writes the files that changed.
///
/// # Errors
///
/// Returns an error if the import cannot be planned, or if a file cannot be written.
pub fn run_with(
    policy: Policy,
    api_path: &Path,
    specs_dir: &Path,
    rpc: &Path,
    service: &str,
    only: Option<&[String]>,
) -> Result<Report, Error> {
    plan(policy, api_path, specs_dir, rpc, service, only)?.write()
}

/// An import that has written no files yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The report.
    pub report: Report,
    /// Text of each file that would be written.
    files: Vec<(PathBuf, String)>,
}

impl Plan {
    /// Writes the files.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be written.
    pub fn write(mut self) -> Result<Report, Error> {
        for (path, text) in &self.files {
            tree::write_text(path, text)?;
        }
        self.report.is_plan = false;
        Ok(self.report)
    }
}

/// Reads an api-docs file, and plans its import into `specs_dir/service` by a policy.
///
/// # Errors
///
/// Returns an error if a file cannot be read, if the file is not of the service, if a spec file is invalid or has unknown
/// keys, or if `only` names an operation that the API does not have.
pub fn plan(
    policy: Policy,
    api_path: &Path,
    specs_dir: &Path,
    rpc: &Path,
    service: &str,
    only: Option<&[String]>,
) -> Result<Plan, Error> {
    let text = tree::read_text(api_path)?;
    let api = parse_api(api_path, &text)?;
    if let Some(name) = only.unwrap_or_default().iter().find(|name| !api.has(name)) {
        return Err(tree::failed(api_path, format!("`{name}` is not an operation of the API")));
    }
    let mut existing = ExistingTree::read(specs_dir, service)?;
    if rpc.is_file() {
        existing = existing.or_rpc(specs_dir, rpc)?;
    }
    check_service(&api, &existing).map_err(|message| tree::failed(api_path, message))?;
    let import = import_with(policy, &api, only, &existing);
    let Import { operations, types, codes, directories, rpc, error_classes, mut report } = import;
    report.is_plan = true;
    report.locate(api_path, &text);
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    if let Some(old) = &existing.service {
        let mut description = old.clone();
        description.codes.extend(codes);
        description.error_classes = error_classes.unwrap_or(description.error_classes);
        for (title, family) in directories {
            description.directories.entry(title).or_insert(family);
        }
        for operation in &operations {
            description.families.entry(operation.family.clone()).or_default();
        }
        let text = crate::fmt::service(&description);
        if text != crate::fmt::service(old) {
            files.push((specs_dir.join(service).join(SERVICE_FILE), text));
        }
    }
    files.extend(rpc.map(|rpc| (specs_dir.join(RPC), crate::fmt::rpc(&rpc))));
    files.extend(changed(&existing, specs_dir, &operations, &types));
    list_violations(specs_dir, service, &files, &mut report);
    report.written = files.iter().map(|(path, _)| path.clone()).collect();
    Ok(Plan { report, files })
}

/// Lists the rules that the files would violate and that they comply with now, which only a person can mend.
fn list_violations(specs_dir: &Path, service: &str, files: &[(PathBuf, String)], report: &mut Report) {
    if files.is_empty() {
        return;
    }
    // The import itself has read the folder, and reports files that cannot be read.
    let Ok(before) = read_folder(specs_dir) else { return };
    let mut after = before.clone();
    let own = format!("{service}/");
    for (path, text) in files {
        let Some(path) = path.strip_prefix(specs_dir).ok().and_then(Path::to_str) else { continue };
        match after.sources.iter_mut().find(|source| source.path == path) {
            Some(source) => source.text.clone_from(text),
            None => after.sources.push(Source { path: path.to_owned(), text: text.clone() }),
        }
    }
    let found = |folder| {
        let (_, found) = crate::lint(folder);
        found.filter(|one| one.level >= Level::Warning && one.path.starts_with(&own))
    };
    let after = found(after);
    if after.is_empty() {
        return;
    }
    let before = found(before);
    let is_known =
        |one: &Diagnostic| before.list().iter().any(|known| (&known.path, &known.message) == (&one.path, &one.message));
    for one in after.list().iter().filter(|one| !is_known(one)) {
        let file = one.path.rsplit('/').next().unwrap_or_default();
        let owner = if matches!(file, SERVICE_FILE | TYPES_FILE) { file } else { file.trim_end_matches(".json") };
        report.push(Kind::Conflict, owner, "", format!("{}; {}", one.message, one.help));
    }
}

/// The files of operations and of shared types that differ from those of a tree, with their text.
pub(crate) fn changed(
    existing: &ExistingTree,
    specs_dir: &Path,
    operations: &[Operation],
    types: &SharedTypes,
) -> Vec<(PathBuf, String)> {
    let service = &existing.name;
    let changed =
        operations.iter().filter(|operation| existing.operations.get(&operation.operation) != Some(*operation));
    let file = |operation: &Operation| {
        (specs_dir.join(tree::operation_path(service, operation)), crate::fmt::operation(operation))
    };
    let mut files: Vec<_> = changed.map(file).collect();
    if *types != existing.types {
        files.push((specs_dir.join(service).join(TYPES_FILE), crate::fmt::types(types)));
    }
    files
}

/// Checks that the API is of the service's product and version.
fn check_service(api: &ApiDocs, existing: &ExistingTree) -> Result<(), String> {
    let Some(service) = &existing.service else { return Ok(()) };
    let Info { product, version, .. } = &api.info;
    let name = &existing.name;
    let is_same = |one: &str, other: &str| other.is_empty() || one.trim().eq_ignore_ascii_case(other);
    if !is_same(product, &service.product) {
        let message = format!(
            "the file is of the product {product}, but the service `{name}` is {}; name the right service with --service",
            service.product
        );
        return Err(message);
    }
    if !is_same(version, &service.version) {
        let message = format!(
            "the file is of version {version} of {product}, but the service `{name}` is of version {}; \
             a service has one version, so give the other version a service of its own",
            service.version
        );
        return Err(message);
    }
    Ok(())
}
